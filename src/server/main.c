/* The command line: see cli.h. */
#include "io/confine.h"
#include "server/audit_command.h"
#include "server/cli.h"
#include "server/complain.h"
#include "server/drain.h"
#include "server/export.h"
#include "server/handover.h"
#include "server/invite.h"
#include "server/keeping.h"
#include "server/keyholder_process.h"
#include "server/minutes_command.h"
#include "server/serve.h"
#include "server/simulator.h"
#include "server/trace_summary.h"
#include "server/verify.h"
#include "server/witness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Each connection is a descriptor, and the usual soft limit of 1024 is made for select(2). The hard
 * one is what the administrator allows; if it is lower than pl_httpd_limits.connections, accepting
 * pauses there. */
static void allow_descriptors(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

static int serve(const struct pl_config *config, char *const *argv)
{
    char why[PL_CONFINE_WHY_SIZE];
    allow_descriptors();
    if (config->user && pl_confine_user(config->user, why) != PL_OK) {
        pl_complain("--user %s", why);
        return PL_EXIT_REFUSED;
    }
    return pl_serve(config, argv);
}

int main(int argc, char **argv)
{
    struct pl_config config;
    char why[PL_CLI_WHY_SIZE];
    bool keyholder = pl_keyholder_is(argc, argv);
    if (!keyholder && pl_cli_parse(argc, argv, &config, why) != PL_OK) {
        fprintf(stderr, "parley: %s\n", why);
        return PL_EXIT_REFUSED;
    }
    /* Keys and tokens are in the memory of nearly every command. */
    if (pl_confine_dumps() != PL_OK) {
        pl_complain("core dumps cannot be turned off: %s", strerror(errno));
        return PL_EXIT_REFUSED;
    }
    if (keyholder)
        return pl_keyholder_become(argv);
    switch (config.command) {
    case PL_CLI_SERVE:
    case PL_CLI_DEMO:
        return serve(&config, argv);
    case PL_CLI_INVITE:
        return pl_invite(&config.invite) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_EXPORT:
        return pl_export(&config.exporting) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_AUDIT:
        return pl_audit_command(config.keeping.data) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_VERIFY:
        return pl_verify(&config.verifying);
    case PL_CLI_MINUTES:
        return pl_minutes_command(&config.minutes) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_KEY:
        return pl_key_command(&config.keeping) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_BACKUP:
        return pl_backup(&config.keeping) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_RESTORE:
        return pl_restore(&config.keeping) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_UPGRADE:
        return pl_upgrade_command(config.keeping.data) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_DRAIN:
        return pl_drain_command(config.keeping.data, config.drain) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_WITNESS:
        return pl_witness(&config.witness) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_TRACE:
        return pl_summary_print(config.trace) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_SIMULATE:
        return pl_simulator_become(argv + 2) ? 0 : PL_EXIT_REFUSED;
    case PL_CLI_VERSION:
        puts("parley " PL_VERSION);
        return 0;
    case PL_CLI_HELP:
        if (config.topic && strcmp(config.topic, "simulate") == 0)
            return pl_simulator_become((char *[]){"--help", NULL}) ? 0 : PL_EXIT_REFUSED;
        return pl_cli_help(stdout, config.topic) == PL_OK ? 0 : PL_EXIT_REFUSED;
    }
    return PL_EXIT_REFUSED;
}
