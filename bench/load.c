/* The load client as a program: commands come on standard input, a line each, and answers go to
 * standard output, a line of JSON each. It prints {"fingerprint": …} first. usage: bench_load
 * [NAP], microseconds, see client/call.h.
 *
 *   publish PLACE [audio=1] [level=30] [ssrc=N] [video=FPS,PACKETS,BYTES,WIDTH,HEIGHT]…
 *   receive PLACE [audio=N] [video=N] [gro=1] [all=1]
 *       PLACE: http ADDR:PORT PATH TOKEN, sdp FILE UFRAG PWD, or bare ADDR:PORT NUMBER
 *   settle SECONDS    waits until nobody joins any more: how many are up, how long it took
 *   measure SECONDS   says {"measuring": true}, then what arrived meanwhile
 *   end N             the first N clients say goodbye
 *   quit              and so does the end of input
 *
 * While settle or measure lasts, only publish and receive are obeyed; others wait. */
#include "bare.h"
#include "synthetic.h"

#include "client/call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WORDS_MAX 24
#define LINE_MAX_BYTES 4096

enum pending { NOTHING, SETTLING, MEASURING };

struct program {
    struct pl_calls *calls;
    struct pl_call **sessions;
    struct synthetic **made; /* by a publisher, one for each session */
    struct histogram latency;
    unsigned n, cap;
    char input[65536];
    size_t n_input;
    enum pending pending;
    int64_t began_ns, until_ns;
    struct pl_calls_totals before;
    double cpu_before;
    bool over;
};

static void __attribute__((noreturn)) refuse(const char *what)
{
    fprintf(stderr, "load: not understood: %s\n", what);
    exit(2);
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static struct sockaddr_in parse_addr(char *text)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    char *port = strrchr(text, ':');
    if (!port)
        refuse(text);
    *port++ = 0;
    a.sin_port = htons((uint16_t)atoi(port));
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
        refuse(text);
    return a;
}

static char *read_file(const char *name)
{
    FILE *f = fopen(name, "r");
    char *text = f ? calloc(1, 1 << 20) : NULL;
    if (!text)
        refuse(name);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

/* The words behind the place. */
static char **parse_place(char **words, struct pl_call_place *out)
{
    *out = (struct pl_call_place){0};
    if (!words[0] || !words[1] || !words[2])
        refuse("a place is missing");
    if (strcmp(words[0], "bare") == 0) {
        out->way = PL_CALL_BARE;
        out->addr = parse_addr(words[1]);
        out->number = (uint32_t)strtoul(words[2], NULL, 10);
        return words + 3;
    }
    if (!words[3])
        refuse("a place is missing");
    if (strcmp(words[0], "http") == 0) {
        out->way = PL_CALL_HTTP;
        out->addr = parse_addr(words[1]);
        out->path = words[2];
        out->token = words[3];
    } else if (strcmp(words[0], "sdp") == 0) {
        out->way = PL_CALL_SDP;
        out->sdp = read_file(words[1]);
        out->ufrag = words[2];
        out->pwd = words[3];
    } else {
        refuse(words[0]);
    }
    return words + 4;
}

/* "name=value": the value, or NULL. */
static const char *value_of(const char *word, const char *name)
{
    size_t n = strlen(name);
    return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static void parse_layer(const char *text, struct pl_call_publisher *p, struct synthetic *made)
{
    static const char *const rids[] = {"0", "1", "2"};
    unsigned v[5];
    if (p->n_layers == PL_CALL_LAYERS_MAX ||
        sscanf(text, "%u,%u,%u,%u,%u", &v[0], &v[1], &v[2], &v[3], &v[4]) != 5 || !v[0] || !v[1] ||
        v[1] > PL_CALL_PACKETS_MAX || v[2] < SYNTHETIC_BYTES_MIN || v[2] > SYNTHETIC_BYTES_MAX)
        refuse(text);
    made->layers[p->n_layers] =
        (struct synthetic_layer){v[1], v[2], (uint16_t)v[3], (uint16_t)v[4]};
    p->layers[p->n_layers] = (struct pl_call_layer){rids[p->n_layers], v[0]};
    p->n_layers++;
}

/* `made` is what it sends: it outlives the client. */
static struct pl_call_publisher parse_publisher(char **words, struct synthetic *made)
{
    struct pl_call_publisher p = {.content = synthetic_content(made)};
    const char *v;
    for (; *words; words++) {
        if ((v = value_of(*words, "audio")))
            p.audio = atoi(v) != 0;
        else if ((v = value_of(*words, "level")))
            made->level = (unsigned)atoi(v);
        else if ((v = value_of(*words, "ssrc")))
            p.ssrc = (uint32_t)strtoul(v, NULL, 10);
        else if ((v = value_of(*words, "video")))
            parse_layer(v, &p, made);
        else
            refuse(*words);
    }
    return p;
}

static struct pl_call_receiver parse_receiver(char **words, struct histogram *latency)
{
    struct pl_call_receiver r = {.check = synthetic_check, .ctx = latency};
    const char *v;
    for (; *words; words++) {
        if ((v = value_of(*words, "audio")))
            r.audio = (unsigned)atoi(v);
        else if ((v = value_of(*words, "video")))
            r.video = (unsigned)atoi(v);
        else if ((v = value_of(*words, "gro")))
            r.gro = atoi(v) != 0;
        else if ((v = value_of(*words, "all")))
            r.check_all = atoi(v) != 0;
        else
            refuse(*words);
    }
    return r;
}

static void join(struct program *p, char **words, bool publisher)
{
    struct pl_call_place place;
    char **rest = parse_place(words, &place);
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 64;
        p->sessions = reallocarray(p->sessions, p->cap, sizeof(struct pl_call *));
        p->made = reallocarray(p->made, p->cap, sizeof(struct synthetic *));
        if (!p->sessions || !p->made)
            refuse("too many clients");
    }
    struct synthetic *made = calloc(1, sizeof *made);
    if (!made)
        refuse("too many clients");
    p->made[p->n] = made;
    struct pl_call **s = &p->sessions[p->n++];
    *made = (struct synthetic){.seed = p->n + 4, .level = 30};
    struct pl_call_publisher what = {0};
    struct pl_call_receiver want = {0};
    if (publisher)
        what = parse_publisher(rest, made);
    else
        want = parse_receiver(rest, &p->latency);
    enum pl_err err =
        pl_call_join(p->calls, &place, publisher ? &what : NULL, publisher ? NULL : &want, s);
    if (err)
        fprintf(stderr, "load: %s\n", pl_call_why(*s)); /* it is counted as failed */
    free((char *)place.sdp);
}

static void begin(struct program *p, enum pending what, const char *seconds)
{
    p->pending = what;
    p->began_ns = pl_calls_now_ns();
    p->until_ns = p->began_ns + (int64_t)(atof(seconds) * 1e9);
    p->cpu_before = cpu_seconds();
    if (what == MEASURING) {
        p->before = *pl_calls_totals(p->calls);
        memset(&p->latency, 0, sizeof p->latency);
        printf("{\"measuring\": true}\n");
        fflush(stdout);
    }
}

static void end_first(struct program *p, unsigned n)
{
    for (unsigned i = 0; i < p->n && i < n; i++)
        pl_call_end(p->sessions[i]);
}

/* False: the line has to wait. */
static bool obey(struct program *p, char *line)
{
    char copy[LINE_MAX_BYTES], *words[WORDS_MAX + 1] = {NULL};
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok(copy, " "); w && n < WORDS_MAX; w = strtok(NULL, " "))
        words[n++] = w;
    if (n == 0)
        return true;
    if (strcmp(words[0], "publish") == 0)
        join(p, words + 1, true);
    else if (strcmp(words[0], "receive") == 0)
        join(p, words + 1, false);
    else if (p->pending)
        return false;
    else if (strcmp(words[0], "settle") == 0 && n == 2)
        begin(p, SETTLING, words[1]);
    else if (strcmp(words[0], "measure") == 0 && n == 2)
        begin(p, MEASURING, words[1]);
    else if (strcmp(words[0], "end") == 0 && n == 2)
        end_first(p, (unsigned)atoi(words[1]));
    else if (strcmp(words[0], "quit") == 0)
        p->over = true;
    else
        refuse(line);
    return true;
}

static void obey_all(struct program *p)
{
    char *end;
    while (!p->over && (end = memchr(p->input, '\n', p->n_input))) {
        *end = 0;
        if (!obey(p, p->input)) {
            *end = '\n';
            return;
        }
        p->n_input -= (size_t)(end + 1 - p->input);
        memmove(p->input, end + 1, p->n_input);
    }
}

static void read_input(struct program *p)
{
    ssize_t n = read(STDIN_FILENO, p->input + p->n_input, sizeof p->input - p->n_input);
    if (n > 0)
        p->n_input += (size_t)n;
    else if (n == 0 || errno != EAGAIN)
        p->over = true;
}

static void print_settled(struct program *p)
{
    static struct histogram joins;
    const char *why = "";
    memset(&joins, 0, sizeof joins);
    for (unsigned i = 0; i < p->n; i++) {
        if (pl_call_state(p->sessions[i]) == PL_CALL_UP)
            histogram_add(&joins, (uint64_t)pl_call_join_ns(p->sessions[i]) / 1000);
        else if (pl_call_state(p->sessions[i]) == PL_CALL_FAILED)
            why = pl_call_why(p->sessions[i]);
    }
    double seconds = (double)(pl_calls_now_ns() - p->began_ns) / 1e9;
    printf("{\"up\": %u, \"failed\": %u, \"seconds\": %.3f, \"load_cpu\": %.3f, \"join_us\": "
           "{\"p50\": %llu, "
           "\"p99\": %llu}, \"why\": \"",
           pl_calls_count(p->calls, PL_CALL_UP), pl_calls_count(p->calls, PL_CALL_FAILED), seconds,
           (cpu_seconds() - p->cpu_before) / seconds,
           (unsigned long long)histogram_quantile(&joins, 0.5),
           (unsigned long long)histogram_quantile(&joins, 0.99));
    for (; *why; why++)
        if ((unsigned char)*why >= 0x20 && *why != '"' && *why != '\\')
            putchar(*why);
    printf("\"}\n");
}

static void print_tracks(const struct program *p)
{
    unsigned live = 0, smallest = 0, largest = 0;
    for (unsigned i = 0; i < p->n; i++) {
        const struct pl_call_track *t;
        for (unsigned k = 0; (t = pl_call_track(p->sessions[i], k)) != NULL; k++) {
            live += t->last_ns >= p->began_ns;
            smallest =
                t->smallest && (!smallest || t->smallest < smallest) ? t->smallest : smallest;
            largest = t->largest > largest ? t->largest : largest;
        }
    }
    printf("\"streams\": %u, \"smallest\": %u, \"largest\": %u, ", live, smallest, largest);
}

static void print_measured(struct program *p)
{
    const struct pl_calls_totals *now = pl_calls_totals(p->calls), *was = &p->before;
    const struct histogram *h = &p->latency;
    double seconds = (double)(pl_calls_now_ns() - p->began_ns) / 1e9;
    printf("{\"seconds\": %.4f, \"load_cpu\": %.3f, \"up\": %u, ", seconds,
           (cpu_seconds() - p->cpu_before) / seconds, pl_calls_count(p->calls, PL_CALL_UP));
    print_tracks(p);
#define COUNT(name) printf("\"" #name "\": %llu, ", (unsigned long long)(now->name - was->name))
    COUNT(packets);
    COUNT(bytes);
    COUNT(video_packets);
    COUNT(frames);
    COUNT(gaps);
    COUNT(late);
    COUNT(repaired);
    COUNT(duplicates);
    COUNT(unknown);
    COUNT(sampled);
    COUNT(bad);
    COUNT(nacks);
    COUNT(plis);
    COUNT(reports);
    COUNT(feedbacks);
    COUNT(published);
    COUNT(resent);
    COUNT(reads);
#undef COUNT
    printf("\"lost\": %lld, \"latency_us\": {\"p50\": %llu, \"p95\": %llu, \"p99\": %llu, "
           "\"max\": %llu}}\n",
           (long long)(pl_calls_lost(now) - pl_calls_lost(was)),
           (unsigned long long)histogram_quantile(h, 0.5),
           (unsigned long long)histogram_quantile(h, 0.95),
           (unsigned long long)histogram_quantile(h, 0.99),
           (unsigned long long)histogram_quantile(h, 1));
}

static void review(struct program *p)
{
    int64_t now = pl_calls_now_ns();
    bool settled = p->pending == SETTLING && pl_calls_count(p->calls, PL_CALL_UP) +
                                                     pl_calls_count(p->calls, PL_CALL_FAILED) +
                                                     pl_calls_count(p->calls, PL_CALL_ENDED) ==
                                                 p->n;
    if (!p->pending || (now < p->until_ns && !settled))
        return;
    p->pending == SETTLING ? print_settled(p) : print_measured(p);
    fflush(stdout);
    p->pending = NOTHING;
    obey_all(p);
}

int main(int argc, char **argv)
{
    static struct program p;
    const struct pl_calls_options options = {
        .seed = 4, .nap_us = argc > 1 ? atoi(argv[1]) : 0, .bare = bare_begin};
    p.calls = pl_calls_new(&options);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    pl_calls_watch(p.calls, STDIN_FILENO);
    printf("{\"fingerprint\": \"%s\"}\n", pl_calls_fingerprint(p.calls));
    fflush(stdout);
    while (!p.over) {
        if (pl_calls_turn(p.calls, 20 * PL_MS)) {
            read_input(&p);
            obey_all(&p);
        }
        review(&p);
    }
    for (unsigned i = 0; i < p.n; i++)
        pl_call_end(p.sessions[i]);
    pl_calls_free(p.calls);
    for (unsigned i = 0; i < p.n; i++)
        free(p.made[i]);
    free(p.made);
    free(p.sessions);
    return 0;
}
