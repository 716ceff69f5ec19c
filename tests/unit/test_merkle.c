/* The Merkle tree, by the reference vectors of Certificate Transparency, and against its definition
 * written down once more. script/vectors checks the proofs of transparency-dev/merkle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hex.h"
#include "record/merkle.h"

#include <stdio.h>
#include <string.h>

/* The eight leaves of the reference implementation, and the roots of the trees of the first n. */
static const char *const leaves[] = {"",
                                     "00",
                                     "10",
                                     "2021",
                                     "3031",
                                     "40414243",
                                     "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
#define N_LEAVES (sizeof leaves / sizeof leaves[0])

static struct pl_hash leaf_of(size_t i)
{
    uint8_t bytes[16];
    return pl_merkle_leaf(bytes, unhex(leaves[i], bytes, sizeof bytes));
}

static struct pl_hash hash_of(const char *hex)
{
    struct pl_hash out;
    assert_int_equal(unhex(hex, out.bytes, sizeof out.bytes), sizeof out.bytes);
    return out;
}

static void assert_hash(struct pl_hash got, struct pl_hash wanted)
{
    assert_memory_equal(got.bytes, wanted.bytes, sizeof got.bytes);
}

static void roots_are_those_of_the_reference(void **state)
{
    (void)state;
    struct pl_merkle t = {0};
    for (size_t n = 0; n <= N_LEAVES; n++) {
        assert_int_equal(t.size, n);
        for (size_t i = 0; i <= n; i++)
            assert_hash(pl_merkle_root(&t, i), hash_of(roots[i]));
        if (n == N_LEAVES)
            break;
        struct pl_hash leaf = leaf_of(n);
        assert_int_equal(pl_merkle_add(&t, &leaf), PL_OK);
    }
    pl_merkle_free(&t);
    assert_int_equal(t.size, 0);
}

/* RFC 6962, 2.1.3, and the reference's tables: what is shown to be in which tree by what. */
static const struct {
    unsigned index, size, n;
    const char *proof[3];
} inclusions[] = {
    {0, 1, 0, {NULL}},
    {0,
     8,
     3,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {5,
     8,
     3,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {1,
     5,
     3,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};
static const struct {
    unsigned from, to, n;
    const char *proof[3];
} consistencies[] = {
    {1, 1, 0, {NULL}},
    {1,
     8,
     3,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     3,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,
     2,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};

static void proofs_are_those_of_the_reference(void **state)
{
    (void)state;
    struct pl_merkle t = {0};
    struct pl_proof proof;
    for (size_t i = 0; i < N_LEAVES; i++) {
        struct pl_hash leaf = leaf_of(i);
        assert_int_equal(pl_merkle_add(&t, &leaf), PL_OK);
    }
    for (size_t i = 0; i < sizeof inclusions / sizeof *inclusions; i++) {
        pl_merkle_inclusion(&t, inclusions[i].index, inclusions[i].size, &proof);
        assert_int_equal(proof.n, inclusions[i].n);
        for (size_t k = 0; k < proof.n; k++)
            assert_hash(proof.hashes[k], hash_of(inclusions[i].proof[k]));
    }
    for (size_t i = 0; i < sizeof consistencies / sizeof *consistencies; i++) {
        pl_merkle_consistency(&t, consistencies[i].from, consistencies[i].to, &proof);
        assert_int_equal(proof.n, consistencies[i].n);
        for (size_t k = 0; k < proof.n; k++)
            assert_hash(proof.hashes[k], hash_of(consistencies[i].proof[k]));
    }
    pl_merkle_free(&t);
}

/* The definition (RFC 6962, 2.1), as slow as it is short. */
static struct pl_hash defined(const struct pl_hash *list, size_t n)
{
    struct pl_hash empty;
    pl_sha256("", 0, empty.bytes);
    if (n < 2)
        return n ? list[0] : empty;
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    struct pl_hash left = defined(list, k), right = defined(list + k, n - k);
    return pl_merkle_node(&left, &right);
}

#define MANY 70

static void plant(struct pl_merkle *t, struct pl_hash list[MANY])
{
    for (size_t i = 0; i < MANY; i++) {
        char text[16];
        list[i] = pl_merkle_leaf(text, (size_t)snprintf(text, sizeof text, "leaf %zu", i));
        assert_int_equal(pl_merkle_add(t, &list[i]), PL_OK);
    }
}

/* Every proof of every pair, and none that is changed, shortened, or of another place. */
static void inclusion_is_shown(void **state)
{
    (void)state;
    struct pl_merkle t = {0};
    struct pl_hash list[MANY];
    struct pl_proof proof;
    plant(&t, list);
    for (size_t size = 1; size <= MANY; size++) {
        struct pl_hash root = pl_merkle_root(&t, size);
        assert_hash(root, defined(list, size));
        for (size_t i = 0; i < size; i++) {
            assert_hash(pl_merkle_leaf_at(&t, i), list[i]);
            pl_merkle_inclusion(&t, i, size, &proof);
            assert_true(pl_merkle_included(&list[i], i, size, &root, proof.hashes, proof.n));
            assert_false(
                pl_merkle_included(&list[(i + 1) % MANY], i, size, &root, proof.hashes, proof.n));
            for (size_t other = 0; other <= size; other++)
                assert_true(other == i || !pl_merkle_included(&list[i], other, size, &root,
                                                              proof.hashes, proof.n));
            if (proof.n) {
                assert_false(
                    pl_merkle_included(&list[i], i, size, &root, proof.hashes, proof.n - 1));
                proof.hashes[i % proof.n].bytes[i % 32] ^= 1;
                assert_false(pl_merkle_included(&list[i], i, size, &root, proof.hashes, proof.n));
                proof.hashes[i % proof.n].bytes[i % 32] ^= 1;
            }
            proof.hashes[proof.n] = root;
            assert_false(pl_merkle_included(&list[i], i, size, &root, proof.hashes, proof.n + 1));
        }
    }
    pl_merkle_free(&t);
}

static void consistency_is_shown(void **state)
{
    (void)state;
    struct pl_merkle t = {0};
    struct pl_hash list[MANY];
    struct pl_proof proof;
    plant(&t, list);
    for (size_t to = 1; to <= MANY; to++) {
        struct pl_hash new = pl_merkle_root(&t, to), wrong = new;
        wrong.bytes[to % 32] ^= 1;
        for (size_t from = 1; from <= to; from++) {
            struct pl_hash old = pl_merkle_root(&t, from);
            pl_merkle_consistency(&t, from, to, &proof);
            assert_true(pl_merkle_consistent(from, &old, to, &new, proof.hashes, proof.n));
            assert_false(pl_merkle_consistent(from, &old, to, &wrong, proof.hashes, proof.n));
            assert_false(pl_merkle_consistent(from, &wrong, to, &new, proof.hashes, proof.n));
            assert_false(pl_merkle_consistent(0, &old, to, &new, proof.hashes, proof.n));
            assert_false(pl_merkle_consistent(to + 1, &old, to, &new, proof.hashes, proof.n));
            if (proof.n) {
                assert_false(pl_merkle_consistent(from, &old, to, &new, proof.hashes, proof.n - 1));
                proof.hashes[from % proof.n].bytes[to % 32] ^= 1;
                assert_false(pl_merkle_consistent(from, &old, to, &new, proof.hashes, proof.n));
                proof.hashes[from % proof.n].bytes[to % 32] ^= 1;
            }
            proof.hashes[proof.n] = new;
            assert_false(pl_merkle_consistent(from, &old, to, &new, proof.hashes, proof.n + 1));
        }
    }
    pl_merkle_free(&t);
}

/* A leaf and a node never have the same bytes, however long the leaf is. */
static void a_leaf_may_be_long(void **state)
{
    (void)state;
    static uint8_t bytes[1026];
    for (size_t n = 1023; n <= 1025; n++) {
        uint8_t wanted[PL_SHA256_SIZE];
        memset(bytes, 'x', sizeof bytes);
        struct pl_hash got = pl_merkle_leaf(bytes, n);
        bytes[0] = 0;
        pl_sha256(bytes, n + 1, wanted);
        assert_memory_equal(got.bytes, wanted, sizeof wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_reference),
        cmocka_unit_test(proofs_are_those_of_the_reference),
        cmocka_unit_test(inclusion_is_shown),
        cmocka_unit_test(consistency_is_shown),
        cmocka_unit_test(a_leaf_may_be_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
