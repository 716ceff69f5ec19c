/* See mls.h. */
#include "proto/mls.h"

#include "base/bytes.h"

#define VERSION_MLS10 1

/* RFC 9420, 2.1.2: two bits say how long the length is, which must be the shortest one. Returns
 * SIZE_MAX for what is none. */
static size_t read_length(struct pl_reader *r)
{
    uint8_t first = pl_read_u8(r);
    unsigned more = (1u << (first >> 6)) - 1;
    size_t length = first & 63;
    if (more > 3)
        return SIZE_MAX;
    for (unsigned i = 0; i < more; i++)
        length = length << 8 | pl_read_u8(r);
    bool shortest = more == 0 || (more == 1 ? length > 63 : length > 16383);
    return shortest ? length : SIZE_MAX;
}

static const uint8_t *read_vector(struct pl_reader *r, size_t *n)
{
    *n = read_length(r);
    return pl_read_bytes(r, *n);
}

static void read_sender(struct pl_reader *r, struct pl_mls_prefix *p)
{
    uint8_t type = pl_read_u8(r);
    p->sender = (enum pl_mls_sender)type;
    if (type == PL_MLS_MEMBER)
        p->leaf = pl_read_u32(r);
    else if (type == PL_MLS_EXTERNAL)
        (void)pl_read_u32(r); /* sender_index */
    else if (type != PL_MLS_NEW_MEMBER_PROPOSAL && type != PL_MLS_NEW_MEMBER_COMMIT)
        r->bad = true;
}

static void read_content(struct pl_reader *r, struct pl_mls_prefix *p)
{
    uint8_t type = pl_read_u8(r);
    p->content = (enum pl_mls_content)type;
    if (type < PL_MLS_APPLICATION || type > PL_MLS_COMMIT)
        r->bad = true;
}

enum pl_err pl_mls_prefix(const uint8_t *bytes, size_t n, struct pl_mls_prefix *out)
{
    struct pl_reader r = pl_reader(bytes, n < PL_MLS_PREFIX_MAX ? n : PL_MLS_PREFIX_MAX);
    struct pl_mls_prefix p = {0};
    uint16_t version = pl_read_u16(&r), wire = pl_read_u16(&r);
    if (r.bad)
        return PL_EINVAL;
    if (version != VERSION_MLS10 ||
        (wire != PL_MLS_PUBLIC_MESSAGE && wire != PL_MLS_PRIVATE_MESSAGE))
        return PL_EUNSUPPORTED;
    p.wire = (enum pl_mls_wire)wire;
    p.group_id = read_vector(&r, &p.group_id_len);
    p.epoch = pl_read_u64(&r);
    if (wire == PL_MLS_PUBLIC_MESSAGE) {
        size_t ignored;
        read_sender(&r, &p);
        (void)read_vector(&r, &ignored); /* authenticated_data */
    }
    read_content(&r, &p);
    if (r.bad)
        return PL_EINVAL;
    if (p.group_id_len > PL_MLS_GROUP_ID_MAX)
        return PL_ELIMIT;
    *out = p;
    return PL_OK;
}
