/* What the files of the minutes share, and nobody else includes: gather.c (events become facts),
 * attend.c (who was there), lines.c (lines in the making), frame.c (head, attendance, corrections),
 * proceedings.c (facts become lines), decided.c (decisions), rule.c (rules and results in French),
 * write.c (lines become text and JSON),
 * html.c (a page). */
#ifndef PL_MINUTES_PARTS_H
#define PL_MINUTES_PARTS_H

#include "base/arena.h"
#include "base/list.h"
#include "meet/meeting.h"
#include "minutes/minutes.h"

/* Somebody who attended. */
struct pl_stay {
    struct pl_list node;
    int64_t from_ms, to_ms; /* to_ms 0: is here */
};
struct pl_attendee {
    struct pl_list node; /* in the order of coming */
    char id[PL_PARTICIPANT_ID_SIZE];
    uint32_t person;
    struct pl_str name;
    uint64_t event;       /* with which they first came */
    struct pl_list stays; /* pl_stay */
};

/* A decision when it was called, or when its result was declared: as it stood then. */
struct pl_decided {
    struct pl_str title;
    uint64_t version;
    struct pl_act_wording texts[2];
    size_t n_texts;
    struct pl_act_rule rule;
    const char *rule_words; /* in English */
    size_t n_excluded;
    bool *excluded; /* one a seat */
    int64_t deadline_ms;
    struct pl_str time_zone;
    struct pl_act_warning *warnings; /* that all may see */
    size_t n_warnings;
    struct pl_str acknowledgement; /* p NULL: none */
    enum pl_outcome outcome;
    struct pl_str words;
    struct pl_numbers numbers;
    struct pl_cast *casts; /* one a seat; NULL: not to be seen */
    uint64_t *votes;       /* number of each seat's last vote; 0: none */
};

enum pl_fact_kind {
    PL_FACT_OPENED,
    PL_FACT_RECONVENED,
    PL_FACT_SUSPENDED,
    PL_FACT_RESUMED,
    PL_FACT_CLOSED,
    PL_FACT_REOPENED,
    PL_FACT_RESTARTED,
    PL_FACT_ITEM,
    PL_FACT_ITEM_ENDED,
    PL_FACT_SPEECH,
    PL_FACT_WRITTEN,
    PL_FACT_RULING,
    PL_FACT_VOICE,
    PL_FACT_ASK,
    PL_FACT_ASK_ANSWERED,
    PL_FACT_DOCUMENT,
    PL_FACT_SEAT,
    PL_FACT_DRAFT,
    PL_FACT_CALL,
    PL_FACT_EXTENDED,
    PL_FACT_RESTARTED_SILENCE,
    PL_FACT_RESULT,
    PL_FACT_POSITION,
    PL_FACT_CONSULTATION, /* or a red line stated elsewhere */
};

/* Something that the minutes tell. Texts and what is pointed to live as long as the minutes. */
struct pl_fact {
    struct pl_list node;
    enum pl_fact_kind kind;
    uint64_t event;
    int64_t at_ms, end_ms;     /* end_ms 0: goes on, or there is none */
    uint32_t who_seat;         /* whose act it is, or PL_NO_SEAT: */
    struct pl_str who, person; /* participant; who spoke for the seat. p NULL: none */
    struct pl_str text;        /* p NULL: none */
    enum pl_floor_kind floor_kind;
    bool yes;                   /* upheld, granted, resumed */
    const struct pl_item *item; /* or NULL */
    const struct pl_ask *ask;
    const struct pl_document *document;
    const struct pl_decided *decided;
    const struct pl_consultation *consultation;
    const struct pl_paper *paper;
    struct pl_str option_title;
    const struct pl_option *option;
    uint32_t seat;
    struct pl_position position;
    bool over; /* a position that a later one in this section took the place of */
};

/* Numbers of the votes on the call in progress. */
struct pl_votes {
    struct pl_list node;
    const struct pl_decision *decision;
    uint64_t *events; /* one a seat */
};

struct pl_minutes {
    struct pl_meeting *meeting;
    const struct pl_definition *d;
    const struct pl_state *s;
    struct pl_arena arena;
    struct pl_list facts, attendees, votes;
    struct pl_fact *speech; /* that is under way */
    int64_t opened_ms;      /* 0: not yet */
    int64_t closed_ms;      /* 0: it is not */
    bool failed;            /* no memory */
};

/* attend.c. What an event did to the people, as an effect; and to all of them. */
void pl_attend(struct pl_minutes *m, const struct pl_participant *p, bool here,
               const struct pl_act *e);
void pl_attend_all(struct pl_minutes *m, bool here, const struct pl_act *e);

/* Lines */

enum pl_minute_kind {
    PL_MINUTE_MARKING,
    PL_MINUTE_BODY,
    PL_MINUTE_TITLE,
    PL_MINUTE_SUBTITLE,
    PL_MINUTE_HEADING,
    PL_MINUTE_TEXT,
    PL_MINUTE_PARA,  /* numbered */
    PL_MINUTE_ROW,   /* of a table: a label, and a text */
    PL_MINUTE_QUOTE, /* what was written or decided, with its lines */
    PL_MINUTE_NOTE,
    PL_MINUTE_FIX, /* a correction that was accepted */
    PL_MINUTE_COUNT
};
extern const char *const pl_minute_words[PL_MINUTE_COUNT];

struct pl_minute {
    enum pl_minute_kind kind;
    uint64_t event;         /* 0: none */
    unsigned number;        /* of a paragraph; 0: none */
    size_t at, label_n, n;  /* in the texts: the label's bytes, then the text's */
    struct pl_str language; /* of a quotation; p NULL: not said */
};

#define PL_SHEET_WORDS 8
struct pl_sheet {
    const struct pl_minutes *m;
    enum pl_minutes_language language;
    struct pl_minute *lines;
    size_t n, room;
    struct pl_buf texts;
    unsigned numbers;
    uint64_t about; /* the event whose lines are being made; 0: none */
    bool *noted;    /* notes that were shown, one each */
    bool failed;
    char words[PL_SHEET_WORDS][64]; /* times, to be said soon */
    unsigned next_word;
};

/* frame.c: all of it. The caller frees with pl_sheet_free, also when s->failed. */
void pl_sheet_make(const struct pl_minutes *m, enum pl_minutes_language language,
                   struct pl_sheet *s);
void pl_sheet_free(struct pl_sheet *s);
struct pl_str pl_minute_label(const struct pl_sheet *s, const struct pl_minute *line);
struct pl_str pl_minute_text(const struct pl_sheet *s, const struct pl_minute *line);
bool pl_minute_is_empty(const struct pl_minute *line); /* and is not written */

/* lines.c. Ends the line before; what was noted on its event comes in between when this one is of
 * another. */
void pl_minute_begin(struct pl_sheet *s, enum pl_minute_kind kind, uint64_t event);
void pl_minute_label_ends(struct pl_sheet *s); /* what follows is the text */
void pl_minute_end(struct pl_sheet *s);
/* Ends what is said about an event: with the notes on it and its corrections. */
void pl_sheet_turn(struct pl_sheet *s, uint64_t event);
void pl_sheet_item_notes(struct pl_sheet *s, const struct pl_item *item);

/* Adds to the line, in the sheet's language. */
void pl_say(struct pl_sheet *s, const char *english, const char *french, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* Whatever the language. */
void pl_say_as(struct pl_sheet *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pl_say_text(struct pl_sheet *s, struct pl_str text);   /* in one line */
void pl_say_quote(struct pl_sheet *s, struct pl_str text);  /* the same, between quotation marks */
void pl_say_quoted(struct pl_sheet *s, struct pl_str text); /* and the sentence ends */
/* A quotation of its own; `language` p NULL: not said. */
void pl_quote(struct pl_sheet *s, uint64_t event, struct pl_str language, struct pl_str text);

/* country.c. What is called as its country (ISO 3166-1 alpha-2; "": none) is in English has the
 * country's name in the sheet's language; other names are as they were given. */
struct pl_str pl_say_named(const struct pl_sheet *s, struct pl_str name, struct pl_str country);
const char *pl_seat_name(const struct pl_sheet *s, uint32_t seat);
struct pl_str pl_say_asker(const struct pl_sheet *s, struct pl_str name); /* a seat's, or another */
struct pl_str pl_fact_who(const struct pl_sheet *s, const struct pl_fact *f);

/* Names with commas and an "and" before the last of n. */
void pl_say_name(struct pl_sheet *s, size_t i, size_t n, const char *name);
void pl_say_title(struct pl_sheet *s, size_t i, size_t n, struct pl_str title); /* quoted */

/* Words for a time (UTC), good for the next few of them: "10:02", with the date where that is not
 * the opening's; "25 November 2026"; "Wednesday, 25 November 2026". */
const char *pl_clock(struct pl_sheet *s, int64_t at_ms);
const char *pl_moment(struct pl_sheet *s, int64_t at_ms); /* date and time */
const char *pl_day(struct pl_sheet *s, int64_t at_ms);
bool pl_same_minute(int64_t a_ms, int64_t b_ms);
/* "from 10:02 to 10:05"; "at 10:02"; to_ms 0: "since 10:02". */
void pl_say_span(struct pl_sheet *s, int64_t from_ms, int64_t to_ms);

/* proceedings.c, decided.c, rule.c */
void pl_sheet_proceedings(struct pl_sheet *s);
/* Where the item stands on the agenda, from 1; 0: nowhere. */
unsigned pl_item_number(const struct pl_sheet *s, const struct pl_item *item);
void pl_sheet_call(struct pl_sheet *s, const struct pl_fact *f);
void pl_sheet_result(struct pl_sheet *s, const struct pl_fact *f);
void pl_say_rule(struct pl_sheet *s, const struct pl_decided *d);
void pl_say_result(struct pl_sheet *s, const struct pl_decided *d);
void pl_say_excluded(struct pl_sheet *s, const struct pl_decided *d);

/* For "%.*s". */
#define PL_ARG(text) (int)(text).n, (text).p

#endif
