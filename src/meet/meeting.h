/* A meeting while it is held: who is here, where they stand, who may be heard. Pure and
 * event-sourced: a command is checked against the state and becomes events (pl_meeting_decide);
 * events change the state and have effects (pl_meeting_apply). The same events give the same state.
 * Connections and media are the owner's affair. */
#ifndef PL_MEET_MEETING_H
#define PL_MEET_MEETING_H

#include "base/err.h"
#include "base/list.h"
#include "base/random.h"
#include "base/text.h"
#include "meet/definition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Those who preside come on top of it, so that a crowd cannot keep the chair out. Nor can one that
 * came by a shared invitation keep out those invited by name: places are kept for those of them who
 * are not here, up to half of all. */
#define PL_PARTICIPANTS_MAX 2000
#define PL_PARTICIPANT_ID_SIZE 20 /* "p5000.4294967295" and a zero, rounded up */
#define PL_CHAT_MAX 4000          /* bytes */
#define PL_MEETING_WHY_SIZE 200

/* As in signal/messages.json. */
enum pl_kind {
    PL_KIND_MICROPHONE,
    PL_KIND_CAMERA,
    PL_KIND_SCREEN,
    PL_KIND_SCREEN_SOUND,
    PL_KIND_COUNT
};
enum pl_place { PL_PLACE_ROOM, PL_PLACE_LOBBY, PL_PLACE_WAITING, PL_PLACE_COUNT };

/* Somebody who is here. Read it; events change it. */
struct pl_participant {
    struct pl_list node;             /* in the order of coming */
    char id[PL_PARTICIPANT_ID_SIZE]; /* the person's; "p3.1", "p3.2" for a shared invitation */
    uint32_t number;                 /* from 1, never used twice in a meeting */
    uint32_t person;                 /* index in the definition */
    enum pl_role role;
    char *name; /* to be shown */
    enum pl_place place;
    bool hand;                 /* asks for the floor */
    bool floor;                /* was given the floor */
    bool muted_by_chair;       /* until they switch on something that is heard */
    bool media[PL_KIND_COUNT]; /* which of their sources they have on */
    void *user;                /* the owner's */
};

struct pl_meeting;

/* The definition is borrowed and must outlive the meeting. PL_ENOMEM. */
enum pl_err pl_meeting_new(const struct pl_definition *definition, const struct pl_random *random,
                           struct pl_meeting **out) PL_CHECKED;
void pl_meeting_free(struct pl_meeting *m);

/* At once where nobody presides or the definition says `open`; otherwise from the coming of one who
 * does until all have left. */
bool pl_meeting_in_session(const struct pl_meeting *m);

size_t pl_meeting_size(const struct pl_meeting *m);

/* All participants: pl_list_each(struct pl_participant, p, pl_meeting_list(m), node). */
const struct pl_list *pl_meeting_list(const struct pl_meeting *m);

/* NULL if there is none. `by_person` is for invitations of one person. */
struct pl_participant *pl_meeting_by_id(const struct pl_meeting *m, struct pl_str id);
struct pl_participant *pl_meeting_by_person(const struct pl_meeting *m, uint32_t person);

/* May be heard: is in the room, and presides, holds the floor, or the floor is open to the role. */
bool pl_meeting_heard(const struct pl_meeting *m, const struct pl_participant *p);

/* May this kind of source be forwarded? The floor governs microphones and screens, not cameras; a
 * mute by the chair, all that is heard. */
bool pl_meeting_may_send(const struct pl_meeting *m, const struct pl_participant *p,
                         enum pl_kind kind);

/* Does `viewer` know of `p`? People in the room know of each other; those in the lobby and those
 * who wait know of themselves only, and those who preside know of them. */
bool pl_meeting_sees(const struct pl_participant *viewer, const struct pl_participant *p);

/* Why a person may not come in, until admitted again. */
enum pl_refusal { PL_REFUSAL_NONE, PL_REFUSAL_REMOVED, PL_REFUSAL_DENIED };
enum pl_refusal pl_meeting_refusal(const struct pl_meeting *m, uint32_t person);

/* Was anybody admitted or refused, so that forgetting the state would change what may be done? */
bool pl_meeting_remembers(const struct pl_meeting *m);

enum pl_meeting_command_type {
    PL_COMMAND_JOIN,   /* person, name */
    PL_COMMAND_LEAVE,  /* by */
    PL_COMMAND_MEDIA,  /* by, media */
    PL_COMMAND_HAND,   /* by, on */
    PL_COMMAND_FLOOR,  /* by, target, on: give, else take */
    PL_COMMAND_MUTE,   /* by, target */
    PL_COMMAND_REMOVE, /* by, target */
    PL_COMMAND_ADMIT,  /* by, target (a participant, or a person's id), on: admit, else deny */
    PL_COMMAND_CHAT,   /* by, text */
};

struct pl_meeting_command {
    enum pl_meeting_command_type type;
    const struct pl_participant *by;
    uint32_t person;
    struct pl_str name; /* JOIN; p NULL: the name in the definition. Not empty, one line */
    struct pl_str target;
    struct pl_str text;
    bool on;
    bool media[PL_KIND_COUNT];
    int64_t at_ms; /* Unix time */
};

enum pl_event_type {
    PL_EVENT_OPENED,   /* those who wait go to the room, or to the lobby */
    PL_EVENT_JOINED,   /* participant (the new number), person, name, place */
    PL_EVENT_LEFT,     /* participant */
    PL_EVENT_MEDIA,    /* participant, media */
    PL_EVENT_HAND,     /* participant, on */
    PL_EVENT_FLOOR,    /* participant, on */
    PL_EVENT_MUTED,    /* participant */
    PL_EVENT_REMOVED,  /* participant: out, and the invitation is refused */
    PL_EVENT_ADMITTED, /* person, and participant if there is one in the lobby */
    PL_EVENT_DENIED,   /* participant: out, and the invitation of one person is refused */
    PL_EVENT_SAID,     /* participant, text */
};

struct pl_event {
    enum pl_event_type type;
    uint32_t participant; /* number; 0 = none */
    uint32_t by;          /* number of who decided it; 0 = the participant */
    uint32_t person;
    enum pl_place place;
    bool on;
    bool media[PL_KIND_COUNT];
    struct pl_str name, text; /* borrowed from the command */
    int64_t at_ms;
};

/* Checks a command. On PL_OK the *n events are to be applied in order; none if nothing changes.
 * PL_EAUTH (not theirs to do), PL_ESTATE (not now), PL_ENOENT (no such participant), PL_EEXIST (an
 * invitation of one person is in use), PL_ELIMIT (full), PL_EINVAL (the text); `why` says it in one
 * sentence. */
#define PL_EVENTS_MAX 2
enum pl_err pl_meeting_decide(const struct pl_meeting *m, const struct pl_meeting_command *c,
                              struct pl_event events[PL_EVENTS_MAX], size_t *n,
                              char why[PL_MEETING_WHY_SIZE]) PL_CHECKED;

enum pl_effect_type {
    PL_EFFECT_CHANGED, /* `who` came or changed: tell those who see them */
    PL_EFFECT_PLACED,  /* `who` stands elsewhere now: tell them; CHANGED follows */
    PL_EFFECT_MUTED,   /* the chair silenced `who`: tell them; CHANGED follows */
    PL_EFFECT_GONE,    /* `who` left or was put out (`refusal`); is freed after the call */
    PL_EFFECT_SAID,    /* `who` said event->text */
};

struct pl_effects {
    void *ctx;
    void (*effect)(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                   enum pl_refusal refusal, const struct pl_event *event);
};

/* Applies an event of pl_meeting_decide. Only JOINED can fail: PL_ENOMEM. */
enum pl_err pl_meeting_apply(struct pl_meeting *m, const struct pl_event *event,
                             const struct pl_effects *effects) PL_CHECKED;

#endif
