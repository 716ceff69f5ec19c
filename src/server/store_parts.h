/* What the files of the store share, and nobody else includes: store.c (meetings),
 * store_invitations.c, store_events.c (the record), store_signed.c (what is signed of it),
 * store_log.c (the server's own log), store_witness.c, store_documents.c, store_manifest.c,
 * store_minutes.c, store_replace.c. */
#ifndef PL_SERVER_STORE_PARTS_H
#define PL_SERVER_STORE_PARTS_H

#include "base/list.h"
#include "io/db.h"
#include "record/merkle.h"
#include "server/store.h"

#define INVITATION_COLUMNS                                                                         \
    "i.id, m.id, i.person, i.shared, i.expires_ms, i.revoked_ms"                                   \
    " FROM invitations i JOIN meetings m ON m.number = i.meeting "

/* The body that a definition, the second value, names. */
#define OF_BODY "(SELECT number FROM bodies WHERE name = json_extract(?2, '$.body'))"

#define STATEMENTS(X)                                                                              \
    X(add,                                                                                         \
      "INSERT INTO meetings(id, definition, created_ms, body) VALUES (?1, ?2, ?3, " OF_BODY ")")   \
    X(find, "SELECT number, created_ms, definition, coalesce(widened, definition)"                 \
            " FROM meetings WHERE id = ?1")                                                        \
    X(exists, "SELECT number FROM meetings WHERE id = ?1")                                         \
    X(remove, "DELETE FROM meetings WHERE id = ?1")                                                \
    X(list, "SELECT id, json_extract(definition, '$.title'), created_ms FROM meetings"             \
            " ORDER BY number DESC")                                                               \
    X(invite, "INSERT INTO invitations(id, meeting, person, token_hash, shared, expires_ms,"       \
              " revoked_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)")                                   \
    X(count, "SELECT count(*) FROM invitations WHERE meeting = ?1")                                \
    X(invitations, "SELECT " INVITATION_COLUMNS "WHERE m.id = ?1 ORDER BY i.number")               \
    X(invitation, "SELECT " INVITATION_COLUMNS "WHERE m.id = ?1 AND i.id = ?2")                    \
    X(by_token, "SELECT " INVITATION_COLUMNS "WHERE i.token_hash = ?1")                            \
    X(event_add, "INSERT INTO events(meeting, number, bytes) VALUES (?1, ?2, ?3)")                 \
    X(events,                                                                                      \
      "SELECT number, bytes FROM events WHERE meeting = ?1 AND number > ?2 ORDER BY number")       \
    X(wake, "UPDATE meetings SET wake_ms = ?2 WHERE number = ?1 AND wake_ms IS NOT ?2")            \
    X(next_wake, "SELECT min(wake_ms) FROM meetings WHERE wake_ms IS NOT NULL")                    \
    X(due, "SELECT id FROM meetings WHERE wake_ms <= ?1 ORDER BY wake_ms")                         \
    X(outlived,                                                                                    \
      "SELECT id FROM meetings m WHERE wake_ms IS NULL AND created_ms < ?1"                        \
      " AND (SELECT json_extract(CAST(bytes AS TEXT), '$.at') FROM events"                         \
      " WHERE meeting = m.number ORDER BY number DESC LIMIT 1) < ?1"                               \
      " AND (SELECT json_extract(CAST(bytes AS TEXT), '$.session') FROM events"                    \
      " WHERE meeting = m.number AND json_extract(CAST(bytes AS TEXT), '$.act') = 'set_session'"   \
      " ORDER BY number DESC LIMIT 1) = 'closed' ORDER BY number LIMIT 1")                         \
    X(unbegun, "SELECT number, id, definition, created_ms FROM meetings WHERE number > ?1 AND"     \
               " NOT EXISTS (SELECT 1 FROM events WHERE meeting = meetings.number)"                \
               " ORDER BY number LIMIT 1")                                                         \
    X(document_add, "INSERT INTO documents(meeting, id, part, bytes) VALUES (?1, ?2, ?3, ?4)")     \
    X(document, "SELECT bytes FROM documents WHERE id = ?2 AND part = ?3 AND"                      \
                " meeting = (SELECT number FROM meetings WHERE id = ?1)")                          \
    X(document_drop, "DELETE FROM documents WHERE id = ?2 AND"                                     \
                     " meeting = (SELECT number FROM meetings WHERE id = ?1)")                     \
    X(manifest_put, "INSERT INTO manifests(meeting, version, manifest, signature, key, signed_by)" \
                    " SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM manifests"     \
                    " WHERE meeting = ?1 AND version >= ?2)")                                      \
    X(manifest, "SELECT version, manifest, signature, key, signed_by FROM manifests"               \
                " WHERE meeting = (SELECT number FROM meetings WHERE id = ?1)"                     \
                " ORDER BY version DESC LIMIT 1")                                                  \
    X(manifests, "SELECT version, manifest, signature, key, signed_by FROM manifests"              \
                 " WHERE meeting = (SELECT number FROM meetings WHERE id = ?1) ORDER BY version")  \
    X(manifest_drop, "DELETE FROM manifests WHERE meeting = ?1")                                   \
    X(minutes_put, "INSERT INTO minutes(meeting, en, fr) VALUES (?1, ?2, ?3)")                     \
    X(minutes, "SELECT en, fr FROM minutes"                                                        \
               " WHERE meeting = (SELECT number FROM meetings WHERE id = ?1)")                     \
    X(checkpoint_add, "INSERT INTO checkpoints(meeting, size, note) SELECT number, ?2, ?3"         \
                      " FROM meetings WHERE id = ?1")                                              \
    X(checkpoint, "SELECT size, note FROM checkpoints"                                             \
                  " WHERE meeting = (SELECT number FROM meetings WHERE id = ?1)"                   \
                  " ORDER BY size DESC LIMIT 1")                                                   \
    X(checkpoints, "SELECT size, note FROM checkpoints"                                            \
                   " WHERE meeting = (SELECT number FROM meetings WHERE id = ?1) ORDER BY size")   \
    X(last_checkpoints, "SELECT m.id, c.note FROM checkpoints c JOIN meetings m"                   \
                        " ON m.number = c.meeting WHERE c.size = (SELECT max(size)"                \
                        " FROM checkpoints WHERE meeting = c.meeting)"                             \
                        " UNION ALL SELECT 'audit', note FROM audit_checkpoint UNION ALL"          \
                        " SELECT 'server', note FROM log_checkpoints"                              \
                        " WHERE size = (SELECT max(size) FROM log_checkpoints)")                   \
    X(checkpoints_drop, "DELETE FROM checkpoints WHERE meeting = ?1")                              \
    X(cosign, "INSERT OR IGNORE INTO cosignatures(meeting, size, name, line)"                      \
              " SELECT number, ?2, ?3, ?4 FROM meetings WHERE id = ?1")                            \
    X(cosignatures, "SELECT line FROM cosignatures WHERE size = ?2"                                \
                    " AND meeting = (SELECT number FROM meetings WHERE id = ?1) ORDER BY name")    \
    X(log_add, "INSERT INTO log_events(number, bytes) VALUES (?1, ?2)")                            \
    X(log_next, "SELECT coalesce(max(number), 0) + 1 FROM log_events")                             \
    X(log_read, "SELECT number, bytes FROM log_events WHERE number > ?1 ORDER BY number")          \
    X(log_cover, "INSERT INTO log_checkpoints(size, note) VALUES (?1, ?2)")                        \
    X(log_covered, "SELECT size, note FROM log_checkpoints ORDER BY size DESC LIMIT 1")            \
    X(log_cosign, "INSERT OR IGNORE INTO log_cosignatures(size, name, line) VALUES (?1, ?2, ?3)")  \
    X(log_cosignatures, "SELECT line FROM log_cosignatures WHERE size = ?1 ORDER BY name")         \
    X(log_witnessed, "SELECT coalesce(max(size), 0) FROM log_cosignatures WHERE name = ?1")        \
    X(witnessed, "SELECT coalesce(max(size), 0) FROM cosignatures WHERE name = ?2"                 \
                 " AND meeting = (SELECT number FROM meetings WHERE id = ?1)")                     \
    X(unwitnessed, "SELECT id FROM meetings m WHERE EXISTS (SELECT 1 FROM checkpoints"             \
                   " WHERE meeting = m.number) AND NOT EXISTS (SELECT 1 FROM cosignatures"         \
                   " WHERE meeting = m.number AND name = ?1 AND size = (SELECT max(size)"          \
                   " FROM checkpoints WHERE meeting = m.number)) ORDER BY number DESC")            \
    X(witnesses, "SELECT w.name, (SELECT count(DISTINCT meeting) FROM cosignatures"                \
                 " WHERE name = w.name), coalesce(l.size, 0), coalesce(l.line, '') FROM"           \
                 " (SELECT name FROM log_cosignatures UNION SELECT name FROM cosignatures"         \
                 " WHERE name NOT LIKE '%/person/%') w LEFT JOIN log_cosignatures l"               \
                 " ON l.name = w.name AND l.size = (SELECT max(size) FROM log_cosignatures"        \
                 " WHERE name = w.name) ORDER BY w.name")                                          \
    X(rotation_add, "INSERT INTO rotations(note) VALUES (?1)")                                     \
    X(rotations, "SELECT number, note FROM rotations ORDER BY number")                             \
    X(redefine,                                                                                    \
      "UPDATE meetings SET definition = ?2, widened = NULL, body = " OF_BODY " WHERE number = ?1") \
    X(widen, "UPDATE meetings SET widened = ?2 WHERE number = ?1")                                 \
    X(events_drop, "DELETE FROM events WHERE meeting = ?1")                                        \
    X(reshare, "UPDATE invitations SET shared = ?3 WHERE meeting = ?1 AND person = ?2")            \
    X(revoke_person, "UPDATE invitations SET revoked_ms = ?3 WHERE meeting = ?1 AND person = ?2"   \
                     " AND revoked_ms = 0")                                                        \
    X(uninvite, "DELETE FROM invitations WHERE meeting = ?1 AND person = ?2")                      \
    X(revoke, "UPDATE invitations SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms = 0")

/* A definition that was asked for before. */
struct kept {
    struct pl_list node; /* in the order of their last use, the oldest first */
    char id[PL_STORE_ID_SIZE];
    int64_t created_ms;
    struct pl_definition *definition;
};

#define STORE_ID_TRIES 8 /* random ids that are taken already, in a row: it does not happen */

struct pl_store {
    struct pl_db *db;
    struct pl_list kept;
    size_t n_kept;
    struct pl_random random;
#define X(name, sql) struct pl_stmt *name;
    STATEMENTS(X)
#undef X
};

/* Finds the row of a meeting. PL_ENOENT. */
enum pl_err pl_store_number(struct pl_store *s, struct pl_str meeting, int64_t *out) PL_CHECKED;
/* A random id, of a meeting or an invitation. */
void pl_store_make_id(struct pl_store *s, char out[PL_STORE_ID_SIZE]);
/* Copies a column that we wrote ourselves; a longer one is a damaged file: PL_EIO. */
enum pl_err pl_store_column(struct pl_stmt *row, int i, char *out, size_t size) PL_CHECKED;
/* Calls `each` for rows of meetings, from the bound statement's first on, and ends it. PL_EIO. */
enum pl_err pl_store_list_rows(struct pl_stmt *rows, pl_store_meeting *each, void *ctx) PL_CHECKED;
/* Appends what the rows hold, as lines, and ends the statement. PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_lines(struct pl_stmt *rows, struct pl_buf *out) PL_CHECKED;
/* Adds the events of a meeting, inside a transaction. */
enum pl_err pl_store_insert(struct pl_store *s, int64_t meeting, const struct pl_events *events,
                            int64_t wake_ms) PL_CHECKED;
/* Makes one invitation, inside a transaction. PL_EIO. */
enum pl_err pl_store_insert_invitation(struct pl_store *s, int64_t meeting, const char *meeting_id,
                                       const struct pl_person *person, int64_t now_ms,
                                       struct pl_invitation_made *made) PL_CHECKED;
/* The definition as it was is not to be given out any more. */
void pl_store_forget(struct pl_store *s, struct pl_str meeting);
/* Adds the bytes of a document, inside a transaction. */
enum pl_err pl_store_insert_document(struct pl_store *s, int64_t meeting,
                                     const struct pl_store_document *document) PL_CHECKED;
/* Adds a version of a manifest, inside a transaction. PL_EEXIST: there is one that is no older. */
enum pl_err pl_store_insert_manifest(struct pl_store *s, int64_t meeting,
                                     const struct pl_store_manifest *m) PL_CHECKED;
/* Adds the minutes, inside a transaction. PL_EEXIST, PL_EIO. */
enum pl_err pl_store_insert_minutes(struct pl_store *s, int64_t meeting,
                                    const struct pl_store_minutes *m) PL_CHECKED;
/* Adds a person, inside a transaction; the meeting is to be forgotten after it. PL_ELIMIT:
 * invitations; PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_insert_newcomer(struct pl_store *s, int64_t number, struct pl_str meeting,
                                     const struct pl_store_newcomer *n) PL_CHECKED;
/* The tree of a meeting's events. PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_tree(struct pl_store *s, struct pl_str meeting,
                          struct pl_merkle *out) PL_CHECKED;
/* An event of the server's log, inside a transaction: what became of a meeting; its definition now
 * (p NULL: none), and the record that goes (NULL: none). PL_EIO, PL_ENOMEM. */
enum pl_err pl_store_log_meeting(struct pl_store *s, int64_t now_ms, const char *act,
                                 const char *meeting, struct pl_str definition,
                                 const struct pl_merkle *gone) PL_CHECKED;
/* Begins the records of meetings that were made before there were any. */
enum pl_err pl_store_begin_records(struct pl_store *s) PL_CHECKED;

#endif
