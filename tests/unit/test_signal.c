/* The messages' decoders and encoders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signal/messages.h"

#include <stdio.h>
#include <stdlib.h>

static void good_messages_decode(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum pl_to_server_type type;
    } rows[] = {
        {"{\"type\":\"hello\",\"meeting\":\"m\",\"token\":\"t\"}", PL_TO_SERVER_HELLO},
        {"{\"name\":\"Zoë\",\"type\":\"hello\",\"meeting\":\"m\",\"token\":\"t\"}",
         PL_TO_SERVER_HELLO},
        {"{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\",\"sources\":[]}", PL_TO_SERVER_OFFER},
        {"{\"type\":\"media\",\"microphone\":true,\"camera\":false,\"screen\":false,"
         "\"screen_sound\":false}",
         PL_TO_SERVER_ACT},
        {"{\"type\":\"view\",\"tiles\":[{\"source\":9007199254740991,\"width\":1,"
         "\"height\":16384}]}",
         PL_TO_SERVER_VIEW},
        {"{\"type\":\"chat\",\"text\":\"two\\nlines\"}", PL_TO_SERVER_ACT},
        {"{\"type\":\"request_floor\",\"kind\":\"speak\"}", PL_TO_SERVER_ACT},
        {"{\"type\":\"mute\",\"participant\":\"p1\"}", PL_TO_SERVER_ACT},
        {"{\"type\":\"admit\",\"participant\":\"p1\",\"admitted\":false}", PL_TO_SERVER_ACT},
        {" {\"type\" : \"leave\"} ", PL_TO_SERVER_LEAVE},
        {"{\"type\":\"ping\"}", PL_TO_SERVER_PING},
        {"{\"type\":\"key_package\",\"group\":\"meeting\",\"package\":\"AAEC\"}",
         PL_TO_SERVER_KEY_PACKAGE},
        {"{\"type\":\"group_create\",\"group\":\"meeting\",\"id\":\"Zw\",\"group_info\":\"AA\"}",
         PL_TO_SERVER_GROUP_CREATE},
        {"{\"type\":\"commit\",\"group\":\"meeting\",\"epoch\":9007199254740991,\"commit\":\"AA\","
         "\"group_info\":\"AA\",\"added\":[{\"id\":\"p1\"}],\"removed\":[]}",
         PL_TO_SERVER_COMMIT},
        {"{\"type\":\"group_ack\",\"group\":\"meeting\",\"epoch\":0}", PL_TO_SERVER_GROUP_ACK},
        {"{\"type\":\"group_resync\",\"group\":\"meeting\"}", PL_TO_SERVER_GROUP_RESYNC},
        {"{\"type\":\"sealed\",\"group\":\"meeting\",\"epoch\":1,\"message\":\"AA\"}",
         PL_TO_SERVER_SEALED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_to_server m;
        struct pl_decode_error error;
        assert_int_equal(pl_to_server_decode(pl_str(rows[i].json), &m, &error), PL_OK);
        assert_int_equal(m.type, rows[i].type);
        pl_to_server_free(&m);
    }
}

static void a_commit_arrives_with_or_without_a_welcome(void **state)
{
    (void)state;
    struct pl_to_server m;
    struct pl_decode_error error;
    const char *with =
        "{\"type\":\"commit\",\"group\":\"meeting\",\"epoch\":3,\"commit\":\"Y28\","
        "\"welcome\":\"d2U\",\"group_info\":\"Z2k\",\"added\":[{\"id\":\"p1\"},{\"id\":"
        "\"p2\"}],\"removed\":[{\"id\":\"p3\"}]}";
    assert_int_equal(pl_to_server_decode(pl_str(with), &m, &error), PL_OK);
    assert_int_equal(m.commit.epoch, 3);
    assert_true(pl_str_eq(m.commit.welcome, "d2U"));
    assert_int_equal(m.commit.n_added, 2);
    assert_true(pl_str_eq(m.commit.added[1].id, "p2"));
    assert_true(pl_str_eq(m.commit.removed[0].id, "p3"));
    pl_to_server_free(&m);
    const char *without =
        "{\"type\":\"commit\",\"group\":\"meeting\",\"epoch\":3,\"commit\":\"Y28\","
        "\"group_info\":\"Z2k\",\"added\":[],\"removed\":[]}";
    assert_int_equal(pl_to_server_decode(pl_str(without), &m, &error), PL_OK);
    assert_null(m.commit.welcome.p);
    pl_to_server_free(&m);
}

static void fields_arrive(void **state)
{
    (void)state;
    struct pl_to_server m;
    struct pl_decode_error error;
    const char *offer = "{\"type\":\"offer\",\"sdp\":\"x\",\"sources\":[{\"mid\":\"0\",\"kind\":"
                        "\"microphone\"},{\"mid\":\"a\",\"kind\":\"screen\"}]}";
    assert_int_equal(pl_to_server_decode(pl_str(offer), &m, &error), PL_OK);
    assert_int_equal(m.offer.n_sources, 2);
    assert_true(pl_str_eq(m.offer.sources[1].mid, "a"));
    assert_int_equal(m.offer.sources[1].kind, PL_KIND_SCREEN);
    pl_to_server_free(&m);
    const char *view =
        "{\"type\":\"view\",\"tiles\":[{\"source\":7,\"width\":320,\"height\":180}]}";
    assert_int_equal(pl_to_server_decode(pl_str(view), &m, &error), PL_OK);
    assert_int_equal(m.view.tiles[0].source, 7);
    assert_int_equal(m.view.tiles[0].height, 180);
    pl_to_server_free(&m);
    const char *hello = "{\"type\":\"hello\",\"meeting\":\"m\",\"token\":\"\"}";
    assert_int_equal(pl_to_server_decode(pl_str(hello), &m, &error), PL_OK);
    assert_null(m.hello.name.p);
    assert_non_null(m.hello.token.p);
    pl_to_server_free(&m);
}

static void bad_messages_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *json, *field, *reason, *of; /* of NULL: not known */
    } rows[] = {
        {"", "", "line 1: ", NULL},
        {"{", "", "line 1: ", NULL},
        {"{}x", "", "line 1: ", NULL},
        {"[]", "", "must be an object", NULL},
        {"7", "", "line 1: ", NULL},
        {"{}", "type", "missing", NULL},
        {"{\"type\":3}", "type", "must be a string", NULL},
        {"{\"type\":\"hallo\"}", "type", "there is no such message", NULL},
        {"{\"type\":\"joined\"}", "type", "there is no such message", NULL}, /* the server's */
        {"{\"type\":\"vote\",\"decision\":\"d\",\"version\":1,\"choice\":\"yes\",\"seat\":\"NOR\"}",
         "seat", "unknown field", "vote"}, /* the server adds it */
        {"{\"type\":\"ping\",\"type\":\"ping\"}", "", "line 1: duplicate object key", NULL},
        {"{\"type\":\"ping\",\"extra\":1}", "extra", "unknown field", "ping"},
        {"{\"type\":\"ping\",\"\\u0001\":1}", "", "unknown field", "ping"},
        {"{\"type\":\"booth\"}", "on", "missing", "booth"},
        {"{\"type\":\"booth\",\"on\":1}", "on", "must be true or false", "booth"},
        {"{\"type\":\"chat\",\"text\":null}", "text", "must be a string", "chat"},
        {"{\"type\":\"chat\",\"text\":\"\\u0007\"}", "text", "holds a control character", "chat"},
        {"{\"type\":\"chat\",\"text\":\"\\u0000\"}", "", "line 1: ", NULL},
        {"{\"type\":\"chat\",\"text\":\"\xff\"}", "", "line 1: ", NULL},
        {"{\"type\":\"view\",\"tiles\":{}}", "tiles", "must be an array", "view"},
        {"{\"type\":\"view\",\"tiles\":[7]}", "tiles[0]", "must be an object", "view"},
        {"{\"type\":\"view\",\"tiles\":[{\"source\":1,\"width\":0,\"height\":1}]}",
         "tiles[0].width", "must be from 1 to 16384", "view"},
        {"{\"type\":\"view\",\"tiles\":[{\"source\":1,\"width\":1,\"height\":16385}]}",
         "tiles[0].height", "must be from 1 to 16384", "view"},
        {"{\"type\":\"view\",\"tiles\":[{\"source\":9007199254740992,\"width\":1,\"height\":1}]}",
         "tiles[0].source", "must be from 1 to 9007199254740991", "view"},
        {"{\"type\":\"view\",\"tiles\":[{\"source\":1.0,\"width\":1,\"height\":1}]}",
         "tiles[0].source", "must be an integer", "view"},
        {"{\"type\":\"view\",\"tiles\":[{\"source\":1,\"width\":1,\"height\":1},{\"source\":1}]}",
         "tiles[1].width", "missing", "view"},
        {"{\"type\":\"offer\",\"sdp\":\"\",\"sources\":[{\"mid\":\"0\",\"kind\":\"face\"}]}",
         "sources[0].kind", "must be one of microphone, camera, screen, screen_sound", "offer"},
        {"[[[[[[[[[", "", "nested deeper than 8 levels", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_to_server m;
        struct pl_decode_error error;
        assert_int_not_equal(pl_to_server_decode(pl_str(rows[i].json), &m, &error), PL_OK);
        assert_string_equal(error.field, rows[i].field);
        if (strncmp(error.reason, rows[i].reason, strlen(rows[i].reason)) != 0)
            fail_msg("%s: %s", rows[i].json, error.reason);
        assert_true(pl_text_ok(pl_str(error.reason)));
        if (rows[i].of)
            assert_string_equal(error.of, rows[i].of);
        else
            assert_null(error.of);
    }
}

static enum pl_err decode_chat(size_t n)
{
    char *json = malloc(n + 64);
    assert_non_null(json);
    size_t at = (size_t)sprintf(json, "{\"type\":\"chat\",\"text\":\"");
    memset(json + at, 'a', n);
    strcpy(json + at + n, "\"}");
    struct pl_to_server m;
    struct pl_decode_error error;
    enum pl_err err = pl_to_server_decode(pl_str(json), &m, &error);
    if (err == PL_OK)
        pl_to_server_free(&m);
    free(json);
    return err;
}

static enum pl_err decode_tiles(int n)
{
    struct pl_buf json = {0};
    pl_buf_puts(&json, "{\"type\":\"view\",\"tiles\":[");
    for (int i = 0; i < n; i++)
        pl_buf_printf(&json, "%s{\"source\":1,\"width\":1,\"height\":1}", i ? "," : "");
    pl_buf_puts(&json, "]}");
    struct pl_to_server m;
    struct pl_decode_error error;
    enum pl_err err = pl_to_server_decode((struct pl_str){json.data, json.len}, &m, &error);
    if (err == PL_OK)
        pl_to_server_free(&m);
    pl_buf_free(&json);
    return err;
}

static void limits_hold_at_n_and_one_more(void **state)
{
    (void)state;
    assert_int_equal(decode_chat(4000), PL_OK);
    assert_int_equal(decode_chat(4001), PL_ELIMIT);
    assert_int_equal(decode_tiles(64), PL_OK);
    assert_int_equal(decode_tiles(65), PL_ELIMIT);
    /* A message at the limit of bytes is read, if to no avail; one above it is not. */
    char *big = malloc(PL_TO_SERVER_MAX + 1);
    assert_non_null(big);
    memset(big, ' ', PL_TO_SERVER_MAX + 1);
    memcpy(big, "{\"type\":\"ping\"}", 15);
    struct pl_to_server m;
    struct pl_decode_error error;
    assert_int_equal(pl_to_server_decode((struct pl_str){big, PL_TO_SERVER_MAX}, &m, &error),
                     PL_OK);
    pl_to_server_free(&m);
    assert_int_equal(pl_to_server_decode((struct pl_str){big, PL_TO_SERVER_MAX + 1}, &m, &error),
                     PL_ELIMIT);
    free(big);
}

/* The largest commit there is fits into a message. */
static void a_whole_commit_fits(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n;
    } fields[] = {{"commit", 65536}, {"welcome", 262144}, {"group_info", 262144}};
    for (size_t more = 0; more < 2; more++) {
        struct pl_buf b = {0};
        struct pl_to_server m;
        struct pl_decode_error error;
        pl_buf_puts(&b, "{\"type\":\"commit\",\"group\":\"meeting\",\"epoch\":1");
        for (size_t i = 0; i < 3; i++) {
            pl_buf_printf(&b, ",\"%s\":\"", fields[i].name);
            for (size_t n = fields[i].n + (i == 0 ? more : 0); n; n--)
                pl_buf_puts(&b, "A");
            pl_buf_puts(&b, "\"");
        }
        for (size_t i = 0; i < 2; i++) {
            pl_buf_printf(&b, ",\"%s\":[", i ? "added" : "removed");
            for (size_t k = 0; k < 64; k++)
                pl_buf_printf(&b, "%s{\"id\":\"%032zu\"}", k ? "," : "", k);
            pl_buf_puts(&b, "]");
        }
        pl_buf_puts(&b, "}");
        enum pl_err err = pl_to_server_decode((struct pl_str){b.data, b.len}, &m, &error);
        assert_int_equal(err, more ? PL_ELIMIT : PL_OK);
        if (more)
            assert_string_equal(error.field, "commit");
        else
            pl_to_server_free(&m);
        pl_buf_free(&b);
    }
}

static void messages_encode(void **state)
{
    (void)state;
    struct pl_buf b = {0};
    pl_to_client_welcome(&b, &(struct pl_to_client_welcome){
                                 .meeting = {.id = pl_str("m"),
                                             .title = pl_str("A \"title\""),
                                             .floor = PL_FLOOR_CHAIRED,
                                             .encryption = PL_ENCRYPTION_NONE,
                                             .in_session = true},
                                 .you = pl_str("p1"),
                                 .place = PL_PLACE_LOBBY,
                                 .may_publish = true,
                             });
    assert_string_equal(b.data,
                        "{\"type\":\"welcome\",\"meeting\":{\"id\":\"m\",\"title\":"
                        "\"A \\\"title\\\"\",\"floor\":\"chaired\",\"encryption\":\"none\","
                        "\"in_session\":true,\"languages\":[]},\"you\":\"p1\",\"place\":\"lobby\","
                        "\"media\":\"offer\",\"may_publish\":true,\"may_preside\":false}");
    pl_buf_clear(&b);
    struct pl_msg_source source = {12, PL_KIND_CAMERA};
    pl_to_client_participant(&b, &(struct pl_to_client_participant){{.id = pl_str("p2"),
                                                                     .person = pl_str("p2"),
                                                                     .name = pl_str("B"),
                                                                     .role = PL_ROLE_RAPPORTEUR,
                                                                     .country = pl_str("NO"),
                                                                     .sources = &source,
                                                                     .n_sources = 1}});
    assert_string_equal(
        b.data,
        "{\"type\":\"participant\",\"participant\":{\"id\":\"p2\",\"person\":\"p2\",\"name\":"
        "\"B\",\"role\":\"rapporteur\",\"country\":\"NO\",\"place\":"
        "\"room\",\"hand\":false,\"floor\":false,\"voice\":false,"
        "\"booth\":false,\"muted_by_chair\":false,"
        "\"sources\":[{\"id\":12,\"kind\":\"camera\"}]}}");
    pl_buf_clear(&b);
    struct pl_msg_slot slots[] = {{.mid = pl_str("3"),
                                   .source = 12,
                                   .has_source = true,
                                   .participant = pl_str("p2"),
                                   .kind = PL_KIND_SCREEN,
                                   .has_kind = true,
                                   .rtp_timestamp = 4294967295},
                                  {.mid = pl_str("4")}};
    pl_to_client_slots(&b, &(struct pl_to_client_slots){slots, 2});
    assert_string_equal(b.data, "{\"type\":\"slots\",\"slots\":[{\"mid\":\"3\",\"source\":12,"
                                "\"participant\":\"p2\",\"kind\":\"screen\",\"rtp_timestamp\":"
                                "4294967295},{\"mid\":\"4\",\"rtp_timestamp\":0}]}");
    pl_buf_clear(&b);
    pl_to_client_pong(&b, &(struct pl_to_client_pong){0});
    assert_string_equal(b.data, "{\"type\":\"pong\"}");
    pl_buf_free(&b);
}

static void an_event_has_a_salt(void **state)
{
    (void)state;
#define LEFT_BEHIND(salt)                                                                          \
    "{\"number\":1,\"at\":2,\"by\":\"p1\"," salt "\"act\":\"left\",\"participant\":\"p1\"}"
    static const struct {
        const char *bytes;
        enum pl_err err;
    } rows[] = {
        {LEFT_BEHIND(""), PL_OK}, /* of a record from before there were any */
        {LEFT_BEHIND("\"salt\":\"AAECAwQFBgcICQoLDA0ODw\","), PL_OK},
        {LEFT_BEHIND("\"salt\":\"AAECAwQFBgcICQoLDA0OD\","), PL_EINVAL},
        {LEFT_BEHIND("\"salt\":\"AAECAwQFBgcICQoLDA0O\","), PL_EINVAL},
        {LEFT_BEHIND("\"salt\":\"AAECAwQFBgcICQoLDA0OD.\","), PL_EINVAL},
        {LEFT_BEHIND("\"salt\":\"AAECAwQFBgcICQoLDA0ODwA\","), PL_ELIMIT},
        {LEFT_BEHIND("\"salt\":\"\","), PL_EINVAL},
        {LEFT_BEHIND("\"salt\":1,"), PL_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pl_act act;
        json_t *json;
        struct pl_decode_error error;
        struct pl_buf again = {0};
        assert_int_equal(pl_event_decode(pl_str(rows[i].bytes), &act, &json, &error), rows[i].err);
        if (rows[i].err) {
            assert_string_equal(error.field, "salt");
            continue;
        }
        pl_act_encode(&again, &act);
        assert_string_equal(again.data, rows[i].bytes);
        pl_buf_free(&again);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_messages_decode),
        cmocka_unit_test(fields_arrive),
        cmocka_unit_test(a_commit_arrives_with_or_without_a_welcome),
        cmocka_unit_test(bad_messages_are_refused_by_name),
        cmocka_unit_test(limits_hold_at_n_and_one_more),
        cmocka_unit_test(a_whole_commit_fits),
        cmocka_unit_test(messages_encode),
        cmocka_unit_test(an_event_has_a_salt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
