/* Who may read which event of a record, as it was written. An event tells all that its maker said:
 * so it is read by those who were shown all of that, then or since, and by nobody else. Positions
 * are for whom they were taken for; a ballot is its seat's until the result is declared, and only
 * the last of each seat is then for all; a text is for all once it was read out; who waited outside
 * is who presides' to know until they come in. Pure; grows with the record. */
#ifndef PL_SIGNAL_READERS_H
#define PL_SIGNAL_READERS_H

#include "base/err.h"
#include "meet/meeting.h"
#include "signal/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_reader;

struct pl_readers {
    struct pl_reader *list; /* one an event */
    size_t n, room;
    size_t outside;                   /* that came, and were not in the room yet */
    uint64_t calls[PL_DECISIONS_MAX]; /* of each decision, the event that called it last */
};

/* The next event of the record, before the meeting applies it. PL_ENOMEM; PL_EINVAL: its number is
 * not the next one. */
enum pl_err pl_readers_add(struct pl_readers *r, const struct pl_meeting *m,
                           const struct pl_act *event) PL_CHECKED;
/* The same event, once it is applied: who came in, and what was declared, is known. */
void pl_readers_applied(struct pl_readers *r, const struct pl_meeting *m,
                        const struct pl_act *event);
void pl_readers_free(struct pl_readers *r);

/* May this eye read the event of this number? */
bool pl_readers_allow(const struct pl_readers *r, uint64_t number, struct pl_eye eye);

#endif
