/* Randomness that is fit for keys, as a pl_random for the cores. */
#ifndef PL_CRYPTO_RANDOM_H
#define PL_CRYPTO_RANDOM_H

#include "base/random.h"

/* OpenSSL's generator, which the kernel seeds. Any thread. Without randomness the process ends:
 * going on would be worse. Never NULL, lives for ever. */
const struct pl_random *pl_crypto_random(void);

#endif
