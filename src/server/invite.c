/* See invite.h. A person's secret is in their link alone; what the server is told of it is the
 * public half of the key that is made from it. */
#include "server/invite.h"

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "io/entropy.h"
#include "io/fetch.h"
#include "io/file.h"
#include "io/loop.h"
#include "meet/definition.h"
#include "record/people.h"
#include "server/store.h"
#include "signal/manifest.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KEY_HEAD "parley organiser key v1 "
#define SECRET_SIZE 32
#define BASE64_32 44 /* 32 bytes in base64url, and a zero */
#define TOKEN_FILE_MAX 200

struct inviting {
    const struct pl_cli_invite *config;
    char token[TOKEN_FILE_MAX + 1];
    uint8_t seed[PL_SEED_SIZE];
    char key[BASE64_32], fingerprint[BASE64_32];
    json_t *meeting;                 /* as the server tells it */
    uint8_t (*secrets)[SECRET_SIZE]; /* of its people, in their order */
    size_t n_people;
    int64_t version; /* of the manifest */
};

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("parley: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

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
    return good || fail("--token %s: %s", v->config->token,
                        e ? strerror(e == PL_ENOENT ? ENOENT : errno) : "no token is in it");
}

/* The organiser's key */

static bool make_key(struct inviting *v)
{
    char text[sizeof KEY_HEAD + BASE64_32];
    struct pl_random random = pl_entropy();
    random.fill(random.ctx, v->seed, sizeof v->seed);
    memcpy(text, KEY_HEAD, sizeof KEY_HEAD);
    pl_base64url(v->seed, sizeof v->seed, text + sizeof KEY_HEAD - 1);
    text[sizeof text - 2] = '\n';
    enum pl_err e = pl_file_write(v->config->key, text, sizeof text - 1, 0600);
    pl_wipe(text, sizeof text);
    return !e || fail("--key %s: %s", v->config->key, strerror(errno));
}

static bool read_key(struct inviting *v, const struct pl_buf *text)
{
    struct stat about;
    size_t n = 0, head = sizeof KEY_HEAD - 1;
    if (stat(v->config->key, &about) != 0)
        return fail("--key %s: %s", v->config->key, strerror(errno));
    if (about.st_mode & 077)
        return fail("--key %s: others may read it; chmod 600, if nobody has", v->config->key);
    if (text->len != head + BASE64_32 || memcmp(text->data, KEY_HEAD, head) != 0 ||
        text->data[text->len - 1] != '\n' ||
        pl_base64url_decode((struct pl_str){text->data + head, BASE64_32 - 1}, v->seed,
                            sizeof v->seed, &n) ||
        n != sizeof v->seed)
        return fail("--key %s: this is no organiser's key", v->config->key);
    return true;
}

static bool get_key(struct inviting *v)
{
    struct pl_buf text = {0};
    uint8_t key[PL_PUBLIC_KEY_SIZE], hash[PL_SHA256_SIZE];
    enum pl_err e = pl_file_read(v->config->key, 1000, &text);
    bool good = e == PL_ENOENT   ? make_key(v)
                : e == PL_ELIMIT ? fail("--key %s: this is no organiser's key", v->config->key)
                : e              ? fail("--key %s: %s", v->config->key, strerror(errno))
                                 : read_key(v, &text);
    if (text.data)
        pl_wipe(text.data, text.len);
    pl_buf_free(&text);
    if (!good)
        return false;
    pl_ed25519_public(v->seed, key);
    pl_base64url(key, sizeof key, v->key);
    pl_sha256(key, sizeof key, hash);
    pl_base64url(hash, sizeof hash, v->fingerprint);
    return true;
}

static void print_fingerprint(const struct inviting *v)
{
    uint8_t key[PL_PUBLIC_KEY_SIZE];
    char words[PL_FINGERPRINT_WORDS_SIZE];
    pl_ed25519_public(v->seed, key);
    pl_fingerprint_words(key, words);
    printf("organiser %s\n", words);
}

/* The server */

/* NULL: refused, and told, but for 404 with `may_miss`. The caller drops it. */
static json_t *ask(const struct inviting *v, const char *method, const char *tail,
                   const struct pl_buf *body, bool may_miss)
{
    char path[200], why[PL_FETCH_WHY_SIZE];
    unsigned status;
    struct pl_buf answer = {0};
    const struct pl_fetch f = {
        .origin = v->config->server,
        .method = method,
        .path = path,
        .bearer = v->token,
        .body = body ? (struct pl_str){body->data, body->len} : (struct pl_str){0},
    };
    snprintf(path, sizeof path, "/api/meetings/%s%s", v->config->meeting, tail);
    if (body && body->failed) {
        fail("no memory");
        return NULL;
    }
    if (pl_fetch(&f, &status, &answer, why)) {
        fail("%s", why);
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
        fail("%s %s%s: %u %s", method, v->config->server, path, status,
             message ? message : "is no answer of Parley");
    json_decref(json);
    return NULL;
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

/* Which manifest comes next? */
static bool get_version(struct inviting *v)
{
    struct pl_manifest before;
    struct pl_decode_error error;
    json_t *old = ask(v, "GET", "/manifest", NULL, true);
    v->version = 1;
    if (!old)
        return true; /* if it was another error, the next request tells */
    bool ours = strcmp(text_of(old, "key"), v->key) == 0;
    bool good = pl_manifest_decode(pl_str(text_of(old, "manifest")), &before, &error) == PL_OK;
    if (good) {
        v->version = before.version + 1;
        pl_manifest_free(&before);
    }
    json_decref(old);
    if (!ours)
        return fail("this meeting's manifest was signed by another organiser's key");
    return good || fail("this meeting's manifest cannot be read");
}

static bool get_meeting(struct inviting *v)
{
    v->meeting = ask(v, "GET", "", NULL, false);
    if (!v->meeting)
        return false;
    v->n_people = json_array_size(json_object_get(v->meeting, "people"));
    v->secrets = calloc(v->n_people + 1, sizeof *v->secrets);
    if (!v->secrets)
        return fail("no memory");
    struct pl_random random = pl_entropy();
    random.fill(random.ctx, (uint8_t *)v->secrets, v->n_people * sizeof *v->secrets);
    return get_version(v);
}

/* The manifest */

static void put_person(const struct inviting *v, struct pl_buf *out, size_t i)
{
    const json_t *p = json_array_get(json_object_get(v->meeting, "people"), i);
    uint8_t seed[PL_SEED_SIZE], key[PL_PUBLIC_KEY_SIZE];
    char text[BASE64_32], id[PL_PERSON_ID_SIZE];
    pl_hkdf_sha256((struct pl_str){(const char *)v->secrets[i], SECRET_SIZE},
                   pl_str("parley person v1"), pl_str(text_of(v->meeting, "id")), seed,
                   sizeof seed);
    pl_ed25519_public(seed, key);
    pl_wipe(seed, sizeof seed);
    pl_base64url(key, sizeof key, text);
    snprintf(id, sizeof id, "p%u", (unsigned)i + 1);
    pl_json_open(out, NULL, '{');
    pl_json_str(out, "person", id);
    pl_json_str(out, "name", text_of(p, "name"));
    pl_json_str(out, "role", text_of(p, "role"));
    if (json_object_get(p, "seat"))
        pl_json_str(out, "seat", text_of(p, "seat"));
    pl_json_str(out, "key", text);
    pl_json_close(out, '}');
}

/* The first chair may sign later versions; it is good as long as the last invitation is. */
static void write_manifest(const struct inviting *v, struct pl_buf *out)
{
    const json_t *people = json_object_get(v->meeting, "people");
    int64_t not_after = pl_wall_now_us() / 1000 + PL_INVITATION_LIFE_MS;
    char chair[PL_PERSON_ID_SIZE] = "";
    pl_json_open(out, NULL, '{');
    pl_json_int(out, "v", 1);
    pl_json_str(out, "meeting", text_of(v->meeting, "id"));
    pl_json_int(out, "version", v->version);
    pl_json_int(out, "suite", 1);
    pl_json_str(out, "encryption", text_of(v->meeting, "encryption"));
    pl_json_open(out, "people", '[');
    for (size_t i = 0; i < v->n_people; i++) {
        const json_t *p = json_array_get(people, i);
        int64_t expires = json_integer_value(json_object_get(p, "expires"));
        not_after = expires > not_after ? expires : not_after;
        if (!chair[0] && strcmp(text_of(p, "role"), "chair") == 0)
            snprintf(chair, sizeof chair, "p%u", (unsigned)i + 1);
        put_person(v, out, i);
    }
    pl_json_close(out, ']');
    pl_json_open(out, "revoked", '[');
    pl_json_close(out, ']');
    if (chair[0])
        pl_json_str(out, "late", chair);
    pl_json_int(out, "not_after", not_after);
    pl_json_close(out, '}');
}

static bool put_manifest(const struct inviting *v)
{
    struct pl_buf manifest = {0}, to_sign = {0}, body = {0};
    uint8_t signature[PL_SIGNATURE_SIZE];
    char text[PL_SIGNATURE_SIZE * 4 / 3 + 2];
    write_manifest(v, &manifest);
    pl_buf_puts(&to_sign, PL_MANIFEST_SIGNED);
    pl_buf_add(&to_sign, manifest.data, manifest.len);
    if (manifest.failed || to_sign.failed) {
        pl_buf_free(&manifest);
        pl_buf_free(&to_sign);
        return fail("no memory");
    }
    pl_ed25519_sign(v->seed, to_sign.data, to_sign.len, signature);
    pl_base64url(signature, sizeof signature, text);
    pl_json_open(&body, NULL, '{');
    pl_json_strn(&body, "manifest", (struct pl_str){manifest.data, manifest.len});
    pl_json_str(&body, "signature", text);
    pl_json_str(&body, "key", v->key);
    pl_json_str(&body, "signed_by", PL_MANIFEST_ORGANISER);
    pl_json_close(&body, '}');
    json_t *answer = ask(v, "PUT", "/manifest", &body, false);
    pl_buf_free(&manifest);
    pl_buf_free(&to_sign);
    pl_buf_free(&body);
    json_decref(answer);
    return answer != NULL;
}

/* The links */

static bool print_link(const struct inviting *v, size_t i)
{
    struct pl_buf body = {0};
    char id[PL_PERSON_ID_SIZE], secret[BASE64_32];
    snprintf(id, sizeof id, "p%u", (unsigned)i + 1);
    pl_json_open(&body, NULL, '{');
    pl_json_str(&body, "person", id);
    pl_json_close(&body, '}');
    json_t *made = ask(v, "POST", "/invitations", &body, false);
    pl_buf_free(&body);
    if (!made)
        return false;
    const char *seat = text_of(made, "seat_name");
    pl_base64url(v->secrets[i], SECRET_SIZE, secret);
    printf("%s%s%s, %s: %s.%s.%s\n", seat, *seat ? ", " : "", text_of(made, "name"),
           text_of(made, "role"), text_of(made, "url"), secret, v->fingerprint);
    pl_wipe(secret, sizeof secret);
    json_decref(made);
    return true;
}

bool pl_invite(const struct pl_cli_invite *config)
{
    struct inviting v = {.config = config};
    for (const char *c = config->meeting; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyz", *c) || c - config->meeting > 32)
            return fail("%.40s: this is no meeting's id", config->meeting);
    (void)signal(SIGPIPE, SIG_IGN); /* a server that hangs up is told as one */
    bool good = read_token(&v) && get_key(&v) && get_meeting(&v) && put_manifest(&v);
    if (good)
        print_fingerprint(&v);
    for (size_t i = 0; good && i < v.n_people; i++)
        good = print_link(&v, i);
    good = fflush(stdout) == 0 && good;
    if (v.secrets)
        pl_wipe(v.secrets, v.n_people * sizeof *v.secrets);
    pl_wipe(v.seed, sizeof v.seed);
    free(v.secrets);
    json_decref(v.meeting);
    return good;
}
