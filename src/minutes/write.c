/* See minutes.h. Here: lines become text, HTML, JSON. */
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

static bool is_empty(const struct pl_minute *line)
{
    return line->n == 0 && line->label_n == 0;
}

static void text_of(const struct pl_minutes *m, enum pl_minutes_language language,
                    struct pl_sheet *s, struct pl_buf *out)
{
    const struct pl_minute *before = NULL;
    pl_sheet_make(m, language, s);
    for (size_t i = 0; i < s->n && !s->failed; i++) {
        if (is_empty(&s->lines[i]))
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
        if (is_empty(line))
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

/* HTML */

static const char style[] =
    "body{margin:0 auto;max-width:44rem;padding:2rem 1.25rem 4rem;color:#111;background:#fff;"
    "font:11pt/1.5 Georgia,'Times New Roman',serif}"
    "h1{margin:.2em 0;font-size:1.5em;line-height:1.25}h2{margin:2em 0 .6em;font-size:1.1em}"
    "p{margin:.6em 0}.marking{margin:0 0 1.5em;text-align:center;font-weight:bold;"
    "letter-spacing:.06em}.body{margin:0;font-variant-caps:small-caps}.subtitle{margin:0 0 1em}"
    ".status{margin:1.2em 0;padding:.6em .9em;border:1px solid #999;overflow-wrap:anywhere}"
    ".para{display:grid;grid-template-columns:2.4em 1fr}table{border-collapse:collapse;width:100%}"
    "th{width:9.5em;text-align:left;font-weight:bold}th,td{padding:.15em .6em .15em 0;"
    "vertical-align:top}blockquote{margin:.6em 0 .6em 2.4em;padding-left:.9em;"
    "border-left:2px solid "
    "#999;white-space:pre-line}.note,.fix{margin-left:2.4em;padding-left:.9em;"
    "border-left:2px solid #2456a8}.fix{border-left-color:#1d7a46}.language{font-size:.8em;"
    "font-weight:bold;color:#555}.event{font-size:.75em;color:#666;text-decoration:none;"
    "white-space:nowrap}"
    "@page{size:A4;margin:22mm 20mm}@media print{body{max-width:none;padding:0}"
    "h2{break-after:avoid}.para,tr,.note,.fix{break-inside:avoid}}";

static void escaped(struct pl_buf *out, struct pl_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '&':
            pl_buf_puts(out, "&amp;");
            break;
        case '<':
            pl_buf_puts(out, "&lt;");
            break;
        case '>':
            pl_buf_puts(out, "&gt;");
            break;
        case '"':
            pl_buf_puts(out, "&quot;");
            break;
        default:
            pl_buf_add(out, &text.p[i], 1);
            break;
        }
    }
}

/* The way to the event; `first`: of it, so that others can point here. */
static void event_link(struct pl_buf *out, uint64_t event, bool first)
{
    if (!event)
        return;
    pl_buf_printf(out, " <a class=\"event\"");
    if (first)
        pl_buf_printf(out, " id=\"event-%llu\"", (unsigned long long)event);
    pl_buf_printf(out, " href=\"#event-%llu\">[%llu]</a>", (unsigned long long)event,
                  (unsigned long long)event);
}

static void status(const struct pl_sheet *s, struct pl_buf *out)
{
    const struct pl_minutes_state *state = &s->m->s->minutes;
    struct pl_sheet words = {.m = s->m, .language = s->language};
    bool french = s->language == PL_MINUTES_FR;
    pl_buf_puts(out, "<p class=\"status\">");
    if (state->adopted)
        pl_buf_printf(out,
                      french ? "Adopté par la présidence le %s (UTC) [%llu]. SHA-256 du texte "
                               "anglais suivi du texte français\u00a0: %s"
                             : "Adopted by the Chair on %s (UTC) [%llu]. SHA-256 of the text in "
                               "English followed by the text in French: %s",
                      pl_moment(&words, state->adopted_ms), (unsigned long long)state->adopted,
                      state->hash.p);
    else
        pl_buf_puts(out, french ? "Provisoire\u00a0: ce procès-verbal n’est pas encore adopté et "
                                  "peut faire l’objet de rectifications."
                                : "Provisional: these minutes are not adopted yet, and are subject "
                                  "to correction.");
    pl_buf_puts(out, "</p>\n");
}

static void html_row(struct pl_buf *out, const struct pl_sheet *s, const struct pl_minute *line,
                     bool first)
{
    pl_buf_puts(out, "<tr><th scope=\"row\">");
    escaped(out, pl_minute_label(s, line));
    pl_buf_puts(out, "</th><td>");
    escaped(out, pl_minute_text(s, line));
    event_link(out, line->event, first);
    pl_buf_puts(out, "</td></tr>\n");
}

static void html_line(struct pl_buf *out, const struct pl_sheet *s, const struct pl_minute *line,
                      bool first)
{
    static const char *const tags[PL_MINUTE_COUNT] = {
        [PL_MINUTE_TITLE] = "h1", [PL_MINUTE_HEADING] = "h2", [PL_MINUTE_QUOTE] = "blockquote"};
    const char *tag = tags[line->kind] ? tags[line->kind] : "p";
    pl_buf_printf(out, "<%s class=\"%s\">", tag, pl_minute_words[line->kind]);
    if (line->language.p) {
        pl_buf_puts(out, "<span class=\"language\">");
        escaped(out, line->language);
        pl_buf_puts(out, "</span> ");
    }
    if (line->kind == PL_MINUTE_PARA)
        pl_buf_printf(out, "<span>%u.</span> <span>", line->number);
    escaped(out, pl_minute_text(s, line));
    if (line->kind != PL_MINUTE_QUOTE)
        event_link(out, line->event, first);
    pl_buf_printf(out, "%s</%s>\n", line->kind == PL_MINUTE_PARA ? "</span>" : "", tag);
}

static void html_body(struct pl_buf *out, const struct pl_sheet *s)
{
    bool table = false;
    for (size_t i = 0; i < s->n; i++) {
        const struct pl_minute *line = &s->lines[i];
        bool row = line->kind == PL_MINUTE_ROW;
        bool first = i == 0 || s->lines[i - 1].event != line->event;
        if (is_empty(line))
            continue;
        if (row != table)
            pl_buf_puts(out, row ? "<table>\n" : "</table>\n");
        table = row;
        if (row)
            html_row(out, s, line, first);
        else
            html_line(out, s, line, first);
        if (line->kind == PL_MINUTE_SUBTITLE)
            status(s, out);
    }
    if (table)
        pl_buf_puts(out, "</table>\n");
}

void pl_minutes_html(const struct pl_minutes *m, enum pl_minutes_language language,
                     struct pl_buf *out)
{
    struct pl_sheet s;
    pl_sheet_make(m, language, &s);
    if (!s.failed) {
        pl_buf_printf(out,
                      "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                      pl_minutes_language_words[language]);
        pl_buf_puts(out, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
        escaped(out, pl_str(m->d->title));
        pl_buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
        html_body(out, &s);
        pl_buf_puts(out, "</body>\n</html>\n");
    }
    out->failed |= s.failed;
    pl_sheet_free(&s);
}
