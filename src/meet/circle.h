/* A circle: those of the meeting who read a text of the chat together, and share the keys of a
 * group where the meeting is encrypted. It is called "meeting" (all who are in the room),
 * "seat:NOR" (the delegation of that seat: its delegates and advisers), or "note:NOR" (that
 * delegation, and who presides). */
#ifndef PL_MEET_CIRCLE_H
#define PL_MEET_CIRCLE_H

#include "meet/definition.h"

#define PL_CIRCLE_MEETING "meeting"
#define PL_CIRCLE_NAME_MAX 37 /* "note:", and PL_SEAT_ID_MAX */

enum pl_circle_kind { PL_CIRCLE_WHOLE, PL_CIRCLE_SEAT, PL_CIRCLE_NOTE };

struct pl_circle {
    enum pl_circle_kind kind;
    uint32_t seat; /* index in the definition; PL_NO_SEAT: the whole meeting */
};

/* PL_ENOENT: there is none of this name. */
enum pl_err pl_circle_find(const struct pl_definition *d, struct pl_str name,
                           struct pl_circle *out) PL_CHECKED;

/* Is a person of the definition, by index, in it? Whether they are in the room is another matter.
 */
bool pl_circle_has(const struct pl_definition *d, struct pl_circle circle, uint32_t person);

#endif
