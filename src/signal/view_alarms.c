/* Alarms about the record, which all may see who are in the room. */
#include "signal/view_parts.h"

void pl_view_alarms(struct pl_viewing *v)
{
    struct pl_msg_alarm *list = pl_viewing_take(v, v->s->n_alarms, sizeof *list);
    size_t n = 0;
    if (!list)
        return;
    pl_list_each (const struct pl_alarm, a, &v->s->alarms, node) {
        list[n++] = (struct pl_msg_alarm){
            .alarm = a->number,
            .by = a->by,
            .name = a->name,
            .why = a->why,
            .ours = a->ours,
            .theirs = a->theirs,
            .event = a->event,
            .has_event = a->event != 0,
            .leaf = a->leaf,
        };
    }
    pl_to_client_alarms(v->out, &(struct pl_to_client_alarms){list, n});
}
