"""The C side of messages.json, for generate.py: structs, strict decoders of what comes from the
client (on signal/decode.h), encoders of what goes to it (on base/json.h). Acts have their structs
and encoders from generate_acts.py; what decodes them is made here."""

# Enums that the meeting's headers define; their words are made here.
MEET_ENUMS = ("role", "floor", "encryption", "kind", "item_state", "decision_state",
              "consultation_status")

GUARD = "PL_SIGNAL_MESSAGES_H"
INCLUDES = ('"base/buf.h"', '"base/text.h"', '"meet/acts.h"', '"meet/meeting.h"', '"signal/decode.h"')

EVENT_DOC = """\
/* Decodes the bytes of an event, as pl_act_encode made them: as strict as of a message, and with the
 * fields that the server adds. Borrowed from `*json`, which the caller drops with json_decref.
 * PL_EINVAL, PL_ELIMIT, PL_ENOMEM. */"""

PREPARED_DOC = """\
/* Decodes an act that was prepared: an object with `act` and the fields that a client sends, and no
 * others; acts that only the server makes, and those that are not kept, cannot be prepared. Errors
 * go to `d`; strings are borrowed from `o`. */"""

DECODE_DOC = """\
/* Decodes one message. On error `error` tells where and why, and `of` in it which message it was,
 * where that is known. PL_EINVAL, PL_ELIMIT, PL_ENOMEM. Strings are borrowed from the message, which
 * the caller ends with pl_to_server_free. */"""


def c_scalar(spec, kind):
    return {"string": "struct pl_str", "bool": "bool", "int": "int64_t", "id": "uint64_t",
            "time": "int64_t"}.get(kind) or (
        f"enum pl_{kind}" if kind in spec["enums"] else f"struct {type_name(spec, kind)}")


def type_name(spec, kind):
    return ("pl_act_" if kind in spec["act_types"] else "pl_msg_") + kind


def has_flag(field):
    """A string says by NULL that it is absent; everything else needs a flag."""
    return field.get("optional") and field["type"] != "string"


def struct(spec, name, doc, fields, inbound):
    out = [f"/* {doc} */"] if doc else []
    out.append(f"struct {name} {{")
    if not fields:
        out.append("    char nothing; /* C wants a member */")
    for f in fields:
        kind = c_scalar(spec, f["type"])
        note = f" /* {f['doc']} */" if "doc" in f else ""
        if "array" in f and inbound:
            out.append(f"    {kind} {f['name']}[{f['array']}];{note}")
        elif "array" in f:
            out.append(f"    const {kind} *{f['name']}; /* at most {f['array']} */")
        elif f.get("optional") and f["type"] == "string":
            out.append(f"    {kind} {f['name']}; /* p NULL: absent */")
        else:
            out.append(f"    {kind} {f['name']};{note}")
        if "array" in f:
            out.append(f"    size_t n_{f['name']};")
        if has_flag(f):
            out.append(f"    bool has_{f['name']};")
    return out + ["};", ""]


def inbound_types(spec):
    return reached(spec, spec["to_server"] + spec["acts"])


def outbound_types(spec):
    return reached(spec, spec["to_client"])


def reached(spec, messages):
    """The types that stand in these messages, each behind those that stand in it."""
    found = []

    def visit(fields):
        for kind in (f["type"] for f in fields):
            if kind in spec["types"] and kind not in found:
                visit(spec["types"][kind]["fields"])
                found.append(kind)

    for m in messages:
        visit(m["fields"])
    return found


def header(spec, notice):
    out = [f"/* {notice} */", f"#ifndef {GUARD}", f"#define {GUARD}", ""]
    out += [f"#include {i}" for i in INCLUDES] + [""]
    for name, values in spec["enums"].items():
        up = name.upper()
        if name in spec["act_enums"]:
            continue
        if name not in MEET_ENUMS:
            listed = "".join(f"    PL_{up}_{v.upper()},\n" for v in values)
            out.append(f"enum pl_{name} {{\n{listed}    PL_{up}_COUNT\n}};")
        out += [f"extern const char *const pl_{name}_words[PL_{up}_COUNT];", ""]
    inbound = inbound_types(spec)
    for name, body in spec["types"].items():
        if name not in spec["act_types"]:
            out += struct(spec, f"pl_msg_{name}", body.get("doc"), body["fields"], name in inbound)
    out.append("enum pl_to_server_type {")
    out += [f"    PL_TO_SERVER_{m['name'].upper()}," for m in spec["to_server"]]
    out += ["    PL_TO_SERVER_WORDS, /* so many types have a word of their own */",
            "    PL_TO_SERVER_ACT = PL_TO_SERVER_WORDS, /* its word is pl_act_words[act.type] */",
            "    PL_TO_SERVER_COUNT", "};"]
    out += ["extern const char *const pl_to_server_words[PL_TO_SERVER_WORDS];", ""]
    for m in spec["to_server"]:
        out += struct(spec, f"pl_to_server_{m['name']}", m.get("doc"), m["fields"], True)
    out += ["struct pl_to_server {", "    enum pl_to_server_type type;", "    union {"]
    out += [f"        struct pl_to_server_{m['name']} {m['name']};" for m in spec["to_server"]]
    out += ["        struct pl_act act; /* number, at_ms and by are not set */"]
    out += ["    };", "    json_t *json; /* holds the strings */", "};", ""]
    out += ["/* Bytes of one message: an offer's worth, with every line end escaped. */",
            "#define PL_TO_SERVER_MAX (600 << 10)", "", DECODE_DOC,
            "enum pl_err pl_to_server_decode(struct pl_str text, struct pl_to_server *out,",
            "                                struct pl_decode_error *error) PL_CHECKED;",
            "void pl_to_server_free(struct pl_to_server *m);", "", EVENT_DOC,
            "enum pl_err pl_event_decode(struct pl_str bytes, struct pl_act *out, json_t **json,",
            "                            struct pl_decode_error *error) PL_CHECKED;", "", PREPARED_DOC,
            "void pl_prepared_decode(struct pl_decoder *d, json_t *o, struct pl_act *out);", ""]
    for m in spec["to_client"]:
        out += struct(spec, f"pl_to_client_{m['name']}", m.get("doc"), m["fields"], False)
        out += [f"void pl_to_client_{m['name']}(struct pl_buf *out, "
                f"const struct pl_to_client_{m['name']} *m);", ""]
    return "\n".join(out + ["#endif", ""])


def decode_field(spec, f):
    name, kind = f["name"], f["type"]
    optional = "true" if f.get("optional") else "false"
    have = f"m->has_{name} = " if has_flag(f) else ""
    if "array" in f:
        return [f"    json_t *{name} = NULL;",
                f'    pl_decode_array(d, o, "{name}", {f["array"]}, &{name});',
                f"    m->n_{name} = json_array_size({name});",
                f"    for (size_t i = 0; i < m->n_{name}; i++) {{",
                f'        size_t mark = pl_decode_enter(d, "{name}", i);',
                f"        decode_{kind}(d, json_array_get({name}, i), &m->{name}[i]);",
                "        pl_decode_leave(d, mark);", "    }"]
    if kind == "string":
        return [f'    pl_decode_string(d, o, "{name}", {f["max"]}, {optional}, &m->{name});']
    if kind == "bool":
        return [f'    {have}pl_decode_bool(d, o, "{name}", {optional}, &m->{name});']
    if kind in spec["enums"]:
        return [f"    unsigned {name} = 0;",
                f'    {have}pl_decode_word(d, o, "{name}", pl_{kind}_words, '
                f"PL_{kind.upper()}_COUNT, {optional}, &{name});",
                f"    m->{name} = (enum pl_{kind}){name};"]
    if kind in ("int", "id", "time"):
        low, high = {"int": lambda: (f["min"], f["max"]), "id": lambda: (1, "PL_ID_MAX"),
                     "time": lambda: (0, "PL_ID_MAX")}[kind]()
        return [f"    int64_t {name} = 0;",
                f'    {have}pl_decode_int(d, o, "{name}", {low}, {high}, {optional}, &{name});',
                f"    m->{name} = ({c_scalar(spec, kind)}){name};"]
    return [f"    json_t *{name} = NULL;",
            f'    {have}pl_decode_field(d, o, "{name}", {optional}, &{name});',
            f"    if ({name}) {{",
            f'        size_t mark = pl_decode_enter(d, "{name}", PL_DECODE_FIELD);',
            f"        decode_{kind}(d, {name}, &m->{name});",
            "        pl_decode_leave(d, mark);", "    }"]


def decoder(spec, name, struct_name, fields, tagged):
    names = (['"type"'] if tagged else []) + [f'"{f["name"]}"' for f in fields]
    out = [f"static void decode_{name}(struct pl_decoder *d, json_t *o, struct {struct_name} *m)",
           "{", f"    static const char *const names[] = {{{', '.join(names)}}};",
           "    memset(m, 0, sizeof *m);",
           "    pl_decode_object(d, o, names, sizeof names / sizeof names[0]);"]
    for f in fields:
        out += decode_field(spec, f)
    return out + ["}", ""]


def act_decoder(spec, act):
    """Of a message, of a prepared act and of an event: the last has what the server adds, and the
    head."""
    name = act["name"]
    sent = [f for f in act["fields"] if not f.get("added")]
    added = [f for f in act["fields"] if f.get("added")]
    listed = lambda head, fields: ", ".join(f'"{n}"' for n in head + [f["name"] for f in fields])
    head = ["number", "at", "by", "salt", "act"]
    out = [f"static void decode_act_{name}(struct pl_decoder *d, json_t *o, enum act_form form,",
           f"                              struct pl_act_{name} *m)", "{",
           f"    static const char *const of_message[] = {{{listed(['type'], sent)}}};",
           f"    static const char *const of_prepared[] = {{{listed(['act'], sent)}}};",
           f"    static const char *const of_event[] = {{{listed(head, act['fields'])}}};",
           "    memset(m, 0, sizeof *m);",
           "    if (form == EVENT)",
           "        pl_decode_object(d, o, of_event, sizeof of_event / sizeof of_event[0]);",
           "    else if (form == PREPARED)",
           "        pl_decode_object(d, o, of_prepared, sizeof of_prepared / sizeof of_prepared[0]);",
           "    else",
           "        pl_decode_object(d, o, of_message, sizeof of_message / sizeof of_message[0]);"]
    for f in sent:
        out += decode_field(spec, f)
    if added:
        out += ["    if (form != EVENT)", "        return;"]
        for f in added:
            out += decode_field(spec, f)
    return out + ["}", ""]


def decode_acts(spec):
    out = ["enum act_form { MESSAGE, PREPARED, EVENT };", ""]
    for act in spec["acts"]:
        out += act_decoder(spec, act)
    out += ["static const bool act_is_sent[PL_ACT_COUNT] = {"]
    out += [f"    [PL_ACT_{a['name'].upper()}] = true," for a in spec["acts"] if a.get("from") != "server"]
    out += ["};", "",
            "static void decode_act(struct pl_decoder *d, json_t *o, enum act_form form, struct pl_act *a)",
            "{", "    switch (a->type) {"]
    for act in spec["acts"]:
        out += [f"    case PL_ACT_{act['name'].upper()}:",
                f"        decode_act_{act['name']}(d, o, form, &a->{act['name']});", "        break;"]
    return out + ["    case PL_ACT_COUNT:", "        break;", "    }", "}", ""]


def encode_value(kind, spec, key, value):
    if kind == "string":
        return f"pl_json_strn(out, {key}, {value});"
    if kind == "bool":
        return f"pl_json_bool(out, {key}, {value});"
    if kind in spec["enums"]:
        return f"pl_json_str(out, {key}, pl_{kind}_words[{value}]);"
    if kind in spec["types"]:
        prefix = "pl_act_" if kind in spec["act_types"] else ""
        return f"{prefix}encode_{kind}(out, {key}, &{value});"
    return f"pl_json_int(out, {key}, (int64_t){value});"


def encode_field(spec, f):
    name, kind = f["name"], f["type"]
    if "array" in f:
        return [f'    pl_json_open(out, "{name}", \'[\');',
                f"    for (size_t i = 0; i < m->n_{name}; i++)",
                "        " + encode_value(kind, spec, "NULL", f"m->{name}[i]"),
                "    pl_json_close(out, ']');"]
    line = encode_value(kind, spec, f'"{name}"', f"m->{name}")
    if not f.get("optional"):
        return ["    " + line]
    return [f"    if (m->{name}.p)" if kind == "string" else f"    if (m->has_{name})",
            "        " + line]


def source(spec, notice):
    out = [f"/* {notice} */", '#include "signal/messages.h"', "", '#include "base/json.h"', "",
           "#include <string.h>", ""]
    for name, values in spec["enums"].items():
        up = name.upper()
        if name in spec["act_enums"]:
            continue
        out.append(f"_Static_assert(PL_{up}_COUNT == {len(values)}, \"{name}: a word for each\");")
        out.append(f"const char *const pl_{name}_words[PL_{up}_COUNT] = {{")
        out += [f'    [PL_{up}_{v.upper()}] = "{v}",' for v in values] + ["};", ""]
    out.append("const char *const pl_to_server_words[PL_TO_SERVER_WORDS] = {")
    out += [f'    [PL_TO_SERVER_{m["name"].upper()}] = "{m["name"]}",' for m in spec["to_server"]]
    out += ["};", ""]
    inbound = inbound_types(spec)
    for name in inbound:
        out += decoder(spec, name, type_name(spec, name), spec["types"][name]["fields"], False)
    for m in spec["to_server"]:
        name = "to_server_" + m["name"]
        out += decoder(spec, name, f"pl_{name}", m["fields"], True)
    out += decode_acts(spec) + decode_any(spec)
    for name, body in spec["types"].items():
        if name in spec["act_types"] or name not in outbound_types(spec):
            continue
        out += [f"static void encode_{name}(struct pl_buf *out, const char *key, "
                f"const struct pl_msg_{name} *m)", "{", "    pl_json_open(out, key, '{');"]
        for f in body["fields"]:
            out += encode_field(spec, f)
        out += ["    pl_json_close(out, '}');", "}", ""]
    for m in spec["to_client"]:
        name = "pl_to_client_" + m["name"]
        out += [f"void {name}(struct pl_buf *out, const struct {name} *m)", "{",
                "    pl_json_open(out, NULL, '{');",
                f'    pl_json_str(out, "type", "{m["name"]}");']
        for f in m["fields"]:
            out += encode_field(spec, f)
        out += ["    (void)m;"] if not m["fields"] else []
        out += ["    pl_json_close(out, '}');", "}", ""]
    return "\n".join(out)


def decode_any(spec):
    out = ["static void decode_typed(struct pl_decoder *d, json_t *o, struct pl_to_server *m)", "{",
           "    switch (m->type) {"]
    for m in spec["to_server"]:
        out += [f"    case PL_TO_SERVER_{m['name'].upper()}:",
                f"        decode_to_server_{m['name']}(d, o, &m->{m['name']});", "        break;"]
    out += ["    case PL_TO_SERVER_ACT:", "        decode_act(d, o, MESSAGE, &m->act);", "        break;",
            "    case PL_TO_SERVER_COUNT:", "        break;", "    }", "}", ""]
    return out + """\
/* A message of its own, or an act that may be sent. */
static const char *find_type(struct pl_decoder *d, json_t *o, struct pl_to_server *m)
{
    struct pl_str word = {0};
    if (!pl_decode_string(d, o, "type", 32, false, &word))
        return NULL;
    for (unsigned i = 0; i < PL_TO_SERVER_WORDS; i++)
        if (pl_str_eq(word, pl_to_server_words[i])) {
            m->type = (enum pl_to_server_type)i;
            return pl_to_server_words[i];
        }
    for (unsigned i = 0; i < PL_ACT_COUNT; i++)
        if (act_is_sent[i] && pl_str_eq(word, pl_act_words[i])) {
            m->type = PL_TO_SERVER_ACT;
            m->act.type = (enum pl_act_type)i;
            return pl_act_words[i];
        }
    pl_decode_fail(d, PL_EINVAL, "type", "there is no such message");
    return NULL;
}

enum pl_err pl_to_server_decode(struct pl_str text, struct pl_to_server *out,
                                struct pl_decode_error *error)
{
    memset(error, 0, sizeof *error);
    struct pl_decoder d = {.error = error};
    json_t *o = pl_decode_load(text, PL_TO_SERVER_MAX, error);
    if (!o)
        return error->err;
    if (!json_is_object(o))
        pl_decode_fail(&d, PL_EINVAL, NULL, "must be an object");
    struct pl_to_server m = {.json = o};
    error->of = find_type(&d, o, &m);
    if (error->of)
        decode_typed(&d, o, &m);
    if (error->err != PL_OK)
        json_decref(o);
    else
        *out = m;
    return error->err;
}

void pl_to_server_free(struct pl_to_server *m)
{
    json_decref(m->json);
    m->json = NULL;
}

void pl_act_decode_event(struct pl_decoder *d, json_t *o, struct pl_act *out)
{
    int64_t number = 0;
    unsigned type = 0;
    out->by = out->salt = (struct pl_str){"", 0};
    pl_decode_int(d, o, "number", 1, PL_ID_MAX, false, &number);
    pl_decode_int(d, o, "at", 0, PL_ID_MAX, false, &out->at_ms);
    pl_decode_string(d, o, "by", PL_PARTICIPANT_ID_SIZE - 1, true, &out->by);
    uint8_t salt[PL_ACT_SALT_BYTES];
    size_t n;
    if (pl_decode_string(d, o, "salt", PL_ACT_SALT_CHARS, true, &out->salt) &&
        (pl_base64url_decode(out->salt, salt, sizeof salt, &n) || n != sizeof salt))
        pl_decode_fail(d, PL_EINVAL, "salt", "must be base64url of %d bytes", PL_ACT_SALT_BYTES);
    if (pl_decode_word(d, o, "act", pl_act_words, PL_ACT_COUNT, false, &type)) {
        out->number = (uint64_t)number;
        out->type = (enum pl_act_type)type;
        decode_act(d, o, EVENT, out);
    }
}

void pl_prepared_decode(struct pl_decoder *d, json_t *o, struct pl_act *out)
{
    unsigned type = 0;
    *out = (struct pl_act){.by = {"", 0}, .salt = {"", 0}};
    if (!json_is_object(o))
        pl_decode_fail(d, PL_EINVAL, NULL, "must be an object");
    if (!pl_decode_word(d, o, "act", pl_act_words, PL_ACT_COUNT, false, &type))
        return;
    out->type = (enum pl_act_type)type;
    if (act_is_sent[type] && pl_act_is_kept(out->type))
        decode_act(d, o, PREPARED, out);
    else
        pl_decode_fail(d, PL_EINVAL, "act", "%s cannot be prepared", pl_act_words[type]);
}

enum pl_err pl_event_decode(struct pl_str bytes, struct pl_act *out, json_t **json,
                            struct pl_decode_error *error)
{
    memset(error, 0, sizeof *error);
    struct pl_decoder d = {.error = error};
    struct pl_act act = {0};
    json_t *o = pl_decode_load(bytes, PL_ACT_BYTES_MAX, error);
    if (!o)
        return error->err;
    if (!json_is_object(o))
        pl_decode_fail(&d, PL_EINVAL, NULL, "must be an object");
    else
        pl_act_decode_event(&d, o, &act);
    if (error->err != PL_OK) {
        json_decref(o);
        return error->err;
    }
    *out = act;
    *json = o;
    return PL_OK;
}
""".replace("void pl_act_decode_event", "static void decode_event").replace("pl_act_decode_event", "decode_event").split("\n")
