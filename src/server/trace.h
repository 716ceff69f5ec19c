/* The trace of one participant's media, and its form: JSON, a record a line. Made from views of the
 * peers (sfu/view.h), ten a second: what happened, and each second how the line and everything that
 * goes over it was. Never a payload, a key, a credential, or a name.
 *
 * The lists here are both the writer's and the reader's. Sans-IO: text goes to a `struct
 * pl_trace_out`. */
#ifndef PL_SERVER_TRACE_H
#define PL_SERVER_TRACE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "server/line.h"

#define PL_TRACE_VERSION 1
#define PL_TRACE_EVERY_US (100 * PL_MS)  /* views, */
#define PL_TRACE_LINE_US (1 * PL_SECOND) /* and records of lines, slots and layers */
#define PL_TRACE_STANDS_US (500 * PL_MS) /* a picture without a packet for so long stands */
#define PL_TRACE_PEERS_MAX 8     /* transports of the participant, one after the other too */
#define PL_TRACE_RECORD_MAX 2048 /* bytes of a line */
#define PL_TRACE_TEXT_SIZE 64

/* clang-format off */
#define PL_TRACE_TYPES(X) \
    X(trace)     /* the first line: version, started_ms, meeting, participant */ \
    X(path)      /* protocol, address, paths: another tuple is in use, among so many */ \
    X(connected) /* DTLS is done */ \
    X(line)      /* each second: PL_LINE_NUMBERS; what is not known is absent */ \
    X(slot)      /* each second: what a slot carries */ \
    X(layer)     /* each second: a layer that the participant sends */ \
    X(switched)  /* a slot carries something else; source 0: nothing */ \
    X(waits)     /* a slot waits for a key frame of `source` */ \
    X(stands)    /* no packet of a picture for half a second */ \
    X(moves)     /* one again, after `ms` */ \
    X(end)       /* the last line: why */

/* t: ms since the start. peer: the transport. loss is in hundredths of a percent. */
#define PL_TRACE_NUMBERS(X) \
    X(version) X(started_ms) X(t) X(peer) X(paths) X(section) X(source) X(layer) X(height) \
    X(wanted) X(smaller) X(bps) X(loss) X(keys) X(keys_asked) X(ms) PL_LINE_NUMBERS(X)

#define PL_TRACE_TEXTS(X) X(meeting) X(participant) X(protocol) X(address) X(why)
/* clang-format on */

#define X(name) PL_TRACE_##name,
enum pl_trace_type { PL_TRACE_TYPES(X) PL_TRACE_TYPE_COUNT };
#undef X
#define X(name) PL_TRACE_N_##name,
enum pl_trace_number { PL_TRACE_NUMBERS(X) PL_TRACE_NUMBER_COUNT };
#undef X
#define X(name) PL_TRACE_S_##name,
enum pl_trace_text { PL_TRACE_TEXTS(X) PL_TRACE_TEXT_COUNT };
#undef X

struct pl_trace_record {
    enum pl_trace_type type;
    bool has[PL_TRACE_NUMBER_COUNT];
    int64_t numbers[PL_TRACE_NUMBER_COUNT];
    char texts[PL_TRACE_TEXT_COUNT][PL_TRACE_TEXT_SIZE]; /* "": absent */
};

/* Appends the record, and a newline. */
void pl_trace_record_write(const struct pl_trace_record *r, struct pl_buf *out);

/* PL_EINVAL unless the line, without its newline, is a record of this form; PL_ELIMIT, PL_ENOMEM.
 */
enum pl_err pl_trace_record_read(struct pl_str line, struct pl_trace_record *out) PL_CHECKED;

/* Where a trace goes. */
struct pl_trace_out {
    void *ctx;
    bool (*write)(void *ctx, const char *bytes, size_t n); /* false: full, or it failed */
    void (*close)(void *ctx);
};

struct pl_trace;

struct pl_trace_subject {
    struct pl_str meeting, participant;
    int64_t wall_ms;
    pl_time_us now; /* of the views' clock */
};

/* Begins. `out` is the trace's on PL_OK. PL_ENOMEM. */
enum pl_err pl_trace_new(const struct pl_trace_subject *subject, const struct pl_trace_out *out,
                         struct pl_trace **trace) PL_CHECKED;

/* The newest view of one of the participant's peers, and whether its path is one by TCP. False: the
 * trace takes no more. */
bool pl_trace_view(struct pl_trace *t, const struct pl_peer_view *view, bool tcp);

/* Says why, closes and frees. NULL is fine. */
void pl_trace_end(struct pl_trace *t, const char *why);

#endif
