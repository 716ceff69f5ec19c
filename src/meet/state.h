/* What a meeting knows, for reading: made by its events alone, so that the same events give the
 * same state. Everything lives as long as the meeting; texts are zero-ended behind their length.
 * What was dropped stays, and says so. */
#ifndef PL_MEET_STATE_H
#define PL_MEET_STATE_H

#include "base/list.h"
#include "base/text.h"
#include "meet/acts.h"
#include "meet/definition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of a meeting; one more is refused. */
#define PL_ITEMS_MAX 100
#define PL_DOCUMENTS_MAX 200
#define PL_ASKS_MAX 100    /* of all seats */
#define PL_ASKS_OPEN_MAX 3 /* of one seat, not answered yet */
#define PL_FLOOR_ENTRIES_MAX 1000
#define PL_PARTIES_MAX 64
#define PL_PAPERS_MAX 32
#define PL_OPTIONS_MAX 32 /* of a paper */
#define PL_QUESTIONS_MAX 12
#define PL_CONSULTATIONS_MAX 1000
#define PL_DECISIONS_MAX 200
#define PL_WARNINGS_MAX 64
#define PL_NOTES_MAX 1000 /* that were replaced or taken back included */
#define PL_CORRECTIONS_MAX 1000
#define PL_CORRECTIONS_OPEN_MAX 20 /* of one seat, not settled yet */
#define PL_ALARMS_MAX 100
#define PL_EVENTS_BYTES_MAX (64u << 20) /* of one meeting's record */

/* Parts of the meeting that clients are told of one by one. `changed` of a part, a paper or a
 * decision is the number of the event that last changed it. */
enum pl_part {
    PL_PART_SESSION,
    PL_PART_SEATS,
    PL_PART_AGENDA,
    PL_PART_FLOOR,
    PL_PART_REGISTER,
    PL_PART_MINUTES,
    PL_PART_ALARMS,
    PL_PART_COUNT
};

struct pl_seat_state {
    uint32_t present; /* participants of the delegation in the room */
    uint32_t head;    /* person; PL_NO_PERSON: the delegation is empty */
    uint32_t voice;   /* person who holds it; at first the head */
};
#define PL_NO_PERSON UINT32_MAX

enum pl_item_state {
    PL_ITEM_STATE_TO_COME,
    PL_ITEM_STATE_CURRENT,
    PL_ITEM_STATE_DONE,
    PL_ITEM_STATE_COUNT
};

struct pl_item {
    struct pl_list node; /* in the order of the agenda */
    struct pl_str id, title;
    enum pl_item_state state;
    int64_t minutes;            /* 0: not said */
    int64_t speaking_seconds;   /* -1: the meeting's */
    int64_t began_ms, ended_ms; /* 0: not yet */
};

struct pl_document {
    struct pl_list node;
    struct pl_str id, name, media_type, sha256;
    const struct pl_item *item;
    int64_t size;
    bool dropped;
};

struct pl_ask {
    struct pl_list node;
    uint64_t number; /* of its event */
    uint32_t seat;
    struct pl_str title, reason, answer; /* answer p NULL: none */
    bool answered, granted;
    int64_t at_ms;
};

/* A request for the floor. */
struct pl_floor_entry {
    struct pl_list node; /* in the order in which they are called */
    uint64_t number;     /* of its event */
    enum pl_floor_kind kind;
    uint32_t seat;        /* or PL_NO_SEAT: */
    uint32_t participant; /* number; of who asked */
    struct pl_str name;   /* of the seat, or person */
    struct pl_str text;   /* p NULL: will be spoken */
    bool passed;
    int64_t at_ms;
};

/* A written intervention that was called. */
struct pl_intervention {
    struct pl_list node;
    struct pl_floor_entry entry; /* its node is not used */
    int64_t at_ms;
};

struct pl_ruling {
    struct pl_list node;
    struct pl_floor_entry entry;
    bool upheld;
    struct pl_str ruling;
    int64_t at_ms;
};

/* Who has the floor: a seat, heard through the holder of its voice, or a participant without one.
 */
struct pl_floor_state {
    bool held;
    uint32_t seat;        /* or PL_NO_SEAT: */
    uint32_t participant; /* number */
    bool has_kind;
    enum pl_floor_kind kind;
    uint64_t entry; /* the request that it was given for; 0: none */
    int64_t since_ms;
    int64_t seconds;          /* 0: no limit */
    int64_t speaking_seconds; /* for the next speakers; 0: no limit */
    bool list_open;
    struct pl_list entries;       /* pl_floor_entry */
    struct pl_list interventions; /* of the current item, the oldest first */
    struct pl_list rulings;
    size_t n_entries;
};

struct pl_party {
    struct pl_list node;
    struct pl_str id, name, country; /* country p NULL: none */
};

struct pl_option;

/* A seat's position on an option. `number` 0: none. */
struct pl_position {
    uint64_t number; /* of its event */
    enum pl_stance stance;
    enum pl_visibility visibility;
    struct pl_str reason, condition, red_line; /* p NULL: none */
    int64_t at_ms;
};

struct pl_option {
    struct pl_list node;
    struct pl_str id, title;
    struct pl_act_answer answers[PL_QUESTIONS_MAX];
    size_t n_answers;
    const struct pl_party *touches[16];
    size_t n_touches;
    bool dropped;
    uint64_t amended;              /* number of the event that last put it */
    struct pl_position *positions; /* one a seat of the definition */
};

struct pl_paper {
    struct pl_list node;
    struct pl_str id, title;
    const struct pl_item *item;
    struct pl_act_question questions[PL_QUESTIONS_MAX];
    size_t n_questions;
    struct pl_list options;
    size_t n_options; /* those that were dropped included */
    uint64_t put;     /* number of the event that last put it */
    uint64_t changed;
};

/* An entry of the consultation register. */
struct pl_consultation {
    struct pl_list node;
    uint64_t number;
    const struct pl_party *party;
    const struct pl_paper *paper;
    const struct pl_option *options[PL_OPTIONS_MAX]; /* none: all of the paper */
    size_t n_options;
    bool consulted; /* false: a red line stated elsewhere, and nobody asked */
    struct pl_str asked_by, channel, answer, red_line, red_line_source; /* p NULL: none */
    int64_t asked_ms;
    const struct pl_option *crossed_by[PL_OPTIONS_MAX];
    size_t n_crossed_by;
    int64_t at_ms;
};

enum pl_consultation_status {
    PL_CONSULTATION_STATUS_NOT_CONSULTED,
    PL_CONSULTATION_STATUS_NO_ANSWER,
    PL_CONSULTATION_STATUS_ANSWERED,
    PL_CONSULTATION_STATUS_COUNT
};

enum pl_decision_state {
    PL_DECISION_STATE_DRAFT,
    PL_DECISION_STATE_OPEN,
    PL_DECISION_STATE_DECLARED,
    PL_DECISION_STATE_WITHDRAWN,
    PL_DECISION_STATE_COUNT
};

/* A seat's part in a decision, fixed when it is called. */
struct pl_cast {
    bool takes_part; /* a member, and not excluded */
    bool present;    /* when it was called, or later while it is open */
    bool voted;
    enum pl_choice choice;
    struct pl_str statement; /* p NULL: none */
    uint8_t passed;          /* roll call: so often */
    int64_t at_ms;
};

struct pl_decision {
    struct pl_list node;
    struct pl_str id, title;
    const struct pl_item *item;
    struct pl_act_wording texts[2];
    size_t n_texts;
    uint64_t version;
    char hash[65];                  /* SHA-256 of the texts, see pl_wordings_hash */
    const struct pl_paper *paper;   /* NULL: none */
    const struct pl_option *option; /* NULL: none */
    struct pl_act_rule rule;
    bool *excluded; /* one a seat */
    enum pl_decision_state state;
    uint64_t called;                          /* number of the event that called it; 0: not yet */
    int64_t called_ms, deadline_ms, ended_ms; /* 0: not yet, none */
    struct pl_str time_zone;
    struct pl_act_warning warnings[PL_WARNINGS_MAX]; /* that were acknowledged */
    size_t n_warnings;
    struct pl_str acknowledgement; /* p NULL: none */
    struct pl_cast *casts;         /* one a seat, of the call in progress or the last one */
    enum pl_outcome outcome; /* once declared or withdrawn; no_quorum in a draft that has words */
    struct pl_str words;     /* of the result, or why it was withdrawn; p NULL: none */
    uint64_t changed;
};

/* A note in the minutes, to an event or an item. */
struct pl_annotation {
    struct pl_list node;
    uint64_t number;            /* of its event, which stays when its text is replaced */
    uint64_t event;             /* 0: it is about */
    const struct pl_item *item; /* NULL: about the event */
    struct pl_str text;         /* n 0: taken back */
    struct pl_str by;           /* name of who wrote it last */
    int64_t at_ms;
};

/* A correction of the minutes that a delegation proposed. */
struct pl_correction {
    struct pl_list node;
    uint64_t number; /* of its event */
    uint64_t event;  /* whose line is meant */
    uint32_t seat;
    struct pl_str language, text, reason; /* reason p NULL: none */
    bool settled, accepted;
    struct pl_str words;       /* of the chair; p NULL: none */
    int64_t at_ms, settled_ms; /* 0: not yet */
};

struct pl_minutes_state {
    struct pl_list notes, corrections;
    size_t n_notes, n_corrections;
    int64_t until_ms; /* corrections are taken before; 0: they were not opened */
    uint64_t adopted; /* number of the event; 0: not yet */
    int64_t adopted_ms;
    struct pl_str hash; /* of what was adopted */
};

/* That somebody's browser found the record changed. */
struct pl_alarm {
    struct pl_list node;
    uint64_t number; /* of its event */
    enum pl_alarm_why why;
    struct pl_str by, person, name; /* the participant, their person, and what they are called */
    struct pl_str ours, theirs;     /* signed notes; n 0: there was none */
    uint64_t event;                 /* that is missing; 0: none */
    struct pl_str leaf;             /* p NULL: none */
};

struct pl_state {
    enum pl_session_state session;
    struct pl_str session_reason;
    const struct pl_item *item; /* the current one; NULL: none */
    struct pl_list items, documents, asks, parties, papers, consultations, decisions, alarms;
    size_t n_items, n_documents, n_asks, n_parties, n_papers, n_consultations, n_decisions,
        n_alarms;
    struct pl_seat_state *seats; /* as those of the definition */
    struct pl_floor_state floor;
    struct pl_minutes_state minutes;
    uint64_t changed[PL_PART_COUNT];
    uint64_t last; /* number of the last event; 0: none */
};

#endif
