/* See voice.h. A source (a buzz with the voice's pitch, or noise) goes through two resonances, the
 * formants of a vowel. */
#include "simulate/voice.h"

#include <math.h>
#include <opus/opus.h>
#include <stdbool.h>
#include <stdlib.h>

#define RATE 48000
#define FRAME (RATE / 50)
#define BITRATE 24000

struct pl_voice {
    struct pl_voice_packet packets[PL_VOICE_PACKETS];
};

static const struct {
    double pitch, formants; /* Hz; how much higher than of a tall man */
} voices[PL_VOICES] = {{108, 1.0}, {205, 1.17}, {122, 1.03}, {188, 1.13}, {97, 0.97}, {222, 1.2}};

/* First and second formant, Hz: a, e, i, o, u. */
static const double vowels[5][2] = {{730, 1090}, {530, 1840}, {270, 2290}, {570, 840}, {300, 870}};

struct resonance {
    double a1, a2, gain, y1, y2;
};

struct speaker {
    unsigned seed;
    double pitch, formants;
    double phase; /* of the buzz */
    struct resonance first, second;
    unsigned left, length; /* samples of this syllable */
    enum { VOWEL, HISS, PAUSE } sound;
    unsigned syllables; /* until the pause */
    double melody;
};

static unsigned draw(struct speaker *s, unsigned below)
{
    s->seed = s->seed * 1103515245u + 12345u;
    return (s->seed >> 16) % below;
}

static void tune(struct resonance *r, double hz, double width)
{
    double radius = exp(-M_PI * width / RATE);
    r->a1 = 2 * radius * cos(2 * M_PI * hz / RATE);
    r->a2 = -radius * radius;
    r->gain = (1 - radius) * 2;
}

static double ring(struct resonance *r, double x)
{
    double y = r->gain * x + r->a1 * r->y1 + r->a2 * r->y2;
    r->y2 = r->y1;
    r->y1 = y;
    return y;
}

static void next_syllable(struct speaker *s)
{
    if (s->sound == PAUSE)
        s->syllables = 7 + draw(s, 12);
    if (s->sound != HISS && s->syllables == 0) {
        s->sound = PAUSE;
        s->length = s->left = RATE / 1000 * (280 + draw(s, 420));
        return;
    }
    bool hiss = s->sound != HISS && draw(s, 3) == 0;
    s->sound = hiss ? HISS : VOWEL;
    s->length = s->left = RATE / 1000 * (hiss ? 45 + draw(s, 50) : 90 + draw(s, 110));
    s->syllables -= !hiss && s->syllables > 0;
    const double *f = vowels[draw(s, 5)];
    tune(&s->first, hiss ? 3800 : f[0] * s->formants, hiss ? 900 : 80);
    tune(&s->second, hiss ? 5200 : f[1] * s->formants, hiss ? 1200 : 110);
    s->melody = 0.92 + draw(s, 16) / 100.0 + 0.01 * s->syllables;
}

/* -1 … 1 */
static double sample(struct speaker *s)
{
    if (s->left == 0)
        next_syllable(s);
    s->left--;
    double noise = draw(s, 2001) / 1000.0 - 1, at = 1 - (double)s->left / s->length;
    if (s->sound == PAUSE)
        return 0;
    double swell = fmin(1, fmin(at / 0.2, (1 - at) / 0.3));
    s->phase += s->pitch * s->melody * (1.04 - 0.08 * at) / RATE;
    s->phase -= floor(s->phase);
    double buzz = s->phase < 0.4 ? sin(M_PI * s->phase / 0.4) - 0.5 : -0.5;
    double source = s->sound == HISS ? noise * 0.25 : buzz + noise * 0.03;
    return swell * (ring(&s->first, source) * 3 + ring(&s->second, source) * 2);
}

/* RFC 6464: of the root mean square, in -dBov. */
static uint8_t level_of(const float pcm[FRAME])
{
    double sum = 0;
    for (unsigned i = 0; i < FRAME; i++)
        sum += (double)pcm[i] * pcm[i];
    double db = sum > 0 ? -10 * log10(sum / FRAME) : 127;
    return (uint8_t)(db < 0 ? 0 : db > 127 ? 127 : db);
}

enum pl_err pl_voice_new(unsigned which, struct pl_voice **out)
{
    int error;
    which %= PL_VOICES;
    struct pl_voice *v = calloc(1, sizeof *v);
    OpusEncoder *opus = v ? opus_encoder_create(RATE, 1, OPUS_APPLICATION_VOIP, &error) : NULL;
    struct speaker s = {.seed = which + 1,
                        .pitch = voices[which].pitch,
                        .formants = voices[which].formants,
                        .sound = PAUSE};
    enum pl_err e = opus ? PL_OK : PL_ENOMEM;
    if (opus && (opus_encoder_ctl(opus, OPUS_SET_BITRATE(BITRATE)) ||
                 opus_encoder_ctl(opus, OPUS_SET_COMPLEXITY(5))))
        e = PL_EIO;
    for (unsigned i = 0; !e && i < PL_VOICE_PACKETS; i++) {
        float pcm[FRAME];
        struct pl_voice_packet *p = &v->packets[i];
        for (unsigned k = 0; k < FRAME; k++)
            pcm[k] = (float)(0.4 * tanh(0.12 * sample(&s)));
        int n = opus_encode_float(opus, pcm, FRAME, p->bytes, sizeof p->bytes);
        p->n = (uint16_t)(n > 0 ? n : 0);
        p->level = level_of(pcm);
        if (n < 0)
            e = PL_EIO;
    }
    if (opus)
        opus_encoder_destroy(opus);
    if (e)
        free(v);
    else
        *out = v;
    return e;
}

void pl_voice_free(struct pl_voice *v)
{
    free(v);
}

const struct pl_voice_packet *pl_voice_packet(const struct pl_voice *v, unsigned i)
{
    return &v->packets[i % PL_VOICE_PACKETS];
}
