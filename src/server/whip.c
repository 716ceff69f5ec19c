/* WHIP (RFC 9725) publishes, WHEP (draft-ietf-wish-whep) receives. The address of a session is
 * /whip/MEETING/SESSION; its ETag is our ICE username fragment, which a restart replaces. */
#include "server/app.h"

#include "proto/answer.h"

#include <stdio.h>
#include <string.h>

#define SDP "application/sdp"
#define SDPFRAG "application/trickle-ice-sdpfrag"
#define UFRAG_SIZE 9 /* of ours, as pl_ice_credentials makes them */

static const char *kind(bool publish)
{
    return publish ? "whip" : "whep";
}

/* Why an offer or a fragment was not taken. */
static void refuse(struct pl_request *r, enum pl_err e, const char *why)
{
    switch (e) {
    case PL_EINVAL:
        pl_reply_error(r, 400, "bad_sdp", why, NULL);
        break;
    case PL_EUNSUPPORTED: /* well-formed, and not to be answered: RFC 9110, 15.5.21 */
        pl_reply_error(r, 422, "unsupported_sdp", why, NULL);
        break;
    case PL_ESTATE:
        pl_reply_error(r, 409, "conflict", why, NULL);
        break;
    case PL_EAUTH:
        pl_reply_error(r, 403, "forbidden", why, NULL);
        break;
    case PL_ELIMIT:
        pl_reply_error(r, 413, "too_large", why, NULL);
        break;
    case PL_EAGAIN:
        pl_reply_error_with(r, 503, "too_many_sessions", why, NULL,
                            &(struct pl_httpd_field){"Retry-After", "10"});
        break;
    case PL_ENOENT:
        pl_reply_error(r, 404, "unknown_session", "There is no such session, or it has ended.",
                       NULL);
        break;
    default:
        pl_reply_failed(r, e);
    }
}

static void add(struct pl_reply *reply, const char *name, const char *value)
{
    reply->extra[reply->n_extra++] = (struct pl_httpd_field){name, value};
}

/* The current ETag of a session, with its quotes. PL_ENOENT. */
static enum pl_err etag_of(const struct pl_conference *c, uint32_t person, bool publish,
                           struct pl_str session, char etag[UFRAG_SIZE + 2])
{
    char ufrag[UFRAG_SIZE];
    enum pl_err e = pl_conference_feed_ufrag(c, person, publish, session, ufrag);
    if (!e)
        snprintf(etag, UFRAG_SIZE + 2, "\"%s\"", ufrag);
    return e;
}

/* RFC 9725, 4.6: the TURN server as a Link. Quoted strings: what we make holds nothing to escape.
 */
#define LINK_SIZE (PL_THROUGH_URL_SIZE + 200)

static void add_ice_server(const struct pl_request *r, struct pl_reply *reply, char link[LINK_SIZE])
{
    struct pl_through_server turn;
    if (!pl_request_turn(r, &turn))
        return;
    snprintf(link, LINK_SIZE,
             "<%s>; rel=\"ice-server\"; username=\"%s\"; credential=\"%s\"; "
             "credential-type=\"password\"",
             turn.url, turn.credentials.username, turn.credentials.password);
    add(reply, "Link", link);
}

static void answer(struct pl_request *r, struct pl_conference *c, uint32_t person, bool publish,
                   const char *session, struct pl_buf *sdp)
{
    char location[16 + PL_STORE_ID_SIZE + PL_FEED_ID_SIZE], etag[UFRAG_SIZE + 2], link[LINK_SIZE];
    enum pl_err e = sdp->failed ? PL_ENOMEM : etag_of(c, person, publish, pl_str(session), etag);
    if (e) {
        /* The client will never know of it; should it be gone already, so much the better. */
        enum pl_err gone = pl_conference_feed_end(c, person, publish, pl_str(session));
        pl_reply_failed(r, gone == PL_ENOENT ? PL_EAGAIN : e);
        return;
    }
    snprintf(location, sizeof location, "/%s/%.*s/%s", kind(publish), (int)r->captures[0].n,
             r->captures[0].p, session);
    struct pl_reply reply = {.status = 201, .type = SDP, .body = sdp->data, .n = sdp->len};
    add(&reply, "Location", location);
    add(&reply, "ETag", etag);
    add(&reply, "Accept-Patch", SDPFRAG);
    add_ice_server(r, &reply, link);
    pl_reply(r, &reply);
}

static void post(struct pl_request *r, bool publish)
{
    struct pl_entry_pass pass;
    struct pl_conference *c;
    struct pl_buf sdp = {0};
    char session[PL_FEED_ID_SIZE], why[160] = "";
    if (!pl_request_type(r, SDP) || !pl_request_invited(r, &pass))
        return;
    if (pass.definition->encryption == PL_ENCRYPTION_REQUIRED) {
        pl_definition_free(pass.definition);
        refuse(r, PL_ESTATE,
               "This meeting is end-to-end encrypted; WHIP and WHEP cannot take part in that.");
        return;
    }
    if (!pl_request_within(r, &pass, PL_LIMIT_HANDSHAKES)) {
        pl_definition_free(pass.definition);
        return;
    }
    enum pl_err e = pl_conferences_start(r->app->conferences, pl_str(pass.invitation.meeting),
                                         pass.definition, &c);
    if (e) {
        pl_definition_free(pass.definition);
        pl_reply_failed(r, e);
        return;
    }
    if (pl_refuse_shut(r, c))
        return;
    struct pl_feed_request request = {pass.person, publish, pl_httpd_body(r->x)};
    e = pl_conference_feed(c, &request, session, &sdp, why);
    if (e)
        refuse(r, e, why);
    else
        answer(r, c, pass.person, publish, session, &sdp);
    pl_buf_free(&sdp);
}

void pl_whip_post(struct pl_request *r)
{
    post(r, true);
}

void pl_whep_post(struct pl_request *r)
{
    post(r, false);
}

/* The meeting and the person of a request about a session. False: answered. */
static bool find(struct pl_request *r, struct pl_conference **c, uint32_t *person)
{
    struct pl_entry_pass pass;
    if (!pl_request_invited(r, &pass))
        return false;
    pl_definition_free(pass.definition);
    *person = pass.person;
    *c = pl_conferences_find(r->app->conferences, r->captures[0]);
    if (!*c)
        refuse(r, PL_ENOENT, NULL);
    return *c != NULL;
}

/* RFC 9725, 4.3.1: without If-Match 428, with another tag 412; "*" goes with an ICE restart, which
 * must not depend on what the client last knew. False: answered. */
static bool precondition(struct pl_request *r, const char *etag)
{
    struct pl_str list = pl_httpd_header(r->x, "If-Match");
    if (!list.p) {
        pl_reply_error(r, 428, "precondition_required",
                       "If-Match is missing: the session's ETag, or * for an ICE restart.", NULL);
        return false;
    }
    while (list.n) {
        struct pl_str tag = pl_str_split(&list, ',');
        while (tag.n && tag.p[0] == ' ')
            tag = (struct pl_str){tag.p + 1, tag.n - 1};
        if (pl_str_eq(tag, "*") || pl_str_eq(tag, etag))
            return true;
    }
    pl_reply_error(r, 412, "precondition_failed",
                   "If-Match names another ICE session than the current one.", NULL);
    return false;
}

static void patch(struct pl_request *r, bool publish)
{
    struct pl_conference *c;
    uint32_t person;
    struct pl_buf fragment = {0};
    char etag[UFRAG_SIZE + 2], why[160] = "";
    struct pl_str session = r->captures[1];
    if (!pl_request_type(r, SDPFRAG) || !find(r, &c, &person))
        return;
    enum pl_err e = etag_of(c, person, publish, session, etag);
    if (e) {
        refuse(r, e, NULL);
        return;
    }
    if (!precondition(r, etag))
        return;
    e = pl_conference_feed_patch(c, person, publish, session, pl_httpd_body(r->x), &fragment, why);
    if (!e && fragment.failed)
        e = PL_ENOMEM;
    if (!e && fragment.len)
        e = etag_of(c, person, publish, session, etag);
    if (e) {
        refuse(r, e, why);
    } else if (fragment.len == 0) {
        pl_reply_empty(r, 204);
    } else {
        struct pl_reply reply = {
            .status = 200, .type = SDPFRAG, .body = fragment.data, .n = fragment.len};
        add(&reply, "ETag", etag);
        pl_reply(r, &reply);
    }
    pl_buf_free(&fragment);
}

void pl_whip_patch(struct pl_request *r)
{
    patch(r, true);
}

void pl_whep_patch(struct pl_request *r)
{
    patch(r, false);
}

static void end(struct pl_request *r, bool publish)
{
    struct pl_conference *c;
    uint32_t person;
    if (!find(r, &c, &person))
        return;
    enum pl_err e = pl_conference_feed_end(c, person, publish, r->captures[1]);
    if (e)
        refuse(r, e, NULL);
    else
        pl_reply_empty(r, 200);
}

void pl_whip_delete(struct pl_request *r)
{
    end(r, true);
}

void pl_whep_delete(struct pl_request *r)
{
    end(r, false);
}

/* RFC 9725, 4.1: endpoints and sessions have no representation, and say so with success. */
void pl_whip_get(struct pl_request *r)
{
    pl_reply_empty(r, 204);
}

/* A client that shows its invitation learns the TURN server before it makes an offer (RFC 9725,
 * 4.6); a browser's preflight has none to show. */
static void options(struct pl_request *r, const char *methods, const char *name, const char *type)
{
    struct pl_reply reply = {.status = 200};
    struct pl_entry_pass pass;
    char link[LINK_SIZE];
    if (pl_request_bearer(r).p) {
        if (!pl_request_invited(r, &pass))
            return;
        pl_definition_free(pass.definition);
        add_ice_server(r, &reply, link);
    }
    add(&reply, "Allow", methods);
    add(&reply, name, type);
    add(&reply, "Access-Control-Allow-Methods", methods);
    add(&reply, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    add(&reply, "Access-Control-Max-Age", "86400");
    pl_reply(r, &reply);
}

void pl_whip_options(struct pl_request *r)
{
    options(r, "POST, GET, HEAD, OPTIONS", "Accept-Post", SDP);
}

void pl_whip_session_options(struct pl_request *r)
{
    options(r, "PATCH, DELETE, GET, HEAD, OPTIONS", "Accept-Patch", SDPFRAG);
}
