/* The dependency descriptor: structures, frames that name a template, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payloads.h"
#include "proto/dd.h"

static struct pl_dd_structure structure;

static int start(void **state)
{
    (void)state;
    structure = (struct pl_dd_structure){0};
    return 0;
}

static enum pl_err parse(const char *text, struct pl_dd *out)
{
    uint8_t bytes[256];
    size_t n = unhex(text, bytes, sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) { /* of no length more is read than there is */
        struct pl_dd_structure scratch = structure;
        struct pl_dd d;
        uint8_t *copy = exact_copy(bytes, cut);
        (void)!pl_dd_parse(copy, cut, &scratch, &d);
        free(copy);
    }
    uint8_t *copy = exact_copy(bytes, n);
    enum pl_err err = pl_dd_parse(copy, n, &structure, out);
    free(copy);
    return err;
}

/* Three temporal layers in five templates from id 10 on, three targets, one chain, 640 x 360. */
#define L1T3 "8a0001814214eaa860414d1410208427027f0167"

static void one_size_of_three_rates(void **state)
{
    (void)state;
    struct pl_dd d;
    assert_int_equal(parse("cc0002", &d), PL_ENOENT); /* no structure yet */
    assert_int_equal(parse(L1T3, &d), PL_OK);
    assert_true(d.start && !d.end && d.structure);
    assert_int_equal(d.frame_number, 1);
    assert_true(d.temporal_id == 0 && d.spatial_id == 0);
    assert_true(d.width == 640 && d.height == 360);
    assert_int_equal(structure.n_templates, 5);
    assert_int_equal(structure.n_targets, 3);
    assert_int_equal(structure.n_chains, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pl_dd_dti(d.dtis, i), PL_DTI_SWITCH);
    assert_true(pl_dd_switches(d.dtis));

    assert_int_equal(parse("cc0002", &d), PL_OK); /* template 12: the middle rate */
    assert_true(d.start && d.end && !d.structure);
    assert_int_equal(d.frame_number, 2);
    assert_int_equal(d.temporal_id, 1);
    assert_int_equal(pl_dd_dti(d.dtis, 0), PL_DTI_NOT_PRESENT);
    assert_int_equal(pl_dd_dti(d.dtis, 1), PL_DTI_DISCARDABLE);
    assert_int_equal(pl_dd_dti(d.dtis, 2), PL_DTI_SWITCH);
    assert_int_equal(parse("4e0003", &d), PL_OK); /* template 14, the last: the highest rate */
    assert_true(!d.start && d.end);
    assert_int_equal(d.temporal_id, 2);
    assert_false(pl_dd_switches(d.dtis));
    assert_int_equal(parse("4f0003", &d), PL_ENOENT);
    assert_int_equal(parse("490003", &d), PL_ENOENT);
}

/* Indications, references and chains of its own. */
static void a_frame_may_differ_from_its_template(void **state)
{
    (void)state;
    struct pl_dd d;
    assert_int_equal(parse(L1T3, &d), PL_OK);
    assert_int_equal(parse("4b00037d853c48cc80", &d), PL_OK);
    assert_true(!d.start && d.end && d.frame_number == 3 && d.temporal_id == 0);
    assert_int_equal(pl_dd_dti(d.dtis, 0), PL_DTI_SWITCH);
    assert_int_equal(pl_dd_dti(d.dtis, 1), PL_DTI_NOT_PRESENT);
    assert_int_equal(pl_dd_dti(d.dtis, 2), PL_DTI_DISCARDABLE);
    assert_int_equal(parse("4b00037d853c48", &d), PL_ETRUNC);
}

static void two_sizes_and_ids_that_wrap(void **state)
{
    (void)state;
    struct pl_dd d;
    assert_int_equal(parse("fcfffe8783187aa88130a0a014504108a08c008444444446027e016604fe02ce", &d),
                     PL_OK);
    assert_int_equal(structure.n_templates, 6);
    assert_int_equal(structure.n_spatial, 2);
    assert_int_equal(structure.n_chains, 2);
    assert_int_equal(d.frame_number, 0xfffe);
    assert_true(d.width == 320 && d.height == 180);
    assert_int_equal(parse("c1ffff", &d), PL_OK); /* id 1: the sixth from 60 on */
    assert_true(d.temporal_id == 1 && d.spatial_id == 1);
    assert_true(d.width == 640 && d.height == 360);
    assert_int_equal(parse("c2ffff", &d), PL_ENOENT);
}

/* A structure that does not end well leaves the old one in force. */
static void bad_structures(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum pl_err err;
    } rows[] = {
        {"", PL_ETRUNC},
        {"c000", PL_ETRUNC},
        {"c0000780", PL_ETRUNC},
        {"8a0001814214eaa860414d1410208427027f01", PL_ETRUNC},
        {"800001814214eaa860414d1410208427027f0167", PL_ENOENT}, /* a template not in it */
        {"ff0007800000000000000000000000000000000003aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000000"
         "000000000000",
         PL_OK}, /* 64 templates */
        {"ff0007800000000000000000000000000000000000eaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00000"
         "000000000000",
         PL_ELIMIT}, /* 65 */
        {"c70007801f5557aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0000",
         PL_OK},                               /* 8 temporal layers, 32 targets */
        {"c7000780005555eaaaa000", PL_ELIMIT}, /* 9 temporal layers */
        {"c300078000abaa00", PL_OK},           /* 4 spatial layers */
        {"c300078000aaeaa000", PL_ELIMIT},     /* 5 */
        {"c000078000e0", PL_OK},               /* one template, no chain, no size */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_dd d, before;
        memset(&d, 0x5a, sizeof d);
        before = d;
        structure = (struct pl_dd_structure){.n_templates = 99};
        enum pl_err err = parse(rows[i].hex, &d);
        if (err != rows[i].err)
            fail_msg("row %zu: error %d", i, err);
        assert_true((structure.n_templates == 99) == (err != PL_OK));
        if (err)
            assert_memory_equal(&d, &before, sizeof d);
    }
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_size_of_three_rates),
        T(a_frame_may_differ_from_its_template),
        T(two_sizes_and_ids_that_wrap),
        T(bad_structures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
