/* See entry.h. Failures are counted per address in a bounded table; the oldest leaves first. */
#include "server/entry.h"

#include "base/list.h"
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

struct failures {
    struct pl_list node; /* oldest first */
    uint8_t key[16];
    pl_time_us since; /* the first failure of the window */
    unsigned n;
};

struct pl_entry {
    struct pl_store *store;
    struct pl_map by_key;
    struct pl_list oldest;
};

enum pl_err pl_entry_new(struct pl_store *store, struct pl_random random, struct pl_entry **out)
{
    struct pl_entry *e = calloc(1, sizeof *e);
    if (!e)
        return PL_ENOMEM;
    e->store = store;
    pl_map_init(&e->by_key, &random);
    pl_list_init(&e->oldest);
    *out = e;
    return PL_OK;
}

static void forget(struct pl_entry *e, struct failures *f)
{
    pl_list_remove(&f->node);
    pl_map_remove(&e->by_key, f->key, sizeof f->key);
    free(f);
}

void pl_entry_free(struct pl_entry *e)
{
    if (!e)
        return;
    pl_list_each (struct failures, f, &e->oldest, node)
        forget(e, f);
    pl_map_free(&e->by_key);
    free(e);
}

/* Whoever has one IPv6 address has the other 2^64 of its network too. */
static void key_of(const struct pl_addr *from, uint8_t key[16])
{
    memcpy(key, from->ip, 16);
    if (!pl_addr_is_v4(from))
        memset(key + 8, 0, 8);
}

static struct failures *find(const struct pl_entry *e, const struct pl_addr *from)
{
    uint8_t key[16];
    key_of(from, key);
    return pl_map_get(&e->by_key, key, sizeof key);
}

/* Room for one more: those whose time is over leave, and the oldest if there are still too many.
 * Windows have one length, so that the order of their beginnings is that of their ends. */
static void make_room(struct pl_entry *e, pl_time_us now)
{
    pl_list_each (struct failures, f, &e->oldest, node) {
        if (e->by_key.len < PL_ENTRY_ADDRESSES && now - f->since < PL_ENTRY_WINDOW)
            return;
        forget(e, f);
    }
}

bool pl_entry_failed(struct pl_entry *e, const struct pl_addr *from, pl_time_us now)
{
    struct failures *f = find(e, from);
    if (f && now - f->since >= PL_ENTRY_WINDOW) {
        forget(e, f);
        f = NULL;
    }
    if (!f) {
        make_room(e, now);
        f = calloc(1, sizeof *f);
        if (!f)
            return false; /* rather an answer too many than a door that stays shut */
        key_of(from, f->key);
        f->since = now;
        if (pl_map_put(&e->by_key, f->key, sizeof f->key, f) != PL_OK) {
            free(f);
            return false;
        }
        pl_list_push(&e->oldest, &f->node);
    }
    if (f->n <= PL_ENTRY_FAILURES)
        f->n++;
    return f->n > PL_ENTRY_FAILURES;
}

unsigned pl_entry_retry_after(const struct pl_entry *e, const struct pl_addr *from, pl_time_us now)
{
    const struct failures *f = find(e, from);
    pl_time_us left = f ? f->since + PL_ENTRY_WINDOW - now : 0;
    return left > PL_SECOND ? (unsigned)((left + PL_SECOND - 1) / PL_SECOND) : 1;
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
    *pass = (struct pl_entry_pass){*i, d, person};
    return PL_ENTRY_GOOD;
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
    return pl_entry_failed(e, from, now) ? PL_ENTRY_TOO_MANY : result;
}
