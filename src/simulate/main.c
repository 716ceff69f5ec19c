/* parley-simulate: simulated delegations, for demonstrations and as a load. See simulation.h. What
 * was counted is the last line that it prints, as JSON. */
#include "simulate/meetings.h"
#include "simulate/simulation.h"

#include "io/file.h"
#include "io/signals.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LINKS_MAX (4 << 20) /* bytes of a file of links */
#define GOODBYE (500 * PL_MS)
#define LOOK_EVERY (200 * PL_MS)
#define EXIT_WRONG 2

struct program {
    struct pl_loop *loop;
    struct pl_simulation *simulation;
    struct pl_signal *signals[2];
    struct pl_timer look;
    pl_time_us until; /* PL_NEVER: it is ended */
    bool leaving;
};

struct options {
    struct pl_simulation_config config;
    struct pl_meetings_wanted meetings;
    double seconds;
    const char *links; /* a file, or "-" */
};

static const char usage[] =
    "parley simulate: take part in a meeting that is not encrypted, as delegations would.\n"
    "\n"
    "usage: parley simulate [OPTIONS] FILE      FILE has the links, one a line; -: standard input\n"
    "       parley simulate [OPTIONS] --meetings N --token FILE\n"
    "\n"
    "A link may have other words before it. Who would preside is left out. The delegations have\n"
    "test pictures and speech-like sound, ask for the floor and speak when they have it, take\n"
    "positions, vote, and answer a silence. Ctrl-C ends it; the last line is JSON.\n"
    "\n"
    "Options (defaults in brackets):\n"
    "  --seats N       delegations of each meeting, at most [31]\n"
    "  --rate N        joins a second [20]\n"
    "  --seconds N     end by itself after that time\n"
    "  --hand S        mean time from one wish to speak to the next, of each; 0: none [240]\n"
    "  --speech S      mean length of what is said [20]\n"
    "  --think S       longest time over a position; over a vote three eighths of it [40]\n"
    "  --away S        mean time until one leaves for a while; 0: none does [0]\n"
    "  --hears N       how many voices each receives [1]\n"
    "  --no-pictures   without cameras\n"
    "  --seed N        other numbers, other delegations [1]\n"
    "  --meetings N    make so many open meetings, of --seats people each\n"
    "  --server URL    of whom [http://127.0.0.1:8080]\n"
    "  --token FILE    with the administrator's token [parley-data/admin-token]\n";

static void __attribute__((noreturn)) refuse(const char *what, const char *why)
{
    fprintf(stderr, "parley simulate: %s: %s\n", what, why);
    exit(EXIT_WRONG);
}

static double number(const char *option, const char *text, double least, double most)
{
    char *end;
    double v = text ? strtod(text, &end) : NAN;
    if (!text || end == text || *end || !(v >= least && v <= most)) {
        char why[80];
        snprintf(why, sizeof why, "a number from %g to %g is missing", least, most);
        refuse(option, why);
    }
    return v;
}

static pl_time_us seconds(const char *option, const char *text)
{
    return (pl_time_us)(number(option, text, 0, 86400) * PL_SECOND);
}

/* False: there is no such option with a value. */
static bool take(struct options *o, const char *name, const char *value)
{
    struct pl_simulation_config *c = &o->config;
    if (strcmp(name, "--seats") == 0)
        c->seats = (size_t)number(name, value, 1, 1000);
    else if (strcmp(name, "--rate") == 0)
        c->rate = number(name, value, 0.1, 1000);
    else if (strcmp(name, "--seconds") == 0)
        o->seconds = number(name, value, 1, 1e6);
    else if (strcmp(name, "--hand") == 0)
        c->habits.hand = seconds(name, value);
    else if (strcmp(name, "--speech") == 0)
        c->habits.speech = seconds(name, value);
    else if (strcmp(name, "--away") == 0)
        c->habits.away = seconds(name, value);
    else if (strcmp(name, "--think") == 0)
        c->habits.think = seconds(name, value);
    else if (strcmp(name, "--hears") == 0)
        c->hears = (unsigned)number(name, value, 0, 7);
    else if (strcmp(name, "--seed") == 0)
        c->seed = (uint64_t)number(name, value, 0, 1e9);
    else if (strcmp(name, "--meetings") == 0)
        o->meetings.n = (unsigned)number(name, value, 1, 1000);
    else if (strcmp(name, "--server") == 0 && value)
        o->meetings.server = value;
    else if (strcmp(name, "--token") == 0 && value)
        o->meetings.token_file = value;
    else
        return false;
    return true;
}

static struct options parse(int argc, char **argv)
{
    struct options o = {
        .config = {.habits = {.hand = 240 * PL_SECOND,
                              .speech = 20 * PL_SECOND,
                              .think = 40 * PL_SECOND},
                   .rate = 20,
                   .hears = 1,
                   .pictures = true,
                   .seed = 1,
                   .seats = 31},
        .meetings = {.server = "http://127.0.0.1:8080", .token_file = "parley-data/admin-token"},
    };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            exit(0);
        }
        if (strcmp(argv[i], "--no-pictures") == 0)
            o.config.pictures = false;
        else if (argv[i][0] != '-' || !argv[i][1])
            o.links = argv[i];
        else if (take(&o, argv[i], i + 1 < argc ? argv[i + 1] : NULL))
            i++;
        else
            refuse(argv[i], "not expected here; see parley simulate --help");
    }
    if (!o.links == !o.meetings.n)
        refuse("FILE or --meetings", "one of them is needed; see parley simulate --help");
    o.meetings.people = o.config.seats;
    return o;
}

static void read_links(const char *name, struct pl_buf *out)
{
    char part[65536];
    if (strcmp(name, "-") != 0) {
        enum pl_err e = pl_file_read(name, LINKS_MAX, out);
        if (e)
            refuse(name, e == PL_ELIMIT ? "too long" : strerror(e == PL_ENOENT ? ENOENT : errno));
        return;
    }
    for (ssize_t n; (n = read(STDIN_FILENO, part, sizeof part)) > 0;)
        if (out->len + (size_t)n <= LINKS_MAX)
            pl_buf_add(out, part, (size_t)n);
}

/* The last word of each line that has a link. */
static size_t add_links(struct pl_simulation *s, struct pl_str text)
{
    size_t n = 0;
    while (text.n) {
        struct pl_str line = pl_str_split(&text, '\n'), word = line;
        char why[PL_FETCH_WHY_SIZE];
        for (size_t i = 0; i < line.n; i++)
            if (line.p[i] == ' ' && i + 1 < line.n)
                word = (struct pl_str){line.p + i + 1, line.n - i - 1};
        if (!word.n || !memmem(word.p, word.n, "/m/", 3))
            continue;
        if (pl_simulation_add(s, word, why))
            refuse("links", why);
        n++;
    }
    return n;
}

static void leave(struct program *p)
{
    if (p->leaving)
        return;
    p->leaving = true;
    p->until = pl_loop_now(p->loop) + GOODBYE;
    pl_simulation_leave(p->simulation);
}

static void on_signal(void *ctx, int signo, int value)
{
    (void)signo;
    (void)value;
    leave(ctx);
}

static void on_look(struct pl_timer *t)
{
    struct program *p = pl_container_of(t, struct program, look);
    pl_time_us now = pl_loop_now(p->loop);
    pl_timer_move(p->loop, t, now + LOOK_EVERY);
    if (p->leaving && now >= p->until)
        pl_loop_stop(p->loop);
    else if (now >= p->until || pl_simulation_is_over(p->simulation))
        leave(p);
}

static bool start(struct program *p, const struct options *o)
{
    static const int signos[2] = {SIGTERM, SIGINT};
    enum pl_err e = pl_loop_new(&p->loop);
    for (int i = 0; !e && i < 2; i++)
        e = pl_signal_watch(p->loop, signos[i], on_signal, p, &p->signals[i]);
    if (!e)
        e = pl_simulation_new(p->loop, &o->config, &p->simulation);
    p->look.fire = on_look;
    p->until =
        o->seconds > 0 ? pl_loop_now(p->loop) + (pl_time_us)(o->seconds * PL_SECOND) : PL_NEVER;
    if (!e)
        e = pl_timer_set(p->loop, &p->look, pl_loop_now(p->loop) + LOOK_EVERY);
    if (e)
        fprintf(stderr, "parley simulate: %s\n",
                e == PL_ENOENT ? "the font DejaVu Sans is missing (Debian: fonts-dejavu-core)"
                               : "cannot start");
    return !e;
}

/* Whether somebody came in. */
static bool tell(const struct program *p)
{
    struct pl_buf text = {0};
    const char *trouble = pl_simulation_trouble(p->simulation);
    if (*trouble)
        fprintf(stderr, "parley simulate: %s\n", trouble);
    pl_simulation_tell(p->simulation, &text);
    printf("%s\n", text.data ? text.data : "{}");
    pl_buf_free(&text);
    return !*trouble;
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv);
    struct program p = {0};
    struct pl_buf links = {0};
    char why[PL_FETCH_WHY_SIZE];
    signal(SIGPIPE, SIG_IGN);
    if (o.links)
        read_links(o.links, &links);
    else if (pl_meetings_make(&o.meetings, &links, why))
        refuse("--meetings", why);
    bool good = start(&p, &o);
    if (good && add_links(p.simulation, (struct pl_str){links.data, links.len}) == 0)
        refuse(o.links ? o.links : "--meetings", "no link is in it");
    if (good) {
        pl_loop_run(p.loop);
        good = tell(&p);
    }
    pl_simulation_free(p.simulation);
    if (p.loop)
        pl_timer_clear(p.loop, &p.look);
    for (int i = 0; i < 2; i++)
        pl_signal_free(p.signals[i]);
    pl_loop_free(p.loop);
    pl_buf_free(&links);
    return good ? 0 : 1;
}
