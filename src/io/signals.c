/* Signals by signalfd(2). See signals.h. */
#include "io/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct pl_signal {
    struct pl_loop *loop;
    struct pl_watch watch;
    pl_signal_cb *cb;
    void *ctx;
};

static void ready(struct pl_watch *w, uint32_t events)
{
    (void)events;
    struct pl_signal *s = pl_container_of(w, struct pl_signal, watch);
    struct signalfd_siginfo info;
    if (read(w->fd, &info, sizeof info) == sizeof info)
        s->cb(s->ctx, (int)info.ssi_signo, info.ssi_code == SI_QUEUE ? info.ssi_int : 0);
}

enum pl_err pl_signal_watch(struct pl_loop *l, int signo, pl_signal_cb *cb, void *ctx,
                            struct pl_signal **out)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    struct pl_signal *s = calloc(1, sizeof *s);
    if (!s)
        return PL_ENOMEM;
    s->loop = l;
    s->cb = cb;
    s->ctx = ctx;
    s->watch = (struct pl_watch){signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), ready};
    if (s->watch.fd < 0 || pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        pl_loop_watch(l, &s->watch, EPOLLIN) != PL_OK) {
        int saved = errno;
        if (s->watch.fd >= 0)
            close(s->watch.fd);
        free(s);
        errno = saved;
        return PL_EIO;
    }
    *out = s;
    return PL_OK;
}

void pl_signal_free(struct pl_signal *s)
{
    if (!s)
        return;
    pl_loop_unwatch(s->loop, &s->watch);
    close(s->watch.fd);
    free(s);
}
