/* An offer; what comes out must hold together, and our own parser must read the answer. */
#include "proto/answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void fill(void *ctx, uint8_t *out, size_t n)
{
    uint32_t *state = ctx;
    while (n--) {
        *state = *state * 1664525 + 1013904223;
        *out++ = (uint8_t)(*state >> 24);
    }
}

static void check_section(const struct pl_section *s, const struct pl_sdp_section *text)
{
    check(strlen(s->mid) < PL_MID_SIZE && pl_str_eq(text->mid, s->mid));
    check(s->n_formats <= PL_FORMATS_MAX && (s->n_formats != 0) == (s->direction != PL_INACTIVE));
    for (unsigned i = 0; i < s->n_formats; i++)
        check(s->formats[i].pt < 128 && s->formats[i].rtx_pt < 128 &&
              (s->formats[i].rtx_pt != 0) == (s->formats[0].rtx_pt != 0));
    check(s->ext_mid != 15 && s->ext_audio_level != 15);
    check(s->direction != PL_SEND || s->ext_twcc < 15);
    check(text->sends == (s->direction == PL_SEND));
    check(text->receives == (s->direction == PL_RECEIVE));
    check(!text->bundled || text->port != 0);
    if (s->direction == PL_SEND)
        check(s->ssrc != 0 && text->n_ssrcs == (s->rtx_ssrc ? 2 : 1) &&
              text->ssrcs[0].ssrc == s->ssrc);
    else
        check(text->n_ssrcs == 0);
}

static void answer(struct pl_str offer, bool may_publish, bool may_receive)
{
    uint32_t state = 1;
    struct pl_addr candidate = pl_addr_v4((const uint8_t[]){192, 0, 2, 1}, 5004);
    struct pl_answer_config config = {
        .candidates = &candidate,
        .n_candidates = 1,
        .may_publish = may_publish,
        .may_receive = may_receive,
        .random = {fill, &state},
    };
    struct pl_session session;
    struct pl_buf text = {0};
    char why[160] = "";
    if (pl_answer_make(offer, &config, &session, &text, why) != PL_OK) {
        check(why[0] != 0 && text.len == 0);
        pl_buf_free(&text);
        return;
    }
    struct pl_sdp sdp;
    check(pl_sdp_parse((struct pl_str){text.data, text.len}, &sdp, why) == PL_OK);
    check(sdp.ice_lite && sdp.n_sections == session.n_sections);
    for (size_t i = 0; i < session.n_sections; i++)
        check_section(&session.sections[i], &sdp.sections[i]);
    pl_sdp_free(&sdp);
    pl_buf_free(&text);
    pl_session_free(&session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_str offer = {(const char *)data, size};
    answer(offer, true, true);
    answer(offer, false, true);
    answer(offer, true, false);
    return 0;
}
