/* See minutes.h. Here: lines become text and JSON. */
#include "minutes/parts.h"

#include "base/json.h"
#include "crypto/hash.h"

#define WIDTH 78

/* Plain text */

struct column {
    struct pl_buf *out;
    size_t indent; /* of the lines that follow the first */
    size_t at;     /* characters on this line */
    bool gap;      /* a space is due */
};

static size_t characters(struct pl_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

static void break_line(struct column *c)
{
    pl_buf_puts(c->out, "\n");
    for (size_t i = 0; i < c->indent; i++)
        pl_buf_puts(c->out, " ");
    c->at = c->indent;
    c->gap = false;
}

/* A word is what spaces divide; a no-break space divides none. */
static void add_word(struct column *c, struct pl_str word)
{
    size_t n = characters(word);
    if (c->gap && c->at + 1 + n > WIDTH) {
        break_line(c);
    } else if (c->gap) {
        pl_buf_puts(c->out, " ");
        c->at++;
    }
    pl_buf_add(c->out, word.p, word.n);
    c->at += n;
    c->gap = true;
}

static void flow(struct column *c, struct pl_str text)
{
    while (text.n) {
        struct pl_str line = pl_str_split(&text, '\n');
        while (line.n) {
            struct pl_str word = pl_str_split(&line, ' ');
            if (word.n)
                add_word(c, word);
        }
        if (text.n)
            break_line(c);
    }
}

static void add_event(struct column *c, uint64_t event)
{
    struct pl_buf word = {0};
    if (!event)
        return;
    pl_buf_printf(&word, "[%llu]", (unsigned long long)event);
    c->out->failed |= word.failed;
    if (!word.failed)
        add_word(c, (struct pl_str){word.data, word.len});
    pl_buf_free(&word);
}

static void underline(struct column *c, struct pl_str text, char with)
{
    c->indent = 0;
    break_line(c);
    for (size_t i = 0; i < characters(text) && i < WIDTH; i++)
        pl_buf_add(c->out, &with, 1);
}

/* What stands before a line's text, and how far the rest goes in. */
static void begin_text(struct column *c, const struct pl_sheet *s, const struct pl_minute *line)
{
    struct pl_str label = pl_minute_label(s, line);
    switch (line->kind) {
    case PL_MINUTE_PARA:
        pl_buf_printf(c->out, "%u.", line->number);
        c->at = characters(pl_str("1.")) + (line->number > 9) + (line->number > 99);
        c->gap = true;
        break;
    case PL_MINUTE_ROW:
        c->indent = 4;
        if (label.n) {
            flow(c, label);
            pl_buf_puts(c->out, c->at > 2 ? "\n    " : ".  ");
        } else {
            pl_buf_puts(c->out, "    ");
        }
        c->at = c->indent;
        c->gap = false;
        break;
    case PL_MINUTE_QUOTE:
    case PL_MINUTE_NOTE:
    case PL_MINUTE_FIX:
        c->indent = 6;
        pl_buf_puts(c->out, "      ");
        c->at = c->indent;
        if (line->kind == PL_MINUTE_QUOTE && line->language.p) {
            pl_buf_printf(c->out, "[%.*s]", PL_ARG(line->language));
            c->gap = true;
        }
        break;
    default:
        break;
    }
}

static void line_text(struct pl_buf *out, const struct pl_sheet *s, const struct pl_minute *line,
                      const struct pl_minute *before)
{
    struct column c = {.out = out};
    struct pl_str text = pl_minute_text(s, line);
    bool joined = before && before->kind == PL_MINUTE_ROW && line->kind == PL_MINUTE_ROW;
    if (before && !joined)
        pl_buf_puts(out, line->kind == PL_MINUTE_HEADING ? "\n\n" : "\n");
    begin_text(&c, s, line);
    flow(&c, text);
    if (line->kind != PL_MINUTE_QUOTE)
        add_event(&c, line->event);
    if (line->kind == PL_MINUTE_TITLE)
        underline(&c, text, '=');
    if (line->kind == PL_MINUTE_HEADING)
        underline(&c, text, '-');
    pl_buf_puts(out, "\n");
}

bool pl_minute_is_empty(const struct pl_minute *line)
{
    return line->n == 0 && line->label_n == 0;
}

static void text_of(const struct pl_minutes *m, enum pl_minutes_language language,
                    struct pl_sheet *s, struct pl_buf *out)
{
    const struct pl_minute *before = NULL;
    pl_sheet_make(m, language, s);
    for (size_t i = 0; i < s->n && !s->failed; i++) {
        if (pl_minute_is_empty(&s->lines[i]))
            continue;
        line_text(out, s, &s->lines[i], before);
        before = &s->lines[i];
    }
    out->failed |= s->failed;
}

void pl_minutes_text(const struct pl_minutes *m, enum pl_minutes_language language,
                     struct pl_buf *out)
{
    struct pl_sheet s;
    text_of(m, language, &s, out);
    pl_sheet_free(&s);
}

enum pl_err pl_minutes_hash(const struct pl_minutes *m, char out[PL_MINUTES_HASH_SIZE])
{
    struct pl_buf both = {0};
    uint8_t sum[PL_SHA256_SIZE];
    pl_minutes_text(m, PL_MINUTES_EN, &both);
    pl_minutes_text(m, PL_MINUTES_FR, &both);
    bool failed = both.failed;
    if (!failed) {
        pl_sha256(both.data, both.len, sum);
        pl_hex(sum, sizeof sum, out);
    }
    pl_buf_free(&both);
    return failed ? PL_ENOMEM : PL_OK;
}

/* JSON */

void pl_minutes_json(const struct pl_minutes *m, enum pl_minutes_language language,
                     struct pl_buf *out)
{
    struct pl_sheet s;
    char hash[PL_MINUTES_HASH_SIZE] = "";
    pl_sheet_make(m, language, &s);
    bool failed = s.failed || pl_minutes_hash(m, hash) != PL_OK;
    pl_json_open(out, NULL, '{');
    pl_json_str(out, "language", pl_minutes_language_words[language]);
    pl_json_str(out, "hash", hash);
    pl_json_open(out, "lines", '[');
    for (size_t i = 0; i < s.n && !failed; i++) {
        const struct pl_minute *line = &s.lines[i];
        if (pl_minute_is_empty(line))
            continue;
        pl_json_open(out, NULL, '{');
        pl_json_str(out, "kind", pl_minute_words[line->kind]);
        if (line->event)
            pl_json_int(out, "event", (int64_t)line->event);
        if (line->number)
            pl_json_int(out, "number", line->number);
        if (line->label_n)
            pl_json_strn(out, "label", pl_minute_label(&s, line));
        pl_json_strn(out, "text", pl_minute_text(&s, line));
        if (line->language.p)
            pl_json_strn(out, "language", line->language);
        pl_json_close(out, '}');
    }
    pl_json_close(out, ']');
    pl_json_close(out, '}');
    out->failed |= failed;
    pl_sheet_free(&s);
}
