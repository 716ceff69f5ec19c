/* See data.h. */
#include "server/data.h"

#include "crypto/hash.h"
#include "io/file.h"
#include "server/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct pl_data {
    char *folder, *store_path, *key_path, *token_path, *metrics_path, *lock_path, *traces_path;
    char *links_path;
    bool temporary;
    int lock; /* the descriptor that holds the lock, or -1 */
    /* Their hashes: who reads this memory has neither. */
    uint8_t token[PL_SHA256_SIZE], metrics[PL_SHA256_SIZE];
};

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static enum pl_err temporary_folder(struct pl_data *d, char why[PL_DATA_WHY_SIZE])
{
    const char *place = getenv("TMPDIR");
    d->folder = join(place && *place ? place : "/tmp", "parley-demo-XXXXXX");
    if (!d->folder)
        return PL_ENOMEM;
    if (!mkdtemp(d->folder)) {
        snprintf(why, PL_DATA_WHY_SIZE, "%.200s: no temporary folder: %s", d->folder,
                 strerror(errno));
        return PL_EIO;
    }
    d->temporary = true;
    return PL_OK;
}

/* One server a folder: two would each keep half of what happens in memory. The kernel drops the
 * lock with the process, however it ends. */
static enum pl_err lock(struct pl_data *d, char why[PL_DATA_WHY_SIZE])
{
    d->lock = open(d->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock < 0) {
        snprintf(why, PL_DATA_WHY_SIZE, "--data %.200s: not writable: %s", d->folder,
                 strerror(errno));
        return PL_EIO;
    }
    if (flock(d->lock, LOCK_EX | LOCK_NB) != 0) {
        bool busy = errno == EWOULDBLOCK;
        snprintf(why, PL_DATA_WHY_SIZE, "--data %.200s: %s", d->folder,
                 busy ? "another server uses this folder" : strerror(errno));
        return busy ? PL_EAGAIN : PL_EIO;
    }
    return PL_OK;
}

static enum pl_err make_token(const char *path, struct pl_random random, char token[],
                              char why[PL_DATA_WHY_SIZE])
{
    uint8_t secret[PL_ADMIN_TOKEN_BYTES];
    char line[PL_ADMIN_TOKEN_CHARS + 2];
    random.fill(random.ctx, secret, sizeof secret);
    pl_base64url(secret, sizeof secret, token);
    int n = snprintf(line, sizeof line, "%s\n", token);
    enum pl_err e = pl_file_write(path, line, (size_t)n, 0600);
    if (e)
        snprintf(why, PL_DATA_WHY_SIZE, "%.200s: not writable: %s", path,
                 e == PL_ETRUNC ? "the name is too long" : strerror(errno));
    pl_wipe(secret, sizeof secret);
    pl_wipe(line, sizeof line);
    return e;
}

/* What was read, as `e` says. */
static enum pl_err take_token(const char *path, enum pl_err e, const struct pl_buf *text,
                              char token[], char why[PL_DATA_WHY_SIZE])
{
    if (e == PL_EIO)
        snprintf(why, PL_DATA_WHY_SIZE, "%.200s: %s", path, strerror(errno));
    struct pl_str line = {text->data, text->len};
    if (!e && line.n && line.p[line.n - 1] == '\n')
        line.n--;
    if (e == PL_ELIMIT || (!e && line.n != PL_ADMIN_TOKEN_CHARS)) {
        snprintf(why, PL_DATA_WHY_SIZE,
                 "%.200s: not a token of %d characters; remove the file to get a new one", path,
                 PL_ADMIN_TOKEN_CHARS);
        e = PL_EINVAL;
    }
    if (!e)
        e = pl_str_copy(line, token, PL_ADMIN_TOKEN_CHARS + 1);
    return e;
}

static enum pl_err read_token(const char *path, struct pl_random random,
                              uint8_t hash[PL_SHA256_SIZE], char why[PL_DATA_WHY_SIZE])
{
    struct pl_buf text = {0};
    char token[PL_ADMIN_TOKEN_CHARS + 1];
    enum pl_err e = pl_file_read(path, 256, &text);
    if (e == PL_ENOENT)
        e = make_token(path, random, token, why);
    else
        e = take_token(path, e, &text, token, why);
    if (!e)
        pl_sha256(token, PL_ADMIN_TOKEN_CHARS, hash);
    pl_wipe(token, sizeof token);
    pl_buf_wipe(&text);
    return e;
}

static enum pl_err open_folder(struct pl_data *d, const char *folder, char why[PL_DATA_WHY_SIZE])
{
    if (!folder)
        return temporary_folder(d, why);
    d->folder = strdup(folder);
    if (!d->folder)
        return PL_ENOMEM;
    enum pl_err e = pl_file_make_folder(folder);
    if (e == PL_EIO)
        snprintf(why, PL_DATA_WHY_SIZE, "--data %.200s: %s", folder, strerror(errno));
    else if (e == PL_ETRUNC)
        snprintf(why, PL_DATA_WHY_SIZE, "--data %.200s: the name is too long", folder);
    return e;
}

/* `taken` -1: the lock is not had yet. */
static enum pl_err open_locked(const char *folder, int taken, struct pl_random random,
                               struct pl_data **out, char why[PL_DATA_WHY_SIZE])
{
    snprintf(why, PL_DATA_WHY_SIZE, "no memory");
    struct pl_data *d = calloc(1, sizeof *d);
    if (!d) {
        if (taken >= 0)
            close(taken);
        return PL_ENOMEM;
    }
    d->lock = taken;
    enum pl_err e = open_folder(d, folder, why);
    if (!e) {
        d->store_path = join(d->folder, "parley.db");
        d->key_path = join(d->folder, "record.key");
        d->token_path = join(d->folder, "admin-token");
        d->metrics_path = join(d->folder, "metrics-token");
        d->lock_path = join(d->folder, "lock");
        d->traces_path = join(d->folder, "traces");
        d->links_path = join(d->folder, "links");
        if (!d->store_path || !d->key_path || !d->token_path || !d->metrics_path || !d->lock_path ||
            !d->traces_path || !d->links_path)
            e = PL_ENOMEM;
    }
    if (!e && taken < 0)
        e = lock(d, why);
    if (!e)
        e = read_token(d->token_path, random, d->token, why);
    if (!e)
        e = read_token(d->metrics_path, random, d->metrics, why);
    if (e) {
        pl_data_close(d);
        return e;
    }
    *out = d;
    return PL_OK;
}

enum pl_err pl_data_open(const char *folder, struct pl_random random, struct pl_data **out,
                         char why[PL_DATA_WHY_SIZE])
{
    return open_locked(folder, -1, random, out, why);
}

enum pl_err pl_data_take(const char *folder, int lock, struct pl_random random,
                         struct pl_data **out, char why[PL_DATA_WHY_SIZE])
{
    return open_locked(folder, lock, random, out, why);
}

/* --- Handing over --- */

int pl_data_lock(const struct pl_data *d)
{
    return d->lock;
}

enum pl_err pl_data_note_process(const struct pl_data *d)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    pl_data_forget(d->folder, PL_DATA_UPGRADE);
    return ftruncate(d->lock, 0) == 0 && pwrite(d->lock, text, (size_t)n, 0) == n ? PL_OK : PL_EIO;
}

static enum pl_err read_process(const char *path, pid_t *pid)
{
    char text[24] = "";
    uint64_t number;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return PL_ENOENT;
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ssize_t n = held ? pread(fd, text, sizeof text - 1, 0) : 0;
    close(fd);
    if (n < 2 || pl_parse_u64((struct pl_str){text, (size_t)n - 1}, INT32_MAX, &number) ||
        number == 0)
        return PL_ENOENT;
    *pid = (pid_t)number;
    return PL_OK;
}

enum pl_err pl_data_runs(const char *folder, pid_t *pid)
{
    char *path = join(folder, "lock");
    enum pl_err e = path ? read_process(path, pid) : PL_ENOMEM;
    free(path);
    return e;
}

static char *answer_path(const char *folder, enum pl_data_answer answer)
{
    return join(folder, answer == PL_DATA_UPGRADE ? "upgrade" : "drain");
}

enum pl_err pl_data_told(const char *folder, enum pl_data_answer answer, struct pl_buf *text)
{
    char *path = answer_path(folder, answer);
    enum pl_err e = path ? pl_file_read(path, PL_DATA_WHY_SIZE, text) : PL_ENOMEM;
    free(path);
    return e;
}

void pl_data_forget(const char *folder, enum pl_data_answer answer)
{
    char *path = answer_path(folder, answer);
    if (path)
        unlink(path);
    free(path);
}

enum pl_err pl_data_tell(const struct pl_data *d, enum pl_data_answer answer, const char *text)
{
    char *path = answer_path(d->folder, answer);
    enum pl_err e = path ? pl_file_write(path, text, strlen(text), 0600) : PL_ENOMEM;
    free(path);
    return e;
}

/* Only what a server puts there: should something else be in it, the folder stays. */
static void remove_folder(struct pl_data *d)
{
    static const char *const names[] = {
        "parley.db-wal",   "parley.db-shm", "parley.db",     "record.key",
        "record.key.next", "admin-token",   "metrics-token", "lock",
        "links",           "upgrade",       "drain"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = join(d->folder, names[i]);
        if (path)
            unlink(path);
        free(path);
    }
    pl_trace_files_prune(d->traces_path, 0, 0);
    rmdir(d->traces_path);
    rmdir(d->folder);
}

void pl_data_close(struct pl_data *d)
{
    if (!d)
        return;
    if (d->temporary && d->traces_path)
        remove_folder(d);
    if (d->lock >= 0)
        close(d->lock);
    free(d->folder);
    free(d->store_path);
    free(d->key_path);
    free(d->token_path);
    free(d->metrics_path);
    free(d->lock_path);
    free(d->traces_path);
    free(d->links_path);
    free(d);
}

const char *pl_data_store_path(const struct pl_data *d)
{
    return d->store_path;
}

const char *pl_data_key_path(const struct pl_data *d)
{
    return d->key_path;
}

const char *pl_data_traces_path(const struct pl_data *d)
{
    return d->traces_path;
}

const char *pl_data_links_path(const struct pl_data *d)
{
    return d->links_path;
}

const char *pl_data_token_path(const struct pl_data *d)
{
    return d->token_path;
}

static bool is(const uint8_t hash[PL_SHA256_SIZE], struct pl_str token)
{
    uint8_t given[PL_SHA256_SIZE];
    if (token.n != PL_ADMIN_TOKEN_CHARS)
        return false;
    pl_sha256(token.p, token.n, given);
    return pl_secret_eq(given, hash, sizeof given);
}

bool pl_data_is_admin(const struct pl_data *d, struct pl_str token)
{
    return is(d->token, token);
}

bool pl_data_is_metrics(const struct pl_data *d, struct pl_str token)
{
    return is(d->metrics, token);
}
