/* Messages between two processes: bytes of any length, descriptors, ends and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/pass.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 5000
#define LARGE (3u << 20) /* more than the sockets hold */
#define MANY 600         /* descriptors: more than go at once */

struct sending {
    int fd;
    struct pl_carry_fds *fds;
    enum pl_err err;
};

static void *send_large(void *arg)
{
    struct sending *s = arg;
    uint8_t *bytes = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(i % 251);
    s->err = pl_pass_send(s->fd, 7, bytes, LARGE, s->fds, WAIT_MS);
    free(bytes);
    return NULL;
}

static void bytes_and_descriptors_pass(void **state)
{
    (void)state;
    int ends[2], kept = open("/dev/null", O_RDWR);
    struct pl_carry_fds *out = calloc(1, sizeof *out), *in = calloc(1, sizeof *in);
    struct pl_buf got = {0};
    struct stat a, b;
    uint32_t kind;
    pthread_t thread;
    assert_int_equal(pl_pass_pair(ends), PL_OK);
    for (out->n = 0; out->n < MANY; out->n++)
        out->fds[out->n] = kept;
    struct sending s = {ends[0], out, PL_EINVAL};
    pthread_create(&thread, NULL, send_large, &s);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, in, WAIT_MS), PL_OK);
    pthread_join(thread, NULL);
    assert_int_equal(s.err, PL_OK);
    assert_int_equal(kind, 7);
    assert_int_equal(got.len, LARGE);
    assert_int_equal((uint8_t)got.data[LARGE - 1], (LARGE - 1) % 251);
    assert_int_equal(in->n, MANY);
    fstat(kept, &a);
    for (size_t i = 0; i < in->n; i++) {
        assert_int_equal(fstat(in->fds[i], &b), 0);
        assert_true(a.st_rdev == b.st_rdev && in->fds[i] != kept);
        assert_true(fcntl(in->fds[i], F_GETFD) & FD_CLOEXEC);
        close(in->fds[i]);
    }
    close(kept);
    close(ends[0]);
    close(ends[1]);
    pl_buf_free(&got);
    free(out);
    free(in);
}

static void ends_and_nonsense_are_told(void **state)
{
    (void)state;
    int ends[2];
    struct pl_buf got = {0};
    uint32_t kind, head[6] = {0x50524c48, 1, 0, 0, 0, 0};
    assert_int_equal(pl_pass_pair(ends), PL_OK);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, NULL, 1), PL_EAGAIN);
    assert_int_equal(pl_pass_send(ends[0], 1, NULL, 0, NULL, WAIT_MS), PL_OK);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, NULL, WAIT_MS), PL_OK);
    head[3] = 1; /* 2^32 bytes */
    assert_int_equal(write(ends[0], head, sizeof head), sizeof head);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, NULL, WAIT_MS), PL_ELIMIT);
    head[3] = 0;
    head[4] = 1; /* a descriptor that nobody wants */
    assert_int_equal(write(ends[0], head, sizeof head), sizeof head);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, NULL, WAIT_MS), PL_EINVAL);
    head[0] = 1;
    assert_int_equal(write(ends[0], head, sizeof head), sizeof head);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, NULL, WAIT_MS), PL_EINVAL);
    close(ends[0]);
    assert_int_equal(pl_pass_receive(ends[1], &kind, &got, NULL, WAIT_MS), PL_EIO);
    assert_int_equal(pl_pass_send(ends[1], 1, NULL, 0, NULL, WAIT_MS), PL_EIO);
    close(ends[1]);
    pl_buf_free(&got);
}

static void a_reader_that_rests_is_not_waited_for(void **state)
{
    (void)state;
    int ends[2];
    uint8_t *bytes = calloc(1, LARGE);
    assert_int_equal(pl_pass_pair(ends), PL_OK);
    assert_int_equal(pl_pass_send(ends[0], 1, bytes, LARGE, NULL, 20), PL_EAGAIN);
    close(ends[0]);
    close(ends[1]);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_descriptors_pass),
        cmocka_unit_test(ends_and_nonsense_are_told),
        cmocka_unit_test(a_reader_that_rests_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
