/* WHIP publishers and WHEP viewers as sessions of a participant. See conference.h. */
#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>

static enum pl_err refuse(char why[160], enum pl_err err, const char *text)
{
    snprintf(why, 160, "%s", text);
    return err;
}

static const char *place_text(enum pl_place place)
{
    return place == PL_PLACE_WAITING ? "The meeting is not open yet."
                                     : "You are in the lobby, waiting to be admitted.";
}

/* The participant that the feed will be of: one who is here, or the events that make one. */
struct bearer {
    struct pl_member *member; /* NULL: to be made */
    struct pl_act events[PL_EVENTS_MAX];
    size_t n_events;
    uint32_t number;
};

static enum pl_err find_bearer(struct pl_conference *c, uint32_t person, struct bearer *b,
                               char why[160])
{
    struct pl_participant *here = pl_meeting_by_person(c->meeting, person);
    enum pl_place place = PL_PLACE_ROOM;
    if (here) {
        b->member = pl_member_of(here);
        b->number = here->number;
        place = here->place;
        if (b->member->n_feeds >= PL_FEEDS_MAX)
            return refuse(why, PL_EAGAIN, "This invitation has as many sessions as it may have.");
    } else {
        struct pl_denial denial;
        if (pl_record_refuses(c->all, &denial)) {
            snprintf(why, 160, "%.159s", denial.why);
            return PL_EAGAIN;
        }
        enum pl_err err = pl_meeting_join(c->meeting, person, (struct pl_str){0},
                                          pl_conference_now(c), b->events, &b->n_events, &denial);
        if (err) {
            snprintf(why, 160, "%.159s", denial.why);
            return err == PL_ELIMIT ? PL_EAGAIN : err;
        }
        if (pl_record_is_full(c, PL_ACT_JOINED, &denial))
            return refuse(why, PL_EAGAIN, "The record of this meeting is full.");
        if (pl_share_used(c, person, PL_ACT_JOINED, &denial)) {
            snprintf(why, 160, "%.159s", denial.why);
            return PL_EAGAIN;
        }
        b->number = pl_meeting_next_number(c->meeting);
        place = b->events[b->n_events - 1].joined.place;
    }
    return place == PL_PLACE_ROOM ? PL_OK : refuse(why, PL_ESTATE, place_text(place));
}

static void name_feed(struct pl_conferences *all, char name[PL_FEED_ID_SIZE])
{
    uint8_t bits[16];
    all->config.random.fill(all->config.random.ctx, bits, sizeof bits);
    pl_base64url(bits, sizeof bits, name);
}

enum pl_err pl_conference_feed(struct pl_conference *c, const struct pl_feed_request *request,
                               char feed[PL_FEED_ID_SIZE], struct pl_buf *answer, char why[160])
{
    const struct pl_person *person = &c->definition->people[request->person];
    if (c->definition->encryption != PL_ENCRYPTION_NONE)
        return refuse(why, PL_ESTATE,
                      "This meeting is encrypted end to end; WHIP and WHEP cannot take part.");
    if (request->publish && !pl_role_publishes(person->role))
        return refuse(why, PL_EAUTH, "Your role sees and hears, and sends nothing.");
    struct bearer b = {0};
    enum pl_err err = find_bearer(c, request->person, &b, why);
    if (err)
        return err;
    const struct pl_leg_plan plan = {
        .conference = c,
        .owner = b.number,
        .sdp = request->sdp,
        .may_publish = request->publish,
        .may_receive = !request->publish,
    };
    struct pl_conferences *all = c->all;
    struct pl_leg *leg;
    char field[PL_FIELD_SIZE], id[PL_MEETING_ID_SIZE];
    memcpy(id, c->id, sizeof id);
    err = pl_leg_new(&plan, &leg, answer, field, why);
    if (err)
        return err;
    if (!b.member && pl_conference_apply(c, b.events, b.n_events, &b.member) != PL_OK) {
        pl_leg_close(c->all, leg);
        return refuse(why, PL_ENOMEM, "no memory");
    }
    leg->feed = true;
    leg->publish = request->publish;
    name_feed(c->all, leg->name);
    memcpy(feed, leg->name, PL_FEED_ID_SIZE);
    pl_leg_give(leg, b.member);
    /* The answer leaves when this returns. */
    if (!pl_record_write_of(all, pl_str(id)))
        return refuse(why, PL_EAGAIN, "The server could not write the record.");
    return PL_OK;
}

/* Names are 128 random bits, so that comparing them in constant time would hide nothing: the bearer
 * of another token is told the same as of a name that never was. */
static struct pl_leg *find_feed(const struct pl_conference *c, uint32_t person, bool publish,
                                struct pl_str name)
{
    pl_list_each (struct pl_participant, p, pl_meeting_list(c->meeting), node) {
        if (p->person != person)
            continue;
        pl_list_each (struct pl_leg, leg, &pl_member_of(p)->legs, node) {
            if (leg->feed && leg->publish == publish && pl_str_eq(name, leg->name))
                return leg;
        }
    }
    return NULL;
}

enum pl_err pl_conference_feed_ufrag(const struct pl_conference *c, uint32_t person, bool publish,
                                     struct pl_str feed, char ufrag[9])
{
    const struct pl_leg *leg = find_feed(c, person, publish, feed);
    if (!leg)
        return PL_ENOENT;
    memcpy(ufrag, leg->local_ufrag, sizeof leg->local_ufrag);
    return PL_OK;
}

enum pl_err pl_conference_feed_end(struct pl_conference *c, uint32_t person, bool publish,
                                   struct pl_str feed)
{
    struct pl_leg *leg = find_feed(c, person, publish, feed);
    if (!leg)
        return PL_ENOENT;
    struct pl_member *m = leg->member;
    pl_leg_close(c->all, leg);
    pl_member_settle(m);
    return PL_OK;
}

/* The fragment that answers a restart (RFC 9725, 4.3.3): our credentials and candidates, under the
 * section that carries the transport. */
static void write_fragment(const struct pl_leg *leg, const struct pl_media *media,
                           const char *ufrag, const char *pwd, struct pl_buf *out)
{
    const struct pl_section *first = &leg->session->sections[0];
    pl_buf_printf(out, "a=ice-lite\r\n");
    pl_buf_printf(out, "m=%s 9 UDP/TLS/RTP/SAVPF %u\r\n",
                  first->media == PL_AUDIO ? "audio" : "video", first->formats[0].pt);
    pl_buf_printf(out, "a=mid:%s\r\n", first->mid);
    pl_buf_printf(out, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", ufrag, pwd);
    pl_media_candidates(media, leg->id, out);
}

enum pl_err pl_conference_feed_patch(struct pl_conference *c, uint32_t person, bool publish,
                                     struct pl_str feed, struct pl_str fragment,
                                     struct pl_buf *answer, char why[160])
{
    struct pl_leg *leg = find_feed(c, person, publish, feed);
    if (!leg)
        return refuse(why, PL_ENOENT, "There is no such session.");
    char ufrag[PL_UFRAG_SIZE], pwd[PL_PWD_SIZE], local_ufrag[9], local_pwd[25];
    enum pl_err err = pl_sdpfrag_parse(fragment, ufrag, pwd, why);
    if (err || strcmp(ufrag, leg->remote_ufrag) == 0)
        return err;
    err = pl_media_restart(c->all->media, leg->id, ufrag, pwd, local_ufrag, local_pwd);
    if (err)
        return refuse(why, err, "The session cannot be restarted.");
    memcpy(leg->remote_ufrag, ufrag, sizeof ufrag);
    memcpy(leg->local_ufrag, local_ufrag, sizeof local_ufrag);
    write_fragment(leg, c->all->media, local_ufrag, local_pwd, answer);
    return PL_OK;
}
