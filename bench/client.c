/* The loop, and the life of a client. See client.h. */
#include "parts.h"

#include "crypto/random.h"

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

void load_die(const char *what)
{
    perror(what);
    exit(3);
}

int64_t load_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

uint32_t load_random(struct load *l)
{
    l->seed = l->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(l->seed >> 33);
}

struct load *load_new(const struct load_options *options)
{
    struct rlimit files;
    struct load *l = calloc(1, sizeof *l);
    if (!l || (l->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        load_die("load");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    l->watched = -1;
    l->seed = options->seed;
    l->joins_max = options->joins ? options->joins : LOAD_JOINS_MAX;
    l->publish_ns = INT64_MAX;
    l->nap_ns = options->nap_us * NS_PER_US;
    (void)prctl(PR_SET_TIMERSLACK, 1000UL); /* ns: naps and frames are on time */
    l->buffers = receive_buffers();
    handshake_setup(l);
    return l;
}

static void free_session(struct load_session *s)
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
    for (unsigned i = 0; i < s->n_streams; i++)
        free(s->streams[i].history);
    free(s->streams);
    free(s->tracks);
    free(s->arrivals);
    free(s);
}

void load_free(struct load *l)
{
    for (unsigned i = 0; i < l->n_sessions; i++)
        free_session(l->sessions[i]);
    handshake_teardown(l);
    close(l->epoll);
    free(l->sessions);
    free(l->due_ns);
    free(l->publishers);
    free(l->buffers);
    free(l);
}

const char *load_fingerprint(const struct load *l)
{
    return l->fingerprint;
}

const struct load_totals *load_totals(const struct load *l)
{
    return &l->totals;
}

struct histogram *load_latency(struct load *l)
{
    return &l->latency;
}

enum load_state load_state(const struct load_session *s)
{
    return s->state;
}

const char *load_why(const struct load_session *s)
{
    return s->why;
}

int64_t load_join_ns(const struct load_session *s)
{
    return s->up_ns - s->began_ns;
}

unsigned load_count(const struct load *l, enum load_state state)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->n_sessions; i++)
        n += l->sessions[i]->state == state;
    return n;
}

const struct load_track *load_track(const struct load_session *s, unsigned i)
{
    return i < s->n_tracks ? &s->tracks[i].seen : NULL;
}

static bool joining(const struct load_session *s)
{
    return s->state > LOAD_WAITING && s->state < LOAD_UP;
}

static void leave(struct load_session *s, enum load_state state)
{
    if (joining(s))
        s->load->joining--;
    s->state = state;
    s->load->due_ns[s->index] = INT64_MAX;
    if (s->fd >= 0)
        close(s->fd);
    if (s->post.fd >= 0)
        close(s->post.fd);
    s->fd = s->post.fd = -1;
}

void session_fail(struct load_session *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
    leave(s, LOAD_FAILED);
}

void load_end(struct load_session *s)
{
    if (s->state == LOAD_UP)
        handshake_end(s);
    if (s->state < LOAD_FAILED)
        leave(s, LOAD_ENDED);
}

void session_due(struct load_session *s, enum due what, int64_t at_ns)
{
    int64_t *earliest = &s->load->due_ns[s->index];
    s->due_ns[what] = at_ns;
    if (at_ns < *earliest)
        *earliest = at_ns;
}

void session_send(struct load_session *s, const void *bytes, size_t n)
{
    if (s->fd >= 0)
        (void)send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL); /* lost is lost: this is UDP */
}

void session_send_rtcp(struct load_session *s, struct pl_writer *w, size_t cap)
{
    size_t n = pl_writer_size(w);
    if (n == 0 || w->full || !s->out)
        return;
    if (pl_srtcp_protect(s->out, w->start, &n, cap) == PL_OK)
        session_send(s, w->start, n);
}

static void grow(struct load *l)
{
    if (l->n_sessions < l->cap_sessions)
        return;
    l->cap_sessions = l->cap_sessions ? 2 * l->cap_sessions : 64;
    l->sessions = reallocarray(l->sessions, l->cap_sessions, sizeof(struct load_session *));
    l->due_ns = reallocarray(l->due_ns, l->cap_sessions, sizeof *l->due_ns);
    l->publishers = reallocarray(l->publishers, l->cap_sessions, sizeof(struct load_session *));
    if (!l->sessions || !l->due_ns || !l->publishers)
        load_die("clients");
}

static struct load_session *add_session(struct load *l, const struct load_place *place)
{
    struct load_session *s = calloc(1, sizeof *s);
    if (!s)
        load_die("client");
    grow(l);
    *s = (struct load_session){.load = l,
                               .index = l->n_sessions,
                               .way = place->way,
                               .fd = -1,
                               .post.fd = -1,
                               .http = place->addr,
                               .media = place->addr};
    for (unsigned i = 0; i < 4; i++)
        s->due_ns[i] = INT64_MAX;
    l->due_ns[l->n_sessions] = INT64_MAX;
    l->sessions[l->n_sessions++] = s;
    pl_crypto_random()->fill(NULL, (uint8_t *)&s->rtcp_ssrc, sizeof s->rtcp_ssrc);
    return s;
}

void session_open(struct load_session *s)
{
    int on = 1, size = RECEIVE_BUFFER;
    s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        load_die("socket");
    if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (s->receive.gro && setsockopt(s->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0)
        load_die("UDP_GRO");
    if (connect(s->fd, (struct sockaddr *)&s->media, sizeof s->media) != 0)
        load_die("connect");
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 2 * (uint64_t)s->index};
    if (epoll_ctl(s->load->epoll, EPOLL_CTL_ADD, s->fd, &e) != 0)
        load_die("epoll_ctl");
}

void session_begin_media(struct load_session *s)
{
    session_open(s);
    s->state = LOAD_CHECKING;
    join_check(s);
}

void session_up(struct load_session *s, int64_t now)
{
    struct load *l = s->load;
    if (joining(s))
        l->joining--;
    s->state = LOAD_UP;
    s->up_ns = s->answered_ns = now;
    session_due(s, DUE_REPORT, now + load_random(l) % REPORT_NS);
    if (s->publisher) {
        publish_begin(s, now);
        l->publishers[l->n_publishers++] = s;
        l->publish_ns = now;
    } else {
        feedback_begin(s, now);
    }
}

static enum pl_err begin(struct load_session *s, const struct load_place *place)
{
    struct load *l = s->load;
    if (place->way == LOAD_HTTP) {
        s->post.path = strdup(place->path);
        s->post.token = strdup(place->token);
        if (!s->post.path || !s->post.token)
            load_die("client");
        return PL_OK;
    }
    l->joining++;
    s->began_ns = load_now_ns();
    s->state = LOAD_SIGNALLING;
    if (place->way == LOAD_SDP) {
        snprintf(s->ufrag, sizeof s->ufrag, "%s", place->ufrag);
        snprintf(s->pwd, sizeof s->pwd, "%s", place->pwd);
        if (!join_description(s, place->sdp))
            return PL_EINVAL;
        session_begin_media(s);
        return PL_OK;
    }
    bare_begin(s, place->number);
    return PL_OK;
}

enum pl_err load_publish(struct load *l, const struct load_place *place,
                         const struct load_publisher *what, struct load_session **out)
{
    struct load_session *s = add_session(l, place);
    s->publisher = true;
    s->publish = *what;
    if (!s->publish.ssrc)
        s->publish.ssrc = s->rtcp_ssrc & ~7u;
    s->rtcp_ssrc = s->publish.ssrc;
    *out = s;
    return begin(s, place);
}

enum pl_err load_receive(struct load *l, const struct load_place *place,
                         const struct load_receiver *what, struct load_session **out)
{
    struct load_session *s = add_session(l, place);
    s->receive = *what;
    *out = s;
    return begin(s, place);
}

/* As many joins at a time as there may be. */
static void join_more(struct load *l)
{
    while (l->next_waiting < l->n_sessions && l->joining < l->joins_max) {
        struct load_session *s = l->sessions[l->next_waiting++];
        if (s->state != LOAD_WAITING)
            continue;
        l->joining++;
        s->state = LOAD_SIGNALLING;
        s->began_ns = load_now_ns();
        join_begin(s);
    }
}

static void expire(struct load_session *s, int64_t now)
{
    if (s->due_ns[DUE_CHECK] <= now)
        join_check(s);
    if (s->state == LOAD_HANDSHAKING)
        handshake_expire(s);
    if (s->state != LOAD_UP)
        return;
    if (s->due_ns[DUE_REPORT] <= now) {
        session_due(s, DUE_REPORT, now + REPORT_NS);
        s->publisher ? publish_report(s, now) : feedback_report(s, now);
    }
    if (s->due_ns[DUE_FEEDBACK] <= now)
        feedback_arrivals(s, now);
    if (s->due_ns[DUE_NACK] <= now)
        feedback_nack(s, now);
}

static void expire_all(struct load *l, int64_t now)
{
    if (now < l->tick_ns)
        return;
    l->tick_ns = now + TICK_NS;
    for (unsigned i = 0; i < l->n_sessions; i++) {
        if (l->due_ns[i] > now)
            continue;
        struct load_session *s = l->sessions[i];
        l->due_ns[i] = INT64_MAX;
        expire(s, now);
        for (unsigned k = 0; k < 4 && s->state < LOAD_FAILED; k++)
            if (s->due_ns[k] < l->due_ns[i])
                l->due_ns[i] = s->due_ns[k];
    }
}

void load_watch(struct load *l, int fd)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = WATCHED};
    if (l->watched >= 0)
        epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->watched, NULL);
    l->watched = fd;
    if (fd >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        load_die("epoll_ctl");
}

static int64_t wait_until(const struct load *l, int64_t now, pl_time_us max_wait_us)
{
    int64_t until = now + max_wait_us * NS_PER_US;
    if (l->tick_ns < until)
        until = l->tick_ns;
    if (l->publish_ns < until)
        until = l->publish_ns;
    return until > now ? until - now : 0;
}

static int wait_for(struct load *l, struct epoll_event *events, pl_time_us max_wait_us)
{
    int64_t wait = wait_until(l, load_now_ns(), max_wait_us);
    if (l->nap_ns && !l->busy) {
        int64_t nap = wait < l->nap_ns ? wait : l->nap_ns;
        nanosleep(&(struct timespec){0, nap}, NULL);
    }
    if (l->nap_ns)
        wait = 0;
    struct timespec timeout = {wait / NS_PER_S, wait % NS_PER_S};
    int n = epoll_pwait2(l->epoll, events, EVENTS, &timeout, NULL);
    if (n < 0 && errno != EINTR)
        load_die("epoll_pwait2");
    l->busy = n == EVENTS;
    return n;
}

bool load_turn(struct load *l, pl_time_us max_wait_us)
{
    struct epoll_event events[EVENTS];
    bool watched = false;
    join_more(l);
    int n = wait_for(l, events, max_wait_us);
    l->publish_ns = publish_due(l, load_now_ns());
    for (int i = 0; i < n; i++) {
        uint64_t which = events[i].data.u64;
        if (which == WATCHED) {
            watched = true;
            continue;
        }
        struct load_session *s = l->sessions[which / 2];
        if (which % 2)
            join_ready(s, events[i].events);
        else if (s->fd >= 0)
            receive_ready(s);
        if (load_now_ns() >= l->publish_ns) /* what is published must not wait for readers */
            l->publish_ns = publish_due(l, load_now_ns());
    }
    expire_all(l, load_now_ns());
    return watched;
}
