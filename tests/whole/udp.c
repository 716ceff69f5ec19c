/* io/udp.h: sockets that end in world.c. A datagram is received as it comes. */
#include "io/udp.h"

#include "whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SOCKETS_MAX 16
#define FIRST_FD 1000

struct pl_udp {
    struct pl_addr addr;
    int fd;
    struct pl_udp_stats stats;
    struct pl_addr from; /* of the datagram that waits, */
    uint8_t bytes[PL_UDP_DATAGRAM_MAX];
    size_t n; /* of so many bytes */
    bool waits;
    uint8_t run[PL_UDP_RUN_MAX];
};

static struct pl_udp *sockets[SOCKETS_MAX];

enum pl_err pl_udp_open(const struct pl_addr *addr, struct pl_udp **out, struct pl_addr *actual)
{
    struct pl_udp *u = calloc(1, sizeof *u);
    int i = 0;
    if (!u)
        return errno = ENOMEM, PL_ENOMEM;
    while (i < SOCKETS_MAX && sockets[i])
        i++;
    HOLDS(i < SOCKETS_MAX, "too many sockets");
    u->addr = *addr;
    if (!u->addr.port)
        u->addr.port = (uint16_t)(40000 + i);
    u->fd = FIRST_FD + i;
    sockets[i] = u;
    *out = u;
    *actual = u->addr;
    return PL_OK;
}

enum pl_err pl_udp_adopt(int fd, struct pl_udp **out, struct pl_addr *actual)
{
    (void)fd;
    (void)out;
    (void)actual;
    return PL_EIO;
}

void pl_udp_leave(const struct pl_udp *u)
{
    (void)u;
}

void pl_udp_return(struct pl_udp *u)
{
    (void)u;
}

int64_t pl_udp_age_us(const struct pl_udp *u)
{
    (void)u;
    return 0;
}

void pl_udp_close(struct pl_udp *u)
{
    if (!u)
        return;
    sockets[u->fd - FIRST_FD] = NULL;
    free(u);
}

int pl_udp_fd(const struct pl_udp *u)
{
    return u->fd;
}

const struct pl_udp_stats *pl_udp_stats(const struct pl_udp *u)
{
    return &u->stats;
}

size_t pl_udp_receive(struct pl_udp *u, size_t max, pl_udp_input *input, void *ctx)
{
    (void)max;
    if (!u->waits)
        return 0;
    u->waits = false;
    u->stats.received++;
    input(ctx, &u->from, u->bytes, u->n);
    return 1;
}

uint8_t *pl_udp_reserve(struct pl_udp *u, size_t n)
{
    HOLDS(n <= sizeof u->run, "%zu bytes are reserved for a run", n);
    return u->run;
}

void pl_udp_send(struct pl_udp *u, const struct pl_addr *to, const uint8_t *bytes, size_t n,
                 size_t segment)
{
    HOLDS(n <= PL_UDP_RUN_MAX && segment && n <= segment * PL_UDP_SEGMENTS, "a run of %zu in %zu",
          n, segment);
    for (size_t at = 0; at < n; at += segment)
        whole_sent(&u->addr, to, bytes + at, n - at < segment ? n - at : segment);
}

void pl_udp_flush(struct pl_udp *u)
{
    (void)u;
}

void whole_udp_input(const struct pl_addr *from, const struct pl_addr *to, const uint8_t *bytes,
                     size_t n)
{
    for (int i = 0; i < SOCKETS_MAX; i++) {
        struct pl_udp *u = sockets[i];
        if (!u || !pl_addr_eq(&u->addr, to) || n > sizeof u->bytes)
            continue;
        u->from = *from;
        memcpy(u->bytes, bytes, n);
        u->n = n;
        u->waits = true;
        whole_loops_readable(u->fd);
        return;
    }
}

size_t pl_net_interface_addrs(struct pl_addr *out, size_t max)
{
    (void)out;
    (void)max;
    return 0;
}
