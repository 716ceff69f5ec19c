/* What a browser says to the groups of an encrypted meeting, for the tests. After <cmocka.h>. */
#ifndef PL_TESTS_GROUPS_H
#define PL_TESTS_GROUPS_H

#include "base/bytes.h"
#include "conference.h"
#include "server/group.h"

#define REFUSED(b, code, why)                                                                      \
    HEARD(b, "{\"type\":\"error\",\"code\":\"" code "\",\"message\":\"" why "\"")
#define HEARD_NOT(b, text)                                                                         \
    do {                                                                                           \
        if (heard(b, text))                                                                        \
            fail_msg("%s in\n%s", text, (b)->heard.data);                                          \
    } while (0)

/* An MLSMessage of the group "group", in base64url. */
static inline const char *message_of(enum pl_mls_wire wire, uint64_t epoch,
                                     enum pl_mls_sender sender, enum pl_mls_content content,
                                     const char *id)
{
    static char text[200];
    uint8_t bytes[100];
    struct pl_writer w = pl_writer(bytes, sizeof bytes);
    pl_write_u16(&w, 1);
    pl_write_u16(&w, (uint16_t)wire);
    pl_write_u8(&w, (uint8_t)strlen(id));
    pl_write_bytes(&w, id, strlen(id));
    pl_write_u64(&w, epoch);
    if (wire == PL_MLS_PUBLIC_MESSAGE) {
        pl_write_u8(&w, (uint8_t)sender);
        if (sender == PL_MLS_MEMBER || sender == PL_MLS_EXTERNAL)
            pl_write_u32(&w, 0);
        pl_write_u8(&w, 0);
    }
    pl_write_u8(&w, (uint8_t)content);
    pl_base64url(bytes, pl_writer_size(&w), text);
    return text;
}

struct commit {
    uint64_t epoch;
    const char *added, *removed; /* ids with quotes and commas between objects; "" : nobody */
    enum pl_mls_sender sender;   /* 0: a member */
    const char *group_id;        /* NULL: ours */
    uint64_t inner_epoch;        /* 0: the same */
    bool no_welcome;
    const char *group; /* its name; NULL: "meeting" */
};

#define ID(id) "{\"id\":\"" id "\"}"

static inline void say_commit(struct browser *b, const struct commit *c)
{
    char text[1000];
    const char *message = message_of(
        PL_MLS_PUBLIC_MESSAGE, c->inner_epoch ? c->inner_epoch : c->epoch,
        c->sender ? c->sender : PL_MLS_MEMBER, PL_MLS_COMMIT, c->group_id ? c->group_id : "group");
    bool welcome = *c->added && !c->no_welcome;
    snprintf(text, sizeof text,
             "{\"type\":\"commit\",\"group\":\"%s\",\"epoch\":%u,\"commit\":\"%s\",%s"
             "\"group_info\":\"aW5mbzI\",\"added\":[%s],\"removed\":[%s]}",
             c->group ? c->group : "meeting", (unsigned)c->epoch, message,
             welcome ? "\"welcome\":\"d2VsY29tZQ\"," : "", c->added, c->removed);
    say(b, text);
    pass(b->f, 0);
}

static inline void say_ack_to(struct browser *b, const char *group, unsigned epoch)
{
    char text[100];
    snprintf(text, sizeof text, "{\"type\":\"group_ack\",\"group\":\"%s\",\"epoch\":%u}", group,
             epoch);
    say(b, text);
    pass(b->f, 0);
}

static inline void say_ack(struct browser *b, unsigned epoch)
{
    say_ack_to(b, "meeting", epoch);
}

static inline void say_sealed_to(struct browser *b, const char *group, unsigned epoch)
{
    char text[300];
    snprintf(text, sizeof text,
             "{\"type\":\"sealed\",\"group\":\"%s\",\"epoch\":%u,\"message\":\"%s\"}", group, epoch,
             message_of(PL_MLS_PRIVATE_MESSAGE, epoch, 0, PL_MLS_APPLICATION, "group"));
    say(b, text);
    pass(b->f, 0);
}

static inline void say_sealed(struct browser *b, unsigned epoch)
{
    say_sealed_to(b, "meeting", epoch);
}

static inline void say_now(struct browser *b, const char *json)
{
    say(b, json);
    pass(b->f, 0);
}

static const char *const pages[] = {"page-a", "page-b", "page-c", "page-d"};

/* Person i + 1 comes by browser i. */
static inline struct browser *come(struct fixture *f, size_t i)
{
    char token[4];
    snprintf(token, sizeof token, "%zu", i + 1);
    return join_as(f, i, token, pages[i]);
}

#endif
