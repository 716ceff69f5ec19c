/* A TURN client's stream. Each STUN message is given as it is, and then again with right
 * credentials, so that what stands behind authentication is reached. Replies are whole frames, data
 * lies inside the message. */
#include "proto/stun.h"
#include "proto/turn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_up(void *ctx, uint8_t *out, size_t n)
{
    uint8_t *next = ctx;
    while (n--)
        *out++ = (*next)++;
}

static void check(bool holds)
{
    if (!holds)
        abort();
}

struct session {
    struct pl_turn_service service;
    struct pl_turn_credentials credentials;
    struct pl_turn *turn;
    pl_time_us now;
    char nonce[17];
};

static size_t input(struct session *s, uint8_t *message, size_t n, uint8_t *reply)
{
    struct pl_turn_result r;
    struct pl_frame f;
    if (pl_turn_input(s->turn, message, n, s->now, 0, reply, &r) != PL_OK)
        return 0;
    check(r.reply_len == 0 ||
          (pl_frame_read_turn(reply, r.reply_len, &f) == PL_OK && f.total == r.reply_len));
    check(!r.data || (r.n > 0 && r.data >= message && r.data + r.n <= message + n &&
                      r.peer < s->service.n_peers && pl_turn_relayed(s->turn, s->now)));
    return r.reply_len;
}

/* The attributes of the message, signed as the client would. */
static size_t sign(struct session *s, const uint8_t *message, size_t n, uint8_t *out, size_t size)
{
    uint8_t key[PL_STUN_LONG_TERM_KEY_SIZE];
    struct pl_writer w = pl_writer(out, size);
    struct pl_str name = pl_str(s->credentials.username);
    pl_write_bytes(&w, message, n);
    pl_stun_write_attribute(&w, 0x0006, name.p, name.n);
    pl_stun_write_attribute(&w, 0x0014, "r", 1);
    pl_stun_write_attribute(&w, 0x0015, s->nonce, 16);
    pl_stun_long_term_key(name, pl_str("r"), pl_str(s->credentials.password), key);
    pl_stun_end(&w, key, sizeof key);
    return w.full ? 0 : pl_writer_size(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pl_addr peers[] = {
        {.ip = {[10] = 255, [11] = 255, [12] = 192, [14] = 2, [15] = 1}, .port = 7000},
        {.ip = {0x20, 1, 0xd, 0xb8, [15] = 1}, .port = 7000},
    };
    uint8_t seed = 0, message[PL_FRAME_STUN_MAX], whole[PL_FRAME_STUN_MAX + 256];
    uint8_t reply[PL_TURN_REPLY_MAX];
    struct session s = {.service = {"r", {1}, peers, 2, {count_up, &seed}}, .now = PL_SECOND};
    struct pl_frame f;
    struct pl_stun m;
    pl_turn_credentials(&s.service, 0, &s.credentials);
    if (pl_turn_new(&s.service, &peers[0], &s.turn))
        return 0;
    struct pl_writer w = pl_writer(message, sizeof message);
    pl_stun_write_header(&w, PL_STUN_REQUEST, 3, (const uint8_t *)"0123456789ab");
    size_t n = input(&s, message, pl_writer_size(&w), reply);
    check(pl_stun_parse(reply, n, &m) == PL_OK && m.nonce.n == 16);
    memcpy(s.nonce, m.nonce.p, 16);
    while (pl_frame_read_turn(data, size, &f) == PL_OK) {
        memcpy(message, data, f.n);
        n = f.n >= 20 && message[0] < 0x40 ? sign(&s, message, f.n, whole, sizeof whole) : 0;
        input(&s, message, f.n, reply);
        if (n)
            input(&s, whole, n, reply);
        uint8_t out[128];
        size_t len;
        if (pl_turn_wrap(s.turn, 0, (const uint8_t *)"hello", 5, s.now, out, sizeof out, &len) ==
            PL_OK)
            check(pl_frame_read_turn(out, len, &f) == PL_OK && f.total == len);
        check(pl_frame_read_turn(data, size, &f) == PL_OK);
        s.now += PL_SECOND * (data[0] & 0x3f);
        data += f.total;
        size -= f.total;
    }
    pl_turn_free(s.turn);
    return 0;
}
