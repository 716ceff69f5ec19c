/* See passkey.h. */
#include "identity/passkey.h"

#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"
#include "crypto/sign.h"
#include "identity/cbor.h"

#include <ctype.h>
#include <jansson.h>

/* Flags of authenticator data (WebAuthn 6.1). */
enum {
    PRESENT = 0x01,
    VERIFIED = 0x04,
    MAY_BACKUP = 0x08,
    BACKED_UP = 0x10,
    HAS_CREDENTIAL = 0x40,
    HAS_EXTENSIONS = 0x80,
};

/* Algorithms (IANA, COSE Algorithms), the one that is preferred first. */
enum { ES256 = -7, EDDSA = -8, RS256 = -257 };

const char *const pl_passkey_words[PL_PASSKEY_FAULT_COUNT] = {
    [PL_PASSKEY_OK] = "",
    [PL_PASSKEY_CLIENT_DATA] = "The browser's answer is malformed (clientDataJSON).",
    [PL_PASSKEY_TYPE] = "The browser's answer is to another question.",
    [PL_PASSKEY_CHALLENGE] = "The browser's answer is to another challenge.",
    [PL_PASSKEY_ORIGIN] = "The passkey was used on another site.",
    [PL_PASSKEY_EMBEDDED] = "The passkey was used in a page inside another page.",
    [PL_PASSKEY_DATA] = "The passkey's answer is malformed (authenticatorData).",
    [PL_PASSKEY_RP] = "The passkey is of another site.",
    [PL_PASSKEY_ABSENT] = "The passkey does not say that anybody was there.",
    [PL_PASSKEY_BACKUP] = "The passkey contradicts itself about its copies.",
    [PL_PASSKEY_ID] = "The passkey's identifier is too short or too long, or another one.",
    [PL_PASSKEY_KEY] = "The passkey is of a kind that is not offered here.",
    [PL_PASSKEY_SIGNATURE] = "The passkey's signature does not match.",
    [PL_PASSKEY_UNVERIFIED] =
        "The passkey did not ask for a PIN, a finger or a face, which is needed here.",
    [PL_PASSKEY_CLONED] =
        "The passkey's counter went back: there may be a copy of it. It is not taken.",
};

/* A name of a host: no address, whose last label begins with a digit or is in brackets. */
static bool host_ok(struct pl_str host)
{
    size_t label = 0; /* where the last one begins */
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!islower((unsigned char)c) && !isdigit((unsigned char)c) && c != '-' && c != '.')
            return false;
        if (c == '.' && i == label)
            return false;
        if (c == '.')
            label = i + 1;
    }
    return label < host.n && islower((unsigned char)host.p[label]);
}

enum pl_err pl_passkey_site(struct pl_str public_url, struct pl_passkey_site *out)
{
    struct pl_passkey_site s;
    if (pl_str_copy(public_url, s.origin, sizeof s.origin))
        return PL_EINVAL;
    for (char *c = s.origin; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    bool secure = strncmp(s.origin, "https://", 8) == 0;
    if (!secure && strncmp(s.origin, "http://", 7) != 0)
        return PL_EINVAL;
    struct pl_str port = pl_str(s.origin + (secure ? 8 : 7));
    bool has_port = memchr(port.p, ':', port.n);
    struct pl_str host = pl_str_split(&port, ':');
    uint64_t number = 0;
    if (!host_ok(host) || (!secure && !pl_str_eq(host, "localhost")))
        return PL_EUNSUPPORTED;
    if ((has_port && pl_parse_u64(port, UINT16_MAX, &number)) ||
        pl_str_copy(host, s.rp_id, sizeof s.rp_id))
        return PL_EINVAL;
    if (has_port && number == (secure ? 443 : 80)) /* browsers leave the usual one out */
        s.origin[host.p + host.n - s.origin] = 0;
    *out = s;
    return PL_OK;
}

/* --- What a browser is asked --- */

static void put_bytes(struct pl_buf *json, const char *key, const uint8_t *bytes, size_t n)
{
    char text[(4 * PL_PASSKEY_ID_MAX + 2) / 3 + 1];
    pl_base64url(bytes, n, text);
    pl_json_str(json, key, text);
}

void pl_passkey_creation(struct pl_buf *json, const struct pl_passkey_site *site,
                         const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE],
                         const struct pl_passkey_user *user, const struct pl_passkey_ref *has,
                         size_t n_has)
{
    static const int algorithms[] = {ES256, EDDSA, RS256};
    pl_json_open(json, NULL, '{');
    pl_json_open(json, "rp", '{');
    pl_json_str(json, "id", site->rp_id);
    pl_json_str(json, "name", "Parley");
    pl_json_close(json, '}');
    pl_json_open(json, "user", '{');
    put_bytes(json, "id", user->handle, PL_PASSKEY_USER_SIZE);
    pl_json_strn(json, "name", user->name);
    pl_json_strn(json, "displayName", user->display_name);
    pl_json_close(json, '}');
    put_bytes(json, "challenge", challenge, PL_PASSKEY_CHALLENGE_SIZE);
    pl_json_open(json, "pubKeyCredParams", '[');
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        pl_json_open(json, NULL, '{');
        pl_json_str(json, "type", "public-key");
        pl_json_int(json, "alg", algorithms[i]);
        pl_json_close(json, '}');
    }
    pl_json_close(json, ']');
    pl_json_int(json, "timeout", PL_PASSKEY_TIMEOUT_MS);
    pl_json_open(json, "excludeCredentials", '[');
    for (size_t i = 0; i < n_has; i++) {
        pl_json_open(json, NULL, '{');
        pl_json_str(json, "type", "public-key");
        put_bytes(json, "id", has[i].id, has[i].n);
        pl_json_close(json, '}');
    }
    pl_json_close(json, ']');
    pl_json_open(json, "authenticatorSelection", '{');
    pl_json_str(json, "residentKey", "required");
    pl_json_bool(json, "requireResidentKey", true);
    pl_json_str(json, "userVerification", "required");
    pl_json_close(json, '}');
    pl_json_str(json, "attestation", "none");
    pl_json_close(json, '}');
}

void pl_passkey_request(struct pl_buf *json, const struct pl_passkey_site *site,
                        const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE])
{
    pl_json_open(json, NULL, '{');
    put_bytes(json, "challenge", challenge, PL_PASSKEY_CHALLENGE_SIZE);
    pl_json_str(json, "rpId", site->rp_id);
    pl_json_int(json, "timeout", PL_PASSKEY_TIMEOUT_MS);
    pl_json_open(json, "allowCredentials", '[');
    pl_json_close(json, ']');
    pl_json_str(json, "userVerification", "required");
    pl_json_close(json, '}');
}

/* --- What the browser says (WebAuthn 5.8.1) --- */

static bool is_string(const json_t *object, const char *key, const char *expected)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) && strlen(expected) == json_string_length(value) &&
           memcmp(json_string_value(value), expected, strlen(expected)) == 0;
}

static enum pl_passkey_fault check_client_data(const struct pl_passkey_site *site,
                                               const uint8_t *challenge, struct pl_str text,
                                               const char *type)
{
    char expected[(4 * PL_PASSKEY_CHALLENGE_SIZE + 2) / 3 + 1];
    json_t *said = text.n > PL_PASSKEY_CLIENT_DATA_MAX
                       ? NULL
                       : json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    pl_base64url(challenge, PL_PASSKEY_CHALLENGE_SIZE, expected);
    const json_t *crossed = json_object_get(said, "crossOrigin");
    enum pl_passkey_fault fault = PL_PASSKEY_OK;
    if (!json_is_object(said))
        fault = PL_PASSKEY_CLIENT_DATA;
    else if (!is_string(said, "type", type))
        fault = PL_PASSKEY_TYPE;
    else if (!is_string(said, "challenge", expected))
        fault = PL_PASSKEY_CHALLENGE;
    else if (!is_string(said, "origin", site->origin))
        fault = PL_PASSKEY_ORIGIN;
    else if ((crossed && !json_is_false(crossed)) || json_object_get(said, "topOrigin"))
        fault = PL_PASSKEY_EMBEDDED;
    json_decref(said);
    return fault;
}

/* --- What the authenticator says (WebAuthn 6.1) --- */

struct data {
    uint8_t flags;
    uint32_t count;
    struct pl_str id, key; /* with HAS_CREDENTIAL */
};

/* The members of a COSE key (RFC 9053, 7; RFC 8230, 4) that the three algorithms have. */
struct cose {
    int32_t type, algorithm, curve;
    struct pl_str x, y; /* of RSA: modulus and exponent */
};

/* One member. Those that none of the algorithms has are refused, as CTAP 2.1 (8) forbids them. */
static bool read_member(struct pl_reader *r, struct cose *k, unsigned *seen)
{
    struct pl_cbor label, value;
    int32_t name;
    if (!pl_cbor_next(r, &label) || !pl_cbor_next(r, &value) || !pl_cbor_int(&label, &name))
        return false;
    unsigned bit = name >= -3 && name <= 3 ? 1u << (name + 3) : 0;
    if (!bit || (*seen & bit))
        return false;
    *seen |= bit;
    struct pl_str bytes = {(const char *)value.bytes, (size_t)value.n};
    bool is_bytes = value.type == PL_CBOR_BYTES;
    switch (name) {
    case 1:
        return pl_cbor_int(&value, &k->type);
    case 3:
        return pl_cbor_int(&value, &k->algorithm);
    case -1: /* a curve, or the modulus */
        if (!is_bytes)
            return pl_cbor_int(&value, &k->curve);
        k->x = bytes;
        return true;
    case -2: /* x, or the exponent */
        *(k->x.p ? &k->y : &k->x) = bytes;
        return is_bytes;
    case -3:
        k->y = bytes;
        return is_bytes;
    default:
        return false;
    }
}

static bool read_key(struct pl_reader *r, struct cose *out)
{
    struct cose k = {0};
    struct pl_cbor map;
    unsigned seen = 0;
    if (!pl_cbor_next(r, &map) || map.type != PL_CBOR_MAP || map.n > 5)
        return false;
    for (uint64_t i = 0; i < map.n; i++)
        if (!read_member(r, &k, &seen))
            return false;
    *out = k;
    return true;
}

/* Of a kind that was asked for, with all that belongs to it and nothing else. */
static bool key_ok(const struct cose *k)
{
    enum { OKP = 1, EC2 = 2, RSA = 3, P256 = 1, ED25519 = 6 };
    switch (k->algorithm) {
    case ES256:
        return k->type == EC2 && k->curve == P256 && k->x.n == 32 && k->y.n == 32;
    case EDDSA:
        return k->type == OKP && k->curve == ED25519 && k->x.n == PL_PUBLIC_KEY_SIZE && !k->y.p;
    case RS256:
        return k->type == RSA && k->curve == 0 && k->x.n >= PL_RSA_BITS_MIN / 8 &&
               k->x.n <= PL_RSA_BITS_MAX / 8 && k->y.n > 0 && k->y.n <= 4;
    default:
        return false;
    }
}

static bool verifies(const struct cose *k, struct pl_str bytes, struct pl_str signature)
{
    uint8_t point[PL_P256_POINT_SIZE] = {4};
    switch (k->algorithm) {
    case ES256:
        memcpy(point + 1, k->x.p, 32);
        memcpy(point + 33, k->y.p, 32);
        return pl_p256_verify(point, bytes, signature);
    case EDDSA:
        return signature.n == PL_SIGNATURE_SIZE &&
               pl_ed25519_verify((const uint8_t *)k->x.p, bytes.p, bytes.n,
                                 (const uint8_t *)signature.p);
    default:
        return pl_rsa_verify(k->x, k->y, bytes, signature);
    }
}

static struct pl_str since(const uint8_t *start, const struct pl_reader *r)
{
    return (struct pl_str){(const char *)start, (size_t)(r->p - start)};
}

/* Reads all of it; whether it is of this site. */
static enum pl_passkey_fault read_data(const struct pl_passkey_site *site, struct pl_str bytes,
                                       struct data *out)
{
    struct pl_reader r = pl_reader(bytes.p, bytes.n);
    struct data d = {0};
    uint8_t rp[PL_SHA256_SIZE];
    const uint8_t *hash = pl_read_bytes(&r, sizeof rp);
    d.flags = pl_read_u8(&r);
    d.count = pl_read_u32(&r);
    if (d.flags & HAS_CREDENTIAL) {
        pl_read_bytes(&r, 16); /* AAGUID: the model, which only an attestation would vouch for */
        d.id.n = pl_read_u16(&r);
        d.id.p = (const char *)pl_read_bytes(&r, d.id.n);
        const uint8_t *key = r.p;
        (void)!pl_cbor_skip(&r);
        d.key = since(key, &r);
    }
    if (d.flags & HAS_EXTENSIONS) {
        struct pl_reader ahead = r;
        struct pl_cbor map;
        if (!pl_cbor_next(&ahead, &map) || map.type != PL_CBOR_MAP || !pl_cbor_skip(&r))
            r.bad = true;
    }
    if (r.bad || pl_reader_left(&r) || bytes.n > PL_PASSKEY_DATA_MAX)
        return PL_PASSKEY_DATA;
    pl_sha256(site->rp_id, strlen(site->rp_id), rp);
    if (memcmp(hash, rp, sizeof rp) != 0)
        return PL_PASSKEY_RP;
    if (!(d.flags & PRESENT))
        return PL_PASSKEY_ABSENT;
    if ((d.flags & BACKED_UP) && !(d.flags & MAY_BACKUP))
        return PL_PASSKEY_BACKUP;
    *out = d;
    return PL_PASSKEY_OK;
}

/* The authenticator data in an attestation object (WebAuthn 6.5.4): a map of "fmt", "attStmt" and
 * "authData", each once. */
static bool find_data(struct pl_str object, struct pl_str *out)
{
    static const char *const names[] = {"fmt", "attStmt", "authData"};
    static const enum pl_cbor_type types[] = {PL_CBOR_TEXT, PL_CBOR_MAP, PL_CBOR_BYTES};
    struct pl_reader r = pl_reader(object.p, object.n);
    struct pl_cbor item;
    unsigned seen = 0;
    if (object.n > PL_PASSKEY_ATTESTATION_MAX || !pl_cbor_next(&r, &item) ||
        item.type != PL_CBOR_MAP || item.n != 3)
        return false;
    while (seen != 7) {
        unsigned i = 0;
        if (!pl_cbor_next(&r, &item) || item.type != PL_CBOR_TEXT)
            return false;
        struct pl_str name = {(const char *)item.bytes, (size_t)item.n};
        while (i < 3 && !pl_str_eq(name, names[i]))
            i++;
        struct pl_reader ahead = r;
        if (i == 3 || (seen & 1u << i) || !pl_cbor_next(&ahead, &item) || item.type != types[i] ||
            !pl_cbor_skip(&r))
            return false;
        seen |= 1u << i;
        if (types[i] == PL_CBOR_BYTES)
            *out = (struct pl_str){(const char *)item.bytes, (size_t)item.n};
    }
    return pl_reader_left(&r) == 0;
}

enum pl_passkey_fault pl_passkey_register(const struct pl_passkey_site *site,
                                          const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE],
                                          struct pl_str client_data,
                                          struct pl_str attestation_object, struct pl_passkey *out)
{
    struct pl_str bytes;
    struct data d;
    struct cose k;
    enum pl_passkey_fault fault =
        check_client_data(site, challenge, client_data, "webauthn.create");
    if (fault)
        return fault;
    if (!find_data(attestation_object, &bytes))
        return PL_PASSKEY_DATA;
    fault = read_data(site, bytes, &d);
    if (fault)
        return fault;
    if (!(d.flags & HAS_CREDENTIAL))
        return PL_PASSKEY_DATA;
    if (d.id.n < PL_PASSKEY_ID_MIN || d.id.n > PL_PASSKEY_ID_MAX)
        return PL_PASSKEY_ID;
    struct pl_reader r = pl_reader(d.key.p, d.key.n);
    if (d.key.n > PL_PASSKEY_KEY_MAX || !read_key(&r, &k) || !key_ok(&k))
        return PL_PASSKEY_KEY;
    if (!(d.flags & VERIFIED))
        return PL_PASSKEY_UNVERIFIED;
    *out = (struct pl_passkey){
        .id_n = d.id.n,
        .key_n = d.key.n,
        .count = d.count,
        .may_backup = d.flags & MAY_BACKUP,
        .backed_up = d.flags & BACKED_UP,
    };
    memcpy(out->id, d.id.p, d.id.n);
    memcpy(out->key, d.key.p, d.key.n);
    return PL_PASSKEY_OK;
}

/* Over the data and the hash of what the browser said (WebAuthn 6.3.3, step 11). */
static bool is_signed(const struct pl_passkey *p, const struct pl_passkey_answer *a)
{
    uint8_t text[PL_PASSKEY_DATA_MAX + PL_SHA256_SIZE];
    struct pl_reader r = pl_reader(p->key, p->key_n);
    struct cose k;
    if (!read_key(&r, &k) || !key_ok(&k) || a->signature.n > PL_PASSKEY_SIGNATURE_MAX)
        return false;
    memcpy(text, a->authenticator_data.p, a->authenticator_data.n);
    pl_sha256(a->client_data.p, a->client_data.n, text + a->authenticator_data.n);
    struct pl_str bytes = {(const char *)text, a->authenticator_data.n + PL_SHA256_SIZE};
    return verifies(&k, bytes, a->signature);
}

enum pl_passkey_fault pl_passkey_assert(const struct pl_passkey_site *site,
                                        const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE],
                                        const struct pl_passkey_answer *answer,
                                        struct pl_passkey *passkey)
{
    struct data d;
    enum pl_passkey_fault fault =
        check_client_data(site, challenge, answer->client_data, "webauthn.get");
    if (!fault)
        fault = read_data(site, answer->authenticator_data, &d);
    if (fault)
        return fault;
    if (d.flags & HAS_CREDENTIAL)
        return PL_PASSKEY_DATA;
    if (!is_signed(passkey, answer))
        return PL_PASSKEY_SIGNATURE;
    if (!(d.flags & MAY_BACKUP) != !passkey->may_backup)
        return PL_PASSKEY_BACKUP;
    if (!(d.flags & VERIFIED))
        return PL_PASSKEY_UNVERIFIED;
    if ((d.count || passkey->count) && d.count <= passkey->count)
        return PL_PASSKEY_CLONED;
    passkey->count = d.count;
    passkey->backed_up = d.flags & BACKED_UP;
    return PL_PASSKEY_OK;
}
