/* A live meeting as its browsers see it: what comes on their WebSockets, when they come, go, and
 * how time passes. Behind it are the messages, the rates, the meeting, the telling, and the
 * delivery service of encrypted meetings; the media threads are a fake. The first byte is the kind
 * of meeting; then, of each action: a byte for kind and browser, and what it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tests/unit/conference.h"
#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT, JOIN, HANG_UP, PASS, DRAINED, LOST, ACTIONS };

#define SEALED                                                                                     \
    "{\"title\":\"T\",\"floor\":\"open\",\"encryption\":\"required\",\"seats\":[{\"id\":\"NOR\","  \
    "\"name\":\"Norway\"}],\"people\":[{\"name\":\"Chair\",\"role\":\"chair\"},{\"name\":\"Ann\"," \
    "\"role\":\"delegate\",\"seat\":\"NOR\"},{\"name\":\"Bob\",\"role\":\"delegate\",\"seat\":"    \
    "\"NOR\"},{\"name\":\"Guest\",\"role\":\"observer\",\"shared\":true}]}"

static void text(struct fixture *f, struct browser *b, struct pl_reader *r)
{
    size_t n = pl_read_u16(r), left = pl_reader_left(r);
    n = n < left ? n : left;
    char *copy = malloc(n ? n : 1); /* of its size, so that what is read behind it is seen */
    if (!copy)
        abort();
    if (n)
        memcpy(copy, pl_read_bytes(r, n), n);
    if (b->client && !b->closed)
        pl_client_text(b->client, (struct pl_str){copy, n});
    free(copy);
    pass(f, 0);
}

static void act(struct fixture *f, struct pl_reader *r)
{
    static const char *const tokens[] = {"1", "2", "3", "4"};
    uint8_t what = pl_read_u8(r);
    size_t i = what / 8 % BROWSERS;
    struct browser *b = &f->browsers[i];
    switch (what % 8) {
    case TEXT:
        text(f, b, r);
        break;
    case JOIN:
        what = pl_read_u8(r);
        join_as(f, i, tokens[what % 4], what & 64 ? "p1" : "p2");
        break;
    case HANG_UP:
        hang_up(b);
        break;
    case PASS:
        pass(f, (pl_time_us)pl_read_u16(r) * PL_MS);
        break;
    case DRAINED:
        if (b->client && !b->closed)
            pl_client_drained(b->client);
        break;
    default:
        if (f->media.n_peers > 0)
            pl_conferences_media_events(f->all).lost(
                f->all, f->media.peers[pl_read_u8(r) % f->media.n_peers].id);
        break;
    }
    if (b->closed)
        hang_up(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {MEETING("open", "false"), MEETING("chaired", "true"),
                                        MEETING("chaired", "false"), SEALED};
    struct fixture *f = malloc(sizeof *f);
    struct pl_reader r = pl_reader(data, size);
    uint8_t kind = pl_read_u8(&r);
    if (!f)
        abort();
    if (!r.bad) {
        set_up(f, kinds[kind % 4]);
        while (pl_reader_left(&r) > 0) {
            act(f, &r);
            look_away(f);
        }
        tear_down(f);
    }
    free(f);
    return 0;
}
