/* UDP sockets in batches: recvmmsg(2), sendmmsg(2). */
#include "io/udp.h"
#include "io/sockaddr.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Places of one system call, wired up once. */
struct batch {
    struct mmsghdr messages[PL_UDP_BATCH];
    struct iovec pieces[PL_UDP_BATCH];
    struct sockaddr_storage names[PL_UDP_BATCH];
    uint8_t bytes[PL_UDP_BATCH][PL_UDP_DATAGRAM_MAX];
};

struct pl_udp {
    int fd;
    int family;
    unsigned queued; /* in `out` */
    struct pl_udp_stats stats;
    struct batch in, out;
};

static void wire(struct batch *b)
{
    for (int i = 0; i < PL_UDP_BATCH; i++) {
        b->pieces[i].iov_base = b->bytes[i];
        b->messages[i].msg_hdr.msg_iov = &b->pieces[i];
        b->messages[i].msg_hdr.msg_iovlen = 1;
        b->messages[i].msg_hdr.msg_name = &b->names[i];
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
    if (bind(u->fd, (struct sockaddr *)&name, len) != 0)
        return PL_EIO;
    len = sizeof name;
    if (getsockname(u->fd, (struct sockaddr *)&name, &len) != 0)
        return PL_EIO;
    return pl_sockaddr_to(&name, actual);
}

enum pl_err pl_udp_open(const struct pl_addr *addr, struct pl_udp **out, struct pl_addr *actual)
{
    struct pl_udp *u = calloc(1, sizeof *u);
    if (!u)
        return PL_ENOMEM;
    u->fd = -1;
    wire(&u->in);
    wire(&u->out);
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
    for (int i = 0; i < PL_UDP_BATCH; i++) {
        u->in.pieces[i].iov_len = PL_UDP_DATAGRAM_MAX;
        u->in.messages[i].msg_hdr.msg_namelen = sizeof u->in.names[i];
        u->in.messages[i].msg_hdr.msg_flags = 0;
    }
    int n;
    int tries = 3;
    do {
        n = recvmmsg(u->fd, u->in.messages, PL_UDP_BATCH, MSG_DONTWAIT, NULL);
    } while (n < 0 && errno != EAGAIN && --tries > 0);
    return n > 0 ? n : 0;
}

size_t pl_udp_receive(struct pl_udp *u, unsigned max_batches, pl_udp_input *input, void *ctx)
{
    size_t total = 0;
    for (; max_batches > 0; max_batches--) {
        int n = receive_batch(u);
        for (int i = 0; i < n; i++) {
            struct mmsghdr *m = &u->in.messages[i];
            struct pl_addr from;
            u->stats.received++;
            u->stats.received_bytes += m->msg_len;
            if (m->msg_hdr.msg_flags & MSG_TRUNC)
                u->stats.truncated++;
            else if (pl_sockaddr_to(&u->in.names[i], &from) == PL_OK)
                input(ctx, &from, u->in.bytes[i], m->msg_len);
        }
        total += (size_t)n;
        if (n < PL_UDP_BATCH)
            break;
    }
    return total;
}

void pl_udp_send(struct pl_udp *u, const struct pl_addr *to, const void *bytes, size_t n)
{
    if (n > PL_UDP_DATAGRAM_MAX || pl_addr_is_v4(to) != (u->family == AF_INET)) {
        u->stats.send_failed++;
        return;
    }
    if (u->queued == PL_UDP_BATCH)
        pl_udp_flush(u);
    struct batch *b = &u->out;
    memcpy(b->bytes[u->queued], bytes, n);
    b->pieces[u->queued].iov_len = n;
    b->messages[u->queued].msg_hdr.msg_namelen = pl_sockaddr_from(to, &b->names[u->queued]);
    u->queued++;
}

/* sendmmsg stops at the first datagram that fails and tells why only when it is the first one, so
 * that the loop gets the reason in its next round. */
void pl_udp_flush(struct pl_udp *u)
{
    unsigned done = 0;
    while (done < u->queued) {
        int n = sendmmsg(u->fd, u->out.messages + done, u->queued - done, MSG_DONTWAIT);
        for (int i = 0; i < n; i++)
            u->stats.sent_bytes += u->out.messages[done + (unsigned)i].msg_len;
        if (n > 0) {
            u->stats.sent += (unsigned)n;
            done += (unsigned)n;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            u->stats.send_dropped += u->queued - done; /* the others would fail as well */
            break;
        } else {
            u->stats.send_failed++;
            done++;
        }
    }
    u->queued = 0;
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
