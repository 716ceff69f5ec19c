/* See complain.h. */
#include "server/complain.h"

#include <stdarg.h>
#include <stdio.h>

bool pl_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("parley: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\n", stderr);
    va_end(args);
    return false;
}
