/* What the files of the verifier share, and nobody else includes: verify.c (lines and their
 * places), verify_log.c (keys, checkpoints, the end), verify_acts.c (events: the meeting, and its
 * results), verify_people.c (manifests), verify_signed.c (acts that
 * persons signed). */
#ifndef PL_RECORD_VERIFY_PARTS_H
#define PL_RECORD_VERIFY_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "meet/meeting.h"
#include "record/checkpoint.h"
#include "record/line.h"
#include "record/people.h"
#include "record/verify.h"

struct pl_person_key {
    uint8_t key[PL_PUBLIC_KEY_SIZE];
    bool cosigned;
};

/* By what keys and cosignatures find each other: a person, and the ID of the key. So each signature
 * is tried with one key at most, however many a hostile record has. */
struct pl_key_place {
    char bytes[PL_NOTE_NAME_MAX + 4];
    size_t n;
};
struct pl_key_place pl_key_place(struct pl_str person, uint32_t id);

/* A cosignature by a key that no manifest has brought yet. */
struct pl_waiting {
    struct pl_waiting *next, *same; /* of all, the last one first; of its place */
    bool good;
    uint64_t line, event;
    struct pl_str text, signature; /* of the note; the line */
};

struct pl_verifier {
    const struct pl_verify_config *config;
    struct pl_verify_report *report;
    bool unsigned_too; /* pl_record_verify_unsigned */
    struct pl_arena arena;

    struct pl_str file;
    size_t begins; /* the line that is read, in it, */
    uint64_t line; /* and its number, from 1 */
    struct pl_record_line read;
    enum pl_line_type before; /* of the line before */
    bool ended;

    struct pl_str meeting, origin,
        name;           /* name: of the server, in front of the origin's last slash */
    struct pl_vkey key; /* that is in force, with the origin as its name */
    struct pl_merkle tree;
    uint64_t covered; /* events that a checkpoint covers */
    struct pl_waiting *waiting;
    struct pl_map waiting_by; /* their first, by its place */

    struct pl_definition *definition;
    char definition_hash[65];
    bool is_paper;      /* the minutes' line right before says what the paper says */
    char text_hash[65]; /* of the definition's, manifest's or minutes' line right before */
    struct pl_meeting *m;
    struct pl_str broken;     /* the silence that the event before broke; p NULL: it broke none */
    struct pl_people *people; /* the manifest in force; NULL: none */
    struct pl_people *next;   /* that comes into force by the next event */
    struct pl_map keys;       /* all that manifests brought: struct pl_person_key by place */
    struct pl_map signatures; /* SHA-256 of texts that were signed */
    struct pl_map times;      /* of signed acts: int64_t by person and what it is on */
    int64_t at_ms;            /* of the event before */
};

/* Notes the fault, at the line that is read, or another; returns PL_EAUTH. */
enum pl_err pl_fault(struct pl_verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum pl_err pl_fault_at(struct pl_verifier *v, uint64_t line, uint64_t event, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));
void pl_noted(struct pl_noted *noted, uint64_t first);
enum pl_err pl_keep(struct pl_verifier *v, struct pl_str text, struct pl_str *out) PL_CHECKED;
void pl_sha256_hex(struct pl_str text, char out[65]);

/* Each takes a line of its type. PL_EAUTH: a fault was noted; PL_ENOMEM. */
enum pl_err pl_verify_head(struct pl_verifier *v);
enum pl_err pl_verify_rotation(struct pl_verifier *v);
enum pl_err pl_verify_checkpoint(struct pl_verifier *v);
enum pl_err pl_verify_end(struct pl_verifier *v);
enum pl_err pl_verify_definition(struct pl_verifier *v);
enum pl_err pl_verify_manifest(struct pl_verifier *v);
enum pl_err pl_verify_minutes(struct pl_verifier *v);
enum pl_err pl_verify_event(struct pl_verifier *v, struct pl_str bytes);

/* The event by which the manifest before it comes into force. */
enum pl_err pl_verify_manifest_event(struct pl_verifier *v);
/* A seat that was added, by the manifest in force, if there is one. */
enum pl_err pl_verify_added_seat(struct pl_verifier *v);

/* Cosignatures that waited for the key that was just learnt. */
enum pl_err pl_verify_learnt(struct pl_verifier *v, const struct pl_key_place *place);
/* At the end those that still wait are faults. */
enum pl_err pl_verify_waiting(struct pl_verifier *v);
/* A seat's signature on the event that is read, before it is applied. */
enum pl_err pl_verify_signed(struct pl_verifier *v);

#endif
