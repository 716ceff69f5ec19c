/* See witness.h. */
#include "server/witness.h"
#include "server/complain.h"

#include "crypto/hash.h"
#include "io/entropy.h"
#include "io/fetch.h"
#include "record/checkpoint.h"
#include "server/record_key.h"
#include "server/store.h"

#include <stdio.h>
#include <string.h>

struct witness {
    const struct pl_cli_witness *config;
    struct pl_vkey key;
    struct pl_store *store;
    struct pl_merkle tree;
    uint64_t size;
    struct pl_buf bytes, answer; /* the checkpoint, and what the witness says */
    struct pl_note note;
};

static enum pl_err add_leaf(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_merkle *t = ctx;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    return number == t->size + 1 ? pl_merkle_add(t, &leaf) : PL_EIO;
}

static bool read_record(struct witness *w)
{
    char path[1024], why[200];
    struct pl_str meeting = pl_str(w->config->meeting);
    int n = snprintf(path, sizeof path, "%s/parley.db", w->config->data);
    if (n < 0 || (size_t)n >= sizeof path)
        return pl_complain("--data %.100s: the name is too long", w->config->data);
    if (pl_store_open(path, pl_entropy(), &w->store, why) != PL_OK)
        return pl_complain("%s", why);
    enum pl_err e = pl_store_events(w->store, meeting, add_leaf, &w->tree);
    if (e == PL_ENOENT)
        return pl_complain("there is no meeting %.40s in %s", w->config->meeting, w->config->data);
    if (!e)
        e = pl_store_checkpoint(w->store, meeting, &w->size, &w->bytes);
    if (e == PL_ENOENT)
        return pl_complain("nothing of meeting %s is signed yet", w->config->meeting);
    if (!e)
        e = pl_note_parse((struct pl_str){w->bytes.data, w->bytes.len}, &w->note);
    return (!e && w->size && w->size <= w->tree.size) ||
           pl_complain("%s: the record cannot be read", path);
}

/* add-checkpoint: the size that the witness knows, the proof from there, and the checkpoint. */
static void request(const struct witness *w, uint64_t old, struct pl_buf *body)
{
    struct pl_proof proof = {.n = 0};
    if (old)
        pl_merkle_consistency(&w->tree, old, w->size, &proof);
    pl_buf_printf(body, "old %llu\n", (unsigned long long)old);
    for (size_t i = 0; i < proof.n; i++) {
        char text[4 * ((PL_SHA256_SIZE + 2) / 3) + 1];
        pl_base64(proof.hashes[i].bytes, PL_SHA256_SIZE, text);
        pl_buf_printf(body, "%s\n", text);
    }
    pl_buf_puts(body, "\n");
    pl_buf_add(body, w->bytes.data, w->bytes.len);
}

/* The URL up to its path, and the path. */
static bool split_url(const char *url, char origin[PL_PUBLIC_URL_SIZE],
                      char path[PL_PUBLIC_URL_SIZE])
{
    const char *host = strstr(url, "://");
    size_t n = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/") : strlen(url);
    size_t rest = strlen(url + n);
    while (rest && url[n + rest - 1] == '/')
        rest--;
    int made = snprintf(path, PL_PUBLIC_URL_SIZE, "%.*s/add-checkpoint", (int)rest, url + n);
    return pl_str_copy((struct pl_str){url, n}, origin, PL_PUBLIC_URL_SIZE) == PL_OK &&
           made < PL_PUBLIC_URL_SIZE;
}

static bool submit(struct witness *w, uint64_t old, unsigned *status)
{
    char origin[PL_PUBLIC_URL_SIZE], path[PL_PUBLIC_URL_SIZE], why[PL_FETCH_WHY_SIZE];
    struct pl_buf body = {0};
    if (!split_url(w->config->url, origin, path))
        return pl_complain("--url %.100s: too long", w->config->url);
    request(w, old, &body);
    const struct pl_fetch f = {.origin = origin,
                               .method = "POST",
                               .path = path,
                               .type = "text/plain; charset=utf-8",
                               .body = {body.data, body.len}};
    pl_buf_clear(&w->answer);
    bool good = body.failed
                    ? pl_complain("no memory")
                    : pl_fetch(&f, status, &w->answer, why) == PL_OK || pl_complain("%s", why);
    pl_buf_free(&body);
    return good;
}

/* The witness's line, if there is a good one, is kept. */
static bool keep(struct witness *w)
{
    struct pl_str rest = {w->answer.data, w->answer.len};
    while (rest.n) {
        struct pl_str line = pl_str_split(&rest, '\n');
        int64_t time_s;
        if (pl_cosignature_verify(line, w->note.text, &w->key, &time_s) != PL_OK)
            continue;
        const struct pl_store_signed put = {w->config->meeting, w->size, w->key.name, line};
        if (pl_store_put_signed(w->store, &put, 1) != PL_OK)
            return pl_complain("the cosignature cannot be kept");
        printf("%.*s cosigned the first %llu events of %s.\n", (int)w->key.name.n, w->key.name.p,
               (unsigned long long)w->size, w->config->meeting);
        return true;
    }
    return pl_complain("%s: the answer holds no cosignature by this witness", w->config->url);
}

/* What its keeper has to be told. */
static bool unknown(const struct witness *w)
{
    char path[1024], why[PL_RECORD_KEY_WHY_SIZE], origin[PL_RECORD_ORIGIN_SIZE];
    struct pl_record_key key;
    struct pl_buf text = {0};
    snprintf(path, sizeof path, "%s/record.key", w->config->data);
    if (pl_record_key_read(path, &key, why) != PL_OK)
        return pl_complain("%s", why);
    pl_record_origin(&key, w->config->meeting, origin);
    const struct pl_vkey vkey = pl_record_vkey(&key, pl_str(origin));
    pl_vkey_print(&text, &vkey);
    pl_complain("%s: the witness does not know this log, whose key is %s", w->config->url,
                text.failed ? "" : text.data);
    pl_buf_free(&text);
    pl_wipe(&key, sizeof key);
    return false;
}

static bool ask(struct witness *w)
{
    unsigned status;
    uint64_t old;
    if (!submit(w, 0, &status))
        return false;
    struct pl_str said = {w->answer.data, w->answer.len};
    if (status == 409 && said.n && said.p[said.n - 1] == '\n') {
        said.n--; /* it knows this log already, so far */
        if (pl_parse_u64(said, PL_MERKLE_SIZE_MAX, &old) || old == 0)
            return pl_complain("%s: the answer is no size", w->config->url);
        if (old > w->size)
            return pl_complain(
                "%s: the witness saw %llu events of %s, and there are %llu: this record was "
                "set back",
                w->config->url, (unsigned long long)old, w->config->meeting,
                (unsigned long long)w->size);
        if (!submit(w, old, &status))
            return false;
    }
    if (status == 403 || status == 404)
        return unknown(w);
    if (status == 409 || status == 422)
        return pl_complain("%s: the witness saw another history of %s", w->config->url,
                           w->config->meeting);
    if (status != 200)
        return pl_complain("%s: the witness answers %u", w->config->url, status);
    return keep(w);
}

bool pl_witness(const struct pl_cli_witness *config)
{
    struct witness w = {.config = config};
    bool good =
        pl_vkey_parse(pl_str(config->key), &w.key) == PL_OK && w.key.type == PL_NOTE_COSIGNATURE;
    good = (good || pl_complain("--key %.60s: not a witness's key", config->key)) &&
           read_record(&w) && ask(&w);
    pl_store_close(w.store);
    pl_merkle_free(&w.tree);
    pl_buf_free(&w.bytes);
    pl_buf_free(&w.answer);
    return good;
}
