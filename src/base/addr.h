/* A transport address: IPv6, or IPv4 in its mapped form (::ffff:a.b.c.d), and a port. */
#ifndef PL_BASE_ADDR_H
#define PL_BASE_ADDR_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_addr {
    uint8_t ip[16];
    uint16_t port; /* host order */
    uint16_t zero; /* so that addresses compare by memcmp and hash as bytes */
};

#define PL_ADDR_TEXT 56 /* "[" 45 "]:" 5 and a zero */

bool pl_addr_is_v4(const struct pl_addr *a);
bool pl_addr_eq(const struct pl_addr *a, const struct pl_addr *b);
bool pl_addr_is_any(const struct pl_addr *a);      /* 0.0.0.0 or :: */
bool pl_addr_is_loopback(const struct pl_addr *a); /* 127/8 or ::1 */
/* What stands for all that one subscriber can come from, without a port: an IPv4 address, or the
 * /64 of an IPv6 address (RFC 6177), whose other 2^64 addresses whoever has one has too. */
struct pl_addr pl_addr_network(const struct pl_addr *a);
struct pl_addr pl_addr_v4(const uint8_t ip[4], uint16_t port);

/* "1.2.3.4:80", "[::1]:80" (RFC 5952); pl_addr_ip_text leaves brackets and port out. */
void pl_addr_text(const struct pl_addr *a, char out[PL_ADDR_TEXT]);
void pl_addr_ip_text(const struct pl_addr *a, char out[PL_ADDR_TEXT]);

/* Numeric only, no names. pl_addr_parse wants a port ("1.2.3.4:80", "[::]:0"), pl_addr_parse_ip
 * none ("1.2.3.4", "::1") and sets it to 0. PL_EINVAL otherwise. */
enum pl_err pl_addr_parse(const char *text, struct pl_addr *out) PL_CHECKED;
enum pl_err pl_addr_parse_ip(const char *text, struct pl_addr *out) PL_CHECKED;

#endif
