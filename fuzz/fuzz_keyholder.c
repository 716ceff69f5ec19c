/* Whoever asks the holder of the key whatever: two signed checkpoints of one log never contradict
 * each other. The input is a list of steps: bytes as they are, or one of requests that are well
 * formed, over two histories that part after two events. */
#include "base/bytes.h"
#include "record/keyholder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 1, n);
}

struct last {
    uint64_t size;
    struct pl_hash root;
};

/* Of the two logs that the steps are about. */
static void check(struct pl_str note_bytes, const struct pl_keyholder *k, struct last *lasts)
{
    struct pl_note note;
    struct pl_checkpoint c;
    assert(pl_note_parse(note_bytes, &note) == PL_OK);
    assert(pl_checkpoint_parse(note.text, &c) == PL_OK);
    const struct pl_vkey key = pl_vkey(c.origin, PL_NOTE_ED25519, k->public);
    assert(pl_note_verify(&note, &key) == PL_OK);
    char log = c.origin.p[c.origin.n - 1];
    if (c.origin.n != 3 || (log != 'A' && log != 'B'))
        return;
    struct last *last = &lasts[log - 'A'];
    assert(c.size >= last->size);
    assert(c.size != last->size || pl_hash_eq(&c.root, &last->root));
    *last = (struct last){c.size, c.root};
}

static void request(const uint8_t step[4], const struct pl_merkle trees[2], struct pl_buf *out)
{
    const struct pl_merkle *t = &trees[step[0] >> 1 & 1];
    uint64_t n = step[1] % EVENTS + 1, from = step[2] % (EVENTS + 1);
    const struct pl_keyholder_log l = {pl_str(step[0] & 1 ? "A" : "B"), n, pl_merkle_root(t, n)};
    struct pl_proof proof = {.n = 0};
    if (step[3] % 8 == 0) {
        pl_keyholder_known(out, 1, &l);
        return;
    }
    if (from > 0 && from <= n)
        pl_merkle_consistency(&trees[step[3] & 1], from, n, &proof);
    pl_keyholder_sign(out, 1, &l, from, &proof);
}

static void grow(struct pl_merkle *t, char other)
{
    for (int i = 0; i < EVENTS; i++) {
        const char text[] = {(char)i, i > 1 ? other : 0};
        const struct pl_hash leaf = pl_merkle_leaf(text, sizeof text);
        if (pl_merkle_add(t, &leaf) != PL_OK)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pl_random random = {fill, NULL};
    const uint8_t seed[PL_SEED_SIZE] = {9};
    struct pl_merkle trees[2] = {{0}, {0}};
    struct pl_keyholder k;
    struct last lasts[2] = {{0}, {0}};
    struct pl_reader r = pl_reader(data, size);
    struct pl_buf bytes = {0}, answer = {0};
    grow(&trees[0], 0);
    grow(&trees[1], 1);
    pl_keyholder_init(&k, pl_str("a"), seed, &random);
    k.logs_max = 3;
    while (pl_reader_left(&r) > 0) {
        enum pl_err said;
        struct pl_str rest;
        uint8_t n = pl_read_u8(&r);
        pl_buf_clear(&bytes);
        pl_buf_clear(&answer);
        const uint8_t *own = n < 128 ? pl_read_bytes(&r, n) : pl_read_bytes(&r, 4);
        if (own && n < 128)
            pl_buf_add(&bytes, own, n);
        else if (own)
            request(own, trees, &bytes);
        else
            break;
        enum pl_err e = pl_keyholder_answer(&k, (struct pl_str){bytes.data, bytes.len}, &answer);
        assert(answer.len >= 9 && answer.len <= PL_KEYHOLDER_BYTES_MAX);
        uint64_t number = pl_get_u64((const uint8_t *)answer.data);
        assert(pl_keyholder_read((struct pl_str){answer.data, answer.len}, number, &said, &rest));
        assert(said == e && k.logs.len <= 3);
        if (!e && bytes.data[8] == PL_KEYHOLDER_SIGN)
            check(rest, &k, lasts);
    }
    pl_buf_free(&bytes);
    pl_buf_free(&answer);
    pl_keyholder_free(&k);
    pl_merkle_free(&trees[0]);
    pl_merkle_free(&trees[1]);
    return 0;
}
