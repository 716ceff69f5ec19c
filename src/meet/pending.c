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
void pl_decision_seat_came(const struct pl_change *ch, uint32_t seat)
{
    (void)ch;
    (void)seat;
}
bool pl_decision_open_but_silence(const struct pl_meeting *m)
{
    (void)m;
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
