/* See turn.h. */
#include "proto/turn.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "proto/stun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALLOCATE = 3, REFRESH = 4, SEND = 6, DATA_INDICATION = 7, CREATE_PERMISSION = 8, BIND = 9 };

enum {
    CHANNEL_NUMBER = 0x000c,
    LIFETIME = 0x000d,
    XOR_PEER_ADDRESS = 0x0012,
    DATA = 0x0013,
    REALM = 0x0014,
    NONCE = 0x0015,
    XOR_RELAYED_ADDRESS = 0x0016,
    REQUESTED_ADDRESS_FAMILY = 0x0017,
    REQUESTED_TRANSPORT = 0x0019,
    XOR_MAPPED_ADDRESS = 0x0020,
};

#define UDP 17 /* REQUESTED-TRANSPORT */
#define IPV4 1 /* REQUESTED-ADDRESS-FAMILY */
#define IPV6 2
#define CHANNEL_MIN 0x4000 /* RFC 8656, 12 */
#define CHANNEL_MAX 0x4fff
#define NONCE_SIZE 16 /* characters */
#define RELAYED_PORT_MIN 49152
#define PEERS_MAX 16 /* addresses of one CreatePermission */

enum { /* error codes */
       BAD_REQUEST = 400,
       UNAUTHORIZED = 401,
       FORBIDDEN = 403,
       UNKNOWN_ATTRIBUTE = 420,
       ALLOCATION_MISMATCH = 437,
       STALE_NONCE = 438,
       FAMILY_NOT_SUPPORTED = 440,
       WRONG_CREDENTIALS = 441,
       UNSUPPORTED_TRANSPORT = 442,
       FAMILY_MISMATCH = 443,
       INSUFFICIENT_CAPACITY = 508,
};

struct permission {
    struct pl_addr ip; /* port 0 */
    pl_time_us until;
};

struct channel {
    uint16_t number;
    size_t peer;
    pl_time_us until;
};

struct pl_turn {
    const struct pl_turn_service *service;
    struct pl_addr client, relayed;
    pl_time_us until; /* of the allocation; 0: none */
    char username[40];
    char nonce[NONCE_SIZE + 1];
    pl_time_us nonce_until;
    struct permission permissions[PL_TURN_PERMISSIONS_MAX];
    struct channel channels[PL_TURN_CHANNELS_MAX];
};

/* TURN's attributes of a message. */
struct attributes {
    bool has_channel, has_lifetime, has_transport, has_family;
    uint16_t channel;
    uint32_t lifetime;
    uint8_t transport, family;
    struct pl_addr peers[PEERS_MAX];
    size_t n_peers;
    const uint8_t *data;
    size_t data_len;
};

struct exchange {
    struct pl_turn *t;
    struct pl_stun m;
    struct attributes a;
    const uint8_t *bytes;
    size_t n;
    pl_time_us now;
    int64_t unix_s;
    uint8_t key[PL_STUN_LONG_TERM_KEY_SIZE];
    struct pl_writer *w; /* the reply */
};

/* Credentials. */

static void password_of(const struct pl_turn_service *s, struct pl_str username, char out[41])
{
    uint8_t mac[PL_SHA1_SIZE];
    pl_hmac_sha1(s->secret, sizeof s->secret, username.p, username.n, mac);
    pl_hex(mac, sizeof mac, out);
}

void pl_turn_credentials(const struct pl_turn_service *s, int64_t unix_s,
                         struct pl_turn_credentials *out)
{
    uint8_t bytes[8];
    char text[17];
    s->random.fill(s->random.ctx, bytes, sizeof bytes);
    pl_hex(bytes, sizeof bytes, text);
    snprintf(out->username, sizeof out->username, "%" PRId64 ":%s",
             unix_s + PL_TURN_CREDENTIAL_SECONDS, text);
    password_of(s, pl_str(out->username), out->password);
}

static bool expired(struct pl_str username, int64_t unix_s)
{
    uint64_t expiry;
    return pl_parse_u64(pl_str_split(&username, ':'), INT64_MAX, &expiry) != PL_OK ||
           (int64_t)expiry < unix_s;
}

static void renew_nonce(struct pl_turn *t, pl_time_us now)
{
    uint8_t bytes[NONCE_SIZE / 2];
    if (now < t->nonce_until)
        return;
    t->service->random.fill(t->service->random.ctx, bytes, sizeof bytes);
    pl_hex(bytes, sizeof bytes, t->nonce);
    t->nonce_until = now + PL_TURN_NONCE_TIME;
}

/* RFC 8489, 9.2.4. Returns 0, or the error code. */
static unsigned authenticate(struct exchange *x)
{
    struct pl_turn *t = x->t;
    char password[41];
    if (!x->m.integrity_at)
        return UNAUTHORIZED;
    if (!x->m.username.n || !x->m.realm.p || !x->m.nonce.p)
        return BAD_REQUEST;
    if (!pl_str_eq(x->m.nonce, t->nonce) || x->now >= t->nonce_until)
        return STALE_NONCE;
    if (x->m.username.n >= sizeof t->username)
        return UNAUTHORIZED;
    password_of(t->service, x->m.username, password);
    pl_stun_long_term_key(x->m.username, pl_str(t->service->realm), pl_str(password), x->key);
    pl_wipe(password, sizeof password);
    if (!pl_stun_check_integrity(x->bytes, x->n, &x->m, x->key, sizeof x->key))
        return UNAUTHORIZED;
    if (x->m.method == ALLOCATE)
        return expired(x->m.username, x->unix_s) ? UNAUTHORIZED : 0;
    return t->until && !pl_str_eq(x->m.username, t->username) ? WRONG_CREDENTIALS : 0;
}

/* Replies. */

static void reply_begin(struct exchange *x)
{
    pl_stun_write_header(x->w, PL_STUN_SUCCESS, x->m.method, x->m.transaction);
}

static void reply_lifetime(struct exchange *x)
{
    uint8_t value[4];
    pl_put_u32(value, (uint32_t)((x->t->until ? x->t->until - x->now : 0) / PL_SECOND));
    pl_stun_write_attribute(x->w, LIFETIME, value, sizeof value);
}

static void reply_error(struct exchange *x, unsigned code)
{
    bool challenge = code == UNAUTHORIZED || code == STALE_NONCE;
    bool known = !challenge && code != BAD_REQUEST && code != UNKNOWN_ATTRIBUTE;
    *x->w = pl_writer(x->w->start, (size_t)(x->w->end - x->w->start));
    pl_stun_write_header(x->w, PL_STUN_ERROR, x->m.method, x->m.transaction);
    pl_stun_write_error_code(x->w, code);
    if (code == UNKNOWN_ATTRIBUTE)
        pl_stun_write_unknown(x->w, x->m.unknown_required);
    if (challenge) {
        renew_nonce(x->t, x->now);
        pl_stun_write_attribute(x->w, REALM, x->t->service->realm, strlen(x->t->service->realm));
        pl_stun_write_attribute(x->w, NONCE, x->t->nonce, NONCE_SIZE);
    }
    pl_stun_end(x->w, known ? x->key : NULL, sizeof x->key);
}

/* Peers. */

static bool same_ip(const struct pl_addr *a, const struct pl_addr *b)
{
    return memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

/* By address and port; false if there is none such. */
static bool find_peer(const struct pl_turn *t, const struct pl_addr *addr, size_t *peer)
{
    for (size_t i = 0; i < t->service->n_peers; i++) {
        if (pl_addr_eq(&t->service->peers[i], addr)) {
            *peer = i;
            return true;
        }
    }
    return false;
}

/* Whether a client may have a permission for this address: 0, or the error code. Ports do not
 * matter (RFC 8656, 9.2). */
static unsigned judge_peer(const struct pl_turn *t, const struct pl_addr *addr)
{
    if (pl_addr_is_v4(addr) != pl_addr_is_v4(&t->relayed))
        return FAMILY_MISMATCH;
    for (size_t i = 0; i < t->service->n_peers; i++)
        if (same_ip(&t->service->peers[i], addr))
            return 0;
    return FORBIDDEN;
}

static bool permitted(const struct pl_turn *t, const struct pl_addr *addr, pl_time_us now)
{
    for (size_t i = 0; i < PL_TURN_PERMISSIONS_MAX; i++)
        if (now < t->permissions[i].until && same_ip(&t->permissions[i].ip, addr))
            return true;
    return false;
}

/* The permission of this address, or a free one, or NULL. */
static struct permission *permission_for(struct pl_turn *t, const struct pl_addr *addr,
                                         pl_time_us now)
{
    struct permission *free_one = NULL;
    for (size_t i = 0; i < PL_TURN_PERMISSIONS_MAX; i++) {
        struct permission *p = &t->permissions[i];
        if (now >= p->until)
            free_one = p;
        else if (same_ip(&p->ip, addr))
            return p;
    }
    return free_one;
}

static unsigned permit(struct pl_turn *t, const struct pl_addr *addr, pl_time_us now)
{
    struct permission *p = permission_for(t, addr, now);
    if (!p)
        return INSUFFICIENT_CAPACITY;
    p->ip = *addr;
    p->ip.port = 0;
    p->until = now + PL_TURN_PERMISSION_TIME;
    return 0;
}

/* Requests: each writes its success, or returns an error code. */

static pl_time_us lifetime_of(const struct exchange *x)
{
    pl_time_us asked = x->a.has_lifetime ? x->a.lifetime * PL_SECOND : 0;
    if (asked < PL_TURN_LIFETIME)
        return PL_TURN_LIFETIME;
    return pl_time_min(asked, PL_TURN_LIFETIME_MAX);
}

/* The address that is relayed from: one of ours of the family asked for. IPv4 is what a client
 * means that asks for none (RFC 8656, 7.2), as long as there is any. */
static bool choose_relayed(struct exchange *x)
{
    const struct pl_turn_service *s = x->t->service;
    const struct pl_addr *any = NULL;
    for (size_t i = 0; i < s->n_peers; i++) {
        bool fits = pl_addr_is_v4(&s->peers[i]) == (x->a.family != IPV6);
        if (fits || (!x->a.has_family && !any))
            any = &s->peers[i];
        if (fits)
            break;
    }
    if (!any)
        return false;
    x->t->relayed = *any;
    x->t->relayed.port = (uint16_t)(RELAYED_PORT_MIN | pl_random_u32(&s->random));
    return true;
}

static unsigned allocate(struct exchange *x)
{
    struct pl_turn *t = x->t;
    if (t->until)
        return ALLOCATION_MISMATCH;
    if (!x->a.has_transport)
        return BAD_REQUEST;
    if (x->a.transport != UDP)
        return UNSUPPORTED_TRANSPORT;
    if ((x->a.has_family && x->a.family != IPV4 && x->a.family != IPV6) || !choose_relayed(x))
        return FAMILY_NOT_SUPPORTED;
    memset(t->permissions, 0, sizeof t->permissions);
    memset(t->channels, 0, sizeof t->channels);
    memcpy(t->username, x->m.username.p, x->m.username.n);
    t->username[x->m.username.n] = 0;
    t->until = x->now + lifetime_of(x);
    reply_begin(x);
    pl_stun_write_address(x->w, XOR_RELAYED_ADDRESS, &t->relayed, x->m.transaction);
    reply_lifetime(x);
    pl_stun_write_address(x->w, XOR_MAPPED_ADDRESS, &t->client, x->m.transaction);
    return 0;
}

static unsigned refresh(struct exchange *x)
{
    struct pl_turn *t = x->t;
    if (x->a.has_family && (x->a.family == IPV4) != pl_addr_is_v4(&t->relayed))
        return FAMILY_MISMATCH;
    t->until = x->a.has_lifetime && x->a.lifetime == 0 ? 0 : x->now + lifetime_of(x);
    reply_begin(x);
    reply_lifetime(x);
    return 0;
}

static unsigned create_permission(struct exchange *x)
{
    if (x->a.n_peers == 0)
        return BAD_REQUEST;
    for (size_t i = 0; i < x->a.n_peers; i++) {
        unsigned code = judge_peer(x->t, &x->a.peers[i]);
        if (code)
            return code;
    }
    for (size_t i = 0; i < x->a.n_peers; i++) {
        unsigned code = permit(x->t, &x->a.peers[i], x->now);
        if (code)
            return code;
    }
    reply_begin(x);
    return 0;
}

static unsigned bind_channel(struct exchange *x)
{
    struct pl_turn *t = x->t;
    struct channel *place = NULL;
    size_t peer;
    if (!x->a.has_channel || x->a.n_peers != 1 || x->a.channel < CHANNEL_MIN ||
        x->a.channel > CHANNEL_MAX)
        return BAD_REQUEST;
    unsigned code = judge_peer(t, &x->a.peers[0]);
    if (code)
        return code;
    if (!find_peer(t, &x->a.peers[0], &peer))
        return FORBIDDEN;
    for (size_t i = 0; i < PL_TURN_CHANNELS_MAX; i++) {
        struct channel *c = &t->channels[i];
        if (x->now >= c->until) {
            place = place ? place : c;
        } else if ((c->number == x->a.channel) != (c->peer == peer)) {
            return BAD_REQUEST; /* RFC 8656, 12.2: one channel, one peer */
        } else if (c->number == x->a.channel) {
            place = c;
            break;
        }
    }
    code = place ? permit(t, &x->a.peers[0], x->now) : INSUFFICIENT_CAPACITY;
    if (code)
        return code;
    *place = (struct channel){x->a.channel, peer, x->now + PL_TURN_CHANNEL_TIME};
    reply_begin(x);
    return 0;
}

static unsigned serve(struct exchange *x)
{
    unsigned code = authenticate(x);
    if (code)
        return code;
    if (x->m.unknown_required)
        return UNKNOWN_ATTRIBUTE;
    if (x->m.method == ALLOCATE)
        return allocate(x);
    if (!x->t->until)
        return ALLOCATION_MISMATCH;
    switch (x->m.method) {
    case REFRESH:
        return refresh(x);
    case CREATE_PERMISSION:
        return create_permission(x);
    case BIND:
        return bind_channel(x);
    default:
        return BAD_REQUEST;
    }
}

static void request(struct exchange *x)
{
    if (x->m.method == PL_STUN_BINDING) { /* a keepalive: no credentials (RFC 8489, 6.1) */
        reply_begin(x);
        pl_stun_write_address(x->w, XOR_MAPPED_ADDRESS, &x->t->client, x->m.transaction);
        pl_stun_end(x->w, NULL, 0);
        return;
    }
    unsigned code = serve(x);
    if (code)
        reply_error(x, code);
    else
        pl_stun_end(x->w, x->key, sizeof x->key);
}

/* Messages. */

static bool read_attribute(void *ctx, uint16_t type, const uint8_t *value, size_t n,
                           const uint8_t *message, bool *taken)
{
    struct attributes *a = ctx;
    *taken = true;
    switch (type) {
    case CHANNEL_NUMBER:
        a->has_channel = n == 4;
        a->channel = n == 4 ? pl_get_u16(value) : 0;
        return n == 4;
    case LIFETIME:
        a->has_lifetime = n == 4;
        a->lifetime = n == 4 ? pl_get_u32(value) : 0;
        return n == 4;
    case REQUESTED_TRANSPORT:
        a->has_transport = n == 4;
        a->transport = n == 4 ? value[0] : 0;
        return n == 4;
    case REQUESTED_ADDRESS_FAMILY:
        a->has_family = n == 4;
        a->family = n == 4 ? value[0] : 0;
        return n == 4;
    case XOR_PEER_ADDRESS:
        return a->n_peers < PEERS_MAX &&
               pl_stun_read_address(value, n, message, &a->peers[a->n_peers++]);
    case DATA:
        a->data = value;
        a->data_len = n;
        return true;
    default:
        *taken = false;
        return true;
    }
}

static void send_indication(struct exchange *x, uint8_t *message, struct pl_turn_result *out)
{
    size_t peer;
    if (x->a.n_peers != 1 || x->a.data_len == 0 || x->m.unknown_required ||
        !permitted(x->t, &x->a.peers[0], x->now) || !find_peer(x->t, &x->a.peers[0], &peer))
        return;
    out->data = message + (x->a.data - message);
    out->n = x->a.data_len;
    out->peer = peer;
}

static enum pl_err channel_data(const struct pl_turn *t, uint8_t *message, size_t n, pl_time_us now,
                                struct pl_turn_result *out)
{
    if (n < 4 || pl_get_u16(message + 2) != n - 4)
        return PL_EINVAL;
    uint16_t number = pl_get_u16(message);
    for (size_t i = 0; n > 4 && i < PL_TURN_CHANNELS_MAX; i++) {
        const struct channel *c = &t->channels[i];
        if (c->number != number || now >= c->until ||
            !permitted(t, &t->service->peers[c->peer], now))
            continue;
        out->data = message + 4;
        out->n = n - 4;
        out->peer = c->peer;
    }
    return PL_OK;
}

enum pl_err pl_turn_input(struct pl_turn *t, uint8_t *message, size_t n, pl_time_us now,
                          int64_t unix_s, uint8_t reply[PL_TURN_REPLY_MAX],
                          struct pl_turn_result *out)
{
    struct pl_writer w = pl_writer(reply, PL_TURN_REPLY_MAX);
    struct exchange x = {.t = t, .bytes = message, .n = n, .now = now, .unix_s = unix_s, .w = &w};
    struct pl_turn_result result = {0};
    bool alive = pl_turn_relayed(t, now);
    enum pl_err err = PL_OK;
    if (!alive)
        t->until = 0;
    if (n > 0 && message[0] >> 6 == 1) {
        if (alive)
            err = channel_data(t, message, n, now, &result);
    } else {
        err = pl_stun_parse_with(message, n, read_attribute, &x.a, &x.m);
        if (!err && x.m.class == PL_STUN_REQUEST)
            request(&x);
        else if (!err && x.m.class == PL_STUN_INDICATION && x.m.method == SEND && alive)
            send_indication(&x, message, &result);
    }
    if (err)
        return err;
    result.reply_len = pl_writer_size(&w);
    *out = result;
    return w.full ? PL_EINVAL : PL_OK;
}

enum pl_err pl_turn_wrap(const struct pl_turn *t, size_t peer, const uint8_t *bytes, size_t n,
                         pl_time_us now, uint8_t *out, size_t size, size_t *len)
{
    struct pl_writer w = pl_writer(out, size);
    uint8_t transaction[12] = {0};
    if (!pl_turn_relayed(t, now) || peer >= t->service->n_peers ||
        !permitted(t, &t->service->peers[peer], now))
        return PL_EAUTH;
    const struct channel *c = NULL;
    for (size_t i = 0; i < PL_TURN_CHANNELS_MAX && !c; i++)
        if (t->channels[i].peer == peer && now < t->channels[i].until)
            c = &t->channels[i];
    if (c) {
        /* As an attribute is written: a number, the length, the bytes, padding. */
        pl_stun_write_attribute(&w, c->number, bytes, n);
    } else {
        t->service->random.fill(t->service->random.ctx, transaction, sizeof transaction);
        pl_stun_write_header(&w, PL_STUN_INDICATION, DATA_INDICATION, transaction);
        pl_stun_write_address(&w, XOR_PEER_ADDRESS, &t->service->peers[peer], transaction);
        pl_stun_write_attribute(&w, DATA, bytes, n);
        pl_stun_end(&w, NULL, 0);
    }
    if (w.full)
        return PL_ETRUNC;
    *len = pl_writer_size(&w);
    return PL_OK;
}

/* Life. */

enum pl_err pl_turn_new(const struct pl_turn_service *s, const struct pl_addr *client,
                        struct pl_turn **out)
{
    struct pl_turn *t = calloc(1, sizeof *t);
    if (!t)
        return PL_ENOMEM;
    t->service = s;
    t->client = *client;
    *out = t;
    return PL_OK;
}

void pl_turn_free(struct pl_turn *t)
{
    free(t);
}

const struct pl_addr *pl_turn_relayed(const struct pl_turn *t, pl_time_us now)
{
    return now < t->until ? &t->relayed : NULL;
}

pl_time_us pl_turn_deadline(const struct pl_turn *t)
{
    return t->until ? t->until : PL_NEVER;
}
