/* What the files of the command line share, and nobody else includes: cli.c (commands, parsing,
 * help) and cli_options.c (options, and what each takes). */
#ifndef PL_SERVER_CLI_PARTS_H
#define PL_SERVER_CLI_PARTS_H

#include "server/cli.h"

struct pl_cli_words {
    struct pl_config *config;
    char *why;
};

/* Says why, in one line; returns PL_EINVAL. */
enum pl_err pl_cli_refuse(struct pl_cli_words *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

enum pl_cli_option_set {
    NO_OPTIONS,
    SERVER_OPTIONS,
    DEMO_OPTIONS, /* beside those of the server */
    INVITE_OPTIONS,
    EXPORT_OPTIONS,
    VERIFY_OPTIONS,
    MINUTES_OPTIONS,
    KEEPING_OPTIONS,
    DRAIN_OPTIONS,
    WITNESS_OPTIONS,
    OPTION_SETS
};

struct pl_cli_option {
    const char *name, *value; /* value NULL: it has none */
    const char *help;         /* lines after the first begin with a newline */
    enum pl_err (*take)(struct pl_cli_words *p, const char *value);
};

/* Two of them take their defaults, too. */
enum pl_err pl_cli_take_listen(struct pl_cli_words *p, const char *value);
enum pl_err pl_cli_take_media(struct pl_cli_words *p, const char *value);

extern const struct pl_cli_options {
    const struct pl_cli_option *list;
    size_t n;
} pl_cli_option_sets[OPTION_SETS];

#endif
