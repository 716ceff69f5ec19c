/* What a signed act is on: a hash of the text that its maker read. See meeting.h. */
#include "meet/parts.h"

#include "base/buf.h"
#include "crypto/hash.h"

static struct pl_str question_text(const struct pl_paper *paper, struct pl_str id)
{
    for (size_t i = 0; i < paper->n_questions; i++)
        if (pl_same(paper->questions[i].question, id))
            return paper->questions[i].text;
    return (struct pl_str){0};
}

static enum pl_err option_hash(const struct pl_paper *paper, const struct pl_option *o,
                               char out[PL_TEXT_HASH_SIZE])
{
    struct pl_buf text = {0};
    uint8_t sum[PL_SHA256_SIZE];
    pl_buf_add(&text, o->title.p, o->title.n);
    pl_buf_add(&text, "", 1);
    for (size_t i = 0; i < o->n_answers; i++) {
        struct pl_str question = question_text(paper, o->answers[i].question);
        pl_buf_add(&text, question.p, question.n);
        pl_buf_add(&text, "\n", 1);
        pl_buf_add(&text, o->answers[i].text.p, o->answers[i].text.n);
        pl_buf_add(&text, "", 1);
    }
    enum pl_err err = text.failed ? PL_ENOMEM : PL_OK;
    if (err == PL_OK) {
        pl_sha256(text.data, text.len, sum);
        pl_hex(sum, sizeof sum, out);
    }
    pl_buf_free(&text);
    return err;
}

static enum pl_err position_text(const struct pl_meeting *m, const struct pl_act_take_position *a,
                                 char out[PL_TEXT_HASH_SIZE])
{
    const struct pl_paper *paper = pl_find_paper(m, a->paper);
    const struct pl_option *o = paper ? pl_find_option(paper, a->option) : NULL;
    return o ? option_hash(paper, o, out) : PL_ENOENT;
}

static enum pl_err vote_text(const struct pl_meeting *m, const struct pl_act_vote *a,
                             char out[PL_TEXT_HASH_SIZE])
{
    const struct pl_decision *d = pl_find_decision(m, a->decision);
    if (!d || (uint64_t)a->version != d->version)
        return PL_ENOENT;
    memcpy(out, d->hash, PL_TEXT_HASH_SIZE);
    return PL_OK;
}

enum pl_err pl_meeting_text(const struct pl_meeting *m, const struct pl_act *act,
                            char out[PL_TEXT_HASH_SIZE])
{
    out[0] = 0;
    switch (act->type) {
    case PL_ACT_TAKE_POSITION:
        return position_text(m, &act->take_position, out);
    case PL_ACT_VOTE:
        return vote_text(m, &act->vote, out);
    default:
        return PL_OK;
    }
}

uint64_t pl_option_since(const struct pl_paper *paper, const struct pl_option *option)
{
    return option->amended > paper->put ? option->amended : paper->put;
}

uint64_t pl_meeting_since(const struct pl_meeting *m, const struct pl_act *act)
{
    if (act->type == PL_ACT_VOTE) {
        const struct pl_decision *d = pl_find_decision(m, act->vote.decision);
        return d ? d->called : 0;
    }
    if (act->type != PL_ACT_TAKE_POSITION)
        return 0;
    const struct pl_paper *paper = pl_find_paper(m, act->take_position.paper);
    const struct pl_option *o = paper ? pl_find_option(paper, act->take_position.option) : NULL;
    return o ? pl_option_since(paper, o) : 0;
}
