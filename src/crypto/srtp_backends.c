/* See srtp_cipher.h: the one place that knows which back ends there are, and chooses. */
#include "crypto/srtp_cipher.h"

static const struct pl_srtp_cipher_ops *const backends[] = {
#ifdef PL_IPSECMB
    &pl_srtp_ipsecmb,
#endif
    &pl_srtp_evp,
};

void pl_srtp_backends(const struct pl_srtp_cipher_ops *out[PL_SRTP_BACKENDS_MAX + 1])
{
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        if (backends[i]->usable())
            *out++ = backends[i];
    *out = NULL;
}

enum pl_err pl_srtp_new(const struct pl_srtp_keys *keys, struct pl_srtp **out)
{
    const struct pl_srtp_cipher_ops *usable[PL_SRTP_BACKENDS_MAX + 1];
    pl_srtp_backends(usable);
    return pl_srtp_new_over(usable[0], keys, out);
}
