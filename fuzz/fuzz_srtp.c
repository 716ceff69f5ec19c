/* Packets into contexts with fixed keys: as they come, or sealed first, so that what lies behind
 * the authentication is reached. The first byte is the profile; then, for each packet, what to do,
 * four bytes' worth of RTP header, the length (16 bits) and the packet. */
#include "base/bytes.h"
#include "crypto/srtp.h"
#include "crypto/srtp_cipher.h"

#include <stdlib.h>

#define RTCP 1
#define SEAL 2
#define PACKET_MAX 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct pl_srtp *new_context(const struct pl_srtp_cipher_ops *ops, uint8_t profile)
{
    static const enum pl_srtp_profile profiles[] = {
        PL_SRTP_AEAD_AES_128_GCM, PL_SRTP_AEAD_AES_256_GCM, PL_SRTP_AES128_CM_HMAC_SHA1_80};
    const struct pl_srtp_keys keys = {
        .profile = profiles[profile % 3],
        .key = "the key of a fuzz target, fixed",
        .salt = "its salt",
    };
    struct pl_srtp *s;
    if (pl_srtp_new_over(ops, &keys, &s))
        abort();
    return s;
}

static enum pl_err seal(struct pl_srtp *s, bool rtcp, size_t header_len, const uint8_t *plain,
                        size_t n, uint8_t *sealed, size_t *len)
{
    if (rtcp) {
        *len = n;
        memcpy(sealed, plain, n);
        return pl_srtcp_protect(s, sealed, len, n + PL_SRTP_OVERHEAD_MAX);
    }
    if (header_len > n)
        return PL_EINVAL;
    size_t cut = (n - header_len) / 2;
    return pl_srtp_protect(s, plain, header_len, plain + header_len, cut, plain + header_len + cut,
                           n - header_len - cut, sealed, len);
}

static enum pl_err open_copy(struct pl_srtp *s, bool rtcp, const uint8_t *sealed, size_t n,
                             uint8_t *plain, size_t *len)
{
    memcpy(plain, sealed, n);
    *len = n;
    enum pl_err err = rtcp ? pl_srtcp_unprotect(s, plain, len) : pl_srtp_unprotect(s, plain, len);
    check(err ? *len == n : *len < n && *len + PL_SRTP_OVERHEAD_MAX >= n);
    return err;
}

static void run(const struct pl_srtp_cipher_ops *sealing, const struct pl_srtp_cipher_ops *opening,
                const uint8_t *data, size_t size)
{
    struct pl_reader r = pl_reader(data, size);
    uint8_t profile = pl_read_u8(&r);
    struct pl_srtp *out = new_context(sealing, profile), *in = new_context(opening, profile);
    uint8_t sealed[PACKET_MAX + PL_SRTP_OVERHEAD_MAX], plain[sizeof sealed];
    for (;;) {
        uint8_t what = pl_read_u8(&r), header_words = pl_read_u8(&r);
        size_t n = pl_read_u16(&r) % (PACKET_MAX + 1), len, plain_len;
        const uint8_t *packet = pl_read_bytes(&r, n);
        if (!packet)
            break;
        bool rtcp = what & RTCP;
        if (what & SEAL) {
            if (seal(out, rtcp, header_words * 4u, packet, n, sealed, &len))
                continue;
            /* A repetition, or an index far from the last, is no error of either side. */
            enum pl_err err = open_copy(in, rtcp, sealed, len, plain, &plain_len);
            check(!err || err == PL_EREPLAY || err == PL_ELIMIT || (!rtcp && err == PL_EAUTH));
            check(err || (plain_len == n && memcmp(plain, packet, n) == 0));
        } else {
            memcpy(sealed, packet, n);
            len = n;
            (void)open_copy(in, rtcp, sealed, len, plain, &plain_len);
        }
        check(open_copy(in, rtcp, sealed, len, plain, &plain_len) != PL_OK);
    }
    pl_srtp_free(out);
    pl_srtp_free(in);
}

/* Each back end seals once and opens once; where there are two, what the other one sealed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pl_srtp_cipher_ops *all[PL_SRTP_BACKENDS_MAX + 1];
    size_t n = 0;
    pl_srtp_backends(all);
    while (all[n])
        n++;
    for (size_t i = 0; i < n; i++)
        run(all[i], all[n - 1 - i], data, size);
    return 0;
}
