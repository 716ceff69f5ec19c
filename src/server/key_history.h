/* The keys that signed records, from the first to the one in force, as the server's log tells them,
 * with the notes by which each signed the next. */
#ifndef PL_SERVER_KEY_HISTORY_H
#define PL_SERVER_KEY_HISTORY_H

#include "base/buf.h"
#include "server/record_key.h"
#include "server/store.h"

struct pl_key_history {
    struct pl_key_before {
        uint8_t public[PL_PUBLIC_KEY_SIZE];
        struct pl_buf rotation; /* the note that brought it; empty: the first one */
    } * keys;
    size_t n;
};

/* `now` is the key in force, and the only one where no server began its log. PL_EINVAL: the log
 * holds what it should not; PL_EIO, PL_ENOMEM. To be freed, also after an error. */
enum pl_err pl_key_history_read(struct pl_store *store, const struct pl_record_id *now,
                                struct pl_key_history *h) PL_CHECKED;
void pl_key_history_free(struct pl_key_history *h);
/* Which of the keys, `from` or a later one, signed the note under this name; h->n: none. */
size_t pl_key_history_of(const struct pl_key_history *h, size_t from, struct pl_str note,
                         const char *name);

#endif
