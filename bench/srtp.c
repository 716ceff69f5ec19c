/* What SRTP costs: nanoseconds of CPU for a packet, by each of our back ends and by libsrtp2, and
 * the memory of a context. A packet is a header of 20 bytes, a descriptor of 6 and the rest, which
 * all receivers share; packets of a run are of one key and stand back to back; the next run is the
 * next key's. libsrtp2 works in place, so its packet is put together first. The last line is JSON.
 *
 *     bench_srtp [--quick] */
#include "crypto/srtp.h"
#include "base/bytes.h"
#include "crypto/srtp_cipher.h"

#include <malloc.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HEADER 20
#define DESCRIPTOR 6
#define REST_MAX 1194
#define RUN_MAX 64
#define KEYS_MAX 1000
#define ROOM (RUN_MAX * (HEADER + DESCRIPTOR + REST_MAX + PL_SRTP_OVERHEAD_MAX))
#define REPEATS 5

static const struct profile {
    enum pl_srtp_profile id;
    const char *name;
    void (*policy)(srtp_crypto_policy_t *p);
} profiles[] = {
    {PL_SRTP_AEAD_AES_128_GCM, "AES-128-GCM", srtp_crypto_policy_set_aes_gcm_128_16_auth},
    {PL_SRTP_AEAD_AES_256_GCM, "AES-256-GCM", srtp_crypto_policy_set_aes_gcm_256_16_auth},
    {PL_SRTP_AES128_CM_HMAC_SHA1_80, "AES-CM-SHA1", srtp_crypto_policy_set_rtp_default},
};

struct setting {
    const struct profile *profile;
    size_t payload, n_keys, run;
    bool open;
};

/* One sender or receiver; `ops` NULL: libsrtp2. */
struct context {
    struct pl_srtp *ours;
    srtp_t theirs;
    uint16_t seq;
};

static uint8_t room[ROOM], rest[REST_MAX], header[RUN_MAX][HEADER], descriptor[DESCRIPTOR];

static void check(bool holds)
{
    if (!holds)
        abort();
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void context_new(struct context *c, const struct pl_srtp_cipher_ops *ops,
                        const struct profile *profile, size_t number, bool inbound)
{
    struct pl_srtp_keys keys = {.profile = profile->id, .salt = "its salt"};
    const struct pl_srtp_suite *suite = pl_srtp_suite(profile->id);
    memcpy(keys.key, &number, sizeof number);
    *c = (struct context){0};
    if (ops) {
        check(!pl_srtp_new_over(ops, &keys, &c->ours));
        return;
    }
    uint8_t key[SRTP_MAX_KEY_LEN];
    memcpy(key, keys.key, suite->key);
    memcpy(key + suite->key, keys.salt, suite->salt);
    srtp_policy_t policy = {
        .ssrc = {.type = inbound ? ssrc_any_inbound : ssrc_any_outbound},
        .key = key,
        .window_size = PL_SRTP_WINDOW,
    };
    profile->policy(&policy.rtp);
    policy.rtcp = policy.rtp;
    check(srtp_create(&c->theirs, &policy) == srtp_err_status_ok);
}

static void context_free(struct context *c)
{
    pl_srtp_free(c->ours);
    if (c->theirs)
        srtp_dealloc(c->theirs);
}

static void number_headers(struct context *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        static const uint8_t start[HEADER] = {0x90, 96, [8] = 1, 2, 3, 4, 0xbe, 0xde, 0, 1};
        memcpy(header[i], start, HEADER);
        pl_put_u16(header[i] + 2, c->seq++);
    }
}

static void seal_ours(struct context *c, const struct setting *s)
{
    struct pl_srtp_packet packets[RUN_MAX];
    size_t step = HEADER + s->payload + pl_srtp_tag_size(c->ours);
    for (size_t i = 0; i < s->run; i++)
        packets[i] = (struct pl_srtp_packet){
            .header = header[i],
            .header_len = HEADER,
            .payload = {descriptor, rest},
            .len = {DESCRIPTOR, s->payload - DESCRIPTOR},
            .out = room + i * step,
        };
    pl_srtp_protect_batch(c->ours, packets, s->run);
    for (size_t i = 0; i < s->run; i++)
        check(!packets[i].err);
}

static void seal_theirs(struct context *c, const struct setting *s, size_t step)
{
    for (size_t i = 0; i < s->run; i++) {
        uint8_t *p = room + i * step;
        int len = (int)(HEADER + s->payload);
        memcpy(p, header[i], HEADER);
        memcpy(p + HEADER, descriptor, DESCRIPTOR);
        memcpy(p + HEADER + DESCRIPTOR, rest, s->payload - DESCRIPTOR);
        check(srtp_protect(c->theirs, p, &len) == srtp_err_status_ok);
    }
}

static void seal_run(struct context *c, const struct setting *s, size_t step)
{
    if (c->ours)
        seal_ours(c, s);
    else
        seal_theirs(c, s, step);
}

static void open_run(struct context *c, const struct setting *s, size_t step)
{
    for (size_t i = 0; i < s->run; i++) {
        size_t len = step;
        int their_len = (int)step;
        if (c->ours)
            check(!pl_srtp_unprotect(c->ours, room + i * step, &len));
        else
            check(srtp_unprotect(c->theirs, room + i * step, &their_len) == srtp_err_status_ok);
    }
}

/* ns for a packet. What is opened has to be sealed first, so there the clock runs for single runs.
 */
static double measure_once(struct context *out, struct context *in, const struct setting *s,
                           size_t n_runs)
{
    size_t step = HEADER + s->payload + pl_srtp_suite(s->profile->id)->tag;
    double spent = 0, start = now_ns();
    for (size_t i = 0; i < n_runs; i++) {
        struct context *c = &out[i % s->n_keys];
        number_headers(c, s->run);
        seal_run(c, s, step);
        if (!s->open)
            continue;
        double opening = now_ns();
        open_run(&in[i % s->n_keys], s, step);
        spent += now_ns() - opening;
    }
    return (s->open ? spent : now_ns() - start) / (double)(n_runs * s->run);
}

/* The best of some repeats: what disturbs only adds. */
static double measure(const struct pl_srtp_cipher_ops *ops, const struct setting *s, bool quick)
{
    static struct context out[KEYS_MAX], in[KEYS_MAX];
    double best = 1e12;
    for (size_t i = 0; i < s->n_keys; i++) {
        context_new(&out[i], ops, s->profile, i, false);
        context_new(&in[i], ops, s->profile, i, true);
    }
    size_t n_runs = (quick ? 1000 : 20000) / s->run + s->n_keys;
    for (size_t i = 0; i < REPEATS; i++) {
        double ns = measure_once(out, in, s, n_runs);
        best = ns < best ? ns : best;
    }
    for (size_t i = 0; i < s->n_keys; i++) {
        context_free(&out[i]);
        context_free(&in[i]);
    }
    return best;
}

/* Our back ends, then NULL for libsrtp2. Returns how many. */
static size_t candidates(const struct pl_srtp_cipher_ops *ops[PL_SRTP_BACKENDS_MAX + 1])
{
    size_t n = 0;
    pl_srtp_backends(ops);
    while (ops[n])
        n++;
    return n + 1;
}

static const char *name_of(const struct pl_srtp_cipher_ops *ops)
{
    return ops ? ops->name : "libsrtp2";
}

static size_t json(char *at, size_t cap, const struct setting *s,
                   const struct pl_srtp_cipher_ops *const *ops, const double *ns, size_t n)
{
    size_t len = (size_t)snprintf(
        at, cap, "%s{\"profile\":\"%s\",\"open\":%s,\"payload\":%zu,\"keys\":%zu,\"run\":%zu",
        at[-1] == '[' ? "" : ",", s->profile->name, s->open ? "true" : "false", s->payload,
        s->n_keys, s->run);
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(at + len, cap - len, ",\"%s\":%.0f", name_of(ops[i]), ns[i]);
    len += (size_t)snprintf(at + len, cap - len, "}");
    check(len < cap);
    return len;
}

static size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Bytes of heap of a context that is new, that has sent RTP, and RTCP too. */
static void measure_memory(const struct pl_srtp_cipher_ops *ops, const struct profile *profile,
                           double bytes[3])
{
    static struct context c[KEYS_MAX];
    static const struct setting s = {.payload = 100, .n_keys = 1, .run = 1};
    uint8_t rtcp[8 + PL_SRTP_OVERHEAD_MAX];
    context_new(&c[0], ops, profile, 0, false); /* what is set up once */
    context_free(&c[0]);
    size_t before = heap_bytes();
    for (size_t i = 0; i < KEYS_MAX; i++)
        context_new(&c[i], ops, profile, i, false);
    bytes[0] = (double)(heap_bytes() - before) / KEYS_MAX;
    for (size_t i = 0; i < KEYS_MAX; i++) {
        number_headers(&c[i], 1);
        seal_ours(&c[i], &s);
    }
    bytes[1] = (double)(heap_bytes() - before) / KEYS_MAX;
    for (size_t i = 0; i < KEYS_MAX; i++) {
        size_t len = 8;
        memcpy(rtcp, "\x80\xc9\0\1\1\2\3\4", 8);
        check(!pl_srtcp_protect(c[i].ours, rtcp, &len, sizeof rtcp));
    }
    bytes[2] = (double)(heap_bytes() - before) / KEYS_MAX;
    for (size_t i = 0; i < KEYS_MAX; i++)
        context_free(&c[i]);
}

static void print_memory(const struct pl_srtp_cipher_ops *const *ops, size_t n)
{
    printf("\nbytes of a context: new, with RTP, with RTCP\n");
    for (size_t i = 0; i < COUNT(profiles); i++)
        for (size_t k = 0; k + 1 < n; k++) {
            double bytes[3];
            measure_memory(ops[k], &profiles[i], bytes);
            printf("%-12s %-9s %6.0f %6.0f %6.0f\n", profiles[i].name, ops[k]->name, bytes[0],
                   bytes[1], bytes[2]);
        }
}

int main(int argc, char **argv)
{
    static const size_t payloads[] = {1200, 120}, keys[] = {1, KEYS_MAX};
    static const size_t runs[] = {1, 9, RUN_MAX, RUN_MAX}; /* the last is opened */
    static char line[1 << 16] = "{\"unit\":\"ns/packet\",\"cases\":[";
    const struct pl_srtp_cipher_ops *ops[PL_SRTP_BACKENDS_MAX + 1];
    bool quick = argc == 2 && strcmp(argv[1], "--quick") == 0;
    size_t n = candidates(ops), len = strlen(line);
    if (argc > 1 && !quick) {
        fprintf(stderr, "usage: %s [--quick]\n", argv[0]);
        return 2;
    }
    check(srtp_init() == srtp_err_status_ok);
    printf("%-12s %-5s %7s %5s %4s", "profile", "", "payload", "keys", "run");
    for (size_t i = 0; i < n; i++)
        printf(" %9s", name_of(ops[i]));
    printf("   ns/packet\n");
    for (size_t at = 0; at < COUNT(profiles) * COUNT(payloads) * COUNT(keys) * COUNT(runs); at++) {
        double ns[PL_SRTP_BACKENDS_MAX + 1];
        const struct setting s = {
            .profile = &profiles[at / 16],
            .payload = payloads[at / 8 % 2],
            .n_keys = keys[at / 4 % 2],
            .run = runs[at % 4],
            .open = at % 4 == 3,
        };
        printf("%-12s %-5s %7zu %5zu %4zu", s.profile->name, s.open ? "open" : "seal", s.payload,
               s.n_keys, s.run);
        for (size_t i = 0; i < n; i++)
            printf(" %9.0f", ns[i] = measure(ops[i], &s, quick));
        printf("\n");
        len += json(line + len, sizeof line - len, &s, ops, ns, n);
    }
    print_memory(ops, n);
    printf("%s]}\n", line);
    return 0;
}
