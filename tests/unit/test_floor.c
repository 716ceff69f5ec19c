/* The floor: who asks for it, in which order they are called, who has it and for how long; written
 * interventions, points of order and rulings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "procedure.h"

static const char *const kinds[] = {"speak", "order", "reply", "answer"};

/* "order NOR; speak DEN passed; speak p8 written". */
#define LIST(f, want)                                                                              \
    do {                                                                                           \
        struct pl_buf b_ = {0};                                                                    \
        list(f, &b_);                                                                              \
        assert_string_equal(b_.len ? b_.data : "", want);                                          \
        pl_buf_free(&b_);                                                                          \
    } while (0)

static void list(const struct procedure *f, struct pl_buf *b)
{
    size_t n = 0;
    pl_list_each (struct pl_floor_entry, e, &f->s->floor.entries, node) {
        const struct pl_participant *p = pl_meeting_by_number(f->m, e->participant);
        pl_buf_printf(b, "%s%s %s%s%s", b->len ? "; " : "", kinds[e->kind],
                      e->seat != PL_NO_SEAT ? procedure_seats[e->seat].id : p->id,
                      e->passed ? " passed" : "", e->text.p ? " written" : "");
        n++;
    }
    assert_int_equal(n, f->s->floor.n_entries);
}

static const struct pl_act *request(enum pl_floor_kind kind)
{
    static struct pl_act a;
    a = (struct pl_act){.type = PL_ACT_REQUEST_FLOOR, .request_floor = {.kind = kind}};
    return &a;
}

/* Its number. */
static int64_t asks(struct procedure *f, const char *by, enum pl_floor_kind kind)
{
    done(f, by, request(kind), 1);
    return (int64_t)f->s->last;
}

static int64_t writes(struct procedure *f, const char *by, enum pl_floor_kind kind)
{
    done(f, by, ACT(REQUEST_FLOOR, request_floor, .kind = kind, .text = ID("In writing.")), 1);
    return (int64_t)f->s->last;
}

#define GIVE(e) ACT(GIVE_FLOOR, give_floor, .has_entry = true, .entry = (e))
#define GIVE_TO(id) ACT(GIVE_FLOOR, give_floor, .participant = ID(id))
#define WITHDRAW(e) ACT(WITHDRAW_FLOOR, withdraw_floor, .entry = (e))
#define PASS(e) ACT(PASS_FLOOR, pass_floor, .entry = (e))
#define END ACT(END_FLOOR, end_floor, .nothing = 0)
#define RULE(e, yes, words)                                                                        \
    ACT(RULE_ON, rule_on, .entry = (e), .upheld = (yes), .ruling = ID(words))
#define SESSION(s) ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_##s)
#define VOICE(id) ACT(VOICE, voice, .person = ID(id))

static void has_floor(const struct procedure *f, const char *id)
{
    struct pl_participant *p = pl_meeting_floor_holder(f->m);
    assert_string_equal(p ? p->id : "nobody", id);
    /* It is heard, and nobody else but those who preside. */
    pl_list_each (struct pl_participant, q, pl_meeting_list(f->m), node) {
        bool heard = q == p || pl_role_presides(q->role);
        assert_int_equal(pl_meeting_heard(f->m, q), heard);
    }
}

static void kinds_are_called_in_their_order(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    EFFECTS(&f, "changed p3");
    says(&f, "'act':'request_floor','kind':'speak','participant':'p3','seat':'NOR'}");
    asks(&f, "p8", PL_FLOOR_KIND_SPEAK);
    says(&f, "'act':'request_floor','kind':'speak','participant':'p8'}");
    asks(&f, "p6", PL_FLOOR_KIND_RIGHT_OF_REPLY);
    asks(&f, "p3", PL_FLOOR_KIND_POINT_OF_ORDER);
    int64_t at = f.now;
    writes(&f, "p11.1", PL_FLOOR_KIND_ANSWER);
    asks(&f, "p6", PL_FLOOR_KIND_POINT_OF_ORDER);
    asks(&f, "p12", PL_FLOOR_KIND_SPEAK);
    asks(&f, "p3", PL_FLOOR_KIND_RIGHT_OF_REPLY);
    asks(&f, "p8", PL_FLOOR_KIND_ANSWER);
    LIST(&f, "order NOR; order DEN; answer p11.1 written; answer p8; reply DEN; reply NOR; "
             "speak NOR; speak p8; speak GUE");
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    assert_true(pl_meeting_asks_floor(f.m, who(&f, "p3")));
    assert_false(pl_meeting_asks_floor(f.m, who(&f, "p4"))); /* has no voice */
    assert_false(pl_meeting_asks_floor(f.m, who(&f, "p2")));
    const struct pl_floor_entry *first =
        pl_container_of(f.s->floor.entries.next, struct pl_floor_entry, node);
    assert_string_equal(first->name.p, "Norway");
    assert_int_equal(first->at_ms, at);
    /* The request is the seat's, whoever speaks for it. */
    done(&f, "p3", VOICE("p5"), 1);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    assert_false(pl_meeting_asks_floor(f.m, who(&f, "p3")));
    assert_true(pl_meeting_asks_floor(f.m, who(&f, "p5")));
    tear_down(&f);
}

static void not_all_ask_for_the_floor(void **state)
{
    (void)state;
    static const char role[] = "Your role does not ask for the floor.";
    static const char voice[] = "You do not hold the voice of your delegation.";
    static const struct {
        const char *by;
        enum pl_err err;
        const char *why;
    } rows[] = {
        {"p1", PL_OK, NULL},
        {"p2", PL_OK, NULL},
        {"p3", PL_OK, NULL},
        {"p4", PL_EAUTH, voice},
        {"p5", PL_EAUTH, voice},
        {"p6", PL_OK, NULL},
        {"p7", PL_ESTATE, "You are not in the room yet."},
        {"p8", PL_OK, NULL},
        {"p9", PL_EAUTH, role},
        {"p10", PL_EAUTH, role},
        {"p11.1", PL_OK, NULL},
        {"p12", PL_OK, NULL},
        {"p14", PL_EAUTH, role},
        {NULL, PL_EAUTH, "Only somebody in the meeting asks for the floor."},
    };
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].err)
            refused(&f, rows[i].by, request(PL_FLOOR_KIND_SPEAK), rows[i].err, "", rows[i].why);
        else
            asks(&f, rows[i].by, PL_FLOOR_KIND_SPEAK);
    }
    tear_down(&f);
}

static void one_request_of_a_kind(void **state)
{
    (void)state;
    static const char there[] = "You have a request of this kind on the list; withdraw it first.";
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    done(&f, "p3", request(PL_FLOOR_KIND_SPEAK), 0);
    /* Of the seat, not of the person. */
    done(&f, "p3", VOICE("p4"), 1);
    done(&f, "p4", request(PL_FLOOR_KIND_SPEAK), 0);
    refused(&f, "p4",
            ACT(REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK, .text = ID("Text")),
            PL_EEXIST, "kind", there);
    writes(&f, "p8", PL_FLOOR_KIND_SPEAK);
    done(&f, "p8",
         ACT(REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK, .text = ID("In writing.")),
         0);
    refused(&f, "p8", request(PL_FLOOR_KIND_SPEAK), PL_EEXIST, "kind", there);
    refused(&f, "p8",
            ACT(REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK, .text = ID("Other.")),
            PL_EEXIST, "kind", there);
    asks(&f, "p8", PL_FLOOR_KIND_ANSWER);
    refused(&f, "p6", ACT(REQUEST_FLOOR, request_floor, .kind = 0, .text = {"", 0}), PL_EINVAL,
            "text", "This must be a text without control characters, and not empty.");
    refused(&f, "p6", ACT(REQUEST_FLOOR, request_floor, .kind = 0, .text = {"\x1b[2J", 4}),
            PL_EINVAL, "text", "This must be a text without control characters, and not empty.");
    LIST(&f, "answer p8; speak NOR; speak p8 written");
    tear_down(&f);
}

static void a_closed_list_takes_no_speakers(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    const struct pl_act *shut = ACT(SET_FLOOR_LIST, set_floor_list, .open = false);
    const struct pl_act *open = ACT(SET_FLOOR_LIST, set_floor_list, .open = true);
    asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    refused(&f, "p3", shut, PL_EAUTH, "", "Only the chair and the secretary may do this.");
    done(&f, "p2", shut, 1);
    done(&f, "p1", shut, 0);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    refused(&f, "p6", request(PL_FLOOR_KIND_SPEAK), PL_ESTATE, "kind",
            "The speakers' list is closed.");
    done(&f, "p3", request(PL_FLOOR_KIND_SPEAK), 0); /* stands on it */
    asks(&f, "p6", PL_FLOOR_KIND_POINT_OF_ORDER);
    asks(&f, "p6", PL_FLOOR_KIND_RIGHT_OF_REPLY);
    asks(&f, "p6", PL_FLOOR_KIND_ANSWER);
    done(&f, "p1", open, 1);
    asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
    LIST(&f, "order DEN; answer DEN; reply DEN; speak NOR; speak DEN");
    tear_down(&f);
}

static void the_list_is_bounded(void **state)
{
    (void)state;
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    comes(&f, 1);
    comes(&f, 3);
    for (unsigned i = 1; i <= PL_FLOOR_ENTRIES_MAX / PL_FLOOR_KIND_COUNT; i++) {
        char id[16];
        comes(&f, 11);
        snprintf(id, sizeof id, "p11.%u", i);
        for (int k = 0; k < PL_FLOOR_KIND_COUNT; k++)
            asks(&f, id, (enum pl_floor_kind)k);
    }
    assert_int_equal(f.s->floor.n_entries, PL_FLOOR_ENTRIES_MAX);
    refused(&f, "p3", request(PL_FLOOR_KIND_SPEAK), PL_ELIMIT, "",
            "The speakers' list is full: 1000 requests.");
    goes(&f, "p11.7"); /* takes their four along */
    for (int k = 0; k < PL_FLOOR_KIND_COUNT; k++)
        asks(&f, "p3", (enum pl_floor_kind)k);
    refused(&f, "p1", request(PL_FLOOR_KIND_SPEAK), PL_ELIMIT, "",
            "The speakers' list is full: 1000 requests.");
    tear_down(&f);
}

static void the_floor_is_given_and_ends(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    int64_t nor = asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    int64_t den = asks(&f, "p6", PL_FLOOR_KIND_RIGHT_OF_REPLY);
    has_floor(&f, "nobody");
    done(&f, "p1", GIVE(nor), 1);
    char want[200];
    snprintf(want, sizeof want,
             "'act':'give_floor','entry':%lld,'participant':'p3','seat':'NOR','kind':'speak',"
             "'seconds':120}",
             (long long)nor);
    says(&f, want);
    EFFECTS(&f, "changed p3; changed p3"); /* speaks; asks no longer */
    has_floor(&f, "p3");
    LIST(&f, "reply DEN");
    assert_int_equal(f.s->floor.seat, NOR);
    assert_int_equal(f.s->floor.kind, PL_FLOOR_KIND_SPEAK);
    assert_int_equal(f.s->floor.since_ms, f.now);
    assert_int_equal(f.s->floor.seconds, 120);
    done(&f, "p1", GIVE(nor), 0); /* twice */
    done(&f, "p2", GIVE(den), 1); /* never two at once */
    EFFECTS(&f, "changed p3; changed p6; changed p6");
    has_floor(&f, "p6");
    refused(&f, "p1", GIVE(nor), PL_ENOENT, "entry",
            "There is no such request on the speakers' list."); /* late */
    refused(&f, "p3", END, PL_EAUTH, "", "You do not have the floor.");
    done(&f, "p6", END, 1);
    EFFECTS(&f, "changed p6");
    has_floor(&f, "nobody");
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    assert_int_equal(f.s->floor.seat, PL_NO_SEAT);
    assert_int_equal(f.s->floor.since_ms, 0);
    assert_int_equal(f.s->floor.seconds, 0);
    refused(&f, "p6", END, PL_EAUTH, "", "You do not have the floor.");
    done(&f, "p1", END, 0);
    done(&f, "p1", GIVE_TO("p8"), 1);
    says(&f, "'act':'give_floor','participant':'p8','seconds':120}");
    has_floor(&f, "p8");
    assert_false(f.s->floor.has_kind);
    done(&f, "p1", GIVE_TO("p8"), 0);
    done(&f, "p1", END, 1);
    has_floor(&f, "nobody");
    assert_int_equal(f.s->floor.participant, 0);
    tear_down(&f);
}

static void giving_is_refused(void **state)
{
    (void)state;
    static const char presides[] = "Only the chair and the secretary may do this.";
    static const char which[] = "Give the floor to a request on the list, or to a participant.";
    static const char field[] = "participant";
    static const struct {
        const char *by;
        int64_t entry; /* 0: none */
        const char *to;
        enum pl_err err;
        const char *field, *why;
    } rows[] = {
        {"p3", 1, NULL, PL_EAUTH, "", presides},
        {"p8", 0, "p8", PL_EAUTH, "", presides},
        {"p1", 0, NULL, PL_EINVAL, "entry", which},
        {"p1", 1, "p3", PL_EINVAL, field, which},
        {"p1", 9999, NULL, PL_ENOENT, "entry", "There is no such request on the speakers' list."},
        {"p1", 0, "p99", PL_ENOENT, field, "There is no such participant."},
        {"p1", 0, "p7", PL_ESTATE, field, "They are not in the room."},
        {"p1", 0, "p9", PL_ESTATE, field, "Their role does not speak."},
        {"p1", 0, "p10", PL_ESTATE, field, "Their role does not speak."},
        {"p1", 0, "p14", PL_ESTATE, field, "Their role does not speak."},
        {"p1", 0, "p4", PL_ESTATE, field, "They do not hold the voice of their delegation."},
        {"p1", 0, "p13.1", PL_ESTATE, field, "They do not hold the voice of their delegation."},
    };
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused(&f, rows[i].by,
                ACT(GIVE_FLOOR, give_floor, .has_entry = rows[i].entry > 0, .entry = rows[i].entry,
                    .participant = rows[i].to ? ID(rows[i].to) : (struct pl_str){NULL, 0}),
                rows[i].err, rows[i].field, rows[i].why);
    refused(&f, "p1", GIVE(0), PL_ENOENT, "entry",
            "There is no such request on the speakers' list.");
    int64_t den = asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
    goes(&f, "p6");
    LIST(&f, "speak DEN"); /* the seat's, though it is not here */
    refused(&f, "p1", GIVE(den), PL_ESTATE, "entry", "Nobody of this delegation is in the room.");
    comes(&f, 6);
    done(&f, "p1", GIVE(den), 1);
    has_floor(&f, "p6");
    tear_down(&f);
}

/* Whoever is given the floor outside the list has what they asked for first. */
static void giving_to_a_participant_answers_the_request(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    writes(&f, "p3", PL_FLOOR_KIND_ANSWER);
    asks(&f, "p3", PL_FLOOR_KIND_RIGHT_OF_REPLY);
    done(&f, "p1", GIVE_TO("p3"), 1);
    LIST(&f, "answer NOR written; speak NOR");
    assert_true(f.s->floor.has_kind);
    assert_int_equal(f.s->floor.kind, PL_FLOOR_KIND_RIGHT_OF_REPLY);
    done(&f, "p1", GIVE_TO("p3"), 1); /* asked for more, and has it */
    LIST(&f, "answer NOR written");
    done(&f, "p1", GIVE_TO("p3"), 0);
    has_floor(&f, "p3");
    tear_down(&f);
}

static void speaking_time_is_for_the_next(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p1", GIVE_TO("p8"), 1);
    refused(&f, "p8", ACT(SET_SPEAKING_TIME, set_speaking_time, .seconds = 60), PL_EAUTH, "",
            "Only the chair and the secretary may do this.");
    done(&f, "p1", ACT(SET_SPEAKING_TIME, set_speaking_time, .seconds = 60), 1);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    done(&f, "p1", ACT(SET_SPEAKING_TIME, set_speaking_time, .seconds = 60), 0);
    assert_int_equal(f.s->floor.seconds, 120);
    done(&f, "p1", GIVE_TO("p3"), 1);
    assert_int_equal(f.s->floor.seconds, 60);
    done(&f, "p1", ACT(SET_SPEAKING_TIME, set_speaking_time, .seconds = 0), 1);
    done(&f, "p1", GIVE_TO("p8"), 1);
    says(&f, "'act':'give_floor','participant':'p8'}");
    assert_int_equal(f.s->floor.seconds, 0);
    tear_down(&f);
}

static void requests_are_withdrawn_and_passed(void **state)
{
    (void)state;
    static const char theirs[] = "Only who asked, the chair and the secretary may do this.";
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    int64_t nor = asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    int64_t den = asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
    int64_t p8 = asks(&f, "p8", PL_FLOOR_KIND_SPEAK);
    refused(&f, "p6", WITHDRAW(nor), PL_EAUTH, "entry", theirs);
    refused(&f, "p4", PASS(nor), PL_EAUTH, "entry", theirs); /* has no voice */
    refused(&f, "p3", PASS(p8), PL_EAUTH, "entry", theirs);
    refused(&f, "p3", PASS(9999), PL_ENOENT, "entry",
            "There is no such request on the speakers' list.");
    done(&f, "p3", PASS(nor), 1);
    LIST(&f, "speak DEN; speak p8; speak NOR passed");
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    asks(&f, "p12", PL_FLOOR_KIND_SPEAK);
    done(&f, "p2", PASS(den), 1); /* behind those that came later, too */
    LIST(&f, "speak p8; speak NOR passed; speak GUE; speak DEN passed");
    done(&f, "p3", VOICE("p4"), 1);
    done(&f, "p4", PASS(nor), 1); /* a second time withdraws */
    EFFECTS(&f, "changed p4");
    LIST(&f, "speak p8; speak GUE; speak DEN passed");
    done(&f, "p8", WITHDRAW(p8), 1);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    done(&f, "p1", WITHDRAW(den), 1);
    LIST(&f, "speak GUE");
    refused(&f, "p6", WITHDRAW(den), PL_ENOENT, "entry",
            "There is no such request on the speakers' list."); /* twice */
    /* Passing lets none of a later kind go first. */
    int64_t order = asks(&f, "p6", PL_FLOOR_KIND_POINT_OF_ORDER);
    done(&f, "p6", PASS(order), 1);
    LIST(&f, "order DEN passed; speak GUE");
    tear_down(&f);
}

static void a_seat_keeps_the_floor_while_somebody_is_there(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p1", GIVE_TO("p3"), 1);
    goes(&f, "p3");
    assert_true(f.s->floor.held);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last); /* who speaks is told */
    has_floor(&f, "nobody");
    done(&f, "p5", VOICE("p5"), 1);
    EFFECTS(&f, "changed p5");
    has_floor(&f, "p5");
    comes(&f, 3);
    has_floor(&f, "p5");
    asks(&f, "p5", PL_FLOOR_KIND_SPEAK);
    goes(&f, "p5");
    goes(&f, "p4");
    goes(&f, "p13.1");
    assert_true(f.s->floor.held);
    goes(&f, "p3"); /* the last */
    assert_false(f.s->floor.held);
    LIST(&f, "speak NOR");
    tear_down(&f);
}

static void without_a_seat_it_goes_with_them(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    asks(&f, "p8", PL_FLOOR_KIND_POINT_OF_ORDER);
    writes(&f, "p8", PL_FLOOR_KIND_ANSWER);
    asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    asks(&f, "p11.1", PL_FLOOR_KIND_SPEAK);
    done(&f, "p1", GIVE_TO("p8"), 1);
    goes(&f, "p8");
    assert_false(f.s->floor.held);
    LIST(&f, "speak NOR; speak p11.1");
    comes(&f, 8); /* is another participant now */
    has_floor(&f, "nobody");
    assert_false(pl_meeting_asks_floor(f.m, who(&f, "p8")));
    done(&f, "p1", ACT(REMOVE, remove, .participant = ID("p11.1")), 1);
    LIST(&f, "speak NOR");
    tear_down(&f);
}

static void interventions_in_writing_are_read_out(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    int64_t den = writes(&f, "p6", PL_FLOOR_KIND_SPEAK);
    int64_t order = writes(&f, "p8", PL_FLOOR_KIND_POINT_OF_ORDER);
    done(&f, "p1", GIVE_TO("p3"), 1);
    goes(&f, "p6"); /* need not be here for it */
    done(&f, "p1", GIVE(den), 1);
    char want[100];
    snprintf(want, sizeof want, "'act':'give_floor','entry':%lld,'seat':'DEN','kind':'speak'}",
             (long long)den); /* without a speaking time */
    says(&f, want);
    EFFECTS(&f, "changed p3");
    has_floor(&f, "nobody");
    LIST(&f, "order p8 written");
    const struct pl_intervention *i =
        pl_container_of(f.s->floor.interventions.next, struct pl_intervention, node);
    assert_string_equal(i->entry.text.p, "In writing.");
    assert_string_equal(i->entry.name.p, "Denmark");
    assert_int_equal(i->at_ms, f.now);
    done(&f, "p1", GIVE(den), 0); /* twice */
    /* A point of order in writing is read and waits for the ruling. */
    done(&f, "p1", GIVE(order), 1);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    LIST(&f, "order p8 written");
    done(&f, "p1", GIVE(order), 0);
    done(&f, "p1", RULE(order, false, "The debate goes on."), 1);
    LIST(&f, "");
    tear_down(&f);
}

static void the_chair_rules_on_points_of_order(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    int64_t order = asks(&f, "p3", PL_FLOOR_KIND_POINT_OF_ORDER);
    int64_t speak = asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
    done(&f, "p2", GIVE(order), 1);
    has_floor(&f, "p3");
    LIST(&f, "order NOR; speak DEN");
    done(&f, "p2", GIVE(order), 0);
    done(&f, "p2", GIVE_TO("p3"), 0);
    done(&f, "p3", END, 1);
    LIST(&f, "order NOR; speak DEN");
    done(&f, "p2", GIVE(order), 1); /* once more */
    has_floor(&f, "p3");
    refused(&f, "p2", RULE(order, true, "Yes."), PL_EAUTH, "", "Only the chair may do this.");
    refused(&f, NULL, RULE(order, true, "Yes."), PL_EAUTH, "", "Only the chair may do this.");
    refused(&f, "p3", RULE(order, true, "Yes."), PL_EAUTH, "", "Only the chair may do this.");
    refused(&f, "p1", RULE(order, true, ""), PL_EINVAL, "ruling",
            "This must be a text without control characters, and not empty.");
    refused(&f, "p1", RULE(speak, true, "Yes."), PL_ESTATE, "entry",
            "Only a point of order is ruled on.");
    refused(&f, "p1", RULE(9999, true, "Yes."), PL_ENOENT, "entry",
            "There is no such request on the speakers' list.");
    done(&f, "p1", RULE(order, true, "Yes."), 1);
    EFFECTS(&f, "changed p3; changed p3");
    has_floor(&f, "nobody");
    LIST(&f, "speak DEN");
    const struct pl_ruling *ruling =
        pl_container_of(f.s->floor.rulings.next, struct pl_ruling, node);
    assert_true(ruling->upheld);
    assert_string_equal(ruling->ruling.p, "Yes.");
    assert_string_equal(ruling->entry.name.p, "Norway");
    assert_int_equal(ruling->at_ms, f.now);
    done(&f, "p1", RULE(order, true, "Yes."), 0); /* twice */
    refused(&f, "p1", RULE(order, false, "Yes."), PL_ESTATE, "entry",
            "This point of order was ruled on already.");
    /* Withdrawn while it is heard: the floor ends with it. */
    order = asks(&f, "p3", PL_FLOOR_KIND_POINT_OF_ORDER);
    done(&f, "p1", GIVE(order), 1);
    done(&f, "p3", WITHDRAW(order), 1);
    has_floor(&f, "nobody");
    /* Another has the floor meanwhile: they keep it. */
    order = asks(&f, "p3", PL_FLOOR_KIND_POINT_OF_ORDER);
    done(&f, "p1", GIVE(speak), 1);
    done(&f, "p1", RULE(order, false, "No."), 1);
    has_floor(&f, "p6");
    tear_down(&f);
}

static void nobody_has_it_in_a_suspended_session(void **state)
{
    (void)state;
    static const struct {
        enum pl_session_state session;
        const char *why, *list;
    } rows[] = {
        {PL_SESSION_STATE_SUSPENDED, "The session is suspended.", "speak DEN"},
        {PL_SESSION_STATE_CLOSED, "The session is closed.", ""},
    };
    for (size_t i = 0; i < 2; i++) {
        struct procedure f;
        set_up_all(&f, PL_FLOOR_CHAIRED);
        done(&f, "p1", GIVE_TO("p3"), 1);
        int64_t den = asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
        done(&f, "p1", ACT(SET_SESSION, set_session, .session = rows[i].session), 1 + i);
        assert_false(f.s->floor.held);
        has_floor(&f, "nobody");
        LIST(&f, rows[i].list);
        refused(&f, "p1", GIVE(den), PL_ESTATE, "", rows[i].why);
        refused(&f, "p1", GIVE_TO("p3"), PL_ESTATE, "", rows[i].why);
        refused(&f, "p3", request(PL_FLOOR_KIND_SPEAK), PL_ESTATE, "", rows[i].why);
        done(&f, "p1", SESSION(OPEN), 1);
        has_floor(&f, "nobody");
        done(&f, "p1", GIVE_TO("p3"), 1);
        tear_down(&f);
    }
    /* Closed without an item, too. */
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p1", ACT(TAKE_ITEM, take_item, .item = {NULL, 0}), 1);
    asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
    done(&f, "p1", SESSION(CLOSED), 1);
    LIST(&f, "");
    tear_down(&f);
}

/* The floor is told anew when those on it are spoken for by others, and only then. */
static void a_new_voice_on_the_floor_is_told(void **state)
{
    (void)state;
    static const struct {
        bool asks, has, other_asks, other_has, told;
    } rows[] = {
        {false, false, false, false, false}, {true, false, false, false, true},
        {false, true, false, false, true},   {false, false, true, false, false},
        {false, false, false, true, false},  {true, false, true, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct procedure f;
        set_up_all(&f, PL_FLOOR_CHAIRED);
        if (rows[i].has)
            done(&f, "p1", GIVE_TO("p3"), 1);
        if (rows[i].other_has)
            done(&f, "p1", GIVE_TO("p6"), 1);
        if (rows[i].asks)
            asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
        if (rows[i].other_asks)
            asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
        done(&f, "p3", VOICE("p4"), 1);
        assert_int_equal(f.s->changed[PL_PART_FLOOR] == f.s->last, rows[i].told);
        goes(&f, "p4"); /* nobody speaks for it */
        assert_int_equal(f.s->changed[PL_PART_FLOOR] == f.s->last, rows[i].told);
        goes(&f, "p5");
        assert_false(f.s->changed[PL_PART_FLOOR] == f.s->last);
        tear_down(&f);
    }
}

static void another_item_begins_with_an_empty_list(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    int64_t order = asks(&f, "p3", PL_FLOOR_KIND_POINT_OF_ORDER);
    done(&f, "p1", RULE(order, true, "Yes."), 1);
    done(&f, "p1", GIVE(writes(&f, "p8", PL_FLOOR_KIND_SPEAK)), 1);
    asks(&f, "p8", PL_FLOOR_KIND_ANSWER);
    asks(&f, "p6", PL_FLOOR_KIND_SPEAK);
    done(&f, "p1", GIVE_TO("p3"), 1);
    done(&f, "p1", ACT(SET_FLOOR_LIST, set_floor_list, .open = false), 1);
    done(&f, "p1", ACT(TAKE_ITEM, take_item, .item = ID("i2")), 1);
    EFFECTS(&f, "changed p3; changed p8; changed p6; placed p7 room; changed p7");
    has_floor(&f, "nobody");
    LIST(&f, "");
    assert_true(f.s->floor.list_open);
    assert_true(pl_list_empty(&f.s->floor.interventions));
    assert_true(pl_list_empty(&f.s->floor.rulings));
    asks(&f, "p7", PL_FLOOR_KIND_SPEAK);
    done(&f, "p1", GIVE_TO("p7"), 1);
    has_floor(&f, "p7");
    done(&f, "p1", ACT(TAKE_ITEM, take_item, .item = {NULL, 0}), 1);
    assert_false(f.s->floor.held);
    tear_down(&f);
}

/* The server comes again: nobody is there, and what they had without a seat is gone. */
static void a_restart_takes_the_floor(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    asks(&f, "p3", PL_FLOOR_KIND_SPEAK);
    asks(&f, "p8", PL_FLOOR_KIND_SPEAK);
    done(&f, "p1", GIVE_TO("p6"), 1);
    done(&f, NULL, ACT(RESTARTED, restarted, .nothing = 0), 1);
    assert_false(f.s->floor.held);
    LIST(&f, "speak NOR");
    assert_int_equal(pl_meeting_present(f.m), 0);
    tear_down(&f);
}

/* Where all are heard, the list and the floor say whose turn it is. */
static void an_open_floor_has_a_list_too(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_OPEN);
    done(&f, "p1", GIVE(asks(&f, "p3", PL_FLOOR_KIND_SPEAK)), 1);
    assert_ptr_equal(pl_meeting_floor_holder(f.m), who(&f, "p3"));
    assert_true(pl_meeting_heard(f.m, who(&f, "p6")));
    done(&f, "p1", SESSION(SUSPENDED), 1);
    EFFECTS(&f, "changed p3; changed p3; changed p4; changed p5; changed p6; changed p8; "
                "changed p9; changed p11.1; changed p12; changed p13.1");
    assert_false(pl_meeting_heard(f.m, who(&f, "p6")));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_called_in_their_order),
        cmocka_unit_test(not_all_ask_for_the_floor),
        cmocka_unit_test(one_request_of_a_kind),
        cmocka_unit_test(a_closed_list_takes_no_speakers),
        cmocka_unit_test(the_list_is_bounded),
        cmocka_unit_test(the_floor_is_given_and_ends),
        cmocka_unit_test(giving_is_refused),
        cmocka_unit_test(giving_to_a_participant_answers_the_request),
        cmocka_unit_test(speaking_time_is_for_the_next),
        cmocka_unit_test(requests_are_withdrawn_and_passed),
        cmocka_unit_test(a_seat_keeps_the_floor_while_somebody_is_there),
        cmocka_unit_test(without_a_seat_it_goes_with_them),
        cmocka_unit_test(interventions_in_writing_are_read_out),
        cmocka_unit_test(the_chair_rules_on_points_of_order),
        cmocka_unit_test(nobody_has_it_in_a_suspended_session),
        cmocka_unit_test(a_new_voice_on_the_floor_is_told),
        cmocka_unit_test(another_item_begins_with_an_empty_list),
        cmocka_unit_test(a_restart_takes_the_floor),
        cmocka_unit_test(an_open_floor_has_a_list_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
