/* See entry.h. */
#include "server/entry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct pl_entry {
    struct pl_store *store;
    struct pl_limits *limits;
};

enum pl_err pl_entry_new(struct pl_store *store, struct pl_limits *limits, struct pl_entry **out)
{
    struct pl_entry *e = calloc(1, sizeof *e);
    if (!e)
        return PL_ENOMEM;
    e->store = store;
    e->limits = limits;
    *out = e;
    return PL_OK;
}

void pl_entry_free(struct pl_entry *e)
{
    free(e);
}

const char *pl_entry_text(enum pl_entry_result result)
{
    switch (result) {
    case PL_ENTRY_GOOD:
        break;
    case PL_ENTRY_UNKNOWN_MEETING:
        return "There is no such meeting.";
    case PL_ENTRY_UNKNOWN_TOKEN:
        return "This invitation is not known. Check that the link is complete.";
    case PL_ENTRY_EXPIRED:
        return "This invitation has expired. Ask for a new one.";
    case PL_ENTRY_REVOKED:
        return "This invitation was revoked. Ask for a new one.";
    case PL_ENTRY_TOO_MANY:
        return "Too many wrong links or tokens came from your address. Try again in a minute.";
    case PL_ENTRY_FAILED:
        return "The server cannot read its store. Try again later.";
    }
    return "Welcome.";
}

/* Loads the meeting of a good invitation. */
static enum pl_entry_result load(struct pl_entry *e, const struct pl_invitation *i,
                                 struct pl_entry_pass *pass)
{
    struct pl_definition *d;
    uint32_t person;
    if (pl_store_get(e->store, pl_str(i->meeting), &d, NULL) != PL_OK)
        return PL_ENTRY_FAILED;
    if (pl_definition_person(d, pl_str(i->person), &person) != PL_OK) {
        pl_definition_free(d);
        return PL_ENTRY_FAILED;
    }
    *pass = (struct pl_entry_pass){.invitation = *i, .definition = d, .person = person};
    return PL_ENTRY_GOOD;
}

struct pl_limits_user pl_entry_user(const struct pl_invitation *i, const struct pl_addr *from)
{
    struct pl_limits_user user = {.shared = i->shared, .from = *from};
    static_assert(sizeof user.invitation >= sizeof i->id, "an id has room");
    memcpy(user.invitation, i->id, strlen(i->id));
    return user;
}

enum pl_entry_result pl_entry_check(struct pl_entry *e, const struct pl_addr *from,
                                    struct pl_str meeting, struct pl_str token, pl_time_us now,
                                    int64_t wall_ms, struct pl_entry_pass *pass)
{
    struct pl_invitation i;
    enum pl_token_state state;
    if (pl_store_check(e->store, meeting, token, wall_ms, &state, &i) != PL_OK)
        return PL_ENTRY_FAILED;
    enum pl_entry_result result = PL_ENTRY_UNKNOWN_TOKEN;
    switch (state) {
    case PL_TOKEN_GOOD:
        return load(e, &i, pass);
    case PL_TOKEN_EXPIRED: /* who holds the token is no guesser: no failure */
        return PL_ENTRY_EXPIRED;
    case PL_TOKEN_REVOKED:
        return PL_ENTRY_REVOKED;
    case PL_TOKEN_UNKNOWN_MEETING:
        result = PL_ENTRY_UNKNOWN_MEETING;
        break;
    case PL_TOKEN_UNKNOWN:
        break;
    }
    pl_time_us wait = pl_limits_wrong(e->limits, from, now);
    if (!wait)
        return result;
    pass->wait = wait;
    return PL_ENTRY_TOO_MANY;
}
