/* UDP sockets in batches: recvmmsg(2), sendmmsg(2), UDP_GRO, UDP_SEGMENT. */
#include "io/udp.h"
#include "io/sockaddr.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_BATCH 32         /* pieces of one system call */
#define RECEIVE_PIECE (64 << 10) /* bytes: the most that the kernel puts together */
#define SEND_ARENA (128 << 10)   /* bytes that wait to be sent: two of the longest runs */
#define LINE 64                  /* bytes of a cache line: where a run begins */

/* What one system call receives, wired up once. Memory is touched as far as datagrams reach. */
struct inward {
    struct mmsghdr messages[RECEIVE_BATCH];
    struct iovec pieces[RECEIVE_BATCH];
    struct sockaddr_storage names[RECEIVE_BATCH];
    uint8_t control[RECEIVE_BATCH][CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec))];
    uint8_t bytes[RECEIVE_BATCH][RECEIVE_PIECE];
};

struct outward {
    struct mmsghdr messages[PL_UDP_BATCH];
    struct iovec pieces[PL_UDP_BATCH];
    struct sockaddr_in6 names[PL_UDP_BATCH];
    uint8_t control[PL_UDP_BATCH][CMSG_SPACE(sizeof(uint16_t))];
    uint16_t segments[PL_UDP_BATCH];
    uint8_t arena[SEND_ARENA];
};

struct pl_udp {
    int fd;
    int family;
    bool singly;     /* the device takes no runs of several */
    bool late;       /* what waits in the socket is taken in now, with its age */
    int64_t age_us;  /* of the datagram that is being given */
    unsigned queued; /* runs in out.messages */
    size_t used;     /* bytes in out.arena */
    struct pl_udp_stats stats;
    struct outward out;
    struct inward in;
};

static void wire(struct pl_udp *u)
{
    for (int i = 0; i < RECEIVE_BATCH; i++) {
        struct msghdr *m = &u->in.messages[i].msg_hdr;
        u->in.pieces[i] = (struct iovec){u->in.bytes[i], RECEIVE_PIECE};
        *m = (struct msghdr){.msg_name = &u->in.names[i],
                             .msg_iov = &u->in.pieces[i],
                             .msg_iovlen = 1,
                             .msg_control = u->in.control[i]};
    }
    for (int i = 0; i < PL_UDP_BATCH; i++) {
        struct msghdr *m = &u->out.messages[i].msg_hdr;
        *m = (struct msghdr){.msg_name = &u->out.names[i],
                             .msg_iov = &u->out.pieces[i],
                             .msg_iovlen = 1,
                             .msg_control = u->out.control[i],
                             .msg_controllen = sizeof u->out.control[i]};
        struct cmsghdr *c = CMSG_FIRSTHDR(m);
        c->cmsg_level = SOL_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    }
}

/* The FORCE variants ignore the system's maximum and need CAP_NET_ADMIN; without it the kernel cuts
 * the wish down to its maximum, which is then what we get. */
static void widen(int fd, int force, int plain)
{
    int size = PL_UDP_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, plain, &size, sizeof size);
}

static enum pl_err bind_socket(struct pl_udp *u, const struct pl_addr *addr, struct pl_addr *actual)
{
    struct sockaddr_storage name;
    socklen_t len = pl_sockaddr_from(addr, &name);
    u->family = name.ss_family;
    u->fd = socket(u->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (u->fd < 0)
        return PL_EIO;
    int on = 1;
    if (u->family == AF_INET6 && setsockopt(u->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
        return PL_EIO;
    widen(u->fd, SO_RCVBUFFORCE, SO_RCVBUF);
    widen(u->fd, SO_SNDBUFFORCE, SO_SNDBUF);
    (void)setsockopt(u->fd, SOL_UDP, UDP_GRO, &on, sizeof on); /* without it they come one by one */
    if (bind(u->fd, (struct sockaddr *)&name, len) != 0)
        return PL_EIO;
    return pl_sockaddr_of(u->fd, actual);
}

enum pl_err pl_udp_open(const struct pl_addr *addr, struct pl_udp **out, struct pl_addr *actual)
{
    struct pl_udp *u = calloc(1, sizeof *u);
    if (!u)
        return PL_ENOMEM;
    u->fd = -1;
    wire(u);
    struct pl_addr bound;
    enum pl_err e = bind_socket(u, addr, &bound);
    if (e != PL_OK) {
        pl_udp_close(u);
        return e;
    }
    *out = u;
    *actual = bound;
    return PL_OK;
}

static void stamp(int fd, int on)
{
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on); /* without it: as of now */
}

void pl_udp_leave(const struct pl_udp *u)
{
    stamp(u->fd, 1);
}

void pl_udp_return(struct pl_udp *u)
{
    u->late = true;
}

int64_t pl_udp_age_us(const struct pl_udp *u)
{
    return u->age_us;
}

enum pl_err pl_udp_adopt(int fd, struct pl_udp **out, struct pl_addr *actual)
{
    struct pl_udp *u = calloc(1, sizeof *u);
    struct pl_addr bound;
    if (!u)
        return PL_ENOMEM;
    enum pl_err e = pl_sockaddr_of(fd, &bound);
    if (e) {
        free(u);
        return e;
    }
    wire(u);
    u->fd = fd;
    u->family = pl_addr_is_v4(&bound) ? AF_INET : AF_INET6;
    pl_udp_return(u);
    *out = u;
    *actual = bound;
    return PL_OK;
}

void pl_udp_close(struct pl_udp *u)
{
    if (!u)
        return;
    int saved = errno; /* why opening failed */
    if (u->fd >= 0)
        close(u->fd);
    free(u);
    errno = saved;
}

int pl_udp_fd(const struct pl_udp *u)
{
    return u->fd;
}

const struct pl_udp_stats *pl_udp_stats(const struct pl_udp *u)
{
    return &u->stats;
}

/* Unconnected sockets may still report an ICMP error of an earlier send on receive; it is not about
 * what waits here, so the call is tried again. */
static int receive_batch(struct pl_udp *u)
{
    for (int i = 0; i < RECEIVE_BATCH; i++) {
        struct msghdr *m = &u->in.messages[i].msg_hdr;
        m->msg_namelen = sizeof u->in.names[i];
        m->msg_controllen = sizeof u->in.control[i];
        m->msg_flags = 0;
    }
    int n;
    int tries = 3;
    do {
        n = recvmmsg(u->fd, u->in.messages, RECEIVE_BATCH, MSG_DONTWAIT, NULL);
    } while (n < 0 && errno != EAGAIN && --tries > 0);
    return n > 0 ? n : 0;
}

/* Bytes of each datagram (but the last) of a piece; 0: it is one. */
static size_t segment_of(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            int size;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            return size > 0 ? (size_t)size : 0;
        }
    return 0;
}

/* As the kernel noted it; what it could not have waited is a clock that was set. */
static int64_t age_of(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec came, now;
            memcpy(&came, CMSG_DATA(c), sizeof came);
            clock_gettime(CLOCK_REALTIME, &now);
            int64_t age =
                (now.tv_sec - came.tv_sec) * 1000000 + (now.tv_nsec - came.tv_nsec) / 1000;
            return age > 0 && age < PL_UDP_AGE_MAX_US ? age : 0;
        }
    return 0;
}

static void take_datagram(struct pl_udp *u, const struct pl_addr *from, uint8_t *bytes, size_t n,
                          pl_udp_input *input, void *ctx)
{
    u->stats.received++;
    u->stats.received_bytes += n;
    if (n > PL_UDP_DATAGRAM_MAX)
        u->stats.truncated++;
    else
        input(ctx, from, bytes, n);
}

/* Returns how many datagrams the piece was. */
static size_t take_piece(struct pl_udp *u, int i, pl_udp_input *input, void *ctx)
{
    struct mmsghdr *m = &u->in.messages[i];
    size_t left = m->msg_len, segment = segment_of(&m->msg_hdr), n = 0;
    uint8_t *bytes = u->in.bytes[i];
    struct pl_addr from;
    if (pl_sockaddr_to(&u->in.names[i], &from) != PL_OK)
        return 0;
    u->age_us = u->late ? age_of(&m->msg_hdr) : 0;
    do {
        size_t take = segment && segment < left ? segment : left;
        take_datagram(u, &from, bytes, take, input, ctx);
        bytes += take;
        left -= take;
        n++;
    } while (left > 0);
    return n;
}

size_t pl_udp_receive(struct pl_udp *u, size_t max, pl_udp_input *input, void *ctx)
{
    size_t total = 0;
    while (total < max) {
        int n = receive_batch(u);
        for (int i = 0; i < n; i++)
            total += take_piece(u, i, input, ctx);
        if (n < RECEIVE_BATCH) {
            if (u->late)
                stamp(u->fd, 0);
            u->late = false;
            break;
        }
    }
    u->age_us = 0;
    return total;
}

/* A run, one datagram after the other; as if it had been refused whole. */
static void send_cut(struct pl_udp *u, const struct mmsghdr *run, size_t segment)
{
    const struct iovec *piece = run->msg_hdr.msg_iov;
    u->stats.runs_cut++;
    for (size_t at = 0; at < piece->iov_len; at += segment) {
        size_t n = piece->iov_len - at < segment ? piece->iov_len - at : segment;
        ssize_t sent = sendto(u->fd, (uint8_t *)piece->iov_base + at, n, MSG_DONTWAIT,
                              run->msg_hdr.msg_name, run->msg_hdr.msg_namelen);
        if (sent >= 0) {
            u->stats.sent++;
            u->stats.sent_bytes += (size_t)sent;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            u->stats.send_dropped++;
        } else {
            u->stats.send_failed++;
        }
    }
}

static size_t datagrams_of(const struct pl_udp *u, unsigned run)
{
    size_t n = u->out.pieces[run].iov_len, segment = u->out.segments[run];
    return segment && n > segment ? (n + segment - 1) / segment : 1;
}

/* The first run could not be sent. A device without checksums of its own refuses runs of several
 * with EIO, a path whose packets are smaller with EINVAL or EMSGSIZE. */
static void refused(struct pl_udp *u, unsigned run, int why)
{
    bool several = u->out.messages[run].msg_hdr.msg_controllen != 0;
    if (several && (why == EIO || why == EINVAL || why == EMSGSIZE)) {
        u->singly |= why == EIO;
        send_cut(u, &u->out.messages[run], u->out.segments[run]);
        return;
    }
    u->stats.send_failed += datagrams_of(u, run);
}

/* sendmmsg stops at the first run that fails and tells why only when it is the first one, so that
 * the loop gets the reason in its next round. */
static void send_queued(struct pl_udp *u)
{
    unsigned done = 0;
    while (done < u->queued) {
        int n = sendmmsg(u->fd, u->out.messages + done, u->queued - done, MSG_DONTWAIT);
        for (int i = 0; i < n; i++, done++) {
            u->stats.runs++;
            u->stats.sent += datagrams_of(u, done);
            u->stats.sent_bytes += u->out.messages[done].msg_len;
        }
        if (n > 0)
            continue;
        if (errno == EAGAIN || errno == ENOBUFS) {
            for (; done < u->queued; done++) /* the others would fail as well */
                u->stats.send_dropped += datagrams_of(u, done);
            break;
        }
        refused(u, done++, errno);
    }
    u->queued = 0;
}

void pl_udp_flush(struct pl_udp *u)
{
    if (u->queued)
        send_queued(u);
    u->used = 0;
}

uint8_t *pl_udp_reserve(struct pl_udp *u, size_t n)
{
    if (u->used + n > SEND_ARENA)
        pl_udp_flush(u);
    return u->out.arena + u->used;
}

static void queue(struct pl_udp *u, const struct pl_addr *to, const uint8_t *bytes, size_t n,
                  size_t segment)
{
    if (u->queued == PL_UDP_BATCH)
        send_queued(u); /* the arena stays: `bytes` are in it */
    unsigned i = u->queued++;
    struct msghdr *m = &u->out.messages[i].msg_hdr;
    u->out.pieces[i] = (struct iovec){(void *)(uintptr_t)bytes, n};
    u->out.segments[i] = (uint16_t)segment;
    m->msg_namelen = pl_sockaddr_from(to, &u->out.names[i]);
    m->msg_controllen = n > segment ? sizeof u->out.control[i] : 0;
    if (n > segment)
        memcpy(CMSG_DATA((struct cmsghdr *)u->out.control[i]), &u->out.segments[i],
               sizeof u->out.segments[i]);
}

void pl_udp_send(struct pl_udp *u, const struct pl_addr *to, const uint8_t *bytes, size_t n,
                 size_t segment)
{
    if (segment > PL_UDP_DATAGRAM_MAX || n > PL_UDP_RUN_MAX ||
        pl_addr_is_v4(to) != (u->family == AF_INET)) {
        u->stats.send_failed += n > segment && segment ? (n + segment - 1) / segment : 1;
        return;
    }
    if (bytes != u->out.arena + u->used) {
        uint8_t *copy = pl_udp_reserve(u, n);
        if (n)
            memcpy(copy, bytes, n);
        bytes = copy;
    }
    size_t step = u->singly ? segment : n, at = 0;
    do {
        size_t left = n - at;
        queue(u, to, bytes + at, left < step ? left : step, segment);
        at += step;
    } while (at < n);
    u->used += (n + LINE - 1) / LINE * LINE;
}

void pl_udp_send_singly(struct pl_udp *u)
{
    u->singly = true;
}

static bool link_local(const struct pl_addr *a)
{
    return pl_addr_is_v4(a) ? a->ip[12] == 169 && a->ip[13] == 254
                            : a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

size_t pl_net_interface_addrs(struct pl_addr *out, size_t max)
{
    struct ifaddrs *all;
    if (getifaddrs(&all) != 0)
        return 0;
    size_t n = 0;
    for (int loopback = 0; loopback <= 1; loopback++) {
        for (struct ifaddrs *i = all; i && n < max; i = i->ifa_next) {
            struct sockaddr_storage name = {0};
            struct pl_addr a;
            if (!i->ifa_addr || !(i->ifa_flags & IFF_UP))
                continue;
            if (i->ifa_addr->sa_family == AF_INET)
                memcpy(&name, i->ifa_addr, sizeof(struct sockaddr_in));
            else if (i->ifa_addr->sa_family == AF_INET6)
                memcpy(&name, i->ifa_addr, sizeof(struct sockaddr_in6));
            if (pl_sockaddr_to(&name, &a) != PL_OK || link_local(&a) ||
                pl_addr_is_loopback(&a) != (loopback == 1))
                continue;
            a.port = 0;
            out[n++] = a;
        }
    }
    freeifaddrs(all);
    return n;
}
