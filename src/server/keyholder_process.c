/* See keyholder_process.h. */
#include "server/keyholder_process.h"
#include "server/complain.h"

#include "crypto/hash.h"
#include "io/confine.h"
#include "io/entropy.h"
#include "io/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLE "PARLEY_KEYHOLDER"
#define WORDS 6       /* of its command line */
#define ANSWER_S 10   /* how long an answer may take: then it hangs, which is as good as gone */
#define NOTE_MAX 4096 /* bytes of a rotation */

struct pl_keyholder_process {
    struct pl_signing signing;
    pid_t pid; /* 0: another process started it */
    struct pl_loop *loop;
    struct pl_watch watch; /* its descriptor is the socket */
    void (*ended)(void *ctx);
    void *ctx;
};

/* --- The server's end --- */

static enum pl_err take(int fd, struct pl_buf *answer)
{
    char bytes[PL_KEYHOLDER_BYTES_MAX];
    ssize_t n;
    do
        n = recv(fd, bytes, sizeof bytes, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return PL_EIO;
    pl_buf_clear(answer);
    pl_buf_add(answer, bytes, (size_t)n);
    return answer->failed ? PL_ENOMEM : PL_OK;
}

/* An answer to a server that was to take over, and came to nothing, may still be there: passed over
 * by its number, which is the first of both. */
static enum pl_err ask(void *ctx, struct pl_str request, struct pl_buf *answer)
{
    const struct pl_keyholder_process *p = ctx;
    enum pl_err e = PL_OK;
    if (request.n > PL_KEYHOLDER_BYTES_MAX ||
        send(p->watch.fd, request.p, request.n, MSG_NOSIGNAL) != (ssize_t)request.n)
        return PL_EIO;
    do
        e = take(p->watch.fd, answer);
    while (!e && (answer->len < 8 || memcmp(answer->data, request.p, 8) != 0));
    return e;
}

static enum pl_err new_process(int fd, struct pl_keyholder_process **out)
{
    const struct timeval patience = {.tv_sec = ANSWER_S};
    struct pl_keyholder_process *p = calloc(1, sizeof *p);
    if (!p || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
        enum pl_err e = p ? PL_EIO : PL_ENOMEM;
        free(p);
        close(fd);
        return e;
    }
    p->watch.fd = fd;
    *out = p;
    return PL_OK;
}

static enum pl_err open_signing(struct pl_keyholder_process *p)
{
    /* Two servers that have the same end count from numbers far apart. */
    return pl_signing_open(&p->signing, ask, p, (uint64_t)getpid() << 32);
}

/* What it says unasked: that it has the key, or why not. */
static enum pl_err first_word(struct pl_keyholder_process *p, char why[PL_RECORD_KEY_WHY_SIZE])
{
    struct pl_buf answer = {0};
    struct pl_str rest = {0};
    enum pl_err said = PL_EIO, e = take(p->watch.fd, &answer);
    snprintf(why, PL_RECORD_KEY_WHY_SIZE, "the process that signs records does not start");
    if (!e && pl_keyholder_read((struct pl_str){answer.data, answer.len}, 0, &said, &rest)) {
        if (said)
            snprintf(why, PL_RECORD_KEY_WHY_SIZE, "%.*s", (int)rest.n, rest.p);
        e = said;
    } else {
        e = PL_EIO;
    }
    pl_buf_free(&answer);
    return e;
}

enum pl_err pl_keyholder_start(const struct pl_keyholder_start *start,
                               struct pl_keyholder_process **out, char why[PL_RECORD_KEY_WHY_SIZE])
{
    char *argv[WORDS + 1] = {"parley",           PL_KEYHOLDER_COMMAND,      (char *)start->key_path,
                             (char *)start->url, start->make ? "make" : "", NULL};
    char *rotation = strndup(start->rotation.n ? start->rotation.p : "", start->rotation.n);
    struct pl_keyholder_process *p = NULL;
    int ends[2];
    pid_t pid = 0;
    snprintf(why, PL_RECORD_KEY_WHY_SIZE, "no memory");
    if (!rotation)
        return PL_ENOMEM;
    argv[WORDS - 1] = rotation;
    enum pl_err e = PL_EIO;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
        e = pl_pass_spawn("/proc/self/exe", argv, VARIABLE, ends[1], &pid);
        close(ends[1]);
        if (e)
            close(ends[0]);
        else
            e = new_process(ends[0], &p);
    }
    if (e == PL_EIO)
        snprintf(why, PL_RECORD_KEY_WHY_SIZE, "no process to sign records: %s", strerror(errno));
    free(rotation);
    if (p) {
        p->pid = pid;
        e = first_word(p, why);
    }
    if (!e)
        e = open_signing(p);
    if (e)
        pl_keyholder_end(p);
    else
        *out = p;
    return e;
}

enum pl_err pl_keyholder_adopt(int fd, struct pl_keyholder_process **out)
{
    struct pl_keyholder_process *p;
    enum pl_err e = new_process(fd, &p);
    if (e)
        return e;
    e = open_signing(p);
    if (e)
        pl_keyholder_end(p);
    else
        *out = p;
    return e;
}

void pl_keyholder_end(struct pl_keyholder_process *p)
{
    if (!p)
        return;
    if (p->loop)
        pl_loop_unwatch(p->loop, &p->watch);
    close(p->watch.fd);
    if (p->pid > 0) {
        (void)kill(p->pid, SIGKILL); /* it ends by itself, unless it hangs; nothing is lost */
        (void)waitpid(p->pid, NULL, 0);
    }
    free(p);
}

struct pl_signing *pl_keyholder_signing(struct pl_keyholder_process *p)
{
    return &p->signing;
}

int pl_keyholder_fd(const struct pl_keyholder_process *p)
{
    return p->watch.fd;
}

static void on_end(struct pl_watch *w, uint32_t events)
{
    struct pl_keyholder_process *p = pl_container_of(w, struct pl_keyholder_process, watch);
    char byte;
    if (!(events & (EPOLLHUP | EPOLLERR)) && recv(w->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
        return;
    pl_loop_unwatch(p->loop, w);
    p->loop = NULL;
    p->ended(p->ctx);
}

enum pl_err pl_keyholder_watch(struct pl_keyholder_process *p, struct pl_loop *loop,
                               void (*ended)(void *ctx), void *ctx)
{
    p->ended = ended;
    p->ctx = ctx;
    p->watch.ready = on_end;
    enum pl_err e = pl_loop_watch(loop, &p->watch, EPOLLIN);
    if (!e)
        p->loop = loop;
    return e;
}

/* --- That process --- */

bool pl_keyholder_is(int argc, char *const *argv)
{
    return argc == WORDS && strcmp(argv[1], PL_KEYHOLDER_COMMAND) == 0 && getenv(VARIABLE) != NULL;
}

/* What the terminal or systemd says to all processes of the service is for the server: this one has
 * to sign what comes at its end. */
static bool prepare(int fd)
{
    static const int deaf_to[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof deaf_to / sizeof *deaf_to; i++)
        signal(deaf_to[i], SIG_IGN);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    return fd > STDERR_FILENO && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && nowhere >= 0 &&
           dup2(nowhere, STDIN_FILENO) >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0;
}

static enum pl_err read_key(char *const *argv, struct pl_record_key *key,
                            char why[PL_RECORD_KEY_WHY_SIZE])
{
    const struct pl_random random = pl_entropy();
    const char *rotation = argv[5];
    struct pl_str last = {*rotation ? rotation : NULL, strlen(rotation)};
    enum pl_err e = pl_record_key_settle(argv[2], last, why);
    if (e)
        return e;
    return *argv[4] ? pl_record_key_open(argv[2], argv[3], &random, key, why)
                    : pl_record_key_read(argv[2], key, why);
}

static void say(int fd, enum pl_err e, const char *text)
{
    uint8_t bytes[9 + PL_RECORD_KEY_WHY_SIZE] = {[8] = (uint8_t)e};
    size_t n = strlen(text);
    memcpy(bytes + 9, text, n);
    if (write(fd, bytes, 9 + n) < 0)
        _exit(1);
}

/* Everything that the library loads when it is used first is loaded before it cannot be. */
static void warm_up(const struct pl_record_key *key)
{
    uint8_t signature[PL_SIGNATURE_SIZE];
    const struct pl_hash nothing = {{0}};
    (void)pl_merkle_node(&nothing, &nothing);
    pl_ed25519_sign(key->seed, "", 0, signature);
}

static void answer_all(int fd, struct pl_keyholder *s)
{
    char bytes[PL_KEYHOLDER_BYTES_MAX];
    struct pl_buf answer = {0};
    for (;;) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        pl_buf_clear(&answer);
        (void)pl_keyholder_answer(s, (struct pl_str){bytes, (size_t)n}, &answer);
        if (answer.failed || write(fd, answer.data, answer.len) != (ssize_t)answer.len)
            break;
    }
    pl_buf_free(&answer);
}

int pl_keyholder_become(char *const *argv)
{
    char why[PL_RECORD_KEY_WHY_SIZE] = "";
    int fd = atoi(getenv(VARIABLE));
    struct pl_keyholder keyholder;
    const struct pl_random random = pl_entropy();
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    struct pl_record_key *key =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!prepare(fd) || key == MAP_FAILED)
        return 1;
    pl_confine_swap(key, size);
    enum pl_err e = read_key(argv, key, why);
    if (!e) {
        pl_keyholder_init(&keyholder, pl_str(key->id.name), key->seed, &random);
        warm_up(key);
        e = pl_confine_calls();
        if (e)
            snprintf(why, sizeof why, "the process that signs cannot be confined");
    }
    say(fd, e, why);
    if (!e)
        answer_all(fd, &keyholder);
    pl_wipe(key, sizeof *key);
    _exit(e ? 1 : 0); /* nothing that others registered for the end is for this one */
}
