/* The minutes of a meeting, of its record in the store: made of the events, and as they were
 * adopted. */
#ifndef PL_SERVER_MINUTES_READ_H
#define PL_SERVER_MINUTES_READ_H

#include "minutes/minutes.h"
#include "server/store.h"

/* Adds one event, by its bytes; `ctx` is the minutes: a pl_store_event. */
enum pl_err pl_minutes_add_bytes(void *ctx, uint64_t number, struct pl_str bytes) PL_CHECKED;

/* Made of all events. Definitions as for pl_minutes_new, borrowed likewise. PL_EINVAL: the record
 * is damaged; PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_minutes_read(struct pl_store *store, struct pl_str meeting,
                            const struct pl_definition *made, const struct pl_definition *d,
                            const struct pl_random *random, struct pl_minutes **out) PL_CHECKED;

/* The text that was adopted, appended, byte for byte. PL_ENOENT: none was; PL_EIO, PL_ENOMEM. */
enum pl_err pl_minutes_read_adopted(struct pl_store *store, struct pl_str meeting,
                                    enum pl_minutes_language language,
                                    struct pl_buf *out) PL_CHECKED;

#endif
