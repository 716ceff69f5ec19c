/* See trace_file.h. */
#include "server/trace_file.h"

#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct file {
    FILE *stream;
    size_t written;
};

static bool write_text(void *ctx, const char *bytes, size_t n)
{
    struct file *f = ctx;
    if (f->written + n > PL_TRACE_FILE_BYTES_MAX)
        return false;
    f->written += n;
    return fwrite(bytes, 1, n, f->stream) == n;
}

static void close_file(void *ctx)
{
    struct file *f = ctx;
    fclose(f->stream);
    free(f);
}

static int is_trace(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".jsonl") == 0;
}

void pl_trace_files_prune(const char *folder, size_t keep, int64_t since_s)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_trace, alphasort); /* the names begin with the time */
    if (n < 0)
        return;
    for (int i = 0; i < n; i++) {
        char *path = NULL;
        struct stat st;
        if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
            path = NULL;
        bool old = path && stat(path, &st) == 0 && st.st_mtime < since_s;
        if (path && (old || (size_t)(n - i) > keep))
            unlink(path);
        free(path);
        free(entries[i]);
    }
    free(entries);
}

void pl_trace_file_remove(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return;
    unlink(path);
    free(path);
}

enum pl_err pl_trace_file_new(const char *folder, const char *participant, int64_t wall_ms,
                              struct pl_trace_out *out, char name[PL_TRACE_NAME_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    char *path = NULL;
    enum pl_err e = pl_file_make_folder(folder);
    if (e)
        return PL_EIO;
    pl_trace_files_prune(folder, PL_TRACE_FILES_MAX - 1,
                         (int64_t)seconds - PL_TRACE_FILE_DAYS * INT64_C(86400));
    gmtime_r(&seconds, &tm);
    size_t at = strftime(name, PL_TRACE_NAME_SIZE, "%Y%m%d-%H%M%S", &tm);
    snprintf(name + at, PL_TRACE_NAME_SIZE - at, "-%03d-%.32s.jsonl", (int)(wall_ms % 1000),
             participant);
    struct file *f = calloc(1, sizeof *f);
    if (!f || asprintf(&path, "%s/%s", folder, name) < 0) {
        free(f);
        return PL_ENOMEM;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int saved = errno;
    free(path);
    if (fd < 0) {
        free(f);
        errno = saved;
        return saved == EEXIST ? PL_EEXIST : PL_EIO;
    }
    f->stream = fdopen(fd, "w");
    if (!f->stream) {
        close(fd);
        free(f);
        return PL_ENOMEM;
    }
    *out = (struct pl_trace_out){f, write_text, close_file};
    /* analyse: it is freed by close_file */
    return PL_OK;
}
