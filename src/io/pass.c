/* See pass.h. A message is a head, its bytes, and then its descriptors, some of them with one byte
 * each time, as a kernel takes no more than SCM_MAX_FD (253) at once. */
#include "io/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x50524c48u /* "PRLH" */
#define FDS_AT_ONCE 250

struct head {
    uint32_t magic, kind;
    uint64_t n;
    uint32_t n_fds, zero;
};

enum pl_err pl_pass_pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? PL_OK : PL_EIO;
}

/* The environment with one variable more, or another value of it. */
static char **environment(char *own, size_t name)
{
    size_t n = 0, k = 0;
    while (environ[n])
        n++;
    char **list = calloc(n + 2, sizeof(char *));
    for (size_t i = 0; list && i < n; i++)
        if (strncmp(environ[i], own, name) != 0)
            list[k++] = environ[i];
    if (list)
        list[k] = own;
    return list;
}

enum pl_err pl_pass_spawn(const char *path, char *const *argv, const char *variable, int fd,
                          pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    char own[100];
    int len = snprintf(own, sizeof own, "%s=%d", variable, fd);
    char **env = environment(own, strlen(variable) + 1);
    if (!env || len >= (int)sizeof own || posix_spawn_file_actions_init(&actions) != 0) {
        free(env);
        errno = ENOMEM;
        return PL_EIO;
    }
    /* To the same number: it is then open after exec. */
    int failed = posix_spawn_file_actions_adddup2(&actions, fd, fd);
    if (!failed)
        failed = posix_spawn(pid, path, &actions, NULL, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    free(env);
    errno = failed;
    return failed ? PL_EIO : PL_OK;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum pl_err wait_for(int fd, short what, int64_t until_ms)
{
    struct pollfd p = {.fd = fd, .events = what};
    for (;;) {
        int64_t left = until_ms - now_ms();
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return PL_OK;
        if (n == 0)
            return PL_EAGAIN;
        if (errno != EINTR)
            return PL_EIO;
    }
}

static enum pl_err transmit(int fd, struct msghdr *m, int64_t until_ms, size_t *sent)
{
    for (;;) {
        enum pl_err err = wait_for(fd, POLLOUT, until_ms);
        if (err)
            return err;
        ssize_t n = sendmsg(fd, m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            *sent = (size_t)n;
            return PL_OK;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return PL_EIO;
    }
}

static enum pl_err send_bytes(int fd, const void *bytes, size_t n, int64_t until_ms)
{
    enum pl_err err = PL_OK;
    for (size_t at = 0, sent = 0; at < n && !err; at += sent) {
        struct iovec piece = {(char *)bytes + at, n - at};
        struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1};
        sent = 0;
        err = transmit(fd, &m, until_ms, &sent);
    }
    return err;
}

union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(FDS_AT_ONCE * sizeof(int))];
};

static enum pl_err send_fds(int fd, const int *fds, size_t n, int64_t until_ms)
{
    union control control = {0};
    char byte = 0;
    size_t sent;
    struct iovec piece = {&byte, 1};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = CMSG_SPACE(n * sizeof *fds)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(n * sizeof *fds);
    memcpy(CMSG_DATA(c), fds, n * sizeof *fds);
    return transmit(fd, &m, until_ms, &sent);
}

enum pl_err pl_pass_send(int fd, uint32_t kind, const void *bytes, size_t n,
                         const struct pl_carry_fds *fds, int wait_ms)
{
    int64_t until_ms = now_ms() + wait_ms;
    size_t n_fds = fds ? fds->n : 0;
    const struct head head = {MAGIC, kind, n, (uint32_t)n_fds, 0};
    enum pl_err err = send_bytes(fd, &head, sizeof head, until_ms);
    if (!err)
        err = send_bytes(fd, bytes, n, until_ms);
    for (size_t at = 0; at < n_fds && !err; at += FDS_AT_ONCE)
        err = send_fds(fd, fds->fds + at, n_fds - at < FDS_AT_ONCE ? n_fds - at : FDS_AT_ONCE,
                       until_ms);
    return err;
}

static enum pl_err take(int fd, struct msghdr *m, int64_t until_ms, size_t *got)
{
    for (;;) {
        enum pl_err err = wait_for(fd, POLLIN, until_ms);
        if (err)
            return err;
        ssize_t n = recvmsg(fd, m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n > 0) {
            *got = (size_t)n;
            return PL_OK;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return PL_EIO;
    }
}

static enum pl_err receive_bytes(int fd, void *bytes, size_t n, int64_t until_ms)
{
    enum pl_err err = PL_OK;
    for (size_t at = 0, got = 0; at < n && !err; at += got) {
        struct iovec piece = {(char *)bytes + at, n - at};
        struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1};
        got = 0;
        err = take(fd, &m, until_ms, &got);
    }
    return err;
}

static enum pl_err receive_fds(int fd, struct pl_carry_fds *fds, size_t n, int64_t until_ms)
{
    union control control;
    char byte;
    size_t got, n_got = 0;
    struct iovec piece = {&byte, 1};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    enum pl_err err = take(fd, &m, until_ms, &got);
    if (err)
        return err;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        n_got = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds->fds + fds->n, CMSG_DATA(c), n_got * sizeof(int));
        fds->n += n_got;
    }
    return n_got == n ? PL_OK : PL_EINVAL;
}

enum pl_err pl_pass_receive(int fd, uint32_t *kind, struct pl_buf *bytes, struct pl_carry_fds *fds,
                            int wait_ms)
{
    int64_t until_ms = now_ms() + wait_ms;
    struct head head;
    enum pl_err err = receive_bytes(fd, &head, sizeof head, until_ms);
    if (err)
        return err;
    if (head.magic != MAGIC || (head.n_fds && !fds))
        return PL_EINVAL;
    if (head.n > PL_PASS_BYTES_MAX || head.n_fds > (fds ? PL_CARRY_FDS_MAX - fds->n : 0))
        return PL_ELIMIT;
    uint8_t *body = malloc(head.n ? head.n : 1);
    if (!body)
        return PL_ENOMEM;
    err = receive_bytes(fd, body, head.n, until_ms);
    for (size_t left = head.n_fds; left && !err;) {
        size_t n = left < FDS_AT_ONCE ? left : FDS_AT_ONCE;
        err = receive_fds(fd, fds, n, until_ms);
        left -= n;
    }
    if (!err) {
        pl_buf_add(bytes, body, head.n);
        err = bytes->failed ? PL_ENOMEM : PL_OK;
        *kind = head.kind;
    }
    explicit_bzero(body, head.n); /* keys, maybe */
    free(body);
    return err;
}
