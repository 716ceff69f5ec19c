/* Between pl_addr and the system's socket addresses. Private to src/io. */
#ifndef PL_IO_SOCKADDR_H
#define PL_IO_SOCKADDR_H

#include "base/addr.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* `out` has room for a struct sockaddr_in6. Returns the length to pass on. */
static inline socklen_t pl_sockaddr_from(const struct pl_addr *a, void *out)
{
    memset(out, 0, sizeof(struct sockaddr_in6));
    if (pl_addr_is_v4(a)) {
        struct sockaddr_in *v4 = out;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(a->port);
        memcpy(&v4->sin_addr, a->ip + 12, 4);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = out;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(a->port);
    memcpy(&v6->sin6_addr, a->ip, 16);
    return sizeof *v6;
}

/* PL_EINVAL: another family. */
static inline PL_CHECKED enum pl_err pl_sockaddr_to(const struct sockaddr_storage *name,
                                                    struct pl_addr *out)
{
    if (name->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
        *out = pl_addr_v4((const uint8_t *)&v4->sin_addr, ntohs(v4->sin_port));
        return PL_OK;
    }
    if (name->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;
        struct pl_addr a = {.port = ntohs(v6->sin6_port)};
        memcpy(a.ip, &v6->sin6_addr, 16);
        *out = a;
        return PL_OK;
    }
    return PL_EINVAL;
}

/* The address that a socket is bound to. PL_EIO, PL_EUNSUPPORTED. */
static inline enum pl_err pl_sockaddr_of(int fd, struct pl_addr *out)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
        return PL_EIO;
    return pl_sockaddr_to(&name, out);
}

#endif
