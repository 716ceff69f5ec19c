/* The demo meeting: the one that Parley was made for. It is in session without its chair. */
#include "server/app.h"

#include "signal/definition.h"

#include <stdio.h>
#include <stdlib.h>

extern const char pl_demo_json[]; /* demo.json */

static const char *const labels[PL_ROLE_COUNT] = {
    [PL_ROLE_CHAIR] = "Chair",           [PL_ROLE_SECRETARY] = "Secretary",
    [PL_ROLE_DELEGATE] = "Delegate",     [PL_ROLE_ADVISER] = "Adviser",
    [PL_ROLE_BRIEFER] = "Briefer",       [PL_ROLE_INVITED] = "Invited",
    [PL_ROLE_INTERPRETER] = "Booth ",    [PL_ROLE_OBSERVER] = "Observer",
    [PL_ROLE_RAPPORTEUR] = "Rapporteur",
};

static void print_link(const struct pl_definition *d, size_t person, const char *origin,
                       const struct pl_invitation_made *made)
{
    const struct pl_person *p = &d->people[person];
    char url[PL_PUBLIC_URL_SIZE + 64], who[2 * PL_NAME_MAX + 32];
    if (p->seat != PL_NO_SEAT)
        snprintf(who, sizeof who, "%s, %s%s", d->seats[p->seat].name, p->name,
                 p->role == PL_ROLE_ADVISER ? " (adviser)" : "");
    else if (p->shared)
        snprintf(who, sizeof who, "%s", p->name);
    else
        snprintf(who, sizeof who, "%s%s, %s", labels[p->role], p->language, p->name);
    pl_link(url, sizeof url, origin, made->invitation.meeting, made->token);
    int columns = 0; /* of a terminal: bytes that begin a character */
    for (const char *c = who; *c; c++)
        columns += ((unsigned char)*c & 0xc0) != 0x80;
    printf("%s:%*s %s\n", who, columns < 31 ? 31 - columns : 0, "", url);
}

/* Who is looked for first stands first: the chair, then one of each kind of delegation and guest.
 */
static void print_links(const struct pl_definition *d, const char *origin, const char *token_path,
                        const struct pl_invitation_made *made)
{
    printf(
        "\n%s\n"
        "Open the chair's link and one or two delegations', each in a browser window of its own.\n"
        "A delegation asks for the floor, the chair gives it; then it is heard.\n\n",
        d->title);
    for (size_t i = 0; i < d->n_people; i++)
        if (d->people[i].role != PL_ROLE_DELEGATE)
            print_link(d, i, origin, &made[i]);
    printf("\nThe delegations:\n\n");
    for (size_t i = 0; i < d->n_people; i++)
        if (d->people[i].role == PL_ROLE_DELEGATE)
            print_link(d, i, origin, &made[i]);
    printf("\nTo prepare meetings of your own: %s/prepare, with the token in\n%s\n"
           "Stop with Ctrl-C.\n",
           origin, token_path);
}

enum pl_err pl_demo_make(struct pl_app *app, const char *origin)
{
    struct pl_definition *d;
    struct pl_invitation_made *made;
    char why[PL_WHY_SIZE], id[PL_STORE_ID_SIZE];
    enum pl_err e = pl_definition_decode(pl_str(pl_demo_json), &d, why);
    if (e)
        return e;
    e = pl_store_add(app->store, d, pl_wall_now_us() / 1000, id, &made, why);
    if (!e) {
        print_links(d, origin, pl_data_token_path(app->data), made);
        free(made);
    }
    pl_definition_free(d);
    return e;
}
