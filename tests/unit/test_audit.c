/* The file of an audit: written, verified, and every change of it found. */
#include "record/audit.h"
#include "record/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORIGIN "example.org/audit"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const uint8_t seed[PL_SEED_SIZE] = {7};
static char key[400], other_key[400];

static void print_key(const uint8_t of[PL_SEED_SIZE], char out[400])
{
    uint8_t public[PL_PUBLIC_KEY_SIZE];
    struct pl_buf text = {0};
    pl_ed25519_public(of, public);
    const struct pl_vkey vkey = pl_vkey(pl_str("example.org"), PL_NOTE_ED25519, public);
    pl_vkey_print(&text, &vkey);
    snprintf(out, 400, "%s", text.data);
    pl_buf_free(&text);
}

/* Three events, of which the first is forgotten. */
static void write_all(struct pl_buf *out, const uint8_t signer[PL_SEED_SIZE], const char *origin)
{
    static const char *const events[] = {
        "{\"number\":1,\"at\":1000,\"salt\":\"x\",\"act\":\"login\"}",
        "{\"number\":2,\"at\":2000,\"salt\":\"y\",\"act\":\"role_given\"}",
        "{\"number\":3,\"at\":3000,\"salt\":\"z\",\"act\":\"logout\"}",
    };
    struct pl_merkle tree = {0};
    struct pl_buf note = {0};
    pl_audit_write_head(out, ORIGIN, key);
    for (size_t i = 0; i < COUNT(events); i++) {
        struct pl_hash leaf = pl_merkle_leaf(events[i], strlen(events[i]));
        assert_int_equal(pl_merkle_add(&tree, &leaf), PL_OK);
        if (i == 0)
            pl_audit_write_forgotten(out, 1, &leaf);
        else
            pl_audit_write_event(out, pl_str(events[i]));
    }
    const struct pl_checkpoint c = {pl_str(origin), tree.size, pl_merkle_root(&tree, tree.size)};
    pl_checkpoint_sign(&note, &c, signer);
    pl_audit_write_checkpoint(out, (struct pl_str){note.data, note.len});
    pl_buf_free(&note);
    pl_merkle_free(&tree);
}

static struct pl_audit_report verify(struct pl_str file, const char *pinned)
{
    struct pl_audit_report r;
    assert_int_equal(
        pl_audit_verify(file, pinned ? pl_str(pinned) : (struct pl_str){.p = NULL}, &r), PL_OK);
    return r;
}

static void a_good_one_is_good(void **state)
{
    struct pl_buf out = {0};
    (void)state;
    write_all(&out, seed, ORIGIN);
    struct pl_audit_report r = verify((struct pl_str){out.data, out.len}, key);
    if (r.faulty)
        fail_msg("line %d: %s", (int)r.line, r.why);
    assert_int_equal(r.events, 3);
    assert_int_equal(r.forgotten, 1);
    assert_int_equal(r.from_ms, 2000);
    assert_int_equal(r.to_ms, 3000);
    assert_true(r.key_pinned);
    assert_string_equal(r.origin, ORIGIN);
    assert_true(pl_audit_is((struct pl_str){out.data, out.len}));
    assert_false(pl_audit_is(pl_str("{\"record\":\"head\"")));
    r = verify((struct pl_str){out.data, out.len}, NULL);
    assert_false(r.faulty || r.key_pinned);
    r = verify((struct pl_str){out.data, out.len}, other_key);
    assert_true(r.faulty && r.line == 1);
    pl_buf_free(&out);
}

/* Whatever byte is another: a fault. */
static void every_change_is_found(void **state)
{
    struct pl_buf out = {0};
    (void)state;
    write_all(&out, seed, ORIGIN);
    for (size_t i = 0; i < out.len; i++) {
        char was = out.data[i];
        out.data[i] = (char)(was ^ 1);
        if (!verify((struct pl_str){out.data, out.len}, key).faulty)
            fail_msg("byte %d", (int)i);
        out.data[i] = was;
    }
    for (size_t n = 0; n < out.len; n++)
        if (!verify((struct pl_str){out.data, n}, key).faulty)
            fail_msg("cut at %d", (int)n);
    pl_buf_puts(&out, "{\"number\":4,\"at\":4000,\"act\":\"login\"}\n");
    struct pl_audit_report r = verify((struct pl_str){out.data, out.len}, key);
    assert_true(r.faulty && r.line == 6);
    pl_buf_free(&out);
}

/* A line taken out, doubled, or in another's place. */
static void lines_have_their_places(void **state)
{
    struct pl_buf out = {0};
    char *lines[5];
    (void)state;
    write_all(&out, seed, ORIGIN);
    char *rest = out.data;
    for (size_t i = 0; i < COUNT(lines); i++) {
        lines[i] = strndup(rest, strcspn(rest, "\n") + 1);
        rest += strlen(lines[i]);
    }
    for (size_t a = 0; a < COUNT(lines); a++)
        for (size_t b = 0; b < COUNT(lines); b++) {
            struct pl_buf changed = {0};
            for (size_t i = 0; i < COUNT(lines); i++)
                if (a != b || i != a) /* a == b: that one is left out */
                    pl_buf_puts(&changed, lines[i == a ? b : i]);
            if (!verify((struct pl_str){changed.data, changed.len}, key).faulty)
                fail_msg("%d %d", (int)a, (int)b);
            pl_buf_free(&changed);
        }
    for (size_t i = 0; i < COUNT(lines); i++)
        free(lines[i]);
    pl_buf_free(&out);
}

static void another_signer_is_found(void **state)
{
    static const uint8_t other[PL_SEED_SIZE] = {8};
    struct pl_buf out = {0};
    (void)state;
    write_all(&out, other, ORIGIN);
    assert_true(verify((struct pl_str){out.data, out.len}, NULL).faulty);
    pl_buf_clear(&out);
    write_all(&out, seed, "example.org/server");
    struct pl_audit_report r = verify((struct pl_str){out.data, out.len}, NULL);
    assert_true(r.faulty && strstr(r.why, "no checkpoint of this audit"));
    pl_buf_free(&out);
}

static void long_lines_are_refused(void **state)
{
    struct pl_buf out = {0};
    (void)state;
    pl_audit_write_head(&out, ORIGIN, key);
    char *line = malloc(PL_AUDIT_LINE_MAX + 2);
    memset(line, ' ', PL_AUDIT_LINE_MAX + 1);
    memcpy(line, "{}", 2);
    line[PL_AUDIT_LINE_MAX + 1] = 0;
    pl_audit_write_event(&out, pl_str(line));
    struct pl_audit_report r = verify((struct pl_str){out.data, out.len}, NULL);
    assert_true(r.faulty && r.line == 2 && !strstr(r.why, "number"));
    pl_buf_clear(&out);
    pl_audit_write_head(&out, ORIGIN, key);
    line[PL_AUDIT_LINE_MAX] = 0;
    pl_audit_write_event(&out, pl_str(line));
    r = verify((struct pl_str){out.data, out.len}, NULL);
    assert_true(r.faulty && r.line == 2 && strstr(r.why, "number")); /* read, and no event */
    free(line);
    pl_buf_free(&out);
}

static int setup(void **state)
{
    static const uint8_t other[PL_SEED_SIZE] = {8};
    (void)state;
    print_key(seed, key);
    print_key(other, other_key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one_is_good),      cmocka_unit_test(every_change_is_found),
        cmocka_unit_test(lines_have_their_places), cmocka_unit_test(another_signer_is_found),
        cmocka_unit_test(long_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
