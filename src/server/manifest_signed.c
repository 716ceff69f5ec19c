/* See manifest_signed.h. */
#include "server/manifest_signed.h"

#include "signal/signed.h"

#include <string.h>

static bool is_signed(struct pl_str text, struct pl_str signature, struct pl_str key)
{
    return pl_signed_by(PL_MANIFEST_SIGNED, text, signature, key);
}

/* Of a person to whom the organiser's own version, which it carries, gives that right. */
static bool is_signed_late(const struct pl_store_manifest *m, const struct pl_manifest *read)
{
    struct pl_manifest base;
    struct pl_decode_error error;
    struct pl_str key;
    if (!read->base.p || !is_signed(read->base, read->base_signature, m->key) ||
        pl_manifest_decode(read->base, &base, &error) != PL_OK)
        return false;
    bool good = base.late.p && base.late.n == m->signed_by.n &&
                memcmp(base.late.p, m->signed_by.p, m->signed_by.n) == 0 &&
                pl_manifest_key(&base, m->signed_by, &key) &&
                is_signed(m->manifest, m->signature, key);
    pl_manifest_free(&base);
    return good;
}

bool pl_manifest_is_signed(const struct pl_store_manifest *m, const struct pl_manifest *read)
{
    return pl_str_eq(m->signed_by, PL_MANIFEST_ORGANISER)
               ? is_signed(m->manifest, m->signature, m->key)
               : is_signed_late(m, read);
}
