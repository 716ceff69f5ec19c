/* The command line: what is taken, what is refused and how it is said. */
#include "server/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 64
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Splits `line` at spaces into argv, behind the program's name. */
static enum pl_err parse(const char *line, struct pl_config *out, char why[PL_CLI_WHY_SIZE])
{
    static char words[16384];
    char *argv[ARGS_MAX] = {"parley"};
    int argc = 1;
    snprintf(words, sizeof words, "%s", line);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    return pl_cli_parse(argc, argv, out, why);
}

static void takes_what_is_right(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum pl_cli_command command;
        const char *listen, *media, *public_address, *data, *url; /* the last of each, "" = none */
        unsigned threads;
    } rows[] = {
        {"serve", PL_CLI_SERVE, "127.0.0.1:8080", "0.0.0.0:7000", "", "parley-data", "", 1},
        {"demo", PL_CLI_DEMO, "127.0.0.1:8080", "0.0.0.0:7000", "", "", "", 1},
        {"demo --data d", PL_CLI_DEMO, "127.0.0.1:8080", "0.0.0.0:7000", "", "d", "", 1},
        {"serve --listen 127.0.0.1:0 --listen [::1]:80", PL_CLI_SERVE, "[::1]:80", "0.0.0.0:7000",
         "", "parley-data", "", 1},
        {"serve --media=[::]:65533 --media-threads=3 --public-address 192.0.2.7 --data=/x",
         PL_CLI_SERVE, "127.0.0.1:8080", "[::]:65533", "192.0.2.7:0", "/x", "", 3},
        {"serve --media 0.0.0.0:0 --media-threads 64 --public-address ::1", PL_CLI_SERVE,
         "127.0.0.1:8080", "0.0.0.0:0", "[::1]:0", "parley-data", "", 64},
        {"serve --public-url https://a.example:8443/", PL_CLI_SERVE, "127.0.0.1:8080",
         "0.0.0.0:7000", "", "parley-data", "https://a.example:8443", 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_config c;
        char why[PL_CLI_WHY_SIZE] = "", text[PL_ADDR_TEXT];
        if (parse(rows[i].line, &c, why) != PL_OK)
            fail_msg("%s: %s", rows[i].line, why);
        assert_int_equal(c.command, rows[i].command);
        pl_addr_text(&c.listen[c.n_listen - 1], text);
        assert_string_equal(text, rows[i].listen);
        pl_addr_text(&c.media[c.n_media - 1], text);
        assert_string_equal(text, rows[i].media);
        text[0] = 0;
        if (c.n_public_addrs)
            pl_addr_text(&c.public_addrs[c.n_public_addrs - 1], text);
        assert_string_equal(text, rows[i].public_address);
        assert_string_equal(c.data ? c.data : "", rows[i].data);
        assert_string_equal(c.public_url, rows[i].url);
        assert_int_equal(c.media_threads, rows[i].threads);
    }
}

/* A witness's key, for tests alone. */
#define WITNESS_KEY "witness.example.org/w1+1019d462+BMBQxWN6RPqGKf/zzMziMAyzYqY9mdlfxUFFJm9DMkRa"

static void records_are_exported_and_verified(void **state)
{
    (void)state;
    static const char key[] =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"; /* C2SP */
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE], line[400];
    assert_int_equal(parse("export m2", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_EXPORT);
    assert_string_equal(c.exporting.meeting, "m2");
    assert_string_equal(c.exporting.data, "parley-data");
    assert_int_equal(parse("export --data d m2", &c, why), PL_OK);
    assert_string_equal(c.exporting.data, "d");
    assert_int_equal(parse("verify -", &c, why), PL_OK);
    assert_string_equal(c.verifying.file, "-");
    assert_null(c.verifying.key);
    assert_null(c.verifying.organiser);
    snprintf(line, sizeof line, "verify f --key %s --organiser %040d", key, 5);
    assert_int_equal(parse(line, &c, why), PL_OK);
    assert_string_equal(c.verifying.key, key);
    assert_int_equal(strlen(c.verifying.organiser), 40);
    snprintf(line, sizeof line, "verify f --organiser=%043d", 0);
    assert_int_equal(parse(line, &c, why), PL_OK);
}

static void minutes_have_a_language_and_a_form(void **state)
{
    (void)state;
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE];
    assert_int_equal(parse("minutes m2", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_MINUTES);
    assert_string_equal(c.minutes.meeting, "m2");
    assert_string_equal(c.minutes.data, "parley-data");
    assert_true(c.minutes.language == PL_MINUTES_EN && !c.minutes.html && !c.minutes.public_url[0]);
    assert_int_equal(parse("minutes --language fr --format=html --data d --public-url "
                           "https://p.example/ m2",
                           &c, why),
                     PL_OK);
    assert_string_equal(c.minutes.data, "d");
    assert_string_equal(c.minutes.public_url, "https://p.example");
    assert_true(c.minutes.language == PL_MINUTES_FR && c.minutes.html);
    assert_int_equal(parse("minutes m2 --format html --format text", &c, why), PL_OK);
    assert_false(c.minutes.html);
}

static void what_is_kept_is_copied(void **state)
{
    (void)state;
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE];
    assert_int_equal(parse("key show", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_KEY);
    assert_string_equal(c.keeping.data, "parley-data");
    assert_int_equal(parse("key rotate --data d", &c, why), PL_OK);
    assert_string_equal(c.keeping.action, "rotate");
    assert_string_equal(c.keeping.data, "d");
    assert_int_equal(parse("key --data d backup f", &c, why), PL_OK);
    assert_string_equal(c.keeping.file, "f");
    assert_int_equal(parse("backup f", &c, why), PL_OK);
    assert_string_equal(c.keeping.file, "f");
    assert_int_equal(parse("witness m2 --url u --key k", &c, why), PL_OK);
    assert_string_equal(c.witness.meeting, "m2");
    assert_string_equal(c.witness.url, "u");
    assert_string_equal(c.witness.key, "k");
    assert_string_equal(c.witness.data, "parley-data");
    assert_int_equal(parse("restore f --data=d", &c, why), PL_OK);
    assert_string_equal(c.keeping.data, "d");
}

static void a_running_server_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int value;
    } rows[] = {{"drain", PL_DRAIN_OPEN},
                {"drain --deadline 1", 1},
                {"drain --deadline 10080", PL_DRAIN_MINUTES_MAX},
                {"drain --cancel", PL_DRAIN_CANCEL},
                {"drain --status", PL_DRAIN_STATUS}};
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse(rows[i].line, &c, why), PL_OK);
        assert_int_equal(c.command, PL_CLI_DRAIN);
        assert_int_equal(c.drain, rows[i].value);
        assert_string_equal(c.keeping.data, "parley-data");
    }
    assert_int_equal(parse("drain --data d", &c, why), PL_OK);
    assert_string_equal(c.keeping.data, "d");
    assert_int_equal(parse("upgrade", &c, why), PL_OK);
    assert_string_equal(c.keeping.data, "parley-data");
}

static void a_demo_has_seats(void **state)
{
    static const struct {
        const char *line;
        unsigned seats;
    } rows[] = {
        {"demo", 31},
        {"demo --seats 5 --listen 127.0.0.1:0", 5},
        {"demo --media 127.0.0.1:0 --seats=32", 32},
        {"demo --seats 0", 0},
        {"demo --no-simulate", 0},
    };
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(parse(rows[i].line, &c, why), PL_OK);
        assert_int_equal(c.command, PL_CLI_DEMO);
        assert_int_equal(c.seats, rows[i].seats);
    }
    assert_int_equal(parse("simulate --anything it wants", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_SIMULATE);
}

static void invite_has_options_of_its_own(void **state)
{
    (void)state;
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE] = "";
    assert_int_equal(parse("invite --key k m2", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_INVITE);
    assert_string_equal(c.invite.server, "http://127.0.0.1:8080");
    assert_string_equal(c.invite.token, "parley-data/admin-token");
    assert_string_equal(c.invite.key, "k");
    assert_string_equal(c.invite.meeting, "m2");
    assert_int_equal(parse("invite m2 --server=https://a --token t --key k", &c, why), PL_OK);
    assert_string_equal(c.invite.server, "https://a");
    assert_string_equal(c.invite.token, "t");
    assert_null(c.invite.person);
    assert_int_equal(parse("invite m2 --key k --person Ann", &c, why), PL_OK);
    assert_string_equal(c.invite.person, "Ann");
    assert_int_equal(parse("invite m2 --key k --revoke p2", &c, why), PL_OK);
    assert_string_equal(c.invite.revoke, "p2");
    static const char *const rows[][2] = {
        {"invite m2", "invite: --key FILE is missing; see parley help invite"},
        {"invite --key k", "invite: MEETING is missing; see parley help invite"},
        {"invite --key k m2 m3", "m3: not expected here; see parley help"},
        {"invite --key k m2 --data d", "unknown option --data; see parley help"},
        {"invite --key k m2 --person p1 --revoke p2",
         "invite: --person and --revoke do not go together"},
        {"demo --seats 33", "--seats 33: not a number from 0 to 32"},
        {"demo --seats", "--seats: N is missing"},
        {"demo --no-simulate=1", "--no-simulate: it has no value"},
        {"serve --seats 3", "unknown option --seats; see parley help"},
        {"demo --odd", "unknown option --odd; see parley help"},
        {"serve --key k", "unknown option --key; see parley help"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(parse(rows[i][0], &c, why), PL_EINVAL);
        assert_string_equal(why, rows[i][1]);
    }
}

static void turn_has_a_port_of_its_own_or_is_off(void **state)
{
    (void)state;
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE] = "", text[PL_ADDR_TEXT];
    assert_int_equal(parse("serve", &c, why), PL_OK);
    assert_true(c.n_turn == 0 && !c.turn_off);
    assert_int_equal(parse("serve --turn 0.0.0.0:3478 --turn [::]:3478", &c, why), PL_OK);
    assert_int_equal(c.n_turn, 2);
    pl_addr_text(&c.turn[1], text);
    assert_string_equal(text, "[::]:3478");
    assert_int_equal(parse("serve --turn off", &c, why), PL_OK);
    assert_true(c.turn_off);
}

static void refuses_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *line, *part;
    } rows[] = {
        {"", "no command"},
        {"sreve", "unknown command sreve"},
        {"serve --bogus", "unknown option --bogus"},
        {"serve --lis 127.0.0.1:1", "unknown option --lis"},
        {"serve extra", "extra: not expected"},
        {"version --data x", "--data: not expected"},
        {"help nothing", "no help on nothing"},
        {"trace", "FILE is missing"},
        {"trace one two", "two: not expected here"},
        {"export", "export: MEETING is missing; see parley help export"},
        {"export m2 m3", "m3: not expected here"},
        {"key", "key: ACTION is missing; see parley help key"},
        {"key burn", "key burn: not show, witnesses, rotate or backup"},
        {"key show f", "f: not expected here"},
        {"key backup", "key backup: FILE is missing; see parley help key"},
        {"key backup f g", "g: not expected here"},
        {"drain now", "now: not expected here"},
        {"drain --deadline", "--deadline: MINUTES is missing"},
        {"drain --deadline 0", "--deadline 0: not a number of minutes from 1 to 10080"},
        {"drain --deadline 10081", "not a number of minutes from 1 to 10080"},
        {"drain --deadline 5 --cancel", "--deadline, --cancel and --status do not go together"},
        {"witness m2", "witness: --url URL is missing; see parley help witness"},
        {"witness m2 --url u", "witness: --key VKEY is missing; see parley help witness"},
        {"witness --url u --key k", "witness: MEETING is missing; see parley help witness"},
        {"backup", "backup: FILE is missing; see parley help backup"},
        {"restore", "restore: FILE is missing; see parley help restore"},
        {"backup f --key k", "unknown option --key"},
        {"export m2 --key k", "unknown option --key"},
        {"verify", "verify: FILE is missing; see parley help verify"},
        {"verify f --data d", "unknown option --data"},
        {"verify f --key parley", "--key parley: not a key as parley key shows it"},
        {"minutes", "minutes: MEETING is missing; see parley help minutes"},
        {"minutes m2 --language de", "--language de: not en or fr"},
        {"minutes m2 --format pdf", "--format pdf: not text or html"},
        {"minutes m2 --public-url x", "--public-url x: not https://HOST"},
        {"serve --witness https://w.example", "--witness https://w.example: not URL=VKEY"},
        {"serve --witness https://w.example=k", "not URL=VKEY"},
        {"serve --witness http://w.example=" WITNESS_KEY, "https (http to this machine alone)"},
        {"serve --witness https://w.example/?q=" WITNESS_KEY, "not URL=VKEY"},
        {"verify f --witness k", "--witness k: not a witness's verifier key"},
        {"verify f --organiser 12345", "--organiser 12345: not a fingerprint"},
        {"trace --media 0.0.0.0:1", "--media: not expected here"},
        {"serve --turn", "--turn: ADDR:PORT is missing"},
        {"serve --turn on", "--turn on: not ADDR:PORT"},
        {"serve --listen", "--listen: ADDR:PORT is missing"},
        {"serve --listen localhost:80", "--listen localhost:80: not ADDR:PORT"},
        {"serve --listen 127.0.0.1", "not ADDR:PORT"},
        {"serve --listen 127.0.0.1:65536", "not ADDR:PORT"},
        {"serve --listen ::1:80", "not ADDR:PORT"},
        {"serve --listen=", "not ADDR:PORT"},
        {"serve --media 7000", "--media 7000: not ADDR:PORT"},
        {"serve --media 0.0.0.0:65534 --media-threads 3", "--media-threads 3: the ports"},
        {"serve --media-threads 0", "--media-threads 0: not a number from 1 to 64"},
        {"serve --media-threads 65", "not a number from 1 to 64"},
        {"serve --media-threads 1x", "not a number"},
        {"serve --public-address 192.0.2.7:80", "--public-address 192.0.2.7:80: not an IP"},
        {"serve --public-address 0.0.0.0", "not an IP"},
        {"serve --data=", "--data: the folder's name is empty"},
        {"serve --user=", "--user: the name is empty"},
        {"serve --tls-cert c.pem", "--tls-key is missing"},
        {"serve --tls-key k.pem", "--tls-cert is missing"},
        {"serve --public-url example.org", "--public-url example.org: not https://HOST"},
        {"serve --public-url https://", "not https://HOST"},
        {"serve --public-url https:///", "not https://HOST"},
        {"serve --public-url https://a/b", "not https://HOST"},
        {"serve --public-url https://a?b", "not https://HOST"},
        {"serve --bo\ngus", "unknown option --bo?gus"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_config c = {.media_threads = 77};
        char why[PL_CLI_WHY_SIZE] = "";
        if (parse(rows[i].line, &c, why) != PL_EINVAL || !strstr(why, rows[i].part))
            fail_msg("%s: got '%s', expected '%s'", rows[i].line, why, rows[i].part);
        assert_null(strchr(why, '\n'));
        assert_int_equal(c.media_threads, 77); /* untouched */
    }
}

static void bounds_lists(void **state)
{
    (void)state;
    static const struct {
        const char *command, *option;
        int max;
    } rows[] = {{"serve", "--listen 127.0.0.1:1", PL_LISTEN_MAX},
                {"serve", "--media 127.0.0.1:1", PL_MEDIA_ADDRS_MAX},
                {"serve", "--public-address 192.0.2.1", PL_MEDIA_ADDRS_MAX},
                {"serve", "--witness https://w.example/=" WITNESS_KEY, PL_WITNESSES_MAX},
                {"verify f", "--witness " WITNESS_KEY, PL_VERIFY_WITNESSES_MAX}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int extra = 0; extra < 2; extra++) {
            char line[4096];
            struct pl_config c;
            char why[PL_CLI_WHY_SIZE];
            strcpy(line, rows[i].command);
            for (int n = 0; n < rows[i].max + extra; n++) {
                strcat(line, " ");
                strcat(line, rows[i].option);
            }
            assert_int_equal(parse(line, &c, why), extra ? PL_EINVAL : PL_OK);
        }
    }
}

static void long_words_stay_one_short_line(void **state)
{
    (void)state;
    static const char *const before[] = {"",
                                         "serve ",
                                         "help ",
                                         "serve --listen ",
                                         "serve --media ",
                                         "serve --public-url https://",
                                         "serve --media-threads "};
    for (size_t i = 0; i < COUNT(before); i++) {
        char line[8192], why[PL_CLI_WHY_SIZE];
        struct pl_config c;
        int n = snprintf(line, sizeof line, "%s", before[i]);
        memset(line + n, 'x', 5000);
        line[n + 5000] = 0;
        assert_int_equal(parse(line, &c, why), PL_EINVAL);
        assert_true(strlen(why) < 250);
    }
}

static void helps(void **state)
{
    (void)state;
    static const struct {
        const char *line, *topic;
    } rows[] = {
        {"help", NULL},
        {"--help", NULL},
        {"-h", NULL},
        {"help serve", "serve"},
        {"serve --help", "serve"},
        {"demo -h", "demo"},
        {"serve --listen 127.0.0.1:1 --help", "serve"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pl_config c;
        char why[PL_CLI_WHY_SIZE];
        assert_int_equal(parse(rows[i].line, &c, why), PL_OK);
        assert_int_equal(c.command, PL_CLI_HELP);
        char *text = NULL;
        size_t n = 0;
        FILE *to = open_memstream(&text, &n);
        assert_int_equal(pl_cli_help(to, c.topic), PL_OK);
        fclose(to);
        assert_non_null(strstr(text, "--listen ADDR:PORT"));
        if (rows[i].topic)
            assert_string_equal(c.topic, rows[i].topic);
        for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
            assert_true(strlen(l) <= 100);
        free(text);
    }
    struct pl_config c;
    char why[PL_CLI_WHY_SIZE];
    assert_int_equal(parse("--version", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_VERSION);
    assert_int_equal(parse("version", &c, why), PL_OK);
    assert_int_equal(c.command, PL_CLI_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_right),
        cmocka_unit_test(a_demo_has_seats),
        cmocka_unit_test(invite_has_options_of_its_own),
        cmocka_unit_test(records_are_exported_and_verified),
        cmocka_unit_test(minutes_have_a_language_and_a_form),
        cmocka_unit_test(what_is_kept_is_copied),
        cmocka_unit_test(a_running_server_is_told),
        cmocka_unit_test(turn_has_a_port_of_its_own_or_is_off),
        cmocka_unit_test(refuses_by_name),
        cmocka_unit_test(bounds_lists),
        cmocka_unit_test(long_words_stay_one_short_line),
        cmocka_unit_test(helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
