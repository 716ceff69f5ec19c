/* Events on their way to the record: their bytes, in order, made once. */
#ifndef PL_SERVER_EVENTS_H
#define PL_SERVER_EVENTS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/text.h"
#include "meet/acts.h"
#include "meet/definition.h"
#include "signal/definition.h"

struct pl_events {
    struct pl_buf bytes; /* one after the other */
    size_t *ends;        /* of each, in `bytes` */
    size_t n, room;
    uint64_t first; /* number of the first one */
};

/* Adds an event, whose number follows that of the one before, with a fresh salt. PL_ENOMEM, and
 * nothing was added. */
enum pl_err pl_events_add(struct pl_events *e, const struct pl_act *act,
                          const struct pl_random *random) PL_CHECKED;
struct pl_str pl_events_at(const struct pl_events *e, size_t i);
void pl_events_clear(struct pl_events *e);
void pl_events_free(struct pl_events *e); /* and leaves it empty */

/* What a meeting's record begins with: that it was created, and what was prepared. */
struct pl_beginning {
    const char *id;                 /* of the meeting */
    struct pl_str json;             /* the definition as it is stored */
    const struct pl_act *documents; /* put_document: that it has already; those whose item is not */
    size_t n_documents;             /* there are left out, and said so: */
    bool *left_out;                 /* one a document; NULL where there is none */
    int64_t now_ms;
};

/* The caller frees *out. *wake_ms is as of pl_meeting_deadline. PL_EINVAL: a prepared act is
 * refused; `why` names it ("prepared[3].title: …"). PL_ENOMEM. */
enum pl_err pl_events_begin(const struct pl_definition *d, const struct pl_beginning *b,
                            const struct pl_random *random, struct pl_events *out, int64_t *wake_ms,
                            char why[PL_WHY_SIZE]) PL_CHECKED;

#endif
