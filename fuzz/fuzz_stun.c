/* A STUN message; and the answers to it, which must parse. */
#include "proto/stun.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_back(const struct pl_writer *w, enum pl_stun_class class, struct pl_stun *out)
{
    size_t n = pl_writer_size(w);
    check(!w->full && pl_stun_parse(w->start, n, out) == PL_OK);
    check(out->class == class && out->has_fingerprint);
    check(pl_stun_check_integrity(w->start, n, out, "key", 3));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_stun m, answer;
    uint8_t bytes[128];
    if (pl_stun_parse(data, size, &m) != PL_OK)
        return 0;
    check(size >= 20 && size % 4 == 0 && m.transaction == data + 8 && m.method <= 0xfff);
    check(m.username.n <= PL_STUN_USERNAME_MAX && (!m.username.n || m.username.p > (char *)data));
    check(m.error_code == 0 || (m.error_code >= 300 && m.error_code <= 699));
    check(m.integrity_at == 0 || (m.integrity_at >= 20 && m.integrity_at + 24 <= size));
    check(!pl_stun_check_integrity(data, size, &m, "key", 3) || m.integrity_at);

    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    struct pl_addr mapped = m.has_mapped ? m.mapped : (struct pl_addr){.port = 9};
    pl_stun_write_success(&w, &m, &mapped, "key", 3);
    read_back(&w, PL_STUN_SUCCESS, &answer);
    check(answer.has_mapped && memcmp(&answer.mapped, &mapped, sizeof mapped) == 0);
    check(memcmp(answer.transaction, m.transaction, 12) == 0);
    w = pl_writer(bytes, sizeof bytes);
    pl_stun_write_error(&w, &m, 420, "key", 3);
    read_back(&w, PL_STUN_ERROR, &answer);
    check(answer.error_code == 420);
    return 0;
}
