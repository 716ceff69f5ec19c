/* See confine.h. */
#include "io/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRY_SIZE 4096 /* of one line of the list of users; longer ones are an error */

enum pl_err pl_confine_dumps(void)
{
    const struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0UL) == 0 ? PL_OK : PL_EIO;
}

/* Both by the call itself, as libcap is not needed for two of them. The first 32 rights and the
 * others are a structure each. */
static bool keep_ports(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct has[2];
    if (syscall(SYS_capget, &head, has) != 0)
        return false;
    const unsigned keep = has[0].permitted & (1U << CAP_NET_BIND_SERVICE);
    const struct __user_cap_data_struct wanted[2] = {{.effective = keep, .permitted = keep}};
    return syscall(SYS_capset, &head, wanted) == 0;
}

static bool become(const struct passwd *user)
{
    return prctl(PR_SET_KEEPCAPS, 1UL) == 0 && initgroups(user->pw_name, user->pw_gid) == 0 &&
           setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
           setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0 && keep_ports() &&
           prctl(PR_SET_KEEPCAPS, 0UL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0;
}

enum pl_err pl_confine_user(const char *name, char why[PL_CONFINE_WHY_SIZE])
{
    struct passwd entry, *user;
    char text[ENTRY_SIZE];
    int failed = getpwnam_r(name, &entry, text, sizeof text, &user);
    if (failed || !user) {
        snprintf(why, PL_CONFINE_WHY_SIZE, "%.100s: %s", name,
                 failed ? strerror(failed) : "there is no such user");
        return failed ? PL_EIO : PL_ENOENT;
    }
    if (user->pw_uid == 0) {
        snprintf(why, PL_CONFINE_WHY_SIZE, "%.100s: that is root; name another user", name);
        return PL_EINVAL;
    }
    if (getuid() == user->pw_uid && geteuid() == user->pw_uid)
        return PL_OK;
    if (geteuid() != 0) {
        snprintf(why, PL_CONFINE_WHY_SIZE, "%.100s: only root can become another user", name);
        return PL_ESTATE;
    }
    if (!become(user)) {
        snprintf(why, PL_CONFINE_WHY_SIZE, "%.100s: %s", name, strerror(errno));
        return PL_EIO;
    }
    return PL_OK;
}
