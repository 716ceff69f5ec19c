/* A small authenticator, with a key of Ed25519, and the browser around it; what they answer can be
 * falsified field by field. Included behind cmocka.h. */
#ifndef PL_TESTS_AUTHENTICATOR_H
#define PL_TESTS_AUTHENTICATOR_H

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "hex.h"
#include "identity/passkey.h"

static struct pl_passkey_site site; /* made by the program's start() */
static const uint8_t seed[PL_SEED_SIZE] = {1, 2, 3};
static const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE] = {9, 8, 7};

static struct pl_str str(const struct pl_buf *b)
{
    return (struct pl_str){b->data, b->len};
}

static void put_hex(struct pl_buf *b, const char *hex)
{
    uint8_t bytes[2048];
    pl_buf_add(b, bytes, unhex(hex, bytes, sizeof bytes));
}

enum { UP = 0x01, UV = 0x04, BE = 0x08, BS = 0x10, AT = 0x40, ED = 0x80 };

/* What is different from a good answer; zero: nothing. */
struct falsified {
    const char *type, *origin, *tail,
        *client; /* of clientDataJSON; `tail` stands behind the origin */
    bool challenge;
    const char *rp;
    int flags; /* of it; -1: none */
    uint32_t count;
    size_t id_n;
    const char *key;    /* COSE, in hexadecimal */
    const char *after;  /* what stands behind it, likewise */
    const char *object; /* the attestation object's beginning, likewise */
};

static void make_client(struct pl_buf *out, const struct falsified *f, const char *type)
{
    uint8_t other[PL_PASSKEY_CHALLENGE_SIZE];
    char text[64];
    memcpy(other, challenge, sizeof other);
    other[31] ^= f->challenge;
    pl_base64url(other, sizeof other, text);
    if (f->client)
        pl_buf_puts(out, f->client);
    else
        pl_buf_printf(out, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}",
                      f->type ? f->type : type, text,
                      f->origin ? f->origin : "https://parley.example",
                      f->tail ? f->tail : ",\"crossOrigin\":false");
}

static void put_number(struct pl_buf *b, size_t bytes, uint64_t n)
{
    uint8_t big[8];
    pl_put_u64(big, n);
    pl_buf_add(b, big + 8 - bytes, bytes);
}

/* The head of a CBOR string of n bytes. */
static void put_head(struct pl_buf *b, uint8_t major, size_t n)
{
    size_t bytes = n < 24 ? 0 : n < 256 ? 1 : n < 65536 ? 2 : 4;
    put_number(b, 1,
               (uint8_t)(major << 5) | (bytes == 0   ? n
                                        : bytes == 1 ? 24
                                        : bytes == 2 ? 25
                                                     : 26));
    put_number(b, bytes, n);
}

static void put_ed25519(struct pl_buf *b)
{
    uint8_t public[PL_PUBLIC_KEY_SIZE];
    pl_ed25519_public(seed, public);
    put_hex(b, "a4010103272006215820");
    pl_buf_add(b, public, sizeof public);
}

static void make_data(struct pl_buf *out, const struct falsified *f, int flags, uint32_t count)
{
    uint8_t hash[PL_SHA256_SIZE];
    const char *rp = f->rp ? f->rp : "parley.example";
    pl_sha256(rp, strlen(rp), hash);
    pl_buf_add(out, hash, sizeof hash);
    flags = f->flags == 0 ? flags : f->flags == -1 ? 0 : f->flags;
    put_number(out, 1, (uint64_t)flags);
    put_number(out, 4, count);
    if (flags & AT) {
        size_t n = f->id_n ? f->id_n : 16;
        for (size_t i = 0; i < 16; i++)
            put_number(out, 1, 0);
        put_number(out, 2, n);
        for (size_t i = 0; i < n; i++)
            put_number(out, 1, i & 0xff);
        if (f->key)
            put_hex(out, f->key);
        else
            put_ed25519(out);
    }
    if (f->after)
        put_hex(out, f->after);
}

#define OBJECT                                                                                     \
    "a363666d74646e6f6e656761747453746d74a0686175746844617461" /* none, {}, "authData"             \
                                                                */

static enum pl_passkey_fault enrol(const struct falsified *f, struct pl_passkey *out)
{
    struct pl_buf client = {0}, data = {0}, object = {0};
    make_client(&client, f, "webauthn.create");
    make_data(&data, f, UP | UV | AT, f->count);
    put_hex(&object, f->object ? f->object : OBJECT);
    put_head(&object, 2, data.len);
    pl_buf_add(&object, data.data, data.len);
    enum pl_passkey_fault fault =
        pl_passkey_register(&site, challenge, str(&client), str(&object), out);
    pl_buf_free(&client);
    pl_buf_free(&data);
    pl_buf_free(&object);
    return fault;
}

struct answer {
    struct pl_buf client, data;
    uint8_t signature[PL_SIGNATURE_SIZE];
};

static struct answer answer_of(const struct falsified *f)
{
    struct answer a = {0};
    struct pl_buf text = {0};
    uint8_t hash[PL_SHA256_SIZE];
    make_client(&a.client, f, "webauthn.get");
    make_data(&a.data, f, UP | UV, f->count);
    pl_sha256(a.client.data, a.client.len, hash);
    pl_buf_add(&text, a.data.data, a.data.len);
    pl_buf_add(&text, hash, sizeof hash);
    pl_ed25519_sign(seed, text.data, text.len, a.signature);
    pl_buf_free(&text);
    return a;
}

static enum pl_passkey_fault judge(const struct answer *a, struct pl_passkey *p)
{
    const struct pl_passkey_answer answer = {
        str(&a->client), str(&a->data), {(const char *)a->signature, sizeof a->signature}};
    return pl_passkey_assert(&site, challenge, &answer, p);
}

static void free_answer(struct answer *a)
{
    pl_buf_free(&a->client);
    pl_buf_free(&a->data);
}

static enum pl_passkey_fault use(const struct falsified *f, struct pl_passkey *p)
{
    struct answer a = answer_of(f);
    enum pl_passkey_fault fault = judge(&a, p);
    free_answer(&a);
    return fault;
}

static struct pl_passkey enrolled(void)
{
    struct pl_passkey p;
    assert_int_equal(enrol(&(struct falsified){0}, &p), PL_PASSKEY_OK);
    return p;
}

#endif
