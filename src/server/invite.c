/* See invite.h. A person's secret is in their link alone; what the server is told of it is the
 * public half of the key that is made from it (organiser.h). */
#include "server/invite.h"
#include "server/complain.h"

#include "base/json.h"
#include "crypto/hash.h"
#include "io/entropy.h"
#include "io/fetch.h"
#include "io/file.h"
#include "io/loop.h"
#include "meet/definition.h"
#include "server/organiser.h"
#include "signal/manifest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KEY_HEAD "parley organiser key v1 "
#define TOKEN_FILE_MAX 200
#define PATH_SIZE 200

struct inviting {
    const struct pl_cli_invite *config;
    struct pl_random random;
    char token[TOKEN_FILE_MAX + 1];
    struct pl_organiser organiser;
    json_t *meeting;          /* as the server tells it */
    struct pl_buf definition; /* its exact bytes, likewise */
    json_t *draft;            /* the manifest that is to be signed */
};

static bool read_token(struct inviting *v)
{
    struct pl_buf text = {0};
    enum pl_err e = pl_file_read(v->config->token, TOKEN_FILE_MAX, &text);
    size_t n = e ? 0 : strcspn(text.data ? text.data : "", "\r\n");
    bool good = n > 0;
    for (size_t i = 0; i < n; i++)
        good &= text.data[i] > ' ' && text.data[i] < 0x7f;
    if (good)
        snprintf(v->token, sizeof v->token, "%.*s", (int)n, text.data);
    pl_buf_free(&text);
    return good || pl_complain("--token %s: %s", v->config->token,
                               e ? strerror(e == PL_ENOENT ? ENOENT : errno) : "no token is in it");
}

/* The organiser's key */

static bool make_key(const struct inviting *v, uint8_t seed[PL_SEED_SIZE])
{
    char text[sizeof KEY_HEAD + PL_BASE64_32];
    v->random.fill(v->random.ctx, seed, PL_SEED_SIZE);
    memcpy(text, KEY_HEAD, sizeof KEY_HEAD);
    pl_base64url(seed, PL_SEED_SIZE, text + sizeof KEY_HEAD - 1);
    text[sizeof text - 2] = '\n';
    enum pl_err e = pl_file_write(v->config->key, text, sizeof text - 1, 0600);
    pl_wipe(text, sizeof text);
    return !e || pl_complain("--key %s: %s", v->config->key, strerror(errno));
}

static bool read_key(const struct inviting *v, const struct pl_buf *text,
                     uint8_t seed[PL_SEED_SIZE])
{
    struct stat about;
    size_t n = 0, head = sizeof KEY_HEAD - 1;
    if (stat(v->config->key, &about) != 0)
        return pl_complain("--key %s: %s", v->config->key, strerror(errno));
    if (about.st_mode & 077)
        return pl_complain("--key %s: others may read it; chmod 600, if nobody has",
                           v->config->key);
    if (text->len != head + PL_BASE64_32 || memcmp(text->data, KEY_HEAD, head) != 0 ||
        text->data[text->len - 1] != '\n' ||
        pl_base64url_decode((struct pl_str){text->data + head, PL_BASE64_32 - 1}, seed,
                            PL_SEED_SIZE, &n) ||
        n != PL_SEED_SIZE)
        return pl_complain("--key %s: this is no organiser's key", v->config->key);
    return true;
}

static bool get_key(struct inviting *v)
{
    struct pl_buf text = {0};
    uint8_t seed[PL_SEED_SIZE];
    enum pl_err e = pl_file_read(v->config->key, 1000, &text);
    bool good = e == PL_ENOENT ? make_key(v, seed)
                : e == PL_ELIMIT
                    ? pl_complain("--key %s: this is no organiser's key", v->config->key)
                : e ? pl_complain("--key %s: %s", v->config->key, strerror(errno))
                    : read_key(v, &text, seed);
    if (text.data)
        pl_wipe(text.data, text.len);
    pl_buf_free(&text);
    if (!good)
        return false;
    pl_organiser_make(&v->organiser, seed);
    pl_wipe(seed, sizeof seed);
    return true;
}

/* The server */

/* The answer's text, appended. False: there is none, and that is told. */
static bool fetch(const struct inviting *v, const char *method, const char *path,
                  const struct pl_buf *body, unsigned *status, struct pl_buf *answer)
{
    char why[PL_FETCH_WHY_SIZE];
    const struct pl_fetch f = {
        .origin = v->config->server,
        .method = method,
        .path = path,
        .bearer = v->token,
        .body = body ? (struct pl_str){body->data, body->len} : (struct pl_str){0},
    };
    if (body && body->failed)
        return pl_complain("no memory");
    return pl_fetch(&f, status, answer, why) == PL_OK || pl_complain("%s", why);
}

static void path_of(const struct inviting *v, const char *tail, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "/api/meetings/%s%s", v->config->meeting, tail);
}

/* NULL: refused, and told, but for 404 with `may_miss`. The caller drops it. */
static json_t *ask(const struct inviting *v, const char *method, const char *tail,
                   const struct pl_buf *body, bool may_miss)
{
    char path[PATH_SIZE];
    unsigned status;
    struct pl_buf answer = {0};
    path_of(v, tail, path);
    if (!fetch(v, method, path, body, &status, &answer)) {
        pl_buf_free(&answer);
        return NULL;
    }
    json_t *json = answer.len ? json_loadb(answer.data, answer.len, JSON_REJECT_DUPLICATES, NULL)
                              : json_object();
    pl_buf_free(&answer);
    if (status >= 200 && status < 300 && json_is_object(json))
        return json;
    const char *message =
        json_string_value(json_object_get(json_object_get(json, "error"), "message"));
    if (status != 404 || !may_miss)
        pl_complain("%s %s%s: %u %s", method, v->config->server, path, status,
                    message ? message : "is no answer of Parley");
    json_decref(json);
    return NULL;
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

static bool get_meeting(struct inviting *v)
{
    json_decref(v->meeting);
    v->meeting = ask(v, "GET", "", NULL, false);
    return v->meeting != NULL;
}

/* What the organiser signs beside the people. */
static bool get_definition(struct inviting *v)
{
    char path[PATH_SIZE];
    unsigned status;
    path_of(v, "/definition", path);
    return fetch(v, "GET", path, NULL, &status, &v->definition) &&
           (status == 200 || pl_complain("GET %s%s: %u", v->config->server, path, status));
}

static int64_t now_ms(void)
{
    return pl_wall_now_us() / 1000;
}

/* False: the meeting is not the one that was signed, and that is told. */
static bool define(struct inviting *v)
{
    char *was = strdup(text_of(v->draft, "definition"));
    bool good = was && pl_organiser_define(v->draft,
                                           (struct pl_str){v->definition.data, v->definition.len});
    bool same = good && (!*was || strcmp(was, text_of(v->draft, "definition")) == 0);
    free(was);
    return same || pl_complain(good ? "this meeting's definition is not the one that you signed"
                                    : "no memory");
}

/* The manifest that follows the server's, if that has one. */
static bool get_draft(struct inviting *v)
{
    json_t *put = ask(v, "GET", "/manifest", NULL, true);
    if (!put)
        return true; /* if it was another error, the next request tells */
    enum pl_err e = pl_organiser_next(&v->organiser, v->meeting, put, now_ms(), &v->draft);
    json_decref(put);
    return !e ? define(v)
              : pl_complain("this meeting's manifest %s",
                            e == PL_EAUTH    ? "was signed by another organiser's key"
                            : e == PL_ENOMEM ? "finds no memory"
                                             : "cannot be read");
}

/* One that names nobody yet, of the version that is due; who was revoked stays so. */
static bool begin_draft(struct inviting *v)
{
    const struct pl_str definition = {v->definition.data, v->definition.len};
    json_t *next = v->draft, *fresh = pl_organiser_draft(v->meeting, definition, now_ms());
    bool good = fresh;
    for (const char *const *name = (const char *const[]){"version", "revoked", NULL};
         good && next && *name; name++)
        good = json_object_set(fresh, *name, json_object_get(next, *name)) == 0;
    json_decref(next);
    v->draft = fresh;
    return good || pl_complain("no memory");
}

static bool put_manifest(const struct inviting *v)
{
    struct pl_signed made;
    struct pl_buf body = {0};
    if (pl_organiser_sign(&v->organiser, v->draft, &made))
        return pl_complain("no memory");
    pl_json_open(&body, NULL, '{');
    pl_json_strn(&body, "manifest", (struct pl_str){made.text.data, made.text.len});
    pl_json_str(&body, "signature", made.signature);
    pl_json_str(&body, "key", v->organiser.key);
    pl_json_str(&body, "signed_by", PL_MANIFEST_ORGANISER);
    pl_json_close(&body, '}');
    json_t *answer = ask(v, "PUT", "/manifest", &body, false);
    pl_buf_free(&made.text);
    pl_buf_free(&body);
    json_decref(answer);
    return answer != NULL;
}

/* The people */

static const json_t *people_of(const struct inviting *v)
{
    return json_object_get(v->meeting, "people");
}

/* By id ("p3") or name. */
static bool find_person(const struct inviting *v, const char *who, size_t *out)
{
    size_t i, n = json_array_size(people_of(v)), found = 0;
    uint64_t number;
    json_t *p;
    if (who[0] == 'p' && pl_parse_u64(pl_str(who + 1), n, &number) == PL_OK && number > 0) {
        *out = (size_t)number - 1;
        return true;
    }
    json_array_foreach(people_of(v), i, p)
    {
        if (strcmp(text_of(p, "name"), who) != 0)
            continue;
        *out = i;
        found++;
    }
    return found == 1 ||
           pl_complain(found ? "%.100s: several people have this name; say one by p1, p2 and so on"
                             : "%.100s: nobody of this meeting has this name or id",
                       who);
}

/* Of a list of objects the one whose field says so; NULL. */
static const json_t *one_of(const json_t *list, const char *field, const char *want)
{
    size_t i;
    json_t *o;
    json_array_foreach(list, i, o)
    {
        if (strcmp(text_of(o, field), want) == 0)
            return o;
    }
    return NULL;
}

/* Is it an address of this meeting, with a token behind the #? Without the # a secret behind it
 * would be sent to the server. */
static bool is_link(const char *url, const char *meeting)
{
    char tail[sizeof "/m/#1." + 32];
    snprintf(tail, sizeof tail, "/m/%.32s#1.", meeting);
    const char *at = strstr(url, tail), *host = strstr(url, "://");
    if (!at || !host || strncmp(url, "http", 4) != 0)
        return false;
    size_t n = strcspn(host + 3, "/?#@"); /* of the host */
    const char *token = at + strlen(tail);
    return host + 3 + n == at && n > 0 && token[0] && !strpbrk(token, "./?#&");
}

/* Whose it is as it was signed, not as the server says. */
static bool print_link(const struct inviting *v, const char *person, const char *url,
                       const char *secret)
{
    const json_t *p = one_of(json_object_get(v->draft, "people"), "person", person);
    const json_t *seat = one_of(json_object_get(v->draft, "seats"), "id", text_of(p, "seat"));
    if (!is_link(url, v->config->meeting))
        return pl_complain("the server made a link that is none of this meeting");
    printf("%s%s%s, %s: %s.%s.%s\n", text_of(seat, "name"), seat ? ", " : "", text_of(p, "name"),
           text_of(p, "role"), url, secret, v->organiser.fingerprint);
    return true;
}

/* A new invitation, which takes the place of those before. */
static bool make_link(const struct inviting *v, size_t person, const char *secret)
{
    struct pl_buf body = {0};
    char id[PL_PERSON_ID_SIZE];
    snprintf(id, sizeof id, "p%u", (unsigned)person + 1);
    pl_json_open(&body, NULL, '{');
    pl_json_str(&body, "person", id);
    pl_json_bool(&body, "replaces", true);
    pl_json_close(&body, '}');
    json_t *made = ask(v, "POST", "/invitations", &body, false);
    pl_buf_free(&body);
    bool good = made && print_link(v, id, text_of(made, "url"), secret);
    json_decref(made);
    return good;
}

/* What is asked for */

static bool invite_all(struct inviting *v)
{
    size_t n = json_array_size(people_of(v));
    char(*secrets)[PL_BASE64_32] = calloc(n + 1, sizeof *secrets);
    bool good = secrets && begin_draft(v);
    for (size_t i = 0; good && i < n; i++) {
        if (pl_organiser_revoked(v->draft, i))
            continue;
        pl_organiser_secret(&v->random, secrets[i]);
        good = pl_organiser_name(v->draft, v->meeting, i, secrets[i]) || pl_complain("no memory");
    }
    good = good && put_manifest(v);
    if (good)
        printf("organiser %s\ndefinition %s\n", v->organiser.words,
               text_of(v->draft, "definition"));
    for (size_t i = 0; good && i < n; i++)
        good = !secrets[i][0] || make_link(v, i, secrets[i]);
    if (secrets)
        pl_wipe(secrets, n * sizeof *secrets);
    free(secrets);
    return good;
}

static bool need_manifest(const struct inviting *v)
{
    return v->draft || pl_complain("this meeting has no manifest yet: invite everybody first");
}

static bool invite_one(struct inviting *v)
{
    size_t person;
    char secret[PL_BASE64_32];
    if (!need_manifest(v) || !find_person(v, v->config->person, &person))
        return false;
    pl_organiser_secret(&v->random, secret);
    bool good =
        (pl_organiser_name(v->draft, v->meeting, person, secret) || pl_complain("no memory")) &&
        put_manifest(v) && make_link(v, person, secret);
    pl_wipe(secret, sizeof secret);
    return good;
}

static bool revoke_one(struct inviting *v)
{
    size_t person;
    char tail[sizeof "/people/p" + 20];
    if (!need_manifest(v) || !find_person(v, v->config->revoke, &person))
        return false;
    snprintf(tail, sizeof tail, "/people/p%zu", person + 1);
    if ((!pl_organiser_revoke(v->draft, person) && !pl_complain("no memory")) || !put_manifest(v))
        return false;
    json_t *answer = ask(v, "DELETE", tail, NULL, false);
    json_decref(answer);
    return answer != NULL;
}

bool pl_invite(const struct pl_cli_invite *config)
{
    struct inviting v = {.config = config, .random = pl_entropy()};
    for (const char *c = config->meeting; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyz", *c) || c - config->meeting > 32)
            return pl_complain("%.40s: this is no meeting's id", config->meeting);
    (void)signal(SIGPIPE, SIG_IGN); /* a server that hangs up is told as one */
    bool good =
        read_token(&v) && get_key(&v) && get_meeting(&v) && get_definition(&v) && get_draft(&v);
    good = good && (config->person   ? invite_one(&v)
                    : config->revoke ? revoke_one(&v)
                                     : invite_all(&v));
    good = fflush(stdout) == 0 && good;
    pl_wipe(v.organiser.seed, sizeof v.organiser.seed);
    pl_buf_free(&v.definition);
    json_decref(v.draft);
    json_decref(v.meeting);
    return good;
}
