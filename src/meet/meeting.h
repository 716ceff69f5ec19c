/* A meeting: who is here, where they stand, who may be heard, and its procedure. Pure and
 * event-sourced: an act is checked against the state and becomes events (pl_meeting_decide, _join,
 * _leave, _expire); events change the state and have effects (pl_meeting_apply). The same events
 * give the same state. Connections, media and the record are the owner's affair. */
#ifndef PL_MEET_MEETING_H
#define PL_MEET_MEETING_H

#include "base/err.h"
#include "base/list.h"
#include "base/random.h"
#include "base/text.h"
#include "meet/acts.h"
#include "meet/definition.h"
#include "meet/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Those who preside come on top of it, so that a crowd cannot keep the chair out. Nor can one that
 * came by a shared invitation keep out those invited by name: places are kept for those of them who
 * are not here, up to half of all. */
#define PL_PARTICIPANTS_MAX 2000
#define PL_PARTICIPANT_ID_SIZE 20 /* "p5000.4294967295" and a zero, rounded up */
#define PL_CHAT_MAX 4000          /* bytes */
#define PL_CAPTION_MAX 400        /* bytes of a line: more than are read at one glance */
#define PL_MEETING_WHY_SIZE 200
#define PL_FIELD_NAME_SIZE 33

/* As in signal/messages.json. */
enum pl_kind {
    PL_KIND_MICROPHONE,
    PL_KIND_CAMERA,
    PL_KIND_SCREEN,
    PL_KIND_SCREEN_SOUND,
    PL_KIND_COUNT
};

/* Somebody who is here. Read it; events change it. */
struct pl_participant {
    struct pl_list node;             /* in the order of coming */
    char id[PL_PARTICIPANT_ID_SIZE]; /* the person's; "p3.1", "p3.2" for a shared invitation */
    uint32_t number;                 /* from 1, never used twice in a meeting */
    uint32_t person;                 /* index in the definition */
    enum pl_role role;
    char *name; /* to be shown */
    enum pl_place place;
    bool muted_by_chair;       /* until they switch on something that is heard */
    bool media[PL_KIND_COUNT]; /* which of their sources they have on */
    bool booth;                /* an interpreter: has the channel's microphone, */
    bool offers_booth;         /* and wants it to change hands */
    void *user;                /* the owner's */
};

struct pl_meeting;

/* The definition is borrowed and must outlive the meeting. PL_ENOMEM. */
enum pl_err pl_meeting_new(const struct pl_definition *definition, const struct pl_random *random,
                           struct pl_meeting **out) PL_CHECKED;
void pl_meeting_free(struct pl_meeting *m);

const struct pl_definition *pl_meeting_definition(const struct pl_meeting *m);
const struct pl_state *pl_meeting_state(const struct pl_meeting *m);

/* At once where nobody presides or the definition says `open`; otherwise from the coming of one who
 * does until all have left. */
bool pl_meeting_in_session(const struct pl_meeting *m);

size_t pl_meeting_size(const struct pl_meeting *m);

/* All participants: pl_list_each(struct pl_participant, p, pl_meeting_list(m), node). */
const struct pl_list *pl_meeting_list(const struct pl_meeting *m);

/* NULL if there is none. `by_person` is for invitations of one person. */
struct pl_participant *pl_meeting_by_id(const struct pl_meeting *m, struct pl_str id);
struct pl_participant *pl_meeting_by_number(const struct pl_meeting *m, uint32_t number);
struct pl_participant *pl_meeting_by_person(const struct pl_meeting *m, uint32_t person);

/* Who has the floor and is here: the holder of the seat's voice, or the participant. NULL: nobody.
 */
struct pl_participant *pl_meeting_floor_holder(const struct pl_meeting *m);

/* Does the participant hold the voice of their seat? */
bool pl_meeting_has_voice(const struct pl_meeting *m, const struct pl_participant *p);

/* Does a request of theirs, or of the seat whose voice they hold, stand on the speakers' list? */
bool pl_meeting_asks_floor(const struct pl_meeting *m, const struct pl_participant *p);

/* May be heard on the floor: is in the room, and presides, has the floor, or the floor is open to
 * the role. Interpreters are heard in their channel instead. */
bool pl_meeting_heard(const struct pl_meeting *m, const struct pl_participant *p);

/* May this kind of source be forwarded? The floor governs microphones and screens, not cameras; a
 * mute by the chair, all that is heard. An interpreter's microphone goes to the channel while they
 * have it. */
bool pl_meeting_may_send(const struct pl_meeting *m, const struct pl_participant *p,
                         enum pl_kind kind);

/* Is it for them to type captions? */
bool pl_meeting_captions(const struct pl_meeting *m, const struct pl_participant *p);

/* An interpreter's channel, as of pl_definition_channel; 0: it is none. */
unsigned pl_meeting_channel(const struct pl_meeting *m, const struct pl_participant *p);

/* Does `viewer` know of `p`? People in the room know of each other; those in the lobby and those
 * who wait know of themselves only, and those who preside know of them. */
bool pl_meeting_sees(const struct pl_participant *viewer, const struct pl_participant *p);

/* Why a person may not come in, until admitted again. */
enum pl_refusal { PL_REFUSAL_NONE, PL_REFUSAL_REMOVED, PL_REFUSAL_DENIED };
enum pl_refusal pl_meeting_refusal(const struct pl_meeting *m, uint32_t person);
/* Was the person let in from the lobby, so that it does not stand before them again? */
bool pl_meeting_admitted(const struct pl_meeting *m, uint32_t person);

/* Seats: members that count for the quorum, and how many of them are present. */
size_t pl_meeting_members(const struct pl_meeting *m);
size_t pl_meeting_present(const struct pl_meeting *m);

/* Consultation of a party on an option, and whether the option crosses a red line of the party. */
enum pl_consultation_status pl_meeting_consultation(const struct pl_meeting *m,
                                                    const struct pl_party *party,
                                                    const struct pl_paper *paper,
                                                    const struct pl_option *option, bool *crossed);

/* What the chair must see before a decision on this option is called: parties that it touches and
 * nobody asked, or that have not answered; red lines that it crosses, of parties and (as far as the
 * chair may see them) of seats. At most PL_WARNINGS_MAX; borrowed from the state. Returns how many.
 */
size_t pl_meeting_warnings(const struct pl_meeting *m, const struct pl_paper *paper,
                           const struct pl_option *option,
                           struct pl_act_warning out[PL_WARNINGS_MAX]);

/* Roll call: the seat that is called, or PL_NO_SEAT. */
uint32_t pl_decision_turn(const struct pl_meeting *m, const struct pl_decision *d);

/* The rule in a sentence, zero-ended: "Two thirds of the seats voting; abstentions do not count."
 */
#define PL_RULE_WORDS_SIZE 1000
void pl_rule_words(const struct pl_meeting *m, const struct pl_decision *d,
                   char out[PL_RULE_WORDS_SIZE]);

/* What the rule makes of an open decision, for an event that declares its result (close_decision,
 * settled) and was not applied yet: what it must say. PL_ENOENT: no such decision is open;
 * PL_EINVAL: `settled` has a `due` that is neither the deadline nor when the silence was broken. */
#define PL_RESULT_WORDS_SIZE 4001 /* acts.json, and a zero */
/* The form of these sentences: an event says by which it was worded (`words_form`). Who words
 * anything otherwise makes the next form, and keeps this one for records of before
 * (tests/record/samples). */
#define PL_WORDS_FORM 1
struct pl_result {
    enum pl_outcome outcome;
    char words[PL_RESULT_WORDS_SIZE];
};
enum pl_err pl_meeting_result(const struct pl_meeting *m, const struct pl_act *event,
                              struct pl_result *out) PL_CHECKED;

/* The numbers that a result is made of, as they stand: of an open decision those of now, of one
 * that was declared with its last event, those of the result. */
struct pl_count {
    uint64_t seats, weight;
};
struct pl_numbers {
    struct pl_count members; /* that take part; each of them is in one of these: */
    struct pl_count yes, no, abstain, not_voted;
    struct pl_count present;
    struct pl_count base;   /* what a share is taken of; 0 where there is none */
    struct pl_count needed; /* at least so many yes; 0: the rule says it otherwise */
    size_t choices[PL_CHOICE_COUNT];
    size_t there, quorum; /* in the room or voted; that are needed (silence: 0) */
};
void pl_decision_numbers(const struct pl_meeting *m, const struct pl_decision *d,
                         struct pl_numbers *out);

/* SHA-256 in hexadecimal over the texts: for each, the language, a newline, the bytes of the text,
 * and a zero. */
void pl_wordings_hash(const struct pl_act_wording *texts, size_t n, char out[65]);

/* What a signed act is on, as a hash of what its maker read, in hexadecimal: of a vote the texts of
 * its version of the decision (above); of a position the option as it stands: its title and a zero,
 * then for each answer, in their order, the question's text, a newline, the answer's text and a
 * zero. "" for acts that are on no text. PL_ENOENT: there is no such text (any more); PL_ENOMEM. */
#define PL_TEXT_HASH_SIZE 65
/* Since when it stands there, so that what was signed before is no act on it: the number of the
 * event that called the decision, or that put the option or its paper last; 0 for acts that are on
 * no text, or on one that is not there. */
uint64_t pl_meeting_since(const struct pl_meeting *m, const struct pl_act *act);
uint64_t pl_option_since(const struct pl_paper *paper, const struct pl_option *option);
enum pl_err pl_meeting_text(const struct pl_meeting *m, const struct pl_act *act,
                            char out[PL_TEXT_HASH_SIZE]) PL_CHECKED;

/* Why an act was refused. */
struct pl_denial {
    char why[PL_MEETING_WHY_SIZE];                   /* one sentence */
    char field[PL_FIELD_NAME_SIZE];                  /* that is meant, as in acts.json; "": none */
    bool acknowledge;                                /* it needs an acknowledgement of these: */
    struct pl_act_warning warnings[PL_WARNINGS_MAX]; /* borrowed from the state */
    size_t n_warnings;
};

/* On PL_OK the *n events are to be applied in order; none if nothing changes. Their texts are
 * borrowed from the act and from the meeting, until the meeting is changed. Kept ones have their
 * numbers. PL_EAUTH (not theirs to do), PL_ESTATE (not now), PL_ENOENT (no such thing), PL_EEXIST
 * (there already), PL_ELIMIT (full), PL_EINVAL (a field). */
#define PL_EVENTS_MAX 3
/* A person comes. `name` p NULL: the one of the definition; else one line, not empty. PL_EEXIST: an
 * invitation of one person is in use. */
enum pl_err pl_meeting_join(const struct pl_meeting *m, uint32_t person, struct pl_str name,
                            int64_t at_ms, struct pl_act events[PL_EVENTS_MAX], size_t *n,
                            struct pl_denial *denial) PL_CHECKED;
/* The number that the next participant will have. */
uint32_t pl_meeting_next_number(const struct pl_meeting *m);
/* Never refused. */
void pl_meeting_leave(const struct pl_meeting *m, const struct pl_participant *p, int64_t at_ms,
                      struct pl_act events[PL_EVENTS_MAX], size_t *n);
/* `by` NULL: who prepares the meeting, or the server for the acts that are the server's. */
enum pl_err pl_meeting_decide(const struct pl_meeting *m, const struct pl_participant *by,
                              const struct pl_act *act, int64_t at_ms,
                              struct pl_act events[PL_EVENTS_MAX], size_t *n,
                              struct pl_denial *denial) PL_CHECKED;

/* When pl_meeting_expire has something to do next: Unix milliseconds; INT64_MAX: nothing waits. */
int64_t pl_meeting_deadline(const struct pl_meeting *m);
/* What fell due, one event a call; *n is 0 when nothing is. */
void pl_meeting_expire(const struct pl_meeting *m, int64_t at_ms,
                       struct pl_act events[PL_EVENTS_MAX], size_t *n);

enum pl_effect_type {
    PL_EFFECT_CHANGED,   /* `who` came or changed: tell those who see them */
    PL_EFFECT_PLACED,    /* `who` stands elsewhere now: tell them; CHANGED follows */
    PL_EFFECT_MUTED,     /* the chair silenced `who`: tell them; CHANGED follows */
    PL_EFFECT_GONE,      /* `who` left or was put out (`refusal`); is freed after the call */
    PL_EFFECT_SAID,      /* `who` said event->chat.text */
    PL_EFFECT_CAPTIONED, /* `who` typed event->caption */
};

struct pl_effects {
    void *ctx;
    void (*effect)(void *ctx, enum pl_effect_type type, struct pl_participant *who,
                   enum pl_refusal refusal, const struct pl_act *event);
};

/* For who wants the state alone. */
extern const struct pl_effects pl_no_effects;

/* Applies an event of the functions above, or of the record. What the event brings is copied.
 * PL_ENOMEM: the meeting is to be thrown away, and made again from its record. PL_EINVAL: it is no
 * event that this state can have, the record is damaged. */
enum pl_err pl_meeting_apply(struct pl_meeting *m, const struct pl_act *event,
                             const struct pl_effects *effects) PL_CHECKED;

#endif
