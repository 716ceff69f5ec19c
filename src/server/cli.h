/* The command line: `parley serve`, `demo`, `invite`, `export`, `verify`, `audit`, `minutes`,
 * `key`, `backup`, `restore`, `upgrade`, `drain`, `witness`, `trace`, `simulate`, `version`,
 * `help`. Parsing is pure: words in, a configuration out. */
#ifndef PL_SERVER_CLI_H
#define PL_SERVER_CLI_H

#include "base/addr.h"
#include "base/err.h"
#include "minutes/minutes.h"
#include "record/verify.h"
#include "server/media.h"
#include "server/witnesses.h"

#include <stdio.h>

#define PL_LISTEN_MAX 16
#define PL_CLI_WHY_SIZE 300
#define PL_PUBLIC_URL_SIZE 300 /* "https://", a host of 255 characters, a port */

/* What is used when the option is not given. */
#define PL_DEFAULT_LISTEN "127.0.0.1:8080" /* people elsewhere need HTTPS: browsers want it */
#define PL_DEFAULT_MEDIA "0.0.0.0:7000"
#define PL_DEFAULT_DATA "parley-data"
#define PL_DEMO_SEATS 31 /* of 32: one is whose who looks on, if they like */
#define PL_DEMO_SEATS_MAX 32

/* What `drain` tells the server: a deadline in so many minutes, or one of these. */
#define PL_DRAIN_OPEN 0            /* no deadline; also what kill(1) says */
#define PL_DRAIN_MINUTES_MAX 10080 /* a week: a slip of the keyboard is no plan */
#define PL_DRAIN_CANCEL (-1)
#define PL_DRAIN_STATUS (-2)
#define PL_DEFAULT_SERVER "http://" PL_DEFAULT_LISTEN

/* Exit status of wrong usage and of a start that the system refuses. */
#define PL_EXIT_REFUSED 2

enum pl_cli_command {
    PL_CLI_SERVE,
    PL_CLI_DEMO,
    PL_CLI_INVITE,
    PL_CLI_EXPORT,
    PL_CLI_VERIFY,
    PL_CLI_AUDIT,
    PL_CLI_MINUTES,
    PL_CLI_KEY,
    PL_CLI_BACKUP,
    PL_CLI_RESTORE,
    PL_CLI_UPGRADE,
    PL_CLI_DRAIN,
    PL_CLI_WITNESS,
    PL_CLI_TRACE,
    PL_CLI_SIMULATE, /* the words behind it are that program's */
    PL_CLI_VERSION,
    PL_CLI_HELP
};

/* Strings are borrowed from argv, or static. */
struct pl_config {
    enum pl_cli_command command;
    const char *trace; /* TRACE: the file */
    struct pl_cli_invite {
        const char *server, *token, *key; /* an origin, and two files */
        const char *meeting;
        /* One of these at most, else everybody is invited: who gets a new link, who is revoked. */
        const char *person, *revoke;
    } invite; /* INVITE */
    struct pl_cli_export {
        const char *meeting, *data; /* its id; the data folder */
    } exporting;                    /* EXPORT */
    struct pl_cli_verify {
        const char *file;
        const char *key, *organiser; /* a verifier key, a fingerprint; NULL: none */
        const char *paper;           /* a file of minutes; NULL: none */
        const char *witnesses[PL_VERIFY_WITNESSES_MAX]; /* verifier keys */
        size_t n_witnesses;
    } verifying; /* VERIFY */
    struct pl_cli_minutes {
        const char *meeting, *data;
        enum pl_minutes_language language;
        bool html;                           /* else text */
        char public_url[PL_PUBLIC_URL_SIZE]; /* as that of the server; "": not given */
    } minutes;                               /* MINUTES */
    struct pl_cli_keeping {
        const char *action; /* KEY: show, witnesses, rotate or backup */
        const char *file;   /* KEY backup, BACKUP, RESTORE */
        const char *data;
    } keeping; /* of UPGRADE and DRAIN the folder alone */
    int drain; /* DRAIN: what goes with the signal (drain.h) */
    struct pl_cli_witness {
        const char *meeting, *data;
        const char *url, *key; /* the witness's submission prefix, and its verifier key */
    } witness;
    const char *topic; /* HELP: the command asked about, or NULL */
    struct pl_addr listen[PL_LISTEN_MAX];
    size_t n_listen;
    struct pl_addr turn[PL_LISTEN_MAX]; /* none: on the addresses of `listen` */
    size_t n_turn;
    bool turn_off;
    struct pl_addr media[PL_MEDIA_ADDRS_MAX];
    size_t n_media;
    struct pl_addr public_addrs[PL_MEDIA_ADDRS_MAX];
    size_t n_public_addrs;
    unsigned media_threads;
    unsigned seats;       /* DEMO: simulated delegations; 0: none */
    bool estimate;        /* what a receiver's path carries limits what is sent there */
    unsigned retain_days; /* that a meeting is kept once it is over; 0: until it is deleted */
    const char *data;     /* NULL: a temporary folder (demo) */
    const char *user;     /* to become; NULL: who started it */
    const char *tls_cert; /* both, or both NULL */
    const char *tls_key;
    const char *witnesses[PL_WITNESSES_MAX]; /* URL=VKEY each, good ones */
    size_t n_witnesses;
    const char *oidc_issuer, *oidc_client_id; /* both, or both NULL */
    const char *oidc_secret_file;             /* NULL: the client has no secret */
    const char *oidc_name;                    /* what people call the provider */
    unsigned audit_days;                      /* that the audit keeps what was done */
    char public_url[PL_PUBLIC_URL_SIZE]; /* "https://host[:port]"; "" = as the request names us */
};

/* argv[0] is the program. On PL_EINVAL `why` is one line that names the option. */
enum pl_err pl_cli_parse(int argc, char *const *argv, struct pl_config *out,
                         char why[PL_CLI_WHY_SIZE]) PL_CHECKED;

/* The help of a command, or of all if `topic` is NULL. PL_ENOENT: there is none of that name. */
enum pl_err pl_cli_help(FILE *to, const char *topic) PL_CHECKED;

#endif
