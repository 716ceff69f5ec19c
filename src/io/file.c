/* Whole files, durably. See file.h. */
#include "io/file.h"

#include "io/entropy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 8 /* names that others may have taken */

/* Closing must not hide why something failed. */
static void close_keeping_errno(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
}

enum pl_err pl_file_read(const char *path, size_t max, struct pl_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? PL_ENOENT : PL_EIO;
    struct pl_buf all = {0};
    char bytes[4096];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0 && all.len <= max)
        pl_buf_add(&all, bytes, (size_t)n);
    close_keeping_errno(fd);
    explicit_bzero(bytes, sizeof bytes); /* a secret, perhaps */
    enum pl_err e = n < 0 ? PL_EIO : all.failed ? PL_ENOMEM : all.len > max ? PL_ELIMIT : PL_OK;
    if (e != PL_OK) {
        pl_buf_free(&all);
        return e;
    }
    pl_buf_add(&all, "", 0); /* an empty file is an empty text, not NULL */
    pl_buf_free(out);
    *out = all;
    return PL_OK;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

/* The folder of `path`, so that the new name is durable too. */
static bool sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (!slash)
        strcpy(folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s/", (int)n, path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    close_keeping_errno(fd);
    return ok;
}

/* A new file beside `path`, to write alone: a server that may not read what comes into the folder
 * of its key (confine.h) may not open it both ways. 0600: nobody reads it before it has its mode.
 */
static int open_beside(const char *path, char tmp[PATH_MAX])
{
    const struct pl_random random = pl_entropy();
    for (int tries = 0; tries < TRIES; tries++) {
        int len = snprintf(tmp, PATH_MAX, "%s.%08x", path, pl_random_u32(&random));
        if (len < 0 || len >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

enum pl_err pl_file_write(const char *path, const void *bytes, size_t n, mode_t mode)
{
    char tmp[PATH_MAX];
    int fd = open_beside(path, tmp);
    if (fd < 0)
        return errno == ENAMETOOLONG ? PL_ETRUNC : PL_EIO;
    bool ok = write_all(fd, bytes, n) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    close_keeping_errno(fd);
    ok = ok && rename(tmp, path) == 0;
    if (!ok) {
        int saved = errno;
        unlink(tmp);
        errno = saved;
        return PL_EIO;
    }
    return sync_folder(path) ? PL_OK : PL_EIO;
}

enum pl_err pl_file_publish(const char *finished, const char *path)
{
    int fd = open(finished, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return PL_EIO;
    bool ok = fsync(fd) == 0;
    close_keeping_errno(fd);
    if (!ok)
        return PL_EIO;
    if (link(finished, path) != 0)
        return errno == EEXIST ? PL_EEXIST : PL_EIO;
    unlink(finished);
    return sync_folder(path) ? PL_OK : PL_EIO;
}

static bool make_one(const char *path)
{
    struct stat s;
    if (mkdir(path, 0700) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    if (stat(path, &s) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(s.st_mode);
}

enum pl_err pl_file_make_folder(const char *path)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part)
        return PL_ETRUNC;
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (!make_one(part))
            return PL_EIO;
    }
    return PL_OK;
}
