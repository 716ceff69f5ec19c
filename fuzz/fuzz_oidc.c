/* What comes from an identity provider: its document, its keys, the answer for tokens, ID tokens,
 * and what it says of a person. The first byte says which. */
#include "identity/oidc.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ISSUER "https://id.example.org"

/* RFC 7515, A.3.1, so that a signature of that appendix is looked at. */
static const char set[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\","
                          "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                          "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void document(struct pl_str text)
{
    struct pl_oidc_provider p;
    char why[PL_OIDC_WHY_SIZE];
    if (pl_oidc_discovery(text, ISSUER, &p, why) == PL_OK)
        assert(p.authorization[0] && p.token[0] && p.keys[0]);
}

static void token(struct pl_str text)
{
    struct pl_oidc_keys *keys;
    struct pl_oidc_claims claims;
    char why[PL_OIDC_WHY_SIZE];
    const struct pl_oidc_expected expected = {ISSUER, "parley", "nonce", 1800000000};
    if (pl_oidc_keys_read(pl_str(set), &keys, why) != PL_OK)
        return;
    assert(pl_oidc_keys_count(keys) == 1);
    (void)!pl_oidc_verify(keys, text, &expected, &claims, why);
    pl_oidc_keys_free(keys);
}

static void keys(struct pl_str text)
{
    struct pl_oidc_keys *k;
    char why[PL_OIDC_WHY_SIZE];
    if (pl_oidc_keys_read(text, &k, why) != PL_OK)
        return;
    assert(pl_oidc_keys_count(k) <= PL_OIDC_KEYS);
    pl_oidc_keys_free(k);
}

static void answer(struct pl_str text)
{
    struct pl_buf id = {0}, access = {0};
    char why[PL_OIDC_WHY_SIZE];
    if (pl_oidc_tokens(200, text, &id, &access, why) == PL_OK)
        assert(id.len > 0 && id.len <= PL_OIDC_TOKEN_MAX);
    pl_buf_free(&id);
    pl_buf_free(&access);
}

static void person(struct pl_str text)
{
    struct pl_oidc_claims claims = {.subject = "4711"};
    char why[PL_OIDC_WHY_SIZE];
    if (pl_oidc_userinfo(200, text, &claims, why) != PL_OK)
        return;
    assert(!claims.email[0] || pl_email_ok(pl_str(claims.email)));
    assert(!claims.name[0] || pl_name_ok(pl_str(claims.name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct pl_str) = {document, keys, answer, token, person};
    if (size == 0)
        return 0;
    readers[data[0] % 5]((struct pl_str){(const char *)data + 1, size - 1});
    return 0;
}
