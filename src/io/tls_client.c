/* See tls_client.h. */
#include "io/tls_client.h"

#include <openssl/err.h>
#include <stdbool.h>
#include <string.h>

SSL_CTX *pl_tls_client_context(void)
{
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    if (!c || !SSL_CTX_set_default_verify_paths(c) ||
        !SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION)) {
        SSL_CTX_free(c);
        return NULL;
    }
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return c;
}

SSL *pl_tls_client_new(SSL_CTX *context, const char *host, int fd)
{
    SSL *ssl = SSL_new(context);
    bool is_name = !strchr(host, ':') && strspn(host, "0123456789.") < strlen(host);
    if (ssl &&
        (is_name ? SSL_set1_host(ssl, host)
                 : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host)) &&
        (!is_name || SSL_set_tlsext_host_name(ssl, host)) && SSL_set_fd(ssl, fd)) {
        SSL_set_connect_state(ssl);
        return ssl;
    }
    SSL_free(ssl);
    return NULL;
}

const char *pl_tls_client_reason(const SSL *ssl)
{
    long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "TLS fails";
}
