/* The floor: what forwarding costs at least. Receives, decrypts once, encrypts for everybody else
 * in the room and sends; a frame of a camera in one GSO send (a byte of RTP padding makes its
 * packets equal), sound alone, sends in batches. No ICE, no DTLS, no RTCP, no jitter, no repair, no
 * limits: not a server. usage: bench_floor ADDR:PORT; ends with SIGTERM. */
#include "bare.h"

#include "base/bytes.h"
#include "proto/rtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BATCH 64 /* datagrams of one receive, messages of one send */
#define BUFFER_SIZE 2048
#define FRAME_MAX 32 /* packets of a frame; more go in several sends */
#define CLIENTS_MAX 8192
#define SEND_BYTES (96 << 10) /* in one sendmmsg: what stays in the cache from cipher to kernel */
#define SOCKET_BUFFER (4 << 20)

struct packet { /* in clear */
    uint8_t bytes[BUFFER_SIZE];
    size_t header_len, len;
};

struct client {
    bool publisher;
    uint32_t number;
    struct sockaddr_in addr;
    struct pl_srtp *srtp;
    struct packet frame[FRAME_MAX]; /* of a publisher, until the marker */
    size_t n_frame;
};

static struct client *by_port[65536];
static struct client *receivers[CLIENTS_MAX];
static size_t n_receivers;

static struct {
    struct mmsghdr messages[BATCH];
    struct iovec pieces[BATCH];
    _Alignas(struct cmsghdr) uint8_t control[BATCH][CMSG_SPACE(sizeof(uint16_t))];
    uint8_t bytes[SEND_BYTES + FRAME_MAX * BUFFER_SIZE];
    size_t n, used;
} out;

static uint64_t sent, refused;

static void flush(int fd)
{
    for (size_t done = 0; done < out.n;) {
        int n = sendmmsg(fd, out.messages + done, (unsigned)(out.n - done), 0);
        if (n <= 0) { /* a receiver that is gone, for example */
            refused++;
            n = 1;
        }
        done += (size_t)n;
    }
    out.n = out.used = 0;
}

/* A run of packets, the last possibly smaller, that lie at the end of out.bytes. */
static void queue(int fd, struct client *to, uint8_t *bytes, size_t total, size_t each)
{
    struct msghdr *m = &out.messages[out.n].msg_hdr;
    out.pieces[out.n] = (struct iovec){bytes, total};
    *m = (struct msghdr){.msg_name = &to->addr,
                         .msg_namelen = sizeof to->addr,
                         .msg_iov = &out.pieces[out.n],
                         .msg_iovlen = 1};
    if (total > each) {
        uint16_t size = (uint16_t)each;
        m->msg_control = out.control[out.n];
        m->msg_controllen = sizeof out.control[out.n];
        struct cmsghdr *c = CMSG_FIRSTHDR(m);
        c->cmsg_level = SOL_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(c), &size, sizeof size);
    }
    out.used += total;
    if (++out.n == BATCH || out.used >= SEND_BYTES)
        flush(fd);
}

static void send_run(int fd, struct client *to, const struct packet *run, size_t n, size_t longest)
{
    static const uint8_t padding = 1; /* one byte of it, which says so (RFC 3550, 5.1) */
    struct pl_srtp_packet packets[FRAME_MAX];
    uint8_t headers[FRAME_MAX][64], *start = out.bytes + out.used;
    size_t each = longest + pl_srtp_tag_size(to->srtp), total = 0;
    for (size_t i = 0; i < n; i++) {
        size_t short_by = longest - run[i].len;
        bool pad = short_by == 1;
        memcpy(headers[i], run[i].bytes, run[i].header_len);
        headers[i][0] |= pad ? 0x20 : 0;
        packets[i] = (struct pl_srtp_packet){
            .header = headers[i],
            .header_len = run[i].header_len,
            .payload = {run[i].bytes + run[i].header_len, &padding},
            .len = {run[i].len - run[i].header_len, pad},
            .out = start + total,
        };
        total += pad ? each : each - short_by;
    }
    pl_srtp_protect_batch(to->srtp, packets, n);
    for (size_t i = 0; i < n; i++)
        if (packets[i].err)
            refused++;
    sent += n;
    queue(fd, to, start, total, each);
}

static void fan_out(int fd, struct client *from)
{
    size_t longest = 0;
    for (size_t i = 0; i < from->n_frame; i++)
        longest = from->frame[i].len > longest ? from->frame[i].len : longest;
    for (size_t i = 0; i < n_receivers; i++)
        if (bare_room(receivers[i]->number) == bare_room(from->number) &&
            receivers[i]->number != from->number)
            send_run(fd, receivers[i], from->frame, from->n_frame, longest);
    from->n_frame = 0;
}

static void take_hello(const uint8_t *bytes, const struct sockaddr_in *from)
{
    struct client *c = calloc(1, sizeof *c);
    if (!c || n_receivers == CLIENTS_MAX) {
        fprintf(stderr, "floor: too many clients\n");
        exit(3);
    }
    c->publisher = bytes[1];
    c->number = pl_get_u32(bytes + 2);
    c->addr = *from;
    struct pl_srtp_keys keys = bare_keys(c->publisher, c->number);
    if (pl_srtp_new(&keys, &c->srtp)) {
        fprintf(stderr, "floor: no SRTP\n");
        exit(3);
    }
    by_port[ntohs(from->sin_port)] = c;
    if (!c->publisher)
        receivers[n_receivers++] = c;
}

static void take_packet(int fd, struct client *c, const uint8_t *bytes, size_t n)
{
    struct packet *p = &c->frame[c->n_frame];
    struct pl_rtp rtp;
    memcpy(p->bytes, bytes, n);
    if (pl_is_rtcp(bytes, n) || pl_srtp_unprotect(c->srtp, p->bytes, &n) ||
        pl_rtp_parse(p->bytes, n, &rtp))
        return;
    p->header_len = rtp.header_len;
    p->len = n;
    c->n_frame++;
    /* Sound comes alone, or between the packets of a frame: then it waits for its end. */
    if (rtp.marker || c->n_frame == FRAME_MAX || rtp.ssrc == bare_ssrc(c->number, false))
        fan_out(fd, c);
}

static volatile sig_atomic_t over;

static void on_signal(int number)
{
    (void)number;
    over = 1;
}

static int listen_at(char *text)
{
    int size = SOCKET_BUFFER, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    char *port = strrchr(text, ':');
    if (!port)
        return -1;
    *port++ = 0;
    a.sin_port = htons((uint16_t)atoi(port));
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        return -1;
    printf("listening %s:%u\n", text, ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    static uint8_t bytes[BATCH][BUFFER_SIZE];
    static struct mmsghdr messages[BATCH];
    static struct iovec pieces[BATCH];
    static struct sockaddr_in names[BATCH];
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: it ends the receive */
    int fd = argc == 2 ? listen_at(argv[1]) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: bench_floor ADDR:PORT\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){bytes[i], BUFFER_SIZE};
        messages[i].msg_hdr =
            (struct msghdr){.msg_name = &names[i], .msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    while (!over) {
        for (int i = 0; i < BATCH; i++)
            messages[i].msg_hdr.msg_namelen = sizeof names[i];
        int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) {
            struct client *c = by_port[ntohs(names[i].sin_port)];
            if (messages[i].msg_len == BARE_HELLO_SIZE && bytes[i][0] == BARE_HELLO && !c)
                take_hello(bytes[i], &names[i]);
            else if (c && c->publisher)
                take_packet(fd, c, bytes[i], messages[i].msg_len);
        }
        flush(fd);
    }
    fprintf(stderr, "floor: %llu sent, %llu refused\n", (unsigned long long)sent,
            (unsigned long long)refused);
    return 0;
}
