/* See simulator.h. */
#include "server/simulator.h"
#include "server/complain.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME "parley-simulate"
#define LINKS_AHEAD (1 << 20) /* bytes that a pipe takes before anybody reads */

struct pl_simulator {
    pid_t pid;
};

/* Beside the program that runs. */
static bool find(char path[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof NAME - 1);
    if (n <= 0)
        return false;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    memcpy(slash + 1, NAME, sizeof NAME);
    return access(path, X_OK) == 0;
}

bool pl_simulator_become(char *const *words)
{
    char path[PATH_MAX];
    size_t n = 0;
    while (words[n])
        n++;
    char **argv = calloc(n + 2, sizeof *argv);
    if (!argv)
        return pl_complain("no memory");
    argv[0] = NAME;
    memcpy(argv + 1, words, n * sizeof *argv);
    errno = ENOENT;
    if (find(path))
        execv(path, argv);
    free(argv);
    return pl_complain(NAME ": %s; it is built where libvpx, libopus and FreeType are",
                       strerror(errno));
}

/* In the child; only what is safe behind a fork of many threads. */
static void __attribute__((noreturn))
become(const char *path, char *const *argv, int links, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nowhere = open("/dev/null", O_WRONLY);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent && nowhere >= 0 &&
        dup2(links, STDIN_FILENO) >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0)
        execv(path, argv);
    _exit(127);
}

static enum pl_err spawn(struct pl_simulator *s, const char *path, struct pl_str links,
                         unsigned seats)
{
    int ends[2];
    char number[16];
    char *argv[] = {NAME, "--seats", number, "-", NULL};
    snprintf(number, sizeof number, "%u", seats);
    if (pipe2(ends, O_CLOEXEC))
        return PL_EIO;
    /* All of it fits, so that nobody waits for a program that may not read. */
    (void)fcntl(ends[1], F_SETPIPE_SZ, LINKS_AHEAD);
    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    bool written = write(ends[1], links.p, links.n) == (ssize_t)links.n;
    pid_t parent = getpid();
    s->pid = written ? fork() : -1;
    if (s->pid == 0)
        become(path, argv, ends[0], parent);
    close(ends[0]);
    close(ends[1]);
    return s->pid < 0 ? PL_EIO : PL_OK;
}

enum pl_err pl_simulator_start(struct pl_str links, unsigned seats, struct pl_simulator **out)
{
    char path[PATH_MAX];
    if (!find(path))
        return PL_ENOENT;
    struct pl_simulator *s = calloc(1, sizeof *s);
    enum pl_err e = s ? spawn(s, path, links, seats) : PL_ENOMEM;
    if (e)
        free(s);
    else
        *out = s;
    return e;
}

void pl_simulator_stop(struct pl_simulator *s)
{
    if (s)
        kill(s->pid, SIGTERM);
}

void pl_simulator_end(struct pl_simulator *s)
{
    if (!s)
        return;
    kill(s->pid, SIGTERM);
    for (int ms = 0; waitpid(s->pid, NULL, WNOHANG) == 0; ms += 10) {
        if (ms == PL_SIMULATOR_END_MS)
            kill(s->pid, SIGKILL);
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    free(s);
}
