/* What a process may still read: see confine.h. The kernel takes only what is allowed, and what is
 * below it: so everything is but the folders that lead to the file, each entry by itself. */
#include "io/confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool allow(int rules, int folder, const char *name)
{
    struct stat about;
    int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == EACCES; /* gone meanwhile; nobody could read it either */
    /* A link is as good as what it leads to. */
    bool good = fstat(fd, &about) == 0;
    if (good && !S_ISLNK(about.st_mode)) {
        const struct landlock_path_beneath_attr rule = {LANDLOCK_ACCESS_FS_READ_FILE, fd};
        good = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    }
    close(fd);
    return good;
}

/* All entries of an open folder but those whose names begin with `but` (`whole`: are that). */
static bool allow_entries(int rules, int fd, const char *but, bool whole)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = own >= 0 ? fdopendir(own) : NULL;
    bool good = d != NULL;
    if (!d && own >= 0)
        close(own);
    if (!d && errno == EACCES)
        return true; /* a folder that may be passed and not listed: nobody counts on its others */
    for (struct dirent *e; good && (e = readdir(d));) {
        bool same = whole ? strcmp(e->d_name, but) == 0 : strncmp(e->d_name, but, strlen(but)) == 0;
        if (!same && strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            good = allow(rules, fd, e->d_name);
    }
    if (d)
        closedir(d);
    return good;
}

/* From "/" down: at each step everything but the next one. `path` is absolute, and is cut up. */
static bool allow_all_but(int rules, char *path)
{
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0;
    char *rest = path, *name = strtok_r(path, "/", &rest);
    while (good && name) {
        char *next = strtok_r(NULL, "/", &rest);
        good = allow_entries(rules, fd, name, next != NULL);
        int below = good && next ? openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        if (next)
            good = good && below >= 0;
        close(fd);
        fd = below;
        name = next;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

/* Does the folder of `file` lead to `path`? Its links are followed. */
static bool leads_to(const char *file, const char *path)
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(file, '/');
    int n = slash ? snprintf(folder, sizeof folder, "%.*s/", (int)(slash - file), file)
                  : snprintf(folder, sizeof folder, ".");
    if (n < 0 || (size_t)n >= sizeof folder || !realpath(folder, real))
        return true;
    size_t len = strcmp(real, "/") == 0 ? 0 : strlen(real);
    return strncmp(real, path, len) == 0 && path[len] == '/';
}

enum pl_err pl_confine_reading(const char *path, const char *const *renewed, size_t n,
                               char why[PL_CONFINE_WHY_SIZE])
{
    char real[PATH_MAX];
    const struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE};
    if (!realpath(path, real)) {
        snprintf(why, PL_CONFINE_WHY_SIZE, "%.100s: %s", path, strerror(errno));
        return PL_EIO;
    }
    for (size_t i = 0; i < n; i++) {
        char through[PATH_MAX];
        const char *file = renewed[i];
        if (leads_to(file, real) || (realpath(file, through) && leads_to(through, real))) {
            snprintf(why, PL_CONFINE_WHY_SIZE,
                     "%.100s is in a folder that it is in too, or above it", file);
            return PL_ESTATE;
        }
    }
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (rules < 0) {
        snprintf(why, PL_CONFINE_WHY_SIZE, "this kernel has no Landlock: %s", strerror(errno));
        return PL_EUNSUPPORTED;
    }
    bool good = allow_all_but(rules, real) && prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 &&
                syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (!good)
        snprintf(why, PL_CONFINE_WHY_SIZE, "Landlock: %s", strerror(errno));
    close(rules);
    return good ? PL_OK : PL_EIO;
}
