/* The command line: `parley serve`, `demo`, `version`, `help`. */
#include "server/cli.h"
#include "server/serve.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct pl_config config;
    char why[PL_CLI_WHY_SIZE];
    if (pl_cli_parse(argc, argv, &config, why) != PL_OK) {
        fprintf(stderr, "parley: %s\n", why);
        return PL_EXIT_REFUSED;
    }
    switch (config.command) {
    case PL_CLI_SERVE:
    case PL_CLI_DEMO:
        return pl_serve(&config);
    case PL_CLI_VERSION:
        puts("parley " PL_VERSION);
        return 0;
    case PL_CLI_HELP:
        return pl_cli_help(stdout, config.topic) == PL_OK ? 0 : PL_EXIT_REFUSED;
    }
    return PL_EXIT_REFUSED;
}
