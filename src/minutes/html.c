/* See minutes.h. Here: lines become a page. What stands on each sheet of paper (the marking, the
 * title, the page's number) is in margin boxes (css-page-3), which Chromium prints. */
#include "minutes/parts.h"
#include "minutes/qr.h"

#include "crypto/hash.h"

#include <stdio.h>
#include <string.h>

#define BASE64_SIZE 45 /* 32 bytes, with the padding, and a zero */

static const char style[] =
    "body{margin:0 auto;max-width:44rem;padding:2rem 1.25rem 4rem;color:#111;background:#fff;"
    "font:11pt/1.5 'Noto Serif','DejaVu Serif',Georgia,'Times New Roman',serif;hyphens:auto}"
    "h1{margin:.2em 0 .3em;font-size:1.5em;line-height:1.25;hyphens:none}"
    "h2{margin:2em 0 .6em;padding-bottom:.2em;border-bottom:1px solid #bbb;font-size:1.1em;"
    "line-height:1.3;hyphens:none}"
    "p{margin:.6em 0}.marking{margin:0 0 1.5em;text-align:center;font-weight:bold;"
    "letter-spacing:.06em}.body{margin:0;letter-spacing:.02em;color:#333}"
    ".subtitle{margin:0 0 1em}"
    ".status{margin:1.2em 0;padding:.6em .9em;border:1px solid #999;overflow-wrap:anywhere}"
    ".para{display:grid;grid-template-columns:2.4em 1fr}table{border-collapse:collapse;width:100%}"
    "th{width:8.5em;text-align:left;font-weight:bold;hyphens:none}th.no{width:1.6em}"
    "th,td{padding:.2em .8em .2em 0;"
    "vertical-align:top}blockquote{margin:.6em 0 .6em 2.4em;padding-left:.9em;"
    "border-left:2px solid #999;white-space:pre-line}"
    ".para+.text{margin-left:2.4em}"
    ".note,.fix{margin-left:2.4em;padding-left:.9em;border-left:2px solid #2456a8}"
    ".fix{border-left-color:#1d7a46}.language{font-size:.8em;font-weight:bold;color:#555}"
    ".event{font-size:.75em;color:#666;text-decoration:none;white-space:nowrap}"
    ".proof{display:grid;grid-template-columns:1fr 38mm;gap:0 8mm;align-items:start;"
    "break-inside:avoid}.proof h2{grid-column:1/-1;margin-bottom:.8em}.proof p{margin:0 0 .6em}"
    ".qr{width:38mm;height:38mm;margin-top:-2mm}.proof dl{grid-column:1/-1;display:grid;"
    "grid-template-columns:max-content 1fr;gap:.2em 1em;margin:.4em 0 0;font-size:.85em}"
    ".proof dt{color:#555}.proof dd,code{margin:0;overflow-wrap:anywhere;hyphens:none;"
    "font-family:'DejaVu Sans Mono','Noto Sans Mono',monospace;font-size:.92em}"
    "@media (max-width:34rem){.proof{grid-template-columns:1fr}}"
    "@page{size:A4;margin:25mm 22mm 24mm}"
    "@media print{html{font-size:11pt}body{max-width:none;padding:0;line-height:1.4;"
    "font-size:10.5pt}body>.marking{display:none}"
    "p,td,blockquote{orphans:3;widows:3}h2,.para:has(+blockquote){break-after:avoid}tr,.para,.note,"
    ".fix,.status{"
    "break-inside:avoid}.event{color:#555}}";

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

/* A later version of Parley may word the same events otherwise. */
static void other_words(const struct pl_sheet *s, struct pl_buf *out)
{
    char hash[PL_MINUTES_HASH_SIZE];
    if (pl_minutes_hash(s->m, hash) != PL_OK)
        out->failed = true;
    else if (!pl_str_eq(s->m->s->minutes.hash, hash))
        pl_buf_puts(out, s->language == PL_MINUTES_FR
                             ? " Cette page a été établie par une autre version de Parley\u00a0: "
                               "seul fait foi le texte adopté, conservé dans l’enregistrement."
                             : " This page was made by another version of Parley: what counts is "
                               "the text that was adopted, which the record holds.");
}

static void adopted(struct pl_sheet *s, struct pl_buf *out)
{
    const struct pl_minutes_state *state = &s->m->s->minutes;
    pl_buf_printf(out,
                  s->language == PL_MINUTES_FR
                      ? "<strong>Adopté</strong> par la présidence le %s (UTC) [%llu]. SHA-256 du "
                        "texte anglais suivi du texte français\u00a0: <code>%s</code>"
                      : "<strong>Adopted</strong> by the Chair on %s (UTC) [%llu]. SHA-256 of the "
                        "text in English followed by the text in French: <code>%s</code>",
                  pl_moment(s, state->adopted_ms), (unsigned long long)state->adopted,
                  state->hash.p);
    other_words(s, out);
}

static void status(const struct pl_sheet *s, struct pl_buf *out)
{
    struct pl_sheet words = {.m = s->m, .language = s->language};
    pl_buf_puts(out, "<p class=\"status\">");
    if (s->m->s->minutes.adopted)
        adopted(&words, out);
    else
        pl_buf_puts(out, s->language == PL_MINUTES_FR
                             ? "<strong>Provisoire</strong>\u00a0: ce procès-verbal n’est pas "
                               "encore adopté et peut faire l’objet de rectifications."
                             : "<strong>Provisional</strong>: these minutes are not adopted yet, "
                               "and are subject to correction.");
    pl_buf_puts(out, "</p>\n");
}

static void html_row(struct pl_buf *out, const struct pl_sheet *s, const struct pl_minute *line,
                     bool first)
{
    struct pl_str label = pl_minute_label(s, line);
    bool number = label.n && label.n < 4 && label.p[0] >= '0' && label.p[0] <= '9';
    pl_buf_printf(out, "<tr><th scope=\"row\"%s>", number ? " class=\"no\"" : "");
    escaped(out, label);
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
        if (pl_minute_is_empty(line))
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

/* How they are verified */

static void link(const struct pl_minutes_proof *p, struct pl_buf *out)
{
    char root[BASE64_SIZE], key[BASE64_SIZE];
    pl_base64url(p->root, PL_SHA256_SIZE, root);
    pl_base64url(p->key, PL_SHA256_SIZE, key);
    pl_buf_printf(out, "%s#origin=%s&size=%llu&root=%s&key=%s", p->page, p->origin,
                  (unsigned long long)p->size, root, key);
}

static void proof_words(const struct pl_minutes_proof *p, bool french, struct pl_buf *out)
{
    struct pl_str page = pl_str(p->page);
    pl_buf_puts(out, french ? "<p>Le présent procès-verbal est établi à partir de l’enregistrement "
                              "de la réunion. Cet enregistrement est signé\u00a0: toute "
                              "modification ultérieure se décèle. Demandez-en le fichier au "
                              "secrétariat, ouvrez "
                            : "<p>These minutes are made of the record of the meeting. The record "
                              "is signed: whoever changes it later is found out. Ask the "
                              "secretariat for its file, open ");
    if (page.n) {
        pl_buf_puts(out, "<code>");
        escaped(out, page);
        pl_buf_puts(out,
                    french ? "</code> ou lisez le code ci-contre" : "</code> or scan the code");
    } else {
        pl_buf_puts(out, french ? "la page <code>/verify</code> du serveur"
                                : "the page <code>/verify</code> of the server");
    }
    pl_buf_puts(out, french ? ", et choisissez-y le fichier\u00a0: il est lu dans votre navigateur "
                              "et n’est envoyé nulle part. La page dit si le fichier est entier et "
                              "signé, si chaque résultat découle des votes, et s’il s’agit de "
                              "l’enregistrement désigné ci-dessous. Sans réseau, <code>parley "
                              "verify FICHIER --key CLÉ</code> fait de même.</p>\n"
                            : ", and choose the file there: it is read in your own browser and "
                              "sent nowhere. The page says whether the file is whole and signed, "
                              "whether each result follows from its votes, and whether it is the "
                              "record named here. Without a network, <code>parley verify FILE "
                              "--key KEY</code> does the same.</p>\n");
}

static void proof_row(struct pl_buf *out, const char *what, struct pl_str value)
{
    pl_buf_printf(out, "<dt>%s</dt><dd>", what);
    escaped(out, value);
    pl_buf_puts(out, "</dd>\n");
}

static void proof(const struct pl_minutes_proof *p, bool french, struct pl_buf *out)
{
    struct pl_buf to = {0};
    char root[BASE64_SIZE], size[24];
    link(p, &to);
    pl_base64(p->root, PL_SHA256_SIZE, root);
    snprintf(size, sizeof size, "%llu", (unsigned long long)p->size);
    pl_buf_printf(out, "<section class=\"proof\">\n<h2>%s</h2>\n<div>\n",
                  french ? "Vérifier ce procès-verbal" : "How to verify these minutes");
    proof_words(p, french, out);
    pl_buf_puts(out, "</div>\n");
    /* Without the page it would lead nowhere. */
    if (p->page[0] && pl_qr_svg(out, (struct pl_str){to.data, to.len},
                                french ? "Code QR de la page de vérification"
                                       : "QR code of the page that verifies") == PL_ENOMEM)
        out->failed = true;
    pl_buf_puts(out, "<dl>\n");
    proof_row(out, french ? "Enregistrement" : "Record", pl_str(p->origin));
    proof_row(out, french ? "Événements" : "Events", pl_str(size));
    proof_row(out, french ? "Racine" : "Root", pl_str(root));
    proof_row(out, french ? "Clé du serveur" : "Server’s key", pl_str(p->vkey));
    pl_buf_puts(out, "</dl>\n</section>\n");
    out->failed |= to.failed;
    pl_buf_free(&to);
}

/* What each sheet of paper says at its edges */

/* As a string of CSS, inside of a style element. */
static void css_string(struct pl_buf *out, struct pl_str text)
{
    pl_buf_puts(out, "\"");
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || strchr("\"\\<>&", c))
            pl_buf_printf(out, "\\%x ", c);
        else
            pl_buf_add(out, &text.p[i], 1);
    }
    pl_buf_puts(out, "\"");
}

static void margins(const struct pl_definition *d, bool french, struct pl_buf *out)
{
    static const char font[] = "font:8.5pt 'Noto Serif','DejaVu Serif',Georgia,serif;color:#444;";
    const struct pl_str marking = pl_str(d->marking ? d->marking : "");
    static const char *const edges[] = {"top", "bottom"};
    pl_buf_puts(out, "@page{");
    for (size_t i = 0; i < 2; i++) {
        pl_buf_printf(out,
                      "@%s-center{%sfont-weight:bold;color:#111;letter-spacing:.06em;"
                      "white-space:nowrap;content:",
                      edges[i], font);
        css_string(out, marking);
        pl_buf_puts(out, "}");
    }
    pl_buf_printf(out, "@top-left{%scontent:", font);
    css_string(out, pl_str(d->body ? d->body : ""));
    pl_buf_printf(out, "}@bottom-left{%scontent:", font);
    css_string(out, pl_str(d->title));
    pl_buf_printf(out, "}@bottom-right{%scontent:\"Page \" counter(page) \"%s\" counter(pages)}}",
                  font, french ? " sur " : " of ");
    pl_buf_puts(out, "@page:first{@top-left{content:none}@bottom-left{content:none}}");
}

void pl_minutes_html(const struct pl_minutes *m, enum pl_minutes_language language,
                     const struct pl_minutes_proof *proven, struct pl_buf *out)
{
    struct pl_sheet s;
    bool french = language == PL_MINUTES_FR;
    pl_sheet_make(m, language, &s);
    if (!s.failed) {
        pl_buf_printf(out,
                      "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                      pl_minutes_language_words[language]);
        pl_buf_puts(out, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
        escaped(out, pl_str(m->d->title));
        pl_buf_printf(out, "</title>\n<style>%s", style);
        margins(m->d, french, out);
        pl_buf_puts(out, "</style>\n</head>\n<body>\n");
        html_body(out, &s);
        if (proven)
            proof(proven, french, out);
        pl_buf_puts(out, "</body>\n</html>\n");
    }
    out->failed |= s.failed;
    pl_sheet_free(&s);
}
