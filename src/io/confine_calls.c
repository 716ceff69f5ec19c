/* What a process may still ask the kernel for, and what of it stays out of swap: see confine.h. */
#include "io/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define END(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), END(SECCOMP_RET_ALLOW)

void pl_confine_swap(void *secret, size_t n)
{
    (void)madvise(secret, n, MADV_DONTDUMP);
    (void)mlock2(secret, n, 0); /* the limit may be too low for all: at least the key itself */
    (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

enum pl_err pl_confine_calls(void)
{
#ifdef ARCH
    /* The memory of a library comes by brk and mmap; none of it may be run. Futexes are its locks;
     * a signal handler is left by rt_sigreturn; the address sanitizer asks for sigaltstack at the
     * end, which reaches nothing outside. */
    static struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
        END(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOW(read),
        ALLOW(write),
        ALLOW(exit),
        ALLOW(exit_group),
        ALLOW(brk),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(futex),
        ALLOW(rt_sigreturn),
        ALLOW(sigaltstack),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 1, 0),
        END(SECCOMP_RET_KILL_PROCESS),
        LOAD(args[2]), /* its low half, on machines that are little-endian */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
        END(SECCOMP_RET_KILL_PROCESS),
        END(SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {COUNT(rules), rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 &&
                   prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0
               ? PL_OK
               : PL_EIO;
#else
    errno = ENOSYS;
    return PL_EIO;
#endif
}
