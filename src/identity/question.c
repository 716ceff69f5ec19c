/* See question.h. */
#include "identity/question.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

#include <string.h>

#define SECRET_BYTES (PL_QUESTION_SIZE + 8) /* what was drawn, and until when it is good */

void pl_questions_begin(struct pl_questions *q, const struct pl_random *random)
{
    *q = (struct pl_questions){.n_used = 0};
    random->fill(random->ctx, q->key, sizeof q->key);
}

void pl_questions_end(struct pl_questions *q)
{
    pl_wipe(q->key, sizeof q->key);
}

/* Whoever has the secret does not have the challenge, nor the other way round. */
static void derive(const struct pl_questions *q, const uint8_t secret[SECRET_BYTES],
                   struct pl_str about, uint8_t challenge[PL_QUESTION_SIZE])
{
    pl_hkdf_sha256((struct pl_str){(const char *)q->key, sizeof q->key},
                   (struct pl_str){(const char *)secret, SECRET_BYTES}, about, challenge,
                   PL_QUESTION_SIZE);
}

void pl_question_ask(const struct pl_questions *q, const struct pl_random *random,
                     struct pl_str about, pl_time_us now, char secret[PL_QUESTION_SECRET_SIZE],
                     uint8_t challenge[PL_QUESTION_SIZE])
{
    uint8_t bytes[SECRET_BYTES];
    random->fill(random->ctx, bytes, PL_QUESTION_SIZE);
    pl_put_u64(bytes + PL_QUESTION_SIZE, (uint64_t)(now + PL_QUESTION_LIFE_US));
    derive(q, bytes, about, challenge);
    pl_base64url(bytes, sizeof bytes, secret);
    pl_wipe(bytes, sizeof bytes);
}

static enum pl_err read_secret(const struct pl_questions *q, struct pl_str secret, pl_time_us now,
                               uint8_t out[SECRET_BYTES])
{
    size_t n;
    if (secret.n != PL_QUESTION_SECRET_SIZE - 1 ||
        pl_base64url_decode(secret, out, SECRET_BYTES, &n) || n != SECRET_BYTES)
        return PL_EINVAL;
    pl_time_us until = (pl_time_us)pl_get_u64(out + PL_QUESTION_SIZE);
    if (until <= now || until - now > PL_QUESTION_LIFE_US)
        return PL_ENOENT; /* or never told */
    for (size_t i = 0; i < q->n_used; i++)
        if (memcmp(q->used[i].nonce, out, PL_QUESTION_SIZE) == 0)
            return PL_EREPLAY;
    return PL_OK;
}

enum pl_err pl_question_find(const struct pl_questions *q, struct pl_str secret,
                             struct pl_str about, pl_time_us now,
                             uint8_t challenge[PL_QUESTION_SIZE])
{
    uint8_t bytes[SECRET_BYTES];
    enum pl_err e = read_secret(q, secret, now, bytes);
    if (!e)
        derive(q, bytes, about, challenge);
    pl_wipe(bytes, sizeof bytes);
    return e;
}

enum pl_err pl_question_use(struct pl_questions *q, struct pl_str secret, pl_time_us now)
{
    uint8_t bytes[SECRET_BYTES];
    size_t kept = 0;
    enum pl_err e = read_secret(q, secret, now, bytes);
    for (size_t i = 0; i < q->n_used; i++)
        if (q->used[i].until > now)
            q->used[kept++] = q->used[i];
    q->n_used = kept;
    if (!e && q->n_used == PL_QUESTIONS_USED_MAX)
        e = PL_ELIMIT;
    if (!e) {
        struct pl_question_used *u = &q->used[q->n_used++];
        memcpy(u->nonce, bytes, sizeof u->nonce);
        u->until = (pl_time_us)pl_get_u64(bytes + PL_QUESTION_SIZE);
    }
    pl_wipe(bytes, sizeof bytes);
    return e;
}
