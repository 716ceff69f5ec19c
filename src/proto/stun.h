/* STUN (RFC 8489) as ICE (RFC 8445) uses it: binding requests, their responses, short-term
 * credentials. */
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

/* Constant-time check of MESSAGE-INTEGRITY (HMAC-SHA1) with the short-term credential's password as
 * key; false if there is none. `msg` was parsed from these bytes. */
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

#endif
