/* What the files of the load client share. See client.h. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "client.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/srtp.h"
#include "proto/rtcp.h"
#include "proto/rtp.h"
#include "proto/sdp.h"
#include "proto/twcc.h"

#include <openssl/ssl.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

#define DATAGRAM_MAX 2048
#define CONSENT_NS (5 * NS_PER_S) /* RFC 7675, 5.1 */
#define REPORT_NS NS_PER_S
#define FEEDBACK_NS (100 * NS_PER_MS) /* browsers: 50 to 250 ms */
#define NACK_DELAY_NS (10 * NS_PER_MS)
#define NACK_AGAIN_NS (100 * NS_PER_MS) /* as browsers that know no round trip */
#define NACK_TRIES 10
#define MISSING_MAX 256 /* numbers of a track that are asked for */
#define WINDOW 2048     /* numbers of a track that are remembered */
#define HISTORY 512     /* packets of a stream that can be sent again */
#define TRACKS_MAX 160  /* of a session */
#define STREAMS_MAX (1 + LOAD_LAYERS_MAX)

/* Payload types and extension ids of our own offers. */
enum { PT_OPUS = 111, PT_VP8 = 96, PT_RTX = 97 };
enum { EXT_LEVEL = 1, EXT_TWCC = 3, EXT_MID = 4, EXT_RID = 10, EXT_REPAIRED_RID = 11 };

struct missing {
    uint16_t seq;
    uint8_t tries;
    int64_t at; /* when to ask (again) */
};

struct track {
    struct load_track seen; /* what client.h shows */
    uint32_t rtx_ssrc;
    uint32_t clock_rate;
    uint8_t ext_twcc;
    bool nack, started, pli_sent;
    int64_t first, max; /* extended sequence numbers */
    uint64_t got[WINDOW / 64];
    unsigned n_missing;
    struct missing missing[MISSING_MAX];
    /* For report blocks (RFC 3550, A.3, A.8). */
    uint64_t expected_before, received_before;
    int64_t transit;
    uint32_t jitter16; /* 16 times the jitter, RTP ticks */
    uint32_t last_sr;
    int64_t last_sr_ns;
};

struct sent { /* one packet that may be asked for again, in clear */
    uint16_t seq, header_len, payload_len;
    bool there;
    uint8_t bytes[1400];
};

struct stream { /* what a publisher sends under one SSRC */
    bool video;
    struct load_layer layer;
    unsigned layer_index;
    uint32_t ssrc, rtx_ssrc, timestamp;
    uint8_t pt, rtx_pt, ext_level, ext_twcc, ext_mid, ext_rid;
    char mid[PL_MID_SIZE];
    uint16_t seq, rtx_seq, picture_id;
    uint8_t tl0;
    bool key_next;
    int64_t next_ns, period_ns;
    uint32_t packets, octets;
    struct sent *history;
};

/* The HTTP part of a join. */
struct post {
    int fd; /* -1: none */
    struct pl_buf out, in;
    char *path, *token;
};

struct load_session {
    struct load *load;
    unsigned index;
    bool publisher;
    enum load_state state;
    enum load_way way;
    struct load_publisher publish;
    struct load_receiver receive;
    struct sockaddr_in http, media;
    struct post post;
    int fd; /* UDP, connected; -1: none yet */
    char ufrag[16], pwd[40];
    char remote_ufrag[PL_UFRAG_SIZE], remote_pwd[PL_PWD_SIZE];
    uint8_t transaction[12];
    unsigned checks; /* unanswered ones */
    int64_t began_ns, up_ns, answered_ns;
    int64_t due_ns[4]; /* enum due */
    SSL *ssl;
    const uint8_t *dtls_in; /* the datagram that OpenSSL reads, NULL: none */
    size_t dtls_in_len;
    struct pl_srtp *in, *out;
    uint32_t rtcp_ssrc;
    uint16_t twcc_seq;
    unsigned n_streams;
    struct stream *streams;
    unsigned n_tracks;
    struct track *tracks;
    uint8_t by_ssrc[512]; /* open addressing: track index + 1; RTX SSRCs too */
    uint32_t sample;      /* counts packets */
    struct pl_twcc_arrivals *arrivals;
    char why[200];
};

enum due { DUE_CHECK, DUE_REPORT, DUE_FEEDBACK, DUE_NACK };

struct buffers; /* of recvmmsg; receive.c */

struct load {
    int epoll, watched;
    unsigned joins_max, joining, next_waiting;
    uint64_t seed;
    SSL_CTX *tls;
    BIO_METHOD *bio;
    char fingerprint[96];
    struct load_session **sessions;
    int64_t *due_ns; /* of each session, the earliest */
    unsigned n_sessions, cap_sessions;
    int64_t tick_ns;
    struct load_session **publishers;
    unsigned n_publishers, cap_publishers;
    int64_t publish_ns; /* the earliest of all streams */
    int64_t nap_ns;
    bool busy; /* there were more events than were taken */
    struct load_totals totals;
    struct histogram latency;
    struct buffers *buffers;
};

/* Ends the process: the machine refuses something. */
void load_die(const char *what) __attribute__((noreturn));
uint32_t load_random(struct load *l); /* from the seed */

/* client.c */
void session_fail(struct load_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void session_due(struct load_session *s, enum due what, int64_t at_ns);
void session_send(struct load_session *s, const void *bytes, size_t n);
void session_send_rtcp(struct load_session *s, struct pl_writer *w, size_t cap);
void session_up(struct load_session *s, int64_t now); /* the keys are there */
void session_open(struct load_session *s);            /* its UDP socket */
void session_begin_media(struct load_session *s);     /* the description is: socket, check */

/* join.c */
void join_begin(struct load_session *s);
void join_ready(struct load_session *s, uint32_t events); /* its TCP socket */
bool join_description(struct load_session *s, const char *sdp);
void join_check(struct load_session *s);
void join_stun(struct load_session *s, const uint8_t *bytes, size_t n, int64_t now);

/* handshake.c */
void handshake_setup(struct load *l);
void handshake_teardown(struct load *l);
void handshake_begin(struct load_session *s);
void handshake_input(struct load_session *s, const uint8_t *bytes, size_t n, int64_t now);
void handshake_expire(struct load_session *s);
void handshake_end(struct load_session *s);

/* publish.c */
void publish_begin(struct load_session *s, int64_t now);
int64_t publish_due(struct load *l, int64_t now); /* sends what is due; when to call again */
void publish_rtcp(struct load_session *s, const uint8_t *bytes, size_t n);
void publish_report(struct load_session *s, int64_t now);
/* Whether the payload behind the descriptor is one of ours; when it was sent. */
bool publish_mark(const uint8_t *payload, size_t n, bool video, int64_t *sent_ns);

/* receive.c */
struct buffers *receive_buffers(void);
void receive_ready(struct load_session *s); /* its UDP socket */
void receive_rtp(struct load_session *s, uint8_t *bytes, size_t n, int64_t now);

/* bare.c */
void bare_begin(struct load_session *s, uint32_t number);

/* feedback.c */
void feedback_index(struct load_session *s); /* tracks by their SSRCs */
struct track *feedback_track(struct load_session *s, uint32_t ssrc, bool *rtx);
void feedback_begin(struct load_session *s, int64_t now);
void feedback_rtcp(struct load_session *s, const uint8_t *bytes, size_t n, int64_t now);
void feedback_report(struct load_session *s, int64_t now);
void feedback_arrivals(struct load_session *s, int64_t now);
void feedback_nack(struct load_session *s, int64_t now);
void feedback_pli(struct load_session *s, struct track *t);

#endif
