/* See witness_ask.h. */
#include "server/witness_ask.h"

#include "crypto/hash.h"
#include "io/fetch.h"
#include "record/checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TRIES 4 /* it may say another size each time, if others ask it too */
#define URL_SIZE 300

struct asking {
    const struct pl_witness_request *r;
    struct pl_witness_answer *out;
    bool own; /* the server's own log */
    struct pl_merkle tree;
    uint64_t size, before;       /* of the checkpoint, and of the last one that it cosigned */
    struct pl_buf bytes, answer; /* the checkpoint, and what the witness says */
    struct pl_note note;
};

static bool end(struct asking *a, enum pl_witness_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Always false: it is over. */
static bool end(struct asking *a, enum pl_witness_outcome outcome, const char *format, ...)
{
    va_list args;
    a->out->outcome = outcome;
    va_start(args, format);
    vsnprintf(a->out->why, sizeof a->out->why, format, args);
    va_end(args);
    return false;
}

/* The URL up to its path, and the path. */
static bool split_url(const char *url, char origin[URL_SIZE], char path[URL_SIZE])
{
    const char *host = strstr(url, "://");
    size_t n = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/") : strlen(url);
    size_t rest = strlen(url + n);
    while (rest && url[n + rest - 1] == '/')
        rest--;
    int made = snprintf(path, URL_SIZE, "%.*s/add-checkpoint", (int)rest, url + n);
    return pl_str_copy((struct pl_str){url, n}, origin, URL_SIZE) == PL_OK && made < URL_SIZE;
}

static bool is_here(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           strncmp(host, "127.", 4) == 0;
}

bool pl_witness_url_ok(const char *url)
{
    char origin[URL_SIZE], path[URL_SIZE];
    struct pl_fetch_origin o;
    if (!split_url(url, origin, path) || pl_fetch_origin(origin, &o) ||
        (!o.tls && !is_here(o.host)))
        return false;
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || strchr("?#\"<>", *c))
            return false;
    return true;
}

/* The log */

static enum pl_err add_leaf(void *ctx, uint64_t number, struct pl_str bytes)
{
    struct pl_merkle *t = ctx;
    struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
    return number == t->size + 1 ? pl_merkle_add(t, &leaf) : PL_EIO;
}

static enum pl_err read_log(struct asking *a)
{
    struct pl_store *s = a->r->store;
    struct pl_str log = pl_str(a->r->log);
    enum pl_err e = a->own ? pl_store_log_checkpoint(s, &a->size, &a->bytes)
                           : pl_store_checkpoint(s, log, &a->size, &a->bytes);
    if (!e)
        e = pl_store_witnessed(s, a->own ? (struct pl_str){0} : log, a->r->witness->name,
                               &a->before);
    if (!e && a->before == a->size)
        return PL_ENOENT;
    if (!e)
        e = a->own ? pl_store_log(s, 0, add_leaf, &a->tree)
                   : pl_store_events(s, log, add_leaf, &a->tree);
    return e;
}

static bool read_all(struct asking *a)
{
    enum pl_err e = read_log(a);
    if (e == PL_ENOENT)
        a->out->size = a->before;
    if (e == PL_ENOENT)
        return end(a, PL_WITNESS_NOTHING,
                   a->before ? "It cosigned the last checkpoint of %s already."
                             : "Nothing of %s is signed yet.",
                   a->r->log);
    if (!e)
        e = pl_note_parse((struct pl_str){a->bytes.data, a->bytes.len}, &a->note);
    if (e || a->size == 0 || a->size > a->tree.size || a->before > a->size)
        return end(a, PL_WITNESS_FAILED, "The record of %s cannot be read.", a->r->log);
    a->out->size = a->size;
    return true;
}

/* Asking */

/* The size that the witness knows, the proof from there, and the checkpoint. */
static void request(const struct asking *a, uint64_t old, struct pl_buf *body)
{
    struct pl_proof proof = {.n = 0};
    if (old)
        pl_merkle_consistency(&a->tree, old, a->size, &proof);
    pl_buf_printf(body, "old %llu\n", (unsigned long long)old);
    for (size_t i = 0; i < proof.n; i++) {
        char text[4 * ((PL_SHA256_SIZE + 2) / 3) + 1];
        pl_base64(proof.hashes[i].bytes, PL_SHA256_SIZE, text);
        pl_buf_printf(body, "%s\n", text);
    }
    pl_buf_puts(body, "\n");
    pl_buf_add(body, a->bytes.data, a->bytes.len);
}

static bool submit(struct asking *a, uint64_t old, unsigned *status)
{
    char origin[URL_SIZE], path[URL_SIZE], why[PL_FETCH_WHY_SIZE];
    struct pl_buf body = {0};
    if (!split_url(a->r->url, origin, path))
        return end(a, PL_WITNESS_REFUSED, "%.100s: too long", a->r->url);
    request(a, old, &body);
    const struct pl_fetch f = {.origin = origin,
                               .method = "POST",
                               .path = path,
                               .type = "text/plain; charset=utf-8",
                               .body = {body.data, body.len},
                               .seconds = PL_WITNESS_SECONDS,
                               .stop = a->r->stop};
    pl_buf_clear(&a->answer);
    enum pl_err e = body.failed ? PL_ENOMEM : pl_fetch(&f, status, &a->answer, why);
    bool no_memory = body.failed;
    pl_buf_free(&body);
    if (no_memory)
        return end(a, PL_WITNESS_FAILED, "There is no memory left.");
    return e == PL_OK || end(a, PL_WITNESS_AWAY, "%s", why);
}

/* The witness's line, if there is a good one. */
static bool take_line(struct asking *a)
{
    struct pl_str rest = {a->answer.data, a->answer.len};
    while (rest.n) {
        struct pl_str line = pl_str_split(&rest, '\n');
        if (pl_cosignature_verify(line, a->note.text, a->r->witness, &a->out->time_s) != PL_OK)
            continue;
        pl_buf_add(&a->out->line, line.p, line.n);
        if (a->out->line.failed)
            return end(a, PL_WITNESS_FAILED, "There is no memory left.");
        a->out->outcome = PL_WITNESS_COSIGNED;
        return true;
    }
    return end(a, PL_WITNESS_REFUSED, "%s: the answer holds no cosignature by this witness.",
               a->r->url);
}

/* What its keeper has to be told. */
static bool unknown(struct asking *a)
{
    char origin[PL_RECORD_ORIGIN_SIZE];
    struct pl_buf text = {0};
    pl_record_origin(a->r->key->name, pl_str(a->r->log), origin);
    const struct pl_vkey vkey = pl_record_vkey(a->r->key, pl_str(origin));
    pl_vkey_print(&text, &vkey);
    end(a, PL_WITNESS_UNKNOWN, "%s: the witness does not know this log, whose key is %s", a->r->url,
        text.failed ? "" : text.data);
    pl_buf_free(&text);
    return false;
}

/* A conflict tells the size that the witness knows: from there it goes on. False: it is over. */
static bool take_size(struct asking *a, uint64_t *old)
{
    struct pl_str said = {a->answer.data, a->answer.len};
    uint64_t size;
    if (said.n)
        said.n -= said.p[said.n - 1] == '\n';
    if (pl_parse_u64(said, PL_MERKLE_SIZE_MAX, &size))
        return end(a, PL_WITNESS_REFUSED, "%s: the answer is no size.", a->r->url);
    if (size > a->size)
        return end(a, PL_WITNESS_REFUSED,
                   "%s: the witness saw %llu events of %s, and there are %llu: this record was set "
                   "back.",
                   a->r->url, (unsigned long long)size, a->r->log, (unsigned long long)a->size);
    if (size == *old)
        return end(a, PL_WITNESS_REFUSED, "%s: the witness saw another history of %s.", a->r->url,
                   a->r->log);
    *old = size;
    return true;
}

static bool converse(struct asking *a)
{
    uint64_t old = a->before;
    unsigned status = 0;
    for (int tries = 0; tries < TRIES; tries++) {
        if (!submit(a, old, &status))
            return false;
        if (status != 409)
            break;
        if (!take_size(a, &old))
            return false;
    }
    if (status == 200)
        return take_line(a);
    if (status == 403 || status == 404)
        return unknown(a);
    if (status == 422)
        return end(a, PL_WITNESS_REFUSED, "%s: the witness saw another history of %s.", a->r->url,
                   a->r->log);
    return end(a, status == 400 ? PL_WITNESS_REFUSED : PL_WITNESS_AWAY,
               "%s: the witness answers %u.", a->r->url, status);
}

void pl_witness_ask(const struct pl_witness_request *r, struct pl_witness_answer *out)
{
    struct asking a = {.r = r, .out = out, .own = strcmp(r->log, PL_RECORD_LOG) == 0};
    *out = (struct pl_witness_answer){0};
    if (read_all(&a))
        converse(&a);
    pl_merkle_free(&a.tree);
    pl_buf_free(&a.bytes);
    pl_buf_free(&a.answer);
}
