/* See audit.h. */
#include "server/audit.h"

#include "base/json.h"
#include "record/audit.h"
#include "record/checkpoint.h"
#include "server/store_parts.h"

#include <stdlib.h>

#define HOUR_MS (INT64_C(3600) * 1000)

const char *const pl_audit_words[PL_AUDIT_ACT_COUNT] = {
    [PL_AUDIT_LOGIN] = "login",
    [PL_AUDIT_LOGIN_REFUSED] = "login_refused",
    [PL_AUDIT_LOGOUT] = "logout",
    [PL_AUDIT_SESSION_ENDED] = "session_ended",
    [PL_AUDIT_BODY_MADE] = "body_made",
    [PL_AUDIT_BODY_RENAMED] = "body_renamed",
    [PL_AUDIT_BODY_REMOVED] = "body_removed",
    [PL_AUDIT_ACCOUNT_MADE] = "account_made",
    [PL_AUDIT_ACCOUNT_CHANGED] = "account_changed",
    [PL_AUDIT_ACCOUNT_REMOVED] = "account_removed",
    [PL_AUDIT_ROLE_GIVEN] = "role_given",
    [PL_AUDIT_ROLE_TAKEN] = "role_taken",
    [PL_AUDIT_KEY_ADDED] = "key_added",
    [PL_AUDIT_KEY_REMOVED] = "key_removed",
    [PL_AUDIT_ENROLMENT_MADE] = "enrolment_made",
    [PL_AUDIT_MEETING_MADE] = "meeting_made",
    [PL_AUDIT_MEETING_CHANGED] = "meeting_changed",
    [PL_AUDIT_MEETING_DELETED] = "meeting_deleted",
    [PL_AUDIT_INVITED] = "invited",
    [PL_AUDIT_INVITATION_REVOKED] = "invitation_revoked",
    [PL_AUDIT_PERSON_ADDED] = "person_added",
    [PL_AUDIT_SEAT_ADDED] = "seat_added",
    [PL_AUDIT_MANIFEST_PUT] = "manifest_put",
    [PL_AUDIT_DOCUMENT_PUT] = "document_put",
    [PL_AUDIT_TRACED] = "traced",
    [PL_AUDIT_RECORD_KEY] = "record_key",
    [PL_AUDIT_STARTED] = "started",
    [PL_AUDIT_DRAIN] = "drain",
    [PL_AUDIT_DRAIN_CANCELLED] = "drain_cancelled",
};

#define AUDIT_STATEMENTS(X)                                                                        \
    X(add, "INSERT INTO audit_events(number, at_ms, leaf, bytes) VALUES (?1, ?2, ?3, ?4)")         \
    X(leaves, "SELECT number, leaf FROM audit_events WHERE number > ?1 ORDER BY number")           \
    X(page, "SELECT number, bytes FROM audit_events WHERE number < ?1 AND bytes IS NOT NULL"       \
            " ORDER BY number DESC LIMIT ?2")                                                      \
    X(all, "SELECT number, bytes FROM audit_events WHERE number <= ?1 ORDER BY number")            \
    X(forget, "UPDATE audit_events SET bytes = NULL WHERE at_ms < ?1 AND bytes IS NOT NULL")       \
    X(sign, "INSERT INTO audit_checkpoint(one, size, note) VALUES (1, ?1, ?2)"                     \
            " ON CONFLICT DO UPDATE SET size = excluded.size, note = excluded.note")               \
    X(last, "SELECT size, note FROM audit_checkpoint")

struct pl_audit {
    struct pl_store *store;
    struct pl_signing *signing;
    char origin[PL_RECORD_ORIGIN_SIZE];
    struct pl_merkle tree;
    uint64_t covered; /* its size at the last checkpoint */
    bool astray;      /* the tree is not what is on disk: read it anew */
    struct pl_buf note;
    /* Refused logins. */
    int64_t hour_ms; /* when it began */
    unsigned in_hour;
    int64_t left_out;
#define X(name, sql) struct pl_stmt *name;
    AUDIT_STATEMENTS(X)
#undef X
};

static enum pl_err load_leaves(struct pl_audit *a)
{
    enum pl_err e;
    pl_merkle_free(&a->tree);
    pl_stmt_begin(a->leaves);
    pl_stmt_int(a->leaves, 1, 0);
    while ((e = pl_stmt_row(a->leaves)) == PL_OK) {
        struct pl_hash leaf;
        struct pl_str bytes = pl_stmt_col_blob(a->leaves, 1);
        e = bytes.n != sizeof leaf.bytes ||
                    (uint64_t)pl_stmt_col_int(a->leaves, 0) != a->tree.size + 1
                ? PL_EINVAL
                : PL_OK;
        if (!e) {
            memcpy(leaf.bytes, bytes.p, sizeof leaf.bytes);
            e = pl_merkle_add(&a->tree, &leaf);
        }
        if (e)
            break;
    }
    pl_stmt_end(a->leaves);
    a->astray = e != PL_ENOENT;
    return e == PL_ENOENT ? PL_OK : e;
}

static enum pl_err load_note(struct pl_audit *a, uint64_t *size)
{
    pl_buf_clear(&a->note);
    pl_stmt_begin(a->last);
    enum pl_err e = pl_stmt_row(a->last);
    if (!e) {
        struct pl_str text = pl_stmt_col_text(a->last, 1);
        *size = (uint64_t)pl_stmt_col_int(a->last, 0);
        pl_buf_add(&a->note, text.p, text.n);
    }
    pl_stmt_end(a->last);
    return a->note.failed ? PL_ENOMEM : e;
}

/* Are the events those that were signed? Only what is on disk is signed: so the last one may not be
 * covered, if the server was killed in between. */
static enum pl_err check(struct pl_audit *a)
{
    struct pl_note note;
    struct pl_checkpoint c;
    uint64_t size = 0;
    enum pl_err e = load_note(a, &size);
    if (e == PL_ENOENT)
        return a->tree.size > 1 ? PL_EINVAL : PL_OK;
    if (e)
        return e;
    if (pl_note_parse((struct pl_str){a->note.data, a->note.len}, &note) ||
        pl_checkpoint_parse(note.text, &c) || c.size != size || size > a->tree.size ||
        a->tree.size - size > 1)
        return PL_EINVAL;
    struct pl_hash root = pl_merkle_root(&a->tree, size);
    a->covered = size;
    return pl_hash_eq(&root, &c.root) ? PL_OK : PL_EINVAL;
}

enum pl_err pl_audit_new(struct pl_store *store, struct pl_signing *signing, struct pl_audit **out)
{
    struct pl_audit *a = calloc(1, sizeof *a);
    enum pl_err e = PL_OK;
    if (!a)
        return PL_ENOMEM;
    a->store = store;
    a->signing = signing;
    pl_record_origin(signing->id.name, pl_str(PL_AUDIT_LOG), a->origin);
#define X(name, sql)                                                                               \
    if (!e)                                                                                        \
        e = pl_db_prepare(store->db, sql, &a->name);
    AUDIT_STATEMENTS(X)
#undef X
    if (!e)
        e = load_leaves(a);
    if (!e)
        e = check(a);
    if (e) {
        pl_audit_free(a);
        return e == PL_ENOMEM || e == PL_EINVAL ? e : PL_EIO;
    }
    *out = a;
    return PL_OK;
}

void pl_audit_free(struct pl_audit *a)
{
    if (!a)
        return;
    pl_merkle_free(&a->tree);
    pl_buf_free(&a->note);
    free(a);
}

/* An event's text */

static void put_account(struct pl_buf *out, const char *key, const struct pl_account *a)
{
    pl_json_open(out, key, '{');
    pl_json_str(out, "account", a->id);
    pl_json_str(out, "name", a->name);
    if (a->email[0])
        pl_json_str(out, "email", a->email);
    pl_json_close(out, '}');
}

static void put_text(struct pl_buf *out, const char *key, const char *text)
{
    if (text && *text)
        pl_json_str(out, key, text);
}

static void put_run(struct pl_buf *out, const char *key, struct pl_str text)
{
    if (text.n && pl_text_ok(text))
        pl_json_strn(out, key, text);
}

/* The fields of an entry, in one order. */
static void put_entry(struct pl_buf *out, const struct pl_audit_entry *entry)
{
    pl_json_str(out, "act", pl_audit_words[entry->act]);
    if (entry->by)
        put_account(out, "by", entry->by);
    else if (entry->by_token)
        pl_json_str(out, "by", "token");
    if (entry->from) {
        char text[PL_ADDR_TEXT];
        pl_addr_ip_text(entry->from, text);
        pl_json_str(out, "from", text);
    }
    put_run(out, "meeting", entry->meeting);
    put_run(out, "person", entry->person);
    if (entry->account)
        put_account(out, "account", entry->account);
    if (entry->body) {
        pl_json_open(out, "body", '{');
        pl_json_str(out, "body", entry->body->id);
        pl_json_str(out, "name", entry->body->name);
        pl_json_close(out, '}');
    }
    put_text(out, "role", entry->role);
    put_text(out, "way", entry->way);
    put_run(out, "what", entry->what);
    put_text(out, "why", entry->why);
}

/* Adding one */

static enum pl_err insert(struct pl_audit *a, const struct pl_buf *event, int64_t now_ms)
{
    struct pl_hash leaf = pl_merkle_leaf(event->data, event->len);
    pl_stmt_begin(a->add);
    pl_stmt_int(a->add, 1, (int64_t)a->tree.size + 1);
    pl_stmt_int(a->add, 2, now_ms);
    pl_stmt_blob(a->add, 3, leaf.bytes, sizeof leaf.bytes);
    pl_stmt_blob(a->add, 4, event->data, event->len);
    enum pl_err e = pl_stmt_run(a->add);
    a->astray = true; /* until it is committed */
    return e ? e : pl_merkle_add(&a->tree, &leaf);
}

static enum pl_err add(struct pl_audit *a, const struct pl_buf *event, int64_t now_ms)
{
    if (pl_db_begin(a->store->db))
        return PL_EIO;
    enum pl_err e = insert(a, event, now_ms);
    if (e)
        pl_db_rollback(a->store->db);
    else
        e = pl_db_commit(a->store->db);
    if (!e)
        a->astray = false;
    return e && e != PL_ENOMEM ? PL_EIO : e;
}

static enum pl_err cover(struct pl_audit *a)
{
    struct pl_buf note = {0};
    if (a->covered == a->tree.size)
        return PL_OK;
    enum pl_err e = pl_signing_checkpoint(a->signing, pl_str(PL_AUDIT_LOG), &a->tree, a->tree.size,
                                          a->covered, &note);
    if (!e) {
        pl_stmt_begin(a->sign);
        pl_stmt_int(a->sign, 1, (int64_t)a->tree.size);
        pl_stmt_text(a->sign, 2, (struct pl_str){note.data, note.len});
        e = pl_stmt_run(a->sign);
    }
    if (e) {
        pl_buf_free(&note);
        return e == PL_ENOMEM ? e : PL_EIO;
    }
    pl_buf_free(&a->note);
    a->note = note;
    a->covered = a->tree.size;
    return PL_OK;
}

/* One more refused login: is it written down? */
static bool within(struct pl_audit *a, int64_t now_ms)
{
    if (now_ms - a->hour_ms >= HOUR_MS || now_ms < a->hour_ms) {
        a->hour_ms = now_ms;
        a->in_hour = 0;
    }
    if (a->in_hour < PL_AUDIT_REFUSALS_MAX) {
        a->in_hour++;
        return true;
    }
    a->left_out++;
    return false;
}

enum pl_err pl_audit_note(struct pl_audit *a, const struct pl_audit_entry *entry, int64_t now_ms)
{
    struct pl_buf event = {0};
    uint8_t bytes[PL_ACT_SALT_BYTES];
    char salt[PL_ACT_SALT_CHARS + 1];
    if (entry->act == PL_AUDIT_LOGIN_REFUSED && !within(a, now_ms))
        return PL_OK;
    enum pl_err e = a->astray ? load_leaves(a) : PL_OK;
    if (e)
        return e == PL_ENOMEM ? e : PL_EIO;
    e = cover(a);
    if (e)
        return e;
    /* So that a forgotten event is not guessed from its leaf. */
    a->store->random.fill(a->store->random.ctx, bytes, sizeof bytes);
    pl_base64url(bytes, sizeof bytes, salt);
    pl_json_open(&event, NULL, '{');
    pl_json_int(&event, "number", (int64_t)a->tree.size + 1);
    pl_json_int(&event, "at", now_ms);
    pl_json_str(&event, "salt", salt);
    put_entry(&event, entry);
    if (entry->act == PL_AUDIT_LOGIN_REFUSED && a->left_out)
        pl_json_int(&event, "left_out", a->left_out);
    pl_json_close(&event, '}');
    e = event.failed ? PL_ENOMEM : add(a, &event, now_ms);
    if (!e && entry->act == PL_AUDIT_LOGIN_REFUSED)
        a->left_out = 0;
    pl_buf_free(&event);
    return e ? e : cover(a);
}

/* Is the last checkpoint signed by the key that signs now? */
static bool same_key(const struct pl_audit *a)
{
    struct pl_note note;
    const struct pl_vkey key = pl_record_vkey(&a->signing->id, pl_str(a->origin));
    return pl_note_parse((struct pl_str){a->note.data, a->note.len}, &note) == PL_OK &&
           pl_note_verify(&note, &key) == PL_OK;
}

enum pl_err pl_audit_start(struct pl_audit *a, int64_t now_ms)
{
    struct pl_buf text = {0};
    const struct pl_vkey key = pl_record_vkey(&a->signing->id, pl_str(a->signing->id.name));
    enum pl_err e = PL_OK;
    pl_vkey_print(&text, &key);
    const struct pl_audit_entry other = {.act = PL_AUDIT_RECORD_KEY, .what = {text.data, text.len}};
    const struct pl_audit_entry started = {.act = PL_AUDIT_STARTED};
    if (text.failed)
        e = PL_ENOMEM;
    else if (!same_key(a))
        e = pl_audit_note(a, &other, now_ms);
    pl_buf_free(&text);
    return e ? e : pl_audit_note(a, &started, now_ms);
}

enum pl_err pl_audit_forget(struct pl_audit *a, int64_t before_ms)
{
    pl_stmt_begin(a->forget);
    pl_stmt_int(a->forget, 1, before_ms);
    return pl_stmt_run(a->forget) ? PL_EIO : PL_OK;
}

enum pl_err pl_audit_read(struct pl_audit *a, uint64_t before, struct pl_buf *json)
{
    enum pl_err e;
    int64_t last = 0, n = 0;
    pl_json_open(json, NULL, '{');
    pl_json_str(json, "origin", a->origin);
    pl_json_int(json, "size", (int64_t)a->covered);
    pl_json_strn(json, "checkpoint",
                 (struct pl_str){a->note.data ? a->note.data : "", a->note.len});
    pl_json_open(json, "events", '[');
    pl_stmt_begin(a->page);
    pl_stmt_int(a->page, 1, before ? (int64_t)before : INT64_MAX);
    pl_stmt_int(a->page, 2, PL_AUDIT_PAGE);
    while ((e = pl_stmt_row(a->page)) == PL_OK) {
        last = pl_stmt_col_int(a->page, 0);
        pl_json_open(json, NULL, '{');
        pl_json_int(json, "number", last);
        pl_json_strn(json, "event", pl_stmt_col_blob(a->page, 1));
        pl_json_close(json, '}');
        n++;
    }
    pl_stmt_end(a->page);
    pl_json_close(json, ']');
    if (n == PL_AUDIT_PAGE && last > 1)
        pl_json_int(json, "before", last);
    pl_json_close(json, '}');
    if (e != PL_ENOENT)
        return PL_EIO;
    return json->failed ? PL_ENOMEM : PL_OK;
}

enum pl_err pl_audit_write(struct pl_audit *a, struct pl_buf *out)
{
    struct pl_buf text = {0};
    enum pl_err e;
    const struct pl_record_id *id = &a->signing->id;
    const struct pl_vkey key = pl_record_vkey(id, pl_str(id->name));
    if (!a->note.len)
        return PL_ENOENT;
    /* Another key may be in force, which has signed nothing yet. */
    if (!same_key(a))
        return PL_ESTATE;
    pl_vkey_print(&text, &key);
    pl_audit_write_head(out, a->origin, text.failed ? "" : text.data);
    pl_stmt_begin(a->all);
    pl_stmt_int(a->all, 1, (int64_t)a->covered);
    while ((e = pl_stmt_row(a->all)) == PL_OK) {
        uint64_t number = (uint64_t)pl_stmt_col_int(a->all, 0);
        struct pl_hash leaf = pl_merkle_leaf_at(&a->tree, number - 1);
        if (pl_stmt_col_null(a->all, 1))
            pl_audit_write_forgotten(out, number, &leaf);
        else
            pl_audit_write_event(out, pl_stmt_col_blob(a->all, 1));
    }
    pl_stmt_end(a->all);
    pl_audit_write_checkpoint(out, (struct pl_str){a->note.data, a->note.len});
    bool failed = text.failed || out->failed;
    pl_buf_free(&text);
    return failed ? PL_ENOMEM : e == PL_ENOENT ? PL_OK : PL_EIO;
}
