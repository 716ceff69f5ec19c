/* The verifier of exported records: a good one passes, and each kind of fault is named with its
 * place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct pl_verify_report check_with(struct pl_str file, const char *key)
{
    struct pl_verify_report report;
    const struct pl_verify_config config = {.random = record_random(),
                                            .key = key ? pl_str(key) : (struct pl_str){0}};
    assert_int_equal(pl_record_verify(file, &config, &report), PL_OK);
    return report;
}

static struct pl_verify_report check(struct pl_str file)
{
    return check_with(file, NULL);
}

static struct pl_str whole(const struct record *r)
{
    return (struct pl_str){r->file.data, r->file.len};
}

/* Says what was found, if it is not this. */
static void expect(const struct pl_verify_report *r, uint64_t line, uint64_t event, const char *why)
{
    if (!r->faulty || r->fault.line != line || r->fault.event != event ||
        !strstr(r->fault.why, why))
        fail_msg("wanted line %llu, event %llu: %s\nfound %s line %llu, event %llu: %s",
                 (unsigned long long)line, (unsigned long long)event, why,
                 r->faulty ? "a fault" : "none", (unsigned long long)r->fault.line,
                 (unsigned long long)r->fault.event, r->fault.why);
}

static void expect_good(const struct pl_verify_report *r)
{
    if (r->faulty)
        fail_msg("line %llu, event %llu: %s", (unsigned long long)r->fault.line,
                 (unsigned long long)r->fault.event, r->fault.why);
    assert_true(r->complete);
}

static void make(struct record *r)
{
    r->apart = 5;
    record_begin(r, record_definition);
    record_meeting(r);
    record_checkpoint(r, (struct pl_str){0});
    record_end(r);
}

static void a_good_record_passes(void **state)
{
    (void)state;
    struct record r = {0};
    make(&r);
    struct pl_verify_report got = check(whole(&r));
    expect_good(&got);
    assert_string_equal(got.title, "Council");
    assert_string_equal(got.server, RECORD_NAME);
    assert_string_equal(got.meeting, RECORD_MEETING);
    assert_int_equal(got.events, r.tree.size);
    assert_int_equal(got.checkpoints, r.tree.size / 5 + 1);
    assert_int_equal(got.lines, got.events + got.checkpoints + 3);
    assert_int_equal(got.results, 2);
    assert_int_equal(got.from_ms, RECORD_AT);
    assert_int_equal(got.clock_back.times, 0);
    assert_int_equal(got.unsalted.times, 0);
    assert_false(got.key_pinned);
    record_free(&r);
}

/* A file as its lines, to be changed. */
struct lines {
    struct pl_str list[100];
    size_t n;
};

static struct lines split(struct pl_str file)
{
    struct lines l = {.n = 0};
    while (file.n) {
        assert_true(l.n < COUNT(l.list));
        l.list[l.n++] = pl_str_split(&file, '\n');
    }
    return l;
}

static struct pl_verify_report check_lines(const struct lines *l)
{
    struct pl_buf file = {0};
    for (size_t i = 0; i < l->n; i++)
        pl_write_bytes_line(&file, l->list[i]);
    struct pl_verify_report got = check((struct pl_str){file.data, file.len});
    pl_buf_free(&file);
    return got;
}

static void a_line_that_is_missing_is_named(void **state)
{
    (void)state;
    struct record r = {0};
    make(&r);
    struct lines all = split(whole(&r));
    for (size_t out = 0; out < all.n; out++) {
        struct lines l = all;
        memmove(l.list + out, l.list + out + 1, (l.n - out - 1) * sizeof *l.list);
        l.n--;
        struct pl_verify_report got = check_lines(&l);
        bool is_event = memcmp(all.list[out].p, "{\"number\"", 9) == 0;
        const char *why = out == 0                       ? "its first line is not a head"
                          : out == 1                     ? "definition is missing"
                          : out == all.n - 1             ? "The end of the record is missing"
                          : out == all.n - 2             ? "is in no checkpoint"
                          : is_event && out == all.n - 3 ? "stands behind event"
                          : out == 2                     ? "Behind the definition"
                          : is_event && all.list[out + 1].p[2] == 'n' ? "is due: what stood between"
                          : is_event                                  ? "stands behind event"
                                                                      : "";
        if (*why)
            expect(&got, out + 1, got.fault.event, why);
        else
            expect(&got, l.n, 0, "The end says that 23 lines stand before it, and there are 22.");
    }
    record_free(&r);
}

static void a_file_that_is_cut_off_is_found(void **state)
{
    (void)state;
    struct record r = {0};
    make(&r);
    for (size_t n = 0; n < r.file.len; n++) {
        if (n % 5 && r.file.data[n - 1] != '\n')
            continue;
        struct pl_verify_report got = check((struct pl_str){r.file.data, n});
        assert_true(got.faulty);
        if (n == 0)
            expect(&got, 1, 0, "The file is empty.");
        else if (r.file.data[n - 1] == '\n')
            expect(&got, got.lines + 1, 0, "the file was cut off");
        else
            expect(&got, got.lines + 1, 0, "The file breaks off in the middle of this line.");
    }
    record_free(&r);
}

static void a_line_twice_or_elsewhere_is_found(void **state)
{
    (void)state;
    struct record r = {0};
    make(&r);
    struct lines all = split(whole(&r));
    for (size_t i = 0; i < all.n; i++) {
        struct lines l = all;
        memmove(l.list + i + 1, l.list + i, (l.n - i) * sizeof *l.list);
        l.n++;
        struct pl_verify_report got = check_lines(&l);
        assert_true(got.faulty);
        assert_int_equal(got.fault.line, i + 2);
    }
    for (size_t i = 0; i + 1 < all.n; i++) {
        struct lines l = all;
        l.list[i] = all.list[i + 1];
        l.list[i + 1] = all.list[i];
        struct pl_verify_report got = check_lines(&l);
        assert_true(got.faulty);
        assert_in_range(got.fault.line, i + 1, i + 2);
    }
    record_free(&r);
}

static void a_flipped_bit_is_found(void **state)
{
    (void)state;
    struct record r = {0};
    make(&r);
    uint64_t x = 88172645463325252;
    for (size_t i = 0; i < r.file.len; i += 2) {
        uint8_t bit;
        record_fill(&x, &bit, 1);
        char was = r.file.data[i];
        r.file.data[i] = (char)(was ^ 1 << bit % 8);
        struct pl_verify_report got = check(whole(&r));
        if (!got.faulty)
            fail_msg("byte %zu, bit %d", i, bit % 8);
        r.file.data[i] = was;
    }
    struct pl_verify_report got = check(whole(&r));
    expect_good(&got);
    record_free(&r);
}

/* In place of a text of the file, another of any length. */
static struct pl_verify_report check_changed(const struct record *r, const char *from,
                                             const char *to)
{
    struct pl_buf file = {0};
    const char *at = strstr(r->file.data, from);
    assert_non_null(at);
    pl_buf_add(&file, r->file.data, (size_t)(at - r->file.data));
    pl_buf_puts(&file, to);
    at += strlen(from);
    pl_buf_puts(&file, at);
    struct pl_verify_report got = check((struct pl_str){file.data, file.len});
    pl_buf_free(&file);
    return got;
}

static void what_was_changed_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        uint64_t line, event;
        const char *why;
    } table[] = {
        {"\"format\":1", "\"format\":2", 1, 0, "has the format 2"},
        {"\"meeting\":\"mtg", "\"meeting\":\"mtx", 1, 0, "origin is not a server's name"},
        {"\"origin\":\"parley.", "\"origin\":\"barley.", 1, 0, "no verifier key of this origin"},
        {"{\"record\":\"head\",", "{\"record\":\"head\", ", 1, 0,
         "not in the canonical encoding, from byte 18 on"},
        {"\"title\\\":\\\"Council", "\"title\\\":\\\"Counsel", 3, 1,
         "The definition before this event"},
        {"\"title\\\":\\\"Council", "\"tittle\\\":\\\"Council", 2, 0,
         "definition cannot be read: tittle"},
        {"\"act\":\"joined\"", "\"act\":\"joyned\"", 5, 3, "cannot be read: act"},
        {"\"participant\":\"p1\"", "\"participant\":\"p1.000000000000000001\"", 5, 3,
         "cannot come after what stands before it"},
        {"\"by\":\"p1\",\"salt\":\"", "\"by\":\"p2\",\"salt\":\"", 14, 0,
         "one of the events 6 to 10 is not as the server signed it"},
        {"\"at\":1764100001000", "\"at\":1764100001001", 8, 0, "one of the events 1 to 5"},
        {"Ships go.", "Ships stay.", 11, 8, "The text to be decided on is not the one"},
        {"\"choice\":\"abstain\"", "\"choice\":\"no\"", 16, 12,
         "declared as adopted; by its rule and the votes it is not adopted: "},
        {"\"outcome\":\"adopted\"", "\"outcome\":\"not_adopted\"", 16, 12,
         "declared as not adopted"},
        {"more yes than no was", "more yes than noes was", 16, 12, "but its words are not"},
        {"\\u000a10\\u000a", "\\u000a9\\u000a", 14, 0,
         "is of 9 events, and stands behind event 10"},
        {"\"lines\":", "\"lines\":1", 24, 0, "The end says that 1"},
    };
    struct record r = {0};
    make(&r);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct pl_verify_report got = check_changed(&r, table[i].from, table[i].to);
        expect(&got, table[i].line, table[i].event, table[i].why);
    }
    record_free(&r);
}

/* Keys */

static const char *vkey(char out[400], const char *name, uint8_t seed_byte)
{
    uint8_t seed[PL_SEED_SIZE], key[PL_PUBLIC_KEY_SIZE];
    struct pl_buf text = {0};
    memset(seed, seed_byte, sizeof seed);
    pl_ed25519_public(seed, key);
    struct pl_vkey v = pl_vkey(pl_str(name), PL_NOTE_ED25519, key);
    pl_vkey_print(&text, &v);
    snprintf(out, 400, "%s", text.data);
    pl_buf_free(&text);
    return out;
}

static void the_key_is_pinned(void **state)
{
    (void)state;
    struct record r = {0};
    char key[400];
    make(&r);
    static const char *const names[] = {RECORD_NAME, RECORD_NAME "/server", RECORD_ORIGIN};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct pl_verify_report got = check_with(whole(&r), vkey(key, names[i], 0x11));
        expect_good(&got);
        assert_true(got.key_pinned);
    }
    struct pl_verify_report got = check_with(whole(&r), vkey(key, RECORD_NAME, 0x12));
    expect(&got, 1, 0, "not signed by the key that you gave");
    got = check_with(whole(&r), vkey(key, "other.example.org", 0x11));
    expect(&got, 1, 0, "The key that you gave is named other.example.org");
    record_free(&r);
}

/* From here on the server has the key of this seed. */
static void rotate(struct record *r, uint8_t seed_byte, bool rightly)
{
    char key[400], text[800];
    struct pl_buf note = {0};
    uint8_t by[PL_SEED_SIZE];
    memset(by, rightly ? r->seed[0] : 0x77, sizeof by);
    snprintf(text, sizeof text, "parley key rotation v1\n%s\n%s\n", RECORD_NAME,
             vkey(key, RECORD_NAME, seed_byte));
    pl_note_sign(&note, pl_str(text), pl_str(RECORD_NAME), by);
    pl_write_rotation(&r->file, (struct pl_str){note.data, note.len});
    pl_buf_free(&note);
    memset(r->seed, seed_byte, sizeof r->seed);
}

static void make_rotated(struct record *r, bool rightly)
{
    record_begin(r, record_definition);
    record_checkpoint(r, (struct pl_str){0});
    rotate(r, 0x22, rightly);
    record_meeting(r);
    record_checkpoint(r, (struct pl_str){0});
    rotate(r, 0x33, true);
    record_end(r);
}

static void the_key_is_changed(void **state)
{
    (void)state;
    struct record r = {0};
    char key[400];
    make_rotated(&r, true);
    for (uint8_t seed = 0x11; seed <= 0x33; seed += 0x11) {
        struct pl_verify_report got = check_with(whole(&r), vkey(key, RECORD_NAME, seed));
        expect_good(&got);
        assert_int_equal(got.rotations, 2);
        assert_string_equal(got.key, vkey(key, RECORD_ORIGIN, 0x33));
    }
    struct pl_verify_report got = check_changed(&r, "rotation v1", "rotation v2");
    expect(&got, 5, 0, "no note by which the server's key is changed");
    record_free(&r);
    r = (struct record){0};
    make_rotated(&r, false);
    got = check(whole(&r));
    expect(&got, 5, 0, "not signed by the key before");
    record_free(&r);
}

static void another_key_signs_nothing(void **state)
{
    (void)state;
    struct record r = {0};
    record_begin(&r, record_definition);
    record_meeting(&r);
    uint64_t line = r.tree.size + 3;
    memset(r.seed, 0x44, sizeof r.seed);
    record_checkpoint(&r, (struct pl_str){0});
    record_end(&r);
    struct pl_verify_report got = check(whole(&r));
    expect(&got, line, 0, "This checkpoint is not signed by the server's key.");
    record_free(&r);
    r = (struct record){0};
    record_begin(&r, record_definition);
    record_meeting(&r);
    record_checkpoint(&r, (struct pl_str){0});
    memset(r.seed, 0x44, sizeof r.seed);
    record_end(&r);
    got = check(whole(&r));
    expect(&got, line + 1, 0, "The end is not signed by the server's key.");
    record_free(&r);
}

/* What the server signs, though it is not so */

static void other_result(struct pl_act *e)
{
    if (e->type == PL_ACT_CLOSE_DECISION)
        e->close_decision.outcome = PL_OUTCOME_NO_QUORUM;
}

static void other_end(struct pl_act *e)
{
    if (e->type == PL_ACT_SETTLED)
        e->settled.due++;
}

static void nobody_left(struct pl_act *e)
{
    if (e->type == PL_ACT_PUT_ITEM)
        *e = (struct pl_act){.type = PL_ACT_LEFT,
                             .number = e->number,
                             .at_ms = e->at_ms,
                             .left = {.participant = pl_str("p4")}};
}

static void no_share(struct pl_act *e)
{
    if (e->type == PL_ACT_PUT_DECISION) {
        e->put_decision.rule.has_seats_num = true;
        e->put_decision.rule.seats_num = 1;
    }
}

static void early(struct pl_act *e)
{
    if (e->number == 4)
        e->at_ms = RECORD_AT - 1;
}

static void with_escapes(struct pl_act *e)
{
    static char words[2000];
    if (e->type != PL_ACT_VOTE || e->vote.choice != PL_CHOICE_BREAK_SILENCE)
        return;
    memset(words, 'x', sizeof words - 1);
    for (size_t i = 20; i + 2 < sizeof words; i += 2)
        memcpy(words + i, "\xc3\xa9", 2);
    memcpy(words,
           "\nGood.\xc2\x9b"
           "2J\n",
           10);
    e->vote.statement = pl_str(words);
}

static void broken_twice(struct pl_act *e)
{
    if (e->type == PL_ACT_SETTLED)
        *e = (struct pl_act){.type = PL_ACT_VOTE,
                             .number = e->number,
                             .at_ms = e->at_ms,
                             .by = pl_str("p2"),
                             .salt = e->salt,
                             .vote = {.decision = pl_str("s"),
                                      .version = 1,
                                      .choice = PL_CHOICE_RECEIPT,
                                      .seat = pl_str("NOR")}};
}

static void a_fault_is_one_line_of_text(void **state)
{
    (void)state;
    struct record r = {.lie = with_escapes};
    make(&r);
    struct pl_verify_report got = check(whole(&r));
    expect(&got, got.fault.line, 17, "Norway broke it. The reason:  Good.  2Jxx");
    assert_in_range(strlen(got.fault.why), PL_FAULT_WHY_SIZE - 3, PL_FAULT_WHY_SIZE - 1);
    assert_true(pl_text_ok(pl_str(got.fault.why)));
    assert_null(strchr(got.fault.why, '\n'));
    record_free(&r);
}

static void a_lie_that_is_signed_is_found(void **state)
{
    (void)state;
    static const struct {
        void (*lie)(struct pl_act *);
        uint64_t line, event;
        const char *why;
    } table[] = {
        {other_result, 14, 12,
         "declared as without a quorum; by its rule and the votes it is adopted"},
        {other_end, 19, 17, "neither at its deadline nor when it was broken"},
        {broken_twice, 19, 17, "The silence on s was broken by the event before"},
        {nobody_left, 8, 6, "This event (left) cannot come after what stands before it."},
        {no_share, 10, 8, "This event (put_decision) cannot come after"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct record r = {.lie = table[i].lie};
        record_begin(&r, record_definition);
        record_meeting(&r);
        record_checkpoint(&r, (struct pl_str){0});
        record_end(&r);
        struct pl_verify_report got = check(whole(&r));
        expect(&got, table[i].line, table[i].event, table[i].why);
        record_free(&r);
    }
}

static void a_clock_that_goes_back_is_noted(void **state)
{
    (void)state;
    struct record r = {.lie = early};
    make(&r);
    struct pl_verify_report got = check(whole(&r));
    expect_good(&got);
    assert_int_equal(got.clock_back.times, 1);
    assert_int_equal(got.clock_back.first, 4);
    record_free(&r);
}

/* Witnesses elsewhere */

#define WITNESS "witness.example.org/w1"

static struct pl_vkey witness_key(const char *name, uint8_t seed_byte)
{
    uint8_t seed[PL_SEED_SIZE], key[PL_PUBLIC_KEY_SIZE];
    memset(seed, seed_byte, sizeof seed);
    pl_ed25519_public(seed, key);
    return pl_vkey(pl_str(name), PL_NOTE_COSIGNATURE, key);
}

/* Cosigned by a witness at its end; `text` is what it signed, NULL: what there is. */
static void make_witnessed(struct record *r, uint8_t seed_byte, const char *text)
{
    uint8_t seed[PL_SEED_SIZE];
    memset(seed, seed_byte, sizeof seed);
    record_begin(r, record_definition);
    record_meeting(r);
    struct pl_buf note = {0}, line = {0};
    struct pl_note read;
    record_note(r, &note);
    assert_int_equal(pl_note_parse((struct pl_str){note.data, note.len}, &read), PL_OK);
    pl_cosign(&line, text ? pl_str(text) : read.text, pl_str(WITNESS), 1764100000, seed);
    record_checkpoint(r, (struct pl_str){line.data, line.len});
    record_end(r);
    pl_buf_free(&note);
    pl_buf_free(&line);
}

static struct pl_verify_report check_witnessed(struct pl_str file, const struct pl_vkey *keys,
                                               size_t n)
{
    struct pl_verify_report report;
    const struct pl_verify_config config = {
        .random = record_random(), .witnesses = keys, .n_witnesses = n};
    assert_int_equal(pl_record_verify(file, &config, &report), PL_OK);
    return report;
}

static void a_witness_is_believed_by_its_key(void **state)
{
    (void)state;
    struct record r = {0};
    const struct pl_vkey keys[] = {witness_key(WITNESS, 0x51), witness_key("other.example", 0x52),
                                   witness_key(WITNESS, 0x52)};
    make_witnessed(&r, 0x51, NULL);
    struct pl_verify_report got = check(whole(&r));
    expect_good(&got);
    assert_int_equal(got.witnesses.times, 1);
    got = check_witnessed(whole(&r), keys, 1);
    expect_good(&got);
    assert_int_equal(got.witnesses.times, 0);
    assert_int_equal(got.witnessed[0].checkpoints, 1);
    assert_int_equal(got.witnessed[0].last, r.tree.size);
    assert_int_equal(got.witnessed[0].last_s, 1764100000);
    got = check_witnessed(whole(&r), keys, 2);
    expect(&got, 1, 0, "The witness that you gave, other.example, cosigned no checkpoint");
    got = check_witnessed(whole(&r), keys + 2, 1);
    expect(&got, 1, 0, "The witness that you gave, " WITNESS ", cosigned no checkpoint");
    record_free(&r);
    r = (struct record){0};
    make_witnessed(&r, 0x51, RECORD_ORIGIN "\n1\nAAAA\n");
    got = check_witnessed(whole(&r), keys, 1);
    expect(&got, 20, 0, "The cosignature by the witness " WITNESS " does not hold");
    got = check(whole(&r));
    expect_good(&got); /* nobody can tell without the key */
    record_free(&r);
}

static void a_witness_has_a_key_of_its_kind(void **state)
{
    (void)state;
    char text[400];
    struct pl_buf good = {0};
    struct pl_vkey key = witness_key(WITNESS, 0x51), read;
    pl_vkey_print(&good, &key);
    assert_int_equal(pl_verify_witness_key(pl_str(good.data), &read), PL_OK);
    assert_int_equal(read.id, key.id);
    assert_int_equal(pl_verify_witness_key(pl_str(vkey(text, WITNESS, 0x51)), &read), PL_EINVAL);
    assert_int_equal(pl_verify_witness_key(pl_str("nothing"), &read), PL_EINVAL);
    pl_buf_free(&good);
}

/* Minutes */

static const char english[] = "Minutes: Council\n", french[] = "Proc\xc3\xa8s-verbal : Council\n";

static void put_minutes(struct record *r, const char *en, const char *fr)
{
    const struct pl_line_minutes m = {pl_str(en), pl_str(fr)};
    pl_write_minutes(&r->file, &m);
}

/* With the hash of the two above. */
static void adopt(struct record *r)
{
    static const char both[] = "Minutes: Council\nProc\xc3\xa8s-verbal : Council\n";
    uint8_t hash[PL_SHA256_SIZE];
    char hex[65];
    pl_sha256(both, sizeof both - 1, hash);
    pl_hex(hash, sizeof hash, hex);
    record_act(r, "p1", RECORD_ACT(ADOPT_MINUTES, adopt_minutes, .hash = pl_str(hex)));
}

static void close_session(struct record *r)
{
    record_begin(r, record_definition);
    record_meeting(r);
    record_act(r, "p1", RECORD_ACT(SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED));
}

static struct pl_verify_report check_adopted(const char *en, const char *fr)
{
    struct record r = {0};
    close_session(&r);
    if (en)
        put_minutes(&r, en, fr);
    adopt(&r);
    record_checkpoint(&r, (struct pl_str){0});
    record_end(&r);
    struct pl_verify_report got = check(whole(&r));
    record_free(&r);
    return got;
}

static void adopted_minutes_are_those_that_were_read(void **state)
{
    (void)state;
    struct pl_verify_report got = check_adopted(english, french);
    expect_good(&got);
    assert_int_equal(got.minutes, 1);
    assert_int_equal(got.minutes_elsewhere.times, 0);
    got = check_adopted(NULL, NULL);
    expect_good(&got);
    assert_int_equal(got.minutes, 0);
    assert_int_equal(got.minutes_elsewhere.times, 1);
    uint64_t event = got.minutes_elsewhere.first;
    got = check_adopted(english, "Proc\xc3\xa8s-verbal : Counsel\n");
    expect(&got, event + 3, event, "The minutes before this event are not those");
}

static void minutes_stand_before_their_adoption(void **state)
{
    (void)state;
    struct record r = {0};
    close_session(&r);
    put_minutes(&r, english, french);
    record_checkpoint(&r, (struct pl_str){0});
    struct pl_verify_report got = check(whole(&r));
    expect(&got, r.tree.size + 4, 0, "Behind the minutes their event (adopt_minutes) is missing");
    record_free(&r);
}

/* The longest that a line takes, and one byte more. */
static void minutes_are_not_longer_than_a_line(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct pl_buf text = {0}, line = {0};
        struct pl_record_line read = {0};
        struct pl_decode_error error;
        for (size_t i = 0; i < PL_LINE_MINUTES_MAX + more; i++)
            pl_buf_puts(&text, "\n");
        const struct pl_line_minutes m = {{text.data, PL_LINE_MINUTES_MAX}, {text.data, text.len}};
        pl_write_minutes(&line, &m);
        assert_true(line.len <= PL_LINE_MAX);
        enum pl_err err = pl_line_decode((struct pl_str){line.data, line.len - 1}, &read, &error);
        assert_int_equal(err, more ? PL_ELIMIT : PL_OK);
        if (more)
            assert_string_equal(error.field, "fr");
        pl_line_free(&read);
        pl_buf_free(&text);
        pl_buf_free(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_record_passes),
        cmocka_unit_test(a_line_that_is_missing_is_named),
        cmocka_unit_test(a_file_that_is_cut_off_is_found),
        cmocka_unit_test(a_line_twice_or_elsewhere_is_found),
        cmocka_unit_test(a_flipped_bit_is_found),
        cmocka_unit_test(what_was_changed_is_named),
        cmocka_unit_test(the_key_is_pinned),
        cmocka_unit_test(the_key_is_changed),
        cmocka_unit_test(another_key_signs_nothing),
        cmocka_unit_test(a_lie_that_is_signed_is_found),
        cmocka_unit_test(a_fault_is_one_line_of_text),
        cmocka_unit_test(a_clock_that_goes_back_is_noted),
        cmocka_unit_test(a_witness_is_believed_by_its_key),
        cmocka_unit_test(a_witness_has_a_key_of_its_kind),
        cmocka_unit_test(adopted_minutes_are_those_that_were_read),
        cmocka_unit_test(minutes_stand_before_their_adoption),
        cmocka_unit_test(minutes_are_not_longer_than_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
