/* Questions that a browser is asked once: a challenge to sign, and a secret by which the page that
 * asked for it shows that the answer is its own. Nothing is kept of a question until its answer was
 * good, so that asking costs the server no memory: the challenge is made of the secret by a key
 * that only this process has. A server that is started anew begins anew. Pure; one thread. */
#ifndef PL_IDENTITY_QUESTION_H
#define PL_IDENTITY_QUESTION_H

#include "base/random.h"
#include "base/text.h"
#include "base/time.h"

#include <stdint.h>

#define PL_QUESTION_SIZE 32                      /* bytes of a challenge, and of what is drawn */
#define PL_QUESTION_SECRET_SIZE 55               /* base64url of that and a time, and a zero */
#define PL_QUESTION_LIFE_US (5 * 60 * PL_SECOND) /* WebAuthn 15.1 */
#define PL_QUESTIONS_USED_MAX                                                                      \
    1024 /* good answers within that time: more come from no secretariat */

struct pl_questions {
    uint8_t key[32];
    struct pl_question_used { /* the oldest first */
        uint8_t nonce[PL_QUESTION_SIZE];
        pl_time_us until;
    } used[PL_QUESTIONS_USED_MAX];
    size_t n_used;
};

void pl_questions_begin(struct pl_questions *q, const struct pl_random *random);
void pl_questions_end(struct pl_questions *q); /* wipes the key */

/* `about` says what the question is for, and of whom ("sign in", "add ACCOUNT"): an answer to one
 * is none to another. */
void pl_question_ask(const struct pl_questions *q, const struct pl_random *random,
                     struct pl_str about, pl_time_us now, char secret[PL_QUESTION_SECRET_SIZE],
                     uint8_t challenge[PL_QUESTION_SIZE]);

/* The challenge of a secret. Of one that was never told it is a challenge that nobody was told.
 * PL_EINVAL: it is no secret; PL_ENOENT: its time is over; PL_EREPLAY: it was answered already. */
enum pl_err pl_question_find(const struct pl_questions *q, struct pl_str secret,
                             struct pl_str about, pl_time_us now,
                             uint8_t challenge[PL_QUESTION_SIZE]) PL_CHECKED;

/* It was answered well: once. Errors as above; PL_ELIMIT: so many were of late. */
enum pl_err pl_question_use(struct pl_questions *q, struct pl_str secret,
                            pl_time_us now) PL_CHECKED;

#endif
