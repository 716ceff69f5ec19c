/* What holds the key of records: it signs checkpoints of logs that only grow, and nothing else. Who
 * asks is not believed: of each log it remembers the last checkpoint, and signs the next one only
 * with the proof that it continues that one. So a server that somebody broke into can have the
 * future signed, and neither another past nor two presents. Pure; one thread.
 *
 * Requests and answers are bytes, at most PL_KEYHOLDER_BYTES_MAX each. Both begin with a number (8
 * bytes) that the asker chose. Then a request has its kind (1 byte) and its fields, and an answer
 * an enum pl_err (1 byte) and what it is about. Numbers are in network order. */
#ifndef PL_RECORD_KEYHOLDER_H
#define PL_RECORD_KEYHOLDER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/random.h"
#include "base/text.h"
#include "record/checkpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_RECORD_NAME_SIZE 256 /* a host name (RFC 1035, 2.3.4), and a zero */
#define PL_RECORD_ORIGIN_SIZE (PL_RECORD_NAME_SIZE + PL_KEYHOLDER_LOG_MAX + 1)
#define PL_KEYHOLDER_LOG_MAX 32            /* bytes of a log's name: base64url */
#define PL_KEYHOLDER_LOGS_MAX (256u << 10) /* ten meetings a day for seventy years; 30 MB */
#define PL_KEYHOLDER_BYTES_MAX 4096        /* a proof of PL_PROOF_MAX hashes takes 2,048 */

enum pl_keyholder_kind {
    PL_KEYHOLDER_WHO = 1, /* nothing -> the public key (32 bytes) and the name (the rest) */
    PL_KEYHOLDER_KNOWN,   /* a checkpoint -> nothing. What was signed before this process began */
    PL_KEYHOLDER_SIGN,    /* a checkpoint, from (8 bytes; 0: no proof), hashes -> a signed note */
};

/* A checkpoint: the length of the log's name (1 byte), the name, size (8 bytes), root (32 bytes).
 *
 * KNOWN is taken for logs that were not heard of (PL_EEXIST for others, unless it is the very same
 * one), as long as nothing was signed yet (PL_ESTATE). SIGN is answered PL_ESTATE and the size (8
 * bytes; 0: none) that the proof has to begin with; PL_EAUTH, what is not proven; PL_ELIMIT, one
 * log too many. PL_EINVAL: no request; PL_ENOMEM. */
struct pl_keyholder {
    char name[PL_RECORD_NAME_SIZE];
    uint8_t public[PL_PUBLIC_KEY_SIZE];
    const uint8_t *seed; /* PL_SEED_SIZE bytes, borrowed: its owner keeps it from the disk */
    struct pl_map logs;
    size_t logs_max;
    bool begun; /* something was signed */
};

/* With PL_KEYHOLDER_LOGS_MAX. The name is at most PL_RECORD_NAME_SIZE - 1 bytes. */
void pl_keyholder_init(struct pl_keyholder *s, struct pl_str name, const uint8_t *seed,
                       const struct pl_random *random);
void pl_keyholder_free(struct pl_keyholder *s); /* the seed stays its owner's to wipe */

/* Answers a request; the answer is appended. Returns what it says. */
enum pl_err pl_keyholder_answer(struct pl_keyholder *s, struct pl_str request,
                                struct pl_buf *answer);

/* NAME/LOG: the name of a log in its checkpoints, of the server's name and a meeting's id, say. Of
 * the latter PL_KEYHOLDER_LOG_MAX bytes at most. */
void pl_record_origin(const char *name, struct pl_str log, char out[PL_RECORD_ORIGIN_SIZE]);

/* Requests, appended. A log's name is at most PL_KEYHOLDER_LOG_MAX bytes. */
struct pl_keyholder_log {
    struct pl_str log;
    uint64_t size;
    struct pl_hash root;
};
void pl_keyholder_who(struct pl_buf *out, uint64_t number);
void pl_keyholder_known(struct pl_buf *out, uint64_t number, const struct pl_keyholder_log *log);
void pl_keyholder_sign(struct pl_buf *out, uint64_t number, const struct pl_keyholder_log *log,
                       uint64_t from, const struct pl_proof *proof);

/* The answer to the request of this number: what it says, and the rest of it, borrowed. False: it
 * is another one's. */
bool pl_keyholder_read(struct pl_str answer, uint64_t number, enum pl_err *err,
                       struct pl_str *rest);

#endif
