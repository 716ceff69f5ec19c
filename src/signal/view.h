/* What of a meeting somebody may see: from its state to the messages that tell it. Pure; nothing of
 * the state is kept. Who may see what is decided here and nowhere else. */
#ifndef PL_SIGNAL_VIEW_H
#define PL_SIGNAL_VIEW_H

#include "base/buf.h"
#include "meet/meeting.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_sight {
    PL_SIGHT_OUTSIDE, /* waits or stands in the lobby: where the meeting stands, and no more */
    PL_SIGHT_GUEST, /* a briefer or invited person: their item, seats, the floor; with a party, what
                       concerns it of papers and register */
    PL_SIGHT_ALL,   /* all but what is shown to some only */
    PL_SIGHT_SEAT,  /* and what is shown to their delegation */
    PL_SIGHT_CHAIR, /* and what is shown to who presides */
};

/* With what eye somebody reads: people with equal eyes see the same. */
struct pl_eye {
    enum pl_sight sight;
    uint32_t seat;   /* of PL_SIGHT_SEAT; else PL_NO_SEAT */
    uint32_t person; /* of PL_SIGHT_GUEST, whose item and party count; else 0 */
};

struct pl_eye pl_view_eye(const struct pl_meeting *m, const struct pl_participant *p);
/* Of a person who is in the room, or comes back to read what was done there. */
struct pl_eye pl_view_person_eye(const struct pl_meeting *m, uint32_t person);
bool pl_eye_eq(struct pl_eye a, struct pl_eye b);

/* Does the eye see the position of a seat on an option? */
bool pl_eye_sees_position(struct pl_eye eye, uint32_t seat, const struct pl_position *position);
/* A warning that names a seat is its position's red line: who may not see the one, is not shown the
 * other. */
bool pl_eye_sees_warning(const struct pl_meeting *m, struct pl_eye eye,
                         const struct pl_option *option, const struct pl_act_warning *warning);
/* Is it voted on by ballots, which are not shown before the result is declared? */
bool pl_view_is_ballot(const struct pl_decision *d);
/* May all see how the seats voted? */
bool pl_view_choices_shown(const struct pl_decision *d);

/* What one message tells. */
enum pl_view_part {
    PL_VIEW_SESSION,
    PL_VIEW_SEATS,
    PL_VIEW_AGENDA,
    PL_VIEW_FLOOR,
    PL_VIEW_REGISTER,
    PL_VIEW_MINUTES,
    PL_VIEW_ALARMS,
    PL_VIEW_PAPER,    /* of which there are many, */
    PL_VIEW_DECISION, /* and of these */
    PL_VIEW_COUNT
};
struct pl_view_of {
    enum pl_view_part part;
    const struct pl_paper *paper;       /* of PL_VIEW_PAPER; else NULL */
    const struct pl_decision *decision; /* of PL_VIEW_DECISION; else NULL */
};

/* Number of the event that last changed what the message tells to whomever. */
uint64_t pl_view_changed(const struct pl_meeting *m, struct pl_view_of of);

/* Is there anything in it for this eye? */
bool pl_view_shown(const struct pl_meeting *m, struct pl_view_of of, struct pl_eye eye);

/* The plainest eye that reads the very same there, so that many may share one message. */
struct pl_eye pl_view_plain(const struct pl_meeting *m, struct pl_view_of of, struct pl_eye eye);

/* Appends the message as that eye may see it, to an empty buffer. `now_ms`: Unix time. Without
 * memory `out->failed` is set. Of a paper that is not shown any more: that it is void, and no more;
 * of nothing else that is not shown. */
void pl_view_encode(const struct pl_meeting *m, struct pl_view_of of, struct pl_eye eye,
                    int64_t now_ms, struct pl_buf *out);

#endif
