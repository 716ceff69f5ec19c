/* A bad link between two network namespaces: two TUN devices, and the two directions of link.h
 * between them. The near device is made in the namespace in which the program starts; the far one
 * in a new namespace, which is the program's own from then on: `nsenter -t PID -n` goes there, and
 * it ends with the last process in it. Addresses and routes are set by whoever uses it.
 *
 *     badlink NAME SEED [DIRECTION KEY=NUMBER …] …
 *
 * NAME is of both devices. DIRECTION is `down` (near to far), `up` or `both`; the keys are those of
 * the table below. Lines on standard input are taken in the same way, at once; the end
 * of the input ends the program. Prints "ready", then a JSON line each 100 ms and
 * direction; `delays` are pairs of milliseconds (the upper end of a bin) and packets.
 *
 * It runs with real-time priority if it may, so that a busy machine does not become a bad link. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LOG_US (100 * PL_MS)
#define LINE_MAX 512
#define BATCH 64 /* packets read from one side before the other is looked at */

struct direction {
    const char *name;
    struct pl_link *link;
    int from, to;
};

static const struct key {
    const char *name;
    size_t at;
    int64_t unit;
    bool wide; /* int64_t; else unsigned */
} keys[] = {
    {"bps", offsetof(struct pl_link_params, bps), 1, true},
    {"queue_bytes", offsetof(struct pl_link_params, queue_bytes), 1, true},
    {"delay_ms", offsetof(struct pl_link_params, delay_us), PL_MS, true},
    {"jitter_ms", offsetof(struct pl_link_params, jitter_us), PL_MS, true},
    {"loss", offsetof(struct pl_link_params, loss), 1, false},       /* ten thousandths */
    {"burst", offsetof(struct pl_link_params, burst), 1, false},     /* packets */
    {"reorder", offsetof(struct pl_link_params, reorder), 1, false}, /* ten thousandths */
    {"held_ms", offsetof(struct pl_link_params, held_us), PL_MS, true},
};

static void fail(const char *what)
{
    fprintf(stderr, "badlink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void refuse(const char *what, const char *word)
{
    fprintf(stderr, "badlink: %s: %s\n", what, word);
    exit(2);
}

static pl_time_us clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (pl_time_us)t.tv_sec * PL_SECOND + t.tv_nsec / 1000;
}

static int open_tun(const char *name)
{
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        fail("/dev/net/tun");
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &r) != 0)
        fail(name);
    return fd;
}

static void set_param(struct pl_link_params *p, char *word)
{
    char *value = strchr(word, '='), *end;
    for (size_t i = 0; value && i < sizeof keys / sizeof *keys; i++) {
        const struct key *k = &keys[i];
        if (strlen(k->name) != (size_t)(value - word) ||
            memcmp(word, k->name, strlen(k->name)) != 0)
            continue;
        long long v = strtoll(value + 1, &end, 10);
        if (*end || end == value + 1 || v < 0 || v > 1000000000)
            break;
        if (k->wide)
            *(int64_t *)((char *)p + k->at) = v * k->unit;
        else
            *(unsigned *)((char *)p + k->at) = (unsigned)v;
        return;
    }
    refuse("not a parameter", word);
}

/* DIRECTION KEY=NUMBER …, several times over. */
static void take_words(struct direction *d, char **words, size_t n, pl_time_us now)
{
    bool meant[2] = {false, false};
    for (size_t k = 0; k < n; k++) {
        if (!strchr(words[k], '=')) {
            bool both = strcmp(words[k], "both") == 0;
            for (int i = 0; i < 2; i++)
                meant[i] = both || strcmp(words[k], d[i].name) == 0;
            continue;
        }
        if (!meant[0] && !meant[1])
            refuse("no direction before", words[k]);
        for (int i = 0; i < 2; i++) {
            struct pl_link_params p = *pl_link_params(d[i].link);
            if (!meant[i])
                continue;
            set_param(&p, words[k]);
            pl_link_set(d[i].link, &p, now);
        }
    }
}

static void take_line(struct direction *d, char *line, pl_time_us now)
{
    char *words[16], *rest = NULL;
    size_t n = 0;
    for (char *w = strtok_r(line, " ", &rest); w && n < 16; w = strtok_r(NULL, " ", &rest))
        words[n++] = w;
    take_words(d, words, n, now);
}

/* False at the end of the input. */
static bool take_input(struct direction *d, pl_time_us now)
{
    static char line[LINE_MAX];
    static size_t have;
    ssize_t got = read(STDIN_FILENO, line + have, sizeof line - have);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    have += (size_t)got;
    for (char *end; (end = memchr(line, '\n', have));) {
        *end = 0;
        take_line(d, line, now);
        have -= (size_t)(end + 1 - line);
        memmove(line, end + 1, have);
    }
    if (have == sizeof line)
        refuse("too long a line", "standard input");
    return true;
}

static void print_stats(const struct direction *d, pl_time_us since, pl_time_us now)
{
    static struct pl_link_stats s;
    pl_time_us queue = pl_link_queue_us(d->link, now);
    pl_link_take_stats(d->link, now, &s);
    printf("{\"t\":%.3f,\"direction\":\"%s\",\"bps\":%lld,\"bytes_in\":%llu,\"bytes\":%llu,"
           "\"packets\":%u,\"dropped\":%u,\"lost\":%u,\"queue_ms\":%.1f,\"queue_p95_ms\":%lld,"
           "\"delays\":[",
           (double)(now - since) / PL_SECOND, d->name, (long long)pl_link_params(d->link)->bps,
           (unsigned long long)s.bytes_in, (unsigned long long)s.bytes_carried, s.packets_carried,
           s.dropped_queue, s.lost, (double)queue / PL_MS,
           (long long)(pl_link_percentile(&s, 95) / PL_MS));
    const char *comma = "";
    for (int i = 0; i < PL_LINK_DELAY_BINS; i++)
        if (s.delays[i]) {
            printf("%s[%lld,%u]", comma, (long long)((i + 1) * PL_LINK_DELAY_BIN_US / PL_MS),
                   s.delays[i]);
            comma = ",";
        }
    printf("]}\n");
}

static void read_packets(struct direction *d, pl_time_us now)
{
    uint8_t bytes[PL_LINK_MTU];
    for (int i = 0; i < BATCH; i++) {
        ssize_t n = read(d->from, bytes, sizeof bytes);
        if (n <= 0)
            return;
        if (pl_link_input(d->link, bytes, (size_t)n, now))
            continue; /* counted there */
    }
}

static void write_packets(struct direction *d, pl_time_us now)
{
    uint8_t bytes[PL_LINK_MTU];
    size_t n;
    while ((n = pl_link_output(d->link, bytes, now)) > 0)
        if (write(d->to, bytes, n) < 0 && errno != EIO && errno != EAGAIN && errno != EINVAL)
            fail("write"); /* EIO: the device is down; EINVAL: not IP */
}

static void run(struct direction *d)
{
    struct pollfd fds[3] = {{.fd = d[0].from, .events = POLLIN},
                            {.fd = d[1].from, .events = POLLIN},
                            {.fd = STDIN_FILENO, .events = POLLIN}};
    pl_time_us began = clock_now(), log_at = began + LOG_US;
    for (;;) {
        pl_time_us now = clock_now(), at = log_at;
        for (int i = 0; i < 2; i++)
            at = pl_time_min(at, pl_link_deadline(d[i].link));
        pl_time_us wait = at > now ? at - now : 0;
        struct timespec t = {.tv_sec = wait / PL_SECOND, .tv_nsec = wait % PL_SECOND * 1000};
        if (ppoll(fds, 3, &t, NULL) < 0 && errno != EINTR)
            fail("ppoll");
        now = clock_now();
        for (int i = 0; i < 2; i++) {
            read_packets(&d[i], now);
            write_packets(&d[i], now);
        }
        if (fds[2].revents && !take_input(d, now))
            return;
        if (now < log_at)
            continue;
        log_at += LOG_US;
        for (int i = 0; i < 2; i++)
            print_stats(&d[i], began, now);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    static const struct pl_link_params wide = {.queue_bytes = 100000};
    struct sched_param priority = {.sched_priority = 1};
    if (argc < 3)
        refuse("usage", "badlink NAME SEED [DIRECTION KEY=NUMBER ...]");
    uint32_t seed = (uint32_t)strtoul(argv[2], NULL, 10);
    int near = open_tun(argv[1]);
    if (unshare(CLONE_NEWNET) != 0)
        fail("a new network namespace");
    int far = open_tun(argv[1]);
    struct direction d[2] = {{.name = "down", .from = near, .to = far},
                             {.name = "up", .from = far, .to = near}};
    for (uint32_t i = 0; i < 2; i++)
        if (pl_link_new(&wide, seed * 2 + i + 1, clock_now(), &d[i].link))
            fail("memory");
    take_words(d, argv + 3, (size_t)argc - 3, clock_now());
    if (sched_setscheduler(0, SCHED_RR, &priority) != 0)
        fprintf(stderr, "badlink: without real-time priority: %s\n", strerror(errno));
    printf("ready\n");
    fflush(stdout);
    run(d);
    for (int i = 0; i < 2; i++)
        pl_link_free(d[i].link);
    return 0;
}
