/* Signed notes, checkpoints and cosignatures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

/* The example of golang.org/x/mod/sumdb/note, from which the format comes. */
#define NEUMANN "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define NEUMANN_SECRET                                                                             \
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define SAYING                                                                                     \
    "If you think cryptography is the answer to your problem,\n"                                   \
    "then you don't know what your problem is.\n"
#define NEUMANN_LINE                                                                               \
    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/"                                                   \
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_LINE                                                                                 \
    "\xe2\x80\x94 EnochRoot "                                                                      \
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/"                                                 \
    "5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

static struct pl_str str_of(const struct pl_buf *b)
{
    return (struct pl_str){b->data, b->len};
}

static void a_note_is_the_published_one(void **state)
{
    (void)state;
    struct pl_vkey key;
    struct pl_note note;
    struct pl_buf out = {0};
    uint8_t seed[PL_SEED_SIZE], public[PL_PUBLIC_KEY_SIZE];
    struct pl_str name;
    assert_int_equal(pl_vkey_parse(pl_str(NEUMANN), &key), PL_OK);
    assert_true(pl_str_eq(key.name, "PeterNeumann"));
    assert_int_equal(key.id, 0xc74f20a3);
    pl_vkey_print(&out, &key);
    assert_string_equal(out.data, NEUMANN);
    pl_buf_clear(&out);

    assert_int_equal(pl_skey_parse(pl_str(NEUMANN_SECRET), &name, seed), PL_OK);
    assert_true(pl_str_eq(name, "PeterNeumann"));
    pl_skey_print(&out, name, seed);
    assert_string_equal(out.data, NEUMANN_SECRET);
    pl_buf_clear(&out);
    pl_ed25519_public(seed, public);
    assert_memory_equal(public, key.key, sizeof public);
    pl_note_sign(&out, pl_str(SAYING), pl_str("PeterNeumann"), seed);
    assert_string_equal(out.data, SAYING "\n" NEUMANN_LINE);
    assert_int_equal(pl_note_parse(str_of(&out), &note), PL_OK);
    assert_true(pl_str_eq(note.text, SAYING));
    assert_int_equal(pl_note_verify(&note, &key), PL_OK);
    pl_buf_free(&out);
}

static void signatures_of_others_are_passed_over(void **state)
{
    (void)state;
    static const char two[] = SAYING "\n" NEUMANN_LINE ENOCH_LINE;
    static const char other[] = SAYING "\n" ENOCH_LINE;
    struct pl_vkey key;
    struct pl_note note;
    struct pl_note_signature s;
    assert_int_equal(pl_vkey_parse(pl_str(NEUMANN), &key), PL_OK);
    assert_int_equal(pl_note_parse(pl_str(two), &note), PL_OK);
    assert_int_equal(pl_note_verify(&note, &key), PL_OK);
    struct pl_str rest = note.lines;
    assert_true(pl_note_next(&rest, &s));
    assert_int_equal(s.id, key.id);
    assert_int_equal(s.n, PL_SIGNATURE_SIZE);
    assert_true(pl_note_next(&rest, &s));
    assert_true(pl_str_eq(s.name, "EnochRoot"));
    assert_int_equal(s.id, 0xaf0cfe78);
    assert_false(pl_note_next(&rest, &s));

    assert_int_equal(pl_note_parse(pl_str(other), &note), PL_OK);
    assert_int_equal(pl_note_verify(&note, &key), PL_ENOENT);
}

/* Every bit of the text and of the signature counts. */
static void a_changed_note_is_found(void **state)
{
    (void)state;
    static const char whole[] = SAYING "\n" NEUMANN_LINE;
    struct pl_vkey key;
    char bytes[sizeof whole];
    assert_int_equal(pl_vkey_parse(pl_str(NEUMANN), &key), PL_OK);
    for (size_t i = 0; i < 8 * (sizeof whole - 1); i++) {
        struct pl_note note;
        memcpy(bytes, whole, sizeof whole);
        bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
        if (pl_note_parse((struct pl_str){bytes, sizeof whole - 1}, &note) == PL_OK)
            assert_int_not_equal(pl_note_verify(&note, &key), PL_OK);
    }
}

static void what_is_no_note_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n" NEUMANN_LINE,                                /* no empty line */
        "text\n\nName AAAAAAA=\n",                            /* no dash */
        "text\n\n- Name AAAAAAA=\n",                          /* another dash */
        "text\n\n\xe2\x80\x94 Name AAAAAAA=",                 /* no end */
        "text\n\n\xe2\x80\x94 Name\n",                        /* no signature */
        "text\n\n\xe2\x80\x94  AAAAAAA=\n",                   /* no name */
        "text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",                /* a name with a plus */
        "text\n\n\xe2\x80\x94 \xc2\xa0 AAAAAAA=\n",           /* a space of another kind */
        "text\n\n\xe2\x80\x94 Name AAAAAA==\n",               /* a key's id alone */
        "text\n\n\xe2\x80\x94 Name AAAAAAB=\n",               /* bits left over */
        "text\n\n\xe2\x80\x94 Name AAAAAAA= \n",              /* a space more */
        "text\n\n\xe2\x80\x94 Name AAAAAAA=\r\n",             /* a control character */
        "te\txt\n\n\xe2\x80\x94 Name AAAAAAA=\n",             /* and another */
        "te\xffxt\n\n\xe2\x80\x94 Name AAAAAAA=\n",           /* no UTF-8 */
        "text\n\n\xe2\x80\x94 Name AAAAAAA=\nanother line\n", /* behind it */
    };
    struct pl_note note;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(pl_note_parse(pl_str(wrong[i]), &note), PL_EINVAL);
    assert_int_equal(pl_note_parse(pl_str("text\n\n\xe2\x80\x94 Name AAAAAAA=\n"), &note), PL_OK);
    /* The last empty line counts. */
    assert_int_equal(pl_note_parse(pl_str("a\n\nb\n\n\xe2\x80\x94 Name AAAAAAA=\n"), &note), PL_OK);
    assert_true(pl_str_eq(note.text, "a\n\nb\n"));
}

static void a_note_has_limits(void **state)
{
    (void)state;
    struct pl_buf b = {0};
    struct pl_note note;
    pl_buf_puts(&b, "text\n\n");
    for (int i = 0; i < PL_NOTE_SIGNATURES_MAX; i++)
        pl_buf_puts(&b, "\xe2\x80\x94 Name AAAAAAA=\n");
    assert_int_equal(pl_note_parse(str_of(&b), &note), PL_OK);
    pl_buf_puts(&b, "\xe2\x80\x94 Name AAAAAAA=\n");
    assert_int_equal(pl_note_parse(str_of(&b), &note), PL_ELIMIT);

    static const char end[] = "\n\n\xe2\x80\x94 Name AAAAAAA=\n";
    char *large = malloc(PL_NOTE_BYTES_MAX + 1);
    assert_non_null(large);
    for (size_t n = PL_NOTE_BYTES_MAX; n <= PL_NOTE_BYTES_MAX + 1; n++) {
        memset(large, 'x', n);
        memcpy(large + n - (sizeof end - 1), end, sizeof end - 1);
        assert_int_equal(pl_note_parse((struct pl_str){large, n}, &note),
                         n == PL_NOTE_BYTES_MAX ? PL_OK : PL_ELIMIT);
    }
    free(large);

    char name[PL_NOTE_NAME_MAX + 1];
    memset(name, 'n', sizeof name);
    assert_true(pl_note_name_ok((struct pl_str){name, PL_NOTE_NAME_MAX}));
    assert_false(pl_note_name_ok((struct pl_str){name, PL_NOTE_NAME_MAX + 1}));
    assert_false(pl_note_name_ok(pl_str("")));
    pl_buf_free(&b);
}

static void a_key_has_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum pl_err err;
    } rows[] = {
        {NEUMANN, PL_OK},
        {"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", PL_EINVAL},
        {"PeterNeumanN+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", PL_EINVAL},
        {"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", PL_EINVAL},
        {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX", PL_EINVAL},
        {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==", PL_EINVAL},
        {"PeterNeumann+c74f20a3+AQ==", PL_EINVAL},
        {"PeterNeumann+c74f20a3+ARpc", PL_EINVAL},
        {"PeterNeumann+c74f20a3+Bhpc", PL_EUNSUPPORTED},
        {"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", PL_EINVAL},
        {"PeterNeumann", PL_EINVAL},
        {"", PL_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_vkey key;
        assert_int_equal(pl_vkey_parse(pl_str(rows[i].text), &key), rows[i].err);
    }
    static const char *const no_secrets[] = {
        "",
        NEUMANN,
        "PRIVATE+KEX+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AoEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFy",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFzAA==",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEK",
        "PRIVATE+KEY++c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    };
    for (size_t i = 0; i < sizeof no_secrets / sizeof *no_secrets; i++) {
        uint8_t seed[PL_SEED_SIZE];
        struct pl_str name;
        assert_int_equal(pl_skey_parse(pl_str(no_secrets[i]), &name, seed), PL_EINVAL);
    }
}

/* Of c2sp.org/tlog-checkpoint. */
#define SOFA "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void a_checkpoint_is_the_published_one(void **state)
{
    (void)state;
    static const char whole[] =
        SOFA "\n\xe2\x80\x94 example.com/behind-the-sofa "
             "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+"
             "ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
             "\xe2\x80\x94 witness.example.com/w1 "
             "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
             "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    struct pl_note note;
    struct pl_note_signature s;
    struct pl_checkpoint c;
    struct pl_buf out = {0};
    assert_int_equal(pl_note_parse(pl_str(whole), &note), PL_OK);
    assert_int_equal(pl_checkpoint_parse(note.text, &c), PL_OK);
    assert_true(pl_str_eq(c.origin, "example.com/behind-the-sofa"));
    assert_int_equal(c.size, 20852163);
    pl_checkpoint_text(&out, &c);
    assert_string_equal(out.data, SOFA);
    struct pl_str rest = note.lines;
    assert_true(pl_note_next(&rest, &s) && s.n == PL_SIGNATURE_SIZE && s.id == 0x033de0ae);
    assert_true(pl_note_next(&rest, &s) && s.n == PL_NOTE_SIGNED_MAX);
    assert_memory_equal(s.bytes, "\0\0\0\0\x64\x18\x50\xcb", 8); /* time 1679315147 */
    pl_buf_free(&out);
}

static void what_is_no_checkpoint_is_refused(void **state)
{
    (void)state;
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    static const struct {
        const char *text;
        enum pl_err err;
    } rows[] = {
        {SOFA, PL_OK},
        {"a\n0\n" ROOT "\n", PL_OK},
        {"a\n9007199254740991\n" ROOT "\n", PL_OK},
        {"a\n9007199254740992\n" ROOT "\n", PL_EINVAL},
        {"a\n00\n" ROOT "\n", PL_EINVAL},
        {"a\n01\n" ROOT "\n", PL_EINVAL},
        {"a\n+1\n" ROOT "\n", PL_EINVAL},
        {"a\n\n" ROOT "\n", PL_EINVAL},
        {"a\n1\n" ROOT, PL_EINVAL},
        {"a\n1\n" ROOT "\nmore\n", PL_EINVAL},
        {"a\n1\n" ROOT "\n\n", PL_EINVAL},
        {"\n1\n" ROOT "\n", PL_EINVAL},
        {"a b\n1\n" ROOT "\n", PL_EINVAL},
        {"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n", PL_EINVAL},
        {"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", PL_EINVAL},
        {"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n", PL_EINVAL},
        {"a\n1\n", PL_EINVAL},
        {"", PL_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_checkpoint c;
        assert_int_equal(pl_checkpoint_parse(pl_str(rows[i].text), &c), rows[i].err);
    }
}

static const uint8_t seed_of_log[PL_SEED_SIZE] = {1}, seed_of_person[PL_SEED_SIZE] = {2};

static void a_checkpoint_is_signed_and_cosigned(void **state)
{
    (void)state;
    const struct pl_checkpoint c = {pl_str("example.org/bcdfghjkmn"), 17, {{3}}};
    struct pl_str person = pl_str("example.org/bcdfghjkmn/person/p4");
    struct pl_buf note_bytes = {0}, line = {0};
    struct pl_note note;
    uint8_t public[PL_PUBLIC_KEY_SIZE];
    int64_t time_s = 0;
    pl_checkpoint_sign(&note_bytes, &c, seed_of_log);
    assert_int_equal(pl_note_parse(str_of(&note_bytes), &note), PL_OK);
    pl_ed25519_public(seed_of_log, public);
    struct pl_vkey log = pl_vkey(c.origin, PL_NOTE_ED25519, public);
    assert_int_equal(pl_note_verify(&note, &log), PL_OK);

    pl_ed25519_public(seed_of_person, public);
    struct pl_vkey key = pl_vkey(person, PL_NOTE_COSIGNATURE, public);
    pl_cosign(&line, note.text, person, 1764100000, seed_of_person);
    assert_true(line.len <= PL_NOTE_LINE_MAX && line.data[line.len - 1] == '\n');
    struct pl_str bare = {line.data, line.len - 1};
    assert_int_equal(pl_cosignature_verify(bare, note.text, &key, &time_s), PL_OK);
    assert_int_equal(time_s, 1764100000);
    /* Of another text, by another, under another name, as another kind, at another time. */
    assert_int_equal(pl_cosignature_verify(bare, pl_str("a\n"), &key, &time_s), PL_EAUTH);
    assert_int_equal(pl_cosignature_verify(bare, note.text, &log, &time_s), PL_ENOENT);
    struct pl_vkey plain = pl_vkey(person, PL_NOTE_ED25519, public);
    assert_int_equal(pl_cosignature_verify(bare, note.text, &plain, &time_s), PL_ENOENT);
    uint8_t changed[PL_NOTE_SIGNED_MAX];
    struct pl_note_signature s;
    assert_int_equal(pl_note_signature_parse(bare, &s), PL_OK);
    for (size_t i = 0; i < sizeof changed; i++) {
        memcpy(changed, s.bytes, sizeof changed);
        changed[i] ^= 1;
        pl_buf_clear(&line);
        pl_note_add_line(&line, &key, changed, sizeof changed);
        assert_int_equal(pl_cosignature_verify((struct pl_str){line.data, line.len - 1}, note.text,
                                               &key, &time_s),
                         PL_EAUTH);
    }
    /* A time that is none, and a signature without one. */
    changed[0] = 0x80;
    pl_buf_clear(&line);
    pl_note_add_line(&line, &key, changed, sizeof changed);
    pl_note_add_line(&line, &key, changed, PL_SIGNATURE_SIZE);
    for (struct pl_str rest = str_of(&line); rest.n;)
        assert_int_equal(pl_cosignature_verify(pl_str_split(&rest, '\n'), note.text, &key, &time_s),
                         PL_EINVAL);
    pl_buf_free(&note_bytes);
    pl_buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_is_the_published_one),
        cmocka_unit_test(signatures_of_others_are_passed_over),
        cmocka_unit_test(a_changed_note_is_found),
        cmocka_unit_test(what_is_no_note_is_refused),
        cmocka_unit_test(a_note_has_limits),
        cmocka_unit_test(a_key_has_one_form),
        cmocka_unit_test(a_checkpoint_is_the_published_one),
        cmocka_unit_test(what_is_no_checkpoint_is_refused),
        cmocka_unit_test(a_checkpoint_is_signed_and_cosigned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
