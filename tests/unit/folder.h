/* A folder of a test's own, for a database: in memory where that can be, since every change of one
 * waits for the disk. After <cmocka.h>. */
#ifndef PL_TESTS_FOLDER_H
#define PL_TESTS_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void make_folder(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/parley-%s-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
             name);
    assert_non_null(mkdtemp(out));
}

#endif
