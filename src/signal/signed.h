/* Signed texts: manifests, and acts that their makers sign (docs/record.md, "Signed acts"). What is
 * signed of an act is a JSON text made by the person's browser; here it is compared with the act
 * that it came with. */
#ifndef PL_SIGNAL_SIGNED_H
#define PL_SIGNAL_SIGNED_H

#include "base/err.h"
#include "base/text.h"
#include "meet/acts.h"

#include <stdbool.h>

/* Stands before the text in what is signed. */
#define PL_SIGNED_ACT "parley act v1\n"

/* Is it an Ed25519 signature, by this key, of the prefix and the text, one after the other?
 * Signature and key are base64url; what is no such thing is no signature. */
bool pl_signed_by(const char *prefix, struct pl_str text, struct pl_str signature,
                  struct pl_str key);

struct pl_signed_claim {
    struct pl_str meeting, person;
    const struct pl_act *act; /* with its signed_text; as it was sent, or as it is in the record */
    const char *text;         /* the hash of what it is on: pl_meeting_text */
    uint64_t since;           /* since when it stands there: pl_meeting_since; 0: not asked */
    const char *leaf;         /* of the event that is corrected, base64; NULL: it corrects none */
    bool unbound;             /* it need not say since when, nor the leaf: before, nobody did */
};

/* Does the signed text say just this? Who signed it is not looked at. PL_EINVAL: no, and *why is a
 * sentence; PL_ENOMEM. */
enum pl_err pl_signed_matches(const struct pl_signed_claim *claim, const char **why) PL_CHECKED;

#endif
