/* Test pictures and voices: what moves, what rests, what a decoder makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulate/picture.h"
#include "simulate/voice.h"

#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#define NOON 1700000000000000 /* µs, somewhen */

static struct pl_letters *letters;
static struct pl_picture *picture;

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(pl_letters_new(&letters), PL_OK);
    assert_int_equal(pl_picture_new(letters, "NO", "Norway", "Ingrid Haugland", &picture), PL_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pl_picture_free(picture);
    pl_letters_free(letters);
    return 0;
}

static size_t differing(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += a[i] != b[i];
    return count;
}

static void moves_all_the_time(void **state)
{
    (void)state;
    for (unsigned layer = 0; layer < PL_PICTURE_LAYERS; layer++) {
        size_t n =
            3 * (size_t)pl_picture_sizes[layer].width * (size_t)pl_picture_sizes[layer].height;
        uint8_t *a = malloc(n), *b = malloc(n);
        assert_int_equal(pl_picture_draw(picture, layer, NOON, 0, a), PL_OK);
        assert_int_equal(pl_picture_draw(picture, layer, NOON, 0, b), PL_OK);
        assert_int_equal(differing(a, b, n), 0);
        assert_int_equal(pl_picture_draw(picture, layer, NOON + 100000, 0, b), PL_OK);
        assert_in_range(differing(a, b, n), n / 100, n / 2); /* the flag, and not the rest */
        assert_int_equal(pl_picture_draw(picture, layer, NOON, 0.8, b), PL_OK); /* a voice */
        assert_in_range(differing(a, b, n), 1, n / 50);
        free(a);
        free(b);
    }
}

static void decodes(vpx_codec_ctx_t *codec, const struct pl_picture_frame *f, unsigned layer)
{
    vpx_codec_iter_t at = NULL;
    assert_int_equal(vpx_codec_decode(codec, f->bytes, (unsigned)f->n, NULL, 0), 0);
    const vpx_image_t *image = vpx_codec_get_frame(codec, &at);
    assert_non_null(image);
    assert_int_equal(image->d_w, pl_picture_sizes[layer].width);
    assert_int_equal(image->d_h, pl_picture_sizes[layer].height);
}

static void begins_with_a_key_frame_and_makes_more_when_asked(void **state)
{
    (void)state;
    for (unsigned layer = 0; layer < PL_PICTURE_LAYERS; layer++) {
        vpx_codec_ctx_t codec;
        struct pl_picture_frame f;
        assert_int_equal(vpx_codec_dec_init(&codec, vpx_codec_vp8_dx(), NULL, 0), 0);
        for (unsigned i = 0; i < 25; i++) {
            assert_int_equal(pl_picture_frame(picture, layer, i == 12, NOON + i * 100000, 0, &f),
                             PL_OK);
            assert_int_equal(f.key, i == 0 || i == 12);
            decodes(&codec, &f, layer);
        }
        pl_picture_rest(picture, layer); /* and begins anew */
        assert_int_equal(pl_picture_frame(picture, layer, false, NOON, 0, &f), PL_OK);
        assert_true(f.key);
        vpx_codec_destroy(&codec);
    }
}

static void every_voice_speaks_and_pauses(void **state)
{
    (void)state;
    for (unsigned which = 0; which < PL_VOICES; which++) {
        struct pl_voice *v;
        int error;
        static float pcm[960];
        unsigned loud = 0, silent = 0;
        OpusDecoder *opus = opus_decoder_create(48000, 1, &error);
        assert_int_equal(pl_voice_new(which, &v), PL_OK);
        for (unsigned i = 0; i < PL_VOICE_PACKETS; i++) {
            const struct pl_voice_packet *p = pl_voice_packet(v, i);
            assert_in_range(p->n, 1, PL_VOICE_PACKET_MAX);
            assert_int_equal(opus_decode_float(opus, p->bytes, p->n, pcm, 960, 0), 960);
            loud += p->level < 45;
            silent += p->level == 127;
        }
        assert_true(loud > PL_VOICE_PACKETS / 2); /* what the server takes for speech */
        assert_true(silent > PL_VOICE_PACKETS / 20);
        assert_ptr_equal(pl_voice_packet(v, 0), pl_voice_packet(v, PL_VOICE_PACKETS));
        opus_decoder_destroy(opus);
        pl_voice_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(moves_all_the_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(begins_with_a_key_frame_and_makes_more_when_asked, set_up,
                                        tear_down),
        cmocka_unit_test(every_voice_speaks_and_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
