/* Checks the proofs of transparency-dev/merkle (script/vectors): merkle_vectors FILE…, each either
 * a proof of inclusion or one of consistency. The last line says how many there were. */
#include "record/merkle.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* False: it is not a hash. Where its value does not matter, some files have a shorter text. */
static bool hash_of(const json_t *o, struct pl_hash *out)
{
    uint8_t bytes[PL_SHA256_SIZE + 1] = {0};
    size_t n;
    const char *text = json_string_value(o);
    if (!text || pl_base64_decode(pl_str(text), bytes, sizeof bytes, &n) || n == 0 ||
        n > PL_SHA256_SIZE)
        return false;
    memcpy(out->bytes, bytes, sizeof out->bytes);
    return true;
}

/* Read as a real number: some go beyond what jansson takes for an integer, up to 2^64 - 1. */
static uint64_t number_of(const json_t *o, const char *key)
{
    double value = json_number_value(json_object_get(o, key));
    return value >= 0x1p64 ? UINT64_MAX : (uint64_t)value;
}

static bool good(const json_t *o)
{
    struct pl_hash first, second, proof[PL_PROOF_MAX];
    const json_t *list = json_object_get(o, "proof");
    size_t n = json_array_size(list);
    bool included = json_object_get(o, "leafHash") != NULL;
    if (!hash_of(json_object_get(o, included ? "leafHash" : "root1"), &first) ||
        !hash_of(json_object_get(o, included ? "root" : "root2"), &second) || n > PL_PROOF_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!hash_of(json_array_get(list, i), &proof[i]))
            return false;
    if (included)
        return pl_merkle_included(&first, number_of(o, "leafIdx"), number_of(o, "treeSize"),
                                  &second, proof, n);
    return pl_merkle_consistent(number_of(o, "size1"), &first, number_of(o, "size2"), &second,
                                proof, n);
}

int main(int argc, char **argv)
{
    int n_good = 0, n_wrong = 0;
    for (int i = 1; i < argc; i++) {
        json_t *o = json_load_file(argv[i], JSON_DECODE_INT_AS_REAL, NULL);
        if (!o || !json_object_get(o, "wantErr")) {
            fprintf(stderr, "%s: not a vector\n", argv[i]);
            return 2;
        }
        bool wanted = json_is_false(json_object_get(o, "wantErr"));
        if (good(o) != wanted) {
            fprintf(stderr, "%s: %s\n", argv[i], wanted ? "refused" : "taken");
            n_wrong++;
        }
        n_good += wanted;
        json_decref(o);
    }
    printf("merkle: %d proofs, %d of them sound, %d judged wrongly\n", argc - 1, n_good, n_wrong);
    return n_wrong || n_good == 0 ? 1 : 0;
}
