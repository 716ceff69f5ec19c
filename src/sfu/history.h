/* What was sent to a receiver with transport-wide numbers, and what became of it: eight bytes a
 * packet, and only as many as it takes until their answer comes. Pure, but for the memory. */
#ifndef PL_SFU_HISTORY_H
#define PL_SFU_HISTORY_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_HISTORY_PACKETS 2048 /* remembered at most: 2 s at 10 Mbit/s */
#define PL_HISTORY_LEAST 128
#define PL_HISTORY_US (1 * PL_SECOND) /* an answer that takes longer says nothing of now */
#define PL_HISTORY_CLUSTER_MAX 0x3fff /* of a probe's number */

enum pl_sent_state { PL_UNSENT, PL_SENT, PL_LOST, PL_ACKED };

struct pl_sent_packet {
    pl_time_us at;
    uint16_t bytes;
    uint16_t cluster; /* of a probe, or 0 */
    enum pl_sent_state state;
};

struct pl_history {
    struct pl_history_entry *entries;
    int64_t n_entries; /* a power of two */
    int64_t next;      /* number of the next packet */
    pl_time_us newest; /* when the last one was sent */
};

enum pl_err pl_history_init(struct pl_history *h) PL_CHECKED; /* PL_ENOMEM */
void pl_history_free(struct pl_history *h);                   /* zeroes are fine */

/* Packet `seq` was sent: at least h->next; the numbers between were not. `at` does not go back.
 * Grows while packets would be forgotten that may still be answered, up to PL_HISTORY_PACKETS. */
void pl_history_sent(struct pl_history *h, int64_t seq, pl_time_us at, size_t bytes,
                     uint16_t cluster);

/* False: never sent, or forgotten. */
bool pl_history_get(const struct pl_history *h, int64_t seq, struct pl_sent_packet *out);
void pl_history_mark(struct pl_history *h, int64_t seq,
                     enum pl_sent_state state); /* one of these */

/* The oldest number that can be there. */
int64_t pl_history_oldest(const struct pl_history *h);

#endif
