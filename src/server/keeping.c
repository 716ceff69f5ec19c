/* See keeping.h. */
#include "server/keeping.h"
#include "server/complain.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "io/db.h"
#include "io/entropy.h"
#include "io/loop.h"
#include "server/key_history.h"
#include "server/server_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 1024

static bool path_in(const char *folder, const char *name, char out[PATH_SIZE])
{
    int n = snprintf(out, PATH_SIZE, "%s/%s", folder, name);
    return (n > 0 && n < PATH_SIZE) || pl_complain("--data %.100s: the name is too long", folder);
}

/* The last one. */
static enum pl_err take_rotation(void *ctx, uint64_t number, struct pl_str note)
{
    struct pl_buf *last = ctx;
    (void)number;
    pl_buf_clear(last);
    pl_buf_add(last, note.p, note.n);
    return last->failed ? PL_ENOMEM : PL_OK;
}

static enum pl_err begun(void *ctx, uint64_t number, struct pl_str bytes)
{
    (void)ctx;
    (void)number;
    (void)bytes;
    return PL_EEXIST;
}

/* Is it the one that the server's log names last? */
static enum pl_err check_key(const char *path, struct pl_store *store,
                             const struct pl_record_id *key, char why[PL_RECORD_KEY_WHY_SIZE])
{
    struct pl_key_history h;
    enum pl_err e = pl_key_history_read(store, key, &h);
    if (e)
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.200s: the server's log cannot be read", path);
    else if (memcmp(h.keys[h.n - 1].public, key->public, sizeof key->public) != 0) {
        snprintf(why, PL_RECORD_KEY_WHY_SIZE,
                 "%.200s: not the key that this server's log names last: put the copy of that one "
                 "(of parley key backup) there",
                 path);
        e = PL_EINVAL;
    }
    pl_key_history_free(&h);
    return e;
}

enum pl_err pl_keeping_store(const struct pl_data *data, char why[PL_RECORD_KEY_WHY_SIZE])
{
    struct stat store;
    const char *path = pl_data_store_path(data);
    if (access(pl_data_key_path(data), F_OK) != 0 || (stat(path, &store) == 0 && store.st_size > 0))
        return PL_OK;
    snprintf(why, PL_RECORD_KEY_WHY_SIZE,
             "%.150s: gone or empty, and this server has signed records (record.key is there): put "
             "a backup in its place (parley restore), or begin in another folder",
             path);
    return PL_EIO;
}

static enum pl_err last_rotation(struct pl_store *store, struct pl_buf *last,
                                 char why[PL_RECORD_KEY_WHY_SIZE])
{
    enum pl_err e = pl_store_rotations(store, take_rotation, last);
    if (e)
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "the rotations of the key cannot be read");
    return e;
}

/* The key that is in force, in a command. */
static enum pl_err keep_key(const struct pl_data *data, struct pl_store *store,
                            struct pl_record_key *out, char why[PL_RECORD_KEY_WHY_SIZE])
{
    const char *path = pl_data_key_path(data);
    struct pl_buf last = {0};
    enum pl_err e = last_rotation(store, &last, why);
    if (!e)
        e = pl_record_key_settle(path, (struct pl_str){last.data, last.len}, why);
    pl_buf_free(&last);
    if (!e)
        e = pl_record_key_read(path, out, why);
    return e ? e : check_key(path, store, &out->id, why);
}

/* A server that never ran makes its key; another one would sign what nobody can check. */
static enum pl_err start_keyholder(const char *path, struct pl_store *store, const char *url,
                                   struct pl_keyholder_process **out,
                                   char why[PL_RECORD_KEY_WHY_SIZE])
{
    struct pl_buf last = {0};
    enum pl_err begins = pl_store_log(store, 0, begun, NULL);
    enum pl_err e = last_rotation(store, &last, why);
    const struct pl_keyholder_start start = {path, url, {last.data, last.len}, begins == PL_OK};
    if (!e)
        e = pl_keyholder_start(&start, out, why);
    pl_buf_free(&last);
    if (e != PL_ENOENT)
        return e;
    snprintf(why, PL_RECORD_KEY_WHY_SIZE,
             begins == PL_EEXIST ? "%.200s: the key that signed this server's records is gone: put "
                                   "its copy (of parley key backup) there"
                                 : "%.200s: the server's log cannot be read",
             path);
    return begins == PL_EEXIST ? PL_EINVAL : begins;
}

enum pl_err pl_keeping_keyholder(const struct pl_data *data, struct pl_store *store,
                                 const char *url, struct pl_keyholder_process **out,
                                 char why[PL_RECORD_KEY_WHY_SIZE])
{
    const char *path = pl_data_key_path(data);
    struct pl_keyholder_process *p = NULL;
    enum pl_err e = start_keyholder(path, store, url, &p, why);
    if (!e)
        e = check_key(path, store, &pl_keyholder_signing(p)->id, why);
    else
        return e;
    if (!e) {
        e = pl_signing_tell(pl_keyholder_signing(p), store);
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "what was signed before cannot be told: %s",
                 e == PL_ELIMIT ? "there are too many meetings" : "no answer, or no memory");
    }
    if (e)
        pl_keyholder_end(p);
    else
        *out = p;
    return e;
}

void pl_keeping_leave(const struct pl_data *data, const char *tls_cert, const char *tls_key,
                      char why[PL_CONFINE_WHY_SIZE])
{
    const char *traces = pl_data_traces_path(data);
    char program[PATH_SIZE] = "";
    const char *const renewed[] = {program, tls_cert, tls_key};
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n < 0)
        snprintf(why, PL_CONFINE_WHY_SIZE, "/proc/self/exe: %s", strerror(errno));
    else if (mkdir(traces, 0700) != 0 && errno != EEXIST) /* what comes later could not be read */
        snprintf(why, PL_CONFINE_WHY_SIZE, "%.100s: %s", traces, strerror(errno));
    else if (pl_confine_reading(pl_data_key_path(data), renewed, tls_cert ? 3 : 1, why) == PL_OK)
        *why = 0;
}

/* The key */

static bool print_key(const struct pl_record_id *id)
{
    const struct pl_vkey vkey = pl_record_vkey(id, pl_str(id->name));
    struct pl_buf text = {0};
    pl_vkey_print(&text, &vkey);
    bool good = !text.failed && puts(text.data) >= 0 && fflush(stdout) == 0;
    pl_buf_free(&text);
    return good;
}

static bool read_key(const struct pl_cli_keeping *config, struct pl_record_key *out)
{
    char path[PATH_SIZE], why[PL_RECORD_KEY_WHY_SIZE];
    if (!path_in(config->data, "record.key", path))
        return false;
    enum pl_err e = pl_record_key_read(path, out, why);
    return e == PL_OK || pl_complain("%s", why);
}

static bool back_up_key(const struct pl_cli_keeping *config, const struct pl_record_key *key)
{
    char why[PL_RECORD_KEY_WHY_SIZE];
    if (access(config->file, F_OK) == 0)
        return pl_complain("%s: there is a file of that name", config->file);
    return pl_record_key_write(config->file, key, why) == PL_OK || pl_complain("%s", why);
}

static enum pl_err keep_rotation(struct pl_store *store, const struct pl_record_key *fresh,
                                 struct pl_str note)
{
    struct pl_buf text = {0};
    const struct pl_vkey vkey = pl_record_vkey(&fresh->id, pl_str(fresh->id.name));
    pl_vkey_print(&text, &vkey);
    enum pl_err e =
        text.failed ? PL_ENOMEM : pl_store_log_key(store, pl_wall_now_us() / 1000, text.data, note);
    pl_buf_free(&text);
    return e;
}

/* The log tells the old key, too, if no server began it. */
static enum pl_err begin_log(struct pl_store *store, const struct pl_record_key *old)
{
    struct pl_server_log *log = NULL;
    struct pl_keyholder keyholder;
    struct pl_signing signing;
    const struct pl_random random = pl_entropy();
    pl_keyholder_init(&keyholder, pl_str(old->id.name), old->seed, &random);
    enum pl_err e = pl_signing_local(&signing, &keyholder);
    if (!e)
        e = pl_server_log_new(store, &signing, pl_wall_now_us() / 1000, &log);
    pl_server_log_free(log);
    pl_keyholder_free(&keyholder);
    return e;
}

/* The new key is on disk before it is promised, and in force once that is kept: whenever the power
 * fails, the next start has the one or the other. */
static bool put_in_force(const struct pl_data *data, struct pl_store *store,
                         const struct pl_record_key *old)
{
    const struct pl_random random = pl_entropy();
    char next[PATH_SIZE], why[PL_RECORD_KEY_WHY_SIZE] = "no memory";
    struct pl_record_key fresh = {0};
    struct pl_buf bytes = {0};
    enum pl_err e = PL_ENOMEM;
    int n = snprintf(next, sizeof next, "%s" PL_RECORD_KEY_NEXT, pl_data_key_path(data));
    if (n > 0 && (size_t)n < sizeof next)
        e = pl_record_key_rotate(old, &random, &fresh, &bytes);
    struct pl_str note = {bytes.data, bytes.len};
    if (!e)
        e = pl_record_key_write(next, &fresh, why);
    if (!e && (begin_log(store, old) || keep_rotation(store, &fresh, note))) {
        snprintf(why, sizeof why, "the rotation cannot be kept");
        e = PL_EIO;
    }
    if (!e)
        e = pl_record_key_settle(pl_data_key_path(data), note, why);
    bool good = e ? pl_complain("%s", why) : print_key(&fresh.id);
    pl_wipe(&fresh, sizeof fresh);
    pl_buf_free(&bytes);
    return good;
}

static bool rotate(const struct pl_cli_keeping *config)
{
    const struct pl_random random = pl_entropy();
    struct pl_record_key old;
    struct pl_data *data = NULL;
    struct pl_store *store = NULL;
    char why[PL_DATA_WHY_SIZE];
    if (!read_key(config, &old)) /* nothing is made in a folder that is none of a server */
        return false;
    bool good = pl_data_open(config->data, random, &data, why) == PL_OK &&
                pl_keeping_store(data, why) == PL_OK &&
                pl_store_open(pl_data_store_path(data), random, &store, why) == PL_OK &&
                keep_key(data, store, &old, why) == PL_OK;
    good = good ? put_in_force(data, store, &old) : pl_complain("%s", why);
    pl_wipe(&old, sizeof old);
    pl_store_close(store);
    pl_data_close(data);
    return good;
}

/* What each witness cosigned, a line each. */
static void print_witness(void *ctx, const struct pl_store_witness *w)
{
    struct pl_note_signature s;
    char when[64] = "";
    size_t *n = ctx;
    ++*n;
    printf("%.*s\n  meetings        %" PRIu64 "\n  server's log    ", (int)w->name.n, w->name.p,
           w->meetings);
    if (!w->size || pl_note_signature_parse(w->line, &s) != PL_OK) {
        puts("nothing yet");
        return;
    }
    time_t seconds = (time_t)pl_get_u64(s.bytes);
    struct tm utc;
    if (gmtime_r(&seconds, &utc))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &utc);
    printf("up to event %" PRIu64 ", on %s\n", w->size, when);
}

static bool print_witnesses(const struct pl_cli_keeping *config)
{
    char path[PATH_SIZE], why[200];
    struct pl_store *store;
    size_t n = 0;
    if (!path_in(config->data, "parley.db", path))
        return false;
    if (pl_store_open_read(path, pl_entropy(), &store, why) != PL_OK)
        return pl_complain("%s", why);
    bool good = pl_store_witnesses(store, print_witness, &n) == PL_OK ||
                pl_complain("%s: the cosignatures cannot be read", path);
    if (good && n == 0)
        puts("No witness elsewhere has cosigned anything.");
    pl_store_close(store);
    return good && fflush(stdout) == 0;
}

bool pl_key_command(const struct pl_cli_keeping *config)
{
    struct pl_record_key key;
    if (strcmp(config->action, "rotate") == 0)
        return rotate(config);
    if (strcmp(config->action, "witnesses") == 0)
        return print_witnesses(config);
    if (!read_key(config, &key))
        return false;
    bool good =
        strcmp(config->action, "show") == 0 ? print_key(&key.id) : back_up_key(config, &key);
    pl_wipe(&key, sizeof key);
    return good;
}

/* The store */

bool pl_backup(const struct pl_cli_keeping *config)
{
    char path[PATH_SIZE], why[200];
    if (!path_in(config->data, "parley.db", path))
        return false;
    return pl_db_copy(path, config->file, why) == PL_OK || pl_complain("%s", why);
}

bool pl_restore(const struct pl_cli_keeping *config)
{
    const struct pl_random random = pl_entropy();
    struct pl_data *data;
    char why[PL_DATA_WHY_SIZE];
    if (pl_data_open(config->data, random, &data, why) != PL_OK)
        return pl_complain("%s", why);
    bool good = access(pl_data_store_path(data), F_OK) != 0 ||
                pl_complain("%s: there are meetings in it already", config->data);
    good = good && (pl_db_copy(config->file, pl_data_store_path(data), why) == PL_OK ||
                    pl_complain("%s", why));
    if (good && access(pl_data_key_path(data), F_OK) != 0)
        printf("There is no record.key in %s. Put the one that signed these records there: without "
               "it\nthe server does not start.\n",
               config->data);
    pl_data_close(data);
    return good;
}
