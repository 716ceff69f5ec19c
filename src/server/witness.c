/* See witness.h. */
#include "server/witness.h"
#include "server/complain.h"

#include "crypto/hash.h"
#include "io/entropy.h"
#include "server/witness_ask.h"

#include <signal.h>
#include <stdio.h>

struct witness {
    const struct pl_cli_witness *config;
    struct pl_vkey vkey;
    struct pl_record_key key;
    struct pl_store *store;
    struct pl_witness_answer answer;
};

static bool open_data(struct witness *w)
{
    char path[1024], why[PL_RECORD_KEY_WHY_SIZE];
    const struct pl_cli_witness *c = w->config;
    struct pl_buf definition = {0};
    int n = snprintf(path, sizeof path, "%s/record.key", c->data);
    if (n < 0 || (size_t)n >= sizeof path)
        return pl_complain("--data %.100s: the name is too long", c->data);
    if (pl_record_key_read(path, &w->key, why) != PL_OK)
        return pl_complain("%s", why);
    snprintf(path, sizeof path, "%s/parley.db", c->data);
    if (pl_store_open_read(path, pl_entropy(), &w->store, why) != PL_OK)
        return pl_complain("%s", why);
    enum pl_err e = pl_store_definition(w->store, pl_str(c->meeting), &definition);
    pl_buf_free(&definition);
    return e != PL_ENOENT || pl_complain("there is no meeting %.40s in %s", c->meeting, c->data);
}

/* Only now, and the file is of this version, as it was read: nothing is made anew in it. */
static bool open_to_write(struct witness *w)
{
    char path[1024], why[PL_RECORD_KEY_WHY_SIZE];
    snprintf(path, sizeof path, "%s/parley.db", w->config->data);
    pl_store_close(w->store);
    w->store = NULL;
    return pl_store_open(path, pl_entropy(), &w->store, why) == PL_OK || pl_complain("%s", why);
}

static bool keep(struct witness *w)
{
    if (!open_to_write(w))
        return false;
    const struct pl_witness_answer *a = &w->answer;
    const struct pl_store_signed put = {
        w->config->meeting, a->size, w->vkey.name, {a->line.data, a->line.len}};
    if (pl_store_put_signed(w->store, &put, 1) != PL_OK)
        return pl_complain("the cosignature cannot be kept");
    printf("%.*s cosigned the first %llu events of %s.\n", (int)w->vkey.name.n, w->vkey.name.p,
           (unsigned long long)a->size, w->config->meeting);
    return true;
}

static bool ask(struct witness *w)
{
    const struct pl_witness_request request = {
        .store = w->store,
        .key = &w->key.id,
        .log = w->config->meeting,
        .url = w->config->url,
        .witness = &w->vkey,
    };
    pl_witness_ask(&request, &w->answer);
    if (w->answer.outcome == PL_WITNESS_COSIGNED)
        return keep(w);
    if (w->answer.outcome != PL_WITNESS_NOTHING || !w->answer.size)
        return pl_complain("%s", w->answer.why);
    return puts(w->answer.why) >= 0;
}

bool pl_witness(const struct pl_cli_witness *config)
{
    struct witness w = {.config = config};
    bool good =
        pl_vkey_parse(pl_str(config->key), &w.vkey) == PL_OK && w.vkey.type == PL_NOTE_COSIGNATURE;
    signal(SIGPIPE, SIG_IGN); /* a witness that hangs up is told as one */
    good = (good || pl_complain("--key %.60s: not a witness's key", config->key)) &&
           (pl_witness_url_ok(config->url) ||
            pl_complain("--url %.100s: not an address by https, or by http on this machine",
                        config->url)) &&
           open_data(&w) && ask(&w);
    pl_store_close(w.store);
    pl_buf_free(&w.answer.line);
    pl_wipe(&w.key, sizeof w.key);
    return good;
}
