/* Session descriptions (RFC 8866) as WebRTC uses them (RFC 9429): text in, a plain struct out. What
 * the offer means, and which answer it gets, is answer.h's affair.
 *
 * Strict in structure, since a malformed offer should be refused with its line; deaf to attributes
 * that it does not know; patient where browsers are odd (Firefox leaves a=rtcp-fb lines of payload
 * types that are gone). Candidates are read over: an ICE-lite server needs none. */
#ifndef PL_PROTO_SDP_H
#define PL_PROTO_SDP_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_SECTIONS_MAX 160 /* m= sections in an offer; 128 are promised */
#define PL_OFFER_MAX                                                                               \
    (512 << 10)           /* bytes; 256 kB are promised, Firefox sends 130 kB for 105 sections */
#define PL_MID_SIZE 17    /* 16 bytes: what fits a one-byte header extension (RFC 8285), and 0 */
#define PL_UFRAG_SIZE 257 /* RFC 8839, 5.4: 4 to 256 ice-chars */
#define PL_PWD_SIZE 257   /* 22 to 256 */

#define PL_SDP_WHY 160      /* bytes of an error's sentence, its zero included */
#define PL_SDP_SSRCS_MAX 32 /* SSRCs of one section; three layers with retransmission are 6 */
#define PL_SDP_RIDS_MAX 8   /* rids of one section; browsers send 3 */

/* What the peer said of its DTLS role (RFC 8842). */
enum pl_sdp_setup {
    PL_SETUP_NONE,
    PL_SETUP_ACTPASS,
    PL_SETUP_ACTIVE,
    PL_SETUP_PASSIVE,
    PL_SETUP_HOLDCONN,
};

enum pl_sdp_kind { PL_SDP_AUDIO, PL_SDP_VIDEO, PL_SDP_APPLICATION, PL_SDP_OTHER };

/* Header extensions that are known here (RFC 8285). */
enum pl_sdp_ext_name {
    PL_SDP_EXT_MID,          /* RFC 9143, 15 */
    PL_SDP_EXT_RID,          /* RFC 8852 */
    PL_SDP_EXT_REPAIRED_RID, /* RFC 8852 */
    PL_SDP_EXT_AUDIO_LEVEL,  /* RFC 6464 */
    PL_SDP_EXT_TWCC,         /* draft-holmer-rmcat-transport-wide-cc-extensions-01, 2 */
    PL_SDP_EXT_DD,           /* dependency descriptor: RTP Payload Format For AV1, A */
    PL_SDP_EXTS
};

#define PL_SDP_DD_URI                                                                              \
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

struct pl_sdp_ext {
    uint8_t id; /* 1 to 14, or 16 to 255 in the two-byte form (RFC 8285, 4.3); 0: not offered */
    bool sends, receives; /* by the writer of the description */
};

/* RTCP feedback, bits (RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb). */
#define PL_FB_NACK 1u
#define PL_FB_PLI 2u
#define PL_FB_FIR 4u
#define PL_FB_REMB 8u
#define PL_FB_TWCC 16u

/* One payload type of an m= line, in the line's order of preference. */
struct pl_sdp_codec {
    uint8_t pt;
    struct pl_str name; /* a=rtpmap; n 0 if there is none */
    uint32_t rate;      /* Hz */
    unsigned channels;  /* 1 unless given */
    struct pl_str fmtp; /* parameters of a=fmtp */
    unsigned feedback;  /* PL_FB_…, those of "a=rtcp-fb:*" included */
};

struct pl_sdp_ssrc {
    uint32_t ssrc;
    bool repair; /* the second of an FID group (RFC 4588): retransmission */
};

struct pl_sdp_rid {
    struct pl_str id; /* RFC 8851 */
    bool sends;
};

/* One m= section; or the session level, which has all of this but the m= line's own. */
struct pl_sdp_section {
    size_t line; /* of the m= line, from 1; 0 at session level */
    enum pl_sdp_kind kind;
    struct pl_str kind_text, proto, formats; /* as in the m= line */
    uint16_t port;
    bool rtp;                     /* the protocol is one of RTP's */
    size_t first_codec, n_codecs; /* in pl_sdp.codecs; none unless rtp */
    struct pl_str mid;            /* n 0 if there is none, else at most 16 */
    bool bundled;                 /* in the BUNDLE group */
    bool bundle_only;             /* a port of 0 does not mean refused (RFC 9143, 6) */
    bool sends, receives;         /* by the writer; a=sendrecv is both */
    bool rtcp_mux, rtcp_rsize;    /* RFC 5761, RFC 5506 */
    bool xr_rtt;                  /* RFC 3611, 5.1: a receiver would know its round trip */
    bool extmap_allow_mixed;      /* RFC 8285, 6 */
    bool end_of_candidates;       /* RFC 8838 */
    struct pl_str ufrag, pwd;     /* n 0 if not here */
    bool has_fingerprint;         /* SHA-256, in `fingerprint` */
    bool has_other_fingerprint;   /* of another hash */
    uint8_t fingerprint[32];
    enum pl_sdp_setup setup;
    struct pl_sdp_ext exts[PL_SDP_EXTS];
    uint64_t ext_ids[4]; /* bit set of the ids in use; the parser's */
    unsigned feedback;   /* of "a=rtcp-fb:*" */
    size_t n_ssrcs;
    struct pl_sdp_ssrc ssrcs[PL_SDP_SSRCS_MAX]; /* in the order of their first mention */
    size_t n_rids;
    struct pl_sdp_rid rids[PL_SDP_RIDS_MAX];
    struct pl_str simulcast; /* a=simulcast, as written */
};

struct pl_sdp {
    struct pl_sdp_section session; /* the session level's attributes */
    bool ice_lite;                 /* RFC 8839, 5.3 */
    size_t n_sections;
    struct pl_sdp_section *sections; /* in order */
    size_t n_codecs;
    struct pl_sdp_codec *codecs; /* of all sections */
    bool has_bundle;
    size_t n_bundle;                  /* the BUNDLE group: indexes of its sections, in its order */
    uint16_t bundle[PL_SECTIONS_MAX]; /* RFC 9143 */
    struct pl_str bundle_text;        /* the parser's */
    size_t bundle_line;               /* the parser's */
};

/* Parses a description; lines end in CRLF or LF. All text in *out is borrowed from `text`; free
 * *out with pl_sdp_free. PL_EINVAL: malformed; PL_ELIMIT: more than PL_OFFER_MAX bytes,
 * PL_SECTIONS_MAX sections, or another limit above; both with `why` in one sentence, "line 12: …"
 * where there is a line. PL_ENOMEM. */
enum pl_err pl_sdp_parse(struct pl_str text, struct pl_sdp *out, char why[PL_SDP_WHY]) PL_CHECKED;

/* The same for a fragment (RFC 8840, 9): neither v= nor any m= line must be there, and the BUNDLE
 * group is not resolved. */
enum pl_err pl_sdp_parse_fragment(struct pl_str text, struct pl_sdp *out,
                                  char why[PL_SDP_WHY]) PL_CHECKED;

void pl_sdp_free(struct pl_sdp *s);

#endif
