/* The loop, and the life of a client. See call.h. */
#include "client/parts.h"

#include "crypto/random.h"
#include "proto/ice.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS (5 * NS_PER_MS)
#define EVENTS 256
#define RECEIVE_BUFFER (1 << 20) /* bytes; what browsers ask for is of this order */
#define WATCHED UINT64_MAX /* in an event; others: the session's index, twice, plus 1 for TCP */

void pl_calls_die(const char *what)
{
    perror(what);
    exit(3);
}

int64_t pl_calls_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

uint32_t pl_calls_random(struct pl_calls *l)
{
    l->seed = l->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(l->seed >> 33);
}

struct pl_calls *pl_calls_new(const struct pl_calls_options *options)
{
    struct rlimit files;
    struct pl_calls *l = calloc(1, sizeof *l);
    if (!l || (l->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        pl_calls_die("client");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    l->watched = -1;
    l->seed = options->seed;
    l->joins_max = options->joins ? options->joins : PL_CALL_JOINS_MAX;
    l->publish_ns = l->soonest_ns = INT64_MAX;
    l->bare = options->bare;
    l->nap_ns = options->nap_us * NS_PER_US;
    (void)prctl(PR_SET_TIMERSLACK, 1000UL); /* ns: naps and frames are on time */
    l->buffers = pl_receive_buffers();
    pl_handshake_setup(l);
    return l;
}

static void free_streams(struct pl_call *s)
{
    for (unsigned i = 0; i < s->n_streams; i++)
        free(s->streams[i].history);
    free(s->streams);
    s->streams = NULL;
    s->n_streams = 0;
}

static void free_call(struct pl_call *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->post.fd >= 0)
        close(s->post.fd);
    pl_buf_free(&s->post.in);
    pl_buf_free(&s->post.out);
    free(s->post.path);
    free(s->post.token);
    SSL_free(s->ssl);
    pl_srtp_free(s->in);
    pl_srtp_free(s->out);
    free_streams(s);
    free(s->tracks);
    free(s->arrivals);
    free(s);
}

void pl_calls_free(struct pl_calls *l)
{
    for (unsigned i = 0; i < l->n_all; i++)
        free_call(l->all[i]);
    pl_handshake_teardown(l);
    close(l->epoll);
    free(l->all);
    free(l->due_ns);
    free(l->publishers);
    free(l->buffers);
    free(l);
}

const char *pl_calls_fingerprint(const struct pl_calls *l)
{
    return l->fingerprint;
}

const struct pl_calls_totals *pl_calls_totals(const struct pl_calls *l)
{
    return &l->totals;
}

enum pl_call_state pl_call_state(const struct pl_call *s)
{
    return s->state;
}

const char *pl_call_why(const struct pl_call *s)
{
    return s->why;
}

int64_t pl_call_join_ns(const struct pl_call *s)
{
    return s->up_ns - s->began_ns;
}

unsigned pl_calls_count(const struct pl_calls *l, enum pl_call_state state)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->n_all; i++)
        n += l->all[i]->state == state;
    return n;
}

const struct pl_call_track *pl_call_track(const struct pl_call *s, unsigned i)
{
    return i < s->n_tracks ? &s->tracks[i].seen : NULL;
}

static bool joining(const struct pl_call *s)
{
    return s->state > PL_CALL_WAITING && s->state < PL_CALL_UP;
}

static void leave(struct pl_call *s, enum pl_call_state state)
{
    if (joining(s))
        s->calls->joining--;
    s->state = state;
    s->calls->due_ns[s->index] = INT64_MAX;
    if (s->fd >= 0)
        close(s->fd);
    if (s->post.fd >= 0)
        close(s->post.fd);
    s->fd = s->post.fd = -1;
    free_streams(s);
}

void pl_call_fail(struct pl_call *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
    leave(s, PL_CALL_FAILED);
}

void pl_call_end(struct pl_call *s)
{
    if (s->state == PL_CALL_UP)
        pl_handshake_end(s);
    if (s->state < PL_CALL_FAILED)
        leave(s, PL_CALL_ENDED);
}

void pl_call_due(struct pl_call *s, enum due what, int64_t at_ns)
{
    int64_t *earliest = &s->calls->due_ns[s->index];
    s->due_ns[what] = at_ns;
    if (at_ns < *earliest)
        *earliest = at_ns;
    if (at_ns < s->calls->soonest_ns)
        s->calls->soonest_ns = at_ns;
}

void pl_call_send(struct pl_call *s, const void *bytes, size_t n)
{
    if (s->fd >= 0)
        (void)send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL); /* lost is lost: this is UDP */
}

void pl_call_send_rtcp(struct pl_call *s, struct pl_writer *w, size_t cap)
{
    size_t n = pl_writer_size(w);
    if (n == 0 || w->full || !s->out)
        return;
    if (pl_srtcp_protect(s->out, w->start, &n, cap) == PL_OK)
        pl_call_send(s, w->start, n);
}

static void grow(struct pl_calls *l)
{
    if (l->n_all < l->cap_all)
        return;
    l->cap_all = l->cap_all ? 2 * l->cap_all : 64;
    l->all = reallocarray(l->all, l->cap_all, sizeof(struct pl_call *));
    l->due_ns = reallocarray(l->due_ns, l->cap_all, sizeof *l->due_ns);
    l->publishers = reallocarray(l->publishers, l->cap_all, sizeof(struct pl_call *));
    if (!l->all || !l->due_ns || !l->publishers)
        pl_calls_die("clients");
}

static struct pl_call *add_call(struct pl_calls *l, const struct pl_call_place *place)
{
    struct pl_call *s = calloc(1, sizeof *s);
    if (!s)
        pl_calls_die("client");
    grow(l);
    *s = (struct pl_call){.calls = l,
                          .index = l->n_all,
                          .way = place->way,
                          .fd = -1,
                          .post.fd = -1,
                          .http = place->addr,
                          .media = place->addr};
    for (unsigned i = 0; i < 4; i++)
        s->due_ns[i] = INT64_MAX;
    l->due_ns[l->n_all] = INT64_MAX;
    l->all[l->n_all++] = s;
    pl_crypto_random()->fill(NULL, (uint8_t *)&s->rtcp_ssrc, sizeof s->rtcp_ssrc);
    return s;
}

void pl_call_open(struct pl_call *s)
{
    int on = 1, size = RECEIVE_BUFFER;
    s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        pl_calls_die("socket");
    if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (s->receive.gro && setsockopt(s->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0)
        pl_calls_die("UDP_GRO");
    if (connect(s->fd, (struct sockaddr *)&s->media, sizeof s->media) != 0)
        pl_calls_die("connect");
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 2 * (uint64_t)s->index};
    if (epoll_ctl(s->calls->epoll, EPOLL_CTL_ADD, s->fd, &e) != 0)
        pl_calls_die("epoll_ctl");
}

void pl_call_begin_media(struct pl_call *s)
{
    pl_call_open(s);
    s->state = PL_CALL_CHECKING;
    pl_join_check(s);
}

void pl_call_up(struct pl_call *s, int64_t now)
{
    struct pl_calls *l = s->calls;
    if (joining(s))
        l->joining--;
    s->state = PL_CALL_UP;
    s->up_ns = s->answered_ns = now;
    pl_call_due(s, DUE_REPORT, now + pl_calls_random(l) % REPORT_NS);
    if (s->n_streams) {
        pl_publish_begin(s, now);
        l->publishers[l->n_publishers++] = s;
        l->publish_ns = now;
    }
    pl_feedback_begin(s);
}

static enum pl_err begin(struct pl_call *s, const struct pl_call_place *place)
{
    struct pl_calls *l = s->calls;
    if (place->way == PL_CALL_HTTP) {
        s->post.path = strdup(place->path);
        s->post.token = strdup(place->token);
        if (!s->post.path || !s->post.token)
            pl_calls_die("client");
        return PL_OK;
    }
    l->joining++;
    s->began_ns = pl_calls_now_ns();
    s->state = PL_CALL_SIGNALLING;
    switch (place->way) {
    case PL_CALL_SDP:
        snprintf(s->ufrag, sizeof s->ufrag, "%s", place->ufrag);
        snprintf(s->pwd, sizeof s->pwd, "%s", place->pwd);
        return pl_call_answer(s, place->sdp);
    case PL_CALL_OFFER:
        pl_ice_credentials(pl_crypto_random(), s->ufrag, s->pwd);
        return PL_OK;
    default:
        l->bare(s, place->number);
        return PL_OK;
    }
}

enum pl_err pl_call_join(struct pl_calls *l, const struct pl_call_place *place,
                         const struct pl_call_publisher *sends,
                         const struct pl_call_receiver *hears, struct pl_call **out)
{
    struct pl_call *s = add_call(l, place);
    if (sends) {
        s->publish = *sends;
        s->want_layers = sends->paused ? 0 : PL_CALL_LAYERS_MAX;
        s->want_sound = !sends->paused;
        if (!s->publish.ssrc)
            s->publish.ssrc = s->rtcp_ssrc & ~7u;
        s->rtcp_ssrc = s->publish.ssrc;
    }
    s->hears = hears != NULL;
    if (hears)
        s->receive = *hears;
    *out = s;
    return begin(s, place);
}

enum pl_err pl_call_answer(struct pl_call *s, const char *sdp)
{
    if (s->state != PL_CALL_SIGNALLING || !pl_join_description(s, sdp))
        return PL_EINVAL;
    pl_call_begin_media(s);
    return PL_OK;
}

/* As many joins at a time as there may be. */
static void join_more(struct pl_calls *l)
{
    while (l->next_waiting < l->n_all && l->joining < l->joins_max) {
        struct pl_call *s = l->all[l->next_waiting++];
        if (s->state != PL_CALL_WAITING)
            continue;
        l->joining++;
        s->state = PL_CALL_SIGNALLING;
        s->began_ns = pl_calls_now_ns();
        pl_join_begin(s);
    }
}

static void expire(struct pl_call *s, int64_t now)
{
    if (s->due_ns[DUE_CHECK] <= now)
        pl_join_check(s);
    if (s->state == PL_CALL_HANDSHAKING)
        pl_handshake_expire(s);
    if (s->state != PL_CALL_UP)
        return;
    if (s->due_ns[DUE_REPORT] <= now) {
        pl_call_due(s, DUE_REPORT, now + REPORT_NS);
        pl_publish_report(s, now);
        pl_feedback_report(s, now);
    }
    if (s->due_ns[DUE_FEEDBACK] <= now)
        pl_feedback_arrivals(s, now);
    if (s->due_ns[DUE_NACK] <= now)
        pl_feedback_nack(s, now);
}

/* When expire_all has something to do: not more often than once a tick. */
static int64_t expire_ns(const struct pl_calls *l)
{
    return l->soonest_ns > l->tick_ns ? l->soonest_ns : l->tick_ns;
}

static void expire_all(struct pl_calls *l, int64_t now)
{
    int64_t soonest = INT64_MAX;
    if (now < expire_ns(l))
        return;
    l->tick_ns = now + TICK_NS;
    for (unsigned i = 0; i < l->n_all; i++) {
        struct pl_call *s = l->all[i];
        if (l->due_ns[i] <= now) {
            l->due_ns[i] = INT64_MAX;
            expire(s, now);
            for (unsigned k = 0; k < 4 && s->state < PL_CALL_FAILED; k++)
                if (s->due_ns[k] < l->due_ns[i])
                    l->due_ns[i] = s->due_ns[k];
        }
        if (l->due_ns[i] < soonest)
            soonest = l->due_ns[i];
    }
    l->soonest_ns = soonest;
}

void pl_calls_watch(struct pl_calls *l, int fd)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = WATCHED};
    if (l->watched >= 0)
        epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->watched, NULL);
    l->watched = fd;
    if (fd >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        pl_calls_die("epoll_ctl");
}

int pl_calls_fd(const struct pl_calls *l)
{
    return l->epoll;
}

int64_t pl_calls_due_ns(const struct pl_calls *l)
{
    int64_t expires = expire_ns(l);
    return expires < l->publish_ns ? expires : l->publish_ns;
}

static int64_t wait_until(const struct pl_calls *l, int64_t now, pl_time_us max_wait_us)
{
    int64_t until = now + max_wait_us * NS_PER_US, due = pl_calls_due_ns(l);
    if (due < until)
        until = due;
    return until > now ? until - now : 0;
}

static int wait_for(struct pl_calls *l, struct epoll_event *events, pl_time_us max_wait_us)
{
    int64_t wait = wait_until(l, pl_calls_now_ns(), max_wait_us);
    if (l->nap_ns && !l->busy) {
        int64_t nap = wait < l->nap_ns ? wait : l->nap_ns;
        nanosleep(&(struct timespec){0, nap}, NULL);
    }
    if (l->nap_ns)
        wait = 0;
    struct timespec timeout = {wait / NS_PER_S, wait % NS_PER_S};
    int n = epoll_pwait2(l->epoll, events, EVENTS, &timeout, NULL);
    if (n < 0 && errno != EINTR)
        pl_calls_die("epoll_pwait2");
    l->busy = n == EVENTS;
    return n;
}

bool pl_calls_turn(struct pl_calls *l, pl_time_us max_wait_us)
{
    struct epoll_event events[EVENTS];
    bool watched = false;
    join_more(l);
    int n = wait_for(l, events, max_wait_us);
    l->publish_ns = pl_publish_due(l, pl_calls_now_ns());
    for (int i = 0; i < n; i++) {
        uint64_t which = events[i].data.u64;
        if (which == WATCHED) {
            watched = true;
            continue;
        }
        struct pl_call *s = l->all[which / 2];
        if (which % 2)
            pl_join_ready(s, events[i].events);
        else if (s->fd >= 0)
            pl_receive_ready(s);
        if (pl_calls_now_ns() >= l->publish_ns) /* what is published must not wait for readers */
            l->publish_ns = pl_publish_due(l, pl_calls_now_ns());
    }
    expire_all(l, pl_calls_now_ns());
    return watched;
}
