/* See picture.h. A layer's bitmap has what stands still; what moves (the flag, the clock, the line
 * of seconds, the voice) is drawn over it for each frame, and only that is converted anew. */
#include "simulate/picture.h"

#include "simulate/flag.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#define WHITE 0xF4F6FA
#define PALE 0xB9C4D6
#define GOLD 0xD9B65B
#define WAVE_US 2400000 /* from one wave of the flag to the next */
#define BARS 7

const struct pl_picture_size pl_picture_sizes[PL_PICTURE_LAYERS] = {
    {"q", 320, 180}, {"h", 640, 360}, {"f", 1280, 720}};
static const unsigned kbps[PL_PICTURE_LAYERS] = {150, 400, 1000};

struct box {
    int x, y, w, h; /* all even */
};

struct layer {
    struct pl_bitmap still, now; /* rgb NULL: it rests */
    vpx_image_t *image;
    vpx_codec_ctx_t codec;
    bool has_codec;
    int64_t frames;
    time_t shown; /* by the clock */
};

struct pl_picture {
    struct pl_letters *letters;
    char country[3], title[200], name[200];
    struct pl_flag *flag;
    struct layer layers[PL_PICTURE_LAYERS];
};

enum pl_err pl_picture_new(struct pl_letters *letters, const char *country, const char *title,
                           const char *name, struct pl_picture **out)
{
    struct pl_picture *p = calloc(1, sizeof *p);
    if (!p)
        return PL_ENOMEM;
    p->letters = letters;
    snprintf(p->country, sizeof p->country, "%s", country);
    snprintf(p->title, sizeof p->title, "%s", title);
    snprintf(p->name, sizeof p->name, "%s", name);
    *out = p;
    return PL_OK;
}

void pl_picture_rest(struct pl_picture *p, unsigned layer)
{
    struct layer *l = &p->layers[layer];
    if (l->has_codec)
        vpx_codec_destroy(&l->codec);
    vpx_img_free(l->image);
    free(l->still.rgb);
    free(l->now.rgb);
    *l = (struct layer){0};
}

void pl_picture_free(struct pl_picture *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < PL_PICTURE_LAYERS; i++)
        pl_picture_rest(p, i);
    free(p->flag);
    free(p);
}

/* Where things are, of a picture of height h. */

static int even(double v)
{
    return (int)v & ~1;
}

static struct box flag_box(int w, int h) /* with room for the waves */
{
    struct box b = {.w = even(h * 0.68), .h = even(h * 0.49)};
    b.x = even((w - b.w) / 2.0);
    b.y = even(h * 0.045);
    return b;
}

static struct box clock_box(int w, int h)
{
    return (struct box){even(w - h * 0.40), even(h * 0.03), even(h * 0.38), even(h * 0.10)};
}

static struct box voice_box(int w, int h)
{
    return (struct box){even(w / 2.0 - h * 0.09), even(h * 0.79), even(h * 0.18), even(h * 0.09)};
}

static struct box line_box(int w, int h)
{
    int y = even(h * 0.985);
    return (struct box){0, y, w, h - y};
}

/* Drawing */

static uint8_t *pixel(const struct pl_bitmap *b, int x, int y)
{
    return b->rgb + 3 * ((size_t)y * (size_t)b->width + (size_t)x);
}

static void put(uint8_t *p, uint32_t colour)
{
    p[0] = (uint8_t)(colour >> 16);
    p[1] = (uint8_t)(colour >> 8);
    p[2] = (uint8_t)colour;
}

static void draw_ground(const struct pl_bitmap *b)
{
    static const double above[3] = {38, 56, 88}, below[3] = {13, 22, 40};
    for (int y = 0; y < b->height; y++)
        for (int x = 0; x < b->width; x++) {
            double dx = (x - b->width / 2.0) / b->width, t = (double)y / b->height;
            double light = 1 - 0.9 * dx * dx;
            for (int k = 0; k < 3; k++)
                pixel(b, x, y)[k] = (uint8_t)((above[k] + (below[k] - above[k]) * t) * light);
        }
}

static void draw_still(const struct pl_picture *p, const struct pl_bitmap *b)
{
    int w = b->width, h = b->height;
    draw_ground(b);
    const struct pl_words title = {p->title,         PL_BOLD,          PL_CENTRE,       w / 2,
                                   (int)(h * 0.645), (int)(h * 0.125), (int)(w * 0.92), WHITE};
    const struct pl_words name = {p->name,          PL_PLAIN,         PL_CENTRE,       w / 2,
                                  (int)(h * 0.745), (int)(h * 0.070), (int)(w * 0.92), PALE};
    pl_letters_draw(p->letters, &title, b);
    pl_letters_draw(p->letters, &name, b);
}

static void restore(const struct layer *l, struct box b)
{
    for (int y = b.y; y < b.y + b.h; y++)
        memcpy(pixel(&l->now, b.x, y), pixel(&l->still, b.x, y), 3 * (size_t)b.w);
}

/* The flag is fixed at its left side; the waves run to the right and grow. */
static void draw_flag(const struct pl_picture *p, const struct layer *l, int64_t wall_us)
{
    struct box b = flag_box(l->now.width, l->now.height);
    double phase = 2 * M_PI * (double)(wall_us % WAVE_US) / WAVE_US;
    double margin = b.h * 0.07, height = b.h - 2 * margin, width = height * 1.5;
    double left = (b.w - width) / 2;
    restore(l, b);
    for (int x = 0; x < b.w; x++) {
        double u = (x - left) / width;
        if (u < 0 || u >= 1)
            continue;
        double wave = 2 * M_PI * 1.15 * u - phase;
        double shift = margin * 0.9 * u * sin(wave), shade = 1 - 0.16 * (0.3 + u) * cos(wave);
        for (int y = 0; y < b.h; y++) {
            double v = (y - margin - shift) / height;
            if (v < 0 || v >= 1)
                continue;
            const uint8_t *from = p->flag->rgb[(int)(v * PL_FLAG_HEIGHT)][(int)(u * PL_FLAG_WIDTH)];
            uint8_t *to = pixel(&l->now, b.x + x, b.y + y);
            for (int k = 0; k < 3; k++)
                to[k] = (uint8_t)fmin(from[k] * shade * 0.93, 245);
        }
    }
}

static void draw_clock(const struct pl_picture *p, struct layer *l, int64_t wall_us)
{
    struct box b = clock_box(l->now.width, l->now.height);
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm t;
    char text[16];
    if (seconds == l->shown)
        return;
    l->shown = seconds;
    gmtime_r(&seconds, &t);
    strftime(text, sizeof text, "%H:%M:%S", &t);
    restore(l, b);
    const struct pl_words words = {text,        PL_PLAIN, PL_RIGHT, b.x + b.w, b.y + b.h * 3 / 4,
                                   b.h * 3 / 4, b.w,      PALE};
    pl_letters_draw(p->letters, &words, &l->now);
}

/* A minute fills it. */
static void draw_line(const struct layer *l, int64_t wall_us)
{
    struct box b = line_box(l->now.width, l->now.height);
    int end = (int)((double)(wall_us % 60000000) / 60000000 * b.w);
    restore(l, b);
    for (int y = b.y; y < b.y + b.h; y++)
        for (int x = 0; x < end; x++)
            put(pixel(&l->now, x, y), GOLD);
}

static void draw_voice(const struct layer *l, int64_t wall_us, double level)
{
    struct box b = voice_box(l->now.width, l->now.height);
    restore(l, b);
    if (level <= 0)
        return;
    for (int i = 0; i < BARS; i++) {
        double swing = 0.55 + 0.45 * sin((double)wall_us / 90000 * (1 + 0.17 * i) + 1.9 * i);
        int tall = (int)(b.h * fmin(1, 0.15 + level * swing)), wide = b.w / (2 * BARS);
        int x = b.x + i * b.w / BARS + wide / 2, y = b.y + (b.h - tall) / 2;
        for (int dy = 0; dy < tall; dy++)
            for (int dx = 0; dx < wide; dx++)
                put(pixel(&l->now, x + dx, y + dy), GOLD);
    }
}

static enum pl_err wake(struct pl_picture *p, unsigned layer)
{
    struct layer *l = &p->layers[layer];
    const struct pl_picture_size *size = &pl_picture_sizes[layer];
    size_t n = 3 * (size_t)size->width * (size_t)size->height;
    if (!p->flag) {
        p->flag = malloc(sizeof *p->flag);
        if (!p->flag || pl_flag_draw(p->country, p->flag) == PL_ENOMEM)
            return PL_ENOMEM;
    }
    l->still = (struct pl_bitmap){size->width, size->height, malloc(n)};
    l->now = (struct pl_bitmap){size->width, size->height, malloc(n)};
    if (!l->still.rgb || !l->now.rgb) {
        pl_picture_rest(p, layer);
        return PL_ENOMEM;
    }
    draw_still(p, &l->still);
    memcpy(l->now.rgb, l->still.rgb, n);
    return PL_OK;
}

static enum pl_err draw(struct pl_picture *p, unsigned layer, int64_t wall_us, double level)
{
    struct layer *l = &p->layers[layer];
    enum pl_err e = l->now.rgb ? PL_OK : wake(p, layer);
    if (e)
        return e;
    draw_flag(p, l, wall_us);
    draw_clock(p, l, wall_us);
    draw_voice(l, wall_us, level);
    draw_line(l, wall_us);
    return PL_OK;
}

enum pl_err pl_picture_draw(struct pl_picture *p, unsigned layer, int64_t wall_us, double level,
                            uint8_t *rgb)
{
    const struct pl_picture_size *size = &pl_picture_sizes[layer];
    enum pl_err e = draw(p, layer, wall_us, level);
    if (!e)
        memcpy(rgb, p->layers[layer].now.rgb, 3 * (size_t)size->width * (size_t)size->height);
    return e;
}

/* Encoding */

/* BT.601, as browsers take VP8 to be. */
static void convert(const struct layer *l, struct box b)
{
    uint8_t *const *planes = l->image->planes;
    const int *stride = l->image->stride;
    for (int y = b.y; y < b.y + b.h; y += 2)
        for (int x = b.x; x < b.x + b.w; x += 2) {
            int r = 0, g = 0, blue = 0;
            for (int i = 0; i < 4; i++) {
                const uint8_t *p = pixel(&l->now, x + i % 2, y + i / 2);
                planes[0][(y + i / 2) * stride[0] + x + i % 2] =
                    (uint8_t)(16 + ((66 * p[0] + 129 * p[1] + 25 * p[2] + 128) >> 8));
                r += p[0];
                g += p[1];
                blue += p[2];
            }
            planes[1][y / 2 * stride[1] + x / 2] =
                (uint8_t)(128 + ((-38 * r - 74 * g + 112 * blue + 512) >> 10));
            planes[2][y / 2 * stride[2] + x / 2] =
                (uint8_t)(128 + ((112 * r - 94 * g - 18 * blue + 512) >> 10));
        }
}

static enum pl_err open_codec(struct layer *l, unsigned layer)
{
    vpx_codec_enc_cfg_t config;
    const struct pl_picture_size *size = &pl_picture_sizes[layer];
    if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0))
        return PL_EIO;
    config.g_w = (unsigned)size->width;
    config.g_h = (unsigned)size->height;
    config.g_timebase = (struct vpx_rational){1, PL_PICTURE_FPS};
    config.g_threads = 1;
    config.g_lag_in_frames = 0;
    config.g_pass = VPX_RC_ONE_PASS;
    config.rc_end_usage = VPX_CBR;
    config.rc_target_bitrate = kbps[layer];
    config.rc_min_quantizer = 8;
    config.rc_max_quantizer = 50;
    config.rc_dropframe_thresh = 0;
    config.kf_mode = VPX_KF_DISABLED;
    l->image = vpx_img_alloc(NULL, VPX_IMG_FMT_I420, config.g_w, config.g_h, 16);
    if (!l->image)
        return PL_ENOMEM;
    if (vpx_codec_enc_init(&l->codec, vpx_codec_vp8_cx(), &config, 0))
        return PL_EIO;
    l->has_codec = true;
    vpx_codec_control(&l->codec, VP8E_SET_CPUUSED, -14);
    vpx_codec_control(&l->codec, VP8E_SET_STATIC_THRESHOLD, 500u);
    vpx_codec_control(&l->codec, VP8E_SET_NOISE_SENSITIVITY, 0u);
    convert(l, (struct box){0, 0, size->width, size->height});
    return PL_OK;
}

enum pl_err pl_picture_frame(struct pl_picture *p, unsigned layer, bool key, int64_t wall_us,
                             double level, struct pl_picture_frame *out)
{
    struct layer *l = &p->layers[layer];
    enum pl_err e = draw(p, layer, wall_us, level);
    if (!e && !l->has_codec)
        e = open_codec(l, layer);
    if (e)
        return e;
    int w = l->now.width, h = l->now.height;
    convert(l, flag_box(w, h));
    convert(l, clock_box(w, h));
    convert(l, voice_box(w, h));
    convert(l, line_box(w, h));
    if (vpx_codec_encode(&l->codec, l->image, l->frames++, 1, key ? VPX_EFLAG_FORCE_KF : 0,
                         VPX_DL_REALTIME))
        return PL_EIO;
    vpx_codec_iter_t at = NULL;
    const vpx_codec_cx_pkt_t *packet = vpx_codec_get_cx_data(&l->codec, &at);
    if (!packet || packet->kind != VPX_CODEC_CX_FRAME_PKT)
        return PL_EIO;
    *out = (struct pl_picture_frame){.bytes = packet->data.frame.buf,
                                     .n = packet->data.frame.sz,
                                     .key = packet->data.frame.flags & VPX_FRAME_IS_KEY};
    return PL_OK;
}
