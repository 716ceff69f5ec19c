/* Acts that their makers signed, by the keys of the manifest. See conference_parts.h. */
#include "crypto/hash.h"
#include "server/conference_parts.h"
#include "signal/signed.h"

#include <stdio.h>
#include <stdlib.h>

/* Of a text that was signed: each stands in the record once, or an earlier word could be put in the
 * place of a later one. */
struct used {
    uint8_t hash[PL_SHA256_SIZE];
};

static bool is_used(const struct pl_conference *c, struct pl_str text)
{
    uint8_t hash[PL_SHA256_SIZE];
    pl_sha256(text.p, text.n, hash);
    return pl_map_get(&c->signed_texts, hash, sizeof hash) != NULL;
}

enum pl_err pl_signed_note(struct pl_conference *c, const struct pl_act *event)
{
    struct pl_str text, signature;
    if (!pl_act_signed(event, &text, &signature) || !text.p)
        return PL_OK;
    struct used *used = malloc(sizeof *used);
    if (!used)
        return PL_ENOMEM;
    pl_sha256(text.p, text.n, used->hash);
    enum pl_err err = pl_map_put(&c->signed_texts, used->hash, sizeof used->hash, used);
    if (err)
        free(used);
    return err == PL_EEXIST ? PL_OK : err; /* that is for who verifies the record */
}

void pl_signed_forget(struct pl_conference *c)
{
    size_t at = 0;
    struct used *used;
    while ((used = pl_map_next(&c->signed_texts, &at)))
        free(used);
    pl_map_free(&c->signed_texts);
}

/* What is signed, with the act and what it is on. PL_EINVAL, and *why; or PL_ENOMEM. */
static enum pl_err compare(const struct pl_conference *c, struct pl_str person,
                           const struct pl_act *act, const char **why)
{
    char on[PL_TEXT_HASH_SIZE], leaf[PL_LEAF_TEXT_SIZE];
    bool corrects = act->type == PL_ACT_PROPOSE_CORRECTION;
    enum pl_err err = pl_meeting_text(c->meeting, act, on);
    *why = "What you signed is on a text that is no longer there.";
    if (err)
        return err == PL_ENOMEM ? err : PL_EINVAL;
    *why = "There is no such event.";
    if (corrects && !pl_merkle_leaf_text(&c->tree, act->propose_correction.event, leaf))
        return PL_EINVAL;
    const struct pl_signed_claim claim = {
        .meeting = pl_str(c->id),
        .person = person,
        .act = act,
        .text = on,
        .since = pl_meeting_since(c->meeting, act),
        .leaf = corrects ? leaf : NULL,
    };
    return pl_signed_matches(&claim, why);
}

/* What is signed must be by the key of this very person, and from their seat. PL_EINVAL, and *why;
 * or PL_ENOMEM. */
static enum pl_err check_signed(const struct pl_conference *c, const struct pl_participant *by,
                                const struct pl_act *act, const char **why)
{
    struct pl_str person = pl_str(c->definition->people[by->person].id), text, signature;
    uint32_t seat = c->definition->people[by->person].seat;
    struct pl_manifest_person who;
    pl_act_signed(act, &text, &signature);
    *why = NULL;
    if (!c->has_keys || !pl_manifest_person(&c->keys, person, &who) || who.revoked)
        *why = "The organiser's list of participants has no key of yours.";
    else if (seat == PL_NO_SEAT || !who.seat.p ||
             !pl_str_eq(who.seat, c->definition->seats[seat].id))
        *why = "The organiser's list of participants has you in no such seat.";
    else if (!pl_signed_by(PL_SIGNED_ACT, text, signature, who.key))
        *why = "This is no signature by your key.";
    else if (is_used(c, text))
        *why = "You signed this before; sign it anew.";
    if (*why)
        return PL_EINVAL;
    return compare(c, person, act, why);
}

enum pl_err pl_signed_check(const struct pl_conference *c, const struct pl_participant *by,
                            const struct pl_act *act, struct pl_denial *denial)
{
    struct pl_str text, signature;
    const char *why =
        "This meeting takes votes, positions and corrections only if they are signed: "
        "come by the link that you were sent.";
    enum pl_err err = PL_OK;
    if (!by || !pl_act_signed(act, &text, &signature))
        return PL_OK;
    if (text.p || signature.p)
        err = check_signed(c, by, act, &why);
    else if (c->definition->signatures == PL_SIGNATURES_REQUIRED)
        err = PL_EINVAL;
    if (err) {
        *denial = (struct pl_denial){0};
        snprintf(denial->field, sizeof denial->field, "signature");
        snprintf(denial->why, sizeof denial->why, "%s",
                 err == PL_EINVAL ? why : "The server has no memory left.");
    }
    return err;
}
