/* See stun.h. What TURN adds is in turn.c. */
#include "proto/stun.h"

#include "crypto/hash.h"

#define MAGIC_COOKIE 0x2112a442u
#define HEADER_SIZE 20
#define INTEGRITY_SIZE 24 /* the attribute with its header */
#define FINGERPRINT_SIZE 8
#define FINGERPRINT_XOR 0x5354554eu
#define IPV4 1 /* address families */
#define IPV6 2

enum {
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a,
    REALM = 0x0014,
    NONCE = 0x0015,
    XOR_MAPPED_ADDRESS = 0x0020,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    FINGERPRINT = 0x8028,
    ICE_CONTROLLED = 0x8029,
    ICE_CONTROLLING = 0x802a,
};

/* What is read here, and how long each may be (RFC 8489, 14; RFC 8445, 16.1). */
static const struct {
    uint16_t type, min, max;
} known[] = {
    {USERNAME, 0, PL_STUN_USERNAME_MAX},
    {MESSAGE_INTEGRITY, INTEGRITY_SIZE - 4, INTEGRITY_SIZE - 4},
    {ERROR_CODE, 4, 4 + 763}, /* a reason of fewer than 128 characters of up to six bytes */
    {UNKNOWN_ATTRIBUTES, 0, UINT16_MAX},
    {REALM, 0, 763},
    {NONCE, 0, 763},
    {XOR_MAPPED_ADDRESS, 8, 20},
    {PRIORITY, 4, 4},
    {USE_CANDIDATE, 0, 0},
    {FINGERPRINT, FINGERPRINT_SIZE - 4, FINGERPRINT_SIZE - 4},
    {ICE_CONTROLLED, 8, 8},
    {ICE_CONTROLLING, 8, 8},
};
#define KNOWN (sizeof known / sizeof known[0])

/* ISO 3309, as RFC 8489, 14.7 asks; a nibble at a time. */
static uint32_t crc32(const uint8_t *p, size_t n)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

bool pl_stun_read_address(const uint8_t *value, size_t n, const uint8_t *message,
                          struct pl_addr *out)
{
    uint8_t ip[16];
    if (!(n == 8 && value[1] == IPV4) && !(n == 20 && value[1] == IPV6))
        return false;
    size_t ip_len = n - 4;
    uint16_t port = pl_get_u16(value + 2) ^ (MAGIC_COOKIE >> 16);
    for (size_t i = 0; i < ip_len; i++)
        ip[i] = value[4 + i] ^ message[4 + i]; /* the cookie, then the transaction id */
    if (ip_len == 4) {
        *out = pl_addr_v4(ip, port);
    } else {
        *out = (struct pl_addr){.port = port};
        memcpy(out->ip, ip, 16);
    }
    return true;
}

/* RFC 8489, 14.8: a class of 3 to 6, a number of 0 to 99. */
static bool read_error(struct pl_stun *m, const uint8_t *value)
{
    unsigned class = value[2] & 7, number = value[3];
    m->error_code = (uint16_t)(class * 100 + number);
    return class >= 3 && class <= 6 && number <= 99;
}

/* The value of a known attribute, of a right size. */
static bool read_value(struct pl_stun *m, uint16_t type, const uint8_t *value, size_t n,
                       const uint8_t *bytes)
{
    switch (type) {
    case USERNAME:
        m->username = (struct pl_str){(const char *)value, n};
        return true;
    case MESSAGE_INTEGRITY:
        m->integrity_at = (size_t)(value - bytes) - 4;
        return true;
    case FINGERPRINT:
        m->has_fingerprint = true;
        return pl_get_u32(value) == (crc32(bytes, (size_t)(value - bytes) - 4) ^ FINGERPRINT_XOR);
    case ERROR_CODE:
        return read_error(m, value);
    case XOR_MAPPED_ADDRESS:
        m->has_mapped = pl_stun_read_address(value, n, bytes, &m->mapped);
        return m->has_mapped;
    case REALM:
        m->realm = (struct pl_str){(const char *)value, n};
        return true;
    case NONCE:
        m->nonce = (struct pl_str){(const char *)value, n};
        return true;
    case PRIORITY:
        m->priority = pl_get_u32(value);
        return true;
    case USE_CANDIDATE:
        m->use_candidate = true;
        return true;
    case ICE_CONTROLLED:
    case ICE_CONTROLLING:
        m->tiebreaker = pl_get_u64(value);
        m->has_controlled |= type == ICE_CONTROLLED;
        m->has_controlling |= type == ICE_CONTROLLING;
        return true;
    default:
        return true;
    }
}

struct parse {
    struct pl_stun m;
    unsigned seen; /* a bit for each row of `known` */
    pl_stun_other *other;
    void *ctx;
};

static bool read_attribute(struct parse *p, uint16_t type, const uint8_t *value, size_t n,
                           const uint8_t *bytes)
{
    struct pl_stun *m = &p->m;
    bool taken = false;
    if (m->integrity_at && type != FINGERPRINT)
        return true;
    for (unsigned i = 0; i < KNOWN; i++) {
        if (known[i].type != type)
            continue;
        if (n < known[i].min || n > known[i].max)
            return false;
        bool again = p->seen & 1u << i;
        p->seen |= 1u << i;
        return again || read_value(m, type, value, n, bytes);
    }
    if (p->other && !p->other(p->ctx, type, value, n, bytes, &taken))
        return false;
    if (!taken && type < 0x8000 && m->unknown_required == 0)
        m->unknown_required = type;
    return true;
}

enum pl_err pl_stun_parse(const uint8_t *bytes, size_t n, struct pl_stun *out)
{
    return pl_stun_parse_with(bytes, n, NULL, NULL, out);
}

enum pl_err pl_stun_parse_with(const uint8_t *bytes, size_t n, pl_stun_other *other, void *ctx,
                               struct pl_stun *out)
{
    struct pl_reader r = pl_reader(bytes, n);
    uint16_t type = pl_read_u16(&r), len = pl_read_u16(&r);
    uint32_t cookie = pl_read_u32(&r);
    struct parse p = {{.transaction = pl_read_bytes(&r, 12)}, 0, other, ctx};
    struct pl_stun *m = &p.m;
    if (r.bad || type >> 14 || cookie != MAGIC_COOKIE || len % 4 || len != pl_reader_left(&r))
        return PL_EINVAL;
    m->class = (enum pl_stun_class)((type >> 4 & 1) | (type >> 7 & 2));
    m->method = (type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80);
    while (pl_reader_left(&r)) {
        uint16_t attribute = pl_read_u16(&r);
        size_t size = pl_read_u16(&r);
        const uint8_t *value = pl_read_bytes(&r, size);
        pl_read_bytes(&r, -size & 3);      /* padding to 32 bits, of any value */
        if (r.bad || m->has_fingerprint || /* which is the last (RFC 8489, 14.7) */
            !read_attribute(&p, attribute, value, size, bytes))
            return PL_EINVAL;
    }
    *out = *m;
    return PL_OK;
}

/* HMAC over what precedes the attribute, with the length as if the message ended after it. */
static void integrity(const uint8_t *bytes, size_t at, const void *key, size_t key_len,
                      uint8_t out[20])
{
    uint8_t head[HEADER_SIZE];
    memcpy(head, bytes, HEADER_SIZE);
    pl_put_u16(head + 2, (uint16_t)(at + INTEGRITY_SIZE - HEADER_SIZE));
    pl_hmac_sha1_2(key, key_len, head, HEADER_SIZE, bytes + HEADER_SIZE, at - HEADER_SIZE, out);
}

bool pl_stun_check_integrity(const uint8_t *bytes, size_t n, const struct pl_stun *msg,
                             const void *key, size_t key_len)
{
    uint8_t want[20];
    if (!msg->integrity_at || msg->integrity_at + INTEGRITY_SIZE > n)
        return false;
    integrity(bytes, msg->integrity_at, key, key_len, want);
    return pl_secret_eq(want, bytes + msg->integrity_at + 4, 20);
}

void pl_stun_long_term_key(struct pl_str username, struct pl_str realm, struct pl_str password,
                           uint8_t out[PL_STUN_LONG_TERM_KEY_SIZE])
{
    const struct pl_str pieces[] = {username, {":", 1}, realm, {":", 1}, password};
    pl_md5(pieces, sizeof pieces / sizeof pieces[0], out);
}

void pl_stun_write_header(struct pl_writer *w, enum pl_stun_class class, uint16_t method,
                          const uint8_t *transaction)
{
    pl_write_u16(w, (uint16_t)((method & 0x000f) | (method & 0x0070) << 1 | (method & 0x0f80) << 2 |
                               (class & 1) << 4 | (class & 2) << 7));
    pl_write_u16(w, 0);
    pl_write_u32(w, MAGIC_COOKIE);
    pl_write_bytes(w, transaction, 12);
}

void pl_stun_write_attribute(struct pl_writer *w, uint16_t type, const void *value, size_t n)
{
    static const uint8_t zeros[3];
    pl_write_u16(w, type);
    pl_write_u16(w, (uint16_t)n);
    pl_write_bytes(w, value, n);
    pl_write_bytes(w, zeros, -n & 3);
}

void pl_stun_write_address(struct pl_writer *w, uint16_t type, const struct pl_addr *addr,
                           const uint8_t *transaction)
{
    uint8_t value[20] = {0, pl_addr_is_v4(addr) ? IPV4 : IPV6};
    uint8_t mask[16];
    size_t n = pl_addr_is_v4(addr) ? 4 : 16;
    const uint8_t *ip = addr->ip + 16 - n;
    pl_put_u32(mask, MAGIC_COOKIE);
    memcpy(mask + 4, transaction, 12);
    pl_put_u16(value + 2, addr->port ^ (MAGIC_COOKIE >> 16));
    for (size_t i = 0; i < n; i++)
        value[4 + i] = ip[i] ^ mask[i];
    pl_stun_write_attribute(w, type, value, 4 + n);
}

void pl_stun_write_error_code(struct pl_writer *w, unsigned code)
{
    const uint8_t value[4] = {0, 0, (uint8_t)(code / 100), (uint8_t)(code % 100)};
    pl_stun_write_attribute(w, ERROR_CODE, value, sizeof value);
}

void pl_stun_write_unknown(struct pl_writer *w, uint16_t type)
{
    uint8_t value[2];
    pl_put_u16(value, type);
    pl_stun_write_attribute(w, UNKNOWN_ATTRIBUTES, value, sizeof value);
}

void pl_stun_end(struct pl_writer *w, const void *key, size_t key_len)
{
    uint8_t mac[20] = {0};
    if (key) {
        if (!w->full)
            integrity(w->start, pl_writer_size(w), key, key_len, mac);
        pl_stun_write_attribute(w, MESSAGE_INTEGRITY, mac, sizeof mac);
    }
    if (!w->full)
        pl_put_u16(w->start + 2, (uint16_t)(pl_writer_size(w) - HEADER_SIZE));
}

/* Ends a message with MESSAGE-INTEGRITY and FINGERPRINT. */
static void finish(struct pl_writer *w, const void *key, size_t key_len)
{
    uint8_t crc[4];
    pl_stun_end(w, key, key_len);
    size_t at = pl_writer_size(w);
    if (w->full)
        return;
    pl_put_u16(w->start + 2, (uint16_t)(at + FINGERPRINT_SIZE - HEADER_SIZE));
    pl_put_u32(crc, crc32(w->start, at) ^ FINGERPRINT_XOR);
    pl_stun_write_attribute(w, FINGERPRINT, crc, sizeof crc);
}

void pl_stun_write_check(struct pl_writer *w, const struct pl_stun_check *c, const void *key,
                         size_t key_len)
{
    uint8_t number[8];
    size_t username_len = strlen(c->username);
    w->full |= username_len > PL_STUN_USERNAME_MAX;
    pl_stun_write_header(w, PL_STUN_REQUEST, PL_STUN_BINDING, c->transaction);
    pl_stun_write_attribute(w, USERNAME, c->username, username_len);
    pl_put_u32(number, c->priority);
    pl_stun_write_attribute(w, PRIORITY, number, 4);
    pl_put_u64(number, c->tiebreaker);
    pl_stun_write_attribute(w, c->controlled ? ICE_CONTROLLED : ICE_CONTROLLING, number, 8);
    if (c->use_candidate)
        pl_stun_write_attribute(w, USE_CANDIDATE, NULL, 0);
    finish(w, key, key_len);
}

void pl_stun_write_success(struct pl_writer *w, const struct pl_stun *request,
                           const struct pl_addr *mapped, const void *key, size_t key_len)
{
    pl_stun_write_header(w, PL_STUN_SUCCESS, PL_STUN_BINDING, request->transaction);
    pl_stun_write_address(w, XOR_MAPPED_ADDRESS, mapped, request->transaction);
    finish(w, key, key_len);
}

void pl_stun_write_error(struct pl_writer *w, const struct pl_stun *request, unsigned code,
                         const void *key, size_t key_len)
{
    pl_stun_write_header(w, PL_STUN_ERROR, PL_STUN_BINDING, request->transaction);
    pl_stun_write_error_code(w, code);
    if (code == 420)
        pl_stun_write_unknown(w, request->unknown_required);
    finish(w, key, key_len);
}
