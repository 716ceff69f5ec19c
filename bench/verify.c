/* What verifying an exported record costs: milliseconds of CPU for one of 100,000 events, votes
 * that are changed again and again, with a checkpoint every 100; once without signatures, and once
 * with all of them signed. The last line is JSON.
 *
 *     bench_verify [--quick] */
#include "records.h"
#include "signal/manifest.h"
#include "signal/signed.h"

#include <time.h>

#define EVENTS 100000
#define EVENTS_QUICK 5000
#define APART 100
#define ORGANISER 0x55
#define KEY(person) (0x60 + (person))

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void put_manifest(struct record *r)
{
    char keys[3][44], organiser[44], text[1000], signature[87], hex[65];
    uint8_t hash[PL_SHA256_SIZE];
    for (int i = 0; i < 3; i++)
        record_public((uint8_t)KEY(i + 1), keys[i]);
    record_public(ORGANISER, organiser);
    snprintf(
        text, sizeof text,
        "{\"v\":1,\"meeting\":\"%s\",\"version\":1,\"suite\":1,\"encryption\":\"none\",\"seats\":[{"
        "\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}],"
        "\"people\":[{\"person\":\"p1\",\"name\":\"Chair\",\"role\":\"chair\",\"key\":\"%s\"},"
        "{\"person\":\"p2\",\"name\":\"Astrid\",\"role\":\"delegate\",\"seat\":\"NOR\","
        "\"key\":\"%s\"},{\"person\":\"p3\",\"name\":\"Dagny\",\"role\":\"delegate\","
        "\"seat\":\"DEN\",\"key\":\"%s\"}],\"revoked\":[],\"not_after\":4000000000000}",
        RECORD_MEETING, keys[0], keys[1], keys[2]);
    record_sign(ORGANISER, PL_MANIFEST_SIGNED, text, signature);
    pl_write_manifest(&r->file,
                      &(struct pl_line_manifest){pl_str(text), pl_str(signature), pl_str(organiser),
                                                 pl_str(PL_MANIFEST_ORGANISER)});
    pl_sha256(text, strlen(text), hash);
    pl_hex(hash, sizeof hash, hex);
    record_act(r, NULL, RECORD_ACT(MANIFEST, manifest, .version = 1, .sha256 = pl_str(hex)));
}

static void vote(struct record *r, int person, enum pl_choice choice, const char *hash,
                 bool is_signed)
{
    char by[8], text[600], signature[87];
    struct pl_act act = {.type = PL_ACT_VOTE,
                         .vote = {.decision = pl_str("d"), .version = 1, .choice = choice}};
    snprintf(by, sizeof by, "p%d", person);
    if (is_signed) {
        snprintf(text, sizeof text,
                 "{\"meeting\":\"%s\",\"person\":\"%s\",\"act\":\"vote\",\"decision\":\"d\","
                 "\"version\":1,\"choice\":\"%s\",\"text\":\"%s\",\"since\":%llu,"
                 "\"time\":%lld}",
                 RECORD_MEETING, by, pl_choice_words[choice], hash,
                 (unsigned long long)pl_meeting_since(r->m, &act), (long long)r->now);
        record_sign((uint8_t)KEY(person), PL_SIGNED_ACT, text, signature);
        act.vote.signed_text = pl_str(text);
        act.vote.signature = pl_str(signature);
    }
    record_act(r, by, &act);
}

static void make(struct record *r, uint64_t events, bool is_signed)
{
    struct pl_act d = {.type = PL_ACT_PUT_DECISION,
                       .put_decision = {.decision = pl_str("d"),
                                        .item = pl_str("one"),
                                        .title = pl_str("Ships"),
                                        .rule = {.procedure = PL_PROCEDURE_SIMPLE},
                                        .n_texts = 1}};
    char hash[65];
    d.put_decision.texts[0] = (struct pl_act_wording){{"EN", 2}, {"Ships go.", 9}};
    pl_wordings_hash(d.put_decision.texts, 1, hash);
    r->apart = APART;
    record_begin(r, record_definition);
    for (uint32_t i = 0; i < 3; i++)
        record_join(r, i);
    if (is_signed)
        put_manifest(r);
    record_act(r, "p1",
               RECORD_ACT(PUT_ITEM, put_item, .item = pl_str("one"), .title = pl_str("First")));
    record_act(r, "p1", &d);
    record_act(r, "p1",
               RECORD_ACT(CALL_DECISION, call_decision, .decision = pl_str("d"), .version = 1));
    for (uint64_t i = 0; r->tree.size < events; i++)
        vote(r, i & 1 ? 2 : 3, i & 2 ? PL_CHOICE_YES : PL_CHOICE_NO, hash, is_signed);
    if (r->tree.size % APART)
        record_checkpoint(r, (struct pl_str){0});
    record_end(r);
}

static double measure(uint64_t events, bool is_signed, size_t *bytes)
{
    struct record r = {0};
    struct pl_verify_report report;
    const struct pl_verify_config config = {.random = record_random()};
    make(&r, events, is_signed);
    double before = cpu_ms();
    enum pl_err err = pl_record_verify((struct pl_str){r.file.data, r.file.len}, &config, &report);
    double took = cpu_ms() - before;
    record_must(err == PL_OK && !report.faulty && report.events == events, report.fault.why);
    *bytes = r.file.len;
    record_free(&r);
    return took;
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    uint64_t events = quick ? EVENTS_QUICK : EVENTS;
    size_t plain_bytes, signed_bytes;
    double plain = measure(events, false, &plain_bytes),
           with = measure(events, true, &signed_bytes);
    printf("%llu events, unsigned: %.0f ms, %.1f MB\n", (unsigned long long)events, plain,
           (double)plain_bytes / 1e6);
    printf("%llu events, signed:   %.0f ms, %.1f MB\n", (unsigned long long)events, with,
           (double)signed_bytes / 1e6);
    printf("{\"events\":%llu,\"unsigned_ms\":%.1f,\"unsigned_bytes\":%zu,\"signed_ms\":%.1f,"
           "\"signed_bytes\":%zu}\n",
           (unsigned long long)events, plain, plain_bytes, with, signed_bytes);
    return 0;
}
