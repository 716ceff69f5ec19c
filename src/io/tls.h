/* Certificate and key of HTTPS: loaded from two PEM files, loaded anew when they change. */
#ifndef PL_IO_TLS_H
#define PL_IO_TLS_H

#include "base/err.h"
#include "io/loop.h"

#include <stddef.h>

#define PL_TLS_CHECK_EVERY (2 * PL_SECOND) /* how soon a renewed certificate is in use */

struct pl_tls;

/* What happened to the files, as one line without a newline; `err` is PL_OK after a reload and
 * tells what is wrong otherwise. A broken pair is reported once per change of the files; the old
 * pair stays in use. */
typedef void pl_tls_report(void *ctx, enum pl_err err, const char *line);

/* `cert_file` holds the chain, the server's own certificate first. `report` may be NULL. The files
 * are looked at every `check_every` (0: PL_TLS_CHECK_EVERY). On failure `why` says in one line
 * which file and why: PL_EIO (unreadable), PL_EINVAL (not a pair), PL_ENOMEM. */
enum pl_err pl_tls_new(struct pl_loop *l, const char *cert_file, const char *key_file,
                       pl_time_us check_every, pl_tls_report *report, void *ctx,
                       struct pl_tls **out, char why[200]) PL_CHECKED;

/* After the servers that use it. NULL is fine. */
void pl_tls_free(struct pl_tls *t);

/* The OpenSSL SSL_CTX of now, for src/io alone. Connections that began with an older one keep it.
 */
struct ssl_ctx_st *pl_tls_context(struct pl_tls *t);

#endif
