/* The whole server in one process, in virtual time, everything random out of one seed: stores,
 * meetings, conferences, media threads and engines as they are, over a disk, a network and a clock
 * that fail as these do. What stands in for the outside: loop.c (io/loop.h), udp.c (io/udp.h),
 * disk.c (below SQLite), memory.c (below malloc), dtls.c (a handshake of two datagrams, since
 * OpenSSL draws keys of its own); media threads are loops beside the first one. What is not here:
 * HTTP, TLS, the frames of WebSockets, TURN and ICE-TCP, witnesses, upgrades, encrypted meetings.
 */
#ifndef PL_TESTS_WHOLE_H
#define PL_TESTS_WHOLE_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/srtp.h"
#include "io/loop.h"
#include "server/conference.h"
#include "server/entry.h"
#include "server/rate_limits.h"
#include "server/signing.h"
#include "server/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- What everything shares --- */

struct whole_clock {
    uint64_t state; /* of what is random */
    pl_time_us now;
    pl_time_us wall_us; /* Unix time is this more */
};
extern struct whole_clock whole_clock;

uint32_t whole_random(void);
uint32_t whole_below(uint32_t n); /* 0 to n - 1 */
bool whole_chance(unsigned per_mille);
struct pl_random whole_randomness(void);
int64_t whole_wall_ms(void);

/* An invariant does not hold: says so, with the seed and the time, and ends the process. */
void whole_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define HOLDS(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            whole_fail(__VA_ARGS__);                                                               \
    } while (0)

/* --- loop.c --- */

pl_time_us whole_loops_due(void);
void whole_loops_run(void);        /* until nothing is due, and nothing waits in a mailbox */
void whole_loops_readable(int fd); /* now */

/* --- udp.c --- */

void whole_udp_input(const struct pl_addr *from, const struct pl_addr *to, const uint8_t *bytes,
                     size_t n);
/* world.c: the server sends this. */
void whole_sent(const struct pl_addr *from, const struct pl_addr *to, const uint8_t *bytes,
                size_t n);

/* --- dtls.c --- */

#define WHOLE_HELLO 35 /* bytes: type, version, and 32 of its own; the answer is as long */
void whole_dtls_keys(const uint8_t client[32], const uint8_t server[32], struct pl_srtp_keys *up,
                     struct pl_srtp_keys *down);

/* --- disk.c --- */

/* Once; SQLite's files are here from then on. */
void whole_disk_begin(void);
void whole_disk_end(void);
/* So many operations of a thousand fail, or write short. */
void whole_disk_faults(unsigned per_mille);
/* No operation works any more until whole_disk_up. `power`: what was not synced is lost, or in
 * part. */
void whole_disk_down(bool power);
void whole_disk_up(void);

/* --- memory.c --- */

/* Whose code runs from here on: the server's, whose pieces are counted and may be refused, or the
 * tests' own. Returns whose it was. */
bool whole_memory_of(bool of_server);
/* One allocation of the server in about so many fails; 0: none. */
void whole_memory_faults(unsigned mean);
size_t whole_memory_failed(void); /* how many did, since the last world began */
void whole_memory_begin(void);
int64_t whole_memory_live(void); /* pieces that the server has */

/* --- world.c --- */

struct faults {
    unsigned loss, twice;     /* per mille of datagrams */
    pl_time_us delay, jitter; /* of datagrams, either way */
    unsigned cut;             /* per mille of messages after which the WebSocket is cut */
    unsigned disk;            /* per mille of the disk's operations */
    pl_time_us crash_each;    /* about; 0: never */
    pl_time_us clock_each;    /* the wall clock is set, */
    pl_time_us clock_by;      /* by up to this much */
    unsigned memory_each;     /* so many allocations, about, one fails; 0: never */
};

struct server {
    bool up, dying;
    unsigned life; /* counted from 1 */
    struct pl_loop *loop;
    struct pl_store *store;
    struct pl_keyholder keyholder; /* a process of its own where the server is real */
    struct pl_signing signing;
    struct pl_limits *limits;
    struct pl_entry *entry;
    struct pl_conferences *all;
    struct pl_media *media;
    pl_time_us wake_at;
    int64_t memory; /* pieces, before it started */
};

#define BROWSERS 8
#define UIDS_MAX 4096
struct browser;
struct world {
    uint64_t seed;
    struct faults faults;
    bool calm; /* no fault happens now */
    struct server server;
    struct pl_list events;
    uint64_t order;
    pl_time_us crash_at, start_at, clock_at, look_at;
    struct pl_record_key *key;
    char meeting[PL_STORE_ID_SIZE];
    struct browser *browsers[BROWSERS];
    /* Acts by their number: was one sent, was anybody told of it, and when the chair sent it. */
    struct {
        bool sent, told;
    } uids[UIDS_MAX];
    unsigned n_uids;
    unsigned n_decisions;
    uint64_t digest; /* of all that browsers were told */
    /* When it was last allowed that this is forwarded, and that anything is sent to them. */
    pl_time_us may_send[BROWSERS][2], may_receive[BROWSERS];
    uint64_t last_event; /* of the meeting, */
    pl_time_us changed_at;
    struct {
        unsigned crashes, power_cuts, starts, refused_starts, ended, cuts, clocks, quiet_looks;
        unsigned acts, told, packets, settled;
    } counts;
};
extern struct world *world;

void world_begin(uint64_t seed, const struct faults *faults);
void world_run(pl_time_us us);
void world_crash(bool power); /* it starts again by itself, later */
void world_stop(void);        /* the server, in order; then its record is read */
void world_end(void);

/* A message to a browser, or to the server, over its WebSocket; the end of that, for either. */
void world_to_server(struct browser *b, const char *text, size_t n);
void world_to_browser(struct browser *b, const char *text, size_t n);
void world_cut(struct browser *b);
void world_datagram_up(struct browser *b, const uint8_t *bytes, size_t n);

/* The server ends it; or it does not take it. */
void world_end_line(struct browser *b, unsigned line);
void world_refuse_line(struct browser *b, unsigned line);
pl_time_us world_about(pl_time_us mean); /* from now on; 0: never */

/* --- server.c --- */

void server_start(void);
void server_stop(void); /* in order */
void server_hang_up(struct browser *b);
/* The first message of a line opens it. */
void server_text(struct browser *b, unsigned line, struct pl_str text);

/* --- browser.c --- */

extern bool whole_talks; /* what is said on the WebSockets is printed */
struct browser *browser_new(unsigned index, const char *token);
void browser_free(struct browser *b);
pl_time_us browser_due(const struct browser *b);
void browser_turn(struct browser *b);
void browser_told(struct browser *b, const char *text, size_t n);
void browser_lost(struct browser *b); /* its WebSocket */
void browser_datagram(struct browser *b, uint8_t *bytes, size_t n);

#define PARTS_MAX 64

struct stream {
    uint32_t ssrc;
    uint16_t top; /* the highest number */
    uint32_t epoch;
    uint64_t hashes[4096]; /* of the datagrams of the last numbers */
    uint32_t numbers[4096];
    uint32_t rtcp;
    bool any, any_rtcp;
};
struct source {
    uint32_t ssrc, timestamp;
    uint16_t seq, picture;
    pl_time_us at;
};
struct browser {
    unsigned index; /* of the person; 0 presides */
    char token[PL_TOKEN_SIZE], page[24];
    unsigned line; /* of its WebSockets, from 1 */
    bool dialled, welcome, room;
    struct pl_client *client; /* at the server; NULL: it knows of none */
    unsigned client_line;
    bool client_closing;
    pl_time_us think_at, ordered_up, ordered_down;
    /* Media: from its last answer on. */
    bool offered, answered, checked, up;
    struct pl_addr local, remote;
    uint16_t port;
    char ufrag[16], pwd[40], remote_ufrag[64], remote_pwd[64];
    uint8_t nonce[32];
    struct pl_srtp *out,
        *seen; /* what it sends, and what the server sends, whether it arrives or not */
    struct pl_srtp *in;
    struct source microphone, camera;
    pl_time_us check_at, alive_at; /* when its checks were answered last */
    struct stream streams[24];
    unsigned n_streams;
    uint32_t heard_ssrc;
    uint16_t heard_seq;
    /* What it was told last of each part of the meeting. */
    struct {
        char name[52];
        char *text;
    } parts[PARTS_MAX];
    unsigned n_parts;
    char entry[24], decision[32]; /* the last ones that it was told of */
};

/* --- watch.c: the invariants --- */

void watch_told(struct browser *b, const char *text, size_t n);
void watch_keys(const uint8_t client[32], const uint8_t server[32]); /* they are agreed on */
void watch_sent(struct browser *to, const uint8_t *bytes, size_t n);
void watch_moment(void); /* who may be heard now */
bool watch_quiet(void);  /* all works; false: something has just changed, and is being told */
void watch_record(void); /* what is in the store, at a start */

/* What a source sends ends with these. */
struct trailer {
    uint8_t magic[4], person, kind, zero[2];
};
#define TRAILER_MAGIC "PLY!"

#endif
