/* See client.h. */
#include "server/client.h"

#include "server/conference_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* Out */

/* Something of the meeting is not on disk yet: until it is, nobody in it is told anything. */
static bool must_wait(const struct pl_client *c)
{
    const struct pl_conference *conference = c->member ? c->member->conference : NULL;
    return !pl_list_empty(&c->held) ||
           (conference && (conference->part || !pl_list_empty(&conference->unwritten)));
}

void pl_client_send_now(struct pl_client *c, const struct pl_buf *json)
{
    if (!c->over && !json->failed)
        c->io.send(c->io.ctx, json->data, json->len);
}

/* It missed something: it is to come again. */
static void give_up(struct pl_client *c)
{
    pl_list_remove(&c->held);
    pl_buf_free(&c->queue);
    c->over = true;
    c->io.close(c->io.ctx);
}

/* Without memory it misses something: it is to come again, and is told all of it. */
static void miss(struct pl_client *c)
{
    if (pl_list_empty(&c->held))
        c->io.close(c->io.ctx);
    else
        c->closing = true;
}

void pl_client_send(struct pl_client *c, const struct pl_buf *json)
{
    if (c->over)
        return;
    if (json->failed) {
        miss(c);
        return;
    }
    if (!must_wait(c)) {
        c->welcomed |= c->member != NULL;
        pl_client_send_now(c, json);
        return;
    }
    if (pl_list_empty(&c->held))
        pl_list_push(&c->member->conference->held, &c->held);
    pl_buf_add(&c->queue, json->data, json->len + 1);
    if (c->queue.failed || c->queue.len > PL_CLIENT_HELD_MAX)
        give_up(c);
}

void pl_client_send_media(struct pl_client *c, const struct pl_buf *json)
{
    if (c->welcomed && pl_record_state(c->all) != PL_RECORDS_KEPT)
        pl_client_send_now(c, json);
    else
        pl_client_send(c, json);
}

void pl_client_release(struct pl_client *c, bool all)
{
    size_t end = all ? c->queue.len : c->mark, at = 0;
    while (at < end) {
        size_t n = strlen(c->queue.data + at);
        c->welcomed = true;
        c->io.send(c->io.ctx, c->queue.data + at, n);
        at += n + 1;
    }
    c->mark = 0;
    pl_buf_consume(&c->queue, at);
    if (!all)
        return;
    pl_list_remove(&c->held);
    pl_buf_free(&c->queue);
    if (c->closing)
        c->io.close(c->io.ctx);
}

void pl_client_discard(struct pl_client *c, const struct pl_farewell *farewell)
{
    pl_list_remove(&c->held);
    pl_buf_free(&c->queue);
    if (!c->closing)
        return;
    c->closing = c->over = false;
    pl_client_end(c, farewell);
}

/* Ends at a whole character; what a stranger's bytes may have left in it is made harmless. */
static void tidy(char *text)
{
    if (pl_text_ok(pl_str(text)))
        return;
    for (char *p = text; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

struct complaint {
    const char *code, *of, *field;
    const char *message;
};

static void complain_by(struct pl_client *c, const struct complaint *complaint,
                        void (*send)(struct pl_client *, const struct pl_buf *))
{
    char text[PL_REASON_SIZE];
    snprintf(text, sizeof text, "%s", complaint->message);
    tidy(text);
    struct pl_to_client_error message = {.code = pl_str(complaint->code), .message = pl_str(text)};
    if (complaint->of)
        message.of = pl_str(complaint->of);
    if (complaint->field && complaint->field[0])
        message.field = pl_str(complaint->field);
    struct pl_buf json = {0};
    pl_to_client_error(&json, &message);
    send(c, &json);
    pl_buf_free(&json);
}

static void complain(struct pl_client *c, const struct complaint *complaint)
{
    complain_by(c, complaint, pl_client_send);
}

static void close_now(struct pl_client *c)
{
    pl_list_remove(&c->wait.node);
    c->over = true;
    c->member = NULL;
    if (pl_list_empty(&c->held))
        c->io.close(c->io.ctx);
    else
        c->closing = true;
}

void pl_client_end(struct pl_client *c, const struct pl_farewell *farewell)
{
    if (farewell->for_good) {
        const struct pl_to_client_removed removed = {farewell->reason, pl_str(farewell->message)};
        struct pl_buf json = {0};
        pl_to_client_removed(&json, &removed);
        pl_client_send(c, &json);
        pl_buf_free(&json);
    } else {
        complain(c, &(struct complaint){.code = "later", .message = farewell->message});
    }
    close_now(c);
}

/* In */

static const char *code_of(enum pl_err err)
{
    switch (err) {
    case PL_EAUTH:
        return "forbidden";
    case PL_ESTATE:
    case PL_EEXIST:
        return "state";
    case PL_ENOENT:
        return "unknown";
    case PL_ELIMIT:
        return "limit";
    case PL_EUNSUPPORTED:
        return "unsupported";
    case PL_EINVAL:
        return "invalid";
    case PL_EAGAIN:
        return "later";
    default:
        return "internal";
    }
}

/* Comes back to a participant of theirs: for a link that many share, the page tells which, or the
 * name, if that one lost the connection. Where there is a lobby a name is not enough to pass it. */
static struct pl_member *find_member(const struct pl_conference *conf, uint32_t person,
                                     struct pl_str name, struct pl_str page)
{
    if (!conf->definition->people[person].shared) {
        struct pl_participant *p = pl_meeting_by_person(conf->meeting, person);
        return p ? pl_member_of(p) : NULL;
    }
    struct pl_member *orphan = NULL;
    pl_list_each (struct pl_participant, p, pl_meeting_list(conf->meeting), node) {
        struct pl_member *m = pl_member_of(p);
        if (p->person != person || !m)
            continue;
        if (pl_member_is_page(m, page))
            return m;
        if (!orphan && m->wait.since && !conf->definition->lobby && pl_str_eq(name, p->name))
            orphan = m;
    }
    return orphan;
}

/* The name of a shared invitation's user is their own to choose; that of a person is not. */
static struct pl_str name_for(const struct pl_person *person, const struct pl_to_server_hello *h)
{
    return person->shared && h->name.p && h->name.n ? h->name : pl_str(person->name);
}

static void join(struct pl_client *c, struct pl_conference *conf, uint32_t person,
                 const struct pl_to_server_hello *hello)
{
    struct pl_str name = name_for(&conf->definition->people[person], hello);
    struct pl_member *m = find_member(conf, person, name, hello->page);
    struct pl_denial denial = {0};
    if (!m && pl_drain_shuts(conf)) {
        static const struct pl_farewell shut = {.message = pl_drain_shut};
        pl_drain_say(c);
        pl_client_end(c, &shut);
        return;
    }
    if (!m && pl_record_refuses(c->all, &denial)) {
        pl_client_end(c, &(struct pl_farewell){.message = "The server's disk takes nothing now, so "
                                                          "that nobody can come in. Try again."});
        return;
    }
    if (!m) {
        struct pl_act events[PL_EVENTS_MAX];
        size_t n = 0;
        enum pl_err err = pl_meeting_join(conf->meeting, person, name, pl_conference_now(conf),
                                          events, &n, &denial);
        if (err == PL_OK && (pl_record_is_full(conf, PL_ACT_JOINED, &denial) ||
                             pl_share_used(conf, person, PL_ACT_JOINED, &denial)))
            err = PL_ELIMIT;
        if (err == PL_OK && (err = pl_conference_apply(conf, events, n, &m)) != PL_OK)
            snprintf(denial.why, sizeof denial.why, "The server has no memory left.");
        if (err == PL_EAUTH) {
            pl_client_end(c, pl_member_refused(pl_meeting_refusal(conf->meeting, person)));
            return;
        }
        if (err) {
            complain(c, &(struct complaint){code_of(err), "hello", denial.field, denial.why});
            if (err != PL_EINVAL)
                close_now(c);
            return;
        }
    }
    pl_list_remove(&c->wait.node);
    pl_member_attach(m, c, hello->page);
    if (c->all->records_told != PL_RECORDS_KEPT)
        pl_record_tell_state(c);
}

static void on_hello(struct pl_client *c, const struct pl_to_server_hello *hello)
{
    if (c->member) {
        complain(c, &(struct complaint){"state", "hello", NULL, "You said hello already."});
        return;
    }
    struct pl_client_pass pass;
    struct pl_farewell refusal;
    if (!c->io.enter(c->io.ctx, hello->meeting, hello->token, &pass, &refusal)) {
        pl_client_end(c, &refusal);
        return;
    }
    struct pl_conference *conf;
    c->user = pass.user;
    if (pl_conferences_start(c->all, hello->meeting, pass.definition, &conf) != PL_OK) {
        pl_definition_free(pass.definition);
        complain(c,
                 &(struct complaint){"internal", "hello", NULL, "The meeting cannot be started."});
        close_now(c);
        return;
    }
    join(c, conf, pass.person, hello);
}

/* Its own limits hold for one connection; those of its invitation, for all that come by it. */
static bool may_use(const struct pl_client *c, enum pl_limit what)
{
    struct pl_limits *limits = c->all->config.limits;
    return !limits || !c->member ||
           !pl_limits_use(limits, &c->user, what, pl_conferences_now(c->all));
}

static bool may_offer(struct pl_client *c)
{
    const struct pl_rate rate = {PL_OFFER_EACH, PL_OFFER_BURST};
    if (!pl_bucket_pay(&c->offers, &rate, pl_conferences_now(c->all)) &&
        may_use(c, PL_LIMIT_HANDSHAKES))
        return true;
    complain(c, &(struct complaint){"rate", "offer", NULL,
                                    "Too many offers; wait a moment before the next one."});
    return false;
}

static void on_offer(struct pl_client *c, const struct pl_to_server_offer *offer)
{
    struct pl_member *m = c->member;
    struct pl_conference *conf = m->conference;
    if (m->participant->place != PL_PLACE_ROOM) {
        complain(c, &(struct complaint){"state", "offer", NULL, "You are not in the room yet."});
        return;
    }
    const struct pl_leg_plan plan = {
        .conference = conf,
        .owner = m->participant->number,
        .sdp = offer->sdp,
        .may_publish = pl_role_publishes(m->participant->role),
        .may_receive = true,
        .offer = offer,
    };
    struct pl_leg *leg;
    struct pl_buf answer = {0}, json = {0};
    char field[PL_FIELD_SIZE], why[160];
    enum pl_err err = pl_leg_new(&plan, &leg, &answer, field, why);
    if (err) {
        complain(c, &(struct complaint){code_of(err), "offer", field, why});
    } else {
        if (m->browser)
            pl_leg_close(c->all, m->browser);
        if (!c->media_said) {
            const struct pl_act off = {.type = PL_ACT_MEDIA};
            struct pl_denial denial;
            err = pl_conference_act(conf, m->participant, &off, &denial); /* never refused */
        }
        m->browser = leg;
        pl_leg_give(leg, m);
        pl_leg_show_view(m);
        pl_leg_listen(m);
        const struct pl_to_client_answer message = {{answer.data, answer.len}};
        pl_to_client_answer(&json, &message);
        pl_client_send_media(c, &json);
    }
    pl_buf_free(&answer);
    pl_buf_free(&json);
}

static void on_view(struct pl_client *c, const struct pl_to_server_view *view)
{
    struct pl_member *m = c->member;
    m->has_view = true;
    m->n_view = view->n_tiles;
    for (size_t i = 0; i < view->n_tiles; i++)
        m->view[i] = (struct pl_wanted){view->tiles[i].source, (uint16_t)view->tiles[i].width,
                                        (uint16_t)view->tiles[i].height};
    pl_leg_show_view(m);
}

static void on_listen(struct pl_client *c, const struct pl_to_server_listen *listen)
{
    struct pl_member *m = c->member;
    unsigned channel = 0;
    if (listen->language.p) {
        channel = pl_definition_channel(m->conference->definition, listen->language);
        if (!channel) {
            complain(c, &(struct complaint){"invalid", "listen", "language",
                                            "This meeting is not interpreted into that language."});
            return;
        }
    }
    m->listens = channel;
    pl_leg_listen(m);
}

/* A decision that is called in the face of warnings: they come first. */
static void warn(struct pl_client *c, struct pl_str decision, const struct pl_denial *denial)
{
    const struct pl_to_client_warnings message = {decision, denial->warnings, denial->n_warnings};
    struct pl_buf json = {0};
    pl_to_client_warnings(&json, &message);
    pl_client_send(c, &json);
    pl_buf_free(&json);
}

/* The event that this act became, of those that were made with it: an item may end before its
 * session does, a silence after the vote that breaks it. 0: nothing changed. */
static uint64_t event_of(const struct pl_conference *c, enum pl_act_type type, uint64_t before)
{
    char head[64]; /* its words cannot stand in a text, where a quote is escaped */
    int n = snprintf(head, sizeof head, "\"act\":\"%s\"", pl_act_words[type]);
    for (uint64_t number = before + 1; number <= pl_meeting_state(c->meeting)->last; number++) {
        struct pl_str event = pl_record_pending(c, number);
        if (event.p && memmem(event.p, event.n, head, (size_t)n))
            return number;
    }
    return 0;
}

/* Who did something hears what it became in the record: by its bytes they can have it proven to
 * them. It waits, as all that they are told, until it is on disk. */
static void tell_recorded(struct pl_client *c, enum pl_act_type type, uint64_t before)
{
    const struct pl_conference *conference = c->member->conference;
    uint64_t number = event_of(conference, type, before);
    struct pl_buf json = {0};
    struct pl_to_client_recorded message = {
        .of = pl_str(pl_act_words[type]),
        .event = pl_record_pending(conference, number),
    };
    message.number = number;
    message.has_number = number > 0;
    pl_to_client_recorded(&json, &message);
    pl_client_send(c, &json);
    pl_buf_free(&json);
}

/* What is typed too fast is lost: the next of it has the whole line. */
static bool within_caption_rate(struct pl_client *c, const char *of)
{
    pl_time_us now = pl_conferences_now(c->all);
    if (!pl_bucket_pay(&c->captions, &PL_RATE(PL_CAPTION_RATE, PL_CAPTION_BURST), now))
        return true;
    complain(c, &(struct complaint){"rate", of, NULL, "Captions come too fast: send fewer."});
    return false;
}

static void on_act(struct pl_client *c, const struct pl_act *act)
{
    struct pl_denial denial;
    const struct pl_member *m = c->member;
    uint64_t last = pl_meeting_state(m->conference->meeting)->last;
    bool text = act->type == PL_ACT_CHAT || act->type == PL_ACT_CAPTION;
    if (text && m->conference->group) {
        complain(c, &(struct complaint){"state", pl_act_words[act->type], NULL,
                                        "This meeting is encrypted: its texts are sealed."});
        return;
    }
    if (act->type == PL_ACT_CAPTION && !within_caption_rate(c, "caption"))
        return;
    c->media_said |= act->type == PL_ACT_MEDIA;
    enum pl_err err = pl_conference_act(m->conference, m->participant, act, &denial);
    if (err && act->type == PL_ACT_CALL_DECISION && denial.acknowledge)
        warn(c, act->call_decision.decision, &denial);
    else if (err)
        /* That the disk takes nothing is told past what waits for it. */
        complain_by(
            c, &(struct complaint){code_of(err), pl_act_words[act->type], denial.field, denial.why},
            err == PL_EAGAIN ? pl_client_send_now : pl_client_send);
    else if (c->member && pl_act_is_kept(act->type))
        tell_recorded(c, act->type, last);
}

static void on_group(struct pl_client *c, const struct pl_to_server *m)
{
    struct pl_denial denial;
    if (m->type == PL_TO_SERVER_SEALED && m->sealed.caption && !within_caption_rate(c, "sealed"))
        return;
    enum pl_err err = pl_group_message(c->member, m, &denial);
    if (err)
        complain(c, &(struct complaint){code_of(err), pl_to_server_words[m->type], denial.field,
                                        denial.why});
}

static void on_cosign(struct pl_client *c, const struct pl_to_server_cosign *cosign)
{
    struct pl_denial denial;
    enum pl_err err = pl_cosign_take(c->member, cosign, &denial);
    if (err)
        complain(c, &(struct complaint){code_of(err), "cosign", denial.field, denial.why});
}

static void on_message(struct pl_client *c, const struct pl_to_server *m)
{
    bool act = m->type == PL_TO_SERVER_ACT;
    const char *of = act ? pl_act_words[m->act.type] : pl_to_server_words[m->type];
    struct pl_buf json = {0};
    if (c->member)
        c->member->heard = pl_conferences_now(c->all);
    if (m->type == PL_TO_SERVER_HELLO) {
        on_hello(c, &m->hello);
    } else if (!c->member) {
        complain(c, &(struct complaint){"state", of, NULL, "The first message is hello."});
    } else if (act) {
        on_act(c, &m->act);
    } else if (m->type == PL_TO_SERVER_OFFER) {
        if (may_offer(c))
            on_offer(c, &m->offer);
    } else if (m->type == PL_TO_SERVER_VIEW) {
        on_view(c, &m->view);
    } else if (m->type == PL_TO_SERVER_LISTEN) {
        on_listen(c, &m->listen);
    } else if (m->type == PL_TO_SERVER_COSIGN) {
        on_cosign(c, &m->cosign);
    } else if (m->type == PL_TO_SERVER_LINE) {
        if (c->member->browser)
            pl_leg_ask_line(c->member->browser);
    } else if (m->type == PL_TO_SERVER_PING) {
        pl_to_client_pong(&json, &(struct pl_to_client_pong){0});
        pl_client_send_now(c, &json);
    } else if (m->type == PL_TO_SERVER_LEAVE) {
        struct pl_member *member = c->member;
        close_now(c);
        pl_member_detach(member, true);
    } else {
        on_group(c, m);
    }
    pl_buf_free(&json);
}

static bool within_rate(struct pl_client *c)
{
    if (pl_bucket_pay(&c->messages, &PL_RATE(PL_CLIENT_RATE, PL_CLIENT_BURST),
                      pl_conferences_now(c->all)) ||
        !may_use(c, PL_LIMIT_MESSAGES))
        return false;
    if (c->refused)
        c->refused--;
    return true;
}

static void over_rate(struct pl_client *c)
{
    static const struct pl_farewell flood = {true, PL_REMOVED_REASON_PROTOCOL,
                                             "Too many messages."};
    if (++c->refused <= PL_CLIENT_REFUSED_MAX) {
        complain(c, &(struct complaint){"rate", NULL, NULL, "Too many messages; send fewer."});
        return;
    }
    struct pl_member *member = c->member;
    pl_client_end(c, &flood);
    if (member)
        pl_member_detach(member, true);
}

enum pl_err pl_client_new(struct pl_conferences *all, const struct pl_client_io *io,
                          struct pl_client **out)
{
    struct pl_client *c = calloc(1, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    c->all = all;
    c->io = *io;
    pl_list_init(&c->held);
    pl_time_us now = pl_conferences_now(all);
    pl_wait_add(&all->fresh, &c->wait, now);
    pl_conferences_due(all, now + PL_CLIENT_HELLO);
    *out = c;
    return PL_OK;
}

void pl_client_text(struct pl_client *c, struct pl_str text)
{
    if (c->over)
        return;
    if (!within_rate(c)) {
        over_rate(c);
        return;
    }
    struct pl_to_server message;
    struct pl_decode_error error;
    if (pl_to_server_decode(text, &message, &error) != PL_OK) {
        complain(c, &(struct complaint){code_of(error.err), error.of, error.field, error.reason});
        return;
    }
    on_message(c, &message);
    pl_to_server_free(&message);
}

void pl_client_drained(struct pl_client *c)
{
    if (!c->member)
        return;
    pl_member_tell_more(c->member);
    pl_tell_drained(c->member);
}

void pl_client_closed(struct pl_client *c)
{
    pl_list_remove(&c->wait.node);
    pl_list_remove(&c->held);
    pl_buf_free(&c->queue);
    if (c->member)
        pl_member_detach(c->member, false);
    free(c);
}
