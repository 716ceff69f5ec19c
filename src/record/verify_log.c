/* See verify.h. Here: the server's keys, checkpoints with their cosignatures, and the end. */
#include "record/verify_parts.h"

#include "base/bytes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool same(struct pl_str a, struct pl_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The server's key */

bool pl_verify_key_ok(struct pl_str vkey)
{
    struct pl_vkey key;
    return pl_vkey_parse(vkey, &key) == PL_OK && key.type == PL_NOTE_ED25519;
}

enum pl_err pl_verify_witness_key(struct pl_str vkey, struct pl_vkey *out)
{
    struct pl_vkey key;
    if (pl_vkey_parse(vkey, &key) || key.type != PL_NOTE_COSIGNATURE)
        return PL_EINVAL;
    *out = key;
    return PL_OK;
}

/* Is the key that is in force the one that was given? */
static void look_at_pin(struct pl_verifier *v)
{
    struct pl_vkey pin;
    if (v->config->key.p && pl_vkey_parse(v->config->key, &pin) == PL_OK &&
        memcmp(pin.key, v->key.key, sizeof pin.key) == 0)
        v->report->key_pinned = true;
}

/* A key was given for a server or a log; it must be this one. */
static enum pl_err check_pin_name(struct pl_verifier *v)
{
    struct pl_vkey pin;
    char log[400];
    if (!v->config->key.p || pl_vkey_parse(v->config->key, &pin) != PL_OK)
        return PL_OK;
    snprintf(log, sizeof log, "%.*s/server", (int)v->name.n, v->name.p);
    if (same(pin.name, v->name) || same(pin.name, v->origin) || pl_str_eq(pin.name, log))
        return PL_OK;
    return pl_fault(v, "The key that you gave is named %.*s, and this record is one of %.*s.",
                    (int)pin.name.n, pin.name.p, (int)v->name.n, v->name.p);
}

static enum pl_err use_key(struct pl_verifier *v, const uint8_t key[PL_PUBLIC_KEY_SIZE])
{
    struct pl_buf text = {0};
    v->key = pl_vkey(v->origin, PL_NOTE_ED25519, key);
    look_at_pin(v);
    pl_vkey_print(&text, &v->key);
    if (!text.failed)
        snprintf(v->report->key, sizeof v->report->key, "%.*s", (int)text.len, text.data);
    enum pl_err err = text.failed ? PL_ENOMEM : PL_OK;
    pl_buf_free(&text);
    return err;
}

enum pl_err pl_verify_head(struct pl_verifier *v)
{
    const struct pl_line_head *head = &v->read.head;
    struct pl_vkey key;
    if (head->format != PL_RECORD_FORMAT)
        return pl_fault(v, "This record has the format %lld; this program knows format %d.",
                        (long long)head->format, PL_RECORD_FORMAT);
    if (pl_keep(v, head->meeting, &v->meeting) || pl_keep(v, head->origin, &v->origin))
        return PL_ENOMEM;
    size_t behind = v->meeting.n + 1; /* a slash, and the meeting */
    if (!pl_id_ok(v->meeting) || !pl_note_name_ok(v->origin) || v->origin.n <= behind ||
        v->origin.p[v->origin.n - behind] != '/' ||
        memcmp(v->origin.p + v->origin.n - v->meeting.n, v->meeting.p, v->meeting.n) != 0)
        return pl_fault(v, "The head's origin is not a server's name, a slash, and the meeting.");
    v->name = (struct pl_str){v->origin.p, v->origin.n - behind};
    if (pl_vkey_parse(head->key, &key) || key.type != PL_NOTE_ED25519 || !same(key.name, v->origin))
        return pl_fault(v, "The head's key is no verifier key of this origin.");
    struct pl_verify_report *r = v->report;
    snprintf(r->meeting, sizeof r->meeting, "%.*s", (int)v->meeting.n, v->meeting.p);
    snprintf(r->server, sizeof r->server, "%.*s", (int)v->name.n, v->name.p);
    snprintf(r->origin, sizeof r->origin, "%.*s", (int)v->origin.n, v->origin.p);
    enum pl_err err = check_pin_name(v);
    return err ? err : use_key(v, key.key);
}

/* "parley key rotation v1", the name, and the new key. */
static bool read_rotation(struct pl_verifier *v, struct pl_str text, struct pl_vkey *key)
{
    struct pl_str first = pl_str_split(&text, '\n'), name = pl_str_split(&text, '\n'),
                  vkey = pl_str_split(&text, '\n');
    return text.n == 0 && pl_str_eq(first, "parley key rotation v1") && same(name, v->name) &&
           pl_vkey_parse(vkey, key) == PL_OK && key->type == PL_NOTE_ED25519 &&
           same(key->name, v->name);
}

enum pl_err pl_verify_rotation(struct pl_verifier *v)
{
    struct pl_note note;
    struct pl_vkey key, old = pl_vkey(v->name, PL_NOTE_ED25519, v->key.key);
    struct pl_note_signature one;
    bool good = pl_note_parse(v->read.note, &note) == PL_OK;
    struct pl_str rest = good ? note.lines : (struct pl_str){0};
    good = good && pl_note_next(&rest, &one) && rest.n == 0 && read_rotation(v, note.text, &key);
    if (!good)
        return pl_fault(v, "This is no note by which the server's key is changed.");
    if (!v->unsigned_too && pl_note_verify(&note, &old))
        return pl_fault(v, "The change of the server's key is not signed by the key before.");
    v->report->rotations++;
    return use_key(v, key.key);
}

/* Cosignatures */

/* Is the name ORIGIN/person/PERSON? */
static bool names_person(const struct pl_verifier *v, struct pl_str name, struct pl_str *person)
{
    static const char between[] = "/person/";
    size_t before = v->origin.n + sizeof between - 1;
    if (name.n <= before || memcmp(name.p, v->origin.p, v->origin.n) != 0 ||
        memcmp(name.p + v->origin.n, between, sizeof between - 1) != 0)
        return false;
    *person = (struct pl_str){name.p + before, name.n - before};
    return true;
}

struct pl_key_place pl_key_place(struct pl_str person, uint32_t id)
{
    struct pl_key_place place = {.n = person.n + 4};
    uint8_t bytes[4];
    assert(place.n <= sizeof place.bytes);
    memcpy(place.bytes, person.p, person.n);
    pl_put_u32(bytes, id);
    memcpy(place.bytes + person.n, bytes, sizeof bytes);
    return place;
}

static bool is_cosigned(struct pl_verifier *v, struct pl_str text,
                        const struct pl_note_signature *s, const struct pl_key_place *place)
{
    int64_t time_s;
    struct pl_person_key *key = pl_map_get(&v->keys, place->bytes, place->n);
    if (!key)
        return false;
    struct pl_vkey vkey = pl_vkey(s->name, PL_NOTE_COSIGNATURE, key->key);
    v->report->tried++;
    if (pl_cosignature_verify(s->line, text, &vkey, &time_s) != PL_OK)
        return false;
    v->report->cosigners += !key->cosigned;
    key->cosigned = true;
    v->report->cosignatures++;
    return true;
}

static enum pl_err wait_for_key(struct pl_verifier *v, struct pl_str text, struct pl_str line,
                                const struct pl_key_place *place)
{
    struct pl_str key;
    struct pl_waiting *w = pl_arena_alloc(&v->arena, sizeof *w);
    if (!w || pl_keep(v, text, &w->text) || pl_keep(v, line, &w->signature))
        return PL_ENOMEM;
    w->line = v->line;
    w->event = v->report->events;
    w->next = v->waiting;
    v->waiting = w;
    if (pl_map_get(&v->keys, place->bytes, place->n))
        return PL_OK; /* it does not hold, and no other key will come */
    struct pl_waiting *first = pl_map_get(&v->waiting_by, place->bytes, place->n);
    if (first) {
        w->same = first->same;
        first->same = w;
        return PL_OK;
    }
    enum pl_err err = pl_keep(v, (struct pl_str){place->bytes, place->n}, &key);
    return err ? err : pl_map_put(&v->waiting_by, key.p, key.n, w);
}

enum pl_err pl_verify_learnt(struct pl_verifier *v, const struct pl_key_place *place)
{
    struct pl_waiting *w = pl_map_get(&v->waiting_by, place->bytes, place->n);
    for (; w; w = w->same) {
        struct pl_note_signature s;
        enum pl_err err = pl_note_signature_parse(w->signature, &s);
        if (err)
            return err;
        w->good = is_cosigned(v, w->text, &s, place);
    }
    return PL_OK;
}

enum pl_err pl_verify_waiting(struct pl_verifier *v)
{
    const struct pl_waiting *first = NULL;
    struct pl_note_signature s;
    for (const struct pl_waiting *w = v->waiting; w; w = w->next)
        if (!w->good)
            first = w; /* the list begins with the last */
    if (!first || v->unsigned_too)
        return PL_OK;
    enum pl_err err = pl_note_signature_parse(first->signature, &s);
    return err ? err
               : pl_fault_at(v, first->line, 0,
                             "The cosignature by %.*s of the checkpoint after event %llu is not by "
                             "a key that a manifest gives this person.",
                             (int)s.name.n, s.name.p, (unsigned long long)first->event);
}

/* By somebody who is no participant. */
static enum pl_err check_witness(struct pl_verifier *v, struct pl_str text, uint64_t size,
                                 const struct pl_note_signature *s)
{
    for (size_t i = 0; i < v->config->n_witnesses; i++) {
        struct pl_witnessed *w = &v->report->witnessed[i];
        int64_t time_s;
        enum pl_err err = pl_cosignature_verify(s->line, text, &v->config->witnesses[i], &time_s);
        if (err == PL_ENOMEM)
            return err;
        if (err == PL_OK) {
            *w = (struct pl_witnessed){w->checkpoints + 1, size, time_s};
            return PL_OK;
        }
        if (err != PL_ENOENT && !v->unsigned_too)
            return pl_fault(v, "The cosignature by the witness %.*s does not hold.", (int)s->name.n,
                            s->name.p);
    }
    pl_noted(&v->report->witnesses, v->line);
    return PL_OK;
}

static enum pl_err check_witnesses(struct pl_verifier *v)
{
    for (size_t i = 0; i < v->config->n_witnesses; i++) {
        const struct pl_str name = v->config->witnesses[i].name;
        if (!v->report->witnessed[i].checkpoints)
            return pl_fault_at(v, 1, 0,
                               "The witness that you gave, %.*s, cosigned no checkpoint of this "
                               "record.",
                               (int)name.n, name.p);
    }
    return PL_OK;
}

static int compare_names(struct pl_str a, struct pl_str b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

/* All lines but the first, which is the server's. */
static enum pl_err check_cosignatures(struct pl_verifier *v, struct pl_str text, uint64_t size,
                                      struct pl_str lines)
{
    struct pl_note_signature s;
    struct pl_str before = {0}, person;
    enum pl_err err = PL_OK;
    while (!err && pl_note_next(&lines, &s)) {
        if (before.p && compare_names(before, s.name) >= 0)
            return pl_fault(v,
                            "The checkpoint's cosignatures are not in the order of their names.");
        before = s.name;
        if (names_person(v, s.name, &person)) {
            const struct pl_key_place place = pl_key_place(person, s.id);
            if (!is_cosigned(v, text, &s, &place))
                err = wait_for_key(v, text, s.line, &place);
        } else {
            err = check_witness(v, text, size, &s);
        }
    }
    return err;
}

/* Checkpoints */

static enum pl_err check_root(struct pl_verifier *v, const struct pl_checkpoint *c)
{
    struct pl_hash root = pl_merkle_root(&v->tree, c->size);
    if (pl_hash_eq(&root, &c->root))
        return PL_OK;
    if (v->covered + 1 == c->size)
        return pl_fault(v,
                        "The checkpoint does not fit the events: event %llu is not as the server "
                        "signed it.",
                        (unsigned long long)c->size);
    return pl_fault(v,
                    "The checkpoint does not fit the events: one of the events %llu to %llu is "
                    "not as the server signed it.",
                    (unsigned long long)v->covered + 1, (unsigned long long)c->size);
}

enum pl_err pl_verify_checkpoint(struct pl_verifier *v)
{
    struct pl_note note;
    struct pl_checkpoint c;
    struct pl_note_signature first;
    if (pl_note_parse(v->read.note, &note) || pl_checkpoint_parse(note.text, &c))
        return pl_fault(v, "This is no checkpoint.");
    if (!same(c.origin, v->origin))
        return pl_fault(v, "This checkpoint is of another log, %.*s.", (int)c.origin.n, c.origin.p);
    if (c.size != v->tree.size)
        return pl_fault(v, "This checkpoint is of %llu events, and stands behind event %llu.",
                        (unsigned long long)c.size, (unsigned long long)v->tree.size);
    struct pl_str lines = note.lines;
    bool has_first = pl_note_next(&lines, &first);
    struct pl_note own = {.text = note.text, .lines = {note.lines.p, note.lines.n - lines.n}};
    if (!has_first || (!v->unsigned_too && pl_note_verify(&own, &v->key) != PL_OK))
        return pl_fault(v, "This checkpoint is not signed by the server's key.");
    enum pl_err err = v->unsigned_too ? PL_OK : check_root(v, &c);
    if (!err)
        err = check_cosignatures(v, note.text, c.size, lines);
    v->covered = c.size;
    v->report->checkpoints++;
    return err;
}

/* The end */

static enum pl_err check_end_signature(struct pl_verifier *v)
{
    const struct pl_line_end *end = &v->read.end;
    uint8_t raw[PL_SIGNATURE_SIZE];
    struct pl_buf text = {0};
    size_t n;
    if (pl_base64url_decode(end->signature, raw, sizeof raw, &n) || n != sizeof raw)
        return pl_fault(v, "The end's signature is not 64 bytes in base64url.");
    pl_record_end_text(&text, v->origin, end->lines, end->sha256);
    if (text.failed)
        return PL_ENOMEM;
    bool good = pl_ed25519_verify(v->key.key, text.data, text.len, raw);
    pl_buf_free(&text);
    return good ? PL_OK : pl_fault(v, "The end is not signed by the server's key.");
}

enum pl_err pl_verify_end(struct pl_verifier *v)
{
    const struct pl_line_end *end = &v->read.end;
    struct pl_verify_report *r = v->report;
    char hash[65];
    v->ended = true;
    if (r->events == 0)
        return pl_fault(v, "The record has no events.");
    if (v->covered != r->events)
        return pl_fault(v, "The last event, %llu, is in no checkpoint.",
                        (unsigned long long)r->events);
    if ((uint64_t)end->lines != v->line - 1)
        return pl_fault(v, "The end says that %lld lines stand before it, and there are %llu.",
                        (long long)end->lines, (unsigned long long)(v->line - 1));
    if (v->unsigned_too)
        return PL_OK;
    pl_sha256_hex((struct pl_str){v->file.p, v->begins}, hash);
    if (!pl_str_eq(end->sha256, hash))
        return pl_fault(v, "The lines are not those that the server signed at the end: one was "
                           "changed that is no event, or cosignatures were.");
    enum pl_err err = check_end_signature(v);
    if (!err)
        err = pl_verify_waiting(v);
    if (!err && v->config->key.p && !r->key_pinned)
        err = pl_fault_at(v, 1, 0, "The record is not signed by the key that you gave.");
    if (!err && v->config->organiser.p && r->manifests == 0)
        err = pl_fault_at(v, 1, 0,
                          "The record has no manifest, and so not the organiser that you gave.");
    if (!err && v->config->paper.p && !r->paper_adopted)
        err = pl_fault_at(v, 1, 0,
                          r->minutes ? "The minutes that you gave are not those that were adopted."
                                     : "The record has no text of adopted minutes to compare "
                                       "those with that you gave.");
    return err ? err : check_witnesses(v);
}
