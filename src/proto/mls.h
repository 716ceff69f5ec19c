/* What a delivery service reads of an MLS message (RFC 9420): which group and epoch it is for and
 * who says to have sent it. No cryptography: nothing of this is authenticated, the members check it
 * all. */
#ifndef PL_PROTO_MLS_H
#define PL_PROTO_MLS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Everything that is read stands within so many bytes: authenticated data that is longer than what
 * they leave is refused. */
#define PL_MLS_PREFIX_MAX 512
#define PL_MLS_GROUP_ID_MAX 48 /* 64 characters of base64url: messages.json */

/* RFC 9420, 6 and 17.2; the others have no group id and no epoch in clear. */
enum pl_mls_wire { PL_MLS_PUBLIC_MESSAGE = 1, PL_MLS_PRIVATE_MESSAGE = 2 };

/* RFC 9420, 6: SenderType. */
enum pl_mls_sender {
    PL_MLS_MEMBER = 1,
    PL_MLS_EXTERNAL = 2,
    PL_MLS_NEW_MEMBER_PROPOSAL = 3,
    PL_MLS_NEW_MEMBER_COMMIT = 4, /* an external commit */
};

/* RFC 9420, 6: ContentType. */
enum pl_mls_content { PL_MLS_APPLICATION = 1, PL_MLS_PROPOSAL = 2, PL_MLS_COMMIT = 3 };

struct pl_mls_prefix {
    enum pl_mls_wire wire;
    const uint8_t *group_id; /* borrowed from the input */
    size_t group_id_len;
    uint64_t epoch;
    enum pl_mls_sender sender; /* of a public message */
    uint32_t leaf;             /* of a member who sent one */
    enum pl_mls_content content;
};

/* The beginning of an MLSMessage, of which the first n bytes are given: all of it, or
 * PL_MLS_PREFIX_MAX. PL_EINVAL: it is malformed, or its prefix is longer; PL_EUNSUPPORTED: another
 * version, or neither a public nor a private message; PL_ELIMIT: the group id is longer than
 * PL_MLS_GROUP_ID_MAX. */
enum pl_err pl_mls_prefix(const uint8_t *bytes, size_t n, struct pl_mls_prefix *out) PL_CHECKED;

#endif
