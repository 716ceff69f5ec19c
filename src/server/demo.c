/* The demo meeting: a council that can meet at once, without its chair. */
#include "server/app.h"

#include "signal/definition.h"

#include <stdio.h>
#include <stdlib.h>

static const char demo[] =
    "{\"title\":\"Council of the Nordic and Baltic States (demo)\","
    "\"marking\":\"Demonstration: nothing here is secret\","
    "\"floor\":\"open\",\"encryption\":\"none\",\"open\":true,"
    "\"seats\":["
    "{\"id\":\"DNK\",\"name\":\"Denmark\",\"country\":\"DK\"},"
    "{\"id\":\"EST\",\"name\":\"Estonia\",\"country\":\"EE\"},"
    "{\"id\":\"FIN\",\"name\":\"Finland\",\"country\":\"FI\"},"
    "{\"id\":\"ISL\",\"name\":\"Iceland\",\"country\":\"IS\"},"
    "{\"id\":\"LVA\",\"name\":\"Latvia\",\"country\":\"LV\"},"
    "{\"id\":\"NOR\",\"name\":\"Norway\",\"country\":\"NO\"}],"
    "\"people\":["
    "{\"name\":\"Solveig Lindqvist\",\"role\":\"chair\"},"
    "{\"name\":\"Freja Holm\",\"role\":\"delegate\",\"seat\":\"DNK\"},"
    "{\"name\":\"Kaarel Tamm\",\"role\":\"delegate\",\"seat\":\"EST\"},"
    "{\"name\":\"Aino Korhonen\",\"role\":\"delegate\",\"seat\":\"FIN\"},"
    "{\"name\":\"Einar J\xc3\xb3nsson\",\"role\":\"delegate\",\"seat\":\"ISL\"},"
    "{\"name\":\"Ilze Kalni\xc5\x86"
    "a\",\"role\":\"delegate\",\"seat\":\"LVA\"},"
    "{\"name\":\"Ingrid Haugen\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
    "{\"name\":\"Observers\",\"role\":\"observer\",\"shared\":true}]}";

static void print_link(const struct pl_definition *d, size_t person, const char *origin,
                       const struct pl_invitation_made *made)
{
    const struct pl_person *p = &d->people[person];
    char url[PL_PUBLIC_URL_SIZE + 64], who[2 * PL_NAME_MAX + 32];
    if (p->seat != PL_NO_SEAT)
        snprintf(who, sizeof who, "%s, %s", d->seats[p->seat].name, p->name);
    else if (p->role == PL_ROLE_CHAIR)
        snprintf(who, sizeof who, "Chair, %s", p->name);
    else
        snprintf(who, sizeof who, "%s", p->name);
    pl_link(url, sizeof url, origin, made->invitation.meeting, made->token);
    int columns = 0; /* of a terminal: bytes that begin a character */
    for (const char *c = who; *c; c++)
        columns += ((unsigned char)*c & 0xc0) != 0x80;
    printf("%s:%*s %s\n", who, columns < 28 ? 28 - columns : 0, "", url);
}

enum pl_err pl_demo_make(struct pl_app *app, const char *origin)
{
    struct pl_definition *d;
    struct pl_invitation_made *made;
    char why[PL_WHY_SIZE], id[PL_STORE_ID_SIZE];
    enum pl_err e = pl_definition_decode(pl_str(demo), &d, why);
    if (e)
        return e;
    e = pl_store_add(app->store, d, pl_wall_now_us() / 1000, id, &made);
    if (!e) {
        printf("\n%s\nOpen two of these links, each in a browser window of its own:\n\n", d->title);
        for (size_t i = 0; i < d->n_people; i++)
            print_link(d, i, origin, &made[i]);
        fputs("\nStop with Ctrl-C.\n", stdout);
        free(made);
    }
    pl_definition_free(d);
    return e;
}
