/* What a process gives up by itself (io/confine.h), each tried in a child of its own. What the
 * server does of it shows tests/http/test_keyholder.py, and test_confine.py there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* FOLDER/data holds the key; everything is entered there. */
struct fixture {
    char folder[64];
};

static void write_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static int set_up(void **state)
{
    static struct fixture f;
    snprintf(f.folder, sizeof f.folder, "/tmp/parley-confine-XXXXXX");
    assert_non_null(mkdtemp(f.folder));
    assert_int_equal(chdir(f.folder), 0);
    assert_int_equal(mkdir("data", 0700) | mkdir("data/traces", 0700) | mkdir("certs", 0700), 0);
    write_file("data/record.key");
    write_file("data/record.key.next");
    write_file("data/parley.db");
    write_file("certs/a.pem");
    write_file("a.pem");
    assert_int_equal(symlink("../data/record.key", "certs/link.pem"), 0);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    char command[100];
    const struct fixture *f = *state;
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -r %s", f->folder);
    return system(command);
}

/* What a child ends with: an exit status, or 128 and a signal. */
static int in_child(int (*what)(void))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(what());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool reads(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, &byte, 1) == 1;
    if (fd >= 0)
        close(fd);
    return good;
}

static bool confined(const char *renewed)
{
    char why[PL_CONFINE_WHY_SIZE];
    const char *const list[] = {renewed};
    return pl_confine_reading("data/record.key", list, renewed ? 1 : 0, why) == PL_OK;
}

/* 0, or the number of what went otherwise. */
static int the_rest_stays(void)
{
    if (!reads("data/record.key") || !confined("certs/a.pem"))
        return 1;
    if (!reads("data/parley.db") || !reads("certs/a.pem") || !reads("a.pem") ||
        !reads("/proc/self/status") || !reads("/bin/sh"))
        return 2;
    write_file("certs/b.pem"); /* what comes into other folders, and is written in this one */
    write_file("data/traces/t");
    write_file("data/new");
    if (!reads("certs/b.pem") || !reads("data/traces/t") || rename("data/new", "data/newer") != 0)
        return 3;
    return system("true") == 0 ? 0 : 4;
}

static int the_key_goes(void)
{
    if (!confined(NULL))
        return 1;
    if (reads("data/record.key") || errno != EACCES || reads("data/record.key.next"))
        return 2;
    if (reads("certs/link.pem") || reads("/proc/self/cwd/data/record.key"))
        return 3;
    /* By another name in its folder, or in another folder; by another process. */
    if (rename("data/record.key", "data/other") != 0 || reads("data/other") ||
        rename("data/other", "data/parley.db") != 0 || reads("data/parley.db"))
        return 4;
    if (rename("data/parley.db", "certs/stolen") == 0 ||
        link("data/parley.db", "certs/stolen") == 0)
        return 5;
    return system("cat data/parley.db > /dev/null 2>&1") != 0 ? 0 : 6;
}

static int twice(void)
{
    return confined(NULL) && confined(NULL) && !reads("data/record.key") && reads("a.pem") ? 0 : 1;
}

static void reads_all_but_the_key(void **state)
{
    (void)state;
    assert_int_equal(in_child(the_rest_stays), 0);
    assert_int_equal(in_child(twice), 0);
    assert_int_equal(in_child(the_key_goes), 0);
}

/* Then a renewed one could not be read; nothing changes. */
static void refuses_what_is_renewed_nearby(void **state)
{
    (void)state;
    static const char *const files[] = {"a.pem",          "./a.pem",      "data/a.pem",
                                        "certs/link.pem", "/vmlinuz.pem", "none/a.pem"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char why[PL_CONFINE_WHY_SIZE] = "";
        assert_int_equal(pl_confine_reading("data/record.key", &files[i], 1, why), PL_ESTATE);
        assert_non_null(strstr(why, files[i]));
    }
    char why[PL_CONFINE_WHY_SIZE] = "";
    assert_int_equal(pl_confine_reading("none/record.key", NULL, 0, why), PL_EIO);
    assert_true(reads("data/record.key"));
}

/* --- Calls --- */

static int pipe_ends[2];

static bool shut(void)
{
    return pipe(pipe_ends) == 0 && pl_confine_calls() == PL_OK;
}

static int works_on(void)
{
    char byte = 0;
    if (!shut())
        return 1;
    void *memory = mmap(NULL, 10 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool good = memory != MAP_FAILED && write(pipe_ends[1], "x", 1) == 1 &&
                read(pipe_ends[0], &byte, 1) == 1 && munmap(memory, 10 << 20) == 0;
    return good && byte == 'x' ? 0 : 2;
}

static int opens(void)
{
    return shut() ? open("/dev/null", O_RDONLY) : 1;
}

static int connects(void)
{
    return shut() ? socket(AF_INET, SOCK_STREAM, 0) : 1;
}

static int starts(void)
{
    return shut() ? (int)fork() : 1;
}

static int signals(void)
{
    return shut() ? kill(getppid(), 0) : 1;
}

static int maps_code(void)
{
    return shut() && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                         MAP_FAILED
               ? 1
               : 2;
}

static int makes_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return shut() ? mprotect(p, 4096, PROT_READ | PROT_EXEC) : 1;
}

static void reads_and_writes_alone(void **state)
{
    (void)state;
    int (*const killed[])(void) = {opens, connects, starts, signals, maps_code, makes_code};
    assert_int_equal(in_child(works_on), 0);
    for (size_t i = 0; i < sizeof killed / sizeof *killed; i++)
        assert_int_equal(in_child(killed[i]), 128 + SIGSYS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_all_but_the_key),
        TEST(refuses_what_is_renewed_nearby),
        TEST(reads_and_writes_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
