/* See ice.h. */
#include "proto/ice.h"

#include <string.h>

enum pl_err pl_ice_init(struct pl_ice *ice, const char *local_ufrag, const char *local_pwd,
                        const char *remote_ufrag)
{
    *ice = (struct pl_ice){0};
    return pl_ice_restart(ice, local_ufrag, local_pwd, remote_ufrag);
}

enum pl_err pl_ice_restart(struct pl_ice *ice, const char *local_ufrag, const char *local_pwd,
                           const char *remote_ufrag)
{
    if (strlen(local_ufrag) >= sizeof ice->local_ufrag ||
        strlen(local_pwd) >= sizeof ice->local_pwd ||
        strlen(remote_ufrag) >= sizeof ice->remote_ufrag)
        return PL_ETRUNC;
    strcpy(ice->local_ufrag, local_ufrag);
    strcpy(ice->local_pwd, local_pwd);
    strcpy(ice->remote_ufrag, remote_ufrag);
    ice->nominated = false;
    return PL_OK;
}

static bool same(const struct pl_tuple *a, const struct pl_tuple *b)
{
    return a->socket == b->socket && pl_addr_eq(&a->remote, &b->remote);
}

/* Where the tuple stands; n_tuples: nowhere. */
static unsigned find(const struct pl_ice *ice, const struct pl_tuple *tuple)
{
    unsigned i = 0;
    while (i < ice->n_tuples && !same(&ice->tuples[i], tuple))
        i++;
    return i;
}

bool pl_ice_validated(const struct pl_ice *ice, const struct pl_tuple *tuple)
{
    return find(ice, tuple) < ice->n_tuples;
}

/* RFC 8445, 7.2.2: "our ufrag:their ufrag". */
static bool username_ok(const struct pl_ice *ice, struct pl_str username)
{
    struct pl_str local = pl_str_split(&username, ':');
    return pl_str_eq(local, ice->local_ufrag) && pl_str_eq(username, ice->remote_ufrag);
}

static unsigned place_for(struct pl_ice *ice)
{
    if (ice->n_tuples < PL_ICE_TUPLES_MAX)
        return ice->n_tuples++;
    if (ice->has_selected && same(&ice->tuples[ice->oldest], &ice->selected))
        ice->oldest = (ice->oldest + 1) % PL_ICE_TUPLES_MAX;
    unsigned i = ice->oldest;
    ice->oldest = (ice->oldest + 1) % PL_ICE_TUPLES_MAX;
    return i;
}

/* The first tuple serves until the client nominates one (RFC 8445, 8.1.1); after that its latest
 * word. */
static void select_tuple(struct pl_ice *ice, const struct pl_tuple *from, bool nominate,
                         struct pl_ice_change *change)
{
    if (ice->has_selected && !nominate)
        return;
    change->selected = !ice->has_selected || !same(&ice->selected, from);
    ice->selected = *from;
    ice->has_selected = true;
    ice->nominated |= nominate;
}

enum pl_err pl_ice_input(struct pl_ice *ice, const struct pl_tuple *from, const uint8_t *bytes,
                         size_t n, const struct pl_stun *msg, uint8_t response[PL_ICE_RESPONSE_MAX],
                         size_t *response_len, struct pl_ice_change *change)
{
    struct pl_writer w = pl_writer(response, PL_ICE_RESPONSE_MAX);
    struct pl_str key = pl_str(ice->local_pwd);
    if (msg->class != PL_STUN_REQUEST || msg->method != PL_STUN_BINDING)
        return PL_EINVAL;
    if (!username_ok(ice, msg->username) || !pl_stun_check_integrity(bytes, n, msg, key.p, key.n))
        return PL_EAUTH;
    *change = (struct pl_ice_change){0};
    if (msg->unknown_required) {
        pl_stun_write_error(&w, msg, 420, key.p, key.n); /* RFC 8489, 6.3.1 */
    } else if (msg->has_controlled) {
        pl_stun_write_error(&w, msg, 487, key.p, key.n); /* RFC 8445, 7.3.1.1: we never control */
    } else {
        pl_stun_write_success(&w, msg, &from->remote, key.p, key.n);
        change->valid = true;
        change->index = find(ice, from);
        if (change->index == ice->n_tuples) {
            change->added = true;
            change->index = place_for(ice);
            ice->tuples[change->index] = *from;
        }
        select_tuple(ice, from, msg->use_candidate, change);
    }
    *response_len = pl_writer_size(&w);
    return w.full ? PL_ETRUNC : PL_OK;
}
