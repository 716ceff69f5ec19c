/* The session, the agenda with its documents and guests, and requests for urgent consultation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "procedure.h"

static const char presides[] = "Only the chair and the secretary may do this.";
static const char closed[] = "The session is closed.";
static const char no_item[] = "There is no such item on the agenda.";
static const char bad_line[] = "This must be one line, and not empty.";
static const char bad_text[] = "This must be a text without control characters, and not empty.";
static const char bad_id[] = "An id has 1 to 32 letters, digits, dots, dashes and underscores.";

#define PUT(id, words) ACT(PUT_ITEM, put_item, .item = ID(id), .title = ID(words))
#define PUT_BEFORE(id, words, other)                                                               \
    ACT(PUT_ITEM, put_item, .item = ID(id), .title = ID(words), .before = ID(other))
#define DROP(id) ACT(DROP_ITEM, drop_item, .item = ID(id))
#define TAKE(id) ACT(TAKE_ITEM, take_item, .item = ID(id))
#define TAKE_NONE ACT(TAKE_ITEM, take_item, .item = {NULL, 0})
#define SESSION(s) ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_##s)
#define SESSION_AS(s, words)                                                                       \
    ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_##s, .reason = ID(words))
#define ASK(words, why) ACT(ASK_ITEM, ask_item, .title = ID(words), .reason = ID(why))
#define GRANT(n) ACT(ANSWER_ASK, answer_ask, .ask = (n), .granted = true)
#define DECLINE(n, why) ACT(ANSWER_ASK, answer_ask, .ask = (n), .reason = ID(why))

/* "i1 done; i2 current; i3 to_come". */
#define AGENDA(f, want)                                                                            \
    do {                                                                                           \
        struct pl_buf b_ = {0};                                                                    \
        agenda(f, &b_);                                                                            \
        assert_string_equal(b_.len ? b_.data : "", want);                                          \
        pl_buf_free(&b_);                                                                          \
    } while (0)

static void agenda(const struct procedure *f, struct pl_buf *b)
{
    static const char *const words[] = {"", " now", " done"};
    size_t n = 0;
    pl_list_each (struct pl_item, item, &f->s->items, node) {
        pl_buf_printf(b, "%s%s%s", n++ ? "; " : "", item->id.p, words[item->state]);
    }
    assert_int_equal(n, f->s->n_items);
}

static const struct pl_item *item(const struct procedure *f, const char *id)
{
    pl_list_each (struct pl_item, i, &f->s->items, node) {
        if (strcmp(i->id.p, id) == 0)
            return i;
    }
    fail_msg("no item %s", id);
    return NULL;
}

static void items_are_put_and_amended(void **state)
{
    (void)state;
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    done(&f, NULL, PUT("i3", "Three"), 1);
    done(&f, NULL, PUT_BEFORE("i0", "Nought", "i1"), 1);
    AGENDA(&f, "i0; i1; i2; i3");
    done(&f, NULL, PUT_BEFORE("i3", "Three", "i1"), 1); /* moves */
    done(&f, NULL, PUT_BEFORE("i3", "Three", "i1"), 0);
    AGENDA(&f, "i0; i3; i1; i2");
    done(&f, NULL, PUT("i3", "Drei"), 1); /* stays where it is */
    done(&f, NULL, PUT("i3", "Drei"), 0);
    AGENDA(&f, "i0; i3; i1; i2");
    assert_string_equal(item(&f, "i3")->title.p, "Drei");
    assert_int_equal(item(&f, "i3")->minutes, 0);
    assert_int_equal(item(&f, "i3")->speaking_seconds, -1);
    const struct pl_act *full =
        ACT(PUT_ITEM, put_item, .item = ID("i3"), .title = ID("Drei"), .has_minutes = true,
            .minutes = 30, .has_speaking_seconds = true, .speaking_seconds = 0);
    done(&f, NULL, full, 1);
    done(&f, NULL, full, 0);
    assert_int_equal(item(&f, "i3")->minutes, 30);
    assert_int_equal(item(&f, "i3")->speaking_seconds, 0);
    assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
    tear_down(&f);
}

static void putting_is_refused(void **state)
{
    (void)state;
    static const char longest[] = "0123456789abcdef0123456789abcdef";
    static const char longer[] = "0123456789abcdef0123456789abcdefg";
    static const struct {
        const char *by, *item, *title, *before;
        enum pl_err err;
        const char *field, *why;
    } rows[] = {
        {"p1", longest, "T", NULL, PL_OK, "", NULL},
        {"p2", "A.b-c_9", "T", NULL, PL_OK, "", NULL},
        {"p3", "i3", "T", NULL, PL_EAUTH, "", presides},
        {"p8", "i3", "T", NULL, PL_EAUTH, "", presides},
        {"p14", "i3", "T", NULL, PL_EAUTH, "", presides},
        {"p1", longer, "T", NULL, PL_EINVAL, "item", bad_id},
        {"p1", "", "T", NULL, PL_EINVAL, "item", bad_id},
        {"p1", "i 3", "T", NULL, PL_EINVAL, "item", bad_id},
        {"p1", "i3", "", NULL, PL_EINVAL, "title", bad_line},
        {"p1", "i3", "T\nU", NULL, PL_EINVAL, "title", bad_line},
        {"p1", "i3", "T", "i9", PL_ENOENT, "before", no_item},
        {"p1", "i1", "T", "i1", PL_EINVAL, "before", "An item does not come before itself."},
    };
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct pl_act *a =
            ACT(PUT_ITEM, put_item, .item = ID(rows[i].item), .title = ID(rows[i].title),
                .before = rows[i].before ? ID(rows[i].before) : (struct pl_str){NULL, 0});
        if (rows[i].err)
            refused(&f, rows[i].by, a, rows[i].err, rows[i].field, rows[i].why);
        else
            done(&f, rows[i].by, a, 1);
    }
    tear_down(&f);
}

static void the_agenda_is_bounded(void **state)
{
    (void)state;
    static const char full[] = "The agenda is full: 100 items.";
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    comes(&f, 1);
    comes(&f, 3);
    done(&f, "p3", ASK("Article 4", "Now."), 1);
    int64_t ask = (int64_t)f.s->last;
    for (unsigned i = 3; i <= PL_ITEMS_MAX; i++) {
        char id[8];
        snprintf(id, sizeof id, "i%u", i);
        done(&f, NULL, PUT(id, "T"), 1);
    }
    refused(&f, NULL, PUT("more", "T"), PL_ELIMIT, "", full);
    refused(&f, "p1", GRANT(ask), PL_ELIMIT, "", full);
    done(&f, NULL, PUT("i7", "Amended"), 1);
    done(&f, NULL, DROP("i7"), 1);
    done(&f, NULL, PUT("more", "T"), 1);
    refused(&f, NULL, PUT("i7", "T"), PL_ELIMIT, "", full);
    tear_down(&f);
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NOT_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeF"

static const struct pl_act *document(const char *id, const char *of, const char *name)
{
    static struct pl_act a;
    a = (struct pl_act){.type = PL_ACT_PUT_DOCUMENT,
                        .put_document = {.document = pl_str(id),
                                         .item = pl_str(of),
                                         .name = pl_str(name),
                                         .media_type = pl_str("application/pdf"),
                                         .size = 9,
                                         .sha256 = pl_str(HASH)}};
    return &a;
}

#define DROP_DOCUMENT(id) ACT(DROP_DOCUMENT, drop_document, .document = ID(id))

static void items_are_dropped_before_they_begin(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p1", PUT("i3", "Three"), 1);
    refused(&f, "p3", DROP("i3"), PL_EAUTH, "", presides);
    refused(&f, "p1", DROP("i9"), PL_ENOENT, "item", no_item);
    refused(&f, "p1", DROP("i1"), PL_ESTATE, "item", "An item that was begun stays on the agenda.");
    done(&f, "p1", TAKE("i2"), 1);
    refused(&f, "p1", DROP("i1"), PL_ESTATE, "item", "An item that was begun stays on the agenda.");
    done(&f, "p1", document("d1", "i3", "A.pdf"), 1);
    refused(&f, "p1", DROP("i3"), PL_ESTATE, "item",
            "Documents, an options paper or a decision belong to this item.");
    done(&f, "p1", DROP_DOCUMENT("d1"), 1);
    done(&f, "p2", DROP("i3"), 1);
    AGENDA(&f, "i1 done; i2 now");
    assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
    refused(&f, "p1", DROP("i3"), PL_ENOENT, "item", no_item); /* twice */
    refused(&f, "p1", TAKE("i3"), PL_ENOENT, "item", no_item);
    done(&f, "p1", PUT("i3", "New"), 1); /* another one of the same name */
    AGENDA(&f, "i1 done; i2 now; i3");
    tear_down(&f);
}

#define PUT_DECISION(id, of)                                                                       \
    ACT(PUT_DECISION, put_decision, .decision = ID(id), .item = ID(of), .title = ID("D"),          \
        .texts = {{ID("EN"), ID("Text.")}}, .n_texts = 1,                                          \
        .rule = {.procedure = PL_PROCEDURE_SIMPLE})

static void items_that_something_belongs_to_stay(void **state)
{
    (void)state;
    static const char used[] = "Documents, an options paper or a decision belong to this item.";
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    done(&f, NULL, PUT("i3", "Three"), 1);
    done(&f, NULL,
         ACT(PUT_PAPER, put_paper, .paper = ID("o1"), .item = ID("i1"), .title = ID("O"),
             .questions = {{ID("q1"), ID("How many?")}}, .n_questions = 1),
         1);
    done(&f, NULL, PUT_DECISION("d1", "i2"), 1);
    refused(&f, NULL, DROP("i1"), PL_ESTATE, "item", used);
    refused(&f, NULL, DROP("i2"), PL_ESTATE, "item", used);
    done(&f, NULL, DROP("i3"), 1);
    tear_down(&f);
}

static void an_open_decision_keeps_the_session_open(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p1", PUT_DECISION("d1", "i1"), 1);
    done(&f, "p1", SESSION(CLOSED), 2); /* a draft does not */
    done(&f, "p1", SESSION(OPEN), 1);
    done(&f, "p1", ACT(CALL_DECISION, call_decision, .decision = ID("d1"), .version = 1), 1);
    refused(&f, "p1", SESSION(CLOSED), PL_ESTATE, "session",
            "A decision is open; close or withdraw it before the session is closed.");
    done(&f, "p1", SESSION(SUSPENDED), 1);
    done(&f, "p1",
         ACT(WITHDRAW_DECISION, withdraw_decision, .decision = ID("d1"), .reason = ID("No.")), 1);
    done(&f, "p1", SESSION(CLOSED), 1);
    tear_down(&f);
}

static void items_are_taken_one_after_another(void **state)
{
    (void)state;
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    refused(&f, NULL, TAKE("i1"), PL_ESTATE, "", "The meeting has not been opened yet.");
    for (uint32_t i = 1; i <= PROCEDURE_PEOPLE; i++)
        comes(&f, i);
    refused(&f, "p3", TAKE("i1"), PL_EAUTH, "", presides);
    refused(&f, "p1", TAKE("i9"), PL_ENOENT, "item", no_item);
    done(&f, "p1", TAKE_NONE, 0);
    done(&f, "p1", TAKE("i1"), 1);
    int64_t began = f.now;
    AGENDA(&f, "i1 now; i2");
    assert_string_equal(f.s->item->id.p, "i1");
    assert_int_equal(item(&f, "i1")->began_ms, began);
    assert_int_equal(f.s->changed[PL_PART_SESSION], f.s->last);
    assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
    assert_int_equal(f.s->changed[PL_PART_FLOOR], f.s->last);
    done(&f, "p2", TAKE("i1"), 0); /* twice */
    done(&f, "p2", TAKE("i2"), 1);
    AGENDA(&f, "i1 done; i2 now");
    assert_int_equal(item(&f, "i1")->ended_ms, f.now);
    done(&f, "p1", TAKE("i1"), 1); /* the meeting returns to it */
    AGENDA(&f, "i1 now; i2 done");
    assert_int_equal(item(&f, "i1")->began_ms, began);
    assert_int_equal(item(&f, "i1")->ended_ms, 0);
    done(&f, "p1", TAKE_NONE, 1);
    AGENDA(&f, "i1 done; i2 done");
    assert_null(f.s->item);
    done(&f, "p1", TAKE_NONE, 0);
    tear_down(&f);
}

static void an_item_has_its_speaking_time(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p1",
         ACT(PUT_ITEM, put_item, .item = ID("i2"), .title = ID("Two"), .has_speaking_seconds = true,
             .speaking_seconds = 30),
         1);
    done(&f, "p1",
         ACT(PUT_ITEM, put_item, .item = ID("i3"), .title = ID("Three"),
             .has_speaking_seconds = true, .speaking_seconds = 0),
         1);
    assert_int_equal(f.s->floor.speaking_seconds, 120); /* the meeting's */
    done(&f, "p1", TAKE("i2"), 1);
    assert_int_equal(f.s->floor.speaking_seconds, 30);
    done(&f, "p1", TAKE("i3"), 1);
    assert_int_equal(f.s->floor.speaking_seconds, 0);
    done(&f, "p1", TAKE("i1"), 1);
    assert_int_equal(f.s->floor.speaking_seconds, 120);
    tear_down(&f);
}

/* p7 is a guest of i2. */
static void guests_are_there_for_their_item(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    f.definition.lobby = true;
    assert_int_equal(who(&f, "p7")->place, PL_PLACE_WAITING);
    assert_int_equal(who(&f, "p8")->place, PL_PLACE_ROOM);
    done(&f, "p1", TAKE("i2"), 1);
    EFFECTS(&f, "placed p7 room; changed p7"); /* past the lobby */
    goes(&f, "p7");
    comes(&f, 7); /* comes again while it lasts */
    assert_int_equal(who(&f, "p7")->place, PL_PLACE_ROOM);
    done(&f, "p1", TAKE("i1"), 1);
    EFFECTS(&f, "placed p7 waiting; changed p7");
    goes(&f, "p7");
    comes(&f, 7);
    assert_int_equal(who(&f, "p7")->place, PL_PLACE_WAITING);
    done(&f, "p1", TAKE("i2"), 1);
    assert_int_equal(who(&f, "p7")->place, PL_PLACE_ROOM);
    done(&f, "p1", TAKE_NONE, 1);
    EFFECTS(&f, "placed p7 waiting; changed p7");
    done(&f, "p1", TAKE("i2"), 1);
    done(&f, "p1", SESSION(CLOSED), 2);
    EFFECTS(&f, "placed p7 waiting; changed p7");
    assert_int_equal(who(&f, "p8")->place, PL_PLACE_ROOM);
    tear_down(&f);
}

static void the_session_is_suspended_and_closed(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    refused(&f, "p3", SESSION(SUSPENDED), PL_EAUTH, "", presides);
    refused(&f, "p1", SESSION_AS(SUSPENDED, ""), PL_EINVAL, "reason", bad_text);
    done(&f, "p1", SESSION(OPEN), 0);
    done(&f, "p2", SESSION_AS(SUSPENDED, "Lunch."), 1);
    assert_string_equal(f.s->session_reason.p, "Lunch.");
    assert_int_equal(f.s->changed[PL_PART_SESSION], f.s->last);
    done(&f, "p2", SESSION_AS(SUSPENDED, "Lunch."), 0);
    done(&f, "p2", SESSION(SUSPENDED), 0);
    done(&f, "p2", SESSION_AS(SUSPENDED, "A long lunch."), 1);
    refused(&f, "p1", TAKE("i2"), PL_ESTATE, "", "The session is suspended.");
    done(&f, "p1", PUT("i3", "Three"), 1); /* preparing goes on */
    done(&f, "p1", DROP("i3"), 1);
    done(&f, "p1", SESSION(OPEN), 1);
    assert_null(f.s->session_reason.p);
    AGENDA(&f, "i1 now; i2"); /* where it was */
    done(&f, "p1", SESSION_AS(CLOSED, "Done."), 2);
    AGENDA(&f, "i1 done; i2");
    assert_int_equal(item(&f, "i1")->ended_ms, f.now);
    assert_null(f.s->item);
    done(&f, "p1", SESSION(CLOSED), 0);
    refused(&f, "p1", SESSION(SUSPENDED), PL_ESTATE, "session",
            "The session is closed; open it again first.");
    refused(&f, "p1", TAKE("i2"), PL_ESTATE, "", closed);
    refused(&f, "p1", PUT("i3", "Three"), PL_ESTATE, "", closed);
    refused(&f, "p1", DROP("i2"), PL_ESTATE, "", closed);
    refused(&f, "p3", ASK("Article 4", "Now."), PL_ESTATE, "", closed);
    refused(&f, "p1", GRANT(1), PL_ESTATE, "", closed);
    refused(&f, "p1", document("d1", "i2", "A.pdf"), PL_ESTATE, "", closed);
    refused(&f, "p1", DROP_DOCUMENT("d1"), PL_ESTATE, "", closed);
    done(&f, "p1", SESSION(OPEN), 1);
    done(&f, "p1", TAKE("i2"), 1);
    tear_down(&f);
}

static void seats_ask_for_urgent_consultation(void **state)
{
    (void)state;
    static const char voice[] = "You do not hold the voice of your delegation.";
    static const char seat[] = "Only the delegation of a seat may do this.";
    static const struct {
        const char *by, *title, *reason;
        enum pl_err err;
        const char *field, *why;
    } rows[] = {
        {"p3", "Article 4", "A drone came down.", PL_OK, "", NULL},
        {"p12", "Article 4", "Ours too.", PL_OK, "", NULL}, /* guests may */
        {"p4", "Article 4", "Now.", PL_EAUTH, "", voice},
        {"p13.1", "Article 4", "Now.", PL_EAUTH, "", voice},
        {"p1", "Article 4", "Now.", PL_EAUTH, "", seat},
        {"p8", "Article 4", "Now.", PL_EAUTH, "", seat},
        {"p10", "Article 4", "Now.", PL_EAUTH, "", seat},
        {NULL, "Article 4", "Now.", PL_EAUTH, "", seat},
        {"p3", "", "Now.", PL_EINVAL, "title", bad_line},
        {"p3", "Article\n4", "Now.", PL_EINVAL, "title", bad_line},
        {"p3", "Article 4", "", PL_EINVAL, "reason", bad_text},
        {"p3", "Article 4", "\x01", PL_EINVAL, "reason", bad_text},
    };
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].err) {
            refused(&f, rows[i].by, ASK(rows[i].title, rows[i].reason), rows[i].err, rows[i].field,
                    rows[i].why);
            continue;
        }
        done(&f, rows[i].by, ASK(rows[i].title, rows[i].reason), 1);
        assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
        done(&f, rows[i].by, ASK(rows[i].title, rows[i].reason), 0); /* twice */
    }
    assert_int_equal(f.s->n_asks, 2);
    tear_down(&f);
}

static void the_chair_answers(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p3", ASK("Article 4", "Now."), 1);
    says(&f, "'act':'ask_item','title':'Article 4','reason':'Now.','seat':'NOR'}");
    int64_t first = (int64_t)f.s->last, asked = f.now;
    done(&f, "p6", ASK("The weather", "It rains."), 1);
    int64_t second = (int64_t)f.s->last;
    refused(&f, "p2", GRANT(first), PL_EAUTH, "", "Only the chair may do this.");
    refused(&f, "p3", GRANT(first), PL_EAUTH, "", "Only the chair may do this.");
    refused(&f, NULL, GRANT(first), PL_EAUTH, "", "Only the chair may do this.");
    refused(&f, "p1", GRANT(9999), PL_ENOENT, "ask", "There is no such request for consultation.");
    refused(&f, "p1", ACT(ANSWER_ASK, answer_ask, .ask = second), PL_EINVAL, "reason",
            "Declining a request needs a reason.");
    refused(&f, "p1", DECLINE(second, ""), PL_EINVAL, "reason", bad_text);
    /* An item of the name that the new one would have is there. */
    char id[32], other[40], want[100];
    snprintf(id, sizeof id, "ask%lld", (long long)first);
    snprintf(other, sizeof other, "%s-2", id);
    snprintf(want, sizeof want, "i1 now; i2; %s; %s", id, other);
    done(&f, "p1", PUT(id, "Mine"), 1);
    done(&f, "p1", GRANT(first), 1);
    AGENDA(&f, want);
    assert_non_null(strstr(f.bytes.data, other));
    assert_string_equal(item(&f, other)->title.p, "Article 4");
    assert_int_equal(item(&f, other)->speaking_seconds, -1);
    done(&f, "p1", GRANT(first), 0); /* twice */
    static const char answered[] = "This request was answered already.";
    refused(&f, "p1", DECLINE(first, "No."), PL_ESTATE, "ask", answered);
    refused(&f, "p1",
            ACT(ANSWER_ASK, answer_ask, .ask = first, .granted = true, .reason = ID("Yes.")),
            PL_ESTATE, "ask", answered);
    char want_decline[100];
    snprintf(want_decline, sizeof want_decline,
             "'act':'answer_ask','ask':%lld,'granted':false,'reason':'Not ours.'}",
             (long long)second);
    done(&f, "p1", DECLINE(second, "Not ours."), 1);
    AGENDA(&f, want);
    assert_int_equal(pl_container_of(f.s->asks.next, struct pl_ask, node)->at_ms, asked);
    const struct pl_ask *ask = pl_container_of(f.s->asks.prev, struct pl_ask, node);
    assert_true(ask->answered);
    says(&f, want_decline);
    assert_false(ask->granted);
    assert_string_equal(ask->answer.p, "Not ours.");
    assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
    done(&f, "p6", ASK("The weather", "It rains."), 1); /* asked anew */
    tear_down(&f);
}

static void asks_are_bounded(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    char title[16];
    for (unsigned i = 0; i < PL_ASKS_MAX; i++) {
        snprintf(title, sizeof title, "T%u", i);
        done(&f, "p3", ASK(title, "Now."), 1);
        if (i < PL_ASKS_OPEN_MAX - 1)
            continue;
        if (i < PL_ASKS_MAX - 1)
            refused(&f, "p3", ASK("one more", "Now."), PL_ELIMIT, "",
                    "Three requests of your delegation wait for an answer already.");
        done(&f, "p1", DECLINE((int64_t)f.s->last, "No."), 1);
    }
    refused(&f, "p6", ASK("one more", "Now."), PL_ELIMIT, "",
            "The meeting had all the requests for consultation that it can have: 100.");
    assert_int_equal(f.s->n_asks, PL_ASKS_MAX);
    tear_down(&f);
}

static void documents_are_attached_and_taken_away(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    refused(&f, "p3", document("d1", "i1", "A.pdf"), PL_EAUTH, "", presides);
    refused(&f, "p1", document("d 1", "i1", "A.pdf"), PL_EINVAL, "document", bad_id);
    refused(&f, "p1", document("d1", "i9", "A.pdf"), PL_ENOENT, "item", no_item);
    refused(&f, "p1", document("d1", "i1", "A\n.pdf"), PL_EINVAL, "name", bad_line);
    struct pl_act bad = *document("d1", "i1", "A.pdf");
    bad.put_document.media_type = pl_str("");
    refused(&f, "p1", &bad, PL_EINVAL, "media_type", bad_line);
    static const char *const hashes[] = {"", "0123", HASH "0", NOT_HASH};
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        bad = *document("d1", "i1", "A.pdf");
        bad.put_document.sha256 = pl_str(hashes[i]);
        refused(&f, "p1", &bad, PL_EINVAL, "sha256", "A hash has 64 hexadecimal digits.");
    }
    done(&f, NULL, document("d1", "i1", "A.pdf"), 1);
    assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
    const struct pl_document *d = pl_container_of(f.s->documents.next, struct pl_document, node);
    assert_string_equal(d->name.p, "A.pdf");
    assert_string_equal(d->media_type.p, "application/pdf");
    assert_string_equal(d->sha256.p, HASH);
    assert_int_equal(d->size, 9);
    assert_ptr_equal(d->item, item(&f, "i1"));
    refused(&f, "p1", document("d1", "i2", "B.pdf"), PL_EEXIST, "document",
            "There was a document of this id already.");
    refused(&f, "p3", DROP_DOCUMENT("d1"), PL_EAUTH, "", presides);
    refused(&f, "p1", DROP_DOCUMENT("d2"), PL_ENOENT, "document", "There is no such document.");
    done(&f, "p1", DROP_DOCUMENT("d1"), 1);
    assert_true(d->dropped);
    assert_int_equal(f.s->changed[PL_PART_AGENDA], f.s->last);
    done(&f, "p1", DROP_DOCUMENT("d1"), 0); /* twice */
    refused(&f, "p1", document("d1", "i1", "A.pdf"), PL_EEXIST, "document",
            "There was a document of this id already.");
    tear_down(&f);
}

static void documents_are_bounded(void **state)
{
    (void)state;
    static const char full[] = "The meeting has all the documents that it can have: 200.";
    struct procedure f;
    set_up(&f, PL_FLOOR_CHAIRED);
    for (unsigned i = 0; i < PL_DOCUMENTS_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "d%u", i);
        done(&f, NULL, document(id, "i1", "A.pdf"), 1);
    }
    refused(&f, NULL, document("more", "i1", "A.pdf"), PL_ELIMIT, "", full);
    done(&f, NULL, DROP_DOCUMENT("d7"), 1);
    done(&f, NULL, document("more", "i1", "A.pdf"), 1);
    refused(&f, NULL, document("again", "i1", "A.pdf"), PL_ELIMIT, "", full);
    tear_down(&f);
}

/* A damaged record says what the state cannot have; nothing is made of it. */
static void events_that_cannot_be(void **state)
{
    (void)state;
    struct procedure f;
    set_up_all(&f, PL_FLOOR_CHAIRED);
    done(&f, "p3", ASK("Article 4", "Now."), 1);
    int64_t ask = (int64_t)f.s->last;
    const struct pl_act rows[] = {
        *DROP("i9"),
        *DROP("i1"),
        *TAKE("i9"),
        *PUT_BEFORE("i3", "T", "i9"),
        *PUT_BEFORE("i1", "T", "i1"),
        *ACT(ASK_ITEM, ask_item, .title = ID("T"), .reason = ID("R"), .seat = ID("XXX")),
        *GRANT(9999),
        *GRANT(ask),
        *ACT(ANSWER_ASK, answer_ask, .ask = ask, .item = ID("i4")),
        *ACT(ANSWER_ASK, answer_ask, .ask = ask, .granted = true, .item = ID("i1")),
        *document("d1", "i9", "A.pdf"),
        *DROP_DOCUMENT("d1"),
        *ACT(VOICE, voice, .person = ID("p6"), .seat = ID("NOR")),
        *ACT(VOICE, voice, .person = ID("p4"), .seat = ID("XXX")),
        *ACT(VOICE, voice, .person = ID("p99"), .seat = ID("NOR")),
        *ACT(REQUEST_FLOOR, request_floor, .participant = ID("p99")),
        *ACT(REQUEST_FLOOR, request_floor, .participant = ID("p3"), .seat = ID("DEN")),
        *ACT(WITHDRAW_FLOOR, withdraw_floor, .entry = 9999),
        *ACT(PASS_FLOOR, pass_floor, .entry = 9999),
        *ACT(GIVE_FLOOR, give_floor, .has_entry = true, .entry = 9999, .participant = ID("p3")),
        *ACT(GIVE_FLOOR, give_floor, .participant = ID("p99")),
        *ACT(GIVE_FLOOR, give_floor, .seat = ID("XXX"), .participant = ID("p3")),
        *ACT(GIVE_FLOOR, give_floor, .has_entry = false),
        *ACT(RULE_ON, rule_on, .entry = 9999, .ruling = ID("R")),
    };
    struct pl_buf before = {0}, after = {0};
    procedure_dump(f.m, &before);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_act e = rows[i];
        e.number = f.s->last + 1;
        e.by = pl_str("p1");
        if (pl_meeting_apply(f.m, &e, &pl_no_effects) != PL_EINVAL)
            fail_msg("row %zu was applied", i);
    }
    procedure_dump(f.m, &after);
    assert_string_equal(before.data, after.data);
    pl_buf_free(&before);
    pl_buf_free(&after);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_put_and_amended),
        cmocka_unit_test(putting_is_refused),
        cmocka_unit_test(the_agenda_is_bounded),
        cmocka_unit_test(items_are_dropped_before_they_begin),
        cmocka_unit_test(items_that_something_belongs_to_stay),
        cmocka_unit_test(an_open_decision_keeps_the_session_open),
        cmocka_unit_test(items_are_taken_one_after_another),
        cmocka_unit_test(an_item_has_its_speaking_time),
        cmocka_unit_test(guests_are_there_for_their_item),
        cmocka_unit_test(the_session_is_suspended_and_closed),
        cmocka_unit_test(seats_ask_for_urgent_consultation),
        cmocka_unit_test(the_chair_answers),
        cmocka_unit_test(asks_are_bounded),
        cmocka_unit_test(documents_are_attached_and_taken_away),
        cmocka_unit_test(documents_are_bounded),
        cmocka_unit_test(events_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
