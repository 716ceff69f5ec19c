/* malloc and its kin, as everything of ours calls them (the linker's --wrap): counted, and now and
 * then refused. Libraries have their own. */
#include "whole.h"

#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);
void *__real_aligned_alloc(size_t to, size_t n);
void *__wrap_aligned_alloc(size_t to, size_t n);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);

static int64_t live[2];
static bool server;
static unsigned each, fail_in;
static size_t failed;

static bool fails(void)
{
    if (!server || !each || --fail_in)
        return false;
    failed++;
    fail_in = 1 + whole_below(2 * each);
    return true;
}

bool whole_memory_of(bool of_server)
{
    bool before = server;
    server = of_server;
    return before;
}

void whole_memory_faults(unsigned mean)
{
    each = mean;
    fail_in = mean ? 1 + whole_below(2 * mean) : 0;
}

void whole_memory_begin(void)
{
    live[0] = live[1] = 0;
    failed = 0;
    whole_memory_faults(0);
}

size_t whole_memory_failed(void)
{
    return failed;
}

int64_t whole_memory_live(void)
{
    return live[1];
}

static void *counted(void *p)
{
    live[server] += p != NULL;
    return p;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n)
{
    if (fails())
        return NULL;
    void *q = __real_realloc(p, n);
    live[server] += q && !p;
    return q;
}

void *__wrap_aligned_alloc(size_t to, size_t n)
{
    return fails() ? NULL : counted(__real_aligned_alloc(to, n));
}

void __wrap_free(void *p)
{
    live[server] -= p != NULL;
    __real_free(p);
}

char *__wrap_strdup(const char *text)
{
    char *copy = __wrap_malloc(strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

char *__wrap_strndup(const char *text, size_t n)
{
    size_t len = strnlen(text, n);
    char *copy = __wrap_calloc(1, len + 1);
    return copy ? memcpy(copy, text, len) : NULL;
}
