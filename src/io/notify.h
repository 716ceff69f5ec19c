/* What systemd is told (sd_notify(3)): one datagram to the socket that $NOTIFY_SOCKET names, if it
 * does. */
#ifndef PL_IO_NOTIFY_H
#define PL_IO_NOTIFY_H

#include <sys/types.h>

void pl_notify_ready(void);     /* READY=1 */
void pl_notify_main(pid_t pid); /* MAINPID: from the process that was it until now */

#endif
