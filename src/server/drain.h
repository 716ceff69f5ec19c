/* The server is to be stopped for maintenance (`parley drain`, SIGUSR1): no meeting is made, none
 * is opened that is not under way, and the server ends when nobody is left, or at a deadline. What
 * people in meetings see of it is in conference_drain.c. On the control thread. */
#ifndef PL_SERVER_DRAIN_H
#define PL_SERVER_DRAIN_H

#include "base/carry.h"
#include "server/app.h"

/* How soon somebody who makes a meeting is to ask again, if there is no deadline. */
#define PL_DRAIN_RETRY_S 600

struct pl_draining;

/* Watches for SIGUSR1; before other threads are started. `end` ends the server in good order.
 * PL_EIO, PL_ENOMEM. */
enum pl_err pl_draining_new(struct pl_app *app, void (*end)(struct pl_app *app),
                            struct pl_draining **out) PL_CHECKED;
void pl_draining_free(struct pl_draining *d); /* NULL is fine */

/* Goes along when the server hands over; once there are conferences. */
void pl_draining_carry(struct pl_draining *d, struct pl_carry *c);

/* --- The command --- */

/* `parley drain`: tells the server of a data folder, and prints what it answers. `value` goes with
 * the signal (sigqueue(3)): cli.h. False: said why. */
bool pl_drain_command(const char *data, int value) PL_CHECKED;

#endif
