/* A thread is its loop, which runs with the others (loop.c): it begins here, and returns at once.
 */
#include "whole.h"

#include <pthread.h>

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_join(pthread_t thread, void **out);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg)
{
    (void)attr;
    *thread = 0;
    run(arg);
    return 0;
}

int __wrap_pthread_join(pthread_t thread, void **out)
{
    (void)thread;
    if (out)
        *out = NULL;
    return 0;
}
