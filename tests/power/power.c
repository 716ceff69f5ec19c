/* What a power cut leaves of files: preloaded into a program, this notes every write to files of
 * the folder POWER_DIR with what was there before, and every sync, in the file POWER_LOG. A program
 * that is killed leaves its writes to the kernel; power.py takes those back that were never synced.
 * Syncs are not passed on: what they promise is what the log says.
 *
 * The log: records of `struct record`, the path, and the bytes that were overwritten or cut off. */
/* Both names of each call are met. */
#undef _FILE_OFFSET_BITS
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define SYNC_US 4000 /* as a disk needs, so that a kill can come between a write and its sync */

struct record {
    uint8_t what; /* 'W' write, 'T' truncate, 'S' sync */
    uint8_t unused;
    uint16_t path;         /* bytes */
    uint32_t before;       /* bytes */
    uint64_t offset, size; /* of the file, before */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static char dir[PATH_MAX];

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("POWER_DIR"), *file = getenv("POWER_LOG");
    if (folder && file && realpath(folder, dir))
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                              0600);
}

/* The index of SQLite's log is memory that is made anew. */
static int path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    struct stat st;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (log_fd < 0 || fd == log_fd || fstat(fd, &st) || !S_ISREG(st.st_mode))
        return 0;
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    size_t prefix = strlen(dir);
    if (n <= (ssize_t)prefix || memcmp(path, dir, prefix) != 0 || path[prefix] != '/')
        return 0;
    path[n] = 0;
    return n < 4 || strcmp(path + n - 4, "-shm") != 0;
}

static void put(const void *bytes, size_t n)
{
    if (syscall(SYS_write, log_fd, bytes, n) != (long)n)
        abort(); /* the test's own disk is full */
}

/* From `offset` on so many bytes are about to change, or all. */
static void note(uint8_t what, int fd, uint64_t offset, uint64_t n)
{
    char path[PATH_MAX];
    struct stat st;
    int saved = errno;
    if (!path_of(fd, path) || fstat(fd, &st))
        return;
    uint64_t size = (uint64_t)st.st_size, end = offset + n < offset ? size : offset + n;
    uint64_t before = what == 'S' || offset >= size ? 0 : (end < size ? end : size) - offset;
    struct record r = {what, 0, (uint16_t)strlen(path), (uint32_t)before, offset, size};
    char *bytes = malloc(before + 1);
    if (!bytes || syscall(SYS_pread64, fd, bytes, before, offset) != (long)before)
        before = r.before = 0;
    pthread_mutex_lock(&lock);
    put(&r, sizeof r);
    put(path, r.path);
    put(bytes, before);
    pthread_mutex_unlock(&lock);
    free(bytes);
    errno = saved;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t offset)
{
    note('W', fd, (uint64_t)offset, n);
    return syscall(SYS_pwrite64, fd, bytes, n, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    return pwrite64(fd, bytes, n, offset);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    off_t at = log_fd < 0 ? -1 : lseek(fd, 0, SEEK_CUR);
    if (at >= 0)
        note('W', fd, (uint64_t)at, n);
    return syscall(SYS_write, fd, bytes, n);
}

/* The process that has the key confines itself to a few calls; it writes no files any more, and
 * what is asked about them here would end it. */
int prctl(int option, ...)
{
    va_list args;
    unsigned long more[4];
    va_start(args, option);
    for (size_t i = 0; i < 4; i++)
        more[i] = va_arg(args, unsigned long);
    va_end(args);
    if (option == PR_SET_SECCOMP)
        log_fd = -1;
    return (int)syscall(SYS_prctl, option, more[0], more[1], more[2], more[3]);
}

int ftruncate64(int fd, off64_t size)
{
    note('T', fd, (uint64_t)size, UINT64_MAX - (uint64_t)size);
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

int fsync(int fd)
{
    usleep(SYNC_US);
    note('S', fd, 0, 0);
    return 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}
