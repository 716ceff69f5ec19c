/* The verifier of exported records: who signs, what they signed, and who saw it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/people.h"
#include "records.h"
#include "signal/manifest.h"
#include "signal/signed.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ORGANISER 0x55
#define KEY(person) (0x60 + (person)) /* the byte that their seed is made of */

static struct pl_verify_report check_with(const struct record *r, const char *organiser)
{
    struct pl_verify_report report;
    const struct pl_verify_config config = {
        .random = record_random(), .organiser = organiser ? pl_str(organiser) : (struct pl_str){0}};
    struct pl_str file = {r->file.data, r->file.len};
    assert_int_equal(pl_record_verify(file, &config, &report), PL_OK);
    return report;
}

static void expect(const struct record *r, const char *why)
{
    struct pl_verify_report got = check_with(r, NULL);
    if (!got.faulty || !strstr(got.fault.why, why))
        fail_msg("wanted: %s\nfound, line %llu: %s", why, (unsigned long long)got.fault.line,
                 got.fault.why);
}

static struct pl_verify_report expect_good(const struct record *r)
{
    struct pl_verify_report got = check_with(r, NULL);
    if (got.faulty)
        fail_msg("line %llu, event %llu: %s", (unsigned long long)got.fault.line,
                 (unsigned long long)got.fault.event, got.fault.why);
    return got;
}

/* A manifest to be: what is not said is right. */
struct wanted {
    int version;
    const char *meeting, *encryption, *revoked, *late, *by; /* by: who signs; NULL: the organiser */
    uint8_t organiser, signer;
    const char *more;    /* further people, as JSON with a comma before it */
    const char *p2_seat; /* NULL: NOR */
    const char *not_after;
    const char *seats;
    const char *base, *base_signature; /* NULL: none */
    const char *event_hash;
    int event_version;
    const char *definition; /* NULL: not named; RIGHT: as it is */
};

#define RIGHT "right"

struct made {
    char text[8000], signature[87];
};

static void add_person(struct pl_buf *b, int person, const char *name, const char *role,
                       const char *seat)
{
    char key[44];
    record_public((uint8_t)KEY(person), key);
    pl_json_open(b, NULL, '{');
    pl_json_str(b, "person", (char[]){'p', (char)('0' + person), 0});
    pl_json_str(b, "name", name);
    pl_json_str(b, "role", role);
    if (seat)
        pl_json_str(b, "seat", seat);
    pl_json_str(b, "key", key);
    pl_json_close(b, '}');
}

static void write_text(const struct wanted *w, struct made *out)
{
    struct pl_buf b = {0};
    pl_json_open(&b, NULL, '{');
    pl_json_int(&b, "v", 1);
    pl_json_str(&b, "meeting", w->meeting ? w->meeting : RECORD_MEETING);
    if (w->definition)
        pl_json_str(&b, "definition",
                    strcmp(w->definition, RIGHT) == 0 ? record_definition_hash : w->definition);
    pl_json_int(&b, "version", w->version ? w->version : 1);
    pl_json_int(&b, "suite", 1);
    pl_json_str(&b, "encryption", w->encryption ? w->encryption : "none");
    pl_json_raw(&b, "seats",
                w->seats ? w->seats
                         : "[{\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"},"
                           "{\"id\":\"DEN\",\"name\":\"Denmark\"}]");
    pl_json_open(&b, "people", '[');
    add_person(&b, 1, "Chair", "chair", NULL);
    add_person(&b, 2, "Astrid", "delegate", w->p2_seat ? w->p2_seat : "NOR");
    add_person(&b, 3, "Dagny", "delegate", "DEN");
    if (w->more)
        pl_buf_puts(&b, w->more);
    pl_json_close(&b, ']');
    pl_json_raw(&b, "revoked", w->revoked ? w->revoked : "[]");
    if (w->late)
        pl_json_str(&b, "late", w->late);
    pl_json_raw(&b, "not_after", w->not_after ? w->not_after : "4000000000000");
    if (w->base) {
        pl_json_open(&b, "base", '{');
        pl_json_str(&b, "manifest", w->base);
        pl_json_str(&b, "signature", w->base_signature);
        pl_json_close(&b, '}');
    }
    pl_json_close(&b, '}');
    snprintf(out->text, sizeof out->text, "%s", b.data);
    pl_buf_free(&b);
    record_sign(w->signer ? w->signer : ORGANISER, PL_MANIFEST_SIGNED, out->text, out->signature);
}

static void put(struct record *r, const struct wanted *w, struct made *out)
{
    char key[44], hex[65];
    uint8_t hash[PL_SHA256_SIZE];
    write_text(w, out);
    record_public(w->organiser ? w->organiser : ORGANISER, key);
    pl_write_manifest(
        &r->file, &(struct pl_line_manifest){pl_str(out->text), pl_str(out->signature), pl_str(key),
                                             pl_str(w->by ? w->by : PL_MANIFEST_ORGANISER)});
    pl_sha256(out->text, strlen(out->text), hash);
    pl_hex(hash, sizeof hash, hex);
    int version = w->event_version ? w->event_version : w->version ? w->version : 1;
    record_act(r, NULL,
               RECORD_ACT(MANIFEST, manifest, .version = version,
                          .sha256 = pl_str(w->event_hash ? w->event_hash : hex)));
}

#define NEVER (-1)

/* A vote to be, likewise. */
struct ballot {
    int person;
    uint8_t key;
    enum pl_choice choice, said; /* said: in what is signed */
    int64_t time;
    const char *meeting, *on;
    const char *seat;
    bool unsigned_one, half;
    int signs; /* the person in what is signed; 0: who casts it */
    int since; /* 0: since the call; NEVER: it does not say */
};

/* What a person's browser makes: in an order of its own, and with spaces. */
static void cast(struct record *r, const struct ballot *v)
{
    char person[8], hash[65], signature[87];
    static char text[2000];
    static const struct pl_act_wording wording = {{"EN", 2}, {"Ships go.", 9}};
    char since[40] = "";
    struct pl_act act = {
        .type = PL_ACT_VOTE,
        .vote = {.decision = pl_str("d"), .version = 1, .choice = v->choice},
    };
    if (v->since != NEVER)
        snprintf(since, sizeof since, "\"since\":%d,",
                 v->since ? v->since : (int)pl_meeting_since(r->m, &act));
    snprintf(person, sizeof person, "p%d", v->signs ? v->signs : v->person);
    pl_wordings_hash(&wording, 1, hash);
    snprintf(text, sizeof text,
             "{ \"meeting\":\"%s\",\"person\":\"%s\",\"act\":\"vote\",\"decision\":\"d\","
             "\"version\":1, %s\"time\":%lld,\"choice\":\"%s\",\"text\":\"%s\"}",
             v->meeting ? v->meeting : RECORD_MEETING, person, since,
             (long long)(v->time ? v->time : r->now), pl_choice_words[v->said],
             v->on ? v->on : hash);
    snprintf(person, sizeof person, "p%d", v->person);
    record_sign(v->key ? v->key : (uint8_t)KEY(v->person), PL_SIGNED_ACT, text, signature);
    if (!v->unsigned_one) {
        act.vote.signed_text = pl_str(text);
        if (!v->half)
            act.vote.signature = pl_str(signature);
    }
    record_act(r, person, &act);
}

static const char required[] =
    "{\"title\":\"Council\",\"floor\":\"chaired\",\"encryption\":\"none\","
    "\"signatures\":\"required\","
    "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}],"
    "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
    "{\"name\":\"Astrid\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
    "{\"name\":\"Dagny\",\"role\":\"delegate\",\"seat\":\"DEN\"}]}";

/* Up to a vote. */
static void begin(struct record *r, const char *definition)
{
    record_begin(r, definition);
    for (uint32_t i = 0; i < 3; i++)
        record_join(r, i);
    record_act(r, "p1",
               RECORD_ACT(PUT_ITEM, put_item, .item = pl_str("one"), .title = pl_str("First")));
    struct pl_act d = {.type = PL_ACT_PUT_DECISION,
                       .put_decision = {.decision = pl_str("d"),
                                        .item = pl_str("one"),
                                        .title = pl_str("Ships"),
                                        .rule = {.procedure = PL_PROCEDURE_SIMPLE},
                                        .n_texts = 1}};
    d.put_decision.texts[0] = (struct pl_act_wording){{"EN", 2}, {"Ships go.", 9}};
    record_act(r, "p1", &d);
    record_act(r, "p1",
               RECORD_ACT(CALL_DECISION, call_decision, .decision = pl_str("d"), .version = 1));
}

static void finish(struct record *r)
{
    record_act(r, "p1", RECORD_ACT(CLOSE_DECISION, close_decision, .decision = pl_str("d")));
    record_checkpoint(r, (struct pl_str){0});
    record_end(r);
}

static void signed_votes_are_good(void **state)
{
    (void)state;
    struct record r = {0};
    struct made m;
    uint8_t seed[PL_SEED_SIZE], key[PL_PUBLIC_KEY_SIZE];
    char words[PL_FINGERPRINT_WORDS_SIZE], fingerprint[44];
    begin(&r, required);
    put(&r, &(struct wanted){0}, &m);
    cast(&r, &(struct ballot){2, .choice = PL_CHOICE_YES, .said = PL_CHOICE_YES});
    cast(&r, &(struct ballot){3, .choice = PL_CHOICE_NO, .said = PL_CHOICE_NO});
    cast(&r, &(struct ballot){2, .choice = PL_CHOICE_NO, .said = PL_CHOICE_NO, .time = RECORD_AT});
    cast(&r, &(struct ballot){2, .choice = PL_CHOICE_YES, .said = PL_CHOICE_YES,
                              .time = r.now + 600001});
    finish(&r);
    struct pl_verify_report got = expect_good(&r);
    assert_int_equal(got.signed_acts, 4);
    assert_int_equal(got.unsigned_acts, 0);
    assert_int_equal(got.manifests, 1);
    assert_int_equal(got.signed_back.times, 1);
    assert_int_equal(got.signed_back.first, 12);
    assert_int_equal(got.signed_off_time.times, 1);
    assert_int_equal(got.signed_off_time.first, 13);
    memset(seed, ORGANISER, sizeof seed);
    pl_ed25519_public(seed, key);
    pl_fingerprint_words(key, words);
    assert_string_equal(got.organiser, words);
    assert_false(got.organiser_pinned);
    assert_true(check_with(&r, words).organiser_pinned);
    pl_sha256(key, sizeof key, seed);
    pl_base64url(seed, sizeof seed, fingerprint);
    assert_true(check_with(&r, fingerprint).organiser_pinned);
    words[0] = words[0] == '1' ? '2' : '1';
    got = check_with(&r, words);
    assert_true(got.faulty && strstr(got.fault.why, "not the one that you gave"));
    record_free(&r);
}

static void a_vote_that_is_not_theirs_is_found(void **state)
{
    (void)state;
#define YES .choice = PL_CHOICE_YES, .said = PL_CHOICE_YES
    static const struct {
        struct wanted manifest;
        struct ballot ballot;
        const char *why;
    } table[] = {
        {{0}, {2, KEY(3), YES}, "not signed by the key of p2 (Astrid)"},
        {{0},
         {2, .choice = PL_CHOICE_YES, .said = PL_CHOICE_NO},
         "says something else than the act"},
        {{0}, {2, YES, .meeting = "mtg9999999"}, "of another meeting"},
        {{0}, {2, YES, .on = "00"}, "on another text"},
        {{0}, {2, YES, .since = 1}, "is of another call"},
        {{0}, {2, YES, .unsigned_one = true}, "not signed, and this meeting requires"},
        {{0}, {2, YES, .half = true}, "has a signature or a signed text, and not both"},
        {{.revoked = "[\"p2\"]"}, {2, YES}, "gives p2 no key any more"},
        {{.p2_seat = "DEN"}, {2, YES}, "is of the seat NOR"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made m;
        begin(&r, required);
        put(&r, &table[i].manifest, &m);
        cast(&r, &table[i].ballot);
        finish(&r);
        expect(&r, table[i].why);
        record_free(&r);
    }
    struct record r = {0};
    begin(&r, required);
    cast(&r, &(struct ballot){2, YES});
    finish(&r);
    expect(&r, "gives p2 no key");
    record_free(&r);
}

static const char *voice_of_other; /* who is said to have voted */

static void by_another(struct pl_act *e)
{
    if (e->type == PL_ACT_VOTE)
        e->by = pl_str(voice_of_other);
}

/* p4 is of Norway too, and does not hold its voice. */
static void a_vote_is_by_who_holds_the_voice(void **state)
{
    (void)state;
    static const char two[] =
        "{\"title\":\"Council\",\"floor\":\"chaired\",\"encryption\":\"none\","
        "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}],"
        "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
        "{\"name\":\"Astrid\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
        "{\"name\":\"Dagny\",\"role\":\"delegate\",\"seat\":\"DEN\"},"
        "{\"name\":\"Nils\",\"role\":\"delegate\",\"seat\":\"NOR\"}]}";
    char key4[44], more[200];
    record_public(KEY(4), key4);
    snprintf(more, sizeof more,
             ",{\"person\":\"p4\",\"name\":\"Nils\",\"role\":\"delegate\",\"seat\":\"NOR\","
             "\"key\":\"%s\"}",
             key4);
    for (int there = 0; there < 2; there++) {
        struct record r = {0};
        struct made m;
        begin(&r, two);
        if (there)
            record_join(&r, 3);
        put(&r, &(struct wanted){.more = more}, &m);
        voice_of_other = "p4";
        r.lie = by_another;
        cast(&r, &(struct ballot){2, KEY(4), YES, .signs = 4});
        r.lie = NULL;
        finish(&r);
        expect(&r, "does not hold the voice");
        record_free(&r);
    }
}

/* What is required, the quorum and weights stand in the definition: the organiser signs it too. */
static void the_definition_is_signed(void **state)
{
    (void)state;
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static const struct {
        const char *first, *second, *why;
    } table[] = {
        {RIGHT, RIGHT, NULL},
        {NULL, RIGHT, NULL},
        {NULL, NULL, NULL},
        {zeros, RIGHT, "is not the one that the organiser signed"},
        {RIGHT, zeros, "is not the one that the organiser signed"},
        {RIGHT, NULL, "names the meeting's definition, and this one does not"},
        {"00", RIGHT, "must be a SHA-256 in hexadecimal"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made m;
        begin(&r, required);
        put(&r, &(struct wanted){.definition = table[i].first}, &m);
        put(&r, &(struct wanted){.version = 2, .definition = table[i].second}, &m);
        finish(&r);
        if (table[i].why) {
            expect(&r, table[i].why);
        } else {
            struct pl_verify_report got = expect_good(&r);
            assert_int_equal(got.unnamed.times, !table[i].first + !table[i].second);
        }
        record_free(&r);
    }
}

static void what_is_of_no_call_is_noted(void **state)
{
    (void)state;
    struct record r = {0};
    struct made m;
    begin(&r, required);
    put(&r, &(struct wanted){0}, &m);
    cast(&r, &(struct ballot){2, YES, .since = NEVER});
    cast(&r, &(struct ballot){3, YES});
    finish(&r);
    struct pl_verify_report got = expect_good(&r);
    assert_int_equal(got.unbound.times, 1);
    assert_int_equal(got.unbound.first, 10);
    record_free(&r);
}

/* A vote that the server kept back is none in a later call of the very same text: here the first
 * one found no quorum. */
static void a_withheld_vote_is_found(void **state)
{
    (void)state;
    static const char quorum[] =
        "{\"title\":\"Council\",\"floor\":\"chaired\",\"encryption\":\"none\",\"quorum\":2,"
        "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}],"
        "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
        "{\"name\":\"Astrid\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
        "{\"name\":\"Dagny\",\"role\":\"delegate\",\"seat\":\"DEN\"}]}";
    for (int withheld = 0; withheld < 2; withheld++) {
        struct record r = {0};
        struct made m;
        begin(&r, quorum);
        put(&r, &(struct wanted){0}, &m);
        const struct pl_act *call =
            RECORD_ACT(CALL_DECISION, call_decision, .decision = pl_str("d"), .version = 1);
        int first = (int)pl_meeting_since(
            r.m, RECORD_ACT(VOTE, vote, .decision = pl_str("d"), .version = 1));
        record_leave(&r, "p3");
        record_act(&r, "p1", RECORD_ACT(CLOSE_DECISION, close_decision, .decision = pl_str("d")));
        record_join(&r, 2);
        record_act(&r, "p1", call);
        cast(&r, &(struct ballot){2, YES, .since = withheld ? first : 0});
        finish(&r);
        if (withheld)
            expect(&r, "is of another call");
        else
            expect_good(&r);
        record_free(&r);
    }
}

static void a_vote_is_used_once(void **state)
{
    (void)state;
    struct record r = {0};
    struct made m;
    begin(&r, required);
    put(&r, &(struct wanted){0}, &m);
    cast(&r, &(struct ballot){2, YES, .time = 7});
    cast(&r, &(struct ballot){2, .choice = PL_CHOICE_NO, .said = PL_CHOICE_NO, .time = 8});
    cast(&r, &(struct ballot){2, YES, .time = 7});
    finish(&r);
    expect(&r, "is used a second time");
    record_free(&r);
}

static void unsigned_votes_are_counted_where_they_may_be(void **state)
{
    (void)state;
    struct record r = {0};
    begin(&r, record_definition);
    cast(&r, &(struct ballot){2, YES, .unsigned_one = true});
    finish(&r);
    struct pl_verify_report got = expect_good(&r);
    assert_int_equal(got.unsigned_acts, 1);
    assert_int_equal(got.signed_acts, 0);
    assert_false(got.signatures_required);
    record_free(&r);
}

/* Manifests */

static void a_manifest_that_is_not_right_is_found(void **state)
{
    (void)state;
    char key2[44], twice[200], chair[200];
    record_public(KEY(2), key2);
    snprintf(twice, sizeof twice,
             ",{\"person\":\"p4\",\"name\":\"X\",\"role\":\"observer\",\"key\":\"%s\"}", key2);
    record_public(KEY(5), key2);
    snprintf(chair, sizeof chair,
             ",{\"person\":\"p2\",\"name\":\"X\",\"role\":\"observer\",\"key\":\"%s\"}", key2);
    const struct {
        struct wanted manifest;
        const char *why;
    } table[] = {
        {{.meeting = "mtg9999999"}, "of another meeting"},
        {{.encryption = "required"}, "differ in their encryption"},
        {{.signer = 0x01}, "not by who is said to have signed it"},
        {{.organiser = 0x01}, "not by who is said to have signed it"},
        {{.event_hash = "00"}, "not the one whose version and SHA-256"},
        {{.event_version = 2}, "not the one whose version and SHA-256"},
        {{.by = "p1"}, "does not carry theirs"},
        {{.revoked = "[1]"}, "cannot be read: revoked"},
        {{.not_after = "-1"}, "cannot be read: not_after"},
        {{.more = twice}, "cannot be read: people[3].key"},
        {{.more = chair}, "cannot be read: people[3].person"},
        {{.p2_seat = "SWE"}, "cannot be read: people[1].seat"},
        {{.seats = "[{\"id\":\"a b\",\"name\":\"X\"}]"}, "cannot be read: seats[0].id"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\"},{\"id\":\"A\",\"name\":\"X\"}]"},
         "cannot be read: seats[1].id"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\",\"country\":\"no\"}]"},
         "cannot be read: seats[0].country"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\",\"weight\":1}]"},
         "cannot be read: seats[0].weight and guest go together"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\",\"guest\":true}]"},
         "cannot be read: seats[0].weight and guest go together"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\",\"weight\":1,\"guest\":1}]"},
         "cannot be read: seats[0].guest"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\",\"weight\":-1,\"guest\":true}]"},
         "cannot be read: seats[0].weight"},
        {{.seats = "[{\"id\":\"A\",\"name\":\"X\",\"weight\":1000000001,\"guest\":true}]"},
         "cannot be read: seats[0].weight"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made m;
        begin(&r, record_definition);
        put(&r, &table[i].manifest, &m);
        finish(&r);
        expect(&r, table[i].why);
        record_free(&r);
    }
}

#define MADE "[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}"
#define SWEDEN(weight, guest)                                                                      \
    ",{\"id\":\"SWE\",\"name\":\"Sweden\",\"country\":\"SE\",\"weight\":" #weight                  \
    ",\"guest\":" #guest "}]"

/* Signed before it is added, or after where nobody had signed yet. */
static void a_seat_is_added_as_it_was_signed(void **state)
{
    (void)state;
    const struct {
        const char *before, *after; /* seats of the manifests; NULL: none is put */
        const char *why;            /* NULL: it is good */
    } table[] = {
        {MADE SWEDEN(3, false), NULL, NULL},
        {NULL, MADE SWEDEN(3, false), NULL},
        {MADE SWEDEN(3, false), MADE SWEDEN(3, false), NULL},
        {NULL, NULL, NULL},
        {MADE "]", NULL, "SWE was added, and is not on the list"},
        {MADE "]", MADE SWEDEN(3, false), "SWE was added, and is not on the list"},
        {NULL, MADE "]", "SWE was added, and is not on the list"},
        {MADE SWEDEN(3, false), MADE "]", "SWE was added, and is not on the list"},
        {MADE SWEDEN(4, false), NULL, "the seat SWE than it was added with: its weight."},
        {NULL, MADE SWEDEN(4, false), "the seat SWE than it was added with: its weight."},
        {MADE SWEDEN(3, false), MADE SWEDEN(2, false),
         "the seat SWE than it was added with: its weight."},
        {MADE SWEDEN(3, true), NULL, "the seat SWE than it was added with: its guest."},
        {NULL, MADE SWEDEN(3, true), "the seat SWE than it was added with: its guest."},
        {MADE ",{\"id\":\"SWE\",\"name\":\"Sweden\",\"country\":\"SE\"}]", NULL,
         "the seat SWE than it was added with: its weight."},
        {MADE ",{\"id\":\"SWE\",\"name\":\"Sweden\",\"weight\":3,\"guest\":false}]", NULL,
         "the seat SWE than it was added with: its country."},
        {MADE ",{\"id\":\"SWE\",\"name\":\"S\",\"country\":\"SE\",\"weight\":3,\"guest\":false}]",
         NULL, "the seat SWE than it was added with: its name."},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made m;
        begin(&r, record_definition);
        if (table[i].before)
            put(&r, &(struct wanted){.seats = table[i].before}, &m);
        record_act(&r, NULL,
                   RECORD_ACT(ADD_SEAT, add_seat, .seat = pl_str("SWE"), .name = pl_str("Sweden"),
                              .country = pl_str("SE"), .weight = 3));
        if (table[i].after)
            put(&r, &(struct wanted){.version = 2, .seats = table[i].after}, &m);
        finish(&r);
        if (table[i].why)
            expect(&r, table[i].why);
        else
            expect_good(&r);
        record_free(&r);
    }
}

static void a_later_manifest_is_higher_and_of_the_same_organiser(void **state)
{
    (void)state;
    static const struct {
        struct wanted manifest;
        const char *why; /* NULL: it is good */
    } table[] = {
        {{.version = 3}, NULL},
        {{.version = 2}, "has version 2, and the one before it 2"},
        {{.version = 1}, "has version 1, and the one before it 2"},
        {{.version = 3, .organiser = 0x01, .signer = 0x01}, "by another organiser"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made m;
        begin(&r, record_definition);
        put(&r, &(struct wanted){.version = 2, .not_after = "5"}, &m);
        put(&r, &table[i].manifest, &m);
        finish(&r);
        if (table[i].why) {
            expect(&r, table[i].why);
        } else {
            struct pl_verify_report got = expect_good(&r);
            assert_int_equal(got.manifests, 2);
            assert_int_equal(got.expired.times, 1);
        }
        record_free(&r);
    }
}

static void who_may_signs_a_later_manifest(void **state)
{
    (void)state;
    char key4[44], late[200], chair[200];
    record_public(KEY(4), key4);
    snprintf(late, sizeof late,
             ",{\"person\":\"p4\",\"name\":\"X\",\"role\":\"observer\",\"key\":\"%s\"}", key4);
    snprintf(chair, sizeof chair,
             ",{\"person\":\"p4\",\"name\":\"X\",\"role\":\"chair\",\"key\":\"%s\"}", key4);
#define LATE .version = 2, .by = "p1", .late = "p1", .signer = KEY(1)
    const struct {
        struct wanted base, manifest;
        const char *why; /* NULL: it is good */
    } table[] = {
        {{.late = "p1"}, {LATE, .more = late}, NULL},
        {{.late = "p1"}, {LATE, .revoked = "[\"p2\"]"}, NULL},
        {{.late = "p1", .definition = RIGHT}, {LATE, .definition = RIGHT}, NULL},
        {{.late = "p1"}, {LATE, .definition = RIGHT}, "change the meeting's definition"},
        {{.late = "p1", .definition = RIGHT}, {LATE}, "change the meeting's definition"},
        {{.late = "p2"}, {LATE}, "p1 may not sign a manifest"},
        {{.late = "p1", .revoked = "[\"p1\"]"}, {LATE, .revoked = "[\"p1\"]"}, "p1 may not sign"},
        {{.late = "p1", .signer = 0x01}, {LATE}, "not by who is said"},
        {{.late = "p1"},
         {.version = 2, .by = "p1", .late = "p1", .signer = KEY(2)},
         "not by who is said"},
        {{.late = "p1"},
         {.version = 2, .by = "p1", .late = "p2", .signer = KEY(1)},
         "change who may sign"},
        {{.late = "p1", .not_after = "5"}, {LATE, .not_after = "6"}, "change how long"},
        {{.late = "p1", .version = 2}, {LATE}, "change the order of versions"},
        {{.late = "p1"}, {LATE, .p2_seat = "DEN"}, "changes or drops p2, who was named"},
        {{.late = "p1"},
         {LATE,
          .seats = "[{\"id\":\"NOR\",\"name\":\"Norge\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}]"},
         "change the seats"},
        {{.late = "p1", .seats = MADE SWEDEN(3, false)},
         {LATE, .seats = MADE SWEDEN(3, false)},
         NULL},
        {{.late = "p1"}, {LATE, .seats = MADE SWEDEN(3, false)}, "change the seats"},
        {{.late = "p1", .seats = MADE SWEDEN(3, false)},
         {LATE, .seats = MADE SWEDEN(4, false)},
         "change the seats"},
        {{.late = "p1", .seats = MADE SWEDEN(3, false)},
         {LATE, .seats = MADE SWEDEN(3, true)},
         "change the seats"},
        {{.late = "p1", .seats = MADE SWEDEN(0, false)},
         {LATE, .seats = MADE ",{\"id\":\"SWE\",\"name\":\"Sweden\",\"country\":\"SE\"}]"},
         "change the seats"},
        {{.late = "p1"}, {LATE, .more = chair}, "names another chair, p4"},
        {{.late = "p1", .revoked = "[\"p3\",\"p9\"]"},
         {LATE, .revoked = "[\"p3\"]"},
         "takes back that p9 is revoked"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made base, m;
        struct wanted w = table[i].manifest;
        begin(&r, record_definition);
        write_text(&table[i].base, &base);
        w.base = base.text;
        w.base_signature = base.signature;
        put(&r, &w, &m);
        finish(&r);
        if (table[i].why)
            expect(&r, table[i].why);
        else
            expect_good(&r);
        record_free(&r);
    }
}

static void who_may_undoes_nothing_of_the_organisers(void **state)
{
    (void)state;
#define AFTER .version = 6, .by = "p1", .late = "p1", .signer = KEY(1)
    static const struct {
        struct wanted base, then, manifest; /* base: not put; its version 0: `then` is the base */
        const char *why;                    /* NULL: it is good */
    } table[] = {
        {{.version = 3, .late = "p1"},
         {.version = 5, .late = "p1", .revoked = "[\"p3\"]"},
         {AFTER},
         "on the organiser's version 3, and they have signed version 5"},
        {{.version = 3, .late = "p1"}, {.version = 5}, {AFTER}, "on the organiser's version 3"},
        {{0}, {.version = 5, .late = "p1", .revoked = "[\"p3\"]"}, {AFTER}, "takes back that p3"},
        {{0},
         {.version = 5, .late = "p1", .revoked = "[\"p3\"]"},
         {AFTER, .revoked = "[\"p3\"]"},
         NULL},
        {{.version = 3, .late = "p1"},
         {.version = 5, .revoked = "[\"p3\"]"},
         {.version = 6},
         NULL}, /* the organiser undoes it */
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {0};
        struct made base, then, m;
        struct wanted w = table[i].manifest;
        begin(&r, record_definition);
        write_text(&table[i].base, &base);
        put(&r, &table[i].then, &then);
        if (w.by) {
            w.base = table[i].base.version ? base.text : then.text;
            w.base_signature = table[i].base.version ? base.signature : then.signature;
        }
        put(&r, &w, &m);
        finish(&r);
        if (table[i].why)
            expect(&r, table[i].why);
        else
            expect_good(&r);
        record_free(&r);
    }
}

static void who_may_undoes_nothing_of_their_own(void **state)
{
    (void)state;
    struct record r = {0};
    struct made base, m;
    struct wanted w = {.late = "p1"};
    begin(&r, record_definition);
    write_text(&w, &base);
    w = (struct wanted){LATE, .revoked = "[\"p3\"]", .base = base.text};
    w.base_signature = base.signature;
    put(&r, &w, &m);
    w.version = 3;
    w.revoked = NULL;
    put(&r, &w, &m);
    finish(&r);
    expect(&r, "takes back that p3 is revoked");
    record_free(&r);
}

static void without_a_manifest_nobody_is_the_organiser(void **state)
{
    (void)state;
    struct record r = {0};
    begin(&r, record_definition);
    finish(&r);
    expect_good(&r);
    struct pl_verify_report got = check_with(&r, "00000 00000 00000 00000 00000 00000 00000 00000");
    assert_true(got.faulty && strstr(got.fault.why, "has no manifest"));
    record_free(&r);
}

/* Cosignatures */

static void cosign(struct record *r, const char *name, uint8_t key, struct pl_buf *lines)
{
    struct pl_buf note = {0};
    struct pl_note parsed;
    uint8_t seed[PL_SEED_SIZE];
    memset(seed, key, sizeof seed);
    record_note(r, &note);
    assert_int_equal(pl_note_parse((struct pl_str){note.data, note.len}, &parsed), PL_OK);
    pl_cosign(lines, parsed.text, pl_str(name), 1764100000, seed);
    pl_buf_free(&note);
}

/* Whoever makes a record may give a person key after key, and cosignatures that wait for the last:
 * each is tried with its own key alone. */
static void each_cosignature_is_tried_once(void **state)
{
    (void)state;
    enum { MANY = 40 };
    struct record r = {0};
    begin(&r, record_definition);
    for (int i = 0; i < MANY; i++) {
        struct made m;
        struct pl_buf lines = {0};
        char key[44], more[200];
        record_public((uint8_t)(0x80 + i), key);
        snprintf(more, sizeof more,
                 ",{\"person\":\"p9\",\"name\":\"N\",\"role\":\"observer\",\"key\":\"%s\"}", key);
        cosign(&r, RECORD_ORIGIN "/person/p9", 0x80 + MANY - 1, &lines);
        record_checkpoint(&r, (struct pl_str){lines.data, lines.len});
        put(&r, &(struct wanted){.version = i + 1, .more = more}, &m);
        pl_buf_free(&lines);
    }
    finish(&r);
    struct pl_verify_report got = expect_good(&r);
    assert_int_equal(got.cosignatures, MANY);
    assert_int_equal(got.tried, MANY);
    record_free(&r);
}

static void cosignatures_are_verified(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t key;
        uint64_t witnesses;
        const char *why; /* NULL: it is good */
    } table[] = {
        {RECORD_ORIGIN "/person/p3", KEY(3), 0, NULL},
        {"witness.example.org", 0x01, 1, NULL},
        {RECORD_ORIGIN "/person/p3", KEY(2), 0, "not by a key that a manifest gives this person"},
        {RECORD_ORIGIN "/person/p9", KEY(3), 0, "not by a key that a manifest gives this person"},
        {RECORD_ORIGIN "/person/p2", KEY(2), 0, "not in the order of their names"},
    };
    for (size_t before = 0; before < 2; before++) {
        for (size_t i = 0; i < COUNT(table); i++) {
            struct record r = {0};
            struct made m;
            struct pl_buf lines = {0};
            begin(&r, record_definition);
            if (before)
                put(&r, &(struct wanted){0}, &m);
            cosign(&r, RECORD_ORIGIN "/person/p2", KEY(2), &lines);
            cosign(&r, table[i].name, table[i].key, &lines);
            record_checkpoint(&r, (struct pl_str){lines.data, lines.len});
            pl_buf_free(&lines);
            if (!before)
                put(&r, &(struct wanted){0}, &m);
            finish(&r);
            if (table[i].why) {
                expect(&r, table[i].why);
                assert_int_equal(check_with(&r, NULL).fault.line, before ? 13 : 11);
            } else {
                struct pl_verify_report got = expect_good(&r);
                assert_int_equal(got.cosignatures, 2 - table[i].witnesses);
                assert_int_equal(got.cosigners, 2 - table[i].witnesses);
                assert_int_equal(got.witnesses.times, table[i].witnesses);
            }
            record_free(&r);
        }
    }
}

static void fingerprints_have_two_forms(void **state)
{
    (void)state;
    uint8_t seed[PL_SEED_SIZE] = {1}, key[PL_PUBLIC_KEY_SIZE];
    char words[PL_FINGERPRINT_WORDS_SIZE], close[42];
    size_t n = 0;
    pl_ed25519_public(seed, key);
    pl_fingerprint_words(key, words);
    assert_int_equal(strlen(words), 47);
    assert_true(pl_fingerprint_ok(pl_str(words)));
    assert_true(pl_fingerprint_is(pl_str(words), key));
    for (const char *c = words; *c; c++)
        if (*c != ' ')
            close[n++] = *c;
    close[n] = 0;
    assert_true(pl_fingerprint_is(pl_str(close), key));
    close[39] = 0;
    assert_false(pl_fingerprint_ok(pl_str(close)));
    strcpy(close + 39, "00");
    assert_false(pl_fingerprint_ok(pl_str(close)));
    assert_false(pl_fingerprint_ok(pl_str("")));
    key[0] ^= 1;
    assert_false(pl_fingerprint_is(pl_str(words), key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_votes_are_good),
        cmocka_unit_test(a_vote_that_is_not_theirs_is_found),
        cmocka_unit_test(the_definition_is_signed),
        cmocka_unit_test(what_is_of_no_call_is_noted),
        cmocka_unit_test(a_withheld_vote_is_found),
        cmocka_unit_test(a_vote_is_used_once),
        cmocka_unit_test(unsigned_votes_are_counted_where_they_may_be),
        cmocka_unit_test(a_manifest_that_is_not_right_is_found),
        cmocka_unit_test(a_seat_is_added_as_it_was_signed),
        cmocka_unit_test(a_later_manifest_is_higher_and_of_the_same_organiser),
        cmocka_unit_test(who_may_signs_a_later_manifest),
        cmocka_unit_test(who_may_undoes_nothing_of_the_organisers),
        cmocka_unit_test(who_may_undoes_nothing_of_their_own),
        cmocka_unit_test(without_a_manifest_nobody_is_the_organiser),
        cmocka_unit_test(a_vote_is_by_who_holds_the_voice),
        cmocka_unit_test(each_cosignature_is_tried_once),
        cmocka_unit_test(cosignatures_are_verified),
        cmocka_unit_test(fingerprints_have_two_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
