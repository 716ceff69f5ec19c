/* Answers to questions about passkeys. The input is one byte for the kind, and the pieces with a
 * length of two bytes in front: clientDataJSON, then attestationObject, or authenticatorData,
 * signature and a COSE key. What is taken holds what was asked for. */
#include "base/bytes.h"
#include "identity/cbor.h"
#include "identity/passkey.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pl_str piece(struct pl_reader *r)
{
    size_t n = pl_read_u16(r);
    const uint8_t *p = pl_read_bytes(r, n);
    return (struct pl_str){p ? (const char *)p : "", p ? n : 0};
}

static void skip_all(const uint8_t *data, size_t size)
{
    struct pl_reader r = pl_reader(data, size);
    size_t left = size;
    while (pl_cbor_skip(&r)) {
        assert(pl_reader_left(&r) < left);
        left = pl_reader_left(&r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE] = {9, 8, 7};
    static const struct pl_passkey_site site = {"https://parley.example", "parley.example"};
    struct pl_reader r = pl_reader(data, size);
    struct pl_passkey p = {0};
    skip_all(data, size);
    bool uses = pl_read_u8(&r) & 1;
    struct pl_str client = piece(&r), object = piece(&r);
    if (!uses) {
        if (pl_passkey_register(&site, challenge, client, object, &p) == PL_PASSKEY_OK)
            assert(p.id_n >= PL_PASSKEY_ID_MIN && p.id_n <= PL_PASSKEY_ID_MAX && p.key_n > 0 &&
                   p.key_n <= PL_PASSKEY_KEY_MAX && (p.may_backup || !p.backed_up));
        return 0;
    }
    struct pl_str signature = piece(&r), key = piece(&r);
    if (key.n > sizeof p.key)
        return 0;
    memcpy(p.key, key.p, key.n);
    p.key_n = key.n;
    p.count = 1;
    const struct pl_passkey_answer answer = {client, object, signature};
    if (pl_passkey_assert(&site, challenge, &answer, &p) == PL_PASSKEY_OK)
        assert(p.count > 1 && !p.backed_up);
    else
        assert(p.count == 1);
    return 0;
}
