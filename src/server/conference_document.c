/* Documents of a meeting. See conference.h. */
#include "crypto/hash.h"
#include "server/conference_parts.h"

#include <stdio.h>

static int64_t bytes_of_all(const struct pl_conference *c)
{
    int64_t n = 0;
    pl_list_each (const struct pl_document, d, &pl_meeting_state(c->meeting)->documents, node) {
        n += d->dropped ? 0 : d->size;
    }
    return n;
}

static enum pl_err too_much(struct pl_denial *denial, const char *why)
{
    denial->field[0] = 0;
    denial->acknowledge = false;
    snprintf(denial->why, sizeof denial->why, "%s", why);
    return PL_ELIMIT;
}

enum pl_err pl_conference_put_document(struct pl_conference *c, const struct pl_new_document *d,
                                       char id[PL_MEETING_ID_SIZE], struct pl_denial *denial)
{
    struct pl_conferences *all = c->all;
    uint8_t hash[PL_SHA256_SIZE];
    char hex[2 * PL_SHA256_SIZE + 1], fresh[PL_STORE_ID_SIZE], meeting[PL_MEETING_ID_SIZE];
    if (d->bytes.n > PL_DOCUMENT_BYTES_MAX)
        return too_much(denial, "A document has 32 MiB at most.");
    if (bytes_of_all(c) + (int64_t)d->bytes.n > PL_DOCUMENTS_BYTES_MAX)
        return too_much(denial, "The documents of a meeting have 256 MiB at most.");
    pl_sha256(d->bytes.p, d->bytes.n, hash);
    pl_hex(hash, sizeof hash, hex);
    pl_store_document_id(all->config.store, fresh);
    const struct pl_act act = {
        .type = PL_ACT_PUT_DOCUMENT,
        .put_document = {.document = pl_str(fresh),
                         .item = d->item,
                         .name = d->name,
                         .media_type = d->media_type,
                         .size = (int64_t)d->bytes.n,
                         .sha256 = pl_str(hex)},
    };
    const struct pl_store_document document = {fresh, d->bytes};
    memcpy(meeting, c->id, sizeof meeting);
    c->document = &document; /* analyse: until it is NULL again, below */
    enum pl_err err = pl_conference_act(c, NULL, &act, denial);
    if (err == PL_OK && !pl_record_write_of(all, pl_str(meeting)))
        return PL_EIO;
    c->document = NULL;
    if (err == PL_OK)
        memcpy(id, fresh, sizeof fresh);
    return err;
}

const struct pl_document *pl_conference_document(const struct pl_conference *c, struct pl_str id)
{
    pl_list_each (const struct pl_document, d, &pl_meeting_state(c->meeting)->documents, node) {
        if (!d->dropped && pl_str_eq(id, d->id.p))
            return d;
    }
    return NULL;
}

bool pl_conference_in_room(const struct pl_conference *c, uint32_t person)
{
    pl_list_each (const struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (p->person == person && p->place == PL_PLACE_ROOM)
            return true;
    }
    return false;
}

bool pl_conference_refuses(const struct pl_conference *c, uint32_t person)
{
    return pl_meeting_refusal(c->meeting, person) != PL_REFUSAL_NONE;
}

bool pl_conference_may_read(const struct pl_conference *c, uint32_t person,
                            const struct pl_document *d)
{
    const struct pl_person *p = &c->definition->people[person];
    if (pl_conference_refuses(c, person))
        return false;
    if (pl_role_presides(p->role))
        return true;
    bool guest = pl_role_is_guest(p->role);
    if ((guest || c->definition->lobby) && !pl_conference_in_room(c, person))
        return false;
    return !guest || !p->item[0] || pl_str_eq(d->item->id, p->item);
}

void pl_documents_purge(struct pl_conference *c)
{
    pl_list_each (const struct pl_document, d, &pl_meeting_state(c->meeting)->documents, node) {
        if (d->dropped &&
            pl_store_drop_document(c->all->config.store, pl_str(c->id), d->id) != PL_OK)
            return; /* with the next one, or the next start */
    }
}
