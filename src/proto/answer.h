/* Offer/answer (RFC 9429, RFC 8843, RFC 8839) for a server that is ICE-lite, passive in DTLS,
 * bundles everything on one transport, answers once and never renegotiates. Pure: text in, text and
 * a description of the session out. The browser client, WHIP and WHEP all go through here. */
#ifndef PL_PROTO_ANSWER_H
#define PL_PROTO_ANSWER_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"
#include "proto/codec.h"
#include "proto/sdp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_CNAME_SIZE 24
#define PL_LAYERS_MAX 3 /* of one source: what browsers send */
#define PL_RID_SIZE 17  /* as PL_MID_SIZE */
/* The first slot for sound and the first for pictures have one msid, and so have the second ones:
 * browsers play the two of an msid in step (docs/slots.md, rule 13). */
#define PL_PAIRS 2

#define PL_FORMATS_MAX 4 /* codecs of one section: all of pictures */

enum pl_media_type { PL_AUDIO, PL_VIDEO };

/* As the server sees it. */
enum pl_direction {
    PL_INACTIVE, /* refused, or nothing to do: data channels, unknown codecs, roles that may not */
    PL_RECEIVE,  /* the client publishes: a source */
    PL_SEND,     /* the client receives: a slot */
};

/* A codec as one section calls it. */
struct pl_format {
    enum pl_codec codec;
    uint8_t pt;     /* payload type */
    uint8_t rtx_pt; /* of its retransmissions (RFC 4588); 0: none */
};

/* One m= section after negotiation. Numbers that were not negotiated are 0. */
struct pl_section {
    char mid[PL_MID_SIZE];
    enum pl_media_type media;
    enum pl_direction direction;
    /* RECEIVE: what the client sends, one codec (and RED before Opus). SEND: all that it takes.
     * Either all of a section that has NACK have retransmissions, or none has. */
    unsigned n_formats;
    struct pl_format formats[PL_FORMATS_MAX];
    uint32_t clock_rate; /* Hz */
    uint32_t ssrc; /* RECEIVE: the one announced, or 0. SEND: ours, as announced in the answer */
    uint32_t rtx_ssrc;                 /* of retransmissions, as `ssrc` */
    uint8_t ext_mid;                   /* header extension ids, those of pl_sdp_ext; RECEIVE only */
    uint8_t ext_audio_level;           /* RFC 6464 */
    uint8_t ext_rid, ext_repaired_rid; /* RFC 8852; RECEIVE */
    uint8_t ext_dd;                    /* dependency descriptor (dd.h); RECEIVE, of AV1 */
    uint8_t
        ext_twcc; /* transport-wide number, with its feedback; the only one of a slot, up to 14 */
    bool nack, pli, fir, remb;
    /* Simulcast (RFC 8853), RECEIVE: the layers that the client sends, told apart by these ids. */
    unsigned n_rids; /* 0: one layer without an id */
    char rids[PL_LAYERS_MAX][PL_RID_SIZE];
};

/* The section's format of a payload type or of its retransmissions; of a codec. NULL: none. */
const struct pl_format *pl_section_format(const struct pl_section *s, uint8_t pt);
const struct pl_format *pl_section_codec(const struct pl_section *s, enum pl_codec codec);

/* Whether a slot of these formats can carry what the source's section sends. */
bool pl_section_takes(const struct pl_section *slot, const struct pl_section *source);

/* What both sides agreed on. */
struct pl_session {
    char remote_ufrag[PL_UFRAG_SIZE], remote_pwd[PL_PWD_SIZE];
    char local_ufrag[PL_UFRAG_SIZE], local_pwd[PL_PWD_SIZE];
    uint8_t remote_fingerprint[32]; /* SHA-256 of the client's certificate */
    char cname[PL_CNAME_SIZE];      /* ours, for SDES */
    size_t n_sections;
    struct pl_section *sections; /* one per m= line, in order; owned by the session */
};

/* What the server brings to the answer. All borrowed for the call. */
struct pl_answer_config {
    const struct pl_addr *candidates; /* host candidates, best first */
    size_t n_candidates;
    const struct pl_addr *tcp_candidates; /* passive ones (RFC 6544), behind those above */
    size_t n_tcp_candidates;
    uint8_t fingerprint[32]; /* SHA-256 of our certificate */
    bool may_publish;        /* else a sending section is answered inactive */
    bool may_receive;        /* else a receiving section is answered inactive */
    bool encrypted; /* end to end: no RED, no H.264, which are read beyond their descriptor */
    bool estimate;  /* agree on feedback on slots (transport-cc, else goog-remb); else on none */
    struct pl_random random; /* ufrag, pwd, SSRCs, msids */
};

/* Parses the offer and writes the answer: session-level ice-lite, ufrag, pwd, fingerprint,
 * setup:passive; candidates and end-of-candidates in the first accepted section; rtcp-mux,
 * rtcp-rsize, feedback nack / nack pli / ccm fir / goog-remb where offered; on receiving sections
 * the first codec of the client's order that is known here (Opus, with RED before it; VP8, VP9 and
 * AV1 of profile 0, H.264 constrained baseline in packetization mode 1) and the extensions that are
 * read; on sending ones every such codec, `a=ssrc` with cname and an msid of its own (but for
 * PL_PAIRS). sendrecv becomes RECEIVE when publishing is allowed, else SEND. Sections without a
 * known codec, outside the BUNDLE group, or of other kinds are refused (port 0); the group's first
 * is then answered inactive instead.
 *
 * On PL_OK *session is filled (free it with pl_session_free) and the answer appended to `answer`.
 * On PL_EINVAL (malformed), PL_ELIMIT (too large), PL_EUNSUPPORTED (well-formed, but not bundled,
 * no rtcp-mux, no SHA-256 fingerprint, setup:passive, no section in common) `why` says it in one
 * sentence, with the line's number (from 1) where there is one: "line 12: …". PL_ENOMEM. */
enum pl_err pl_answer_make(struct pl_str offer, const struct pl_answer_config *config,
                           struct pl_session *session, struct pl_buf *answer,
                           char why[160]) PL_CHECKED;

void pl_session_free(struct pl_session *s);

/* The lines a=candidate of these host candidates, best first, UDP before TCP, and
 * a=end-of-candidates (RFC 8839, 5.1): what an answer holds, and what goes into the fragment that
 * answers a PATCH. */
void pl_answer_candidates(const struct pl_addr *udp, size_t n_udp, const struct pl_addr *tcp,
                          size_t n_tcp, struct pl_buf *out);

/* Fresh ice-chars: 8 for a ufrag, 24 for a pwd (RFC 8839, 5.4), and a zero. */
void pl_ice_credentials(const struct pl_random *random, char ufrag[9], char pwd[25]);

/* An SDP fragment of a PATCH (RFC 8840, application/trickle-ice-sdpfrag): the ufrag and pwd it
 * names. PL_EINVAL as above. */
enum pl_err pl_sdpfrag_parse(struct pl_str frag, char ufrag[PL_UFRAG_SIZE], char pwd[PL_PWD_SIZE],
                             char why[160]) PL_CHECKED;

#endif
