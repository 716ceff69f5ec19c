"""The C side of messages.json, for generate.py: structs, strict decoders of what comes from the
client (on signal/decode.h), encoders of what goes to it (on base/json.h)."""

# Enums that the meeting has too: its header defines them, and their words are made here.
MEET_ENUMS = ("role", "floor", "encryption", "kind", "place")

GUARD = "PL_SIGNAL_MESSAGES_H"
INCLUDES = ('"base/buf.h"', '"base/text.h"', '"meet/meeting.h"', '"signal/decode.h"')

DECODE_DOC = """\
/* Decodes one message. On error `error` tells where and why, and `of` in it which message it was,
 * where that is known. PL_EINVAL, PL_ELIMIT, PL_ENOMEM. Strings are borrowed from the message, which
 * the caller ends with pl_to_server_free. */"""


def c_scalar(spec, kind):
    return {"string": "struct pl_str", "bool": "bool", "int": "int64_t", "id": "uint64_t",
            "time": "int64_t"}.get(kind) or (
        f"enum pl_{kind}" if kind in spec["enums"] else f"struct pl_msg_{kind}")


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
    found = []
    todo = [f for m in spec["to_server"] for f in m["fields"]]
    while todo:
        kind = todo.pop(0)["type"]
        if kind in spec["types"] and kind not in found:
            found.append(kind)
            todo += spec["types"][kind]["fields"]
    return [t for t in spec["types"] if t in found]


def header(spec, notice):
    out = [f"/* {notice} */", f"#ifndef {GUARD}", f"#define {GUARD}", ""]
    out += [f"#include {i}" for i in INCLUDES] + [""]
    for name, values in spec["enums"].items():
        up = name.upper()
        if name not in MEET_ENUMS:
            listed = "".join(f"    PL_{up}_{v.upper()},\n" for v in values)
            out.append(f"enum pl_{name} {{\n{listed}    PL_{up}_COUNT\n}};")
        out += [f"extern const char *const pl_{name}_words[PL_{up}_COUNT];", ""]
    inbound = inbound_types(spec)
    for name, body in spec["types"].items():
        out += struct(spec, f"pl_msg_{name}", body.get("doc"), body["fields"], name in inbound)
    out.append("enum pl_to_server_type {")
    out += [f"    PL_TO_SERVER_{m['name'].upper()}," for m in spec["to_server"]]
    out += ["    PL_TO_SERVER_COUNT", "};"]
    out += ["extern const char *const pl_to_server_words[PL_TO_SERVER_COUNT];", ""]
    for m in spec["to_server"]:
        out += struct(spec, f"pl_to_server_{m['name']}", m.get("doc"), m["fields"], True)
    out += ["struct pl_to_server {", "    enum pl_to_server_type type;", "    union {"]
    out += [f"        struct pl_to_server_{m['name']} {m['name']};" for m in spec["to_server"]]
    out += ["    };", "    json_t *json; /* holds the strings */", "};", ""]
    out += ["/* Bytes of one message: an offer's worth, with every line end escaped. */",
            "#define PL_TO_SERVER_MAX (600 << 10)", "", DECODE_DOC,
            "enum pl_err pl_to_server_decode(struct pl_str text, struct pl_to_server *out,",
            "                                struct pl_decode_error *error) PL_CHECKED;",
            "void pl_to_server_free(struct pl_to_server *m);", ""]
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
    raise SystemExit(f"messages.json: {name}: the client sends no object but in an array")


def decoder(spec, name, struct_name, fields, tagged):
    names = (['"type"'] if tagged else []) + [f'"{f["name"]}"' for f in fields]
    out = [f"static void decode_{name}(struct pl_decoder *d, json_t *o, struct {struct_name} *m)",
           "{", f"    static const char *const names[] = {{{', '.join(names)}}};",
           "    memset(m, 0, sizeof *m);",
           "    pl_decode_object(d, o, names, sizeof names / sizeof names[0]);"]
    for f in fields:
        out += decode_field(spec, f)
    return out + ["}", ""]


def encode_value(kind, spec, key, value):
    if kind == "string":
        return f"pl_json_strn(out, {key}, {value});"
    if kind == "bool":
        return f"pl_json_bool(out, {key}, {value});"
    if kind in spec["enums"]:
        return f"pl_json_str(out, {key}, pl_{kind}_words[{value}]);"
    if kind in spec["types"]:
        return f"encode_{kind}(out, {key}, &{value});"
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
        out.append(f"_Static_assert(PL_{up}_COUNT == {len(values)}, \"{name}: a word for each\");")
        out.append(f"const char *const pl_{name}_words[PL_{up}_COUNT] = {{")
        out += [f'    [PL_{up}_{v.upper()}] = "{v}",' for v in values] + ["};", ""]
    out.append("const char *const pl_to_server_words[PL_TO_SERVER_COUNT] = {")
    out += [f'    [PL_TO_SERVER_{m["name"].upper()}] = "{m["name"]}",' for m in spec["to_server"]]
    out += ["};", ""]
    inbound = inbound_types(spec)
    for name in inbound:
        out += decoder(spec, name, f"pl_msg_{name}", spec["types"][name]["fields"], False)
    for m in spec["to_server"]:
        name = "to_server_" + m["name"]
        out += decoder(spec, name, f"pl_{name}", m["fields"], True)
    out += decode_any(spec)
    for name, body in spec["types"].items():
        if name in inbound:
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
    out += ["    case PL_TO_SERVER_COUNT:", "        break;", "    }", "}", ""]
    return out + """\
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
    unsigned type = 0;
    if (pl_decode_word(&d, o, "type", pl_to_server_words, PL_TO_SERVER_COUNT, false, &type)) {
        m.type = (enum pl_to_server_type)type;
        error->of = pl_to_server_words[type];
        decode_typed(&d, o, &m);
    }
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
""".split("\n")
