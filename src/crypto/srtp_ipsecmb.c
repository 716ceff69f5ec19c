/* The back end over libipsec-mb; see srtp_cipher.h. AES-GCM goes packet by packet through its
 * direct functions, which were measured to be faster than its jobs; counter mode with HMAC-SHA1
 * goes through jobs, as SHA1 gains by several packets at once (docs/performance.md, "Ciphers"). */
#include "crypto/hash.h"
#include "crypto/srtp_cipher.h"

#include <assert.h>
#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE 64
#define GCM_TAG_SIZE 16
#define CM_TAG_SIZE 10
#define AAD_MAX 64 /* a header with a trailer is RTCP's: 8 and 4 bytes */
#define HMAC_BLOCK_SIZE 64
#define ROUND_KEYS_SIZE (11 * 16) /* of AES-128 */

/* What a manager takes, in bytes; version 1.3 says 200,744. */
#define MANAGER_SIZE (256 * 1024)

struct cm_keys {
    uint8_t aes[ROUND_KEYS_SIZE];
    uint8_t inner[PL_SHA1_SIZE],
        outer[PL_SHA1_SIZE]; /* HMAC's two states after their first block */
};

struct pl_srtp_cipher {
    _Alignas(CACHE_LINE) union { /* the library wants keys aligned */
        struct gcm_key_data gcm;
        struct cm_keys cm;
    };
    const struct pl_srtp_suite *suite;
};

/* A packet in counter mode, while the library works on it. */
struct turn {
    uint8_t computed[PL_SHA1_SIZE];
    uint8_t received[CM_TAG_SIZE];
    bool done;
};

/* A thread's own: contexts of different threads share nothing but code. */
struct workshop {
    struct gcm_functions {
        aes_gcm_pre_t expand;
        aes_gcm_enc_dec_t seal, open;
    } gcm128, gcm256; /* they work without the manager */
    IMB_MGR *manager; /* of counter mode's jobs */
    bool sound;
};

/* SHA1 by the processor's own instructions is the fastest for single packets and short runs, and
 * that is what the library does for AVX; for AVX-512 it has a way that needs 9 long packets to be
 * as good, and takes three times as long for one. */
static void open_workshop(struct workshop *w, uint8_t *memory)
{
    IMB_MGR *m = w->manager = imb_set_pointers_mb_mgr(memory, 0, 1);
    init_mb_mgr_auto(m, NULL);
    w->gcm128 = (struct gcm_functions){m->gcm128_pre, m->gcm128_enc, m->gcm128_dec};
    w->gcm256 = (struct gcm_functions){m->gcm256_pre, m->gcm256_enc, m->gcm256_dec};
    w->sound = m->features & IMB_FEATURE_SELF_TEST_PASS;
    if (m->features & IMB_FEATURE_SHANI) {
        init_mb_mgr_avx(m);
        w->sound &= (m->features & IMB_FEATURE_SELF_TEST_PASS) != 0;
    }
}

/* In the thread's static memory, so that it needs no owner and no end. */
static struct workshop *workshop(void)
{
    static _Thread_local _Alignas(CACHE_LINE) uint8_t memory[MANAGER_SIZE];
    static _Thread_local struct workshop w;
    if (!w.manager)
        open_workshop(&w, memory);
    return &w;
}

static const struct gcm_functions *gcm_functions(const struct workshop *w,
                                                 const struct pl_srtp_suite *suite)
{
    return suite->key == 32 ? &w->gcm256 : &w->gcm128;
}

static bool ipsecmb_usable(void)
{
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("avx") && imb_get_mb_mgr_size() <= MANAGER_SIZE &&
           workshop()->sound;
}

static void hmac_state(IMB_MGR *m, const uint8_t *key, uint8_t pad, uint8_t state[PL_SHA1_SIZE])
{
    uint8_t block[HMAC_BLOCK_SIZE];
    memset(block, pad, sizeof block);
    for (size_t i = 0; i < PL_SRTP_AUTH_KEY_SIZE; i++)
        block[i] ^= key[i];
    IMB_SHA1_ONE_BLOCK(m, block, state);
    pl_wipe(block, sizeof block);
}

static void cm_expand(IMB_MGR *m, const struct pl_srtp_session *session, struct cm_keys *keys)
{
    uint8_t decryption[ROUND_KEYS_SIZE]; /* counter mode has no use for it */
    IMB_AES_KEYEXP_128(m, session->key, keys->aes, decryption);
    pl_wipe(decryption, sizeof decryption);
    hmac_state(m, session->auth, 0x36, keys->inner);
    hmac_state(m, session->auth, 0x5c, keys->outer);
}

static enum pl_err ipsecmb_new(const struct pl_srtp_session *session, struct pl_srtp_cipher **out)
{
    const struct workshop *w = workshop();
    static_assert(sizeof(struct pl_srtp_cipher) % CACHE_LINE == 0, "for aligned_alloc");
    struct pl_srtp_cipher *c = aligned_alloc(CACHE_LINE, sizeof *c);
    if (!c)
        return PL_ENOMEM;
    memset(c, 0, sizeof *c);
    c->suite = session->suite;
    if (c->suite->aead)
        gcm_functions(w, c->suite)->expand(session->key, &c->gcm);
    else
        cm_expand(w->manager, session, &c->cm);
    *out = c;
    return PL_OK;
}

static void ipsecmb_free(struct pl_srtp_cipher *c)
{
    if (!c)
        return;
    pl_wipe(c, sizeof *c);
    free(c);
}

static size_t text_len(const struct pl_srtp_job *job)
{
    return job->len[0] + job->len[1];
}

/* Puts the text where it goes, still as it is; what is there already stays. */
static void place(const struct pl_srtp_job *job)
{
    uint8_t *to = job->out;
    for (size_t i = 0; i < 2; to += job->len[i++])
        if (job->len[i] && job->in[i] != to)
            memcpy(to, job->in[i], job->len[i]);
}

/* The text in one piece: a copy of two costs less than the library's update for each. */
static const uint8_t *gather(const struct pl_srtp_job *job)
{
    if (job->len[1] == 0)
        return job->in[0];
    if (job->len[0] == 0)
        return job->in[1];
    place(job);
    return job->out;
}

/* What AES-GCM authenticates beside the text; `room` is for one that has to be put together. */
static const uint8_t *aad(const struct pl_srtp_job *job, uint8_t room[AAD_MAX])
{
    if (job->trailer_len == 0)
        return job->header;
    assert(job->header_len + job->trailer_len <= AAD_MAX);
    memcpy(room, job->header, job->header_len);
    memcpy(room + job->header_len, job->trailer, job->trailer_len);
    return room;
}

static void gcm(const struct workshop *w, struct pl_srtp_job *job, bool seal)
{
    const struct pl_srtp_cipher *c = job->cipher;
    const struct gcm_functions *functions = gcm_functions(w, c->suite);
    struct gcm_context_data ctx;
    uint8_t room[AAD_MAX], tag[GCM_TAG_SIZE];
    (seal ? functions->seal : functions->open)(
        &c->gcm, &ctx, job->out, gather(job), text_len(job), job->iv, aad(job, room),
        job->header_len + job->trailer_len, seal ? job->tag : tag, GCM_TAG_SIZE);
    job->err = seal || pl_secret_eq(tag, job->tag, GCM_TAG_SIZE) ? PL_OK : PL_EAUTH;
}

static void collect(const IMB_JOB *j)
{
    if (j)
        ((struct turn *)j->user_data)->done = j->status == IMB_STATUS_COMPLETED;
}

/* Cipher and hash over header || text || trailer as they stand in memory. The library writes the
 * whole digest, so that it gets a place of its own. */
static void cm_start(IMB_MGR *m, const struct pl_srtp_job *job, bool seal, struct turn *turn)
{
    const struct cm_keys *keys = &job->cipher->cm;
    size_t len = text_len(job);
    turn->done = false;
    memcpy(turn->received, job->tag, sizeof turn->received);
    place(job);
    memcpy(job->out + len, job->trailer, job->trailer_len);

    IMB_JOB *j = IMB_GET_NEXT_JOB(m);
    j->cipher_mode = len ? IMB_CIPHER_CNTR : IMB_CIPHER_NULL;
    j->cipher_direction = seal ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
    j->chain_order = seal ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    j->enc_keys = j->dec_keys = keys->aes;
    j->key_len_in_bytes = job->cipher->suite->key;
    j->iv = job->iv;
    j->iv_len_in_bytes = PL_SRTP_IV_SIZE;
    j->src = job->header;
    j->dst = job->out;
    j->cipher_start_src_offset_in_bytes = job->header_len;
    j->msg_len_to_cipher_in_bytes = len;
    j->hash_alg = IMB_AUTH_HMAC_SHA_1;
    j->hash_start_src_offset_in_bytes = 0;
    j->msg_len_to_hash_in_bytes = job->header_len + len + job->trailer_len;
    j->u.HMAC._hashed_auth_key_xor_ipad = keys->inner;
    j->u.HMAC._hashed_auth_key_xor_opad = keys->outer;
    j->auth_tag_output = turn->computed;
    j->auth_tag_output_len_in_bytes = sizeof turn->computed;
    j->user_data = turn;
    collect(IMB_SUBMIT_JOB(m));
}

static void cm_finish(struct pl_srtp_job *job, bool seal, const struct turn *turn)
{
    job->err = turn->done ? PL_OK : PL_EIO;
    if (turn->done && seal)
        memcpy(job->tag, turn->computed, CM_TAG_SIZE);
    else if (turn->done && !pl_secret_eq(turn->computed, turn->received, CM_TAG_SIZE))
        job->err = PL_EAUTH;
}

static void work(struct pl_srtp_job *jobs, size_t n, bool seal)
{
    const struct workshop *w = workshop();
    struct turn turns[PL_SRTP_JOBS_MAX];
    size_t waiting = 0;
    assert(n <= PL_SRTP_JOBS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].cipher->suite->aead)
            gcm(w, &jobs[i], seal);
        else
            cm_start(w->manager, &jobs[i], seal, &turns[waiting++]);
    }
    if (waiting == 0)
        return;
    for (const IMB_JOB *j; (j = IMB_FLUSH_JOB(w->manager));)
        collect(j);
    waiting = 0;
    for (size_t i = 0; i < n; i++)
        if (!jobs[i].cipher->suite->aead)
            cm_finish(&jobs[i], seal, &turns[waiting++]);
}

static void ipsecmb_seal(struct pl_srtp_job *jobs, size_t n)
{
    work(jobs, n, true);
}

static void ipsecmb_open(struct pl_srtp_job *jobs, size_t n)
{
    work(jobs, n, false);
}

const struct pl_srtp_cipher_ops pl_srtp_ipsecmb = {
    .name = "ipsec-mb",
    .usable = ipsecmb_usable,
    .new = ipsecmb_new,
    .free = ipsecmb_free,
    .seal = ipsecmb_seal,
    .open = ipsecmb_open,
};
