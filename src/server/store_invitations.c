/* See store.h: invitations. Of a token only the hash is kept. */
#include "crypto/hash.h"
#include "server/store_parts.h"

#include <stdio.h>
#include <string.h>

static enum pl_err read_invitation(struct pl_stmt *row, struct pl_invitation *out)
{
    struct pl_invitation i = {
        .shared = pl_stmt_col_int(row, 3) != 0,
        .expires_ms = pl_stmt_col_int(row, 4),
        .revoked_ms = pl_stmt_col_int(row, 5),
    };
    if (pl_store_column(row, 0, i.id, sizeof i.id) ||
        pl_store_column(row, 1, i.meeting, sizeof i.meeting) ||
        pl_store_column(row, 2, i.person, sizeof i.person))
        return PL_EIO;
    *out = i;
    return PL_OK;
}

enum pl_err pl_store_insert_invitation(struct pl_store *s, int64_t meeting, const char *meeting_id,
                                       const struct pl_person *person, int64_t now_ms,
                                       struct pl_invitation_made *made)
{
    uint8_t secret[PL_TOKEN_BYTES], hash[PL_SHA256_SIZE];
    struct pl_invitation *i = &made->invitation;
    *made = (struct pl_invitation_made){0};
    snprintf(i->meeting, sizeof i->meeting, "%s", meeting_id);
    snprintf(i->person, sizeof i->person, "%s", person->id);
    i->shared = person->shared;
    i->expires_ms = person->expires_ms ? person->expires_ms : now_ms + PL_INVITATION_LIFE_MS;
    s->random.fill(s->random.ctx, secret, sizeof secret);
    pl_base64url(secret, sizeof secret, made->token);
    pl_sha256(made->token, strlen(made->token), hash);

    enum pl_err e = PL_EEXIST;
    for (int tries = 0; e == PL_EEXIST && tries < STORE_ID_TRIES; tries++) {
        pl_store_make_id(s, i->id);
        pl_stmt_begin(s->invite);
        pl_stmt_text(s->invite, 1, pl_str(i->id));
        pl_stmt_int(s->invite, 2, meeting);
        pl_stmt_text(s->invite, 3, pl_str(i->person));
        pl_stmt_blob(s->invite, 4, hash, sizeof hash);
        pl_stmt_int(s->invite, 5, i->shared);
        pl_stmt_int(s->invite, 6, i->expires_ms);
        e = pl_stmt_run(s->invite);
    }
    return e;
}

enum pl_err pl_store_invitations(struct pl_store *s, struct pl_str meeting,
                                 pl_store_invitation *each, void *ctx)
{
    enum pl_err e;
    pl_stmt_begin(s->invitations);
    pl_stmt_text(s->invitations, 1, meeting);
    while ((e = pl_stmt_row(s->invitations)) == PL_OK) {
        struct pl_invitation i;
        e = read_invitation(s->invitations, &i);
        if (e)
            break;
        each(ctx, &i);
    }
    pl_stmt_end(s->invitations);
    return e == PL_ENOENT ? PL_OK : e;
}

static enum pl_err check_room(struct pl_store *s, int64_t meeting)
{
    pl_stmt_begin(s->count);
    pl_stmt_int(s->count, 1, meeting);
    enum pl_err e = pl_stmt_row(s->count);
    if (!e && pl_stmt_col_int(s->count, 0) >= PL_INVITATIONS_MAX)
        e = PL_ELIMIT;
    pl_stmt_end(s->count);
    return e;
}

enum pl_err pl_store_may_invite(struct pl_store *s, struct pl_str meeting)
{
    int64_t number;
    enum pl_err e = pl_store_number(s, meeting, &number);
    return e ? e : check_room(s, number);
}

enum pl_err pl_store_invite(struct pl_store *s, struct pl_str meeting,
                            const struct pl_definition *d, uint32_t person, int64_t now_ms,
                            struct pl_invitation_made *made)
{
    char id[PL_STORE_ID_SIZE];
    int64_t number;
    struct pl_invitation_made fresh;
    enum pl_err e = pl_store_number(s, meeting, &number);
    if (!e && pl_str_copy(meeting, id, sizeof id))
        e = PL_ENOENT;
    if (!e)
        e = check_room(s, number);
    if (!e)
        e = pl_store_insert_invitation(s, number, id, &d->people[person], now_ms, &fresh);
    if (!e)
        *made = fresh;
    return e == PL_EEXIST ? PL_EIO : e;
}

enum pl_err pl_store_insert_newcomer(struct pl_store *s, int64_t number, struct pl_str meeting,
                                     const struct pl_store_newcomer *n)
{
    struct pl_buf json = {0};
    pl_definition_encode(n->definition, &json);
    enum pl_err e = json.failed ? PL_ENOMEM : PL_OK;
    if (!e) {
        pl_stmt_begin(s->widen);
        pl_stmt_int(s->widen, 1, number);
        pl_stmt_text(s->widen, 2, (struct pl_str){json.data, json.len});
        e = pl_stmt_run(s->widen);
    }
    if (!e && n->made)
        e = pl_store_invite(s, meeting, n->definition, (uint32_t)n->definition->n_people - 1,
                            n->now_ms, n->made);
    pl_buf_free(&json);
    return e;
}

enum pl_err pl_store_revoke_person(struct pl_store *s, struct pl_str meeting, const char *person,
                                   int64_t now_ms)
{
    int64_t number;
    enum pl_err e = pl_store_number(s, meeting, &number);
    if (e)
        return e;
    pl_stmt_begin(s->revoke_person);
    pl_stmt_int(s->revoke_person, 1, number);
    pl_stmt_text(s->revoke_person, 2, pl_str(person));
    pl_stmt_int(s->revoke_person, 3, now_ms);
    return pl_stmt_run(s->revoke_person) ? PL_EIO : PL_OK;
}

enum pl_err pl_store_invite_anew(struct pl_store *s, struct pl_str meeting,
                                 const struct pl_definition *d, uint32_t person, int64_t now_ms,
                                 struct pl_invitation_made *made)
{
    if (pl_db_begin(s->db))
        return PL_EIO;
    enum pl_err e = pl_store_revoke_person(s, meeting, d->people[person].id, now_ms);
    if (!e)
        e = pl_store_invite(s, meeting, d, person, now_ms, made);
    if (e)
        pl_db_rollback(s->db);
    else if (pl_db_commit(s->db))
        e = PL_EIO;
    return e;
}

enum pl_err pl_store_revoke(struct pl_store *s, struct pl_str meeting, struct pl_str invitation,
                            int64_t now_ms, struct pl_invitation *out)
{
    struct pl_invitation i;
    pl_stmt_begin(s->invitation);
    pl_stmt_text(s->invitation, 1, meeting);
    pl_stmt_text(s->invitation, 2, invitation);
    enum pl_err e = pl_stmt_row(s->invitation);
    if (!e)
        e = read_invitation(s->invitation, &i);
    pl_stmt_end(s->invitation);
    if (!e && !i.revoked_ms) {
        i.revoked_ms = now_ms;
        pl_stmt_begin(s->revoke);
        pl_stmt_text(s->revoke, 1, pl_str(i.id));
        pl_stmt_int(s->revoke, 2, now_ms);
        e = pl_stmt_run(s->revoke);
    }
    if (!e)
        *out = i;
    return e;
}

enum pl_err pl_store_check(struct pl_store *s, struct pl_str meeting, struct pl_str token,
                           int64_t now_ms, enum pl_token_state *state, struct pl_invitation *out)
{
    uint8_t hash[PL_SHA256_SIZE];
    struct pl_invitation i;
    pl_sha256(token.p, token.n, hash);
    pl_stmt_begin(s->by_token);
    pl_stmt_blob(s->by_token, 1, hash, sizeof hash);
    enum pl_err e = pl_stmt_row(s->by_token);
    if (!e)
        e = read_invitation(s->by_token, &i);
    pl_stmt_end(s->by_token);
    if (e == PL_ENOENT || (!e && !pl_str_eq(meeting, i.meeting))) {
        int64_t number;
        e = pl_store_number(s, meeting, &number);
        if (e && e != PL_ENOENT)
            return e;
        *state = e ? PL_TOKEN_UNKNOWN_MEETING : PL_TOKEN_UNKNOWN;
        return PL_OK;
    }
    if (e)
        return e;
    *state = i.revoked_ms             ? PL_TOKEN_REVOKED
             : i.expires_ms <= now_ms ? PL_TOKEN_EXPIRED
                                      : PL_TOKEN_GOOD;
    *out = i;
    return PL_OK;
}
