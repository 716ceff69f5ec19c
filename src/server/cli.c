/* See cli.h. Here: commands, their words, and help. */
#include "server/cli_parts.h"

#include "server/audit.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

enum pl_err pl_cli_refuse(struct pl_cli_words *p, const char *format, ...)
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

static const struct command {
    const char *name;
    enum pl_cli_command command;
    enum pl_cli_option_set options;
    const char *subject; /* the word that it is on; NULL: none */
    const char *summary, *help;
} commands[] = {
    {"serve", PL_CLI_SERVE, SERVER_OPTIONS, NULL, "run the server",
     "Keeps its meetings in the folder of --data (" PL_DEFAULT_DATA "), where the\n"
     "administrator's token is made at the first start. Ends with SIGTERM or SIGINT.\n"},
    {"demo", PL_CLI_DEMO, DEMO_OPTIONS, NULL,
     "run the server with a council of simulated delegations, print its links",
     "A council of 32 meets twice: once not encrypted, with simulated delegations (parley "
     "simulate),\n"
     "and once encrypted, with nobody yet. Keeps everything in a temporary folder that is removed\n"
     "at the end; with --data, in that folder, which stays.\n"},
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
     "FILE was written by parley export, or by parley audit; - is standard input. Prints what was "
     "checked, what\n"
     "could not be, and the first fault with its place. Ends with 0 if there is no fault, with 1\n"
     "if there is one, with 2 if the file cannot be read.\n"},
    {"audit", PL_CLI_AUDIT, KEEPING_OPTIONS, NULL, "write what was done here to standard output",
     "Who signed in, made and deleted meetings, invited, gave roles: one file, a line an event,\n"
     "which parley verify checks (docs/record.md). A server may run beside it.\n"},
    {"minutes", PL_CLI_MINUTES, MINUTES_OPTIONS, "MEETING",
     "write a meeting's minutes to standard output",
     "MEETING is its id. As they stand; once they are adopted, the text is the very one that was\n"
     "adopted. A server may run beside it. A page becomes a PDF when a browser prints it:\n"
     "chromium --headless --no-pdf-header-footer --print-to-pdf=FILE PAGE.\n"},
    {"key", PL_CLI_KEY, KEEPING_OPTIONS, "ACTION",
     "show, rotate or back up the key that signs records",
     "show            prints it as those who verify need it\n"
     "witnesses       says what witnesses elsewhere cosigned, and when they did last\n"
     "rotate          makes another, which the old one signs; the server must not run\n"
     "backup FILE     copies it, secret and all, to a new file\n"},
    {"backup", PL_CLI_BACKUP, KEEPING_OPTIONS, "FILE", "copy all meetings to a file",
     "FILE must not be there yet. A server may run beside it. The copy has records, invitations\n"
     "and documents, as they are at one moment; tokens of administrators, traces and the key that\n"
     "signs records are not in it (parley key backup).\n"},
    {"restore", PL_CLI_RESTORE, KEEPING_OPTIONS, "FILE", "make a data folder from such a copy",
     "FILE was written by parley backup. The folder must have no meetings. What was recorded\n"
     "after the copy is lost, and whoever was shown a later checkpoint will see that.\n"},
    {"upgrade", PL_CLI_UPGRADE, KEEPING_OPTIONS, NULL,
     "replace the running server without ending a call",
     "The server starts the program that stands at its own path now, with its own options, and\n"
     "hands everything over to it (SIGUSR2 asks it for the same). If that one does not start, or\n"
     "does not fit, the server goes on as it was.\n"},
    {"drain", PL_CLI_DRAIN, DRAIN_OPTIONS, NULL,
     "let meetings end, open no other, then end the server",
     "For maintenance. Meetings that are under way go on, and people still come into them; no\n"
     "meeting is made, and none is opened that nobody is in. Who presides is told so, with the\n"
     "deadline if there is one. The server ends when the last participant has left (SIGUSR1 asks\n"
     "it for the same). Another time changes the deadline; an upgrade meanwhile goes on with "
     "it.\n"},
    {"witness", PL_CLI_WITNESS, WITNESS_OPTIONS, "MEETING",
     "have a witness elsewhere cosign a meeting's record",
     "MEETING is its id. The witness (c2sp.org/tlog-witness) must know the meeting's log; where "
     "it\n"
     "does not, its verifier key is told. The cosignature is kept with the record. A server may\n"
     "run beside it; one that is started with --witness asks by itself.\n"},
    {"trace", PL_CLI_TRACE, NO_OPTIONS, "FILE", "sum up a trace of somebody's connection",
     "FILE is one of DIR/traces. A trace is made when the administrator asks for it:\n"
     "POST /api/meetings/ID/participants/PID/trace.\n"},
    {"simulate", PL_CLI_SIMULATE, NO_OPTIONS, NULL,
     "take part in a meeting as simulated delegations",
     "parley-simulate, a program beside this one, tells the rest itself.\n"},
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
static enum pl_err parse_option(struct pl_cli_words *p, enum pl_cli_option_set set, int argc,
                                char *const *argv, int *at)
{
    const char *word = argv[*at];
    for (size_t i = 0; i < pl_cli_option_sets[set].n; i++) {
        const struct pl_cli_option *o = &pl_cli_option_sets[set].list[i];
        size_t n = strlen(o->name);
        if (strncmp(word, o->name, n) != 0 || (word[n] != 0 && word[n] != '='))
            continue;
        ++*at;
        if (!o->value)
            return word[n] ? pl_cli_refuse(p, "%s: it has no value", o->name) : o->take(p, NULL);
        if (word[n] == '=')
            return o->take(p, word + n + 1);
        if (*at == argc)
            return pl_cli_refuse(p, "%s: %s is missing", o->name, o->value);
        return o->take(p, argv[(*at)++]);
    }
    if (set == DEMO_OPTIONS)
        return parse_option(p, SERVER_OPTIONS, argc, argv, at);
    if (word[0] == '-')
        return pl_cli_refuse(p, "unknown option %.100s; see parley help", word);
    return pl_cli_refuse(p, "%.100s: not expected here; see parley help", word);
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
    case PL_CLI_MINUTES:
        return &c->minutes.meeting;
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

static enum pl_err finish_keeping(struct pl_cli_words *p)
{
    struct pl_cli_keeping *k = &p->config->keeping;
    if (!k->data)
        k->data = PL_DEFAULT_DATA;
    if (p->config->command != PL_CLI_KEY || !k->action)
        return PL_OK;
    if (strcmp(k->action, "backup") == 0)
        return k->file ? PL_OK
                       : pl_cli_refuse(p, "key backup: FILE is missing; see parley help key");
    if (strcmp(k->action, "show") != 0 && strcmp(k->action, "witnesses") != 0 &&
        strcmp(k->action, "rotate") != 0)
        return pl_cli_refuse(p, "key %.100s: not show, witnesses, rotate or backup", k->action);
    return PL_OK;
}

static enum pl_err finish_witness(struct pl_cli_words *p)
{
    struct pl_cli_witness *w = &p->config->witness;
    if (!w->data)
        w->data = PL_DEFAULT_DATA;
    if (!w->url || !w->key)
        return pl_cli_refuse(p, "witness: %s is missing; see parley help witness",
                             w->url ? "--key VKEY" : "--url URL");
    return PL_OK;
}

static enum pl_err finish_invite(struct pl_cli_words *p)
{
    struct pl_config *c = p->config;
    if (!c->invite.server)
        c->invite.server = PL_DEFAULT_SERVER;
    if (!c->invite.token)
        c->invite.token = PL_DEFAULT_DATA "/admin-token";
    if (!c->invite.key)
        return pl_cli_refuse(p, "invite: --key FILE is missing; see parley help invite");
    if (c->invite.person && c->invite.revoke)
        return pl_cli_refuse(p, "invite: --person and --revoke do not go together");
    return PL_OK;
}

/* Defaults for what was not given, and what can only be checked in the end. */
static enum pl_err finish(struct pl_cli_words *p)
{
    struct pl_config *c = p->config;
    enum pl_err e = PL_OK;
    if (c->command == PL_CLI_INVITE)
        return finish_invite(p);
    if (c->command == PL_CLI_WITNESS)
        return finish_witness(p);
    if (c->command == PL_CLI_KEY || c->command == PL_CLI_BACKUP || c->command == PL_CLI_RESTORE ||
        c->command == PL_CLI_UPGRADE || c->command == PL_CLI_DRAIN || c->command == PL_CLI_AUDIT)
        return finish_keeping(p);
    if (c->command == PL_CLI_EXPORT && !c->exporting.data)
        c->exporting.data = PL_DEFAULT_DATA;
    if (c->command == PL_CLI_MINUTES && !c->minutes.data)
        c->minutes.data = PL_DEFAULT_DATA;
    if (c->command == PL_CLI_EXPORT || c->command == PL_CLI_VERIFY)
        return PL_OK;
    if (c->n_listen == 0)
        e = pl_cli_take_listen(p, PL_DEFAULT_LISTEN);
    if (!e && c->n_media == 0)
        e = pl_cli_take_media(p, PL_DEFAULT_MEDIA);
    if (!e && !c->data && c->command == PL_CLI_SERVE)
        c->data = PL_DEFAULT_DATA;
    if (!e && !c->oidc_issuer != !c->oidc_client_id)
        e = pl_cli_refuse(p, "--oidc-issuer and --oidc-client-id go together");
    if (!e && (c->oidc_secret_file || c->oidc_name) && !c->oidc_issuer)
        e = pl_cli_refuse(p, "--oidc-client-secret-file, --oidc-name: without --oidc-issuer");
    if (!e && c->oidc_issuer && !c->oidc_name)
        c->oidc_name = strstr(c->oidc_issuer, "://") + 3;
    if (!e && !c->tls_cert != !c->tls_key)
        e = pl_cli_refuse(p, "--tls-cert and --tls-key go together: %s is missing",
                          c->tls_cert ? "--tls-key" : "--tls-cert");
    for (size_t i = 0; !e && i < c->n_media; i++)
        if (c->media[i].port && c->media[i].port + c->media_threads - 1 > 65535)
            e = pl_cli_refuse(p, "--media-threads %u: the ports from %u on are not that many",
                              c->media_threads, (unsigned)c->media[i].port);
    return e;
}

enum pl_err pl_cli_parse(int argc, char *const *argv, struct pl_config *out,
                         char why[PL_CLI_WHY_SIZE])
{
    struct pl_config config = {
        .media_threads = 1,
        .estimate = true,
        .seats = PL_DEMO_SEATS,
        .audit_days = PL_AUDIT_DAYS,
    };
    struct pl_cli_words p = {&config, why};
    if (argc < 2)
        return pl_cli_refuse(&p, "no command; see parley help");
    const struct command *command = find_command(argv[1]);
    if (!command)
        return pl_cli_refuse(&p, "unknown command %.100s; see parley help", argv[1]);
    config.command = command->command;
    int at = 2;
    if (command->command == PL_CLI_SIMULATE) {
        *out = config;
        return PL_OK;
    }
    if (command->command == PL_CLI_HELP && at < argc) {
        config.topic = argv[at++];
        if (!find_command(config.topic))
            return pl_cli_refuse(&p, "no help on %.100s; see parley help", config.topic);
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
            e = pl_cli_refuse(&p, "%.100s: not expected here; see parley help", argv[at]);
    }
    if (!e && command->options)
        e = finish(&p);
    if (!e && subject && !*subject)
        e = pl_cli_refuse(&p, "%s: %s is missing; see parley help %s", command->name,
                          command->subject, command->name);
    if (!e)
        *out = config;
    return e;
}

static void list_options(FILE *to, enum pl_cli_option_set set)
{
    for (size_t i = 0; i < pl_cli_option_sets[set].n; i++) {
        const struct pl_cli_option *o = &pl_cli_option_sets[set].list[i];
        fprintf(to, "  %s%s%s\n      ", o->name, o->value ? " " : "", o->value ? o->value : "");
        for (const char *c = o->help; *c; c++) {
            fputc(*c, to);
            if (*c == '\n')
                fputs("      ", to);
        }
        fputc('\n', to);
    }
}

static void help_options(FILE *to, enum pl_cli_option_set set)
{
    fputs("\nOptions (defaults in brackets):\n", to);
    if (set == DEMO_OPTIONS)
        list_options(to, SERVER_OPTIONS);
    list_options(to, set);
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
                    commands[i].subject ? commands[i].subject
                    : commands[i].options || commands[i].command == PL_CLI_SIMULATE ? "[OPTIONS]"
                    : commands[i].command == PL_CLI_HELP                            ? "[COMMAND]"
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
