/* What the files of the meeting share, and nobody else includes: meeting.c (the way of every act),
 * people.c (who comes and goes), late.c (who is added, and which seats), booth.c (interpreters),
 * seats.c (presence, voices), agenda.c (session, items, documents, requests), floor.c (speakers'
 * list), paper.c (options papers and positions), consult.c (register and warnings), decision.c
 * (decisions, from draft to result), vote.c (votes, roll call), silence.c (what silence has of its
 * own, and deadlines), tally.c (rules and their arithmetic), minutes.c (notes, corrections,
 * adoption), alarm.c (that the record was changed), text.c (what a signed act is on).
 *
 * Each act has a row in meeting.c's table: `decide` and `apply`. A `decide` says who may, and adds
 * events or refuses; an `apply` changes the state, and nothing else does. */
#ifndef PL_MEET_PARTS_H
#define PL_MEET_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "meet/meeting.h"

/* What is remembered of an invitation, beyond those who are here. */
struct pl_person_state {
    struct pl_participant *here; /* of an invitation of one person */
    bool admitted;               /* goes past the lobby */
    enum pl_refusal refusal;
    uint32_t copies; /* participants that a shared invitation has had */
};

struct pl_meeting {
    const struct pl_definition *definition;
    struct pl_definition *widened; /* it, once somebody or a seat was added; NULL */
    bool needs_chair, in_session;
    struct pl_list participants;
    size_t n_participants;
    struct pl_map by_id, by_number;
    uint32_t next_number;
    struct pl_person_state *people;
    struct pl_state state;
    struct pl_arena arena; /* everything in the state */
    struct pl_scratch *scratch;
};

/* What an event in the making borrows. */
#define PL_WORDS_SIZE PL_RESULT_WORDS_SIZE
struct pl_scratch {
    char words[PL_WORDS_SIZE];
    char hash[65];
    char id[PL_ID_MAX_BYTES + 1];
};

/* An act in the making. */
struct pl_ruling_on {
    const struct pl_meeting *m;
    const struct pl_participant *by; /* NULL: who prepares, or the server */
    const struct pl_act *act;
    int64_t at_ms;
    struct pl_act *events;
    size_t n;
    struct pl_denial *denial;
};

/* An event while it is applied. */
struct pl_change {
    struct pl_meeting *m;
    const struct pl_act *e;
    const struct pl_effects *effects;
};

typedef enum pl_err pl_decide(struct pl_ruling_on *r);
typedef enum pl_err pl_apply(const struct pl_change *ch);

/* Refuses. `field` NULL: none. */
enum pl_err pl_refuse(struct pl_ruling_on *r, enum pl_err err, const char *field, const char *why);

/* Adds an event with number, time and actor: the act itself (with what the server adds still to be
 * set), or another. Never NULL: PL_EVENTS_MAX holds what any act makes. */
struct pl_act *pl_add_act(struct pl_ruling_on *r);
struct pl_act *pl_add(struct pl_ruling_on *r, enum pl_act_type type);

bool pl_presides(const struct pl_ruling_on *r);        /* or prepares */
enum pl_err pl_check_presides(struct pl_ruling_on *r); /* PL_EAUTH */
enum pl_err pl_check_chair(struct pl_ruling_on *r);    /* PL_EAUTH; who prepares is none */
enum pl_err pl_check_open(struct pl_ruling_on *r);     /* the session; PL_ESTATE */
enum pl_err pl_check_not_closed(struct pl_ruling_on *r);
enum pl_err pl_check_prepares(struct pl_ruling_on *r); /* presides, and it is not closed */
/* The seat whose voice `by` holds, PL_NO_SEAT: none; then refused with what is missing. */
enum pl_err pl_voice_of(struct pl_ruling_on *r, uint32_t *seat);

/* The seat that they sit behind, as delegate or adviser; PL_NO_SEAT. */
uint32_t pl_seat_of(const struct pl_meeting *m, const struct pl_participant *p);
/* Who holds the voice of the seat and is in the room; NULL: nobody. */
struct pl_participant *pl_seat_speaker(const struct pl_meeting *m, uint32_t seat);

/* For `apply`: a person came to the meeting's people, who heads their delegation if it has nobody.
 */
void pl_seat_gets(const struct pl_change *ch, uint32_t person);
/* In the arena, a list of one thing a seat, of so many bytes each, zeroed: a new one (`list` NULL),
 * or with one seat more than before, `seats` now. It has room for some that are still to come.
 * NULL: no memory. */
void *pl_seats_list(struct pl_meeting *m, void *list, size_t seats, size_t each);

/* May corrections of the minutes be proposed at this time? */
bool pl_corrections_run(const struct pl_meeting *m, int64_t at_ms);
/* For `apply`: the session goes on, and there are no minutes of it to correct yet. */
void pl_corrections_end(const struct pl_change *ch);
bool pl_is_sha256(struct pl_str s); /* 64 hexadecimal digits in lower case */

/* Texts and ids; `name` is the field. PL_EINVAL. */
enum pl_err pl_check_id(struct pl_ruling_on *r, const char *name, struct pl_str id);
enum pl_err pl_check_line(struct pl_ruling_on *r, const char *name, struct pl_str text);
enum pl_err pl_check_text(struct pl_ruling_on *r, const char *name, struct pl_str text);
/* As these, but absent is fine. */
enum pl_err pl_check_optional(struct pl_ruling_on *r, const char *name, struct pl_str text);

/* NULL: there is none (or it was dropped). */
struct pl_item *pl_find_item(const struct pl_meeting *m, struct pl_str id);
struct pl_party *pl_find_party(const struct pl_meeting *m, struct pl_str id);
struct pl_paper *pl_find_paper(const struct pl_meeting *m, struct pl_str id);
struct pl_option *pl_find_option(const struct pl_paper *paper, struct pl_str id);
struct pl_decision *pl_find_decision(const struct pl_meeting *m, struct pl_str id);
struct pl_floor_entry *pl_find_entry(const struct pl_meeting *m, int64_t number);
uint32_t pl_find_seat(const struct pl_definition *d, struct pl_str id); /* PL_NO_SEAT */

/* Equal texts; an absent one is equal to an absent one only. */
static inline bool pl_same(struct pl_str a, struct pl_str b)
{
    return !a.p == !b.p && a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Found, or refused with PL_ENOENT. */
enum pl_err pl_paper_of(struct pl_ruling_on *r, struct pl_str id, struct pl_paper **paper);
enum pl_err pl_option_of(struct pl_ruling_on *r, const struct pl_paper *paper, struct pl_str id,
                         const char *field, struct pl_option **option);
/* As those refuse. */
enum pl_err pl_no_paper(struct pl_ruling_on *r);
enum pl_err pl_no_option(struct pl_ruling_on *r, const char *field);

/* For `apply`. */
void pl_tell(const struct pl_change *ch, enum pl_effect_type type, struct pl_participant *who);
void pl_move(const struct pl_change *ch, struct pl_participant *p, enum pl_place place);
void pl_touch(const struct pl_change *ch, enum pl_part part); /* this event changed it */

/* Somebody is in the room now, or no longer: presence of the seat. */
void pl_seats_presence(const struct pl_change *ch, const struct pl_participant *p, bool present);
/* Somebody goes, and does not count as present any more: the floor, if it was theirs and nobody can
 * speak for them, their requests where they have no seat. */
void pl_floor_gone(const struct pl_change *ch, const struct pl_participant *p);
void pl_floor_end(const struct pl_change *ch); /* nobody has it */
/* Nobody has it, and the list is empty and open, without interventions and rulings. */
void pl_floor_clear(const struct pl_change *ch);
/* Another speaks for the seat now, or nobody: where it has the floor or asks for it, the list says
 * so. */
void pl_floor_speaker_changed(const struct pl_change *ch, uint32_t seat);
/* Guests of items: is the person's item the current one? Always, if they are not a guest. */
bool pl_agenda_lets_in(const struct pl_meeting *m, uint32_t person);
/* A seat came into the room: it counts as present in what is open. */
void pl_decision_seat_came(const struct pl_change *ch, uint32_t seat);
bool pl_decision_open_but_silence(const struct pl_meeting *m);

/* Is one on this option open? */
bool pl_decision_open_on(const struct pl_meeting *m, const struct pl_option *option);
/* What the paper's options touch or cross is changed, and with it the warnings before a call. */
void pl_decision_warned(const struct pl_change *ch, const struct pl_paper *paper);
/* PL_ENOENT; PL_ESTATE if it is not open, or its silence is over and not settled yet. */
enum pl_err pl_decision_to_act_on(struct pl_ruling_on *r, struct pl_str id, struct pl_decision **d);
/* One or two wordings, each in a language of its own. */
enum pl_err pl_check_texts(struct pl_ruling_on *r, const struct pl_act_wording *texts, size_t n);
/* A deadline of silence, and its time zone. */
enum pl_err pl_check_deadline(struct pl_ruling_on *r, int64_t deadline, struct pl_str time_zone);
/* For `apply`: a new version. PL_EINVAL: it is not the next one, or the hash is another. */
enum pl_err pl_set_texts(const struct pl_change *ch, struct pl_decision *d,
                         const struct pl_act_wording *texts, size_t n, int64_t version,
                         struct pl_str hash);
/* For `apply`: there is one seat more, and what is kept of each has room for it. PL_ENOMEM. */
enum pl_err pl_decisions_widen(struct pl_meeting *m, size_t seats) PL_CHECKED;
enum pl_err pl_papers_widen(struct pl_meeting *m, size_t seats) PL_CHECKED;
/* For `apply`: nobody has voted yet; present is who is in the room now. */
void pl_clear_casts(const struct pl_meeting *m, struct pl_decision *d);

/* Does the seat take part: a member, and not excluded; once it is called, as of the call? How many
 * do, and how many of them are in the room. */
bool pl_takes_part(const struct pl_meeting *m, const struct pl_decision *d, size_t seat);
size_t pl_electorate(const struct pl_meeting *m, const struct pl_decision *d, size_t *present);
/* How many of them must be there; all of them if the meeting's quorum is more. */
size_t pl_quorum_of(const struct pl_meeting *m, const struct pl_decision *d);

/* The result of a decision under its rule (tally.c). `words` says the rule and the arithmetic. */
enum pl_outcome pl_tally(const struct pl_meeting *m, const struct pl_decision *d, char *words,
                         size_t size);
/* The result of a silence that this seat breaks now. */
void pl_tally_break(const struct pl_meeting *m, uint32_t seat, struct pl_str reason, char *words,
                    size_t size);

void pl_participant_free(struct pl_participant *p);
/* Not empty, without control characters. */
bool pl_is_line(struct pl_str s);
pl_decide pl_decide_alarm;
pl_apply pl_apply_alarm;
pl_decide pl_decide_add_seat, pl_decide_add_person, pl_decide_admit, pl_decide_chat,
    pl_decide_media, pl_decide_mute, pl_decide_remove;
pl_apply pl_apply_add_seat, pl_apply_add_person, pl_apply_admit, pl_apply_chat, pl_apply_joined,
    pl_apply_left, pl_apply_media, pl_apply_mute, pl_apply_opened, pl_apply_remove,
    pl_apply_restarted;
pl_decide pl_decide_set_session, pl_decide_put_item, pl_decide_drop_item, pl_decide_take_item,
    pl_decide_ask_item, pl_decide_answer_ask, pl_decide_put_document, pl_decide_drop_document;
pl_apply pl_apply_set_session, pl_apply_put_item, pl_apply_drop_item, pl_apply_take_item,
    pl_apply_ask_item, pl_apply_answer_ask, pl_apply_put_document, pl_apply_drop_document;
pl_decide pl_decide_booth, pl_decide_offer_booth, pl_decide_caption;
pl_apply pl_apply_booth, pl_apply_offer_booth, pl_apply_caption;
pl_decide pl_decide_voice;
pl_apply pl_apply_voice;
pl_decide pl_decide_request_floor, pl_decide_withdraw_floor, pl_decide_pass_floor,
    pl_decide_give_floor, pl_decide_end_floor, pl_decide_set_floor_list,
    pl_decide_set_speaking_time, pl_decide_rule_on;
pl_apply pl_apply_request_floor, pl_apply_withdraw_floor, pl_apply_pass_floor, pl_apply_give_floor,
    pl_apply_end_floor, pl_apply_set_floor_list, pl_apply_set_speaking_time, pl_apply_rule_on;
pl_decide pl_decide_put_party, pl_decide_put_paper, pl_decide_put_option, pl_decide_drop_option,
    pl_decide_take_position;
pl_apply pl_apply_put_party, pl_apply_put_paper, pl_apply_put_option, pl_apply_drop_option,
    pl_apply_take_position;
pl_decide pl_decide_consult, pl_decide_state_red_line;
pl_apply pl_apply_consult, pl_apply_state_red_line;
pl_decide pl_decide_put_decision, pl_decide_call_decision, pl_decide_vote, pl_decide_pass_vote,
    pl_decide_extend_silence, pl_decide_restart_silence, pl_decide_close_decision,
    pl_decide_withdraw_decision;
pl_apply pl_apply_put_decision, pl_apply_call_decision, pl_apply_vote, pl_apply_pass_vote,
    pl_apply_extend_silence, pl_apply_restart_silence, pl_apply_close_decision, pl_apply_settled,
    pl_apply_withdraw_decision;
pl_decide pl_decide_annotate, pl_decide_open_corrections, pl_decide_propose_correction,
    pl_decide_settle_correction, pl_decide_adopt_minutes;
pl_apply pl_apply_annotate, pl_apply_open_corrections, pl_apply_propose_correction,
    pl_apply_settle_correction, pl_apply_adopt_minutes;

#endif
