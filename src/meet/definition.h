/* What a meeting is before anybody comes: its title, rules, seats and people. Made from JSON by
 * signal/definition.h; held by the store and by the live meeting. */
#ifndef PL_MEET_DEFINITION_H
#define PL_MEET_DEFINITION_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of texts in bytes of UTF-8, without the zero. */
#define PL_TITLE_MAX 400
#define PL_MARKING_MAX 200
#define PL_NAME_MAX 200
#define PL_SEAT_ID_MAX 32
#define PL_ID_MAX_BYTES 32 /* of items, parties, papers, options, decisions */
#define PL_LANGUAGE_MAX 8
#define PL_LANGUAGES_MAX 8

/* As many as 1000 seats may have, times a share's denominator of 10000, stay far within 64 bits. */
#define PL_WEIGHT_MAX 1000000000
#define PL_SPEAKING_SECONDS_MAX 86400 /* as in acts.json */

/* Acts of a prepared meeting: all that its limits allow (state.h), put once and amended once. */
#define PL_PREPARED_MAX 4000
#define PL_PREPARED_BYTES_MAX (1 << 20)

#define PL_SEATS_MAX 1000   /* five times the largest body there is (the UN has 193 members) */
#define PL_PEOPLE_MAX 5000  /* five persons a seat */
#define PL_PERSON_ID_SIZE 8 /* "p5000" and a zero, rounded up */

/* The words of these lists are those of signal/messages.json, in its order. */
enum pl_role {
    PL_ROLE_CHAIR,
    PL_ROLE_SECRETARY,
    PL_ROLE_DELEGATE,
    PL_ROLE_ADVISER,
    PL_ROLE_BRIEFER,
    PL_ROLE_INVITED,
    PL_ROLE_INTERPRETER,
    PL_ROLE_OBSERVER,
    PL_ROLE_RAPPORTEUR,
    PL_ROLE_CAPTIONER,
    PL_ROLE_COUNT
};

enum pl_floor { PL_FLOOR_OPEN, PL_FLOOR_CHAIRED, PL_FLOOR_COUNT };
enum pl_encryption { PL_ENCRYPTION_NONE, PL_ENCRYPTION_REQUIRED, PL_ENCRYPTION_COUNT };
enum pl_signatures { PL_SIGNATURES_OPTIONAL, PL_SIGNATURES_REQUIRED, PL_SIGNATURES_COUNT };

bool pl_role_presides(enum pl_role role);     /* chair and secretary */
bool pl_role_publishes(enum pl_role role);    /* all but observer, rapporteur, captioner */
bool pl_role_is_guest(enum pl_role role);     /* briefer and invited: heard on an item */
bool pl_role_needs_seat(enum pl_role role);   /* delegate and adviser: persons behind a seat */
bool pl_role_has_language(enum pl_role role); /* interpreter and captioner */

struct pl_seat {
    char id[PL_SEAT_ID_MAX + 1]; /* letters, digits, '.', '_', '-' */
    char *name;
    char country[3]; /* ISO 3166-1 alpha-2, upper case; "" = none */
    bool guest;      /* no member of the body: counts neither for quorum nor decisions */
    int64_t weight;  /* for majorities of weight, 0 to PL_WEIGHT_MAX; 1 if not said */
};

#define PL_NO_SEAT UINT32_MAX

struct pl_person {
    char id[PL_PERSON_ID_SIZE]; /* "p1" for the first, and so on */
    char *name;
    enum pl_role role;
    uint32_t seat;                   /* index in seats, or PL_NO_SEAT */
    bool shared;                     /* many may use the invitation at once */
    int64_t expires_ms;              /* Unix time; 0 = never */
    char item[PL_ID_MAX_BYTES + 1];  /* a briefer's or invited party's agenda item; "" = all */
    char party[PL_ID_MAX_BYTES + 1]; /* the outside party that an invited person speaks for; "" */
    char language[PL_LANGUAGE_MAX +
                  1]; /* an interpreter's channel, or a captioner's; "" for others */
};

/* Letters, digits, '/', '_', '-', '+', as IANA names time zones; not whether there is such a zone.
 */
#define PL_ZONE_MAX 64
bool pl_zone_ok(struct pl_str zone);

/* All is owned by the definition, which is not changed once it is made, so that several may hold it
 * (on one thread). */
struct pl_definition {
    char *title;
    char *marking; /* NULL = none */
    char *body;    /* whose meeting it is; NULL = not said */
    char *zone;    /* of its times: IANA, as in Europe/Brussels; NULL = not said */
    enum pl_floor floor;
    enum pl_encryption encryption;
    enum pl_signatures signatures; /* of the acts that are signed: votes, positions */
    bool lobby;
    bool open;       /* in session from the start; else a meeting with a chair waits for one */
    uint32_t quorum; /* members that must be present for a decision; 0 = none */
    uint32_t speaking_seconds;                             /* for each speaker; 0 = no limit */
    char languages[PL_LANGUAGES_MAX][PL_LANGUAGE_MAX + 1]; /* channels of interpretation */
    size_t n_languages;
    char *prepared; /* acts as JSON, a list (signal/definition.h); NULL = none */
    struct pl_seat *seats;
    size_t n_seats;
    struct pl_person *people;
    size_t n_people;
    unsigned more; /* holders beside the first */
};

/* A definition of its own, with one person more behind the others; `name` and `id` of `person` are
 * not used. NULL: no memory. */
struct pl_definition *pl_definition_with(const struct pl_definition *d,
                                         const struct pl_person *person, struct pl_str name);
/* The same with one seat more; `name` of `seat` is not used. */
struct pl_definition *pl_definition_with_seat(const struct pl_definition *d,
                                              const struct pl_seat *seat, struct pl_str name);

/* One more holder, who calls pl_definition_free in its turn; the last one frees. Returns d. */
struct pl_definition *pl_definition_hold(struct pl_definition *d);
void pl_definition_free(struct pl_definition *d); /* NULL is fine */

/* Does a person who presides belong to it? Then it opens only when one of them is there. */
bool pl_definition_has_chair(const struct pl_definition *d);

/* The index of the person with this id ("p3"); PL_ENOENT. */
enum pl_err pl_definition_person(const struct pl_definition *d, struct pl_str id,
                                 uint32_t *out) PL_CHECKED;

/* The number of a channel of interpretation, from 1; 0: there is none of this language. */
unsigned pl_definition_channel(const struct pl_definition *d, struct pl_str language);

/* What is wrong with a person's language, to be said behind the field's name; NULL: nothing. An
 * interpreter has a channel of the meeting, a captioner any language: captions need no channel. */
const char *pl_definition_language(const struct pl_definition *d, enum pl_role role,
                                   struct pl_str tag);

bool pl_id_ok(struct pl_str id); /* letters, digits, '.', '_', '-'; 1 to 32 */
/* A language tag (BCP 47): letters, digits, dashes; 1 to PL_LANGUAGE_MAX. */
bool pl_language_ok(struct pl_str tag);
bool pl_country_ok(struct pl_str code); /* two capital letters */

#endif
