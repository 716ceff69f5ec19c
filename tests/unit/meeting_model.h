/* A model beside a meeting: it sees the events only, counts votes and presence in its own way, and
 * says what each result must be; and what must hold after every event. After cmocka.h. */
#ifndef PL_TESTS_MEETING_MODEL_H
#define PL_TESTS_MEETING_MODEL_H

#include "decisions.h"

#define SEATS 6       /* that it begins with, the guest's included */
#define ALL_SEATS 10  /* with those that are added: L1 to L4 */
#define DECISIONS 100 /* d00 to d99 */

/* What the events of one decision say. */
struct told {
    struct pl_act_rule rule;
    bool excluded[ALL_SEATS], open;
    bool part[ALL_SEATS], present[ALL_SEATS], voted[ALL_SEATS]; /* of the last call */
    enum pl_choice choice[ALL_SEATS];
    size_t quorum;
};

struct world {
    struct room r;
    uint64_t seed;
    const uint8_t *script, *script_end; /* or these bytes say what is rolled; NULL: the seed */
    struct told told[DECISIONS];
    bool late; /* the meeting comes to its end */
    size_t done, refused, results[PL_OUTCOME_COUNT], acts[PL_ACT_COUNT];
};

static inline uint32_t roll(struct world *w, uint32_t below)
{
    if (w->script) {
        uint32_t n = w->script < w->script_end ? *w->script++ : 0;
        if (below > 256)
            n = n << 8 | (w->script < w->script_end ? *w->script++ : 0);
        return n % below;
    }
    w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(w->seed >> 33) % below;
}

/* The model */

static inline const struct pl_definition *definition(const struct world *w)
{
    return pl_meeting_definition(w->r.m);
}

static inline bool sits_at(const struct world *w, const struct pl_participant *p, size_t seat)
{
    const struct pl_person *person = &definition(w)->people[p->person];
    return pl_role_needs_seat(person->role) && person->seat == seat;
}

static inline bool is_here(const struct world *w, size_t seat)
{
    bool here = false;
    pl_list_each (struct pl_participant, p, pl_meeting_list(w->r.m), node) {
        here |= p->place == PL_PLACE_ROOM && sits_at(w, p, seat);
    }
    return here;
}

static inline struct told *told_of(struct world *w, struct pl_str id)
{
    assert_true(id.n == 3 && id.p[0] == 'd');
    return &w->told[(id.p[1] - '0') * 10 + id.p[2] - '0'];
}

static inline int64_t votes(const struct world *w, const struct told *t, enum pl_choice choice,
                            bool weigh)
{
    int64_t n = 0;
    for (size_t i = 0; i < ALL_SEATS; i++)
        if (t->part[i] && t->voted[i] && t->choice[i] == choice)
            n += weigh ? definition(w)->seats[i].weight : 1;
    return n;
}

static inline int64_t base(const struct world *w, const struct told *t, bool weigh)
{
    int64_t n = 0;
    for (size_t i = 0; i < ALL_SEATS; i++) {
        bool counts = t->part[i];
        enum pl_base b = t->rule.has_base                             ? t->rule.base
                         : t->rule.procedure == PL_PROCEDURE_ABSOLUTE ? PL_BASE_MEMBERS
                                                                      : PL_BASE_CAST;
        if (b == PL_BASE_PRESENT)
            counts = counts && (t->present[i] || t->voted[i]);
        if (b == PL_BASE_CAST)
            counts = counts && t->voted[i] &&
                     (t->choice[i] != PL_CHOICE_ABSTAIN || t->rule.abstentions_count);
        n += counts ? (weigh ? definition(w)->seats[i].weight : 1) : 0;
    }
    return n;
}

static inline bool majority_holds(const struct world *w, const struct told *t)
{
    const struct pl_act_rule *rule = &t->rule;
    int64_t yes = votes(w, t, PL_CHOICE_YES, false), no = votes(w, t, PL_CHOICE_NO, false);
    bool holds = yes > 0;
    if (rule->has_seats_num)
        holds = holds && yes * rule->seats_den >= base(w, t, false) * rule->seats_num;
    if (rule->has_weight_num)
        holds = holds && votes(w, t, PL_CHOICE_YES, true) * rule->weight_den >=
                             base(w, t, true) * rule->weight_num;
    if (rule->has_seats_num || rule->has_weight_num)
        return holds;
    if (rule->procedure == PL_PROCEDURE_ABSOLUTE)
        return 2 * yes > base(w, t, false);
    return yes > no + (rule->abstentions_count ? votes(w, t, PL_CHOICE_ABSTAIN, false) : 0);
}

static inline bool consensus_holds(const struct told *t)
{
    size_t joined = 0;
    for (size_t i = 0; i < ALL_SEATS; i++) {
        if (!t->part[i] || (!t->voted[i] && !t->present[i]))
            continue;
        if (!t->voted[i] || t->choice[i] == PL_CHOICE_BLOCK ||
            t->choice[i] == PL_CHOICE_AWAITING_INSTRUCTIONS)
            return false;
        joined++;
    }
    return joined > 0;
}

static inline enum pl_outcome expected(const struct world *w, const struct told *t)
{
    size_t there = 0;
    bool holds;
    for (size_t i = 0; i < ALL_SEATS; i++)
        there += t->part[i] && (t->voted[i] || is_here(w, i));
    if (t->rule.procedure != PL_PROCEDURE_SILENCE && there < t->quorum)
        return PL_OUTCOME_NO_QUORUM;
    switch (t->rule.procedure) {
    case PL_PROCEDURE_CONSENSUS:
        holds = consensus_holds(t);
        break;
    case PL_PROCEDURE_SILENCE:
        holds = votes(w, t, PL_CHOICE_BREAK_SILENCE, false) == 0;
        break;
    case PL_PROCEDURE_UNANIMITY:
        holds = votes(w, t, PL_CHOICE_YES, false) > 0 && votes(w, t, PL_CHOICE_NO, false) == 0 &&
                !(t->rule.abstentions_count && votes(w, t, PL_CHOICE_ABSTAIN, false));
        break;
    default:
        holds = majority_holds(w, t);
        break;
    }
    return holds ? PL_OUTCOME_ADOPTED : PL_OUTCOME_NOT_ADOPTED;
}

/* yes + no + abstained + did not vote = the electorate, as the words say it. */
static inline void check_sum(const struct world *w, const struct told *t, struct pl_str words)
{
    long long all, yes, no, abstained, not_voted, electorate = 0;
    const char *at = strstr(words.p, ". Of ");
    for (size_t i = 0; i < ALL_SEATS; i++)
        electorate += t->part[i];
    if (t->rule.procedure == PL_PROCEDURE_CONSENSUS || t->rule.procedure == PL_PROCEDURE_SILENCE)
        return;
    assert_non_null(at);
    assert_int_equal(sscanf(at,
                            ". Of %lld seats that take part, %lld said yes, %lld no, %lld "
                            "abstained and %lld did not vote.",
                            &all, &yes, &no, &abstained, &not_voted),
                     5);
    assert_int_equal(all, electorate);
    assert_int_equal(yes + no + abstained + not_voted, all);
    assert_int_equal(yes, votes(w, t, PL_CHOICE_YES, false));
    assert_int_equal(no, votes(w, t, PL_CHOICE_NO, false));
    assert_int_equal(abstained, votes(w, t, PL_CHOICE_ABSTAIN, false));
}

static inline void result(struct world *w, struct told *t, enum pl_outcome outcome,
                          struct pl_str words)
{
    assert_true(t->open);
    assert_int_equal(outcome, expected(w, t));
    if (outcome != PL_OUTCOME_NO_QUORUM)
        check_sum(w, t, words);
    t->open = false;
    w->results[outcome]++;
}

static inline size_t seat_index(const struct world *w, struct pl_str id)
{
    for (size_t i = 0; i < definition(w)->n_seats; i++)
        if (pl_str_eq(id, definition(w)->seats[i].id))
            return i;
    fail();
    return 0;
}

static inline void begin(struct world *w, struct told *t)
{
    size_t part = 0;
    memset(t->voted, 0, sizeof t->voted);
    memset(t->part, 0, sizeof t->part);
    for (size_t i = 0; i < definition(w)->n_seats; i++) {
        t->present[i] = is_here(w, i);
        t->part[i] = !definition(w)->seats[i].guest && !t->excluded[i];
        part += t->part[i];
    }
    t->quorum = t->rule.has_quorum ? (size_t)t->rule.quorum : definition(w)->quorum;
    t->quorum = t->quorum < part ? t->quorum : part;
    t->open = true;
}

static inline void learn_draft(struct world *w, const struct pl_act_put_decision *a)
{
    struct told *t = told_of(w, a->decision);
    assert_false(t->open);
    memset(t, 0, sizeof *t);
    t->rule = a->rule;
    for (size_t i = 0; i < a->n_excluded; i++)
        t->excluded[seat_index(w, a->excluded[i].id)] = true;
}

/* An event that is not applied yet. */
static inline void learn(struct world *w, const struct pl_act *e)
{
    struct told *t;
    switch (e->type) {
    case PL_ACT_PUT_DECISION:
        learn_draft(w, &e->put_decision);
        break;
    case PL_ACT_CALL_DECISION:
        begin(w, told_of(w, e->call_decision.decision));
        break;
    case PL_ACT_RESTART_SILENCE:
        begin(w, told_of(w, e->restart_silence.decision));
        break;
    case PL_ACT_VOTE:
        t = told_of(w, e->vote.decision);
        assert_true(t->open && t->part[seat_index(w, e->vote.seat)]);
        t->voted[seat_index(w, e->vote.seat)] = true;
        t->choice[seat_index(w, e->vote.seat)] = e->vote.choice;
        break;
    case PL_ACT_CLOSE_DECISION:
        t = told_of(w, e->close_decision.decision);
        result(w, t, e->close_decision.outcome, e->close_decision.words);
        break;
    case PL_ACT_SETTLED:
        t = told_of(w, e->settled.decision);
        result(w, t, e->settled.outcome, e->settled.words);
        break;
    case PL_ACT_WITHDRAW_DECISION:
        told_of(w, e->withdraw_decision.decision)->open = false;
        break;
    default:
        break;
    }
}

/* Which acts are whose, once more. */
static inline void check_right(const struct world *w, const struct pl_act *e)
{
    const struct pl_participant *by = pl_meeting_by_id(w->r.m, e->by);
    switch (e->type) {
    case PL_ACT_CLOSE_DECISION:
    case PL_ACT_RULE_ON:
    case PL_ACT_ANSWER_ASK:
    case PL_ACT_SETTLE_CORRECTION:
    case PL_ACT_ADOPT_MINUTES:
        assert_true(by && by->role == PL_ROLE_CHAIR);
        break;
    case PL_ACT_VOTE:
    case PL_ACT_TAKE_POSITION:
    case PL_ACT_ASK_ITEM:
    case PL_ACT_PROPOSE_CORRECTION:
        assert_true(by && by->place == PL_PLACE_ROOM && pl_meeting_has_voice(w->r.m, by));
        break;
    case PL_ACT_ANNOTATE:
        assert_true(by && (pl_role_presides(by->role) || by->role == PL_ROLE_RAPPORTEUR));
        break;
    case PL_ACT_OPEN_CORRECTIONS:
    case PL_ACT_PUT_DECISION:
    case PL_ACT_CALL_DECISION:
    case PL_ACT_WITHDRAW_DECISION:
    case PL_ACT_EXTEND_SILENCE:
    case PL_ACT_RESTART_SILENCE:
    case PL_ACT_PUT_ITEM:
    case PL_ACT_PUT_PAPER:
    case PL_ACT_PUT_OPTION:
    case PL_ACT_DROP_OPTION:
    case PL_ACT_PUT_PARTY:
    case PL_ACT_GIVE_FLOOR:
    case PL_ACT_SET_SESSION:
    case PL_ACT_MUTE:
    case PL_ACT_REMOVE:
    case PL_ACT_ADMIT:
        assert_true(e->by.n == 0 || (by && pl_role_presides(by->role)));
        break;
    default:
        break;
    }
}

/* What must hold */

static inline size_t length(const struct pl_list *list)
{
    size_t n = 0;
    for (const struct pl_list *at = list->next; at != list; at = at->next)
        n++;
    return n;
}

static inline void check_seats(const struct world *w)
{
    const struct pl_state *s = w->r.s;
    for (size_t i = 0; i < definition(w)->n_seats; i++) {
        uint32_t here = 0, voices = 0;
        pl_list_each (struct pl_participant, p, pl_meeting_list(w->r.m), node) {
            bool of = sits_at(w, p, i);
            here += of && p->place == PL_PLACE_ROOM;
            voices += of && pl_meeting_has_voice(w->r.m, p);
        }
        assert_int_equal(s->seats[i].present, here);
        assert_true(voices <= 1);              /* one voice a seat */
        if (s->seats[i].voice != PL_NO_PERSON) /* of a seat that was added, at first */
            assert_int_equal(definition(w)->people[s->seats[i].voice].seat, i);
    }
}

static inline void check_floor(const struct world *w)
{
    size_t heard = 0;
    const struct pl_floor_state *f = &w->r.s->floor;
    const struct pl_participant *holder = pl_meeting_floor_holder(w->r.m);
    pl_list_each (struct pl_participant, p, pl_meeting_list(w->r.m), node) {
        bool by_floor = !pl_role_presides(p->role) && pl_meeting_heard(w->r.m, p);
        heard += by_floor;
        if (by_floor)
            assert_true(p == holder && p->place == PL_PLACE_ROOM);
    }
    assert_true(heard <= 1); /* the floor is chaired: never two */
    if (f->held)
        assert_int_equal(w->r.s->session, PL_SESSION_STATE_OPEN);
    else
        assert_true(!holder && heard == 0);
    pl_list_each (struct pl_floor_entry, e, &f->entries, node) {
        pl_list_each (struct pl_floor_entry, g, &f->entries, node) {
            assert_true(e == g || e->kind != g->kind || e->seat != g->seat ||
                        (e->seat == PL_NO_SEAT && e->participant != g->participant));
        }
    }
}

static inline void check_decisions(const struct world *w)
{
    pl_list_each (struct pl_decision, d, &w->r.s->decisions, node) {
        const struct told *t = told_of((struct world *)w, d->id);
        assert_int_equal(d->state == PL_DECISION_STATE_OPEN, t->open);
        assert_true(d->changed <= w->r.s->last);
        if (d->state != PL_DECISION_STATE_OPEN)
            continue;
        for (size_t i = 0; i < definition(w)->n_seats;
             i++) { /* one vote a seat, of those that take part */
            assert_int_equal(d->casts[i].takes_part, t->part[i]);
            assert_int_equal(d->casts[i].voted, t->voted[i]);
            if (t->voted[i])
                assert_int_equal(d->casts[i].choice, t->choice[i]);
            assert_int_equal(d->casts[i].present, t->present[i] && t->part[i]);
        }
    }
}

static inline void check_counts(const struct world *w)
{
    const struct pl_state *s = w->r.s;
    size_t documents = 0;
    pl_list_each (struct pl_document, d, &s->documents, node) {
        documents += !d->dropped;
    }
    assert_int_equal(documents, s->n_documents);
    assert_int_equal(length(&s->items), s->n_items);
    assert_int_equal(length(&s->asks), s->n_asks);
    assert_int_equal(length(&s->parties), s->n_parties);
    assert_int_equal(length(&s->papers), s->n_papers);
    assert_int_equal(length(&s->consultations), s->n_consultations);
    assert_int_equal(length(&s->decisions), s->n_decisions);
    assert_int_equal(length(&s->floor.entries), s->floor.n_entries);
    size_t current = 0;
    pl_list_each (struct pl_item, i, &s->items, node) {
        current += i->state == PL_ITEM_STATE_CURRENT;
        assert_int_equal(i->state == PL_ITEM_STATE_CURRENT, i == s->item);
    }
    assert_int_equal(current, s->item ? 1 : 0);
    for (int i = 0; i < PL_PART_COUNT; i++)
        assert_true(s->changed[i] <= s->last);
}

/* Who is here counts as present from then on. */
static inline void see_presence(struct world *w)
{
    for (size_t d = 0; d < DECISIONS; d++)
        for (size_t i = 0; w->told[d].open && i < ALL_SEATS; i++)
            w->told[d].present[i] |= is_here(w, i);
}

static inline void apply_checked(struct world *w, const struct pl_act *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        learn(w, &events[i]);
        check_right(w, &events[i]);
        w->acts[events[i].type]++;
    }
    apply_all(&w->r, events, n);
    see_presence(w);
    check_seats(w);
    check_floor(w);
    check_decisions(w);
    check_counts(w);
}

#endif
