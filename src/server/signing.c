/* See signing.h. */
#include "server/signing.h"
#include "server/complain.h"

#include "base/bytes.h"

#include <string.h>

static enum pl_err ask(struct pl_signing *s, struct pl_buf *request, struct pl_buf *answer,
                       struct pl_str *rest)
{
    enum pl_err said = PL_EIO;
    enum pl_err e = request->failed ? PL_ENOMEM : PL_OK;
    if (!e)
        e = s->ask(s->ctx, (struct pl_str){request->data, request->len}, answer);
    if (!e &&
        !pl_keyholder_read((struct pl_str){answer->data, answer->len}, s->number, &said, rest))
        e = PL_EIO;
    pl_buf_free(request);
    return e ? e : said;
}

enum pl_err pl_signing_open(struct pl_signing *s,
                            enum pl_err (*way)(void *ctx, struct pl_str request,
                                               struct pl_buf *answer),
                            void *ctx, uint64_t number)
{
    struct pl_buf request = {0}, answer = {0};
    struct pl_str rest = {0};
    *s = (struct pl_signing){.ask = way, .ctx = ctx, .number = number};
    pl_keyholder_who(&request, ++s->number);
    enum pl_err e = ask(s, &request, &answer, &rest);
    if (!e && (rest.n <= PL_PUBLIC_KEY_SIZE || rest.n - PL_PUBLIC_KEY_SIZE >= sizeof s->id.name))
        e = PL_EINVAL;
    if (!e) {
        memcpy(s->id.public, rest.p, PL_PUBLIC_KEY_SIZE);
        memcpy(s->id.name, rest.p + PL_PUBLIC_KEY_SIZE, rest.n - PL_PUBLIC_KEY_SIZE);
    }
    pl_buf_free(&answer);
    return e;
}

static enum pl_err ask_here(void *ctx, struct pl_str request, struct pl_buf *answer)
{
    (void)pl_keyholder_answer(ctx, request, answer); /* what it says stands in the answer */
    return answer->failed ? PL_ENOMEM : PL_OK;
}

enum pl_err pl_signing_local(struct pl_signing *s, struct pl_keyholder *keyholder)
{
    return pl_signing_open(s, ask_here, keyholder, 0);
}

static enum pl_err known(struct pl_signing *s, const struct pl_keyholder_log *log)
{
    struct pl_buf request = {0}, answer = {0};
    struct pl_str rest;
    pl_keyholder_known(&request, ++s->number, log);
    enum pl_err e = ask(s, &request, &answer, &rest);
    pl_buf_free(&answer);
    return e;
}

static enum pl_err tell(void *ctx, struct pl_str log, struct pl_str bytes)
{
    struct pl_note note;
    struct pl_checkpoint c;
    if (pl_note_parse(bytes, &note) || pl_checkpoint_parse(note.text, &c))
        return PL_OK; /* its meeting is not started either */
    const struct pl_keyholder_log last = {log, c.size, c.root};
    return known(ctx, &last);
}

enum pl_err pl_signing_tell(struct pl_signing *s, struct pl_store *store)
{
    return pl_store_last_checkpoints(store, tell, s);
}

/* Once; *from is where the proof has to begin, if the error is PL_ESTATE. */
static enum pl_err sign(struct pl_signing *s, const struct pl_keyholder_log *log,
                        const struct pl_merkle *tree, uint64_t *from, struct pl_buf *note)
{
    struct pl_buf request = {0}, answer = {0};
    struct pl_str rest = {0};
    struct pl_proof proof = {.n = 0};
    if (*from)
        pl_merkle_consistency(tree, *from, log->size, &proof);
    pl_keyholder_sign(&request, ++s->number, log, *from, &proof);
    enum pl_err e = ask(s, &request, &answer, &rest);
    if (!e)
        pl_buf_add(note, rest.p, rest.n);
    else if (e == PL_ESTATE && rest.n == sizeof *from)
        *from = pl_get_u64((const uint8_t *)rest.p);
    pl_buf_free(&answer);
    return e ? e : note->failed ? PL_ENOMEM : PL_OK;
}

enum pl_err pl_signing_checkpoint(struct pl_signing *s, struct pl_str log,
                                  const struct pl_merkle *tree, uint64_t size, uint64_t from,
                                  struct pl_buf *note)
{
    const struct pl_keyholder_log wanted = {log, size, pl_merkle_root(tree, size)};
    enum pl_err e = sign(s, &wanted, tree, &from, note);
    if (e == PL_ESTATE && from <= size)
        e = sign(s, &wanted, tree, &from, note);
    if (e == PL_ESTATE || e == PL_EINVAL)
        e = PL_EAUTH;
    if ((e == PL_EAUTH || e == PL_ELIMIT) && !s->refused)
        s->refused = !pl_complain("checkpoints of %.*s are not signed: %s", (int)log.n, log.p,
                                  e == PL_EAUTH ? "they do not continue what was signed"
                                                : "there are too many meetings");
    return e;
}
