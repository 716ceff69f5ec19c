/* Notes, checkpoints, cosignature lines and keys: what is taken is made again to the same bytes. */
#include "record/checkpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct pl_buf *b, struct pl_str s)
{
    return b->len == s.n && memcmp(b->data, s.p, s.n) == 0;
}

static void key(struct pl_str text)
{
    struct pl_vkey k;
    struct pl_buf again = {0};
    if (pl_vkey_parse(text, &k) != PL_OK)
        return;
    pl_vkey_print(&again, &k);
    assert(same(&again, text));
    pl_buf_free(&again);
}

static void checkpoint(struct pl_str text)
{
    struct pl_checkpoint c;
    struct pl_buf again = {0};
    if (pl_checkpoint_parse(text, &c) != PL_OK)
        return;
    pl_checkpoint_text(&again, &c);
    assert(same(&again, text) && text.n <= PL_CHECKPOINT_TEXT_MAX);
    pl_buf_free(&again);
}

static void signatures(const struct pl_note *note)
{
    struct pl_note_signature s;
    struct pl_buf again = {0};
    size_t n = 0;
    for (struct pl_str rest = note->lines; pl_note_next(&rest, &s); n++) {
        struct pl_vkey k = {.name = s.name, .id = s.id};
        int64_t time_s;
        assert(pl_note_name_ok(s.name) && s.n > 0);
        (void)!pl_cosignature_verify(s.line, note->text, &k, &time_s);
        if (s.n > PL_NOTE_SIGNED_MAX)
            continue;
        pl_buf_clear(&again);
        pl_note_add_line(&again, &k, s.bytes, s.n);
        assert(again.len == s.line.n + 1 && memcmp(again.data, s.line.p, s.line.n) == 0);
    }
    assert(n > 0 && n <= PL_NOTE_SIGNATURES_MAX);
    pl_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_str bytes = {(const char *)data, size};
    struct pl_note note;
    key(bytes);
    checkpoint(bytes);
    if (pl_note_parse(bytes, &note) != PL_OK)
        return 0;
    assert(note.text.n + 1 + note.lines.n == size && note.text.p[note.text.n - 1] == '\n');
    checkpoint(note.text);
    signatures(&note);
    return 0;
}
