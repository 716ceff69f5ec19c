/* The key of records: what its holder signs, and what it does not, whoever asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "record/keyholder.h"

#include <stdio.h>
#include <string.h>

#define EVENTS 9
#define LOG "bcdfghjkmn"

struct fixture {
    uint8_t seed[PL_SEED_SIZE];
    struct pl_keyholder holder;
    struct pl_merkle tree, other; /* the other one differs in the fourth event */
    struct pl_buf answer;
    struct pl_str rest;
};

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

static void grow(struct pl_merkle *t, int differs)
{
    for (int i = 0; i < EVENTS; i++) {
        char text[8];
        int n = snprintf(text, sizeof text, "%d%s", i, i == differs ? "x" : "");
        const struct pl_hash leaf = pl_merkle_leaf(text, (size_t)n);
        assert_int_equal(pl_merkle_add(t, &leaf), PL_OK);
    }
}

static int set_up(void **state)
{
    static struct fixture f;
    const struct pl_random random = {fill, NULL};
    f = (struct fixture){.seed = {1, 2, 3}};
    pl_keyholder_init(&f.holder, pl_str("a.example"), f.seed, &random);
    grow(&f.tree, -1);
    grow(&f.other, 3);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    pl_keyholder_free(&f->holder);
    pl_merkle_free(&f->tree);
    pl_merkle_free(&f->other);
    pl_buf_free(&f->answer);
    return 0;
}

static enum pl_err ask(struct fixture *f, struct pl_buf *request)
{
    enum pl_err said = PL_EIO;
    pl_buf_clear(&f->answer);
    enum pl_err e =
        pl_keyholder_answer(&f->holder, (struct pl_str){request->data, request->len}, &f->answer);
    assert_true(
        pl_keyholder_read((struct pl_str){f->answer.data, f->answer.len}, 5, &said, &f->rest));
    assert_int_equal(said, e);
    assert_true(f->answer.len <= PL_KEYHOLDER_BYTES_MAX);
    pl_buf_free(request);
    return e;
}

static struct pl_keyholder_log at(const struct pl_merkle *t, const char *log, uint64_t size)
{
    return (struct pl_keyholder_log){pl_str(log), size, pl_merkle_root(t, size)};
}

static enum pl_err known(struct fixture *f, const struct pl_merkle *t, const char *log,
                         uint64_t size)
{
    struct pl_buf request = {0};
    const struct pl_keyholder_log l = at(t, log, size);
    pl_keyholder_known(&request, 5, &l);
    return ask(f, &request);
}

static enum pl_err sign(struct fixture *f, const struct pl_merkle *t, const char *log,
                        uint64_t size, uint64_t from)
{
    struct pl_buf request = {0};
    struct pl_proof proof = {.n = 0};
    const struct pl_keyholder_log l = at(t, log, size);
    if (from && from <= size)
        pl_merkle_consistency(t, from, size, &proof);
    pl_keyholder_sign(&request, 5, &l, from, &proof);
    return ask(f, &request);
}

static uint64_t size_told(const struct fixture *f)
{
    assert_int_equal(f->rest.n, 8);
    return pl_get_u64((const uint8_t *)f->rest.p);
}

static void says_who_it_is(void **state)
{
    struct fixture *f = *state;
    struct pl_buf request = {0};
    uint8_t public[PL_PUBLIC_KEY_SIZE];
    pl_keyholder_who(&request, 5);
    assert_int_equal(ask(f, &request), PL_OK);
    pl_ed25519_public(f->seed, public);
    assert_int_equal(f->rest.n, sizeof public + strlen("a.example"));
    assert_memory_equal(f->rest.p, public, sizeof public);
    assert_memory_equal(f->rest.p + sizeof public, "a.example", strlen("a.example"));
}

/* The text is its own: origin, size and root as they were asked for, and nothing else. */
static void signs_checkpoints(void **state)
{
    struct fixture *f = *state;
    struct pl_note note;
    struct pl_checkpoint c;
    const struct pl_hash root = pl_merkle_root(&f->tree, 3);
    assert_int_equal(sign(f, &f->tree, LOG, 3, 0), PL_OK);
    assert_int_equal(pl_note_parse(f->rest, &note), PL_OK);
    assert_int_equal(pl_checkpoint_parse(note.text, &c), PL_OK);
    assert_true(pl_str_eq(c.origin, "a.example/" LOG));
    assert_int_equal(c.size, 3);
    assert_true(pl_hash_eq(&c.root, &root));
    const struct pl_vkey key = pl_vkey(c.origin, PL_NOTE_ED25519, f->holder.public);
    assert_int_equal(pl_note_verify(&note, &key), PL_OK);
}

/* What a server that somebody broke into may try, after five events of a log were signed. */
static void signs_no_other_past(void **state)
{
    struct fixture *f = *state;
    const struct row {
        const char *what;
        bool other;
        uint64_t size, from;
        enum pl_err said;
    } rows[] = {
        {"fewer events", false, 4, 5, PL_EAUTH},
        {"fewer, from nothing", false, 4, 0, PL_ESTATE},
        {"as many, with another root", true, 5, 5, PL_EAUTH},
        {"more, with another past", true, 7, 5, PL_EAUTH},
        {"more, with another past, from where both are the same", true, 7, 3, PL_ESTATE},
        {"more, from nothing", false, 7, 0, PL_ESTATE},
        {"the very same", false, 5, 5, PL_OK},
        {"more, proven", false, 9, 5, PL_OK},
        {"then the one before", false, 5, 5, PL_ESTATE},
    };
    assert_int_equal(sign(f, &f->tree, LOG, 5, 0), PL_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum pl_err said =
            sign(f, rows[i].other ? &f->other : &f->tree, LOG, rows[i].size, rows[i].from);
        if (said != rows[i].said)
            fail_msg("%s: got %d, expected %d", rows[i].what, said, rows[i].said);
        if (said == PL_ESTATE)
            assert_int_equal(size_told(f), i < 7 ? 5 : 9);
    }
}

/* What it was told before it signed anything counts as signed; nothing can be told afterwards. */
static void knows_what_was_signed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(known(f, &f->tree, LOG, 5), PL_OK);
    assert_int_equal(known(f, &f->tree, LOG, 5), PL_OK);
    assert_int_equal(known(f, &f->tree, LOG, 4), PL_EEXIST);
    assert_int_equal(known(f, &f->other, LOG, 5), PL_EEXIST);
    assert_int_equal(sign(f, &f->other, LOG, 6, 5), PL_EAUTH);
    assert_int_equal(known(f, &f->tree, "another", 2), PL_OK);
    assert_int_equal(sign(f, &f->tree, LOG, 6, 5), PL_OK);
    assert_int_equal(known(f, &f->tree, "third", 2), PL_ESTATE);
    assert_int_equal(sign(f, &f->tree, "third", 2, 1), PL_ESTATE);
    assert_int_equal(size_told(f), 0);
    assert_int_equal(sign(f, &f->tree, "third", 2, 0), PL_OK);
}

static void remembers_so_many(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->holder.logs_max, PL_KEYHOLDER_LOGS_MAX);
    f->holder.logs_max = 2;
    assert_int_equal(known(f, &f->tree, "one", 1), PL_OK);
    assert_int_equal(sign(f, &f->tree, "two", 1, 0), PL_OK);
    assert_int_equal(sign(f, &f->tree, "three", 1, 0), PL_ELIMIT);
    assert_int_equal(sign(f, &f->tree, "one", 2, 1), PL_OK);
}

/* Names that would end the line, or stand for another log of the same server's. */
static void refuses_names(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {
        "", "a/b", "a\n9", "a b", "a+b", "a\xff", "123456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(sign(f, &f->tree, names[i], 1, 0), PL_EINVAL);
    assert_int_equal(sign(f, &f->tree, "12345678901234567890123456789012", 1, 0), PL_OK);
}

/* Each request cut short, and with a byte too many, and what is no request at all. */
static void refuses_other_bytes(void **state)
{
    struct fixture *f = *state;
    struct pl_buf request = {0}, cut = {0};
    struct pl_proof proof = {.n = PL_PROOF_MAX};
    const struct pl_keyholder_log l = at(&f->tree, LOG, 1);
    memset(proof.hashes, 1, sizeof proof.hashes);
    pl_keyholder_sign(&request, 5, &l, 1, &proof);
    assert_true(request.len <= PL_KEYHOLDER_BYTES_MAX);
    for (size_t n = 9; n < request.len; n++) {
        if (n >= request.len - sizeof proof.hashes && (request.len - n) % PL_SHA256_SIZE == 0)
            continue; /* a shorter proof */
        pl_buf_add(&cut, request.data, n);
        assert_int_equal(ask(f, &cut), PL_EINVAL);
    }
    pl_buf_add(&cut, request.data, request.len);
    pl_buf_add(&cut, proof.hashes, PL_SHA256_SIZE); /* one hash too many */
    assert_int_equal(ask(f, &cut), PL_EINVAL);
    for (int kind = 0; kind < 256; kind++) {
        pl_buf_add(&cut, request.data, request.len);
        cut.data[8] = (char)kind;
        enum pl_err e = ask(f, &cut);
        assert_int_equal(e, kind == PL_KEYHOLDER_SIGN ? PL_ESTATE : PL_EINVAL);
    }
    pl_buf_free(&request);
    pl_buf_clear(&f->answer);
    assert_int_equal(pl_keyholder_answer(&f->holder, (struct pl_str){"short", 5}, &f->answer),
                     PL_EINVAL);
}

static void sizes_are_in_range(void **state)
{
    struct fixture *f = *state;
    const struct row {
        uint64_t size;
        enum pl_err said;
    } rows[] = {{0, PL_EINVAL}, {PL_MERKLE_SIZE_MAX, PL_OK}, {PL_MERKLE_SIZE_MAX + 1, PL_EINVAL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_buf request = {0};
        const struct pl_proof none = {.n = 0};
        const struct pl_keyholder_log l = {pl_str(LOG), rows[i].size, {{0}}};
        pl_keyholder_sign(&request, 5, &l, 0, &none);
        assert_int_equal(ask(f, &request), rows[i].said);
    }
}

static void answers_are_told_apart(void **state)
{
    struct fixture *f = *state;
    struct pl_buf request = {0};
    enum pl_err said;
    struct pl_str rest;
    pl_keyholder_who(&request, 5);
    assert_int_equal(ask(f, &request), PL_OK);
    const struct pl_str answer = {f->answer.data, f->answer.len};
    assert_false(pl_keyholder_read(answer, 6, &said, &rest));
    assert_false(pl_keyholder_read((struct pl_str){answer.p, 8}, 5, &said, &rest));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_who_it_is),        TEST(signs_checkpoints),  TEST(signs_no_other_past),
        TEST(knows_what_was_signed), TEST(remembers_so_many),  TEST(refuses_names),
        TEST(refuses_other_bytes),   TEST(sizes_are_in_range), TEST(answers_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
