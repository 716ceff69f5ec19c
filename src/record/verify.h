/* Verifies an exported record, as docs/record.md says: the file's form, the log with its
 * checkpoints and cosignatures, who signs, signed acts, and what the meeting's rules make of the
 * events. Reads in order and stops at the first fault. Pure; any thread. */
#ifndef PL_RECORD_VERIFY_H
#define PL_RECORD_VERIFY_H

#include "base/err.h"
#include "base/random.h"
#include "base/text.h"
#include "record/note.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_FAULT_WHY_SIZE 600
#define PL_VERIFY_WITNESSES_MAX 16 /* that may be given */

struct pl_verify_config {
    struct pl_random random; /* for hash maps */
    struct pl_str key;       /* the server's, as a verifier key, from elsewhere; p NULL: none */
    struct pl_str organiser; /* their fingerprint (record/people.h); p NULL: none */
    const struct pl_vkey *witnesses; /* elsewhere, of type PL_NOTE_COSIGNATURE; each must have */
    size_t n_witnesses;              /* cosigned one checkpoint at least */
    struct pl_str
        paper; /* minutes as text, in a language or both; p NULL: none. Were they adopted? */
};

/* What one of the witnesses that were given cosigned. */
struct pl_witnessed {
    uint64_t checkpoints, last; /* the event that the last of them ends with, */
    int64_t last_s;             /* and when it was cosigned (Unix seconds) */
};

/* How often something was noted, and where first: an event's number, or for lines a line's. */
struct pl_noted {
    uint64_t times, first;
};

struct pl_verify_report {
    bool faulty;
    struct {
        uint64_t line, event;        /* event 0: of none */
        char why[PL_FAULT_WHY_SIZE]; /* one sentence or two */
    } fault;

    /* What was read. Texts are cut to fit. */
    char meeting[33], title[401], server[321], origin[401], key[600]; /* key: of the end */
    uint64_t lines, events;
    int64_t from_ms, to_ms; /* times of the first and the last event */

    /* What was checked. */
    bool complete; /* the end was reached */
    uint64_t checkpoints, cosignatures, cosigners, rotations, manifests, results, documents,
        minutes;                                            /* whose text is there */
    struct pl_witnessed witnessed[PL_VERIFY_WITNESSES_MAX]; /* as they were given */
    uint64_t tried; /* cosignatures with a key: each once, whatever the record's maker wants */
    uint64_t signed_acts, unsigned_acts; /* of those that persons can sign */
    bool signatures_required;
    bool key_pinned, organiser_pinned, paper_adopted;
    char organiser[48]; /* fingerprint, eight groups of digits; "": there is no manifest */

    /* What is no fault. */
    struct pl_noted clock_back; /* an event is older than the one before it */
    struct pl_noted
        signed_off_time; /* the person's clock and the server's differ by more than ten minutes */
    struct pl_noted signed_back;       /* a person's clock went back, between acts on one thing */
    struct pl_noted unsalted;          /* an event has no salt, as in records of before */
    struct pl_noted unbound;           /* a signed act does not say of which call or event */
    struct pl_noted later_words;       /* a result is worded in a form that came later */
    struct pl_noted unnamed;           /* a manifest does not name the meeting's definition */
    struct pl_noted expired;           /* a manifest was put after its not_after */
    struct pl_noted minutes_elsewhere; /* minutes were adopted whose text is not in the file */
    struct pl_noted witnesses; /* lines: cosignatures whose keys are neither in it nor given */
};

/* Is it a key that the configuration may hold? */
bool pl_verify_key_ok(struct pl_str vkey);
/* Reads a witness's. PL_EINVAL: it is none. The name is borrowed. */
enum pl_err pl_verify_witness_key(struct pl_str vkey, struct pl_vkey *out) PL_CHECKED;

/* PL_OK: it is read, `out` says what was found (a fault too). PL_ENOMEM. */
enum pl_err pl_record_verify(struct pl_str file, const struct pl_verify_config *config,
                             struct pl_verify_report *out) PL_CHECKED;

/* The same without what only the server's and the persons' signatures show, so that a fuzzer gets
 * past them. */
enum pl_err pl_record_verify_unsigned(struct pl_str file, const struct pl_verify_config *config,
                                      struct pl_verify_report *out) PL_CHECKED;

#endif
