/* See parts.h. Here: lines in the making, and words for times. */
#include "minutes/parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const pl_minutes_language_words[PL_MINUTES_LANGUAGES] = {"en", "fr"};

const char *const pl_minute_words[PL_MINUTE_COUNT] = {
    "marking", "body", "title", "subtitle", "heading", "text",
    "para",    "row",  "quote", "note",     "fix",
};

#define ROOM_FIRST 64
#define DAY_MS INT64_C(86400000)
#define MINUTE_MS 60000

struct pl_str pl_minute_label(const struct pl_sheet *s, const struct pl_minute *line)
{
    return (struct pl_str){s->texts.data + line->at, line->label_n};
}

struct pl_str pl_minute_text(const struct pl_sheet *s, const struct pl_minute *line)
{
    return (struct pl_str){s->texts.data + line->at + line->label_n, line->n};
}

void pl_minute_begin(struct pl_sheet *s, enum pl_minute_kind kind, uint64_t event)
{
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : ROOM_FIRST;
        struct pl_minute *lines = realloc(s->lines, room * sizeof *lines);
        if (!lines) {
            s->failed = true;
            return;
        }
        s->lines = lines;
        s->room = room;
    }
    s->lines[s->n++] = (struct pl_minute){
        .kind = kind,
        .event = event,
        .number = kind == PL_MINUTE_PARA ? ++s->numbers : 0,
        .at = s->texts.len,
    };
}

void pl_minute_label_ends(struct pl_sheet *s)
{
    if (s->failed)
        return;
    struct pl_minute *line = &s->lines[s->n - 1];
    line->label_n = s->texts.len - line->at;
}

void pl_minute_end(struct pl_sheet *s)
{
    if (s->failed)
        return;
    struct pl_minute *line = &s->lines[s->n - 1];
    line->n = s->texts.len - line->at - line->label_n;
}

/* Notes and corrections */

static void add_note(struct pl_sheet *s, const struct pl_annotation *note)
{
    pl_minute_begin(s, PL_MINUTE_NOTE, note->number);
    pl_say(s, "Note (%.*s): ", "Note (%.*s)\u00a0: ", PL_ARG(note->by));
    pl_say_text(s, note->text);
    pl_minute_end(s);
}

static void add_notes(struct pl_sheet *s, uint64_t event, const struct pl_item *item)
{
    size_t i = 0;
    pl_list_each (const struct pl_annotation, note, &s->m->s->minutes.notes, node) {
        bool about = item ? note->item == item : event && note->event == event;
        if (about && s->noted && !s->noted[i] && note->text.n) {
            s->noted[i] = true;
            add_note(s, note);
        }
        i++;
    }
}

void pl_sheet_item_notes(struct pl_sheet *s, const struct pl_item *item)
{
    add_notes(s, 0, item);
}

static void add_fixes(struct pl_sheet *s, uint64_t event)
{
    pl_list_each (const struct pl_correction, c, &s->m->s->minutes.corrections, node) {
        if (!c->accepted || c->event != event)
            continue;
        pl_minute_begin(s, PL_MINUTE_FIX, c->number);
        pl_say(
            s, "As corrected at the request of %s: ",
            "Texte rectifié à la demande d’une délégation (%s)\u00a0: ", pl_seat_name(s, c->seat));
        pl_say_quote(s, c->text);
        pl_minute_end(s);
        s->lines[s->n - 1].language = c->language;
    }
}

void pl_sheet_turn(struct pl_sheet *s, uint64_t event)
{
    if (event && !s->failed) {
        add_fixes(s, event);
        add_notes(s, event, NULL);
    }
}

/* Words */

static void vsay(struct pl_sheet *s, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = n < 0 ? NULL : malloc((size_t)n + 1);
    if (!text) {
        s->failed = true;
        return;
    }
    vsnprintf(text, (size_t)n + 1, format, args);
    pl_buf_add(&s->texts, text, (size_t)n);
    s->failed |= s->texts.failed;
    free(text);
}

void pl_say(struct pl_sheet *s, const char *english, const char *french, ...)
{
    va_list args;
    va_start(args, french);
    vsay(s, s->language == PL_MINUTES_FR ? french : english, args);
    va_end(args);
}

void pl_say_as(struct pl_sheet *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsay(s, format, args);
    va_end(args);
}

static struct pl_str trimmed(struct pl_str text)
{
    while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == ' '))
        text.n--;
    return text;
}

void pl_say_text(struct pl_sheet *s, struct pl_str text)
{
    text = trimmed(text);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i] == '\n' || text.p[i] == '\t' ? ' ' : text.p[i];
        pl_buf_add(&s->texts, &c, 1);
    }
    s->failed |= s->texts.failed;
}

void pl_say_quote(struct pl_sheet *s, struct pl_str text)
{
    pl_say(s, "“", "«\u00a0");
    pl_say_text(s, text);
    pl_say(s, "”", "\u00a0»");
}

void pl_say_quoted(struct pl_sheet *s, struct pl_str text)
{
    text = trimmed(text);
    pl_say_quote(s, text);
    if (!text.n || !strchr(".!?", text.p[text.n - 1]))
        pl_say_as(s, ".");
}

void pl_quote(struct pl_sheet *s, uint64_t event, struct pl_str language, struct pl_str text)
{
    pl_minute_begin(s, PL_MINUTE_QUOTE, event);
    pl_buf_add(&s->texts, text.p, text.n);
    s->failed |= s->texts.failed;
    pl_minute_end(s);
    if (!s->failed)
        s->lines[s->n - 1].language = language;
}

static void say_between(struct pl_sheet *s, size_t i, size_t n)
{
    if (i && i + 1 == n)
        pl_say(s, " and ", " et ");
    else if (i)
        pl_say_as(s, ", ");
}

void pl_say_name(struct pl_sheet *s, size_t i, size_t n, const char *name)
{
    say_between(s, i, n);
    pl_say_as(s, "%s", name);
}

void pl_say_title(struct pl_sheet *s, size_t i, size_t n, struct pl_str title)
{
    say_between(s, i, n);
    pl_say_quote(s, title);
}

/* Times */

struct civil {
    int64_t year;
    unsigned month, day, weekday, hour, minute; /* month and day from 1; weekday 0 is Sunday */
};

/* The Gregorian calendar, by eras of 400 years that begin in March. */
static struct civil civil_of(int64_t at_ms)
{
    int64_t days = at_ms / DAY_MS - (at_ms % DAY_MS < 0);
    int64_t rest = at_ms - days * DAY_MS, z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    struct civil c = {
        .month = mp < 10 ? mp + 3 : mp - 9,
        .day = doy - (153 * mp + 2) / 5 + 1,
        .weekday = (unsigned)(((days + 4) % 7 + 7) % 7),
        .hour = (unsigned)(rest / 3600000),
        .minute = (unsigned)(rest / MINUTE_MS % 60),
    };
    c.year = (int64_t)yoe + era * 400 + (c.month <= 2);
    return c;
}

static const char *const months[PL_MINUTES_LANGUAGES][12] = {
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
     "octobre", "novembre", "décembre"},
};
static const char *const weekdays[PL_MINUTES_LANGUAGES][7] = {
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
    {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
};

static char *next_word(struct pl_sheet *s)
{
    return s->words[s->next_word++ % PL_SHEET_WORDS];
}
#define WORD sizeof((struct pl_sheet *)NULL)->words[0]

/* Behind n bytes; returns how many there are then. */
static size_t put_date(const struct pl_sheet *s, char *out, size_t n, const struct civil *c)
{
    bool first = s->language == PL_MINUTES_FR && c->day == 1;
    snprintf(out + n, WORD - n, "%u%s %s %" PRId64, c->day, first ? "er" : "",
             months[s->language][c->month - 1], c->year);
    return strlen(out);
}

static void put_time(const struct pl_sheet *s, char *out, size_t n, const struct civil *c)
{
    snprintf(out + n, WORD - n, s->language == PL_MINUTES_FR ? "%u\u00a0h\u00a0%02u" : "%02u:%02u",
             c->hour, c->minute);
}

const char *pl_day(struct pl_sheet *s, int64_t at_ms)
{
    const struct civil c = civil_of(at_ms);
    char *out = next_word(s);
    snprintf(out, WORD, "%s ", weekdays[s->language][c.weekday]);
    put_date(s, out, strlen(out), &c);
    return out;
}

const char *pl_moment(struct pl_sheet *s, int64_t at_ms)
{
    const struct civil c = civil_of(at_ms);
    char *out = next_word(s);
    size_t n = put_date(s, out, 0, &c);
    snprintf(out + n, WORD - n, s->language == PL_MINUTES_FR ? " à " : ", ");
    put_time(s, out, strlen(out), &c);
    return out;
}

const char *pl_clock(struct pl_sheet *s, int64_t at_ms)
{
    const struct civil c = civil_of(at_ms), first = civil_of(s->m->opened_ms);
    if (c.year != first.year || c.month != first.month || c.day != first.day)
        return pl_moment(s, at_ms);
    char *out = next_word(s);
    put_time(s, out, 0, &c);
    return out;
}

bool pl_same_minute(int64_t a_ms, int64_t b_ms)
{
    return a_ms / MINUTE_MS == b_ms / MINUTE_MS;
}

void pl_say_span(struct pl_sheet *s, int64_t from_ms, int64_t to_ms)
{
    const char *from = pl_clock(s, from_ms);
    if (!to_ms)
        pl_say(s, "since %s", "depuis %s", from);
    else if (pl_same_minute(from_ms, to_ms))
        pl_say(s, "at %s", "à %s", from);
    else
        pl_say(s, "from %s to %s", "de %s à %s", from, pl_clock(s, to_ms));
}
