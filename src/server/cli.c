/* See cli.h. One table holds the options; help and parsing are made from it. */
#include "server/cli.h"

#include "base/text.h"
#include "record/people.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

struct parse {
    struct pl_config *config;
    char *why;
};

static enum pl_err refuse(struct parse *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum pl_err refuse(struct parse *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->why, PL_CLI_WHY_SIZE, format, args);
    va_end(args);
    /* One line, whatever was typed. */
    for (char *c = p->why; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return PL_EINVAL;
}

static enum pl_err add_addr(struct parse *p, const char *option, const char *value,
                            struct pl_addr *list, size_t *n, size_t max)
{
    if (*n == max)
        return refuse(p, "%s: at most %zu of them", option, max);
    if (pl_addr_parse(value, &list[*n]) != PL_OK)
        return refuse(p, "%s %.100s: not ADDR:PORT; write 192.0.2.1:8080 or [2001:db8::1]:8080",
                      option, value);
    (*n)++;
    return PL_OK;
}

static enum pl_err take_listen(struct parse *p, const char *value)
{
    struct pl_config *c = p->config;
    return add_addr(p, "--listen", value, c->listen, &c->n_listen, PL_LISTEN_MAX);
}

static enum pl_err take_turn(struct parse *p, const char *value)
{
    struct pl_config *c = p->config;
    c->turn_off = strcmp(value, "off") == 0;
    return c->turn_off ? PL_OK : add_addr(p, "--turn", value, c->turn, &c->n_turn, PL_LISTEN_MAX);
}

static enum pl_err take_media(struct parse *p, const char *value)
{
    struct pl_config *c = p->config;
    return add_addr(p, "--media", value, c->media, &c->n_media, PL_MEDIA_ADDRS_MAX);
}

static enum pl_err take_public_address(struct parse *p, const char *value)
{
    struct pl_config *c = p->config;
    if (c->n_public_addrs == PL_MEDIA_ADDRS_MAX)
        return refuse(p, "--public-address: at most %d of them", PL_MEDIA_ADDRS_MAX);
    struct pl_addr a;
    if (pl_addr_parse_ip(value, &a) != PL_OK || pl_addr_is_any(&a))
        return refuse(p, "--public-address %.100s: not an IP address", value);
    c->public_addrs[c->n_public_addrs++] = a;
    return PL_OK;
}

static enum pl_err take_media_threads(struct parse *p, const char *value)
{
    uint64_t n;
    if (pl_parse_u64(pl_str(value), PL_MEDIA_THREADS_MAX, &n) != PL_OK || n == 0)
        return refuse(p, "--media-threads %.100s: not a number from 1 to %d", value,
                      PL_MEDIA_THREADS_MAX);
    p->config->media_threads = (unsigned)n;
    return PL_OK;
}

static enum pl_err take_estimate(struct parse *p, const char *value)
{
    p->config->estimate = strcmp(value, "on") == 0;
    if (!p->config->estimate && strcmp(value, "off") != 0)
        return refuse(p, "--estimate %.100s: not on or off", value);
    return PL_OK;
}

static enum pl_err take_data(struct parse *p, const char *value)
{
    if (!*value)
        return refuse(p, "--data: the folder's name is empty");
    p->config->data = value;
    return PL_OK;
}

static enum pl_err take_witness_data(struct parse *p, const char *value)
{
    p->config->witness.data = value;
    return PL_OK;
}

static enum pl_err take_witness_url(struct parse *p, const char *value)
{
    p->config->witness.url = value;
    return PL_OK;
}

static enum pl_err take_witness_key(struct parse *p, const char *value)
{
    p->config->witness.key = value;
    return PL_OK;
}

static enum pl_err take_keeping_data(struct parse *p, const char *value)
{
    p->config->keeping.data = value;
    return PL_OK;
}

static enum pl_err take_export_data(struct parse *p, const char *value)
{
    p->config->exporting.data = value;
    return PL_OK;
}

static enum pl_err take_server_key(struct parse *p, const char *value)
{
    if (!pl_verify_key_ok(pl_str(value)))
        return refuse(p, "--key %.100s: not a key as parley key shows it: NAME+ID+KEY", value);
    p->config->verifying.key = value;
    return PL_OK;
}

static enum pl_err take_organiser(struct parse *p, const char *value)
{
    if (!pl_fingerprint_ok(pl_str(value)))
        return refuse(p,
                      "--organiser %.100s: not a fingerprint: eight groups of five digits, or the "
                      "43 characters at the end of a link",
                      value);
    p->config->verifying.organiser = value;
    return PL_OK;
}

static enum pl_err take_witness(struct parse *p, const char *value)
{
    struct pl_cli_verify *v = &p->config->verifying;
    struct pl_vkey key;
    if (v->n_witnesses == PL_VERIFY_WITNESSES_MAX)
        return refuse(p, "--witness: at most %d of them", PL_VERIFY_WITNESSES_MAX);
    if (pl_verify_witness_key(pl_str(value), &key))
        return refuse(p, "--witness %.100s: not a witness's verifier key: NAME+ID+KEY", value);
    v->witnesses[v->n_witnesses++] = value;
    return PL_OK;
}

static enum pl_err take_tls_cert(struct parse *p, const char *value)
{
    p->config->tls_cert = value;
    return PL_OK;
}

static enum pl_err take_tls_key(struct parse *p, const char *value)
{
    p->config->tls_key = value;
    return PL_OK;
}

static enum pl_err take_server(struct parse *p, const char *value)
{
    p->config->invite.server = value;
    return PL_OK;
}

static enum pl_err take_token(struct parse *p, const char *value)
{
    p->config->invite.token = value;
    return PL_OK;
}

static enum pl_err take_key(struct parse *p, const char *value)
{
    p->config->invite.key = value;
    return PL_OK;
}

static enum pl_err take_person(struct parse *p, const char *value)
{
    p->config->invite.person = value;
    return PL_OK;
}

static enum pl_err take_revoke(struct parse *p, const char *value)
{
    p->config->invite.revoke = value;
    return PL_OK;
}

/* An origin: scheme, host, maybe a port. It becomes the beginning of every link. */
static enum pl_err take_public_url(struct parse *p, const char *value)
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
        return refuse(p, "--public-url %.100s: not https://HOST or https://HOST:PORT", value);
    return pl_str_copy((struct pl_str){value, n}, p->config->public_url, PL_PUBLIC_URL_SIZE);
}

enum option_set {
    NO_OPTIONS,
    SERVER_OPTIONS,
    INVITE_OPTIONS,
    EXPORT_OPTIONS,
    VERIFY_OPTIONS,
    KEEPING_OPTIONS,
    WITNESS_OPTIONS
};

struct option {
    const char *name, *value;
    const char *help; /* lines after the first begin with a newline */
    enum pl_err (*take)(struct parse *p, const char *value);
};

static const struct option server_options[] = {
    {"--listen", "ADDR:PORT",
     "answer HTTP and WebSockets here, HTTPS with a certificate; may be repeated;\n"
     "port 0 picks a free one (" PL_DEFAULT_LISTEN ")",
     take_listen},
    {"--media", "ADDR:PORT",
     "pictures and sound by UDP; may be repeated; media thread i takes PORT+i;\n"
     "0.0.0.0 and [::] stand for all addresses of this machine (" PL_DEFAULT_MEDIA ")",
     take_media},
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
    {"--public-url", "URL",
     "begin the links with this, for example https://parley.example.org; needed\n"
     "behind a reverse proxy",
     take_public_url},
    {"--tls-cert", "FILE",
     "certificate chain (PEM); with it all --listen addresses speak HTTPS;\n"
     "loaded anew when it changes",
     take_tls_cert},
    {"--tls-key", "FILE", "its private key (PEM)", take_tls_key},
};

static const struct option invite_options[] = {
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

static const struct option witness_options[] = {
    {"--url", "URL", "where the witness takes checkpoints: what stands before /add-checkpoint",
     take_witness_url},
    {"--key", "VKEY", "its verifier key", take_witness_key},
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_witness_data},
};

static const struct option keeping_options[] = {
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_keeping_data},
};

static const struct option export_options[] = {
    {"--data", "DIR", "the server's data folder (" PL_DEFAULT_DATA ")", take_export_data},
};

static const struct option verify_options[] = {
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
};

static const struct {
    const struct option *list;
    size_t n;
} option_sets[] = {
    [NO_OPTIONS] = {NULL, 0},
    [SERVER_OPTIONS] = {server_options, sizeof server_options / sizeof *server_options},
    [INVITE_OPTIONS] = {invite_options, sizeof invite_options / sizeof *invite_options},
    [EXPORT_OPTIONS] = {export_options, sizeof export_options / sizeof *export_options},
    [WITNESS_OPTIONS] = {witness_options, sizeof witness_options / sizeof *witness_options},
    [KEEPING_OPTIONS] = {keeping_options, sizeof keeping_options / sizeof *keeping_options},
    [VERIFY_OPTIONS] = {verify_options, sizeof verify_options / sizeof *verify_options},
};

static const struct command {
    const char *name;
    enum pl_cli_command command;
    enum option_set options;
    const char *subject; /* the word that it is on; NULL: none */
    const char *summary, *help;
} commands[] = {
    {"serve", PL_CLI_SERVE, SERVER_OPTIONS, NULL, "run the server",
     "Keeps its meetings in the folder of --data (" PL_DEFAULT_DATA "), where the\n"
     "administrator's token is made at the first start. Ends with SIGTERM or SIGINT.\n"},
    {"demo", PL_CLI_DEMO, SERVER_OPTIONS, NULL,
     "run the server with a demo meeting and print its links",
     "Keeps everything in a temporary folder that is removed at the end; with --data, in that\n"
     "folder, which stays.\n"},
    {"invite", PL_CLI_INVITE, INVITE_OPTIONS, "MEETING",
     "make keys for a meeting's people, and their links",
     "MEETING is its id. Makes an invitation and a key for each of its people, signs the list\n"
     "of their keys (the manifest) with the organiser's key, and prints the links. They are\n"
     "secrets, and printed once. Another time makes other keys: links of before are void.\n"
     "With --person or --revoke all other links stay good.\n"},
    {"export", PL_CLI_EXPORT, EXPORT_OPTIONS, "MEETING",
     "write a meeting's record to standard output",
     "MEETING is its id. The record is one file, which anybody verifies without a server\n"
     "(docs/record.md). A server may run beside it.\n"},
    {"verify", PL_CLI_VERIFY, VERIFY_OPTIONS, "FILE", "verify a meeting's record",
     "FILE was written by parley export; - is standard input. Prints what was checked, what\n"
     "could not be, and the first fault with its place. Ends with 0 if there is no fault, with 1\n"
     "if there is one, with 2 if the file cannot be read.\n"},
    {"key", PL_CLI_KEY, KEEPING_OPTIONS, "ACTION",
     "show, rotate or back up the key that signs records",
     "show            prints it as those who verify need it\n"
     "rotate          makes another, which the old one signs; the server must not run\n"
     "backup FILE     copies it, secret and all, to a new file\n"},
    {"backup", PL_CLI_BACKUP, KEEPING_OPTIONS, "FILE", "copy all meetings to a file",
     "FILE must not be there yet. A server may run beside it. The copy has records, invitations\n"
     "and documents, as they are at one moment; tokens of administrators, traces and the key that\n"
     "signs records are not in it (parley key backup).\n"},
    {"restore", PL_CLI_RESTORE, KEEPING_OPTIONS, "FILE", "make a data folder from such a copy",
     "FILE was written by parley backup. The folder must have no meetings. What was recorded\n"
     "after the copy is lost, and whoever was shown a later checkpoint will see that.\n"},
    {"witness", PL_CLI_WITNESS, WITNESS_OPTIONS, "MEETING",
     "have a witness elsewhere cosign a meeting's record",
     "MEETING is its id. The witness (c2sp.org/tlog-witness) must know the meeting's log; where "
     "it\n"
     "does not, its verifier key is told. The cosignature is kept with the record. A server may\n"
     "run beside it; run it again as the meeting goes on.\n"},
    {"trace", PL_CLI_TRACE, NO_OPTIONS, "FILE", "sum up a trace of somebody's connection",
     "FILE is one of DIR/traces. A trace is made when the administrator asks for it:\n"
     "POST /api/meetings/ID/participants/PID/trace.\n"},
    {"version", PL_CLI_VERSION, NO_OPTIONS, NULL, "print the version", ""},
    {"help", PL_CLI_HELP, NO_OPTIONS, NULL, "print this, or the help of a command", ""},
};

static const struct command *find_command(const char *word)
{
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        word = "version";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        word = "help";
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(word, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

/* argv[*at] is an option; *at moves behind its value. */
static enum pl_err parse_option(struct parse *p, enum option_set set, int argc, char *const *argv,
                                int *at)
{
    const char *word = argv[(*at)++];
    for (size_t i = 0; i < option_sets[set].n; i++) {
        const struct option *o = &option_sets[set].list[i];
        size_t n = strlen(o->name);
        if (strncmp(word, o->name, n) != 0 || (word[n] != 0 && word[n] != '='))
            continue;
        if (word[n] == '=')
            return o->take(p, word + n + 1);
        if (*at == argc)
            return refuse(p, "%s: %s is missing", o->name, o->value);
        return o->take(p, argv[(*at)++]);
    }
    if (word[0] == '-')
        return refuse(p, "unknown option %.100s; see parley help", word);
    return refuse(p, "%.100s: not expected here; see parley help", word);
}

/* Where the word goes that the command is on; NULL: there is none. */
static const char **subject_of(struct pl_config *c)
{
    switch (c->command) {
    case PL_CLI_INVITE:
        return &c->invite.meeting;
    case PL_CLI_EXPORT:
        return &c->exporting.meeting;
    case PL_CLI_VERIFY:
        return &c->verifying.file;
    case PL_CLI_WITNESS:
        return &c->witness.meeting;
    case PL_CLI_KEY:
        return &c->keeping.action;
    case PL_CLI_BACKUP:
    case PL_CLI_RESTORE:
        return &c->keeping.file;
    case PL_CLI_TRACE:
        return &c->trace;
    default:
        return NULL;
    }
}

/* And a second one. */
static const char **object_of(struct pl_config *c)
{
    bool backup =
        c->command == PL_CLI_KEY && c->keeping.action && strcmp(c->keeping.action, "backup") == 0;
    return backup ? &c->keeping.file : NULL;
}

static enum pl_err finish_keeping(struct parse *p)
{
    struct pl_cli_keeping *k = &p->config->keeping;
    if (!k->data)
        k->data = PL_DEFAULT_DATA;
    if (p->config->command != PL_CLI_KEY || !k->action)
        return PL_OK;
    if (strcmp(k->action, "backup") == 0)
        return k->file ? PL_OK : refuse(p, "key backup: FILE is missing; see parley help key");
    if (strcmp(k->action, "show") != 0 && strcmp(k->action, "rotate") != 0)
        return refuse(p, "key %.100s: not show, rotate or backup", k->action);
    return PL_OK;
}

static enum pl_err finish_witness(struct parse *p)
{
    struct pl_cli_witness *w = &p->config->witness;
    if (!w->data)
        w->data = PL_DEFAULT_DATA;
    if (!w->url || !w->key)
        return refuse(p, "witness: %s is missing; see parley help witness",
                      w->url ? "--key VKEY" : "--url URL");
    return PL_OK;
}

static enum pl_err finish_invite(struct parse *p)
{
    struct pl_config *c = p->config;
    if (!c->invite.server)
        c->invite.server = PL_DEFAULT_SERVER;
    if (!c->invite.token)
        c->invite.token = PL_DEFAULT_DATA "/admin-token";
    if (!c->invite.key)
        return refuse(p, "invite: --key FILE is missing; see parley help invite");
    if (c->invite.person && c->invite.revoke)
        return refuse(p, "invite: --person and --revoke do not go together");
    return PL_OK;
}

/* Defaults for what was not given, and what can only be checked in the end. */
static enum pl_err finish(struct parse *p)
{
    struct pl_config *c = p->config;
    enum pl_err e = PL_OK;
    if (c->command == PL_CLI_INVITE)
        return finish_invite(p);
    if (c->command == PL_CLI_WITNESS)
        return finish_witness(p);
    if (c->command == PL_CLI_KEY || c->command == PL_CLI_BACKUP || c->command == PL_CLI_RESTORE)
        return finish_keeping(p);
    if (c->command == PL_CLI_EXPORT && !c->exporting.data)
        c->exporting.data = PL_DEFAULT_DATA;
    if (c->command == PL_CLI_EXPORT || c->command == PL_CLI_VERIFY)
        return PL_OK;
    if (c->n_listen == 0)
        e = take_listen(p, PL_DEFAULT_LISTEN);
    if (!e && c->n_media == 0)
        e = take_media(p, PL_DEFAULT_MEDIA);
    if (!e && !c->data && c->command == PL_CLI_SERVE)
        c->data = PL_DEFAULT_DATA;
    if (!e && !c->tls_cert != !c->tls_key)
        e = refuse(p, "--tls-cert and --tls-key go together: %s is missing",
                   c->tls_cert ? "--tls-key" : "--tls-cert");
    for (size_t i = 0; !e && i < c->n_media; i++)
        if (c->media[i].port && c->media[i].port + c->media_threads - 1 > 65535)
            e = refuse(p, "--media-threads %u: the ports from %u on are not that many",
                       c->media_threads, (unsigned)c->media[i].port);
    return e;
}

enum pl_err pl_cli_parse(int argc, char *const *argv, struct pl_config *out,
                         char why[PL_CLI_WHY_SIZE])
{
    struct pl_config config = {.media_threads = 1, .estimate = true};
    struct parse p = {&config, why};
    if (argc < 2)
        return refuse(&p, "no command; see parley help");
    const struct command *command = find_command(argv[1]);
    if (!command)
        return refuse(&p, "unknown command %.100s; see parley help", argv[1]);
    config.command = command->command;
    int at = 2;
    if (command->command == PL_CLI_HELP && at < argc) {
        config.topic = argv[at++];
        if (!find_command(config.topic))
            return refuse(&p, "no help on %.100s; see parley help", config.topic);
    }
    enum pl_err e = PL_OK;
    const char **subject = subject_of(&config);
    while (!e && at < argc) {
        if (subject && !*subject && (argv[at][0] != '-' || !argv[at][1])) {
            *subject = argv[at++];
            continue;
        }
        const char **object = object_of(&config);
        if (object && !*object && argv[at][0] != '-') {
            *object = argv[at++];
            continue;
        }
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            *out = (struct pl_config){.command = PL_CLI_HELP, .topic = command->name};
            return PL_OK;
        }
        if (command->options)
            e = parse_option(&p, command->options, argc, argv, &at);
        else
            e = refuse(&p, "%.100s: not expected here; see parley help", argv[at]);
    }
    if (!e && command->options)
        e = finish(&p);
    if (!e && subject && !*subject)
        e = refuse(&p, "%s: %s is missing; see parley help %s", command->name, command->subject,
                   command->name);
    if (!e)
        *out = config;
    return e;
}

static void help_options(FILE *to, enum option_set set)
{
    fputs("\nOptions (defaults in brackets):\n", to);
    for (size_t i = 0; i < option_sets[set].n; i++) {
        const struct option *o = &option_sets[set].list[i];
        fprintf(to, "  %s %s\n      ", o->name, o->value);
        for (const char *c = o->help; *c; c++) {
            fputc(*c, to);
            if (*c == '\n')
                fputs("      ", to);
        }
        fputc('\n', to);
    }
}

enum pl_err pl_cli_help(FILE *to, const char *topic)
{
    const struct command *command = topic ? find_command(topic) : NULL;
    if (topic && !command)
        return PL_ENOENT;
    if (!command) {
        fputs("Parley, a self-hosted server for virtual meetings.\n\nUsage:\n", to);
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
            fprintf(to, "  parley %-8s %-10s %s\n", commands[i].name,
                    commands[i].subject                  ? commands[i].subject
                    : commands[i].options                ? "[OPTIONS]"
                    : commands[i].command == PL_CLI_HELP ? "[COMMAND]"
                                                         : "",
                    commands[i].summary);
        help_options(to, SERVER_OPTIONS);
        return PL_OK;
    }
    fprintf(to, "parley %s: %s.\n%s%s", command->name, command->summary, *command->help ? "\n" : "",
            command->help);
    if (command->options)
        help_options(to, command->options);
    return PL_OK;
}
