/* See checkpoint.h. */
#include "record/checkpoint.h"

#include "base/bytes.h"

#define TIME_SIZE 8
#define TIME_MAX INT64_MAX
#define ROOT_CHARS (4 * ((PL_SHA256_SIZE + 2) / 3))

void pl_checkpoint_text(struct pl_buf *out, const struct pl_checkpoint *c)
{
    char root[ROOT_CHARS + 1];
    pl_base64(c->root.bytes, sizeof c->root.bytes, root);
    pl_buf_add(out, c->origin.p, c->origin.n);
    pl_buf_printf(out, "\n%llu\n%s\n", (unsigned long long)c->size, root);
}

enum pl_err pl_checkpoint_parse(struct pl_str text, struct pl_checkpoint *out)
{
    struct pl_checkpoint c;
    uint8_t hash[PL_SHA256_SIZE + 1]; /* one longer is found out */
    size_t n;
    if (text.n == 0 || text.p[text.n - 1] != '\n')
        return PL_EINVAL;
    c.origin = pl_str_split(&text, '\n');
    struct pl_str size = pl_str_split(&text, '\n'), root = pl_str_split(&text, '\n');
    if (text.n || !pl_note_name_ok(c.origin) || pl_parse_u64(size, PL_MERKLE_SIZE_MAX, &c.size) ||
        (size.n > 1 && size.p[0] == '0') || pl_base64_decode(root, hash, sizeof hash, &n) ||
        n != PL_SHA256_SIZE)
        return PL_EINVAL;
    memcpy(c.root.bytes, hash, PL_SHA256_SIZE);
    *out = c;
    return PL_OK;
}

void pl_checkpoint_sign(struct pl_buf *out, const struct pl_checkpoint *c,
                        const uint8_t seed[PL_SEED_SIZE])
{
    struct pl_buf text = {0};
    pl_checkpoint_text(&text, c);
    if (text.failed)
        out->failed = true;
    else
        pl_note_sign(out, (struct pl_str){text.data, text.len}, c->origin, seed);
    pl_buf_free(&text);
}

/* What is signed: it has a head of its own, so that it is no signature of a note. */
static void message(struct pl_buf *out, struct pl_str text, int64_t time_s)
{
    pl_buf_printf(out, "cosignature/v1\ntime %lld\n", (long long)time_s);
    pl_buf_add(out, text.p, text.n);
}

void pl_cosign(struct pl_buf *out, struct pl_str text, struct pl_str name, int64_t time_s,
               const uint8_t seed[PL_SEED_SIZE])
{
    uint8_t public[PL_PUBLIC_KEY_SIZE], bytes[TIME_SIZE + PL_SIGNATURE_SIZE];
    struct pl_buf signed_bytes = {0};
    pl_ed25519_public(seed, public);
    struct pl_vkey key = pl_vkey(name, PL_NOTE_COSIGNATURE, public);
    message(&signed_bytes, text, time_s);
    if (signed_bytes.failed) {
        out->failed = true;
    } else {
        pl_put_u64(bytes, (uint64_t)time_s);
        pl_ed25519_sign(seed, signed_bytes.data, signed_bytes.len, bytes + TIME_SIZE);
        pl_note_add_line(out, &key, bytes, sizeof bytes);
    }
    pl_buf_free(&signed_bytes);
}

enum pl_err pl_cosignature_verify(struct pl_str line, struct pl_str text, const struct pl_vkey *key,
                                  int64_t *time_s)
{
    struct pl_note_signature s;
    if (pl_note_signature_parse(line, &s))
        return PL_EINVAL;
    if (s.id != key->id || s.name.n != key->name.n || memcmp(s.name.p, key->name.p, s.name.n) != 0)
        return PL_ENOENT;
    uint64_t time = pl_get_u64(s.bytes);
    if (s.n != TIME_SIZE + PL_SIGNATURE_SIZE || time > TIME_MAX)
        return PL_EINVAL;
    struct pl_buf signed_bytes = {0};
    message(&signed_bytes, text, (int64_t)time);
    enum pl_err err = PL_ENOMEM;
    if (!signed_bytes.failed)
        err = pl_ed25519_verify(key->key, signed_bytes.data, signed_bytes.len, s.bytes + TIME_SIZE)
                  ? PL_OK
                  : PL_EAUTH;
    pl_buf_free(&signed_bytes);
    if (err == PL_OK)
        *time_s = (int64_t)time;
    return err;
}
