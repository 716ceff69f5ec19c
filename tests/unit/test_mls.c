/* Prefixes of MLS messages: what is read, what is refused, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"
#include "proto/mls.h"

/* Nothing behind the prefix is read, and no prefix of it will do. */
static enum pl_err parse(const char *text, struct pl_mls_prefix *out)
{
    static uint8_t bytes[1024];
    size_t n = unhex(text, bytes, sizeof bytes);
    enum pl_err err = pl_mls_prefix(bytes, n, out);
    for (size_t cut = 0; cut < n; cut++) {
        struct pl_mls_prefix scratch;
        uint8_t *copy = exact_copy(bytes, cut);
        enum pl_err of_cut = pl_mls_prefix(copy, cut, &scratch);
        free(copy);
        if (err == PL_OK)
            assert_int_equal(of_cut, PL_EINVAL);
    }
    return err;
}

/* From a commit of ts-mls, as far as its proposals. */
static void a_commit_says_its_group_epoch_and_leaf(void **state)
{
    (void)state;
    struct pl_mls_prefix p;
    assert_int_equal(parse("0001 0001 0167 0000000000000001 01 00000002 00 03", &p), PL_OK);
    assert_int_equal(p.wire, PL_MLS_PUBLIC_MESSAGE);
    assert_int_equal(p.group_id_len, 1);
    assert_int_equal(p.group_id[0], 'g');
    assert_int_equal(p.epoch, 1);
    assert_int_equal(p.sender, PL_MLS_MEMBER);
    assert_int_equal(p.leaf, 2);
    assert_int_equal(p.content, PL_MLS_COMMIT);
}

static void others_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct pl_mls_prefix is;
    } rows[] = {
        {"0001 0002 0167 fffffffffffffffe 01", /* a private message, application */
         {.wire = PL_MLS_PRIVATE_MESSAGE, .epoch = UINT64_MAX - 1, .content = PL_MLS_APPLICATION}},
        {"0001 0001 0167 0000000000000007 04 00 03", /* an external commit */
         {.wire = PL_MLS_PUBLIC_MESSAGE,
          .epoch = 7,
          .sender = PL_MLS_NEW_MEMBER_COMMIT,
          .content = PL_MLS_COMMIT}},
        {"0001 0001 0167 0000000000000007 03 00 02",
         {.wire = PL_MLS_PUBLIC_MESSAGE,
          .epoch = 7,
          .sender = PL_MLS_NEW_MEMBER_PROPOSAL,
          .content = PL_MLS_PROPOSAL}},
        {"0001 0001 0167 0000000000000007 02 00000009 02 aabb 02",
         {.wire = PL_MLS_PUBLIC_MESSAGE,
          .epoch = 7,
          .sender = PL_MLS_EXTERNAL,
          .content = PL_MLS_PROPOSAL}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_mls_prefix p;
        assert_int_equal(parse(rows[i].text, &p), PL_OK);
        assert_int_equal(p.wire, rows[i].is.wire);
        assert_true(p.epoch == rows[i].is.epoch);
        assert_int_equal(p.sender, rows[i].is.sender);
        assert_int_equal(p.leaf, rows[i].is.leaf);
        assert_int_equal(p.content, rows[i].is.content);
    }
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum pl_err err;
    } rows[] = {
        {"0002 0001 0167 0000000000000001 01 00000000 00 03", PL_EUNSUPPORTED}, /* version */
        {"0001 0003 0001", PL_EUNSUPPORTED},                                    /* a welcome */
        {"0001 0005 0001", PL_EUNSUPPORTED},                                    /* a key package */
        {"0001 0001 4001 67 0000000000000001 01 00000000 00 03", PL_EINVAL},    /* not shortest */
        {"0001 0001 80000001 67 0000000000000001 01 00000000 00 03", PL_EINVAL},
        {"0001 0001 c000000000000001 67 0000000000000001 01 00000000 00 03", PL_EINVAL},
        {"0001 0001 0167 0000000000000001 00 00000000 00 03", PL_EINVAL}, /* sender */
        {"0001 0001 0167 0000000000000001 05 00000000 00 03", PL_EINVAL},
        {"0001 0001 0167 0000000000000001 01 00000000 00 00", PL_EINVAL}, /* content */
        {"0001 0001 0167 0000000000000001 01 00000000 00 04", PL_EINVAL},
        {"0001 0001 bfffffff 67", PL_EINVAL}, /* a group id longer than all there is */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_mls_prefix p = {.epoch = 99};
        assert_int_equal(parse(rows[i].text, &p), rows[i].err);
        assert_int_equal(p.epoch, 99);
    }
}

static enum pl_err with_lengths(size_t id, size_t authenticated)
{
    static uint8_t bytes[1024];
    uint8_t *p = bytes;
    struct pl_mls_prefix out;
    memcpy(p, "\0\1\0\1", 4);
    p += 4;
    *p++ = (uint8_t)id;
    p += id + 8;
    *p++ = PL_MLS_NEW_MEMBER_COMMIT;
    *p++ = (uint8_t)(0x40 | authenticated >> 8);
    *p++ = (uint8_t)authenticated;
    p += authenticated;
    *p++ = PL_MLS_COMMIT;
    enum pl_err err = pl_mls_prefix(bytes, (size_t)(p - bytes), &out);
    memset(bytes, 0, sizeof bytes);
    return err;
}

static void limits_hold_at_n_and_one_more(void **state)
{
    (void)state;
    assert_int_equal(with_lengths(PL_MLS_GROUP_ID_MAX, 64), PL_OK);
    assert_int_equal(with_lengths(PL_MLS_GROUP_ID_MAX + 1, 64), PL_ELIMIT);
    size_t room = PL_MLS_PREFIX_MAX - (4 + 1 + 1 + 8 + 1 + 2 + 1);
    assert_int_equal(with_lengths(1, room), PL_OK);
    assert_int_equal(with_lengths(1, room + 1), PL_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_says_its_group_epoch_and_leaf),
        cmocka_unit_test(others_are_told_apart),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(limits_hold_at_n_and_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
