/* See store.h. A meeting's definition is one JSON text, since it is read and written whole. Numbers
 * are the rows' own and stay inside. */
#include "base/buf.h"
#include "crypto/hash.h"
#include "server/store_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const migrations[] = {
    "CREATE TABLE meetings ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " definition TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE invitations ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " meeting INTEGER NOT NULL REFERENCES meetings(number) ON DELETE CASCADE,"
    " person TEXT NOT NULL,"
    " token_hash BLOB NOT NULL UNIQUE,"
    " shared INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " revoked_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX invitations_meeting ON invitations(meeting);",
    /* The record. In the order of its keys, so that a meeting's events are read in one run. */
    "CREATE TABLE events ("
    " meeting INTEGER NOT NULL REFERENCES meetings(number) ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " bytes BLOB NOT NULL,"
    " PRIMARY KEY (meeting, number)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE meetings ADD COLUMN wake_ms INTEGER;"
    "CREATE INDEX meetings_wake ON meetings(wake_ms) WHERE wake_ms IS NOT NULL;",
    /* In parts, so that a large one is read as it is sent. What it is says the record. */
    "CREATE TABLE documents ("
    " meeting INTEGER NOT NULL REFERENCES meetings(number) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " part INTEGER NOT NULL,"
    " bytes BLOB NOT NULL,"
    " PRIMARY KEY (meeting, id, part)) STRICT;",
    "CREATE TABLE manifests ("
    " meeting INTEGER PRIMARY KEY REFERENCES meetings(number) ON DELETE CASCADE,"
    " version INTEGER NOT NULL,"
    " manifest TEXT NOT NULL,"
    " signature TEXT NOT NULL,"
    " key TEXT NOT NULL,"
    " signed_by TEXT NOT NULL) STRICT;",
    /* What was signed of the record, and who signed it too. */
    "CREATE TABLE checkpoints ("
    " meeting INTEGER NOT NULL REFERENCES meetings(number) ON DELETE CASCADE,"
    " size INTEGER NOT NULL,"
    " note TEXT NOT NULL,"
    " PRIMARY KEY (meeting, size)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE cosignatures ("
    " meeting INTEGER NOT NULL,"
    " size INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " line TEXT NOT NULL,"
    " PRIMARY KEY (meeting, size, name),"
    " FOREIGN KEY (meeting, size) REFERENCES checkpoints(meeting, size) ON DELETE CASCADE)"
    " STRICT, WITHOUT ROWID;",
    /* Every version, as the record names each. */
    "CREATE TABLE manifests_each ("
    " meeting INTEGER NOT NULL REFERENCES meetings(number) ON DELETE CASCADE,"
    " version INTEGER NOT NULL,"
    " manifest TEXT NOT NULL,"
    " signature TEXT NOT NULL,"
    " key TEXT NOT NULL,"
    " signed_by TEXT NOT NULL,"
    " PRIMARY KEY (meeting, version)) STRICT;"
    "INSERT INTO manifests_each SELECT meeting, version, manifest, signature, key, signed_by"
    " FROM manifests;"
    "DROP TABLE manifests;"
    "ALTER TABLE manifests_each RENAME TO manifests;",
    /* The server's own log, which outlives the meetings; and its keys. */
    "CREATE TABLE log_events (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE log_checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;"
    "CREATE TABLE rotations (number INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;",
    /* The definition with the people and seats that were added; the record has the hash of the
       other. */
    "ALTER TABLE meetings ADD COLUMN widened TEXT;",
    /* As they were adopted: later versions may word them otherwise. */
    "CREATE TABLE minutes ("
    " meeting INTEGER PRIMARY KEY REFERENCES meetings(number) ON DELETE CASCADE,"
    " en TEXT NOT NULL,"
    " fr TEXT NOT NULL) STRICT;",
    /* What witnesses elsewhere signed of the server's own log. */
    "CREATE TABLE log_cosignatures ("
    " size INTEGER NOT NULL REFERENCES log_checkpoints(size),"
    " name TEXT NOT NULL,"
    " line TEXT NOT NULL,"
    " PRIMARY KEY (size, name)) STRICT, WITHOUT ROWID;",
    /* Bodies, people with accounts, what they are in a body, and their sessions. */
    "CREATE TABLE bodies ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE accounts ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL,"
    " email TEXT NOT NULL,"
    " issuer TEXT,"
    " subject TEXT,"
    " administrator INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " seen_ms INTEGER NOT NULL,"
    " UNIQUE (issuer, subject)) STRICT;"
    "CREATE UNIQUE INDEX accounts_email ON accounts(email) WHERE email <> '';"
    "CREATE TABLE roles ("
    " account INTEGER NOT NULL REFERENCES accounts(number) ON DELETE CASCADE,"
    " body INTEGER NOT NULL REFERENCES bodies(number) ON DELETE CASCADE,"
    " role TEXT NOT NULL,"
    " PRIMARY KEY (account, body)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX roles_body ON roles(body);"
    "CREATE TABLE sessions ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES accounts(number) ON DELETE CASCADE,"
    " token_hash BLOB NOT NULL UNIQUE,"
    " way TEXT NOT NULL,"
    " began_ms INTEGER NOT NULL,"
    " used_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX sessions_account ON sessions(account);"
    "ALTER TABLE meetings ADD COLUMN body INTEGER REFERENCES bodies(number) ON DELETE SET NULL;"
    "CREATE INDEX meetings_body ON meetings(body) WHERE body IS NOT NULL;"
    /* The audit of administrative acts. The bytes go once they are old; the leaf stays. */
    "CREATE TABLE audit_events ("
    " number INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL,"
    " leaf BLOB NOT NULL,"
    " bytes BLOB) STRICT;"
    "CREATE TABLE audit_checkpoint ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " size INTEGER NOT NULL,"
    " note TEXT NOT NULL) STRICT;",
    /* Passkeys of accounts, and the links to enrol one by: one for an account. */
    "CREATE TABLE passkeys ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES accounts(number) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " made_ms INTEGER NOT NULL,"
    " used_ms INTEGER NOT NULL,"
    " credential BLOB NOT NULL UNIQUE,"
    " key BLOB NOT NULL,"
    " count INTEGER NOT NULL,"
    " may_backup INTEGER NOT NULL,"
    " backed_up INTEGER NOT NULL) STRICT;"
    "CREATE INDEX passkeys_account ON passkeys(account);"
    "CREATE TABLE enrolments ("
    " account INTEGER PRIMARY KEY REFERENCES accounts(number) ON DELETE CASCADE,"
    " token_hash BLOB NOT NULL UNIQUE,"
    " expires_ms INTEGER NOT NULL) STRICT;",
};

const size_t pl_store_schema = sizeof migrations / sizeof *migrations;

static enum pl_err prepare(struct pl_store *s)
{
    enum pl_err e = PL_OK;
#define X(name, sql)                                                                               \
    if (!e)                                                                                        \
        e = pl_db_prepare(s->db, sql, &s->name);
    STATEMENTS(X)
#undef X
    return e;
}

enum pl_err pl_store_open(const char *path, struct pl_random random, struct pl_store **out,
                          char why[200])
{
    struct pl_store *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, 200, "no memory");
        return PL_ENOMEM;
    }
    s->random = random;
    pl_list_init(&s->kept);
    enum pl_err e = pl_db_open(path, migrations, pl_store_schema, &s->db, why);
    if (!e) {
        e = prepare(s);
        if (e)
            snprintf(why, 200, "%.100s: %.90s", path, pl_db_message(s->db));
    }
    if (!e) {
        e = pl_store_begin_records(s);
        if (e)
            snprintf(why, 200, "%.90s: a meeting's record cannot be begun: %.60s", path,
                     pl_store_failure(s));
    }
    if (e) {
        pl_store_close(s);
        return e;
    }
    *out = s;
    return PL_OK;
}

enum pl_err pl_store_open_read(const char *path, struct pl_random random, struct pl_store **out,
                               char why[200])
{
    struct pl_store *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, 200, "no memory");
        return PL_ENOMEM;
    }
    s->random = random;
    pl_list_init(&s->kept);
    enum pl_err e = pl_db_open_read(path, pl_store_schema, &s->db, why);
    if (!e) {
        e = pl_db_begin_read(s->db);
        if (!e)
            e = prepare(s);
        if (e)
            snprintf(why, 200, "%.100s: %.90s", path, pl_db_message(s->db));
    }
    if (e) {
        pl_store_close(s);
        return e;
    }
    *out = s;
    return PL_OK;
}

static void drop(struct pl_store *s, struct kept *k)
{
    pl_list_remove(&k->node);
    s->n_kept--;
    pl_definition_free(k->definition);
    free(k);
}

const char *pl_store_failure(const struct pl_store *s)
{
    return pl_db_failure(s->db);
}

void pl_store_close(struct pl_store *s)
{
    if (!s)
        return;
    pl_list_each (struct kept, k, &s->kept, node)
        drop(s, k);
    pl_db_close(s->db);
    free(s);
}

void pl_store_make_id(struct pl_store *s, char out[PL_STORE_ID_SIZE])
{
    static const char letters[] = "23456789bcdfghjkmnpqrstvwxz";
    const unsigned n = sizeof letters - 1, fair = 256 / n * n; /* bytes above would be a bias */
    for (size_t i = 0; i < PL_STORE_ID_CHARS;) {
        uint8_t byte;
        s->random.fill(s->random.ctx, &byte, 1);
        if (byte < fair)
            out[i++] = letters[byte % n];
    }
    out[PL_STORE_ID_CHARS] = 0;
}

void pl_store_document_id(struct pl_store *s, char out[PL_STORE_ID_SIZE])
{
    pl_store_make_id(s, out);
}

enum pl_err pl_store_number(struct pl_store *s, struct pl_str meeting, int64_t *out)
{
    pl_stmt_begin(s->exists);
    pl_stmt_text(s->exists, 1, meeting);
    enum pl_err e = pl_stmt_row(s->exists);
    if (!e)
        *out = pl_stmt_col_int(s->exists, 0);
    pl_stmt_end(s->exists);
    return e;
}

enum pl_err pl_store_column(struct pl_stmt *row, int i, char *out, size_t size)
{
    return pl_str_copy(pl_stmt_col_text(row, i), out, size) ? PL_EIO : PL_OK;
}

static enum pl_err insert_meeting(struct pl_store *s, struct pl_str json, int64_t now_ms,
                                  char id[PL_STORE_ID_SIZE])
{
    enum pl_err e = PL_EEXIST;
    for (int tries = 0; e == PL_EEXIST && tries < STORE_ID_TRIES; tries++) {
        pl_store_make_id(s, id);
        pl_stmt_begin(s->add);
        pl_stmt_text(s->add, 1, pl_str(id));
        pl_stmt_text(s->add, 2, json);
        pl_stmt_int(s->add, 3, now_ms);
        e = pl_stmt_run(s->add);
    }
    return e;
}

/* The meeting, its invitations and the beginning of its record, inside a transaction. */
static enum pl_err add_all(struct pl_store *s, const struct pl_definition *d, struct pl_str json,
                           int64_t now_ms, char id[PL_STORE_ID_SIZE],
                           struct pl_invitation_made *list, char why[PL_WHY_SIZE])
{
    struct pl_events events = {0};
    int64_t wake_ms;
    enum pl_err e = insert_meeting(s, json, now_ms, id);
    if (e)
        return e == PL_EEXIST ? PL_EIO : e;
    int64_t number = pl_db_last_id(s->db);
    const struct pl_beginning beginning = {.id = id, .json = json, .now_ms = now_ms};
    e = pl_events_begin(d, &beginning, &s->random, &events, &wake_ms, why);
    if (e)
        return e;
    e = pl_store_insert(s, number, &events, wake_ms);
    pl_events_free(&events);
    if (!e)
        e = pl_store_log_meeting(s, now_ms, "created", id, json, NULL);
    for (size_t i = 0; !e && i < d->n_people; i++)
        e = pl_store_insert_invitation(s, number, id, &d->people[i], now_ms, &list[i]);
    return e && e != PL_ENOMEM ? PL_EIO : e;
}

enum pl_err pl_store_add(struct pl_store *s, const struct pl_definition *d, struct pl_str json,
                         int64_t now_ms, char id[PL_STORE_ID_SIZE],
                         struct pl_invitation_made **made, char why[PL_WHY_SIZE])
{
    char fresh[PL_STORE_ID_SIZE];
    struct pl_invitation_made *list = calloc(d->n_people ? d->n_people : 1, sizeof *list);
    if (!list)
        return PL_ENOMEM;
    enum pl_err e = pl_db_begin(s->db) ? PL_EIO : PL_OK;
    if (!e) {
        e = add_all(s, d, json, now_ms, fresh, list, why);
        if (e)
            pl_db_rollback(s->db);
        else if (pl_db_commit(s->db))
            e = PL_EIO;
    }
    if (e) {
        free(list);
        return e;
    }
    memcpy(id, fresh, sizeof fresh);
    *made = list;
    return PL_OK;
}

static struct kept *find_kept(struct pl_store *s, struct pl_str meeting)
{
    pl_list_each (struct kept, k, &s->kept, node)
        if (pl_str_eq(meeting, k->id))
            return k;
    return NULL;
}

/* Without memory it is read again the next time. */
static void keep(struct pl_store *s, struct pl_str meeting, struct pl_definition *d,
                 int64_t created_ms)
{
    struct kept *k = calloc(1, sizeof *k);
    if (!k || pl_str_copy(meeting, k->id, sizeof k->id)) {
        free(k);
        return;
    }
    k->created_ms = created_ms;
    k->definition = pl_definition_hold(d);
    if (s->n_kept == PL_DEFINITIONS_KEPT)
        drop(s, pl_container_of(s->kept.next, struct kept, node));
    pl_list_push(&s->kept, &k->node);
    s->n_kept++;
}

static enum pl_err read_definition(struct pl_store *s, struct pl_str meeting,
                                   struct pl_definition **out, int64_t *created_ms)
{
    char why[PL_WHY_SIZE];
    pl_stmt_begin(s->find);
    pl_stmt_text(s->find, 1, meeting);
    enum pl_err e = pl_stmt_row(s->find);
    if (!e) {
        int64_t created = pl_stmt_col_int(s->find, 1);
        e = pl_definition_decode(pl_stmt_col_text(s->find, 3), out, why);
        if (!e)
            *created_ms = created;
        else if (e != PL_ENOMEM)
            e = PL_EIO; /* it was checked when it was written: the file is damaged */
    }
    pl_stmt_end(s->find);
    return e;
}

enum pl_err pl_store_get(struct pl_store *s, struct pl_str meeting, struct pl_definition **out,
                         int64_t *created_ms)
{
    struct pl_definition *d;
    int64_t created;
    struct kept *k = find_kept(s, meeting);
    if (k) {
        pl_list_remove(&k->node);
        pl_list_push(&s->kept, &k->node);
        d = pl_definition_hold(k->definition);
        created = k->created_ms;
    } else {
        enum pl_err e = read_definition(s, meeting, &d, &created);
        if (e)
            return e;
        keep(s, meeting, d, created);
    }
    *out = d;
    if (created_ms)
        *created_ms = created;
    return PL_OK;
}

enum pl_err pl_store_made(struct pl_store *s, struct pl_str meeting, struct pl_definition **out)
{
    char why[PL_WHY_SIZE];
    pl_stmt_begin(s->find);
    pl_stmt_text(s->find, 1, meeting);
    enum pl_err e = pl_stmt_row(s->find);
    bool widened = false;
    if (!e) {
        struct pl_str made = pl_stmt_col_text(s->find, 2);
        widened = made.n != pl_stmt_col_text(s->find, 3).n; /* what is added makes it longer */
        if (widened && pl_definition_decode(made, out, why))
            e = PL_EIO; /* as in read_definition, or no memory */
    }
    pl_stmt_end(s->find);
    return e || widened ? e : pl_store_get(s, meeting, out, NULL);
}

enum pl_err pl_store_definition(struct pl_store *s, struct pl_str meeting, struct pl_buf *out)
{
    pl_stmt_begin(s->find);
    pl_stmt_text(s->find, 1, meeting);
    enum pl_err e = pl_stmt_row(s->find);
    if (!e) {
        struct pl_str text = pl_stmt_col_text(s->find, 2);
        pl_buf_add(out, text.p, text.n);
    }
    pl_stmt_end(s->find);
    if (e)
        return e == PL_ENOENT ? e : PL_EIO;
    return out->failed ? PL_ENOMEM : PL_OK;
}

void pl_store_forget(struct pl_store *s, struct pl_str meeting)
{
    struct kept *k = find_kept(s, meeting);
    if (k)
        drop(s, k);
}

/* Within a transaction. */
static enum pl_err bury(struct pl_store *s, struct pl_str meeting, int64_t now_ms)
{
    char id[PL_STORE_ID_SIZE];
    struct pl_merkle tree = {0};
    int64_t number;
    enum pl_err e = pl_store_number(s, meeting, &number);
    if (!e && pl_str_copy(meeting, id, sizeof id))
        e = PL_ENOENT;
    if (!e)
        e = pl_store_tree(s, meeting, &tree);
    if (!e)
        e = pl_store_log_meeting(s, now_ms, "deleted", id, (struct pl_str){0}, &tree);
    pl_merkle_free(&tree);
    if (e)
        return e;
    pl_stmt_begin(s->remove);
    pl_stmt_text(s->remove, 1, meeting);
    return pl_stmt_run(s->remove);
}

enum pl_err pl_store_delete(struct pl_store *s, struct pl_str meeting, int64_t now_ms)
{
    if (pl_db_begin(s->db))
        return PL_EIO;
    enum pl_err e = bury(s, meeting, now_ms);
    if (e)
        pl_db_rollback(s->db);
    else
        e = pl_db_commit(s->db);
    if (!e)
        pl_store_forget(s, meeting);
    return e && e != PL_ENOENT && e != PL_ENOMEM ? PL_EIO : e;
}

enum pl_err pl_store_list_rows(struct pl_stmt *rows, pl_store_meeting *each, void *ctx)
{
    enum pl_err e;
    while ((e = pl_stmt_row(rows)) == PL_OK) {
        char id[PL_STORE_ID_SIZE];
        e = pl_store_column(rows, 0, id, sizeof id);
        if (e)
            break;
        each(ctx, id, pl_stmt_col_text(rows, 1), pl_stmt_col_int(rows, 2));
    }
    pl_stmt_end(rows);
    return e == PL_ENOENT ? PL_OK : e;
}

enum pl_err pl_store_list(struct pl_store *s, pl_store_meeting *each, void *ctx)
{
    pl_stmt_begin(s->list);
    return pl_store_list_rows(s->list, each, ctx);
}
