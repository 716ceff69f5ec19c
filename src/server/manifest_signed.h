/* Who signed a manifest: what the server looks at before it keeps one, and `parley invite` before
 * it goes on from one. */
#ifndef PL_SERVER_MANIFEST_SIGNED_H
#define PL_SERVER_MANIFEST_SIGNED_H

#include "server/store.h"
#include "signal/manifest.h"

/* Does it bear the signature of who is said to have signed it: the organiser, by m->key, or the
 * person to whom the organiser's own version, which it carries, gives that right? `read` is its
 * text. */
bool pl_manifest_is_signed(const struct pl_store_manifest *m, const struct pl_manifest *read);

#endif
