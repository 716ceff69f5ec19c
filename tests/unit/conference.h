/* A conference from its edges, for the tests: browsers as arrays of messages, the media threads as
 * a fake that keeps what it was told, a clock that the test moves. After <cmocka.h>. */
#ifndef PL_TESTS_CONFERENCE_H
#define PL_TESTS_CONFERENCE_H

#include "server/client.h"
#include "server/conference_parts.h"
#include "signal/definition.h"

#include <stdio.h>
#include <stdlib.h>

/* The fake media threads. An offer is one letter a section: A and V publish, a and v receive. */

#define PEERS_MAX 16
struct pl_media {
    struct fake_peer {
        pl_peer_id id;
        uint64_t owner;
        pl_room_id room;
        struct pl_session session;
        struct pl_section sections[12];
        pl_source_id sources[12];
        bool muted[12];
        enum pl_source_class classes[12];
        unsigned channels[12], listens;
        pl_source_id wanted[8];
        size_t n_wanted;
        bool has_wanted, closed, encrypted, deaf;
        unsigned looks;
    } peers[PEERS_MAX];
    size_t n_peers;
    uint64_t next_id;
};

enum pl_err pl_media_offer(struct pl_media *m, const struct pl_media_offer *offer,
                           struct pl_media_peer *peer, struct pl_buf *answer, char why[160])
{
    if (offer->sdp.n > 12 || pl_str_eq(offer->sdp, "bad")) {
        snprintf(why, 160, "line 1: bad \xff");
        return PL_EINVAL;
    }
    if (m->n_peers == PEERS_MAX) {
        snprintf(why, 160, "no room");
        return PL_ELIMIT;
    }
    struct fake_peer *p = &m->peers[m->n_peers++];
    *p = (struct fake_peer){.id = ++m->next_id,
                            .owner = offer->owner,
                            .room = offer->room,
                            .encrypted = offer->encrypted};
    p->session.sections = p->sections;
    p->session.n_sections = offer->sdp.n;
    snprintf(p->session.local_ufrag, sizeof p->session.local_ufrag, "loc%05u",
             (unsigned)p->id % 100000);
    snprintf(p->session.remote_ufrag, sizeof p->session.remote_ufrag, "theirs");
    for (size_t i = 0; i < offer->sdp.n; i++) {
        char c = offer->sdp.p[i];
        struct pl_section *s = &p->sections[i];
        snprintf(s->mid, sizeof s->mid, "%zu", i);
        s->media = c == 'A' || c == 'a' ? PL_AUDIO : PL_VIDEO;
        bool publishes = c == 'A' || c == 'V';
        s->direction = publishes && offer->may_publish    ? PL_RECEIVE
                       : !publishes && offer->may_receive ? PL_SEND
                                                          : PL_INACTIVE;
        p->sources[i] = s->direction == PL_RECEIVE ? ++m->next_id : 0;
        p->muted[i] = offer->muted;
    }
    *peer = (struct pl_media_peer){p->id, &p->session, p->sources};
    pl_buf_puts(answer, "answer");
    return PL_OK;
}

static inline struct fake_peer *peer_of(struct pl_media *m, pl_peer_id id);

void pl_media_look(struct pl_media *m, pl_peer_id id)
{
    if (peer_of(m, id))
        peer_of(m, id)->looks++;
}

struct pl_media_traffic pl_media_room_traffic(const struct pl_media *m, pl_room_id room)
{
    (void)m;
    return (struct pl_media_traffic){1000 * room, 2000 * room};
}

bool pl_media_path_is_tcp(const struct pl_tuple *path)
{
    return path->socket > 100;
}

static inline struct fake_peer *peer_of(struct pl_media *m, pl_peer_id id)
{
    for (size_t i = 0; i < m->n_peers; i++)
        if (m->peers[i].id == id && !m->peers[i].closed)
            return &m->peers[i];
    return NULL;
}

void pl_media_close(struct pl_media *m, pl_peer_id id)
{
    struct fake_peer *p = peer_of(m, id);
    if (p)
        p->closed = true;
}

enum pl_err pl_media_restart(struct pl_media *m, pl_peer_id id, const char *remote_ufrag,
                             const char *remote_pwd, char local_ufrag[9], char local_pwd[25])
{
    (void)remote_ufrag;
    (void)remote_pwd;
    snprintf(local_ufrag, 9, "again123");
    snprintf(local_pwd, 25, "passwordpasswordpassword");
    return peer_of(m, id) ? PL_OK : PL_ENOENT;
}

void pl_media_candidates(const struct pl_media *m, pl_peer_id id, struct pl_buf *out)
{
    (void)m;
    (void)id;
    pl_buf_puts(out, "a=candidate:1 1 UDP 1 192.0.2.1 7000 typ host\r\n");
}

void pl_media_mute(struct pl_media *m, pl_source_id source, bool muted)
{
    for (size_t i = 0; i < m->n_peers; i++)
        for (size_t j = 0; j < m->peers[i].session.n_sections; j++)
            if (m->peers[i].sources[j] == source)
                m->peers[i].muted[j] = muted;
}

void pl_media_class(struct pl_media *m, pl_source_id source, enum pl_source_class class,
                    unsigned channel)
{
    for (size_t i = 0; i < m->n_peers; i++)
        for (size_t j = 0; j < m->peers[i].session.n_sections; j++)
            if (m->peers[i].sources[j] == source) {
                m->peers[i].classes[j] = class;
                m->peers[i].channels[j] = channel;
            }
}

void pl_media_listen(struct pl_media *m, pl_peer_id id, unsigned channel)
{
    struct fake_peer *p = peer_of(m, id);
    assert_non_null(p);
    p->listens = channel;
}

void pl_media_deafen(struct pl_media *m, pl_peer_id id, bool deaf)
{
    struct fake_peer *p = peer_of(m, id);
    assert_non_null(p);
    p->deaf = deaf;
}

void pl_media_want_video(struct pl_media *m, pl_peer_id id, const struct pl_wanted *wanted,
                         size_t n)
{
    struct fake_peer *p = peer_of(m, id);
    assert_non_null(p);
    assert_non_null(wanted);
    p->has_wanted = true;
    p->n_wanted = n;
    for (size_t i = 0; i < n; i++)
        p->wanted[i] = wanted[i].source;
}

/* The fixture: one server, with meetings by id and browsers by number. */

struct browser {
    struct fixture *f;
    struct pl_client *client;
    struct pl_buf heard; /* what came since the last look, a line each */
    bool closed;
};

#define BROWSERS 8
struct fixture {
    struct pl_conferences *all;
    struct pl_media media;
    pl_time_us now, wake_at;
    uint8_t next_random;
    const char *definition;
    struct browser browsers[BROWSERS];
};

static inline pl_time_us clock_now(void *ctx)
{
    return ((struct fixture *)ctx)->now;
}

static inline int64_t clock_wall(void *ctx)
{
    return 1000000 + ((struct fixture *)ctx)->now / 1000;
}

static inline void wake(void *ctx, pl_time_us at)
{
    ((struct fixture *)ctx)->wake_at = at;
}

static inline void fill(void *ctx, uint8_t *out, size_t n)
{
    struct fixture *f = ctx;
    while (n--)
        *out++ = f->next_random++;
}

/* Lets time pass, as the loop would. */
static inline void pass(struct fixture *f, pl_time_us d)
{
    pl_time_us end = f->now + d;
    while (f->wake_at <= end) {
        if (f->wake_at > f->now)
            f->now = f->wake_at;
        f->wake_at = PL_NEVER;
        pl_conferences_run(f->all);
    }
    f->now = end;
}

static inline void browser_send(void *ctx, const char *json, size_t n)
{
    struct browser *b = ctx;
    if (b->closed)
        return;
    pl_buf_add(&b->heard, json, n);
    pl_buf_puts(&b->heard, "\n");
}

static inline void browser_close(void *ctx)
{
    struct browser *b = ctx;
    b->closed = true;
}

/* Token "2" is person 2 of the only definition; "expired" and "busy" are not let in. */
static inline bool browser_enter(void *ctx, struct pl_str meeting, struct pl_str token,
                                 struct pl_client_pass *out, struct pl_farewell *refusal)
{
    struct browser *b = ctx;
    uint64_t person;
    char why[PL_WHY_SIZE];
    (void)meeting;
    *refusal = (struct pl_farewell){true, PL_REMOVED_REASON_EXPIRED, "Too late."};
    if (pl_str_eq(token, "busy"))
        *refusal = (struct pl_farewell){.message = "Not now."};
    if (pl_parse_u64(token, 100, &person) != PL_OK)
        return false;
    if (pl_definition_decode(pl_str(b->f->definition), &out->definition, why) != PL_OK)
        fail_msg("%s", why);
    out->person = (uint32_t)person - 1;
    out->user = (struct pl_limits_user){.invitation = {(char)person}};
    return true;
}

static inline void set_up(struct fixture *f, const char *definition)
{
    memset(f, 0, sizeof *f);
    f->now = 1000 * PL_SECOND;
    f->wake_at = PL_NEVER;
    f->definition = definition;
    f->media.next_id = 100;
    const struct pl_conferences_config config = {
        .ctx = f, .now = clock_now, .wall_ms = clock_wall, .wake = wake, .random = {fill, f}};
    assert_int_equal(pl_conferences_new(&config, &f->all), PL_OK);
    pl_conferences_use_media(f->all, &f->media);
    for (size_t i = 0; i < BROWSERS; i++)
        f->browsers[i].f = f;
}

static inline void hang_up(struct browser *b)
{
    if (b->client)
        pl_client_closed(b->client);
    b->client = NULL;
}

static inline void tear_down(struct fixture *f)
{
    for (size_t i = 0; i < BROWSERS; i++) {
        hang_up(&f->browsers[i]);
        pl_buf_free(&f->browsers[i].heard);
    }
    pl_conferences_free(f->all);
    for (size_t i = 0; i < f->media.n_peers; i++)
        assert_true(f->media.peers[i].closed);
}

static inline struct browser *dial(struct fixture *f, size_t i)
{
    struct browser *b = &f->browsers[i];
    hang_up(b);
    pl_buf_clear(&b->heard);
    b->closed = false;
    static const struct pl_through_server turn = {"turn:h:1?transport=tcp", {"9:a", "secret"}};
    const struct pl_client_io io = {b, browser_send, browser_close, browser_enter, &turn};
    assert_int_equal(pl_client_new(f->all, &io, &b->client), PL_OK);
    return b;
}

static inline void say(struct browser *b, const char *json)
{
    pl_client_text(b->client, pl_str(json));
}

static inline struct browser *join(struct fixture *f, size_t i, const char *token)
{
    char hello[100];
    snprintf(hello, sizeof hello, "{\"type\":\"hello\",\"meeting\":\"m\",\"token\":\"%s\"}", token);
    struct browser *b = dial(f, i);
    say(b, hello);
    pass(f, 0);
    return b;
}

static inline bool heard(const struct browser *b, const char *text)
{
    return b->heard.data && strstr(b->heard.data, text);
}

/* What came since the last look holds each of these. */
#define HEARD(b, text)                                                                             \
    do {                                                                                           \
        if (!heard(b, text))                                                                       \
            fail_msg("no %s in\n%s", text, (b)->heard.data ? (b)->heard.data : "");                \
    } while (0)

static inline void look_away(struct fixture *f)
{
    for (size_t i = 0; i < BROWSERS; i++)
        pl_buf_clear(&f->browsers[i].heard);
}

/* Person 1 presides, 2 and 3 are delegates, 4 an observer's link for many. */
#define MEETING(floor, lobby)                                                                      \
    "{\"title\":\"T\",\"floor\":\"" floor "\",\"encryption\":\"none\",\"lobby\":" lobby            \
    ",\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"}],\"people\":["            \
    "{\"name\":\"Chair\",\"role\":\"chair\"},"                                                     \
    "{\"name\":\"Ann\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Bob\",\"role\":\"delegate\",\"seat\":\"NOR\"},"                                   \
    "{\"name\":\"Guest\",\"role\":\"observer\",\"shared\":true}]}"

#define OFFER_ALL                                                                                  \
    "{\"type\":\"offer\",\"sdp\":\"AVavv\",\"sources\":[{\"mid\":\"0\",\"kind\":\"microphone\"},"  \
    "{\"mid\":\"1\",\"kind\":\"camera\"}]}"
#define MEDIA(microphone, camera, screen, sound)                                                   \
    "{\"type\":\"media\",\"microphone\":" microphone ",\"camera\":" camera ",\"screen\":" screen   \
    ",\"screen_sound\":" sound "}"
#define MEDIA_ON MEDIA("true", "true", "false", "false")
#define MEDIA_OFF MEDIA("false", "false", "false", "false")

/* The fake's peer of the last offer, and whether its sections are forwarded, like "mc" or "-c". */
static inline struct fake_peer *last_peer(struct fixture *f)
{
    assert_true(f->media.n_peers > 0);
    return &f->media.peers[f->media.n_peers - 1];
}

#define FORWARDS(peer, sound, picture)                                                             \
    do {                                                                                           \
        assert_int_equal(!(peer)->muted[0], sound);                                                \
        assert_int_equal(!(peer)->muted[1], picture);                                              \
    } while (0)

static inline struct pl_conference *conference(struct fixture *f)
{
    struct pl_conference *c = pl_conferences_find(f->all, pl_str("m"));
    assert_non_null(c);
    return c;
}

static inline struct browser *join_as(struct fixture *f, size_t i, const char *token,
                                      const char *page)
{
    char hello[150];
    snprintf(hello, sizeof hello,
             "{\"type\":\"hello\",\"meeting\":\"m\",\"token\":\"%s\",\"page\":\"%s\"}", token,
             page);
    struct browser *b = dial(f, i);
    say(b, hello);
    pass(f, 0);
    return b;
}

#endif
