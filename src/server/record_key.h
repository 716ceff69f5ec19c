/* The server's key for its records, an Ed25519 seed in the data folder, and its name. Made once, at
 * the first start: the name is the first half of every log's, so it stays, whatever the server is
 * called later. */
#ifndef PL_SERVER_RECORD_KEY_H
#define PL_SERVER_RECORD_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "crypto/sign.h"
#include "record/keyholder.h"
#include "record/note.h"

#define PL_RECORD_NAME_DEFAULT "parley" /* where no public URL tells */
#define PL_RECORD_KEY_WHY_SIZE 400
#define PL_RECORD_KEY_NEXT ".next" /* behind the name of its file: a new key, not yet in force */
#define PL_ROTATION_HEAD "parley key rotation v1\n"
#define PL_RECORD_LOG "server" /* the origin of the server's own log is NAME/server */

/* What everybody may know of it. */
struct pl_record_id {
    char name[PL_RECORD_NAME_SIZE];
    uint8_t public[PL_PUBLIC_KEY_SIZE];
};
/* In the process that signs (server/keyholder_process.h), and in commands; never in the server. */
struct pl_record_key {
    struct pl_record_id id;
    uint8_t seed[PL_SEED_SIZE];
};

/* A fresh one. The name is the host of the URL ("https://HOST[:PORT]"), or the default for "". */
void pl_record_key_make(struct pl_record_key *out, const char *url, const struct pl_random *random);
/* As a file: its secret in the form of pl_skey_print, mode 0600. On failure `why` is one line.
 * PL_ENOENT: there is none; PL_EINVAL: it holds no key; PL_EIO, PL_ENOMEM. */
enum pl_err pl_record_key_read(const char *path, struct pl_record_key *out,
                               char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;
enum pl_err pl_record_key_write(const char *path, const struct pl_record_key *key,
                                char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;
/* Reads it, or makes it if there is none. */
enum pl_err pl_record_key_open(const char *path, const char *url, const struct pl_random *random,
                               struct pl_record_key *out,
                               char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;

/* Another key of the same name, to take the place of this one. The old one signs that: `note` is
 * appended, a signed note of "parley key rotation v1", NAME and the new verifier key, a line each.
 * PL_ENOMEM. */
enum pl_err pl_record_key_rotate(const struct pl_record_key *old, const struct pl_random *random,
                                 struct pl_record_key *out, struct pl_buf *note) PL_CHECKED;
/* A rotation that a crash left half done, with the new key in `PATH.next`, is finished if the note
 * of it was kept (the last of the store is `last`; p NULL: none), else undone. Errors as of
 * pl_record_key_read. */
enum pl_err pl_record_key_settle(const char *path, struct pl_str last,
                                 char why[PL_RECORD_KEY_WHY_SIZE]) PL_CHECKED;

/* The key that verifies under a name, that of a log (pl_record_origin) or the key's own. */
struct pl_vkey pl_record_vkey(const struct pl_record_id *id, struct pl_str name);

#endif
