/* The demo: the meeting that Parley was made for, both in session without their chair: once not
 * encrypted, with simulated delegations, once encrypted. Whoever starts it plays the organiser too,
 * which is said. */
#include "server/app.h"

#include "crypto/hash.h"
#include "io/file.h"
#include "meet/meeting.h"
#include "server/organiser.h"
#include "server/simulator.h"
#include "signal/definition.h"
#include "signal/manifest.h"

#include <stdio.h>
#include <stdlib.h>

extern const char pl_demo_json[]; /* demo.json */

struct demo {
    struct pl_app *app;
    const char *origin;
    struct pl_organiser organiser;
    struct pl_buf all; /* every link, for the file */
    /* Links of delegations for the simulator; those that are printed come last, so that the last of
     * them is free if one seat is. */
    struct pl_buf seats, printed_seats;
};

static const char *const labels[PL_ROLE_COUNT] = {
    [PL_ROLE_CHAIR] = "Chair",           [PL_ROLE_SECRETARY] = "Secretary",
    [PL_ROLE_DELEGATE] = "Delegate",     [PL_ROLE_ADVISER] = "Adviser",
    [PL_ROLE_BRIEFER] = "Briefer",       [PL_ROLE_INVITED] = "Invited",
    [PL_ROLE_INTERPRETER] = "Booth ",    [PL_ROLE_OBSERVER] = "Observer",
    [PL_ROLE_RAPPORTEUR] = "Rapporteur", [PL_ROLE_CAPTIONER] = "Captions ",
};

static bool has_adviser(const struct pl_definition *d, uint32_t seat)
{
    for (size_t i = 0; i < d->n_people; i++)
        if (d->people[i].seat == seat && d->people[i].role == PL_ROLE_ADVISER)
            return true;
    return false;
}

/* The few that are enough to see how it goes. */
static bool is_shown(const struct pl_definition *d, const struct pl_person *p)
{
    return p->role == PL_ROLE_CHAIR || p->shared ||
           (p->role == PL_ROLE_DELEGATE && has_adviser(d, p->seat));
}

static void put_seat(struct demo *demo, const struct pl_definition *d, const struct pl_person *p,
                     const struct pl_invitation_made *made)
{
    char url[PL_PUBLIC_URL_SIZE + 64];
    if (d->encryption != PL_ENCRYPTION_NONE || p->role != PL_ROLE_DELEGATE)
        return;
    /* By our own address: the public one may lead through somebody else's proxy. */
    pl_link(url, sizeof url, demo->app->self_url, made->invitation.meeting, made->token);
    pl_buf_printf(is_shown(d, p) ? &demo->printed_seats : &demo->seats, "%s\n", url);
    pl_wipe(url, sizeof url);
}

static void put_link(struct demo *demo, const struct pl_definition *d, size_t person,
                     const struct pl_invitation_made *made, const char *secret)
{
    const struct pl_person *p = &d->people[person];
    char url[PL_PUBLIC_URL_SIZE + 64], who[2 * PL_NAME_MAX + 32], line[PL_PUBLIC_URL_SIZE + 800];
    if (p->seat != PL_NO_SEAT)
        snprintf(who, sizeof who, "%s, %s%s", d->seats[p->seat].name, p->name,
                 p->role == PL_ROLE_ADVISER ? " (adviser)" : "");
    else if (p->shared)
        snprintf(who, sizeof who, "%s", p->name);
    else
        snprintf(who, sizeof who, "%s%s, %s", labels[p->role], p->language, p->name);
    pl_link(url, sizeof url, demo->origin, made->invitation.meeting, made->token);
    int columns = 0; /* of a terminal: bytes that begin a character */
    for (const char *c = who; *c; c++)
        columns += ((unsigned char)*c & 0xc0) != 0x80;
    snprintf(line, sizeof line, "%s:%*s %s.%s.%s\n", who, columns < 25 ? 25 - columns : 0, "", url,
             secret, demo->organiser.fingerprint);
    pl_buf_puts(&demo->all, line);
    put_seat(demo, d, p, made);
    if (is_shown(d, p))
        fputs(line, stdout);
    pl_wipe(line, sizeof line);
}

/* The meeting as REST would tell it, of its definition's text. */
static json_t *told(struct pl_str text, const char *id)
{
    json_t *meeting = json_loadb(text.p, text.n, 0, NULL);
    if (json_object_set_new(meeting, "id", json_string(id)) == 0)
        return meeting;
    json_decref(meeting);
    return NULL;
}

static enum pl_err put(const struct pl_app *app, const char *id, struct pl_definition *d,
                       const struct pl_store_manifest *m)
{
    struct pl_conference *c;
    struct pl_denial denial;
    enum pl_err e = pl_conferences_start(app->conferences, pl_str(id), pl_definition_hold(d), &c);
    if (e) {
        pl_definition_free(d);
        return e;
    }
    return pl_conference_put_manifest(c, m, &denial);
}

static enum pl_err sign(const struct demo *demo, struct pl_definition *d, struct pl_str text,
                        const char *id, char (*secrets)[PL_BASE64_32])
{
    struct pl_signed made = {0};
    json_t *meeting = told(text, id);
    json_t *draft = meeting ? pl_organiser_draft(meeting, text, pl_wall_now_us() / 1000) : NULL;
    bool good = draft;
    for (size_t i = 0; good && i < d->n_people; i++) {
        pl_organiser_secret(&demo->app->random, secrets[i]);
        good = pl_organiser_name(draft, meeting, i, secrets[i]);
    }
    enum pl_err e = good ? pl_organiser_sign(&demo->organiser, draft, &made) : PL_ENOMEM;
    if (!e) {
        const struct pl_store_manifest m = {.version = 1,
                                            .manifest = {made.text.data, made.text.len},
                                            .signature = pl_str(made.signature),
                                            .key = pl_str(demo->organiser.key),
                                            .signed_by = pl_str(PL_MANIFEST_ORGANISER)};
        e = put(demo->app, id, d, &m);
    }
    pl_buf_free(&made.text);
    json_decref(draft);
    json_decref(meeting);
    return e;
}

static enum pl_err make_one(struct demo *demo, struct pl_definition *d)
{
    char why[PL_WHY_SIZE], id[PL_STORE_ID_SIZE];
    struct pl_invitation_made *made = NULL;
    struct pl_buf json = {0};
    char(*secrets)[PL_BASE64_32] = calloc(d->n_people, sizeof *secrets);
    pl_definition_encode(d, &json);
    const struct pl_str text = {json.data, json.len};
    enum pl_err e = !secrets || json.failed ? PL_ENOMEM
                                            : pl_store_add(demo->app->store, d, text,
                                                           pl_wall_now_us() / 1000, id, &made, why);
    if (!e)
        e = sign(demo, d, text, id, secrets);
    if (!e) {
        pl_buf_printf(&demo->all, "%s%s\n\n", demo->all.len ? "\n" : "", d->title);
        for (size_t i = 0; i < d->n_people; i++)
            put_link(demo, d, i, &made[i], secrets[i]);
    }
    if (secrets)
        pl_wipe(secrets, d->n_people * sizeof *secrets);
    free(secrets);
    pl_buf_free(&json);
    free(made);
    return e;
}

/* The meeting of demo.json, with or without encryption, and called so. */
static enum pl_err make(struct demo *demo, enum pl_encryption encryption, const char *what)
{
    struct pl_definition *d;
    char why[PL_WHY_SIZE], title[PL_TITLE_MAX];
    enum pl_err e = pl_definition_decode(pl_str(pl_demo_json), &d, why);
    if (e)
        return e;
    snprintf(title, sizeof title, "%s (demonstration, %s)", d->title, what);
    free(d->title);
    d->title = strdup(title);
    d->encryption = encryption;
    e = d->title ? make_one(demo, d) : PL_ENOMEM;
    pl_definition_free(d);
    return e;
}

static void print_rest(const struct demo *demo)
{
    printf("\nThis command played the organiser of both: it made a key for each of their people,\n"
           "which is in their link, and signed the list of these keys; its own key is gone. For\n"
           "a meeting of your own do that elsewhere than on the server: parley help invite. The\n"
           "organiser's fingerprint, which the lock in the page shows too:\n"
           "%s\n\n"
           "All links, of every delegation:   %s\n"
           "To prepare meetings of your own:  %s/prepare, with the token in\n"
           "                                  %s\n"
           "What to do in it, and then:       %s/docs/start\n"
           "Stop with Ctrl-C.\n",
           demo->organiser.words, pl_data_links_path(demo->app->data), demo->origin,
           pl_data_token_path(demo->app->data), demo->origin);
}

/* Who is simulated is said before the links. */
static enum pl_err make_council(struct demo *demo)
{
    unsigned seats = demo->app->config.seats;
    printf(
        "\nA council of 32 delegations, to try. Not encrypted: this server could see and hear it;\n"
        "encoders, as OBS, may publish here too.\n");
    if (seats)
        printf(
            "%u of its delegations are simulated, with pictures and voices made here: they ask "
            "for\n"
            "the floor, speak when they have it, take positions, vote. Open the chair's link, "
            "give\n"
            "somebody the floor, take up an item, call a decision. A delegation's link takes the\n"
            "seat from whoever simulates it.\n",
            seats);
    else
        printf(
            "Open the chair's link and one or two delegations', each in a browser window of its\n"
            "own. A delegation asks for the floor, the chair gives it; then it is heard.\n");
    printf("\n");
    return make(demo, PL_ENCRYPTION_NONE, "not encrypted");
}

/* Without them the demo is one all the same. */
static void simulate(struct demo *demo)
{
    struct pl_app *app = demo->app;
    pl_buf_puts(&demo->seats, demo->printed_seats.data ? demo->printed_seats.data : "");
    if (app->config.seats == 0 || demo->seats.failed || demo->printed_seats.failed)
        return;
    enum pl_err e = pl_simulator_start((struct pl_str){demo->seats.data, demo->seats.len},
                                       app->config.seats, &app->simulator);
    if (e)
        fprintf(stderr, "parley: no delegations are simulated: %s\n",
                e == PL_ENOENT ? "parley-simulate is not beside this program"
                               : "parley-simulate cannot be started");
}

static enum pl_err make_both(struct demo *demo)
{
    enum pl_err e = make_council(demo);
    if (e)
        return e;
    printf("\nThe same council, encrypted end to end: pictures, sound and chat this server cannot\n"
           "read. Nobody is simulated here, as that takes the keys in the links.\n\n");
    e = make(demo, PL_ENCRYPTION_REQUIRED, "encrypted");
    if (!e && demo->all.failed)
        e = PL_ENOMEM;
    if (!e)
        e = pl_file_write(pl_data_links_path(demo->app->data), demo->all.data, demo->all.len, 0600);
    if (!e) {
        simulate(demo);
        print_rest(demo);
    }
    return e;
}

static void wipe(struct pl_buf *b)
{
    if (b->data)
        pl_wipe(b->data, b->len);
    pl_buf_free(b);
}

enum pl_err pl_demo_make(struct pl_app *app, const char *origin)
{
    uint8_t seed[PL_SEED_SIZE];
    struct demo demo = {.app = app, .origin = origin};
    app->random.fill(app->random.ctx, seed, sizeof seed);
    pl_organiser_make(&demo.organiser, seed);
    enum pl_err e = make_both(&demo);
    pl_wipe(seed, sizeof seed);
    pl_wipe(demo.organiser.seed, sizeof demo.organiser.seed);
    wipe(&demo.all);
    wipe(&demo.seats);
    wipe(&demo.printed_seats);
    return e;
}
