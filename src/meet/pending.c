/* What other files will hold: each takes its lines out of here. */
#include "meet/parts.h"

#define PENDING(name)                                                                              \
    enum pl_err pl_decide_##name(struct pl_ruling_on *r)                                           \
    {                                                                                              \
        return pl_refuse(r, PL_EUNSUPPORTED, NULL, "This is not offered yet.");                    \
    }                                                                                              \
    enum pl_err pl_apply_##name(const struct pl_change *ch)                                        \
    {                                                                                              \
        (void)ch;                                                                                  \
        return PL_EINVAL;                                                                          \
    }

PENDING(set_session)
PENDING(voice)
PENDING(put_item)
PENDING(drop_item)
PENDING(take_item)
PENDING(ask_item)
PENDING(answer_ask)
PENDING(request_floor)
PENDING(withdraw_floor)
PENDING(pass_floor)
PENDING(give_floor)
PENDING(end_floor)
PENDING(set_floor_list)
PENDING(set_speaking_time)
PENDING(rule_on)
PENDING(put_document)
PENDING(drop_document)
PENDING(put_party)
PENDING(put_paper)
PENDING(put_option)
PENDING(drop_option)
PENDING(take_position)
PENDING(consult)
PENDING(state_red_line)
PENDING(put_decision)
PENDING(call_decision)
PENDING(vote)
PENDING(pass_vote)
PENDING(extend_silence)
PENDING(restart_silence)
PENDING(close_decision)
PENDING(withdraw_decision)

enum pl_err pl_apply_settled(const struct pl_change *ch)
{
    (void)ch;
    return PL_EINVAL;
}
void pl_seats_presence(const struct pl_change *ch, const struct pl_participant *p, bool present)
{
    (void)ch;
    (void)p;
    (void)present;
}
void pl_floor_gone(const struct pl_change *ch, const struct pl_participant *p)
{
    (void)ch;
    (void)p;
}
void pl_floor_end(const struct pl_change *ch)
{
    (void)ch;
}
bool pl_agenda_lets_in(const struct pl_meeting *m, uint32_t person)
{
    (void)m;
    (void)person;
    return true;
}
struct pl_participant *pl_meeting_floor_holder(const struct pl_meeting *m)
{
    (void)m;
    return NULL;
}
bool pl_meeting_has_voice(const struct pl_meeting *m, const struct pl_participant *p)
{
    (void)m;
    (void)p;
    return false;
}
bool pl_meeting_asks_floor(const struct pl_meeting *m, const struct pl_participant *p)
{
    (void)m;
    (void)p;
    return false;
}
int64_t pl_meeting_deadline(const struct pl_meeting *m)
{
    (void)m;
    return INT64_MAX;
}
void pl_meeting_expire(const struct pl_meeting *m, int64_t at_ms,
                       struct pl_act events[PL_EVENTS_MAX], size_t *n)
{
    (void)m;
    (void)at_ms;
    (void)events;
    *n = 0;
}
