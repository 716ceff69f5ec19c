/* What the files of the accounts share, and nobody else includes: accounts.c (people), bodies.c
 * (bodies and roles), sessions.c. */
#ifndef PL_SERVER_ACCOUNTS_PARTS_H
#define PL_SERVER_ACCOUNTS_PARTS_H

#include "server/accounts.h"
#include "server/store_parts.h"

#define ACCOUNT_COLUMNS                                                                            \
    "a.number, a.id, a.name, a.email, coalesce(a.issuer, ''), coalesce(a.subject, ''),"            \
    " a.administrator, a.created_ms, a.seen_ms"

#define ACCOUNT_STATEMENTS(X)                                                                      \
    X(body_add, "INSERT INTO bodies(id, name) VALUES (?1, ?2)")                                    \
    X(body_count, "SELECT count(*) FROM bodies")                                                   \
    X(body_adopt, "UPDATE meetings SET body = ?1 WHERE body IS NULL"                               \
                  " AND json_extract(definition, '$.body') = ?2")                                  \
    X(body_rename, "UPDATE bodies SET name = ?2 WHERE id = ?1")                                    \
    X(body_remove, "DELETE FROM bodies WHERE id = ?1")                                             \
    X(body_get, "SELECT id, name FROM bodies WHERE id = ?1")                                       \
    X(body_by_name, "SELECT id, name FROM bodies WHERE name = ?1")                                 \
    X(body_list, "SELECT id, name, '' FROM bodies ORDER BY name")                                  \
    X(body_own, "SELECT b.id, b.name, r.role FROM bodies b JOIN roles r ON r.body = b.number"      \
                " WHERE r.account = ?1 ORDER BY b.name")                                           \
    X(account_add, "INSERT INTO accounts(id, name, email, issuer, subject, administrator,"         \
                   " created_ms, seen_ms) VALUES (?1, ?2, ?3, nullif(?4, ''), nullif(?5, ''), ?6," \
                   " ?7, 0)")                                                                      \
    X(account_count, "SELECT count(*) FROM accounts")                                              \
    X(account_put, "UPDATE accounts SET name = ?2, email = ?3, issuer = nullif(?4, ''),"           \
                   " subject = nullif(?5, ''), administrator = ?6, seen_ms = ?7"                   \
                   " WHERE number = ?1")                                                           \
    X(account_get, "SELECT " ACCOUNT_COLUMNS " FROM accounts a WHERE a.id = ?1")                   \
    X(account_subject, "SELECT " ACCOUNT_COLUMNS " FROM accounts a WHERE a.issuer = ?1"            \
                       " AND a.subject = ?2")                                                      \
    X(account_email, "SELECT " ACCOUNT_COLUMNS " FROM accounts a WHERE a.email = ?1"               \
                     " AND a.email <> ''")                                                         \
    X(account_list, "SELECT " ACCOUNT_COLUMNS " FROM accounts a ORDER BY a.name, a.number")        \
    X(account_remove, "DELETE FROM accounts WHERE id = ?1")                                        \
    X(role_put, "INSERT INTO roles(account, body, role) SELECT ?1, number, ?3 FROM bodies"         \
                " WHERE id = ?2 ON CONFLICT DO UPDATE SET role = excluded.role")                   \
    X(role_drop, "DELETE FROM roles WHERE account = ?1"                                            \
                 " AND body = (SELECT number FROM bodies WHERE id = ?2)")                          \
    X(role_in, "SELECT role FROM roles WHERE account = ?1"                                         \
               " AND body = (SELECT number FROM bodies WHERE id = ?2)")                            \
    X(role_for, "SELECT m.body, r.role FROM meetings m LEFT JOIN roles r"                          \
                " ON r.body = m.body AND r.account = ?1 WHERE m.id = ?2")                          \
    X(role_any, "SELECT 1 FROM roles WHERE account = ?1 AND role = 'secretary'")                   \
    X(meetings_own, "SELECT m.id, json_extract(m.definition, '$.title'), m.created_ms"             \
                    " FROM meetings m JOIN roles r ON r.body = m.body WHERE r.account = ?1"        \
                    " ORDER BY m.number DESC")                                                     \
    X(session_add, "INSERT INTO sessions(id, account, token_hash, way, began_ms, used_ms)"         \
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?5)")                                             \
    X(session_trim, "DELETE FROM sessions WHERE account = ?1 AND number NOT IN"                    \
                    " (SELECT number FROM sessions WHERE account = ?1"                             \
                    " ORDER BY used_ms DESC, number DESC LIMIT ?2)")                               \
    X(session_sweep, "DELETE FROM sessions WHERE used_ms <= ?1 OR began_ms <= ?2")                 \
    X(session_seen, "UPDATE accounts SET seen_ms = ?2 WHERE number = ?1")                          \
    X(session_find, "SELECT s.id, s.way, s.began_ms, s.used_ms, " ACCOUNT_COLUMNS                  \
                    " FROM sessions s JOIN accounts a ON a.number = s.account"                     \
                    " WHERE s.token_hash = ?1")                                                    \
    X(session_touch, "UPDATE sessions SET used_ms = ?2 WHERE id = ?1")                             \
    X(session_end, "DELETE FROM sessions WHERE account = ?1 AND id = ?2")                          \
    X(session_end_all, "DELETE FROM sessions WHERE account = ?1")                                  \
    X(session_list, "SELECT id, way, began_ms, used_ms FROM sessions WHERE account = ?1"           \
                    " ORDER BY number DESC")

struct pl_accounts {
    struct pl_store *store;
#define X(name, sql) struct pl_stmt *name;
    ACCOUNT_STATEMENTS(X)
#undef X
};

/* Reads ACCOUNT_COLUMNS from this column on. PL_EIO. */
enum pl_err pl_account_read(struct pl_stmt *row, int column, struct pl_account *out) PL_CHECKED;
/* Ends a statement of one row, read by `read` or (its error) not. PL_ENOENT, PL_EIO. */
enum pl_err pl_accounts_end(struct pl_stmt *stmt, enum pl_err e) PL_CHECKED;
/* PL_ELIMIT: the statement counts so many already. PL_EIO. */
enum pl_err pl_accounts_room(struct pl_stmt *count, int64_t max) PL_CHECKED;
/* Runs a statement that is to change one row at least. PL_ENOENT: it changes none; PL_EEXIST,
 * PL_EIO. */
enum pl_err pl_accounts_run(struct pl_accounts *a, struct pl_stmt *stmt) PL_CHECKED;

#endif
