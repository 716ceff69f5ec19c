/* See cli_parts.h. One table holds the options; help and parsing are made from it. */
#include "server/cli_parts.h"

#include "base/text.h"
#include "identity/oidc.h"
#include "record/people.h"
#include "server/audit.h"
#include "server/retention.h"

#include <ctype.h>
#include <string.h>

static enum pl_err add_addr(struct pl_cli_words *p, const char *option, const char *value,
                            struct pl_addr *list, size_t *n, size_t max)
{
    if (*n == max)
        return pl_cli_refuse(p, "%s: at most %zu of them", option, max);
    if (pl_addr_parse(value, &list[*n]) != PL_OK)
        return pl_cli_refuse(p,
                             "%s %.100s: not ADDR:PORT; write 192.0.2.1:8080 or [2001:db8::1]:8080",
                             option, value);
    (*n)++;
    return PL_OK;
}

enum pl_err pl_cli_take_listen(struct pl_cli_words *p, const char *value)
{
    struct pl_config *c = p->config;
    return add_addr(p, "--listen", value, c->listen, &c->n_listen, PL_LISTEN_MAX);
}

static enum pl_err take_turn(struct pl_cli_words *p, const char *value)
{
    struct pl_config *c = p->config;
    c->turn_off = strcmp(value, "off") == 0;
    return c->turn_off ? PL_OK : add_addr(p, "--turn", value, c->turn, &c->n_turn, PL_LISTEN_MAX);
}

enum pl_err pl_cli_take_media(struct pl_cli_words *p, const char *value)
{
    struct pl_config *c = p->config;
    return add_addr(p, "--media", value, c->media, &c->n_media, PL_MEDIA_ADDRS_MAX);
}

static enum pl_err take_public_address(struct pl_cli_words *p, const char *value)
{
    struct pl_config *c = p->config;
    if (c->n_public_addrs == PL_MEDIA_ADDRS_MAX)
        return pl_cli_refuse(p, "--public-address: at most %d of them", PL_MEDIA_ADDRS_MAX);
    struct pl_addr a;
    if (pl_addr_parse_ip(value, &a) != PL_OK || pl_addr_is_any(&a))
        return pl_cli_refuse(p, "--public-address %.100s: not an IP address", value);
    c->public_addrs[c->n_public_addrs++] = a;
    return PL_OK;
}

static enum pl_err take_media_threads(struct pl_cli_words *p, const char *value)
{
    uint64_t n;
    if (pl_parse_u64(pl_str(value), PL_MEDIA_THREADS_MAX, &n) != PL_OK || n == 0)
        return pl_cli_refuse(p, "--media-threads %.100s: not a number from 1 to %d", value,
                             PL_MEDIA_THREADS_MAX);
    p->config->media_threads = (unsigned)n;
    return PL_OK;
}

static enum pl_err take_estimate(struct pl_cli_words *p, const char *value)
{
    p->config->estimate = strcmp(value, "on") == 0;
    if (!p->config->estimate && strcmp(value, "off") != 0)
        return pl_cli_refuse(p, "--estimate %.100s: not on or off", value);
    return PL_OK;
}

static enum pl_err take_seats(struct pl_cli_words *p, const char *value)
{
    uint64_t n;
    if (pl_parse_u64(pl_str(value), PL_DEMO_SEATS_MAX, &n) != PL_OK)
        return pl_cli_refuse(p, "--seats %.100s: not a number from 0 to %d", value,
                             PL_DEMO_SEATS_MAX);
    p->config->seats = (unsigned)n;
    return PL_OK;
}

static enum pl_err take_no_simulate(struct pl_cli_words *p, const char *value)
{
    (void)value;
    p->config->seats = 0;
    return PL_OK;
}

static enum pl_err take_retain(struct pl_cli_words *p, const char *value)
{
    uint64_t n;
    if (pl_parse_u64(pl_str(value), PL_RETENTION_DAYS_MAX, &n) != PL_OK || n == 0)
        return pl_cli_refuse(p, "--retain %.100s: not a number of days from 1 to %d", value,
                             PL_RETENTION_DAYS_MAX);
    p->config->retain_days = (unsigned)n;
    return PL_OK;
}

static enum pl_err take_audit_days(struct pl_cli_words *p, const char *value)
{
    uint64_t n;
    if (pl_parse_u64(pl_str(value), PL_AUDIT_DAYS_MAX, &n) != PL_OK || n == 0)
        return pl_cli_refuse(p, "--audit-days %.100s: not a number of days from 1 to %d", value,
                             PL_AUDIT_DAYS_MAX);
    p->config->audit_days = (unsigned)n;
    return PL_OK;
}

static enum pl_err take_oidc_issuer(struct pl_cli_words *p, const char *value)
{
    if (!pl_oidc_issuer_ok(value))
        return pl_cli_refuse(p,
                             "--oidc-issuer %.160s: not an address by https, or by http on this "
                             "machine",
                             value);
    p->config->oidc_issuer = value;
    return PL_OK;
}

static enum pl_err take_oidc_client_id(struct pl_cli_words *p, const char *value)
{
    if (!pl_subject_ok(pl_str(value)))
        return pl_cli_refuse(p, "--oidc-client-id %.100s: not printable, or too long", value);
    p->config->oidc_client_id = value;
    return PL_OK;
}

static enum pl_err take_oidc_secret(struct pl_cli_words *p, const char *value)
{
    p->config->oidc_secret_file = value;
    return PL_OK;
}

static enum pl_err take_oidc_name(struct pl_cli_words *p, const char *value)
{
    if (!pl_name_ok(pl_str(value)) || strlen(value) > PL_NAME_MAX)
        return pl_cli_refuse(p, "--oidc-name %.100s: not one line of text", value);
    p->config->oidc_name = value;
    return PL_OK;
}

static enum pl_err take_user(struct pl_cli_words *p, const char *value)
{
    if (!*value)
        return pl_cli_refuse(p, "--user: the name is empty");
    p->config->user = value;
    return PL_OK;
}

static enum pl_err take_data(struct pl_cli_words *p, const char *value)
{
    if (!*value)
        return pl_cli_refuse(p, "--data: the folder's name is empty");
    p->config->data = value;
    return PL_OK;
}

static enum pl_err take_witness_data(struct pl_cli_words *p, const char *value)
{
    p->config->witness.data = value;
    return PL_OK;
}

static enum pl_err take_witness_url(struct pl_cli_words *p, const char *value)
{
    p->config->witness.url = value;
    return PL_OK;
}

static enum pl_err take_witness_key(struct pl_cli_words *p, const char *value)
{
    p->config->witness.key = value;
    return PL_OK;
}

static enum pl_err take_keeping_data(struct pl_cli_words *p, const char *value)
{
    p->config->keeping.data = value;
    return PL_OK;
}

static enum pl_err set_drain(struct pl_cli_words *p, int value)
{
    if (p->config->drain)
        return pl_cli_refuse(p, "drain: --deadline, --cancel and --status do not go together");
    p->config->drain = value;
    return PL_OK;
}

static enum pl_err take_deadline(struct pl_cli_words *p, const char *value)
{
    uint64_t n;
    if (pl_parse_u64(pl_str(value), PL_DRAIN_MINUTES_MAX, &n) != PL_OK || n == 0)
        return pl_cli_refuse(p, "--deadline %.100s: not a number of minutes from 1 to %d", value,
                             PL_DRAIN_MINUTES_MAX);
    return set_drain(p, (int)n);
}

static enum pl_err take_cancel(struct pl_cli_words *p, const char *value)
{
    (void)value;
    return set_drain(p, PL_DRAIN_CANCEL);
}

static enum pl_err take_status(struct pl_cli_words *p, const char *value)
{
    (void)value;
    return set_drain(p, PL_DRAIN_STATUS);
}

static enum pl_err take_export_data(struct pl_cli_words *p, const char *value)
{
    p->config->exporting.data = value;
    return PL_OK;
}

static enum pl_err take_server_key(struct pl_cli_words *p, const char *value)
{
    if (!pl_verify_key_ok(pl_str(value)))
        return pl_cli_refuse(p, "--key %.100s: not a key as parley key shows it: NAME+ID+KEY",
                             value);
    p->config->verifying.key = value;
    return PL_OK;
}

static enum pl_err take_organiser(struct pl_cli_words *p, const char *value)
{
    if (!pl_fingerprint_ok(pl_str(value)))
        return pl_cli_refuse(
            p,
            "--organiser %.100s: not a fingerprint: eight groups of five digits, or the "
            "43 characters at the end of a link",
            value);
    p->config->verifying.organiser = value;
    return PL_OK;
}

static enum pl_err take_paper(struct pl_cli_words *p, const char *value)
{
    p->config->verifying.paper = value;
    return PL_OK;
}

static enum pl_err take_server_witness(struct pl_cli_words *p, const char *value)
{
    struct pl_config *c = p->config;
    struct pl_witness_named named;
    if (c->n_witnesses == PL_WITNESSES_MAX)
        return pl_cli_refuse(p, "--witness: at most %d of them", PL_WITNESSES_MAX);
    if (pl_witness_named(value, &named) != PL_OK)
        return pl_cli_refuse(p,
                             "--witness %.160s: not URL=VKEY, with https (http to this machine "
                             "alone) and a witness's verifier key, NAME+ID+KEY",
                             value);
    c->witnesses[c->n_witnesses++] = value;
    return PL_OK;
}

static enum pl_err take_witness(struct pl_cli_words *p, const char *value)
{
    struct pl_cli_verify *v = &p->config->verifying;
    struct pl_vkey key;
    if (v->n_witnesses == PL_VERIFY_WITNESSES_MAX)
        return pl_cli_refuse(p, "--witness: at most %d of them", PL_VERIFY_WITNESSES_MAX);
    if (pl_verify_witness_key(pl_str(value), &key))
        return pl_cli_refuse(p, "--witness %.100s: not a witness's verifier key: NAME+ID+KEY",
                             value);
    v->witnesses[v->n_witnesses++] = value;
    return PL_OK;
}

static enum pl_err take_tls_cert(struct pl_cli_words *p, const char *value)
{
    p->config->tls_cert = value;
    return PL_OK;
}

static enum pl_err take_tls_key(struct pl_cli_words *p, const char *value)
{
    p->config->tls_key = value;
    return PL_OK;
}

static enum pl_err take_server(struct pl_cli_words *p, const char *value)
{
    p->config->invite.server = value;
    return PL_OK;
}

static enum pl_err take_token(struct pl_cli_words *p, const char *value)
{
    p->config->invite.token = value;
    return PL_OK;
}

static enum pl_err take_key(struct pl_cli_words *p, const char *value)
{
    p->config->invite.key = value;
    return PL_OK;
}

static enum pl_err take_person(struct pl_cli_words *p, const char *value)
{
    p->config->invite.person = value;
    return PL_OK;
}

static enum pl_err take_revoke(struct pl_cli_words *p, const char *value)
{
    p->config->invite.revoke = value;
    return PL_OK;
}

/* An origin: scheme, host, maybe a port. It becomes the beginning of every link. */
static enum pl_err read_origin(struct pl_cli_words *p, const char *value,
                               char out[PL_PUBLIC_URL_SIZE])
{
    const char *host = strncmp(value, "https://", 8) == 0  ? value + 8
                       : strncmp(value, "http://", 7) == 0 ? value + 7
                                                           : NULL;
    size_t n = strlen(value);
    if (host && n > 0 && value[n - 1] == '/')
        n--;
    bool ok = host && value + n > host && n < PL_PUBLIC_URL_SIZE;
    for (const char *c = host; ok && c < value + n; c++)
        ok = isalnum((unsigned char)*c) || strchr(".-:[]", *c);
    if (!ok)
        return pl_cli_refuse(p, "--public-url %.100s: not https://HOST or https://HOST:PORT",
                             value);
    return pl_str_copy((struct pl_str){value, n}, out, PL_PUBLIC_URL_SIZE);
}

static enum pl_err take_public_url(struct pl_cli_words *p, const char *value)
{
    return read_origin(p, value, p->config->public_url);
}

static enum pl_err take_minutes_url(struct pl_cli_words *p, const char *value)
{
    return read_origin(p, value, p->config->minutes.public_url);
}

static enum pl_err take_minutes_data(struct pl_cli_words *p, const char *value)
{
    p->config->minutes.data = value;
    return PL_OK;
}

static enum pl_err take_language(struct pl_cli_words *p, const char *value)
{
    for (int i = 0; i < PL_MINUTES_LANGUAGES; i++)
        if (strcmp(value, pl_minutes_language_words[i]) == 0) {
            p->config->minutes.language = (enum pl_minutes_language)i;
            return PL_OK;
        }
    return pl_cli_refuse(p, "--language %.100s: not en or fr", value);
}

static enum pl_err take_format(struct pl_cli_words *p, const char *value)
{
    p->config->minutes.html = strcmp(value, "html") == 0;
    if (!p->config->minutes.html && strcmp(value, "text") != 0)
        return pl_cli_refuse(p, "--format %.100s: not text or html", value);
    return PL_OK;
}

static const struct pl_cli_option server_options[] = {
    {"--listen", "ADDR:PORT",
     "answer HTTP and WebSockets here, HTTPS with a certificate; may be repeated;\n"
     "port 0 picks a free one (" PL_DEFAULT_LISTEN ")",
     pl_cli_take_listen},
    {"--media", "ADDR:PORT",
     "pictures and sound by UDP; may be repeated; media thread i takes PORT+i;\n"
     "0.0.0.0 and [::] stand for all addresses of this machine (" PL_DEFAULT_MEDIA ")",
     pl_cli_take_media},
    {"--public-address", "IP",
     "tell browsers this address in place of those of --media, when the machine\n"
     "stands behind an address translation; may be repeated",
     take_public_address},
    {"--turn", "ADDR:PORT",
     "take media by TCP (TURN, ICE-TCP) here too, and tell browsers this port instead\n"
     "of that of --listen; needed behind an HTTP proxy; may be repeated; \"off\" takes\n"
     "media by UDP alone",
     take_turn},
    {"--media-threads", "N", "threads, and UDP ports of an address, for media (1)",
     take_media_threads},
    {"--estimate", "on|off", "send nobody more than their line carries, by an estimate of it (on)",
     take_estimate},
    {"--data", "DIR", "meetings and the administrator's token; made if it is not there", take_data},
    {"--retain", "DAYS",
     "delete a meeting so many days after its session was closed and anything was recorded of it;\n"
     "its tombstone stays. Else meetings are kept until they are deleted",
     take_retain},
    {"--user", "NAME",
     "started as root: become this user before anything is read or opened, and keep of root's\n"
     "rights that to ports below 1024 alone. The data folder and the certificate are to be theirs",
     take_user},
    {"--public-url", "URL",
     "begin the links with this, for example https://parley.example.org; needed\n"
     "behind a reverse proxy",
     take_public_url},
    {"--tls-cert", "FILE",
     "certificate chain (PEM); with it all --listen addresses speak HTTPS;\n"
     "loaded anew when it changes",
     take_tls_cert},
    {"--tls-key", "FILE", "its private key (PEM)", take_tls_key},
    {"--witness", "URL=VKEY",
     "have a witness elsewhere (c2sp.org/tlog-witness) cosign the records, and the server's\n"
     "own log: what stands before /add-checkpoint, and its verifier key; may be repeated",
     take_server_witness},
    {"--oidc-issuer", "URL",
     "people with accounts sign in at this identity provider (OpenID Connect), with\n"
     "--public-url's /login as the address to come back to",
     take_oidc_issuer},
    {"--oidc-client-id", "ID", "as which it knows this server", take_oidc_client_id},
    {"--oidc-client-secret-file", "FILE", "what it gave this server to prove that, if anything",
     take_oidc_secret},
    {"--oidc-name", "NAME", "what people call it (its host)", take_oidc_name},
    {"--audit-days", "DAYS", "keep in the audit what was done for so long (730)", take_audit_days},
};

static const struct pl_cli_option demo_options[] = {
    {"--seats", "N", "simulated delegations in the council that is not encrypted (31)", take_seats},
    {"--no-simulate", NULL, "none", take_no_simulate},
};

static const struct pl_cli_option invite_options[] = {
    {"--server", "URL", "the running server (" PL_DEFAULT_SERVER ")", take_server},
    {"--token", "FILE", "the administrator's token (" PL_DEFAULT_DATA "/admin-token)", take_token},
    {"--key", "FILE",
     "the organiser's key, which signs; made if it is not there, for its owner's eyes\n"
     "alone. Who has it decides who may be in the meeting: keep it off the server",
     take_key},
    {"--person", "WHO",
     "make a new link for this person alone: their links of before are void, nobody\n"
     "else's. WHO is a name, or p1, p2 and so on in the order of the meeting's people",
     take_person},
    {"--revoke", "WHO", "this person's links are void, and they leave", take_revoke},
};

static const struct pl_cli_option witness_options[] = {
    {"--url", "URL", "where the witness takes checkpoints: what stands before /add-checkpoint",
     take_witness_url},
    {"--key", "VKEY", "its verifier key", take_witness_key},
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_witness_data},
};

static const struct pl_cli_option keeping_options[] = {
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_keeping_data},
};

static const struct pl_cli_option drain_options[] = {
    {"--deadline", "MINUTES", "end then at the latest, whoever is still there", take_deadline},
    {"--cancel", NULL, "call it off: meetings are opened again", take_cancel},
    {"--status", NULL, "say how it stands, and change nothing", take_status},
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_keeping_data},
};

static const struct pl_cli_option export_options[] = {
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_export_data},
};

static const struct pl_cli_option minutes_options[] = {
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_minutes_data},
    {"--language", "en|fr", "English or French (en)", take_language},
    {"--format", "text|html", "text, or a page for screen and paper (text)", take_format},
    {"--public-url", "URL",
     "the server's, where the page that verifies is, as the page's QR code says it; by default\n"
     "by the name in the server's key, if it was given one",
     take_minutes_url},
};

static const struct pl_cli_option verify_options[] = {
    {"--key", "VKEY",
     "the server's key, from elsewhere than from the file: without it the record may be\n"
     "anybody's. The server shows it with parley key show",
     take_server_key},
    {"--organiser", "FINGERPRINT",
     "the fingerprint of the organiser's key, as in the letter or at the end of a link",
     take_organiser},
    {"--witness", "VKEY",
     "the verifier key of a witness elsewhere, which must have cosigned the record; may be\n"
     "repeated",
     take_witness},
    {"--paper", "MINUTES",
     "a file of minutes as text, in English or French, or both: the record must be of those\n"
     "that were adopted, byte for byte",
     take_paper},
};

const struct pl_cli_options pl_cli_option_sets[OPTION_SETS] = {
    [NO_OPTIONS] = {NULL, 0},
    [SERVER_OPTIONS] = {server_options, sizeof server_options / sizeof *server_options},
    [DEMO_OPTIONS] = {demo_options, sizeof demo_options / sizeof *demo_options},
    [INVITE_OPTIONS] = {invite_options, sizeof invite_options / sizeof *invite_options},
    [EXPORT_OPTIONS] = {export_options, sizeof export_options / sizeof *export_options},
    [WITNESS_OPTIONS] = {witness_options, sizeof witness_options / sizeof *witness_options},
    [KEEPING_OPTIONS] = {keeping_options, sizeof keeping_options / sizeof *keeping_options},
    [DRAIN_OPTIONS] = {drain_options, sizeof drain_options / sizeof *drain_options},
    [VERIFY_OPTIONS] = {verify_options, sizeof verify_options / sizeof *verify_options},
    [MINUTES_OPTIONS] = {minutes_options, sizeof minutes_options / sizeof *minutes_options},
};
