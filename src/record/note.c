/* See note.h. */
#include "record/note.h"

#include "base/bytes.h"
#include "crypto/hash.h"

#include <assert.h>
#include <stdio.h>

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */
#define DASH_SIZE (sizeof DASH - 1)
#define KEY_ID_SIZE 4
#define VKEY_BYTES (1 + PL_PUBLIC_KEY_SIZE) /* the type, and the key */
#define BASE64_SIZE(n) (4 * (((n) + 2) / 3) + 1)

bool pl_note_name_ok(struct pl_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c <= ' ' || c >= 0x7f || c == '+')
            return false;
    }
    return name.n > 0 && name.n <= PL_NOTE_NAME_MAX;
}

static uint32_t key_id(struct pl_str name, enum pl_note_type type,
                       const uint8_t key[PL_PUBLIC_KEY_SIZE])
{
    uint8_t bytes[PL_NOTE_NAME_MAX + 2 + PL_PUBLIC_KEY_SIZE], hash[PL_SHA256_SIZE];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    assert(name.n <= PL_NOTE_NAME_MAX);
    pl_write_bytes(&w, name.p, name.n);
    pl_write_u8(&w, '\n');
    pl_write_u8(&w, (uint8_t)type);
    pl_write_bytes(&w, key, PL_PUBLIC_KEY_SIZE);
    pl_sha256(bytes, pl_writer_size(&w), hash);
    return pl_get_u32(hash);
}

struct pl_vkey pl_vkey(struct pl_str name, enum pl_note_type type,
                       const uint8_t key[PL_PUBLIC_KEY_SIZE])
{
    struct pl_vkey out = {.name = name, .type = type, .id = key_id(name, type, key)};
    memcpy(out.key, key, sizeof out.key);
    return out;
}

enum pl_err pl_vkey_parse(struct pl_str text, struct pl_vkey *out)
{
    uint8_t bytes[VKEY_BYTES + 1];
    char id[2 * KEY_ID_SIZE + 1];
    size_t n;
    struct pl_str name = pl_str_split(&text, '+'), hex = pl_str_split(&text, '+');
    if (!pl_note_name_ok(name) || pl_base64_decode(text, bytes, sizeof bytes, &n) || n < 2)
        return PL_EINVAL;
    if ((bytes[0] != PL_NOTE_ED25519 && bytes[0] != PL_NOTE_COSIGNATURE))
        return PL_EUNSUPPORTED;
    if (n != VKEY_BYTES)
        return PL_EINVAL;
    struct pl_vkey key = pl_vkey(name, (enum pl_note_type)bytes[0], bytes + 1);
    snprintf(id, sizeof id, "%08x", key.id);
    if (!pl_str_eq(hex, id))
        return PL_EINVAL;
    *out = key;
    return PL_OK;
}

void pl_vkey_print(struct pl_buf *out, const struct pl_vkey *key)
{
    uint8_t bytes[VKEY_BYTES] = {(uint8_t)key->type};
    char text[BASE64_SIZE(VKEY_BYTES)];
    memcpy(bytes + 1, key->key, PL_PUBLIC_KEY_SIZE);
    pl_base64(bytes, sizeof bytes, text);
    pl_buf_add(out, key->name.p, key->name.n);
    pl_buf_printf(out, "+%08x+%s", key->id, text);
}

enum pl_err pl_skey_parse(struct pl_str text, struct pl_str *name, uint8_t seed[PL_SEED_SIZE])
{
    uint8_t bytes[VKEY_BYTES + 1], public[PL_PUBLIC_KEY_SIZE];
    char id[2 * KEY_ID_SIZE + 1];
    size_t n;
    if (!pl_str_eq(pl_str_split(&text, '+'), "PRIVATE") ||
        !pl_str_eq(pl_str_split(&text, '+'), "KEY"))
        return PL_EINVAL;
    struct pl_str who = pl_str_split(&text, '+'), hex = pl_str_split(&text, '+');
    enum pl_err err = pl_base64_decode(text, bytes, sizeof bytes, &n);
    if (!err && pl_note_name_ok(who) && n == VKEY_BYTES && bytes[0] == PL_NOTE_ED25519) {
        pl_ed25519_public(bytes + 1, public);
        snprintf(id, sizeof id, "%08x", key_id(who, PL_NOTE_ED25519, public));
        err = pl_str_eq(hex, id) ? PL_OK : PL_EINVAL;
    } else {
        err = PL_EINVAL;
    }
    if (err == PL_OK) {
        memcpy(seed, bytes + 1, PL_SEED_SIZE);
        *name = who;
    }
    pl_wipe(bytes, sizeof bytes);
    return err;
}

void pl_skey_print(struct pl_buf *out, struct pl_str name, const uint8_t seed[PL_SEED_SIZE])
{
    uint8_t bytes[VKEY_BYTES] = {PL_NOTE_ED25519}, public[PL_PUBLIC_KEY_SIZE];
    char text[BASE64_SIZE(VKEY_BYTES)];
    memcpy(bytes + 1, seed, PL_SEED_SIZE);
    pl_base64(bytes, sizeof bytes, text);
    pl_ed25519_public(seed, public);
    pl_buf_puts(out, "PRIVATE+KEY+");
    pl_buf_add(out, name.p, name.n);
    pl_buf_printf(out, "+%08x+%s", key_id(name, PL_NOTE_ED25519, public), text);
    pl_wipe(bytes, sizeof bytes);
    pl_wipe(text, sizeof text);
}

enum pl_err pl_note_signature_parse(struct pl_str line, struct pl_note_signature *out)
{
    struct pl_note_signature s = {.line = line};
    uint8_t bytes[KEY_ID_SIZE + sizeof s.bytes];
    size_t n;
    if (line.n < DASH_SIZE || memcmp(line.p, DASH, DASH_SIZE) != 0)
        return PL_EINVAL;
    struct pl_str rest = {line.p + DASH_SIZE, line.n - DASH_SIZE};
    s.name = pl_str_split(&rest, ' ');
    if (!pl_note_name_ok(s.name) || pl_base64_decode(rest, bytes, sizeof bytes, &n) ||
        n <= KEY_ID_SIZE)
        return PL_EINVAL;
    s.id = pl_get_u32(bytes);
    memcpy(s.bytes, bytes + KEY_ID_SIZE, n - KEY_ID_SIZE);
    size_t padding = (rest.p[rest.n - 1] == '=') + (rest.p[rest.n - 2] == '=');
    s.n = rest.n / 4 * 3 - padding - KEY_ID_SIZE;
    *out = s;
    return PL_OK;
}

bool pl_note_next(struct pl_str *rest, struct pl_note_signature *out)
{
    return rest->n > 0 && pl_note_signature_parse(pl_str_split(rest, '\n'), out) == PL_OK;
}

/* Where the last empty line ends; 0: there is none. */
static size_t lines_begin(struct pl_str bytes)
{
    for (size_t i = bytes.n; i >= 2; i--)
        if (bytes.p[i - 1] == '\n' && bytes.p[i - 2] == '\n')
            return i;
    return 0;
}

enum pl_err pl_note_parse(struct pl_str bytes, struct pl_note *out)
{
    struct pl_note_signature ignored;
    if (bytes.n > PL_NOTE_BYTES_MAX)
        return PL_ELIMIT;
    size_t at = lines_begin(bytes), n = 0;
    /* A text has at least one line; the signatures' last line is a whole one. */
    if (at < 2 || at == bytes.n || bytes.p[bytes.n - 1] != '\n' || !pl_text_ok(bytes) ||
        memchr(bytes.p, '\t', bytes.n))
        return PL_EINVAL;
    struct pl_str lines = {bytes.p + at, bytes.n - at};
    for (struct pl_str rest = lines; rest.n; n++)
        if (pl_note_signature_parse(pl_str_split(&rest, '\n'), &ignored))
            return PL_EINVAL;
    if (n > PL_NOTE_SIGNATURES_MAX)
        return PL_ELIMIT;
    *out = (struct pl_note){.text = {bytes.p, at - 1}, .lines = lines};
    return PL_OK;
}

enum pl_err pl_note_verify(const struct pl_note *note, const struct pl_vkey *key)
{
    struct pl_note_signature s;
    enum pl_err err = PL_ENOENT;
    for (struct pl_str rest = note->lines; pl_note_next(&rest, &s);) {
        if (s.id != key->id || s.name.n != key->name.n ||
            memcmp(s.name.p, key->name.p, s.name.n) != 0)
            continue;
        if (key->type != PL_NOTE_ED25519 || s.n != PL_SIGNATURE_SIZE ||
            !pl_ed25519_verify(key->key, note->text.p, note->text.n, s.bytes))
            return PL_EAUTH;
        err = PL_OK;
    }
    return err;
}

void pl_note_add_line(struct pl_buf *out, const struct pl_vkey *key, const uint8_t *bytes, size_t n)
{
    uint8_t all[KEY_ID_SIZE + PL_NOTE_SIGNED_MAX];
    char text[BASE64_SIZE(KEY_ID_SIZE + PL_NOTE_SIGNED_MAX)];
    struct pl_writer w = pl_writer(all, sizeof all);
    assert(n <= sizeof all - KEY_ID_SIZE);
    pl_write_u32(&w, key->id);
    pl_write_bytes(&w, bytes, n);
    pl_base64(all, pl_writer_size(&w), text);
    pl_buf_puts(out, DASH);
    pl_buf_add(out, key->name.p, key->name.n);
    pl_buf_printf(out, " %s\n", text);
}

void pl_note_sign(struct pl_buf *out, struct pl_str text, struct pl_str name,
                  const uint8_t seed[PL_SEED_SIZE])
{
    uint8_t public[PL_PUBLIC_KEY_SIZE], signature[PL_SIGNATURE_SIZE];
    pl_ed25519_public(seed, public);
    struct pl_vkey key = pl_vkey(name, PL_NOTE_ED25519, public);
    pl_ed25519_sign(seed, text.p, text.n, signature);
    pl_buf_add(out, text.p, text.n);
    pl_buf_puts(out, "\n");
    pl_note_add_line(out, &key, signature, sizeof signature);
}
