/* What verifying an exported record costs: milliseconds of CPU for one of 100,000 events, votes
 * that are changed again and again, with a checkpoint every 100; once without signatures, and once
 * with all of them signed. And how large the record of a day is to which 256 people come, and what
 * verifying it costs. The last line is JSON.
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

/* A day of 256 delegations, as their browsers cosign it (web/src/record/witness.ts): at first, what
 * covers a result, and else after 5 to 15 minutes. A checkpoint every five seconds, with four
 * events; a decision on which all vote, signed, every eight minutes. */
#define SEATS 256
#define STEP_MS 5000
#define STEPS (8 * 3600 * 1000 / STEP_MS)
#define STEPS_QUICK 200
#define STEPS_EACH_DECISION 96
#define COSIGN_STEPS_MIN 60 /* five minutes; fifteen at most */

struct day {
    struct record r;
    char hash[65];
    uint64_t due[SEATS]; /* the step at which they cosign next */
    uint64_t random;
    uint64_t cosignatures;
};

static void begin_day(struct day *d)
{
    struct pl_buf text = {0};
    pl_buf_puts(&text, "{\"title\":\"Council\",\"floor\":\"chaired\",\"encryption\":\"none\","
                       "\"signatures\":\"required\",\"seats\":[");
    for (int i = 0; i < SEATS; i++)
        pl_buf_printf(&text, "%s{\"id\":\"S%d\",\"name\":\"Delegation %d\"}", i ? "," : "", i, i);
    pl_buf_puts(&text, "],\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"}");
    for (int i = 0; i < SEATS; i++)
        pl_buf_printf(&text, ",{\"name\":\"Delegate %d\",\"role\":\"delegate\",\"seat\":\"S%d\"}",
                      i, i);
    pl_buf_puts(&text, "]}");
    record_must(!text.failed, "no memory");
    record_begin(&d->r, text.data);
    pl_buf_free(&text);
    for (uint32_t i = 0; i <= SEATS; i++)
        record_join(&d->r, i);
}

static void list_day(struct day *d)
{
    struct pl_buf text = {0};
    char key[44], signature[87], hex[65];
    pl_buf_printf(&text,
                  "{\"v\":1,\"meeting\":\"%s\",\"definition\":\"%s\",\"version\":1,\"suite\":1,"
                  "\"encryption\":\"none\",\"seats\":[",
                  RECORD_MEETING, record_definition_hash);
    for (int i = 0; i < SEATS; i++)
        pl_buf_printf(&text, "%s{\"id\":\"S%d\",\"name\":\"Delegation %d\"}", i ? "," : "", i, i);
    pl_buf_puts(&text, "],\"people\":[");
    for (int i = 0; i < SEATS; i++) {
        record_public((uint8_t)i, key);
        pl_buf_printf(&text,
                      "%s{\"person\":\"p%d\",\"name\":\"Delegate %d\",\"role\":\"delegate\","
                      "\"seat\":\"S%d\",\"key\":\"%s\"}",
                      i ? "," : "", i + 2, i, i, key);
    }
    pl_buf_puts(&text, "],\"revoked\":[],\"not_after\":4000000000000}");
    record_must(!text.failed, "no memory");
    record_public(ORGANISER, key);
    record_sign(ORGANISER, PL_MANIFEST_SIGNED, text.data, signature);
    pl_write_manifest(&d->r.file, &(struct pl_line_manifest){{text.data, text.len},
                                                             pl_str(signature),
                                                             pl_str(key),
                                                             pl_str(PL_MANIFEST_ORGANISER)});
    uint8_t sum[PL_SHA256_SIZE];
    pl_sha256(text.data, text.len, sum);
    pl_hex(sum, sizeof sum, hex);
    pl_buf_free(&text);
    record_act(&d->r, NULL, RECORD_ACT(MANIFEST, manifest, .version = 1, .sha256 = pl_str(hex)));
}

static void vote_of(struct day *d, const char *decision, int seat)
{
    char by[8], text[600], signature[87];
    struct pl_act act = {.type = PL_ACT_VOTE,
                         .vote = {.decision = pl_str(decision),
                                  .version = 1,
                                  .choice = seat % 3 ? PL_CHOICE_YES : PL_CHOICE_NO}};
    snprintf(by, sizeof by, "p%d", seat + 2);
    snprintf(text, sizeof text,
             "{\"meeting\":\"%s\",\"person\":\"%s\",\"act\":\"vote\",\"decision\":\"%s\","
             "\"version\":1,\"choice\":\"%s\",\"text\":\"%s\",\"since\":%llu,\"time\":%lld}",
             RECORD_MEETING, by, decision, pl_choice_words[act.vote.choice], d->hash,
             (unsigned long long)pl_meeting_since(d->r.m, &act), (long long)d->r.now);
    record_sign((uint8_t)seat, PL_SIGNED_ACT, text, signature);
    act.vote.signed_text = pl_str(text);
    act.vote.signature = pl_str(signature);
    record_act(&d->r, by, &act);
}

static void decide(struct day *d, unsigned n)
{
    char id[16];
    struct pl_act put = {.type = PL_ACT_PUT_DECISION,
                         .put_decision = {.item = pl_str("one"),
                                          .title = pl_str("Ships"),
                                          .rule = {.procedure = PL_PROCEDURE_SIMPLE},
                                          .n_texts = 1}};
    snprintf(id, sizeof id, "d%u", n);
    put.put_decision.decision = pl_str(id);
    put.put_decision.texts[0] = (struct pl_act_wording){{"EN", 2}, {"Ships go.", 9}};
    pl_wordings_hash(put.put_decision.texts, 1, d->hash);
    record_act(&d->r, "p1", &put);
    record_act(&d->r, "p1",
               RECORD_ACT(CALL_DECISION, call_decision, .decision = pl_str(id), .version = 1));
    for (int seat = 0; seat < SEATS; seat++)
        vote_of(d, id, seat);
    record_act(&d->r, "p1", RECORD_ACT(CLOSE_DECISION, close_decision, .decision = pl_str(id)));
}

static void cover(struct day *d, uint64_t step, bool decided)
{
    struct pl_buf note = {0}, lines = {0};
    struct pl_note parsed;
    record_note(&d->r, &note);
    record_must(pl_note_parse((struct pl_str){note.data, note.len}, &parsed) == PL_OK, "note");
    for (int seat = 0; seat < SEATS; seat++) {
        uint8_t seed[PL_SEED_SIZE], more[2];
        char name[100];
        if (!decided && step < d->due[seat])
            continue;
        memset(seed, seat, sizeof seed);
        snprintf(name, sizeof name, "%s/person/p%d", RECORD_ORIGIN, seat + 2);
        pl_cosign(&lines, parsed.text, pl_str(name), d->r.now / 1000, seed);
        record_fill(&d->random, more, sizeof more);
        d->due[seat] =
            step + COSIGN_STEPS_MIN + (more[0] * 256u + more[1]) % (2 * COSIGN_STEPS_MIN);
        d->cosignatures++;
    }
    record_checkpoint(&d->r, (struct pl_str){lines.data, lines.len});
    pl_buf_free(&note);
    pl_buf_free(&lines);
}

static void measure_day(uint64_t steps)
{
    struct day d = {.random = 0x1234567};
    struct pl_verify_report report;
    const struct pl_verify_config config = {.random = record_random()};
    begin_day(&d);
    list_day(&d);
    record_act(&d.r, "p1",
               RECORD_ACT(PUT_ITEM, put_item, .item = pl_str("one"), .title = pl_str("First")));
    for (uint64_t step = 0; step < steps; step++) {
        for (int64_t i = 1; i <= 4; i++)
            record_act(&d.r, "p1",
                       RECORD_ACT(SET_SPEAKING_TIME, set_speaking_time, .seconds = 60 * i));
        bool decided = step % STEPS_EACH_DECISION == STEPS_EACH_DECISION - 1;
        if (decided)
            decide(&d, (unsigned)(step / STEPS_EACH_DECISION));
        cover(&d, step, decided);
    }
    record_end(&d.r);
    struct pl_str file = {d.r.file.data, d.r.file.len};
    double before = cpu_ms();
    enum pl_err err = pl_record_verify(file, &config, &report);
    double took = cpu_ms() - before;
    record_must(err == PL_OK && !report.faulty && report.cosignatures == d.cosignatures,
                report.fault.why);
    printf("%.1f hours of %d people: %llu events, %llu checkpoints, %llu cosignatures, %.1f MB, "
           "%.0f ms\n",
           (double)steps * STEP_MS / 3600e3, SEATS, (unsigned long long)report.events,
           (unsigned long long)report.checkpoints, (unsigned long long)report.cosignatures,
           (double)file.n / 1e6, took);
    record_free(&d.r);
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
    measure_day(quick ? STEPS_QUICK : STEPS);
    printf("{\"events\":%llu,\"unsigned_ms\":%.1f,\"unsigned_bytes\":%zu,\"signed_ms\":%.1f,"
           "\"signed_bytes\":%zu}\n",
           (unsigned long long)events, plain, plain_bytes, with, signed_bytes);
    return 0;
}
