/* Text, bytes, addresses, the map, the JSON writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/list.h"
#include "base/map.h"
#include "base/text.h"

#include <stdio.h>

static void fill_counting(void *ctx, uint8_t *out, size_t n)
{
    uint8_t *next = ctx;
    while (n--)
        *out++ = (*next)++;
}

static void reader_stops_at_the_end(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 3, 4, 5};
    struct pl_reader r = pl_reader(bytes, sizeof bytes);
    assert_int_equal(pl_read_u32(&r), 0x01020304);
    assert_false(r.bad);
    assert_int_equal(pl_read_u16(&r), 0);
    assert_true(r.bad);
    assert_int_equal(pl_read_u8(&r), 0);
    assert_int_equal(pl_reader_left(&r), 0);
}

static void writer_stops_at_the_end(void **state)
{
    (void)state;
    uint8_t out[5] = {0};
    struct pl_writer w = pl_writer(out, sizeof out);
    pl_write_u32(&w, 0xa1b2c3d4);
    pl_write_u16(&w, 0xffff);
    assert_true(w.full);
    pl_write_u8(&w, 9);
    assert_int_equal(pl_writer_size(&w), 4);
    const uint8_t want[] = {0xa1, 0xb2, 0xc3, 0xd4, 0};
    assert_memory_equal(out, want, 5);
}

static void addresses_parse_and_print(void **state)
{
    (void)state;
    static const struct {
        const char *text, *back; /* back NULL: refused */
    } rows[] = {
        {"1.2.3.4:80", "1.2.3.4:80"},
        {"0.0.0.0:0", "0.0.0.0:0"},
        {"[::1]:8080", "[::1]:8080"},
        {"[2001:DB8::0:1]:65535", "[2001:db8::1]:65535"},
        {"1.2.3.4", NULL},
        {"1.2.3.4:", NULL},
        {"1.2.3.4:65536", NULL},
        {"1.2.3:80", NULL},
        {"[1.2.3.4]:80", NULL},
        {"::1:80", NULL},
        {"[::1]80", NULL},
        {"localhost:80", NULL},
        {":80", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_addr a;
        char text[PL_ADDR_TEXT];
        enum pl_err err = pl_addr_parse(rows[i].text, &a);
        assert_int_equal(err, rows[i].back ? PL_OK : PL_EINVAL);
        if (err)
            continue;
        pl_addr_text(&a, text);
        assert_string_equal(text, rows[i].back);
    }
    struct pl_addr a;
    assert_int_equal(pl_addr_parse_ip("127.9.9.9", &a), PL_OK);
    assert_true(pl_addr_is_loopback(&a) && pl_addr_is_v4(&a) && !pl_addr_is_any(&a));
    assert_int_equal(pl_addr_parse_ip("::", &a), PL_OK);
    assert_true(pl_addr_is_any(&a) && !pl_addr_is_v4(&a));
}

static void map_finds_what_was_put(void **state)
{
    (void)state;
    uint8_t seed = 1;
    struct pl_map m;
    pl_map_init(&m, &(struct pl_random){fill_counting, &seed});
    static uint32_t keys[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        keys[i] = i * 2654435761u;
        assert_int_equal(pl_map_put(&m, &keys[i], 4, &keys[i]), PL_OK);
    }
    assert_int_equal(pl_map_put(&m, &keys[7], 4, &keys[7]), PL_EEXIST);
    for (uint32_t i = 0; i < 5000; i += 2)
        assert_ptr_equal(pl_map_remove(&m, &keys[i], 4), &keys[i]);
    for (uint32_t i = 0; i < 5000; i++)
        assert_ptr_equal(pl_map_get(&m, &keys[i], 4), i % 2 ? &keys[i] : NULL);
    size_t at = 0, seen = 0;
    while (pl_map_next(&m, &at))
        seen++;
    assert_int_equal(seen, 2500);
    assert_null(pl_map_remove(&m, &keys[0], 4));
    pl_map_free(&m);
}

static void text_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {
        {"Norv\xc3\xa8ge \xe2\x82\xac \xf0\x9f\x87\xb3", true},
        {"tab\tline\n", true},
        {"bell\a", false},
        {"\x7f", false},
        {"\xc0\x80", false},         /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
        {"\xe2\x82", false},         /* cut off */
        {"\x80", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(pl_text_ok(pl_str(rows[i].text)), rows[i].ok);
}

static void turning_characters_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool turns;
    } rows[] = {
        {"", false},
        {"\xd7\x93\xd7\xa0\xd7\x94 \xe2\x80\x8f(1)", false}, /* Hebrew, with a mark: U+200F */
        {"A \xe2\x82\xac", false},
        {"\xe2\x80\xa9", false},
        {"\xe2\x80\xaa", true},
        {"A\xe2\x80\xae"
         "B",
         true},
        {"\xe2\x80\xaf", false}, /* a narrow space */
        {"\xe2\x81\xa5", false},
        {"A\xe2\x81\xa6", true},
        {"\xe2\x81\xa9"
         "A",
         true},
        {"\xe2\x81\xaa", false},
        {"\xe2\x80", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(pl_text_turns(pl_str(rows[i].text)), rows[i].turns);
}

static void numbers_and_encodings(void **state)
{
    (void)state;
    uint64_t v = 77;
    assert_int_equal(pl_parse_u64(pl_str("65535"), 65535, &v), PL_OK);
    assert_int_equal(v, 65535);
    assert_int_equal(pl_parse_u64(pl_str("65536"), 65535, &v), PL_EINVAL);
    assert_int_equal(pl_parse_u64(pl_str("18446744073709551615"), UINT64_MAX, &v), PL_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(pl_parse_u64(pl_str("18446744073709551616"), UINT64_MAX, &v), PL_EINVAL);
    assert_int_equal(pl_parse_u64(pl_str("-1"), 10, &v), PL_EINVAL);
    assert_int_equal(pl_parse_u64(pl_str(""), 10, &v), PL_EINVAL);
    assert_int_equal(pl_parse_u64(pl_str("4"), 3, &v), PL_EINVAL);
    char out[32];
    /* RFC 4648, section 10, in the URL alphabet and without padding */
    static const char *const rows[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pl_base64url((const uint8_t *)rows[i][0], strlen(rows[i][0]), out);
        assert_string_equal(out, rows[i][1]);
        uint8_t back[16];
        size_t n;
        assert_int_equal(pl_base64url_decode(pl_str(rows[i][1]), back, sizeof back, &n), PL_OK);
        assert_int_equal(n, strlen(rows[i][0]));
        assert_memory_equal(back, rows[i][0], n);
    }
    /* One form alone: no padding, no other alphabet, no bits left over. What does not fit is looked
     * at all the same. */
    static const char *const none[] = {"A", "AAAAA", "AB", "AAB", "AA==", "A+AA", "A/AA", "AA A"};
    uint8_t back[2];
    size_t n = 99;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(pl_base64url_decode(pl_str(none[i]), back, sizeof back, &n), PL_EINVAL);
    assert_int_equal(pl_base64url_decode(pl_str("AAAAAAA!"), back, sizeof back, &n), PL_EINVAL);
    assert_int_equal(n, 99);
    assert_int_equal(pl_base64url_decode(pl_str("_-8BAgMEBQ"), back, sizeof back, &n), PL_OK);
    assert_int_equal(n, 2);
    assert_memory_equal(back, "\xff\xef", 2);
    /* And in the other alphabet, with padding. */
    static const char *const padded[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xef", "/+8="}};
    for (size_t i = 0; i < sizeof padded / sizeof *padded; i++) {
        uint8_t again[16];
        pl_base64((const uint8_t *)padded[i][0], strlen(padded[i][0]), out);
        assert_string_equal(out, padded[i][1]);
        assert_int_equal(pl_base64_decode(pl_str(padded[i][1]), again, sizeof again, &n), PL_OK);
        assert_int_equal(n, strlen(padded[i][0]));
        assert_memory_equal(again, padded[i][0], n);
    }
    static const char *const neither[] = {
        "Zg", "Zg=", "Zg===", "=Zg=", "Zh==", "Zm9=", "A===", "====", "_-8=", "Zg==Zg==", "Zg== "};
    n = 99;
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
        assert_int_equal(pl_base64_decode(pl_str(neither[i]), back, sizeof back, &n), PL_EINVAL);
    assert_int_equal(n, 99);
    pl_hex((const uint8_t *)"\x00\xff\x1a", 3, out);
    assert_string_equal(out, "00ff1a");
    struct pl_str rest = pl_str("a=b=c");
    assert_true(pl_str_eq(pl_str_split(&rest, '='), "a"));
    assert_true(pl_str_eq(rest, "b=c"));
}

static void json_is_written(void **state)
{
    (void)state;
    struct pl_buf b = {0};
    pl_json_open(&b, NULL, '{');
    pl_json_str(&b, "a", "x\"\\\n<");
    pl_json_int(&b, "n", -5);
    pl_json_open(&b, "list", '[');
    pl_json_int(&b, NULL, 1);
    pl_json_bool(&b, NULL, true);
    pl_json_open(&b, NULL, '{');
    pl_json_close(&b, '}');
    pl_json_str(&b, NULL, NULL);
    pl_json_close(&b, ']');
    pl_json_close(&b, '}');
    assert_string_equal(b.data,
                        "{\"a\":\"x\\\"\\\\\\u000a\\u003c\",\"n\":-5,\"list\":[1,true,{},null]}");
    pl_buf_free(&b);
}

static void buffer_grows_and_is_consumed(void **state)
{
    (void)state;
    struct pl_buf b = {0};
    for (int i = 0; i < 1000; i++)
        pl_buf_printf(&b, "%04d", i);
    assert_int_equal(b.len, 4000);
    pl_buf_consume(&b, 3996);
    assert_string_equal(b.data, "0999");
    pl_buf_consume(&b, 99);
    assert_int_equal(b.len, 0);
    assert_false(b.failed);
    pl_buf_free(&b);
}

struct item {
    int n;
    struct pl_list node;
};

static void list_survives_removal_while_visited(void **state)
{
    (void)state;
    struct pl_list head;
    struct item items[4];
    int sum = 0;
    pl_list_init(&head);
    for (int i = 0; i < 4; i++) {
        items[i].n = 1 << i;
        pl_list_push(&head, &items[i].node);
    }
    pl_list_each (struct item, it, &head, node) {
        sum += it->n;
        pl_list_remove(&it->node);
    }
    assert_int_equal(sum, 15);
    assert_true(pl_list_empty(&head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_stops_at_the_end),
        cmocka_unit_test(writer_stops_at_the_end),
        cmocka_unit_test(addresses_parse_and_print),
        cmocka_unit_test(map_finds_what_was_put),
        cmocka_unit_test(text_is_checked),
        cmocka_unit_test(turning_characters_are_found),
        cmocka_unit_test(numbers_and_encodings),
        cmocka_unit_test(json_is_written),
        cmocka_unit_test(buffer_grows_and_is_consumed),
        cmocka_unit_test(list_survives_removal_while_visited),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
