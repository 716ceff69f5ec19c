/* Exported records for tests: a meeting that is scripted, and kept as the server keeps it. The
 * seeds of all keys are known; what a test wants to be wrong it makes wrong before the record is
 * signed, or afterwards. */
#ifndef PL_TESTS_RECORDS_H
#define PL_TESTS_RECORDS_H

#include "base/json.h"
#include "crypto/hash.h"
#include "meet/meeting.h"
#include "record/checkpoint.h"
#include "record/verify.h"
#include "record/write.h"
#include "signal/definition.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORD_MEETING "mtg2345678"
#define RECORD_NAME "parley.example.org"
#define RECORD_ORIGIN RECORD_NAME "/" RECORD_MEETING
#define RECORD_AT INT64_C(1764100000000)

/* p1 is the chair, p2 Norway, p3 Denmark, p4 an observer. */
static const char record_definition[] =
    "{\"title\":\"Council\",\"floor\":\"chaired\",\"encryption\":\"none\","
    "\"seats\":[{\"id\":\"NOR\",\"name\":\"Norway\"},{\"id\":\"DEN\",\"name\":\"Denmark\"}],"
    "\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},"
    "{\"name\":\"Astrid\",\"role\":\"delegate\",\"seat\":\"NOR\"},"
    "{\"name\":\"Dagny\",\"role\":\"delegate\",\"seat\":\"DEN\"},"
    "{\"name\":\"Olav\",\"role\":\"observer\"}]}";

/* SHA-256 of the definition that the last record began with. */
static char record_definition_hash[65];

struct record {
    struct pl_buf file;
    struct pl_definition *definition;
    struct pl_meeting *m;
    struct pl_merkle tree;
    uint8_t seed[PL_SEED_SIZE]; /* the server's */
    int64_t now;
    uint64_t random;
    void (*lie)(struct pl_act *event); /* changes events before they are kept; NULL: nothing */
    uint64_t apart;                    /* a checkpoint after so many events; 0: none by itself */
};

static inline void record_fill(void *ctx, uint8_t *out, size_t n)
{
    uint64_t *x = ctx;
    for (size_t i = 0; i < n; i++) {
        *x ^= *x << 13;
        *x ^= *x >> 7;
        *x ^= *x << 17;
        out[i] = (uint8_t)(*x >> 32);
    }
}

static inline struct pl_random record_random(void)
{
    static uint64_t x = 0x9e3779b97f4a7c15;
    return (struct pl_random){record_fill, &x};
}

static inline void record_must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "records.h: %s\n", what);
        abort();
    }
}

/* Of a key whose seed is this byte, again and again. */
static inline void record_public(uint8_t byte, char out[44])
{
    uint8_t seed[PL_SEED_SIZE], key[PL_PUBLIC_KEY_SIZE];
    memset(seed, byte, sizeof seed);
    pl_ed25519_public(seed, key);
    pl_base64url(key, sizeof key, out);
}

static inline void record_sign(uint8_t byte, const char *prefix, const char *text, char out[87])
{
    uint8_t seed[PL_SEED_SIZE], raw[PL_SIGNATURE_SIZE];
    struct pl_buf bytes = {0};
    memset(seed, byte, sizeof seed);
    pl_buf_puts(&bytes, prefix);
    pl_buf_puts(&bytes, text);
    pl_ed25519_sign(seed, bytes.data, bytes.len, raw);
    pl_base64url(raw, sizeof raw, out);
    pl_buf_free(&bytes);
}

/* The note of a checkpoint of what there is, as the server would sign it. */
static inline void record_note(struct record *r, struct pl_buf *out)
{
    const struct pl_checkpoint c = {pl_str(RECORD_ORIGIN), r->tree.size,
                                    pl_merkle_root(&r->tree, r->tree.size)};
    pl_checkpoint_sign(out, &c, r->seed);
}

static inline void record_checkpoint(struct record *r, struct pl_str cosignatures)
{
    struct pl_buf note = {0};
    record_note(r, &note);
    pl_write_checkpoint(&r->file, (struct pl_str){note.data, note.len}, cosignatures);
    pl_buf_free(&note);
}

static inline void record_keep(struct record *r, const struct pl_act *event)
{
    struct pl_act e = *event;
    struct pl_buf bytes = {0};
    uint8_t salt[PL_ACT_SALT_BYTES];
    char text[PL_ACT_SALT_CHARS + 1];
    record_fill(&r->random, salt, sizeof salt);
    pl_base64url(salt, sizeof salt, text);
    e.salt = pl_str(text);
    if (r->lie)
        r->lie(&e);
    pl_act_encode(&bytes, &e);
    pl_write_bytes_line(&r->file, (struct pl_str){bytes.data, bytes.len});
    struct pl_hash leaf = pl_merkle_leaf(bytes.data, bytes.len);
    record_must(pl_merkle_add(&r->tree, &leaf) == PL_OK, "no memory");
    pl_buf_free(&bytes);
    if (r->apart && r->tree.size % r->apart == 0)
        record_checkpoint(r, (struct pl_str){0});
}

static inline void record_events(struct record *r, const struct pl_act *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!pl_act_is_kept(events[i].type))
            continue;
        record_keep(r, &events[i]);
        record_must(pl_meeting_apply(r->m, &events[i], &pl_no_effects) == PL_OK, "apply");
    }
    r->now += 1000;
}

/* An act of somebody who is there; by NULL of the server. */
static inline void record_act(struct record *r, const char *by, const struct pl_act *act)
{
    struct pl_act events[PL_EVENTS_MAX];
    struct pl_denial denial = {0};
    size_t n = 0;
    const struct pl_participant *p = by ? pl_meeting_by_id(r->m, pl_str(by)) : NULL;
    record_must(!by || p, by);
    enum pl_err err = pl_meeting_decide(r->m, p, act, r->now, events, &n, &denial);
    record_must(err == PL_OK && n > 0, denial.why);
    record_events(r, events, n);
}

static inline void record_join(struct record *r, uint32_t person)
{
    struct pl_act events[PL_EVENTS_MAX];
    struct pl_denial denial = {0};
    size_t n = 0;
    enum pl_err err =
        pl_meeting_join(r->m, person, (struct pl_str){0}, r->now, events, &n, &denial);
    record_must(err == PL_OK, denial.why);
    record_events(r, events, n);
}

static inline void record_leave(struct record *r, const char *who)
{
    struct pl_act events[PL_EVENTS_MAX];
    size_t n = 0;
    const struct pl_participant *p = pl_meeting_by_id(r->m, pl_str(who));
    record_must(p != NULL, who);
    pl_meeting_leave(r->m, p, r->now, events, &n);
    record_events(r, events, n);
}

static inline void record_begin(struct record *r, const char *json)
{
    char why[PL_WHY_SIZE], hex[65];
    uint8_t key[PL_PUBLIC_KEY_SIZE], hash[PL_SHA256_SIZE];
    struct pl_buf text = {0};
    struct pl_random random = record_random();
    memset(r->seed, 0x11, sizeof r->seed);
    r->now = RECORD_AT;
    r->random = 0x2545f4914f6cdd1d;
    record_must(pl_definition_decode(pl_str(json), &r->definition, why) == PL_OK, why);
    pl_definition_encode(r->definition, &text);
    record_must(pl_meeting_new(r->definition, &random, &r->m) == PL_OK, "no memory");
    pl_ed25519_public(r->seed, key);
    pl_write_head(&r->file, pl_str(RECORD_MEETING), pl_str(RECORD_ORIGIN), key);
    pl_write_definition(&r->file, (struct pl_str){text.data, text.len});
    pl_sha256(text.data, text.len, hash);
    pl_hex(hash, sizeof hash, hex);
    memcpy(record_definition_hash, hex, sizeof hex);
    pl_buf_free(&text);
    record_act(
        r, NULL,
        &(struct pl_act){.type = PL_ACT_CREATED, .created = {pl_str(RECORD_MEETING), pl_str(hex)}});
}

static inline void record_end(struct record *r)
{
    pl_write_end(&r->file, pl_str(RECORD_ORIGIN), r->seed);
}

static inline void record_free(struct record *r)
{
    pl_meeting_free(r->m);
    if (r->definition)
        pl_definition_free(r->definition);
    pl_merkle_free(&r->tree);
    pl_buf_free(&r->file);
}

#define RECORD_ACT(name, act, ...) (&(struct pl_act){.type = PL_ACT_##name, .act = {__VA_ARGS__}})

static inline void record_vote(struct record *r, const char *by, const char *decision,
                               enum pl_choice choice, const char *statement)
{
    record_act(r, by,
               RECORD_ACT(VOTE, vote, .decision = pl_str(decision), .version = 1, .choice = choice,
                          .statement = statement ? pl_str(statement) : (struct pl_str){0}));
}

/* A meeting with a bit of everything that is verified: two results, one by silence. 19 events. */
static inline void record_meeting(struct record *r)
{
    static struct pl_act_wording texts[] = {{{"EN", 2}, {"Ships go.", 9}}};
    record_join(r, 0);
    record_join(r, 1);
    record_join(r, 2);
    record_act(r, "p1",
               RECORD_ACT(PUT_ITEM, put_item, .item = pl_str("one"), .title = pl_str("First")));
    record_act(r, "p1", RECORD_ACT(TAKE_ITEM, take_item, .item = pl_str("one")));
    struct pl_act put = {.type = PL_ACT_PUT_DECISION,
                         .put_decision = {.decision = pl_str("d"),
                                          .item = pl_str("one"),
                                          .title = pl_str("Ships"),
                                          .rule = {.procedure = PL_PROCEDURE_SIMPLE},
                                          .n_texts = 1}};
    put.put_decision.texts[0] = texts[0];
    record_act(r, "p1", &put);
    record_act(r, "p1",
               RECORD_ACT(CALL_DECISION, call_decision, .decision = pl_str("d"), .version = 1));
    record_vote(r, "p2", "d", PL_CHOICE_YES, NULL);
    record_vote(r, "p3", "d", PL_CHOICE_ABSTAIN, NULL);
    record_act(r, "p1", RECORD_ACT(CLOSE_DECISION, close_decision, .decision = pl_str("d")));
    put.put_decision.decision = pl_str("s");
    put.put_decision.rule.procedure = PL_PROCEDURE_SILENCE;
    record_act(r, "p1", &put);
    record_act(r, "p1",
               RECORD_ACT(CALL_DECISION, call_decision, .decision = pl_str("s"), .version = 1,
                          .has_deadline = true, .deadline = r->now + 3600000,
                          .time_zone = pl_str("Europe/Oslo")));
    record_vote(r, "p3", "s", PL_CHOICE_RECEIPT, NULL);
    record_vote(r, "p2", "s", PL_CHOICE_BREAK_SILENCE, "Not <now>.");
}

#endif
