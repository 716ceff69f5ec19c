/* See write.h. */
#include "record/write.h"

#include "crypto/hash.h"
#include "record/note.h"

#include <stdlib.h>
#include <string.h>

void pl_write_bytes_line(struct pl_buf *out, struct pl_str bytes)
{
    pl_buf_add(out, bytes.p, bytes.n);
    pl_buf_add(out, "\n", 1);
}

static void write_line(struct pl_buf *out, const struct pl_record_line *line)
{
    pl_line_encode(out, line);
    pl_buf_add(out, "\n", 1);
}

void pl_write_head(struct pl_buf *out, struct pl_str meeting, struct pl_str origin,
                   const uint8_t key[PL_PUBLIC_KEY_SIZE])
{
    struct pl_vkey vkey = pl_vkey(origin, PL_NOTE_ED25519, key);
    struct pl_buf text = {0};
    pl_vkey_print(&text, &vkey);
    const struct pl_record_line line = {
        .type = PL_LINE_HEAD,
        .head = {PL_RECORD_FORMAT, meeting, origin, {text.data, text.len}},
    };
    write_line(out, &line);
    out->failed |= text.failed;
    pl_buf_free(&text);
}

void pl_write_definition(struct pl_buf *out, struct pl_str text)
{
    write_line(out, &(struct pl_record_line){.type = PL_LINE_DEFINITION, .text = text});
}

void pl_write_manifest(struct pl_buf *out, const struct pl_line_manifest *m)
{
    write_line(out, &(struct pl_record_line){.type = PL_LINE_MANIFEST, .manifest = *m});
}

void pl_write_minutes(struct pl_buf *out, const struct pl_line_minutes *m)
{
    write_line(out, &(struct pl_record_line){.type = PL_LINE_MINUTES, .minutes = *m});
}

void pl_write_rotation(struct pl_buf *out, struct pl_str note)
{
    write_line(out, &(struct pl_record_line){.type = PL_LINE_ROTATION, .note = note});
}

/* By name: what stands behind the dash, up to the next space. */
static int compare_lines(const void *a, const void *b)
{
    struct pl_note_signature x, y;
    if (pl_note_signature_parse(*(const struct pl_str *)a, &x) ||
        pl_note_signature_parse(*(const struct pl_str *)b, &y))
        return 0; /* we made them */
    int order = memcmp(x.name.p, y.name.p, x.name.n < y.name.n ? x.name.n : y.name.n);
    return order ? order : x.name.n < y.name.n ? -1 : x.name.n > y.name.n;
}

void pl_write_checkpoint(struct pl_buf *out, struct pl_str note, struct pl_str lines)
{
    struct pl_str list[PL_NOTE_SIGNATURES_MAX];
    struct pl_buf all = {0};
    size_t n = 0;
    while (lines.n && n < PL_NOTE_SIGNATURES_MAX)
        list[n++] = pl_str_split(&lines, '\n');
    qsort(list, n, sizeof *list, compare_lines);
    pl_buf_add(&all, note.p, note.n);
    for (size_t i = 0; i < n; i++)
        pl_write_bytes_line(&all, list[i]);
    write_line(out,
               &(struct pl_record_line){.type = PL_LINE_CHECKPOINT, .note = {all.data, all.len}});
    out->failed |= all.failed;
    pl_buf_free(&all);
}

static int64_t count_lines(const struct pl_buf *b)
{
    int64_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

void pl_write_end(struct pl_buf *out, struct pl_str origin, const uint8_t seed[PL_SEED_SIZE])
{
    uint8_t hash[PL_SHA256_SIZE], raw[PL_SIGNATURE_SIZE];
    char hex[2 * PL_SHA256_SIZE + 1], signature[87];
    struct pl_buf text = {0};
    int64_t lines = count_lines(out);
    pl_sha256(out->data, out->len, hash);
    pl_hex(hash, sizeof hash, hex);
    pl_record_end_text(&text, origin, lines, pl_str(hex));
    if (!text.failed)
        pl_ed25519_sign(seed, text.data, text.len, raw);
    out->failed |= text.failed;
    pl_buf_free(&text);
    pl_base64url(raw, sizeof raw, signature);
    write_line(out, &(struct pl_record_line){.type = PL_LINE_END,
                                             .end = {lines, pl_str(hex), pl_str(signature)}});
}
