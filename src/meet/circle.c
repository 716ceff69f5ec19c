/* See circle.h. */
#include "meet/circle.h"

#include "meet/parts.h"

enum pl_err pl_circle_find(const struct pl_definition *d, struct pl_str name, struct pl_circle *out)
{
    static const struct {
        const char *prefix;
        enum pl_circle_kind kind;
    } kinds[] = {{"seat:", PL_CIRCLE_SEAT}, {"note:", PL_CIRCLE_NOTE}};
    if (pl_str_eq(name, PL_CIRCLE_MEETING)) {
        *out = (struct pl_circle){PL_CIRCLE_WHOLE, PL_NO_SEAT};
        return PL_OK;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i].prefix);
        if (name.n <= n || memcmp(name.p, kinds[i].prefix, n) != 0)
            continue;
        uint32_t seat = pl_find_seat(d, (struct pl_str){name.p + n, name.n - n});
        if (seat == PL_NO_SEAT)
            return PL_ENOENT;
        *out = (struct pl_circle){kinds[i].kind, seat};
        return PL_OK;
    }
    return PL_ENOENT;
}

bool pl_circle_has(const struct pl_definition *d, struct pl_circle circle, uint32_t person)
{
    const struct pl_person *p = &d->people[person];
    if (circle.kind == PL_CIRCLE_WHOLE)
        return true;
    if (circle.kind == PL_CIRCLE_NOTE && pl_role_presides(p->role))
        return true;
    return pl_role_needs_seat(p->role) && p->seat == circle.seat;
}
