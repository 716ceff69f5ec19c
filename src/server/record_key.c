/* See record_key.h. */
#include "server/record_key.h"

#include "crypto/hash.h"
#include "io/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 1024 /* bytes of the file, far more than a key takes */

/* "https://HOST:PORT", "https://[::1]". */
static struct pl_str host_of(const char *url)
{
    const char *at = strstr(url, "://");
    struct pl_str rest = pl_str(at ? at + 3 : url);
    if (rest.n && rest.p[0] == '[') {
        struct pl_str inside = {rest.p + 1, rest.n - 1};
        return pl_str_split(&inside, ']');
    }
    return pl_str_split(&rest, ':');
}

void pl_record_key_make(struct pl_record_key *out, const char *url, const struct pl_random *random)
{
    struct pl_str host = host_of(url);
    if (!pl_note_name_ok(host) || pl_str_copy(host, out->id.name, sizeof out->id.name))
        snprintf(out->id.name, sizeof out->id.name, "%s", PL_RECORD_NAME_DEFAULT);
    for (char *c = out->id.name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    random->fill(random->ctx, out->seed, sizeof out->seed);
    pl_ed25519_public(out->seed, out->id.public);
}

enum pl_err pl_record_key_read(const char *path, struct pl_record_key *out,
                               char why[PL_RECORD_KEY_WHY_SIZE])
{
    struct pl_buf text = {0};
    struct pl_record_key key;
    struct pl_str name;
    enum pl_err err = pl_file_read(path, FILE_MAX, &text);
    struct pl_str line = {text.data, text.len};
    if (line.n && line.p[line.n - 1] == '\n')
        line.n--;
    if (err == PL_OK || err == PL_ELIMIT) {
        bool good = err == PL_OK && pl_skey_parse(line, &name, key.seed) == PL_OK &&
                    pl_str_copy(name, key.id.name, sizeof key.id.name) == PL_OK;
        err = good ? PL_OK : PL_EINVAL;
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.200s: not the key of records", path);
    } else {
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.200s: %s", path,
                 err == PL_ENOMEM ? "no memory" : strerror(err == PL_ENOENT ? ENOENT : errno));
    }
    if (err == PL_OK) {
        pl_ed25519_public(key.seed, key.id.public);
        *out = key;
    }
    pl_wipe(&key, sizeof key);
    if (text.data)
        pl_wipe(text.data, text.len);
    pl_buf_free(&text);
    return err;
}

enum pl_err pl_record_key_write(const char *path, const struct pl_record_key *key,
                                char why[PL_RECORD_KEY_WHY_SIZE])
{
    struct pl_buf text = {0};
    pl_skey_print(&text, pl_str(key->id.name), key->seed);
    pl_buf_puts(&text, "\n");
    enum pl_err err = text.failed ? PL_ENOMEM : pl_file_write(path, text.data, text.len, 0600);
    if (err)
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.200s: not writable: %s", path,
                 err == PL_EIO      ? strerror(errno)
                 : err == PL_ETRUNC ? "the name is too long"
                                    : "no memory");
    if (text.data)
        pl_wipe(text.data, text.len);
    pl_buf_free(&text);
    return err;
}

enum pl_err pl_record_key_open(const char *path, const char *url, const struct pl_random *random,
                               struct pl_record_key *out, char why[PL_RECORD_KEY_WHY_SIZE])
{
    enum pl_err err = pl_record_key_read(path, out, why);
    if (err != PL_ENOENT)
        return err;
    struct pl_record_key key;
    pl_record_key_make(&key, url, random);
    err = pl_record_key_write(path, &key, why);
    if (err == PL_OK)
        *out = key;
    pl_wipe(&key, sizeof key);
    return err;
}

/* "NAME+ID+BASE64" */
static void print_vkey(const struct pl_record_key *key, struct pl_buf *out)
{
    const struct pl_vkey vkey = pl_record_vkey(&key->id, pl_str(key->id.name));
    pl_vkey_print(out, &vkey);
}

enum pl_err pl_record_key_rotate(const struct pl_record_key *old, const struct pl_random *random,
                                 struct pl_record_key *out, struct pl_buf *note)
{
    struct pl_buf text = {0};
    pl_record_key_make(out, "", random);
    memcpy(out->id.name, old->id.name, sizeof out->id.name);
    pl_buf_printf(&text, PL_ROTATION_HEAD "%s\n", old->id.name);
    print_vkey(out, &text);
    pl_buf_puts(&text, "\n");
    if (!text.failed)
        pl_note_sign(note, (struct pl_str){text.data, text.len}, pl_str(old->id.name), old->seed);
    bool failed = text.failed || note->failed;
    pl_buf_free(&text);
    return failed ? PL_ENOMEM : PL_OK;
}

/* Is this the rotation to this key? */
static bool brings(struct pl_str rotation, const struct pl_record_key *key)
{
    struct pl_note note;
    struct pl_buf end = {0};
    if (!rotation.p || pl_note_parse(rotation, &note))
        return false;
    pl_buf_printf(&end, PL_ROTATION_HEAD "%s\n", key->id.name);
    print_vkey(key, &end);
    pl_buf_puts(&end, "\n");
    bool same =
        !end.failed && end.len == note.text.n && memcmp(end.data, note.text.p, note.text.n) == 0;
    pl_buf_free(&end);
    return same;
}

enum pl_err pl_record_key_settle(const char *path, struct pl_str last,
                                 char why[PL_RECORD_KEY_WHY_SIZE])
{
    char next[1024];
    struct pl_record_key key;
    int n = snprintf(next, sizeof next, "%s" PL_RECORD_KEY_NEXT, path);
    if (n < 0 || (size_t)n >= sizeof next) {
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.200s: the name is too long", path);
        return PL_EIO;
    }
    enum pl_err err = pl_record_key_read(next, &key, why);
    if (err == PL_ENOENT)
        return PL_OK;
    if (err == PL_OK && brings(last, &key))
        err = pl_record_key_write(path, &key, why);
    pl_wipe(&key, sizeof key);
    if (err == PL_OK && unlink(next) != 0) {
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.200s: %s", next, strerror(errno));
        err = PL_EIO;
    }
    return err;
}

struct pl_vkey pl_record_vkey(const struct pl_record_id *id, struct pl_str name)
{
    return pl_vkey(name, PL_NOTE_ED25519, id->public);
}
