/* The server's certificate: loading, watching for a renewed one. See tls.h. */
#include "io/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file looked like; all zero if it could not be looked at. */
struct look {
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct pl_tls {
    struct pl_loop *loop;
    struct pl_timer timer;
    pl_time_us check_every;
    pl_tls_report *report;
    void *ctx;
    char *cert_file, *key_file;
    struct look cert_look, key_look;
    SSL_CTX *context;
};

static struct look look_at(const char *path)
{
    struct stat s;
    struct look look = {0};
    if (stat(path, &s) == 0)
        look = (struct look){s.st_ino, s.st_size, s.st_mtim};
    return look;
}

static bool same(const struct look *a, const struct look *b)
{
    return a->inode == b->inode && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* --- The context --- */

/* HTTP/1.1 and TURN (RFC 7443) is all that we speak: a client that offers only other protocols is
 * refused. What is spoken in the end is told by its first bytes, whatever was chosen here. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1"
                                        "\x09stun.turn";
    (void)ssl;
    (void)arg;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* A key under a passphrase is an error, not a question at the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)arg;
    return -1;
}

static SSL_CTX *new_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_NO_COMPRESSION);
    /* Writes take what the socket takes, from a buffer that may have moved since; idle connections
     * hold no record buffers. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    return context;
}

static enum pl_err readable(const char *path, char why[200])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC); /* there is more that may refuse than its mode */
    if (fd >= 0) {
        close(fd);
        return PL_OK;
    }
    snprintf(why, 200, "%.120s: %s", path, strerror(errno));
    return PL_EIO;
}

static enum pl_err load(struct pl_tls *t, SSL_CTX **out, char why[200])
{
    enum pl_err e = readable(t->cert_file, why);
    if (e == PL_OK)
        e = readable(t->key_file, why);
    if (e != PL_OK)
        return e;
    SSL_CTX *context = new_context();
    if (!context) {
        snprintf(why, 200, "TLS: no memory");
        return PL_ENOMEM;
    }
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, t->cert_file) != 1)
        snprintf(why, 200, "%.120s: not a PEM certificate", t->cert_file);
    else if (SSL_CTX_use_PrivateKey_file(context, t->key_file, SSL_FILETYPE_PEM) != 1)
        snprintf(why, 200, "%.90s: not a PEM key without passphrase that fits %.60s", t->key_file,
                 t->cert_file);
    else if (SSL_CTX_check_private_key(context) != 1)
        snprintf(why, 200, "%.90s: does not fit %.60s", t->key_file, t->cert_file);
    else {
        *out = context;
        return PL_OK;
    }
    ERR_clear_error();
    SSL_CTX_free(context);
    return PL_EINVAL;
}

/* --- Renewal --- */

static void check(struct pl_timer *timer)
{
    struct pl_tls *t = pl_container_of(timer, struct pl_tls, timer);
    pl_timer_move(t->loop, timer, pl_loop_now(t->loop) + t->check_every);
    struct look cert = look_at(t->cert_file), key = look_at(t->key_file);
    if (!same(&cert, &t->cert_look) || !same(&key, &t->key_look)) {
        char why[200];
        SSL_CTX *context;
        t->cert_look = cert;
        t->key_look = key;
        enum pl_err e = load(t, &context, why);
        if (e == PL_OK) {
            SSL_CTX_free(t->context); /* open connections hold their own reference */
            t->context = context;
            snprintf(why, sizeof why, "%.150s: new certificate in use", t->cert_file);
        }
        if (t->report)
            t->report(t->ctx, e, why);
    }
}

enum pl_err pl_tls_new(struct pl_loop *l, const char *cert_file, const char *key_file,
                       pl_time_us check_every, pl_tls_report *report, void *ctx,
                       struct pl_tls **out, char why[200])
{
    struct pl_tls *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->loop = l;
    t->timer.fire = check;
    t->check_every = check_every ? check_every : PL_TLS_CHECK_EVERY;
    t->report = report;
    t->ctx = ctx;
    t->cert_file = strdup(cert_file);
    t->key_file = strdup(key_file);
    enum pl_err e = PL_ENOMEM;
    snprintf(why, 200, "TLS: no memory");
    if (t->cert_file && t->key_file) {
        t->cert_look = look_at(cert_file); /* before loading: a change meanwhile is seen */
        t->key_look = look_at(key_file);
        e = load(t, &t->context, why);
    }
    if (e == PL_OK)
        e = pl_timer_set(l, &t->timer, pl_loop_now(l) + t->check_every);
    if (e != PL_OK) {
        pl_tls_free(t);
        return e;
    }
    *out = t;
    return PL_OK;
}

void pl_tls_free(struct pl_tls *t)
{
    if (!t)
        return;
    pl_timer_clear(t->loop, &t->timer);
    SSL_CTX_free(t->context);
    free(t->cert_file);
    free(t->key_file);
    free(t);
}

struct ssl_ctx_st *pl_tls_context(struct pl_tls *t)
{
    return t->context;
}
