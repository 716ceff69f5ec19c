/* See signed.h. The text is the act's own fields and a few more: taken out, the act remains. */
#include "signal/signed.h"

#include "base/buf.h"
#include "crypto/sign.h"
#include "signal/decode.h"

#include <string.h>

#define TEXT_MAX 16000 /* generate.py */

bool pl_signed_by(const char *prefix, struct pl_str text, struct pl_str signature,
                  struct pl_str key)
{
    uint8_t raw_key[PL_PUBLIC_KEY_SIZE], raw_signature[PL_SIGNATURE_SIZE];
    size_t n;
    struct pl_buf bytes = {0};
    if (pl_base64url_decode(key, raw_key, sizeof raw_key, &n) || n != sizeof raw_key ||
        pl_base64url_decode(signature, raw_signature, sizeof raw_signature, &n) ||
        n != sizeof raw_signature)
        return false;
    pl_buf_puts(&bytes, prefix);
    pl_buf_add(&bytes, text.p, text.n);
    bool good = !bytes.failed && pl_ed25519_verify(raw_key, bytes.data, bytes.len, raw_signature);
    pl_buf_free(&bytes);
    return good;
}

static bool take_string(json_t *o, const char *name, struct pl_str want)
{
    json_t *value = json_object_get(o, name);
    bool same = json_is_string(value) && json_string_length(value) == want.n &&
                (want.n == 0 || memcmp(json_string_value(value), want.p, want.n) == 0);
    json_object_del(o, name);
    return same;
}

static bool take_time(json_t *o)
{
    bool whole = json_is_integer(json_object_get(o, "time"));
    json_object_del(o, "time");
    return whole;
}

/* The call of a decision that the person saw, or the amendment of an option. */
static bool take_since(json_t *o, const struct pl_signed_claim *claim)
{
    json_t *value = json_object_get(o, "since");
    bool same = value ? json_is_integer(value) && json_integer_value(value) == (int64_t)claim->since
                      : claim->unbound;
    json_object_del(o, "since");
    return same;
}

/* The event that is corrected, as it stands in the record. */
static bool take_leaf(json_t *o, const struct pl_signed_claim *claim)
{
    return json_object_get(o, "leaf") ? take_string(o, "leaf", pl_str(claim->leaf))
                                      : claim->unbound;
}

/* What remains in the text, against what the act's maker sent. */
static enum pl_err compare_own(const json_t *rest, const struct pl_act *act, bool *same)
{
    struct pl_buf own = {0};
    struct pl_decode_error error;
    pl_act_encode_own(&own, act);
    json_t *sent =
        own.failed ? NULL
                   : pl_decode_load((struct pl_str){own.data, own.len}, PL_ACT_BYTES_MAX, &error);
    *same = sent && json_equal(rest, sent);
    json_decref(sent);
    pl_buf_free(&own);
    return sent ? PL_OK : PL_ENOMEM;
}

static enum pl_err compare(json_t *o, const struct pl_signed_claim *claim, const char **why)
{
    bool same;
    if (!take_string(o, "meeting", claim->meeting))
        *why = "What was signed is of another meeting.";
    else if (!take_string(o, "person", claim->person))
        *why = "What was signed is another person's.";
    else if (claim->text[0] && !take_string(o, "text", pl_str(claim->text)))
        *why = "What was signed is on another text; read it again.";
    else if (claim->since && !take_since(o, claim))
        *why = "What was signed is of another call, or of before it was amended; sign it anew.";
    else if (claim->leaf && !take_leaf(o, claim))
        *why = "What was signed corrects another event than the record has; sign it anew.";
    else if (!take_time(o))
        *why = "What was signed has no time.";
    else if (compare_own(o, claim->act, &same) != PL_OK)
        return PL_ENOMEM;
    else if (!same)
        *why = "What was signed says something else than the act.";
    else
        return PL_OK;
    return PL_EINVAL;
}

enum pl_err pl_signed_matches(const struct pl_signed_claim *claim, const char **why)
{
    struct pl_str text = {0}, signature = {0};
    struct pl_decode_error error = {0};
    *why = "What was signed is no JSON object.";
    if (!pl_act_signed(claim->act, &text, &signature) || !text.p)
        return PL_EINVAL;
    json_t *o = pl_decode_load(text, TEXT_MAX, &error);
    enum pl_err err = json_is_object(o) ? compare(o, claim, why) : PL_EINVAL;
    json_decref(o);
    return error.err == PL_ENOMEM ? PL_ENOMEM : err;
}
