/* The file of an audit (docs/record.md, "The audit"): who did what on a server, as its own log.
 * Written line by line, and verified. Pure; any thread. */
#ifndef PL_RECORD_AUDIT_H
#define PL_RECORD_AUDIT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "record/merkle.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_AUDIT_FORMAT 1
#define PL_AUDIT_LINE_MAX (64 << 10) /* bytes of a line: names, and why a login was refused */
#define PL_AUDIT_WHY_SIZE 300
#define PL_AUDIT_TEXT_SIZE 600

/* Is this the beginning of one? */
bool pl_audit_is(struct pl_str file);

/* Each appends a line. An event's is its exact text. */
void pl_audit_write_head(struct pl_buf *out, const char *origin, const char *vkey);
void pl_audit_write_event(struct pl_buf *out, struct pl_str event);
void pl_audit_write_forgotten(struct pl_buf *out, uint64_t number, const struct pl_hash *leaf);
void pl_audit_write_checkpoint(struct pl_buf *out, struct pl_str note);

struct pl_audit_report {
    bool faulty;
    uint64_t line;               /* of the fault */
    char why[PL_AUDIT_WHY_SIZE]; /* one sentence */
    char origin[PL_AUDIT_TEXT_SIZE], key[PL_AUDIT_TEXT_SIZE];
    uint64_t events, forgotten; /* forgotten ones are events too */
    int64_t from_ms, to_ms;     /* of those that are there */
    bool key_pinned;
};

/* Reads it in order, up to its first fault: each event has its number, all of them and what stands
 * for forgotten ones make the tree that the checkpoint signs. `key`: the server's verifier key,
 * from elsewhere; p NULL: none. PL_OK: it is read, `out` says what was found; PL_ENOMEM. */
enum pl_err pl_audit_verify(struct pl_str file, struct pl_str key,
                            struct pl_audit_report *out) PL_CHECKED;

#endif
