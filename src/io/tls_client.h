/* TLS as a client, with certificates verified by the machine's authorities (OpenSSL's, which
 * SSL_CERT_FILE replaces). Private to src/io: fetch.c and dial.c. */
#ifndef PL_IO_TLS_CLIENT_H
#define PL_IO_TLS_CLIENT_H

#include <openssl/ssl.h>

SSL_CTX *pl_tls_client_context(void); /* NULL: OpenSSL cannot */

/* On a socket, to a host by its name or address, which its certificate must have. NULL: OpenSSL
 * cannot. The handshake is the caller's to do. */
SSL *pl_tls_client_new(SSL_CTX *context, const char *host, int fd);

/* What went wrong, static; `ssl` may be NULL. */
const char *pl_tls_client_reason(const SSL *ssl);

#endif
