/* The record of a meeting that meeting_model.h watched, exported and verified. After
 * meeting_model.h. */
#ifndef PL_TESTS_MEETING_RECORD_H
#define PL_TESTS_MEETING_RECORD_H

#include "records.h"
#include "signal/manifest.h"

#define ORGANISER 0x55 /* their seed is made of it */
#define APART 50       /* events between two checkpoints */
#define MANIFEST_SIZE 640

/* The seats that may be added, L1 to L4, as the organiser signs them: the second is a guest's. */
#define LATE_SEAT(n, guest)                                                                        \
    "{\"id\":\"L" #n "\",\"name\":\"Seat\",\"weight\":" #n ",\"guest\":" #guest "}"
#define LATE_SEATS                                                                                 \
    LATE_SEAT(1, false) "," LATE_SEAT(2, true) "," LATE_SEAT(3, false) "," LATE_SEAT(4, false)

static inline void manifest_of(int64_t version, char text[MANIFEST_SIZE], char hash[65])
{
    uint8_t sum[PL_SHA256_SIZE];
    snprintf(text, MANIFEST_SIZE,
             "{\"v\":1,\"meeting\":\"%s\",\"version\":%lld,\"suite\":1,\"encryption\":\"none\","
             "\"seats\":[" LATE_SEATS "],"
             "\"people\":[],\"revoked\":[],\"not_after\":4000000000000}",
             RECORD_MEETING, (long long)version);
    pl_sha256(text, strlen(text), sum);
    pl_hex(sum, sizeof sum, hash);
}

/* The definition's bytes, and their hash. */
static inline void definition_of(const struct world *w, struct pl_buf *out, char hash[65])
{
    uint8_t sum[PL_SHA256_SIZE];
    pl_definition_encode(&w->r.definition, out);
    pl_sha256(out->data, out->len, sum);
    pl_hex(sum, sizeof sum, hash);
}

/* What stands before an event. */
static inline void write_before(const struct world *w, struct pl_buf *file, const struct pl_act *e)
{
    struct pl_buf definition = {0};
    char text[MANIFEST_SIZE], hash[65], key[44], signature[87];
    if (e->type == PL_ACT_CREATED) {
        definition_of(w, &definition, hash);
        pl_write_definition(file, (struct pl_str){definition.data, definition.len});
        pl_buf_free(&definition);
    } else if (e->type == PL_ACT_MANIFEST) {
        manifest_of(e->manifest.version, text, hash);
        record_public(ORGANISER, key);
        record_sign(ORGANISER, PL_MANIFEST_SIGNED, text, signature);
        pl_write_manifest(file,
                          &(struct pl_line_manifest){pl_str(text), pl_str(signature), pl_str(key),
                                                     pl_str(PL_MANIFEST_ORGANISER)});
    }
}

static inline void write_record(const struct world *w, struct record *x)
{
    uint8_t key[PL_PUBLIC_KEY_SIZE];
    struct pl_act *e = malloc(sizeof *e);
    assert_non_null(e);
    memset(x->seed, 0x11, sizeof x->seed);
    pl_ed25519_public(x->seed, key);
    pl_write_head(&x->file, pl_str(RECORD_MEETING), pl_str(RECORD_ORIGIN), key);
    for (size_t i = 0; i < w->r.n_log; i++) {
        const struct pl_str bytes = {w->r.log[i].data, w->r.log[i].len};
        struct pl_decode_error error;
        json_t *json;
        assert_int_equal(pl_event_decode(bytes, e, &json, &error), PL_OK);
        write_before(w, &x->file, e);
        json_decref(json);
        pl_write_bytes_line(&x->file, bytes);
        struct pl_hash leaf = pl_merkle_leaf(bytes.p, bytes.n);
        assert_int_equal(pl_merkle_add(&x->tree, &leaf), PL_OK);
        if (x->tree.size % APART == 0 || i + 1 == w->r.n_log)
            record_checkpoint(x, (struct pl_str){0});
    }
    free(e);
    record_end(x);
}

static inline void check_export(const struct world *w)
{
    struct record x = {0};
    struct pl_verify_report report;
    const struct pl_verify_config config = {.random = record_random()};
    size_t results = 0;
    write_record(w, &x);
    assert_int_equal(pl_record_verify((struct pl_str){x.file.data, x.file.len}, &config, &report),
                     PL_OK);
    if (report.faulty)
        fail_msg("line %llu, event %llu: %s", (unsigned long long)report.fault.line,
                 (unsigned long long)report.fault.event, report.fault.why);
    for (int i = 0; i < PL_OUTCOME_COUNT; i++)
        results += i == PL_OUTCOME_WITHDRAWN ? 0 : w->results[i];
    assert_int_equal(report.events, w->r.n_log);
    assert_int_equal(report.results, results);
    record_free(&x);
}

#endif
