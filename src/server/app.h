/* The parts of a running server, and how its HTTP handlers answer. Everything here is on the
 * control thread. */
#ifndef PL_SERVER_APP_H
#define PL_SERVER_APP_H

#include "base/buf.h"
#include "base/err.h"
#include "io/httpd.h"
#include "io/loop.h"
#include "server/accounts.h"
#include "server/audit.h"
#include "server/cli.h"
#include "server/conference.h"
#include "server/data.h"
#include "server/entry.h"
#include "server/keyholder_process.h"
#include "server/media.h"
#include "server/passkeys.h"
#include "server/rate_limits.h"
#include "server/server_log.h"
#include "server/store.h"
#include "server/store_thread.h"
#include "server/through.h"
#include "server/witnesses.h"
#include "server/ws.h"

struct pl_app {
    struct pl_config config;
    struct pl_random random;
    pl_time_us started;
    struct pl_loop *loop;
    struct pl_data *data;
    struct pl_keyholder_process *keyholder; /* signs the records */
    struct pl_store *store;
    struct pl_store_thread *store_thread;
    struct pl_server_log *log;
    struct pl_witnesses *witnesses; /* NULL: --witness names none */
    struct pl_accounts *accounts;
    struct pl_audit *audit;
    struct pl_limits *limits;
    struct pl_login_desk *login; /* NULL: there is no identity provider */
    struct pl_passkeys *passkeys;
    struct pl_entry *entry;
    struct pl_clients *clients;         /* WebSockets */
    struct pl_conferences *conferences; /* the clients' */
    struct pl_media *media;
    struct pl_through *through; /* NULL: --turn off */
    struct pl_tls *tls;         /* NULL: plain HTTP */
    struct pl_httpd *httpd;
    struct pl_draining *draining;      /* drain.h */
    struct pl_simulator *simulator;    /* of a demo; NULL: none */
    char self_url[PL_PUBLIC_URL_SIZE]; /* by the first address that is listened on */
};

/* Who asks, if they are no participant: the administrator's token, or an account by its session. */
struct pl_who {
    bool known;
    bool token; /* the administrator's; then there is no account and no session */
    struct pl_login_session session;
    struct pl_account account;
    struct pl_standing standing; /* in the body that was asked about */
};

/* One request under way, as the handlers see it. */
#define PL_CAPTURES_MAX 3
struct pl_request {
    struct pl_app *app;
    struct pl_httpd_exchange *x;
    struct pl_str captures[PL_CAPTURES_MAX]; /* what stood for the `*` of the route */
    bool cors;                               /* pages of any origin may use this (WHIP, WHEP) */
    struct pl_who who;                       /* once one of the functions below found them */
};

/* The callbacks of the HTTP server; ctx is the app. */
struct pl_httpd_handler pl_app_http(struct pl_app *app);

/* An answer. The headers that every answer of ours has are added, and Cache-Control: no-store where
 * `extra` says nothing else. The request is over after it. */
#define PL_EXTRA_MAX 6
struct pl_reply {
    unsigned status;
    const char *type; /* Content-Type; NULL: no body */
    const void *body;
    size_t n;
    bool is_static; /* the body outlives the server */
    bool compiles;  /* a worker's script, whose policy lets it compile WebAssembly */
    struct pl_httpd_field extra[PL_EXTRA_MAX];
    size_t n_extra;
};
void pl_reply(struct pl_request *r, const struct pl_reply *reply);
/* The same with a body of n bytes that is read as it goes; `body` of the reply is not used. */
void pl_reply_source(struct pl_request *r, const struct pl_reply *reply,
                     const struct pl_httpd_source *source, uint64_t n);
void pl_reply_empty(struct pl_request *r, unsigned status);
void pl_reply_json(struct pl_request *r, unsigned status, struct pl_buf *json); /* frees json */
/* 200 with what was made, or why it was not; frees json. */
void pl_reply_made(struct pl_request *r, enum pl_err e, struct pl_buf *json);

/* {"error":{"code","message","field"?}}: `code` is for programs, `message` one sentence for people,
 * `field` may be NULL. With `header` for what the status demands (Allow, Retry-After), or NULL. */
void pl_reply_error(struct pl_request *r, unsigned status, const char *code, const char *message,
                    const char *field);
void pl_reply_error_with(struct pl_request *r, unsigned status, const char *code,
                         const char *message, const char *field,
                         const struct pl_httpd_field *header);
void pl_reply_failed(struct pl_request *r, enum pl_err e); /* our own failure: 503 or 500 */
struct pl_decode_error;
void pl_reply_field(struct pl_request *r,
                    const struct pl_decode_error *error); /* 400, as it names */

/* The token of "Authorization: Bearer TOKEN" (RFC 6750, 2.1); p NULL if there is none. */
struct pl_str pl_request_bearer(const struct pl_request *r);

/* Whether the Content-Type is this one, whatever its parameters. Answers 415 if not. */
bool pl_request_type(struct pl_request *r, const char *type);

/* who.c. Each answers and returns false if the request may not go on; the refusal names the right
 * that is missing. */
bool pl_request_known(struct pl_request *r);     /* the token, or any account */
bool pl_request_signed_in(struct pl_request *r); /* an account */
bool pl_request_admin(struct pl_request *r);     /* the token, or an administrator's account */
/* As that, or of the meeting that the first capture names: who has a role in its body; a secretary
 * there. */
bool pl_request_reads(struct pl_request *r);
bool pl_request_prepares(struct pl_request *r);
bool pl_request_prepares_any(struct pl_request *r); /* or a secretary of whatever body */
/* Behind one of those: whether they may make a meeting that names this body (NULL: none). */
bool pl_request_may_name(struct pl_request *r, const char *body);
/* Notes in the audit what was done, by who asks. False: it cannot be noted, and that is answered.
 * Participants' acts are in their meeting's record, and are not noted. */
bool pl_request_audit(struct pl_request *r, const struct pl_audit_entry *entry);
bool pl_request_invited(struct pl_request *r, struct pl_entry_pass *pass);
/* May the invitation be used for that, too? (That it made a request is counted by the former.) */
bool pl_request_within(struct pl_request *r, const struct pl_entry_pass *pass, enum pl_limit what);
/* 429 (RFC 6585, 4): too often, try again after so long. */
void pl_reply_wait(struct pl_request *r, const char *code, const char *message, pl_time_us wait);
/* Counts a failure of this address against guessing. False: it is one too many, which is answered.
 */
bool pl_request_guess(struct pl_request *r);
/* accounts_api.c: the account that the first capture names; and that, of an administrator, or of
 * who it is themselves. */
bool pl_request_account(struct pl_request *r, struct pl_account *a);
bool pl_request_own_account(struct pl_request *r, struct pl_account *a);
/* Who asks about a meeting: somebody with the right to read it, or by their invitation.
 * `definition` is held for the caller. */
struct pl_asker {
    bool admin; /* no participant: the administrator, or an account */
    struct pl_definition *definition;
    uint32_t person;
};
bool pl_request_asker(struct pl_request *r, struct pl_asker *out);
/* As that, of who presides over the meeting, or prepares it; else answered. */
bool pl_request_presides(struct pl_request *r, struct pl_asker *out);
/* The live meeting that they ask about; takes their definition over. NULL: answered. */
struct pl_conference *pl_request_live(struct pl_request *r, struct pl_asker *who);
/* Is the server about to be stopped, so that no meeting is made (`c` NULL), nor this one opened?
 * Then answered, by 503. */
bool pl_refuse_shut(struct pl_request *r, const struct pl_conference *c);
/* Deletes a meeting, for good: its record leaves a tombstone in the server's log, and whoever is in
 * it is told. PL_ENOENT, PL_EIO, PL_ENOMEM. */
enum pl_err pl_app_delete(struct pl_app *app, struct pl_str meeting) PL_CHECKED;
bool pl_presides_gate(struct pl_request *r); /* the same, before a body is read */

/* "https://host:port", where this server is for the one who asks: --public-url, or the Host header.
 * False: that header holds no host. */
bool pl_request_origin(const struct pl_request *r, char out[PL_PUBLIC_URL_SIZE]);

/* A TURN server for the one who asks; false: there is none. */
bool pl_request_turn(const struct pl_request *r, struct pl_through_server *out);

/* The same for links that are made; answered if false. */
bool pl_request_links(struct pl_request *r, char origin[PL_PUBLIC_URL_SIZE]);

/* One invitation as an object; `origin` NULL: without the token and its link. */
struct pl_invitation;
void pl_put_invitation(struct pl_buf *json, const struct pl_definition *d,
                       const struct pl_invitation *i, const char *token, const char *origin);

/* The link of an invitation. */
void pl_link(char *out, size_t size, const char *origin, const char *meeting, const char *token);

/* Whether this is a host, maybe with a port, as a Host header has it: letters, digits, ".-:[]". */
bool pl_host_ok(struct pl_str host);

/* documents.c. `"documents":[…]` of a meeting. */
void pl_documents_list(const struct pl_conference *c, struct pl_buf *json);

/* The handlers: accounts_api.c, api.c, events_api.c, late_api.c, documents.c, manifest_api.c,
 * minutes_api.c, record_api.c, trace_api.c, whip.c, site.c, metrics.c. */
void pl_api_create(struct pl_request *r);
void pl_api_list(struct pl_request *r);
void pl_api_get(struct pl_request *r);
void pl_api_definition(struct pl_request *r);
void pl_api_replace(struct pl_request *r);
void pl_api_delete(struct pl_request *r);
void pl_api_invite(struct pl_request *r);
void pl_api_revoke(struct pl_request *r);
void pl_api_add_person(struct pl_request *r);
void pl_api_add_seat(struct pl_request *r);
void pl_api_revoke_person(struct pl_request *r);
void pl_api_invitation(struct pl_request *r);

void pl_login_ways(struct pl_request *r);
void pl_login_begin(struct pl_request *r);
void pl_login_finish(struct pl_request *r);
void pl_session_get(struct pl_request *r);
void pl_session_end(struct pl_request *r);
void pl_session_list(struct pl_request *r);
void pl_session_revoke(struct pl_request *r);
void pl_audit_get(struct pl_request *r);
void pl_bodies_api_list(struct pl_request *r);
void pl_bodies_api_add(struct pl_request *r);
void pl_bodies_api_rename(struct pl_request *r);
void pl_bodies_api_remove(struct pl_request *r);
void pl_accounts_api_list(struct pl_request *r);
void pl_accounts_api_add(struct pl_request *r);
void pl_accounts_api_change(struct pl_request *r);
void pl_accounts_api_remove(struct pl_request *r);
void pl_accounts_api_appoint(struct pl_request *r);
void pl_accounts_api_dismiss(struct pl_request *r);

void pl_documents_post(struct pl_request *r);
void pl_documents_get(struct pl_request *r);

void pl_manifest_put(struct pl_request *r);
void pl_manifest_get(struct pl_request *r);

void pl_record_checkpoint(struct pl_request *r);
void pl_record_key(struct pl_request *r);
void pl_record_consistency(struct pl_request *r);
void pl_record_inclusion(struct pl_request *r);
void pl_record_events(struct pl_request *r);
void pl_record_event(struct pl_request *r);
void pl_minutes_get(struct pl_request *r);
void pl_record_log_checkpoint(struct pl_request *r);
void pl_record_log_meeting(struct pl_request *r);

void pl_trace_participants(struct pl_request *r);
void pl_trace_start(struct pl_request *r);
void pl_trace_stop(struct pl_request *r);

void pl_whip_post(struct pl_request *r);
void pl_whep_post(struct pl_request *r);
void pl_whip_patch(struct pl_request *r);
void pl_whep_patch(struct pl_request *r);
void pl_whip_delete(struct pl_request *r);
void pl_whep_delete(struct pl_request *r);
void pl_whip_get(struct pl_request *r);
void pl_whip_options(struct pl_request *r);
void pl_whip_session_options(struct pl_request *r);

void pl_site_page(struct pl_request *r);
void pl_site_docs(struct pl_request *r);
void pl_site_file(struct pl_request *r);
void pl_site_health(struct pl_request *r);
void pl_site_ws(struct pl_request *r);

void pl_metrics_get(struct pl_request *r);

/* Made and told at start by `demo`. PL_EIO, PL_ENOMEM. */
enum pl_err pl_demo_make(struct pl_app *app, const char *origin) PL_CHECKED;

#endif
