/* Random bytes of the kernel (getrandom(2)), as a pl_random for the cores. */
#ifndef PL_IO_ENTROPY_H
#define PL_IO_ENTROPY_H

#include "base/random.h"

/* Any thread; ends the process if the kernel has none, since going on would be worse. */
struct pl_random pl_entropy(void);

#endif
