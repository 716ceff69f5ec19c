/* One server hands over to the next (`parley upgrade`, SIGUSR2) without losing a call: the old
 * process starts the new one, gives it sockets and state, and ends. ARCHITECTURE.md, "Life of an
 * upgrade". On the control thread of either. */
#ifndef PL_SERVER_HANDOVER_H
#define PL_SERVER_HANDOVER_H

#include "server/app.h"

#define PL_HANDOVER_WHY_SIZE PL_DATA_WHY_SIZE

/* --- The old one --- */

struct pl_handover;

/* Watches for SIGUSR2. `argv` is that of the process, and outlives it. If the new process does not
 * start, or does not take everything, this one goes on. PL_EIO, PL_ENOMEM. */
enum pl_err pl_handover_new(struct pl_app *app, char *const *argv,
                            struct pl_handover **out) PL_CHECKED;
void pl_handover_free(struct pl_handover *h); /* NULL is fine */

/* --- The new one --- */

/* What is handed over to it. */
struct pl_handed {
    int fd; /* to the old one */
    struct pl_buf state;
    struct pl_carry_fds fds;
    struct pl_carry carry; /* reads these, part by part as the parts of the server are made */
    pl_time_us since;      /* media stands still */
};

/* Whether somebody hands over to this process; then waits for all of it. *out is NULL if nobody
 * does. On failure `why` says it in one line; the old one goes on. PL_EIO, PL_EINVAL, PL_ENOMEM. */
enum pl_err pl_handed_receive(struct pl_handed **out, char why[PL_HANDOVER_WHY_SIZE]) PL_CHECKED;

/* All of it was taken, and nothing was sent or written yet: from PL_OK on the old one is gone, for
 * good. PL_EINVAL: something was left over; PL_EIO: the old one does not let go. */
enum pl_err pl_handed_take(struct pl_handed *h) PL_CHECKED;

int pl_handed_ms(const struct pl_handed *h); /* so long, until now */

/* It was not taken: the old one is told why, and goes on. */
void pl_handed_refuse(struct pl_handed *h, const char *why);
void pl_handed_free(struct pl_handed *h); /* NULL is fine */

/* --- The command --- */

/* `parley upgrade`: asks the server of a data folder for it, and waits. False: said why. */
bool pl_upgrade_command(const char *data) PL_CHECKED;

#endif
