/* A meeting whose people act at random, with what must hold after each act (meeting_model.h): for
 * test_meeting_random.c, and for a fuzzer that chooses what they do. After <cmocka.h>. */
#ifndef PL_TESTS_MEETING_RANDOM_H
#define PL_TESTS_MEETING_RANDOM_H

#include "meeting_model.h"
#include "meeting_record.h"

#define BOOTH 7    /* who interprets, of room_people, */
#define CAPTIONS 4 /* and who observes, or captions */

/* Acts at random */

static inline struct pl_str one_of(struct world *w, const char *words)
{
    struct pl_str rest = pl_str(words), word = {0};
    uint32_t n = 1;
    for (const char *p = words; *p; p++)
        n += *p == ' ';
    for (uint32_t i = roll(w, n) + 1; i > 0; i--)
        word = pl_str_split(&rest, ' ');
    return word;
}

static inline struct pl_str maybe(struct world *w, const char *text)
{
    return roll(w, 2) ? pl_str(text) : (struct pl_str){0};
}

static inline struct pl_str item_id(struct world *w)
{
    return one_of(w, "i0 i1 i2 i3 none");
}
/* One in this state, mostly, if there is one; else any, known or not. */
static inline struct pl_str decision_id(struct world *w, enum pl_decision_state state)
{
    static char ids[DECISIONS][4];
    uint32_t any = roll(w, DECISIONS), n = 0;
    snprintf(ids[any], sizeof ids[any], "d%02u", any % DECISIONS);
    struct pl_str found = pl_str(ids[any]);
    if (roll(w, 8) == 0)
        return found;
    pl_list_each (struct pl_decision, d, &w->r.s->decisions, node) {
        if (d->state == state && roll(w, ++n) == 0)
            found = d->id;
    }
    return found;
}
static inline struct pl_str option_id(struct world *w)
{
    return one_of(w, "o1 o2 o3");
}
static inline struct pl_str paper_id(struct world *w)
{
    return one_of(w, "a a a b none");
}
static inline struct pl_str party_id(struct world *w)
{
    return one_of(w, "UKR RUS UKR RUS XXX");
}
static inline struct pl_str seat_id(struct world *w)
{
    const struct pl_definition *d = pl_meeting_definition(w->r.m);
    return pl_str(d->seats[roll(w, (uint32_t)d->n_seats)].id);
}
static inline struct pl_str person_id(struct world *w)
{
    const struct pl_definition *d = pl_meeting_definition(w->r.m);
    return pl_str(d->people[roll(w, (uint32_t)d->n_people)].id);
}

/* A number of an event of late, so that some are entries and requests. */
static inline int64_t recent(struct world *w)
{
    pl_list_each (struct pl_floor_entry, e, &w->r.s->floor.entries, node) {
        if (roll(w, 3) == 0)
            return (int64_t)e->number;
    }
    pl_list_each (struct pl_ask, a, &w->r.s->asks, node) {
        if (roll(w, 3) == 0)
            return (int64_t)a->number;
    }
    return 1 + (int64_t)roll(w, 1 + (uint32_t)w->r.s->last);
}

static inline int64_t version_of(struct world *w, struct pl_str id)
{
    pl_list_each (struct pl_decision, d, &w->r.s->decisions, node) {
        if (d->id.n == id.n && memcmp(d->id.p, id.p, id.n) == 0 && roll(w, 10))
            return (int64_t)d->version;
    }
    return 1;
}

static inline struct pl_act_rule a_rule(struct world *w)
{
    struct pl_act_rule rule = {.procedure = (enum pl_procedure)roll(w, PL_PROCEDURE_COUNT)};
    bool shares = rule.procedure == PL_PROCEDURE_QUALIFIED ||
                  (rule.procedure == PL_PROCEDURE_ROLL_CALL && roll(w, 2));
    if (shares && roll(w, 3)) {
        rule.has_seats_num = rule.has_seats_den = true;
        rule.seats_den = 1 + roll(w, 9);
        rule.seats_num = 1 + roll(w, (uint32_t)rule.seats_den);
    }
    if (shares && roll(w, 2)) {
        rule.has_weight_num = rule.has_weight_den = true;
        rule.weight_den = 100;
        rule.weight_num = 1 + roll(w, 100);
    }
    rule.has_base = (shares || rule.procedure == PL_PROCEDURE_ABSOLUTE) && roll(w, 2);
    if (rule.has_base)
        rule.base = (enum pl_base)roll(w, PL_BASE_COUNT);
    if (rule.procedure != PL_PROCEDURE_CONSENSUS && rule.procedure != PL_PROCEDURE_SILENCE &&
        roll(w, 2))
        rule.has_abstentions_count = rule.abstentions_count = true;
    rule.has_quorum = roll(w, 3) == 0;
    if (rule.has_quorum)
        rule.quorum = roll(w, SEATS + 1);
    return rule;
}

static inline void fill_paper_act(struct world *w, struct pl_act *a)
{
    switch (a->type) {
    case PL_ACT_PUT_PARTY:
        a->put_party = (struct pl_act_put_party){.party = one_of(w, "UKR RUS"),
                                                 .name = one_of(w, "Ukraine Russia Elsewhere")};
        break;
    case PL_ACT_PUT_PAPER:
        a->put_paper = (struct pl_act_put_paper){
            .paper = one_of(w, "a b"), .item = item_id(w), .title = one_of(w, "One Two")};
        a->put_paper.questions[0] = (struct pl_act_question){S("q"), one_of(w, "Why? How?")};
        a->put_paper.n_questions = roll(w, 2);
        break;
    case PL_ACT_PUT_OPTION:
        a->put_option = (struct pl_act_put_option){
            .paper = paper_id(w), .option = option_id(w), .title = one_of(w, "This That")};
        a->put_option.answers[0] = (struct pl_act_answer){S("q"), one_of(w, "So. Otherwise.")};
        a->put_option.n_answers = roll(w, 2);
        a->put_option.touches[0].id = party_id(w);
        a->put_option.n_touches = roll(w, 2);
        break;
    case PL_ACT_DROP_OPTION:
        a->drop_option = (struct pl_act_drop_option){paper_id(w), option_id(w)};
        break;
    case PL_ACT_TAKE_POSITION:
        a->take_position = (struct pl_act_take_position){
            .paper = paper_id(w),
            .option = option_id(w),
            .stance = (enum pl_stance)roll(w, PL_STANCE_COUNT),
            .reason = maybe(w, "Reason."),
            .red_line = maybe(w, "Line."),
            .visibility = (enum pl_visibility)roll(w, PL_VISIBILITY_COUNT)};
        break;
    case PL_ACT_CONSULT:
        a->consult = (struct pl_act_consult){.party = party_id(w),
                                             .paper = paper_id(w),
                                             .asked_by = S("Us"),
                                             .asked_at = NOON,
                                             .channel = S("call"),
                                             .answer = maybe(w, "Answer.")};
        if (roll(w, 2)) {
            a->consult.red_line = a->consult.red_line_source = S("Line");
            a->consult.crossed_by[0].id = option_id(w);
            a->consult.n_crossed_by = 1;
        }
        break;
    default: /* state_red_line */
        a->state_red_line = (struct pl_act_state_red_line){.party = party_id(w),
                                                           .paper = paper_id(w),
                                                           .red_line = one_of(w, "Here There"),
                                                           .source = S("Press")};
        a->state_red_line.crossed_by[0].id = option_id(w);
        a->state_red_line.n_crossed_by = roll(w, 2);
        break;
    }
}

static inline void fill_draft(struct world *w, struct pl_act *a)
{
    *a = draft("", a_rule(w));
    struct pl_act_put_decision *d = &a->put_decision;
    d->decision = decision_id(w, roll(w, 4) ? PL_DECISION_STATE_COUNT : PL_DECISION_STATE_DRAFT);
    d->item = item_id(w);
    d->texts[0].text = one_of(w, "Text Wording Draft");
    d->n_texts = 1 + roll(w, 2);
    if (roll(w, 2)) {
        d->paper = paper_id(w);
        d->option = option_id(w);
    }
    d->n_excluded = roll(w, 4) == 0;
    d->excluded[0].id = seat_id(w);
}

/* Of the decision's own kind, mostly. */
static inline enum pl_choice a_choice(struct world *w, struct pl_str id)
{
    static const enum pl_choice consensus[] = {PL_CHOICE_JOIN,
                                               PL_CHOICE_JOIN,
                                               PL_CHOICE_JOIN,
                                               PL_CHOICE_JOIN_WITH_RESERVATION,
                                               PL_CHOICE_NATIONAL_STATEMENT,
                                               PL_CHOICE_AWAITING_INSTRUCTIONS,
                                               PL_CHOICE_BLOCK};
    if (roll(w, 20) == 0)
        return (enum pl_choice)roll(w, PL_CHOICE_COUNT);
    switch (told_of(w, id)->rule.procedure) {
    case PL_PROCEDURE_CONSENSUS:
        return consensus[roll(w, 7)];
    case PL_PROCEDURE_SILENCE:
        return roll(w, 6) ? PL_CHOICE_RECEIPT : PL_CHOICE_BREAK_SILENCE;
    default:
        return roll(w, 3) ? PL_CHOICE_YES : (enum pl_choice)roll(w, PL_CHOICE_ABSTAIN + 1);
    }
}

static inline void fill_silence_act(struct world *w, struct pl_act *a)
{
    struct pl_str id = decision_id(w, PL_DECISION_STATE_OPEN);
    int64_t deadline = w->r.now + roll(w, 40000);
    pl_list_each (struct pl_decision, d, &w->r.s->decisions, node) {
        if (d->deadline_ms > w->r.now && roll(w, 4)) {
            id = d->id;
            deadline = d->deadline_ms + roll(w, 20000);
        }
    }
    if (a->type == PL_ACT_EXTEND_SILENCE) {
        a->extend_silence = (struct pl_act_extend_silence){id, deadline, S("UTC")};
        return;
    }
    a->restart_silence = (struct pl_act_restart_silence){
        .decision = id, .n_texts = 1, .deadline = deadline, .time_zone = S("UTC")};
    a->restart_silence.texts[0] = (struct pl_act_wording){S("EN"), one_of(w, "New Newer Newest")};
}

static inline void fill_decision_act(struct world *w, struct pl_act *a)
{
    struct pl_str id = decision_id(w, a->type == PL_ACT_CALL_DECISION ? PL_DECISION_STATE_DRAFT
                                                                      : PL_DECISION_STATE_OPEN);
    uint32_t turn = PL_NO_SEAT;
    switch (a->type) {
    case PL_ACT_PUT_DECISION:
        fill_draft(w, a);
        break;
    case PL_ACT_CALL_DECISION:
        *a = call("", version_of(w, id));
        if (told_of(w, id)->rule.procedure == PL_PROCEDURE_SILENCE)
            *a = call_silence("", version_of(w, id), w->r.now + roll(w, 40000));
        a->call_decision.decision = id;
        a->call_decision.acknowledgement = maybe(w, "All the same.");
        break;
    case PL_ACT_VOTE:
        *a = vote("", version_of(w, id), a_choice(w, id));
        a->vote.decision = id;
        break;
    case PL_ACT_PASS_VOTE:
        pl_list_each (struct pl_decision, d, &w->r.s->decisions, node) {
            if (turn == PL_NO_SEAT && (turn = pl_decision_turn(w->r.m, d)) != PL_NO_SEAT)
                id = d->id;
        }
        a->pass_vote = (struct pl_act_pass_vote){
            id, turn == PL_NO_SEAT ? seat_id(w) : S(definition(w)->seats[turn].id)};
        break;
    case PL_ACT_CLOSE_DECISION:
        a->close_decision.decision = id;
        break;
    case PL_ACT_WITHDRAW_DECISION:
        a->withdraw_decision = (struct pl_act_withdraw_decision){id, S("Reason.")};
        break;
    default:
        fill_silence_act(w, a);
        break;
    }
}

static inline void fill_floor_act(struct world *w, struct pl_act *a)
{
    switch (a->type) {
    case PL_ACT_REQUEST_FLOOR:
        a->request_floor.kind = (enum pl_floor_kind)roll(w, PL_FLOOR_KIND_COUNT);
        if (roll(w, 4) == 0)
            a->request_floor.text = S("In writing.");
        break;
    case PL_ACT_WITHDRAW_FLOOR:
        a->withdraw_floor.entry = recent(w);
        break;
    case PL_ACT_PASS_FLOOR:
        a->pass_floor.entry = recent(w);
        break;
    case PL_ACT_GIVE_FLOOR:
        a->give_floor.has_entry = roll(w, 2);
        a->give_floor.entry = recent(w);
        if (!a->give_floor.has_entry)
            a->give_floor.participant = person_id(w);
        break;
    case PL_ACT_SET_FLOOR_LIST:
        a->set_floor_list.open = roll(w, 3);
        break;
    case PL_ACT_SET_SPEAKING_TIME:
        a->set_speaking_time.seconds = roll(w, 100);
        break;
    case PL_ACT_RULE_ON:
        a->rule_on = (struct pl_act_rule_on){recent(w), roll(w, 2), S("Ruling.")};
        break;
    default: /* end_floor */
        break;
    }
}

static inline void fill_agenda_act(struct world *w, struct pl_act *a)
{
    switch (a->type) {
    case PL_ACT_SET_SESSION: /* open, mostly */
        a->set_session.session = w->late      ? PL_SESSION_STATE_CLOSED
                                 : roll(w, 3) ? PL_SESSION_STATE_OPEN
                                              : (enum pl_session_state)roll(w, 3);
        break;
    case PL_ACT_VOICE:
        a->voice.person = person_id(w);
        break;
    case PL_ACT_PUT_ITEM:
        a->put_item =
            (struct pl_act_put_item){.item = one_of(w, "i0 i1 i2 i3"),
                                     .title = one_of(w, "This That"),
                                     .before = roll(w, 2) ? item_id(w) : (struct pl_str){0}};
        break;
    case PL_ACT_DROP_ITEM:
        a->drop_item.item = item_id(w);
        break;
    case PL_ACT_TAKE_ITEM:
        a->take_item.item = roll(w, 4) ? item_id(w) : (struct pl_str){0};
        break;
    case PL_ACT_ASK_ITEM:
        a->ask_item = (struct pl_act_ask_item){.title = one_of(w, "Urgent Now"), .reason = S("R")};
        break;
    case PL_ACT_ANSWER_ASK:
        a->answer_ask = (struct pl_act_answer_ask){
            .ask = recent(w), .granted = roll(w, 2), .reason = maybe(w, "Because.")};
        break;
    case PL_ACT_PUT_DOCUMENT:
        a->put_document = (struct pl_act_put_document){
            .document = one_of(w, "x y z"),
            .item = item_id(w),
            .name = S("paper.pdf"),
            .media_type = S("application/pdf"),
            .size = 1 + roll(w, 9),
            .sha256 = S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")};
        break;
    default:
        a->drop_document.document = one_of(w, "x y z");
        break;
    }
}

static inline void fill_people_act(struct world *w, struct pl_act *a)
{
    switch (a->type) {
    case PL_ACT_ADD_SEAT:
        a->add_seat = (struct pl_act_add_seat){.seat = one_of(w, "L1 L2 L3 L4"), .name = S("Seat")};
        a->add_seat.weight = a->add_seat.seat.p[1] - '0'; /* as LATE_SEATS */
        a->add_seat.guest = a->add_seat.weight == 2;
        break;
    case PL_ACT_ADD_PERSON:
        a->add_person = (struct pl_act_add_person){
            .name = S("Late"), .role = (enum pl_late_role)roll(w, PL_LATE_ROLE_COUNT)};
        if (roll(w, 2))
            a->add_person.seat = seat_id(w);
        break;
    case PL_ACT_MEDIA:
        a->media = (struct pl_act_media){roll(w, 2), roll(w, 2), roll(w, 2), roll(w, 2)};
        break;
    case PL_ACT_CHAT:
        a->chat.text = S("Hello");
        break;
    case PL_ACT_CAPTION:
        a->caption = (struct pl_act_caption){.line = 1, .text = S("Hello"), .done = roll(w, 2)};
        break;
    case PL_ACT_BOOTH:
        a->booth.on = roll(w, 2);
        break;
    case PL_ACT_OFFER_BOOTH:
        a->offer_booth.on = roll(w, 2);
        break;
    case PL_ACT_MUTE:
        a->mute.participant = person_id(w);
        break;
    case PL_ACT_REMOVE:
        a->remove.participant = person_id(w);
        break;
    default: /* admit */
        a->admit = (struct pl_act_admit){person_id(w), roll(w, 4)};
        for (uint32_t i = 0; i < w->r.definition.n_people; i++) /* those who wait for it */
            if (pl_meeting_refusal(w->r.m, i) != PL_REFUSAL_NONE && roll(w, 2))
                a->admit = (struct pl_act_admit){S(w->r.definition.people[i].id), true};
        pl_list_each (struct pl_participant, p, pl_meeting_list(w->r.m), node) {
            if (p->place == PL_PLACE_LOBBY && roll(w, 2))
                a->admit.participant = S(p->id);
        }
        break;
    }
}

static inline void fill_minutes_act(struct world *w, struct pl_act *a)
{
    const struct pl_minutes_state *s = &w->r.s->minutes;
    switch (a->type) {
    case PL_ACT_ANNOTATE:
        a->annotate.has_event = roll(w, 2);
        a->annotate.event = recent(w);
        if (!a->annotate.has_event)
            a->annotate.item = item_id(w);
        a->annotate.text = one_of(w, "This That");
        break;
    case PL_ACT_OPEN_CORRECTIONS:
        a->open_corrections = (struct pl_act_open_corrections){.has_until = roll(w, 8) > 0,
                                                               .until = w->r.now + roll(w, 80000)};
        break;
    case PL_ACT_PROPOSE_CORRECTION:
        a->propose_correction = (struct pl_act_propose_correction){.event = recent(w),
                                                                   .language = S("EN"),
                                                                   .text = one_of(w, "This That"),
                                                                   .reason = maybe(w, "Reason.")};
        break;
    case PL_ACT_SETTLE_CORRECTION:
        a->settle_correction = (struct pl_act_settle_correction){
            .correction = recent(w), .accepted = roll(w, 2), .words = maybe(w, "Words.")};
        pl_list_each (struct pl_correction, c, &s->corrections, node) {
            if (!c->settled)
                a->settle_correction.correction = (int64_t)c->number;
        }
        break;
    case PL_ACT_ALARM:
        a->alarm = (struct pl_act_alarm){.why = (enum pl_alarm_why)roll(w, PL_ALARM_WHY_COUNT),
                                         .ours = one_of(w, "One Other"),
                                         .theirs = S(""),
                                         .has_event = roll(w, 2),
                                         .event = recent(w),
                                         .leaf = maybe(w, "Leaf")};
        break;
    default: /* adopt_minutes */
        a->adopt_minutes.hash =
            S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        break;
    }
}

static inline bool fill(struct world *w, struct pl_act *a)
{
    memset(a, 0, sizeof *a);
    a->type = (enum pl_act_type)roll(w, PL_ACT_COUNT);
    static const enum pl_act_type often[] = {
        PL_ACT_VOTE,      PL_ACT_VOTE,           PL_ACT_VOTE,          PL_ACT_VOTE,
        PL_ACT_VOTE,      PL_ACT_VOTE,           PL_ACT_CALL_DECISION, PL_ACT_PUT_DECISION,
        PL_ACT_PASS_VOTE, PL_ACT_CLOSE_DECISION, PL_ACT_ADMIT,         PL_ACT_PUT_ITEM};
    static const enum pl_act_type at_the_end[] = {
        PL_ACT_SET_SESSION,        PL_ACT_CLOSE_DECISION,    PL_ACT_OPEN_CORRECTIONS,
        PL_ACT_PROPOSE_CORRECTION, PL_ACT_SETTLE_CORRECTION, PL_ACT_ADOPT_MINUTES};
    if (w->late)
        a->type = at_the_end[roll(w, 6)];
    else if (roll(w, 2)) /* what this is about, more often than one in fifty */
        a->type = often[roll(w, 12)];
    bool adds = a->type == PL_ACT_ADD_PERSON || a->type == PL_ACT_ADD_SEAT;
    if (adds && roll(w, 8))
        return false; /* or there are always enough for a quorum, or never */
    bool rare = a->type == PL_ACT_REMOVE || a->type == PL_ACT_WITHDRAW_DECISION ||
                a->type == PL_ACT_SET_SESSION;
    if ((a->type <= PL_ACT_LEFT && !adds) || a->type == PL_ACT_SETTLED || (rare && roll(w, 3)) ||
        (a->type == PL_ACT_ADOPT_MINUTES && !w->late))
        return false; /* the server's, or what ends too much too soon */
    if (a->type <= PL_ACT_ADMIT)
        fill_people_act(w, a);
    else if (a->type <= PL_ACT_ANSWER_ASK || a->type == PL_ACT_PUT_DOCUMENT ||
             a->type == PL_ACT_DROP_DOCUMENT)
        fill_agenda_act(w, a);
    else if (a->type <= PL_ACT_RULE_ON)
        fill_floor_act(w, a);
    else if (a->type <= PL_ACT_STATE_RED_LINE)
        fill_paper_act(w, a);
    else if (a->type >= PL_ACT_ANNOTATE)
        fill_minutes_act(w, a);
    else
        fill_decision_act(w, a);
    return true;
}

/* Of those who are here, or who hold a voice in the room. */
static inline struct pl_participant *anybody(struct world *w, bool with_voice)
{
    struct pl_participant *found = NULL;
    uint32_t n = 0;
    pl_list_each (struct pl_participant, p, pl_meeting_list(w->r.m), node) {
        bool voice = pl_meeting_has_voice(w->r.m, p) && p->place == PL_PLACE_ROOM;
        if ((!with_voice || voice) && roll(w, ++n) == 0)
            found = p;
    }
    return found;
}

/* The chair where it is the chair's to do, mostly, and the seats where it is theirs; NULL: who
 * prepares. */
static inline struct pl_participant *somebody(struct world *w, enum pl_act_type type)
{
    struct pl_participant *chair = pl_meeting_by_person(w->r.m, 0);
    bool of_seats = type == PL_ACT_VOTE || type == PL_ACT_TAKE_POSITION || type == PL_ACT_VOICE ||
                    type == PL_ACT_ASK_ITEM || type == PL_ACT_REQUEST_FLOOR ||
                    type == PL_ACT_PROPOSE_CORRECTION;
    if (roll(w, 40) == 0 || (type == PL_ACT_ADD_SEAT && roll(w, 4)))
        return NULL;
    if (roll(w, 4) == 0)
        return anybody(w, false);
    if (type == PL_ACT_BOOTH || type == PL_ACT_OFFER_BOOTH)
        return pl_meeting_by_person(w->r.m, BOOTH);
    if (type == PL_ACT_CAPTION)
        return pl_meeting_by_person(w->r.m, CAPTIONS);
    return of_seats ? anybody(w, true) : chair;
}

static inline void act_at_random(struct world *w)
{
    struct pl_act a, events[PL_EVENTS_MAX];
    struct pl_buf before = {0}, after = {0};
    size_t n = 99;
    if (!fill(w, &a))
        return;
    const struct pl_participant *by = somebody(w, a.type);
    if (!by && a.type <= PL_ACT_ADMIT && a.type != PL_ACT_ADD_SEAT)
        return;
    bool look = roll(w, 4) == 0; /* deciding changes nothing, refused or not */
    if (look)
        meeting_dump(w->r.m, &before);
    enum pl_err err = pl_meeting_decide(w->r.m, by, &a, w->r.now, events, &n, &w->r.denial);
    if (look) {
        meeting_dump(w->r.m, &after);
        assert_string_equal(before.data, after.data);
    }
    pl_buf_free(&before);
    pl_buf_free(&after);
    if (err) {
        assert_true(n == 99 && w->r.denial.why[0]);
        w->refused++;
        return;
    }
    assert_true(n <= PL_EVENTS_MAX);
    w->done += n > 0;
    apply_checked(w, events, n);
}

static inline void come_or_go(struct world *w)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    uint32_t person = roll(w, (uint32_t)pl_meeting_definition(w->r.m)->n_people);
    struct pl_participant *p = pl_meeting_by_person(w->r.m, person);
    if (p && roll(w, 2))
        pl_meeting_leave(w->r.m, p, w->r.now, events, &n);
    else if (!p && pl_meeting_join(w->r.m, person, (struct pl_str){0}, w->r.now, events, &n,
                                   &w->r.denial) != PL_OK)
        return;
    apply_checked(w, events, n);
}

static inline void settle(struct world *w)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n;
    for (;;) {
        pl_meeting_expire(w->r.m, w->r.now, events, &n);
        if (n == 0)
            break;
        assert_true(events[0].settled.due <= w->r.now);
        apply_checked(w, events, n);
    }
    assert_true(pl_meeting_deadline(w->r.m) > w->r.now);
}

/* What the server itself says. */
static inline void by_server(struct world *w, const struct pl_act *act)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    assert_int_equal(pl_meeting_decide(w->r.m, NULL, act, w->r.now, events, &n, &w->r.denial),
                     PL_OK);
    apply_checked(w, events, n);
}

static inline void restart(struct world *w)
{
    char text[MANIFEST_SIZE], hash[65];
    by_server(w, &(struct pl_act){.type = PL_ACT_RESTARTED});
    assert_int_equal(pl_meeting_size(w->r.m), 0);
    manifest_of((int64_t)w->r.s->last, text, hash);
    by_server(w, &(struct pl_act){.type = PL_ACT_MANIFEST,
                                  .manifest = {(int64_t)w->r.s->last, pl_str(hash)}});
}

static inline void begin_record(struct world *w)
{
    struct pl_buf text = {0};
    char hash[65];
    definition_of(w, &text, hash);
    by_server(w, &(struct pl_act){.type = PL_ACT_CREATED,
                                  .created = {pl_str(RECORD_MEETING), pl_str(hash)}});
    pl_buf_free(&text);
}

/* What the definition's people are for. */
static char prepared[] = "[{\"act\":\"put_party\",\"party\":\"UKR\",\"name\":\"Ukraine\"},"
                         "{\"act\":\"put_item\",\"item\":\"i1\",\"title\":\"This\"}]";

/* So many steps, or as many as the script lasts. */
static inline void play(struct world *w, uint64_t seed, int steps)
{
    w->seed = seed;
    set_up_seats(&w->r, SEATS - 1, 2);
    w->r.definition.floor = PL_FLOOR_CHAIRED;
    w->r.definition.lobby = seed % 2;
    w->r.definition.quorum = (uint32_t)(seed % 5);
    snprintf(w->r.definition.languages[0], sizeof w->r.definition.languages[0], "FR");
    w->r.definition.n_languages = 1;
    snprintf(w->r.definition.people[6].item, sizeof w->r.definition.people[6].item, "i1");
    if (seed % 2) {
        struct pl_person *p = &w->r.definition.people[CAPTIONS];
        p->role = PL_ROLE_CAPTIONER;
        snprintf(p->language, sizeof p->language, "EN");
    }
    w->r.definition.prepared = prepared;
    begin_record(w);
    for (int step = 0; step < steps && !(w->script && w->script == w->script_end); step++) {
        w->r.now += roll(w, 2000);
        w->late = step > steps - steps / 10; /* once the minutes are adopted nothing follows */
        if (roll(w, 2))
            settle(w);
        bool few = pl_meeting_size(w->r.m) < 10;
        if (roll(w, few ? 2 : 12) == 0)
            come_or_go(w);
        else if (roll(w, 1000) == 0)
            restart(w);
        else
            act_at_random(w);
    }
}

#endif
