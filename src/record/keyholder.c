/* See keyholder.h. */
#include "record/keyholder.h"

#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log {
    char name[PL_KEYHOLDER_LOG_MAX];
    uint64_t size;
    struct pl_hash root;
};

void pl_keyholder_init(struct pl_keyholder *s, struct pl_str name, const uint8_t *seed,
                       const struct pl_random *random)
{
    *s = (struct pl_keyholder){.seed = seed, .logs_max = PL_KEYHOLDER_LOGS_MAX};
    size_t n = name.n < sizeof s->name ? name.n : sizeof s->name - 1;
    memcpy(s->name, name.p, n);
    pl_ed25519_public(seed, s->public);
    pl_map_init(&s->logs, random);
}

void pl_keyholder_free(struct pl_keyholder *s)
{
    size_t at = 0;
    void *log;
    while ((log = pl_map_next(&s->logs, &at)))
        free(log);
    pl_map_free(&s->logs);
}

void pl_record_origin(const char *name, struct pl_str log, char out[PL_RECORD_ORIGIN_SIZE])
{
    int n = (int)(log.n < PL_KEYHOLDER_LOG_MAX ? log.n : PL_KEYHOLDER_LOG_MAX);
    snprintf(out, PL_RECORD_ORIGIN_SIZE, "%s/%.*s", name, n, log.p);
}

/* --- Requests --- */

struct request {
    uint64_t number;
    uint8_t kind;
    struct pl_keyholder_log log;
    uint64_t from;
    struct pl_proof proof;
};

/* Of a meeting's id, or the server's own log: nothing that could end a line or a name. */
static bool is_log(struct pl_str name)
{
    if (name.n == 0 || name.n > PL_KEYHOLDER_LOG_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '-' && c != '_')
            return false;
    }
    return true;
}

static bool read_hash(struct pl_reader *r, struct pl_hash *out)
{
    const uint8_t *p = pl_read_bytes(r, sizeof out->bytes);
    if (p)
        memcpy(out->bytes, p, sizeof out->bytes);
    return p != NULL;
}

static bool read_log(struct pl_reader *r, struct pl_keyholder_log *out)
{
    out->log.n = pl_read_u8(r);
    out->log.p = (const char *)pl_read_bytes(r, out->log.n);
    out->size = pl_read_u64(r);
    return read_hash(r, &out->root) && is_log(out->log) && out->size > 0 &&
           out->size <= PL_MERKLE_SIZE_MAX;
}

static bool read_proof(struct pl_reader *r, struct request *out)
{
    out->from = pl_read_u64(r);
    if (pl_reader_left(r) > sizeof out->proof.hashes)
        return false;
    while (pl_reader_left(r) > 0)
        if (!read_hash(r, &out->proof.hashes[out->proof.n++]))
            return false;
    return true;
}

static enum pl_err parse(struct pl_str bytes, struct request *out)
{
    struct pl_reader r = pl_reader(bytes.p, bytes.n);
    out->number = pl_read_u64(&r);
    out->kind = pl_read_u8(&r);
    out->proof.n = 0;
    bool good =
        out->kind == PL_KEYHOLDER_WHO ||
        ((out->kind == PL_KEYHOLDER_KNOWN || out->kind == PL_KEYHOLDER_SIGN) &&
         read_log(&r, &out->log) && (out->kind == PL_KEYHOLDER_KNOWN || read_proof(&r, out)));
    return good && !r.bad && pl_reader_left(&r) == 0 ? PL_OK : PL_EINVAL;
}

/* --- What may be signed --- */

static enum pl_err add(struct pl_keyholder *s, const struct pl_keyholder_log *l)
{
    if (s->logs.len >= s->logs_max)
        return PL_ELIMIT;
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return PL_ENOMEM;
    memcpy(log->name, l->log.p, l->log.n);
    log->size = l->size;
    log->root = l->root;
    enum pl_err e = pl_map_put(&s->logs, log->name, l->log.n, log);
    if (e)
        free(log);
    return e;
}

static enum pl_err know(struct pl_keyholder *s, const struct pl_keyholder_log *l)
{
    const struct log *log = pl_map_get(&s->logs, l->log.p, l->log.n);
    if (log)
        return log->size == l->size && pl_hash_eq(&log->root, &l->root) ? PL_OK : PL_EEXIST;
    return s->begun ? PL_ESTATE : add(s, l);
}

/* Does it continue what was signed of this log? */
static enum pl_err judge(const struct log *log, const struct request *q)
{
    if (q->from != log->size)
        return PL_ESTATE;
    return pl_merkle_consistent(q->from, &log->root, q->log.size, &q->log.root, q->proof.hashes,
                                q->proof.n)
               ? PL_OK
               : PL_EAUTH;
}

static enum pl_err sign(struct pl_keyholder *s, const struct request *q, struct pl_buf *answer)
{
    char origin[PL_RECORD_ORIGIN_SIZE];
    struct pl_buf note = {0};
    struct log *log = pl_map_get(&s->logs, q->log.log.p, q->log.log.n);
    enum pl_err e = log              ? judge(log, q)
                    : q->from > 0    ? PL_ESTATE
                    : q->proof.n > 0 ? PL_EAUTH
                                     : add(s, &q->log);
    if (e)
        return e;
    if (log) {
        log->size = q->log.size;
        log->root = q->log.root;
    }
    s->begun = true;
    pl_record_origin(s->name, q->log.log, origin);
    const struct pl_checkpoint c = {pl_str(origin), q->log.size, q->log.root};
    pl_checkpoint_sign(&note, &c, s->seed);
    pl_buf_add(answer, note.data, note.len);
    e = note.failed ? PL_ENOMEM : PL_OK;
    pl_buf_free(&note);
    return e;
}

/* What is told of the log that is asked for in vain. */
static void put_size(const struct pl_keyholder *s, const struct request *q, struct pl_buf *answer)
{
    uint8_t size[8];
    const struct log *log = pl_map_get(&s->logs, q->log.log.p, q->log.log.n);
    pl_put_u64(size, log ? log->size : 0);
    pl_buf_add(answer, size, sizeof size);
}

enum pl_err pl_keyholder_answer(struct pl_keyholder *s, struct pl_str request,
                                struct pl_buf *answer)
{
    struct request q;
    struct pl_buf about = {0};
    uint8_t head[9];
    enum pl_err e = parse(request, &q);
    if (!e && q.kind == PL_KEYHOLDER_WHO) {
        pl_buf_add(&about, s->public, sizeof s->public);
        pl_buf_puts(&about, s->name);
    } else if (!e) {
        e = q.kind == PL_KEYHOLDER_KNOWN ? know(s, &q.log) : sign(s, &q, &about);
        if (e == PL_ESTATE && q.kind == PL_KEYHOLDER_SIGN)
            put_size(s, &q, &about);
    }
    if (about.failed)
        e = PL_ENOMEM;
    pl_put_u64(head, request.n >= sizeof q.number ? q.number : 0);
    head[8] = (uint8_t)e;
    pl_buf_add(answer, head, sizeof head);
    pl_buf_add(answer, about.data, about.len);
    pl_buf_free(&about);
    return e;
}

/* --- The other side --- */

static void begin(struct pl_buf *out, uint64_t number, enum pl_keyholder_kind kind)
{
    uint8_t head[9];
    pl_put_u64(head, number);
    head[8] = (uint8_t)kind;
    pl_buf_add(out, head, sizeof head);
}

static void put_log(struct pl_buf *out, const struct pl_keyholder_log *l)
{
    const uint8_t n = (uint8_t)l->log.n;
    uint8_t size[8];
    pl_put_u64(size, l->size);
    pl_buf_add(out, &n, 1);
    pl_buf_add(out, l->log.p, l->log.n);
    pl_buf_add(out, size, sizeof size);
    pl_buf_add(out, l->root.bytes, sizeof l->root.bytes);
}

void pl_keyholder_who(struct pl_buf *out, uint64_t number)
{
    begin(out, number, PL_KEYHOLDER_WHO);
}

void pl_keyholder_known(struct pl_buf *out, uint64_t number, const struct pl_keyholder_log *log)
{
    begin(out, number, PL_KEYHOLDER_KNOWN);
    put_log(out, log);
}

void pl_keyholder_sign(struct pl_buf *out, uint64_t number, const struct pl_keyholder_log *log,
                       uint64_t from, const struct pl_proof *proof)
{
    uint8_t begins[8];
    pl_put_u64(begins, from);
    begin(out, number, PL_KEYHOLDER_SIGN);
    put_log(out, log);
    pl_buf_add(out, begins, sizeof begins);
    pl_buf_add(out, proof->hashes, proof->n * sizeof proof->hashes[0]);
}

bool pl_keyholder_read(struct pl_str answer, uint64_t number, enum pl_err *err, struct pl_str *rest)
{
    struct pl_reader r = pl_reader(answer.p, answer.n);
    uint64_t of = pl_read_u64(&r);
    uint8_t e = pl_read_u8(&r);
    if (r.bad || of != number || e > PL_EUNSUPPORTED)
        return false;
    *err = (enum pl_err)e;
    *rest = (struct pl_str){(const char *)r.p, pl_reader_left(&r)};
    return true;
}
