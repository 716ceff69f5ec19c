/* See minutes_command.h. */
#include "server/minutes_command.h"
#include "server/complain.h"

#include "crypto/hash.h"
#include "io/entropy.h"
#include "record/checkpoint.h"
#include "server/minutes_read.h"
#include "server/record_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct job {
    const struct pl_cli_minutes *config;
    struct pl_random random;
    struct pl_record_key key;
    struct pl_store *store;
    struct pl_definition *definition, *made; /* as it is now, and as it was made */
    struct pl_minutes *minutes;
    struct pl_buf out;
};

static bool open_data(struct job *j)
{
    char path[1024], why[PL_RECORD_KEY_WHY_SIZE];
    int n = snprintf(path, sizeof path, "%s/record.key", j->config->data);
    if (n < 0 || (size_t)n >= sizeof path)
        return pl_complain("--data %.100s: the name is too long", j->config->data);
    if (pl_record_key_read(path, &j->key, why) != PL_OK)
        return pl_complain("%s", why);
    snprintf(path, sizeof path, "%s/parley.db", j->config->data);
    return pl_store_open_read(path, j->random, &j->store, why) == PL_OK || pl_complain("%s", why);
}

static bool read_minutes(struct job *j)
{
    struct pl_str meeting = pl_str(j->config->meeting);
    enum pl_err e = pl_store_get(j->store, meeting, &j->definition, NULL);
    if (e == PL_ENOENT)
        return pl_complain("there is no meeting %.40s in %s", j->config->meeting, j->config->data);
    if (!e)
        e = pl_store_made(j->store, meeting, &j->made);
    if (!e)
        e = pl_minutes_read(j->store, meeting, j->made, j->definition, &j->random, &j->minutes);
    return e == PL_OK ||
           pl_complain("the record of meeting %s cannot be read: %s", j->config->meeting,
                       e == PL_ENOMEM ? "no memory" : "the database is damaged");
}

static bool write_text(struct job *j)
{
    enum pl_err e =
        pl_minutes_read_adopted(j->store, pl_str(j->config->meeting), j->config->language, &j->out);
    if (e == PL_ENOENT)
        pl_minutes_text(j->minutes, j->config->language, &j->out);
    else if (e)
        return pl_complain("the adopted minutes cannot be read");
    return true;
}

/* Where the record is verified: at --public-url, else at the name that the key was given. */
static void page_of(const struct job *j, char out[PL_PUBLIC_URL_SIZE + 8])
{
    if (j->config->public_url[0])
        snprintf(out, PL_PUBLIC_URL_SIZE + 8, "%s/verify", j->config->public_url);
    else if (strcmp(j->key.id.name, PL_RECORD_NAME_DEFAULT) != 0)
        snprintf(out, PL_PUBLIC_URL_SIZE + 8, "https://%s/verify", j->key.id.name);
    else
        out[0] = 0;
}

/* False: there is no checkpoint. */
static bool last_checkpoint(const struct job *j, struct pl_checkpoint *out)
{
    struct pl_buf bytes = {0};
    struct pl_note note;
    uint64_t size;
    bool good = pl_store_checkpoint(j->store, pl_str(j->config->meeting), &size, &bytes) == PL_OK &&
                pl_note_parse((struct pl_str){bytes.data, bytes.len}, &note) == PL_OK &&
                pl_checkpoint_parse(note.text, out) == PL_OK;
    pl_buf_free(&bytes);
    out->origin = (struct pl_str){0}; /* it was in these bytes */
    return good;
}

static bool write_html(struct job *j)
{
    char page[PL_PUBLIC_URL_SIZE + 8], origin[PL_RECORD_ORIGIN_SIZE];
    struct pl_checkpoint checkpoint;
    struct pl_buf vkey = {0};
    bool proven = last_checkpoint(j, &checkpoint);
    page_of(j, page);
    pl_record_origin(j->key.id.name, pl_str(j->config->meeting), origin);
    const struct pl_vkey key = pl_record_vkey(&j->key.id, pl_str(origin));
    pl_vkey_print(&vkey, &key);
    const struct pl_minutes_proof proof = {
        .page = page,
        .origin = origin,
        .size = checkpoint.size,
        .root = checkpoint.root.bytes,
        .key = j->key.id.public,
        .vkey = vkey.failed ? "" : vkey.data,
    };
    pl_minutes_html(j->minutes, j->config->language, proven ? &proof : NULL, &j->out);
    j->out.failed |= vkey.failed;
    pl_buf_free(&vkey);
    return true;
}

bool pl_minutes_command(const struct pl_cli_minutes *config)
{
    struct job j = {.config = config, .random = pl_entropy()};
    bool good =
        open_data(&j) && read_minutes(&j) && (config->html ? write_html(&j) : write_text(&j));
    if (good && j.out.failed)
        good = pl_complain("no memory");
    if (good && (fwrite(j.out.data, 1, j.out.len, stdout) != j.out.len || fflush(stdout) != 0))
        good = pl_complain("standard output: %s", strerror(errno));
    pl_minutes_free(j.minutes);
    pl_definition_free(j.definition);
    pl_definition_free(j.made);
    pl_store_close(j.store);
    pl_buf_free(&j.out);
    pl_wipe(&j.key, sizeof j.key);
    return good;
}
