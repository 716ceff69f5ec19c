/* What the files of the view share, and nobody else includes: view.c (eyes, and the parts of the
 * meeting), view_papers.c (options papers and the register), view_decision.c (decisions),
 * view_minutes.c (what is done to the minutes), view_alarms.c (alarms about the record). */
#ifndef PL_SIGNAL_VIEW_PARTS_H
#define PL_SIGNAL_VIEW_PARTS_H

#include "base/arena.h"
#include "signal/messages.h"
#include "signal/view.h"

/* A message in the making. Its lists are the arena's, its texts the state's. */
struct pl_viewing {
    const struct pl_meeting *m;
    const struct pl_definition *d;
    const struct pl_state *s;
    struct pl_eye eye;
    int64_t now_ms;
    struct pl_arena arena;
    struct pl_buf *out;
};

/* A list of n things, zeroed. NULL: no memory, and the message has failed. */
void *pl_viewing_take(struct pl_viewing *v, size_t n, size_t size);
size_t pl_viewing_length(const struct pl_list *list);
struct pl_str pl_viewing_seat(const struct pl_viewing *v, uint32_t seat); /* its id; or absent */

/* The party for which a guest reads; NULL: none. */
const struct pl_party *pl_eye_party(const struct pl_meeting *m, struct pl_eye eye);
/* Those of n warnings that the eye sees, in order; they are moved together. Returns how many. */
size_t pl_eye_filter(const struct pl_meeting *m, struct pl_eye eye, const struct pl_option *option,
                     struct pl_act_warning *warnings, size_t n);

/* view_papers.c */
void pl_view_paper(struct pl_viewing *v, const struct pl_paper *paper);
struct pl_eye pl_view_paper_plain(const struct pl_meeting *m, const struct pl_paper *paper,
                                  struct pl_eye eye);
bool pl_view_paper_shown(const struct pl_meeting *m, const struct pl_paper *paper,
                         struct pl_eye eye);
void pl_view_register(struct pl_viewing *v);

/* view_decision.c */
void pl_view_decision(struct pl_viewing *v, const struct pl_decision *d);
struct pl_eye pl_view_decision_plain(const struct pl_meeting *m, const struct pl_decision *d,
                                     struct pl_eye eye);

/* view_minutes.c, view_alarms.c */
void pl_view_minutes(struct pl_viewing *v);
void pl_view_alarms(struct pl_viewing *v);

#endif
