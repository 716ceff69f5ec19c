/* What is done to the minutes, which all may see who may read them. */
#include "signal/view_parts.h"

static size_t add_notes(struct pl_viewing *v, struct pl_msg_minutes_note *list)
{
    size_t n = 0;
    pl_list_each (const struct pl_annotation, note, &v->s->minutes.notes, node) {
        if (note->text.n == 0)
            continue;
        list[n++] = (struct pl_msg_minutes_note){
            .note = note->number,
            .event = note->event,
            .has_event = note->event != 0,
            .item = note->item ? note->item->id : (struct pl_str){0},
            .text = note->text,
            .by = note->by,
            .at = note->at_ms,
        };
    }
    return n;
}

static size_t add_corrections(struct pl_viewing *v, struct pl_msg_correction *list)
{
    size_t n = 0;
    pl_list_each (const struct pl_correction, c, &v->s->minutes.corrections, node) {
        list[n++] = (struct pl_msg_correction){
            .correction = c->number,
            .event = c->event,
            .seat = pl_viewing_seat(v, c->seat),
            .language = c->language,
            .text = c->text,
            .reason = c->reason,
            .at = c->at_ms,
            .accepted = c->accepted,
            .has_accepted = c->settled,
            .words = c->words,
        };
    }
    return n;
}

void pl_view_minutes(struct pl_viewing *v)
{
    const struct pl_minutes_state *s = &v->s->minutes;
    struct pl_msg_minutes_note *notes =
        pl_viewing_take(v, pl_viewing_length(&s->notes), sizeof *notes);
    struct pl_msg_correction *corrections =
        pl_viewing_take(v, pl_viewing_length(&s->corrections), sizeof *corrections);
    if (!notes || !corrections)
        return;
    const struct pl_to_client_minutes message = {
        .until = s->until_ms,
        .has_until = s->until_ms != 0,
        .notes = notes,
        .n_notes = add_notes(v, notes),
        .corrections = corrections,
        .n_corrections = add_corrections(v, corrections),
        .adopted = s->adopted,
        .has_adopted = s->adopted != 0,
        .adopted_at = s->adopted_ms,
        .has_adopted_at = s->adopted != 0,
        .hash = s->hash,
    };
    pl_to_client_minutes(v->out, &message);
}
