/* What the files of src/client share, and bench/bare.c. See call.h. */
#ifndef PL_CLIENT_PARTS_H
#define PL_CLIENT_PARTS_H

#include "base/bytes.h"
#include "base/random.h"
#include "client/call.h"
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
#define STREAMS_MAX (1 + PL_CALL_LAYERS_MAX)

/* Payload types and extension ids of our own offers. */
enum { PT_OPUS = 111, PT_VP8 = 96, PT_RTX = 97 };
enum { EXT_LEVEL = 1, EXT_TWCC = 3, EXT_MID = 4, EXT_RID = 10, EXT_REPAIRED_RID = 11 };

struct missing {
    uint16_t seq;
    uint8_t tries;
    int64_t at; /* when to ask (again) */
};

struct track {
    struct pl_call_track seen; /* what call.h shows */
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
    unsigned layer, fps;
    const char *rid;
    uint32_t ssrc, rtx_ssrc, timestamp;
    uint8_t pt, rtx_pt, ext_level, ext_twcc, ext_mid, ext_rid;
    char mid[PL_MID_SIZE];
    uint16_t seq, rtx_seq, picture_id;
    uint8_t tl0;
    uint8_t level; /* of the last sound, RFC 6464 */
    bool wanted;   /* it is sent */
    bool key_next;
    bool silent; /* nothing was sent the last time that something was due */
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

struct pl_call {
    struct pl_calls *calls;
    unsigned index;
    bool hears; /* with receive */
    enum pl_call_state state;
    enum pl_call_way way;
    struct pl_call_publisher publish;
    unsigned want_layers; /* as pl_call_want said */
    bool want_sound;
    struct pl_call_receiver receive;
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

struct pl_calls {
    int epoll, watched;
    unsigned joins_max, joining, next_waiting;
    uint64_t seed;
    SSL_CTX *tls;
    BIO_METHOD *bio;
    char fingerprint[96];
    struct pl_call **all;
    int64_t *due_ns; /* of each session, the earliest */
    unsigned n_all, cap_all;
    int64_t tick_ns, soonest_ns; /* no expiry before; of all due_ns the earliest, or earlier */
    struct pl_call **publishers;
    unsigned n_publishers, cap_publishers;
    int64_t publish_ns; /* the earliest of all streams */
    int64_t nap_ns;
    bool busy; /* there were more events than were taken */
    struct pl_calls_totals totals;
    void (*bare)(struct pl_call *c, uint32_t number);
    struct buffers *buffers;
};

/* Ends the process: the machine refuses something. */
void pl_calls_die(const char *what) __attribute__((noreturn));
uint32_t pl_calls_random(struct pl_calls *l); /* from the seed */

/* client.c */
void pl_call_fail(struct pl_call *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pl_call_due(struct pl_call *s, enum due what, int64_t at_ns);
void pl_call_send(struct pl_call *s, const void *bytes, size_t n);
void pl_call_send_rtcp(struct pl_call *s, struct pl_writer *w, size_t cap);
void pl_call_up(struct pl_call *s, int64_t now); /* the keys are there */
void pl_call_open(struct pl_call *s);            /* its UDP socket */
void pl_call_begin_media(struct pl_call *s);     /* the description is: socket, check */

/* join.c */
void pl_join_begin(struct pl_call *s);
void pl_join_ready(struct pl_call *s, uint32_t events); /* its TCP socket */
bool pl_join_description(struct pl_call *s, const char *sdp);
void pl_join_check(struct pl_call *s);
void pl_join_stun(struct pl_call *s, const uint8_t *bytes, size_t n, int64_t now);

/* handshake.c */
void pl_handshake_setup(struct pl_calls *l);
void pl_handshake_teardown(struct pl_calls *l);
void pl_handshake_begin(struct pl_call *s);
void pl_handshake_input(struct pl_call *s, const uint8_t *bytes, size_t n, int64_t now);
void pl_handshake_expire(struct pl_call *s);
void pl_handshake_end(struct pl_call *s);

/* publish.c */
void pl_publish_begin(struct pl_call *s, int64_t now);
int64_t pl_publish_due(struct pl_calls *l, int64_t now); /* sends what is due; when to call again */
void pl_publish_rtcp(struct pl_call *s, const uint8_t *bytes, size_t n);
void pl_publish_report(struct pl_call *s, int64_t now);

/* receive.c */
struct buffers *pl_receive_buffers(void);
void pl_receive_ready(struct pl_call *s); /* its UDP socket */
void pl_receive_rtp(struct pl_call *s, uint8_t *bytes, size_t n, int64_t now);

/* feedback.c */
void pl_feedback_index(struct pl_call *s); /* tracks by their SSRCs */
struct track *pl_feedback_track(struct pl_call *s, uint32_t ssrc, bool *rtx);
void pl_feedback_begin(struct pl_call *s);
void pl_feedback_rtcp(struct pl_call *s, const uint8_t *bytes, size_t n, int64_t now);
void pl_feedback_report(struct pl_call *s, int64_t now);
void pl_feedback_arrivals(struct pl_call *s, int64_t now);
void pl_feedback_nack(struct pl_call *s, int64_t now);
void pl_feedback_pli(struct pl_call *s, struct track *t);

#endif
