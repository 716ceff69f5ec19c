/* See addr.h. inet_pton and inet_ntop are pure functions; no socket is touched here. */
#include "base/addr.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool pl_addr_is_v4(const struct pl_addr *a)
{
    return memcmp(a->ip, v4_prefix, sizeof v4_prefix) == 0;
}

bool pl_addr_eq(const struct pl_addr *a, const struct pl_addr *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, 16) == 0;
}

bool pl_addr_is_any(const struct pl_addr *a)
{
    static const uint8_t zeros[16];
    return memcmp(a->ip, zeros, 16) == 0 || (pl_addr_is_v4(a) && memcmp(a->ip + 12, zeros, 4) == 0);
}

bool pl_addr_is_loopback(const struct pl_addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    return memcmp(a->ip, one, 16) == 0 || (pl_addr_is_v4(a) && a->ip[12] == 127);
}

struct pl_addr pl_addr_network(const struct pl_addr *a)
{
    struct pl_addr out = {.port = 0};
    memcpy(out.ip, a->ip, pl_addr_is_v4(a) ? 16 : 8);
    return out;
}

struct pl_addr pl_addr_v4(const uint8_t ip[4], uint16_t port)
{
    struct pl_addr a = {.port = port};
    memcpy(a.ip, v4_prefix, 12);
    memcpy(a.ip + 12, ip, 4);
    return a;
}

void pl_addr_ip_text(const struct pl_addr *a, char out[PL_ADDR_TEXT])
{
    if (pl_addr_is_v4(a))
        inet_ntop(AF_INET, a->ip + 12, out, PL_ADDR_TEXT);
    else
        inet_ntop(AF_INET6, a->ip, out, PL_ADDR_TEXT);
}

void pl_addr_text(const struct pl_addr *a, char out[PL_ADDR_TEXT])
{
    char ip[PL_ADDR_TEXT];
    pl_addr_ip_text(a, ip);
    snprintf(out, PL_ADDR_TEXT, pl_addr_is_v4(a) ? "%.45s:%u" : "[%.45s]:%u", ip,
             (unsigned)a->port);
}

enum pl_err pl_addr_parse_ip(const char *text, struct pl_addr *out)
{
    struct pl_addr a = {0};
    if (inet_pton(AF_INET, text, a.ip + 12) == 1)
        memcpy(a.ip, v4_prefix, 12);
    else if (inet_pton(AF_INET6, text, a.ip) != 1)
        return PL_EINVAL;
    *out = a;
    return PL_OK;
}

enum pl_err pl_addr_parse(const char *text, struct pl_addr *out)
{
    char ip[PL_ADDR_TEXT];
    const char *colon = strrchr(text, ':');
    if (!colon)
        return PL_EINVAL;
    struct pl_str host = {text, (size_t)(colon - text)};
    bool bracketed = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (bracketed)
        host = (struct pl_str){host.p + 1, host.n - 2};
    struct pl_addr a;
    uint64_t port;
    if (pl_str_copy(host, ip, sizeof ip) || pl_addr_parse_ip(ip, &a) ||
        pl_parse_u64(pl_str(colon + 1), 65535, &port))
        return PL_EINVAL;
    if (bracketed == (strchr(ip, ':') == NULL))
        return PL_EINVAL;
    a.port = (uint16_t)port;
    *out = a;
    return PL_OK;
}
