/* STUN (RFC 8489) as ICE (RFC 8445) uses it: binding requests, their responses, short-term
 * credentials; and the pieces that TURN (turn.h) is made of, with the long-term credential. */
#ifndef PL_PROTO_STUN_H
#define PL_PROTO_STUN_H

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pl_stun_class { PL_STUN_REQUEST, PL_STUN_INDICATION, PL_STUN_SUCCESS, PL_STUN_ERROR };
#define PL_STUN_BINDING 1
#define PL_STUN_USERNAME_MAX 508 /* bytes: fewer than 509 (RFC 8489, 14.3) */

struct pl_stun {
    enum pl_stun_class class;
    uint16_t method;
    const uint8_t *transaction; /* 12 bytes */
    struct pl_str username;     /* empty: none */
    struct pl_str realm, nonce; /* p NULL: none */
    uint32_t priority;
    bool use_candidate;
    bool has_controlling, has_controlled;
    uint64_t tiebreaker;
    bool has_mapped; /* XOR-MAPPED-ADDRESS */
    struct pl_addr mapped;
    uint16_t error_code;       /* 0: none */
    uint16_t unknown_required; /* first unknown comprehension-required attribute, 0: none */
    size_t integrity_at;       /* offset of MESSAGE-INTEGRITY, 0: none */
    bool has_fingerprint;      /* and it is right */
};

/* PL_EINVAL: not STUN, or malformed: an attribute above with a size that its section does not
 * allow, a FINGERPRINT that is wrong or not last. What follows MESSAGE-INTEGRITY, other than
 * FINGERPRINT, is ignored (RFC 8489, 14.5); so are repetitions of an attribute (14). All is
 * borrowed from `bytes`. */
enum pl_err pl_stun_parse(const uint8_t *bytes, size_t n, struct pl_stun *out) PL_CHECKED;

/* The same, with `other` called for each attribute that is not of the struct above (so for TURN's),
 * in order, repeated ones too. It sets *taken for those that it understands and returns false for a
 * malformed one. */
typedef bool pl_stun_other(void *ctx, uint16_t type, const uint8_t *value, size_t n,
                           const uint8_t *message, bool *taken);
enum pl_err pl_stun_parse_with(const uint8_t *bytes, size_t n, pl_stun_other *other, void *ctx,
                               struct pl_stun *out) PL_CHECKED;

/* The value of an XOR-…-ADDRESS attribute (RFC 8489, 14.2) of the message that begins at `message`;
 * false if it is malformed. */
bool pl_stun_read_address(const uint8_t *value, size_t n, const uint8_t *message,
                          struct pl_addr *out);

/* The key of the long-term credential (RFC 8489, 9.2.2): MD5(username ":" realm ":" password). */
#define PL_STUN_LONG_TERM_KEY_SIZE 16
void pl_stun_long_term_key(struct pl_str username, struct pl_str realm, struct pl_str password,
                           uint8_t out[PL_STUN_LONG_TERM_KEY_SIZE]);

/* Constant-time check of MESSAGE-INTEGRITY (HMAC-SHA1) with `key`: the short-term credential's
 * password, or the long-term credential's key; false if there is none. `msg` was parsed from these
 * bytes. */
bool pl_stun_check_integrity(const uint8_t *bytes, size_t n, const struct pl_stun *msg,
                             const void *key, size_t key_len);

/* A whole message each, with MESSAGE-INTEGRITY and FINGERPRINT. `w` starts at the message; it is
 * full if that does not fit, or a username is longer than PL_STUN_USERNAME_MAX. */
struct pl_stun_check { /* a connectivity check, as a client sends it (tests, simulation) */
    uint8_t transaction[12];
    const char *username;
    uint32_t priority;
    bool use_candidate, controlled; /* else controlling */
    uint64_t tiebreaker;
};
void pl_stun_write_check(struct pl_writer *w, const struct pl_stun_check *check, const void *key,
                         size_t key_len);
void pl_stun_write_success(struct pl_writer *w, const struct pl_stun *request,
                           const struct pl_addr *mapped, const void *key, size_t key_len);
/* `code` is 300 to 699: 400, 420 or 487 as a rule. 420 lists the request's unknown_required. */
void pl_stun_write_error(struct pl_writer *w, const struct pl_stun *request, unsigned code,
                         const void *key, size_t key_len);

/* Message by pieces: header, attributes, end. `w` starts at the message. pl_stun_end appends
 * MESSAGE-INTEGRITY, unless `key` is NULL, and sets the message's length. */
void pl_stun_write_header(struct pl_writer *w, enum pl_stun_class class, uint16_t method,
                          const uint8_t *transaction);
void pl_stun_write_attribute(struct pl_writer *w, uint16_t type, const void *value, size_t n);
void pl_stun_write_address(struct pl_writer *w, uint16_t type, const struct pl_addr *addr,
                           const uint8_t *transaction); /* XOR-… */
void pl_stun_write_error_code(struct pl_writer *w, unsigned code);
void pl_stun_write_unknown(struct pl_writer *w, uint16_t type); /* UNKNOWN-ATTRIBUTES */
void pl_stun_end(struct pl_writer *w, const void *key, size_t key_len);

#endif
