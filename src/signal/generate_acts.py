"""The C side of meet/acts.json that the meeting itself needs, for generate.py: structs, words, and
the encoder that makes an event's bytes. What decodes is in generate_c.py, since reading JSON is the
signal layer's."""

from generate_c import encode_field, reached, struct

GUARD = "PL_MEET_ACTS_H"

HEAD = """\
/* An event has a salt, base64url of so many random bytes: its hash then tells nobody what it says.
 * Who keeps the event gives it; the meeting knows nothing of it. */
#define PL_ACT_SALT_BYTES 16
#define PL_ACT_SALT_CHARS 22

/* Bytes of one event: the longest that there can be, with every character escaped. */
#define PL_ACT_BYTES_MAX {longest}

/* Appends the event's bytes: JSON, every field in the order of the list, absent ones left out. Equal
 * events have equal bytes. */
void pl_act_encode(struct pl_buf *out, const struct pl_act *act);

/* Is it part of the record? */
bool pl_act_is_kept(enum pl_act_type type);

/* Is it one that its maker signs? Then what was signed and the signature, base64url; p NULL: it was not.
 */
bool pl_act_signed(const struct pl_act *act, struct pl_str *text, struct pl_str *signature);

/* Appends what its maker says by such an act, as JSON: its name and the fields that they send, but not
 * what was signed. Of other acts: the name. */
void pl_act_encode_own(struct pl_buf *out, const struct pl_act *act);
"""


def longest(spec, fields):
    """Bytes of these fields as JSON, when each is as long as can be: a character takes six (\\u003c)."""
    total = len("{}")
    for f in fields:
        kind = f["type"]
        if kind == "string":
            one = 6 * f["max"] + len('""')
        elif kind in spec["types"]:
            one = longest(spec, spec["types"][kind]["fields"])
        elif kind in spec["enums"]:
            one = max(len(word) for word in spec["enums"][kind]) + len('""')
        else:
            one = len("-9007199254740991")
        total += len(f["name"]) + len('"":,')
        total += f["array"] * (one + len(",")) + len("[]") if "array" in f else one
    return total


def longest_event(spec):
    head = [{"name": "number", "type": "int"}, {"name": "at", "type": "time"},
            {"name": "by", "type": "string", "max": 32}, {"name": "salt", "type": "string", "max": 22},
            {"name": "act", "type": "string", "max": 32}]
    return max(longest(spec, head + a["fields"]) for a in spec["acts"])


def sections(spec):
    return [t for t in reached(spec, spec["acts"])]


def header(spec, notice):
    out = [f"/* {notice} */", f"#ifndef {GUARD}", f"#define {GUARD}", "", '#include "base/buf.h"',
           '#include "base/text.h"', "", "#include <stdbool.h>", "#include <stddef.h>",
           "#include <stdint.h>", ""]
    for name in spec["act_enums"]:
        up = name.upper()
        listed = "".join(f"    PL_{up}_{v.upper()},\n" for v in spec["enums"][name])
        out += [f"enum pl_{name} {{\n{listed}    PL_{up}_COUNT\n}};",
                f"extern const char *const pl_{name}_words[PL_{up}_COUNT];", ""]
    for name in sections(spec):
        body = spec["types"][name]
        out += struct(spec, f"pl_act_{name}", body.get("doc"), body["fields"], True)
        out += [f"void pl_act_encode_{name}(struct pl_buf *out, const char *key, "
                f"const struct pl_act_{name} *m);", ""]
    out.append("enum pl_act_type {")
    out += [f"    PL_ACT_{a['name'].upper()}," for a in spec["acts"]]
    out += ["    PL_ACT_COUNT", "};", "extern const char *const pl_act_words[PL_ACT_COUNT];", ""]
    for a in spec["acts"]:
        out += struct(spec, f"pl_act_{a['name']}", a.get("doc"), a["fields"], True)
    out += ["/* An act: as a command, the fields that its maker sends; as an event, all of them. Strings and",
            " * arrays of strings are borrowed. */",
            "struct pl_act {", "    enum pl_act_type type;",
            "    uint64_t number;  /* of the event, from 1 in a meeting */",
            "    int64_t at_ms;    /* Unix time */",
            "    struct pl_str by; /* a participant's id; empty: the server, or who prepared */",
            "    struct pl_str salt; /* PL_ACT_SALT_CHARS; empty: none, as in records of before */",
            "    union {"]
    out += [f"        struct pl_act_{a['name']} {a['name']};" for a in spec["acts"]]
    return "\n".join(out + ["    };", "};", "", HEAD.replace("{longest}", str(longest_event(spec))), "#endif", ""])


def signing(spec):
    """What a signed act says, and its signature."""
    acts = [a for a in spec["acts"] if "own" in a]
    out = ["bool pl_act_signed(const struct pl_act *act, struct pl_str *text, struct pl_str *signature)",
           "{", "    switch (act->type) {"]
    for a in acts:
        out += [f"    case PL_ACT_{a['name'].upper()}:",
                f"        *text = act->{a['name']}.signed_text;",
                f"        *signature = act->{a['name']}.signature;", "        return true;"]
    out += ["    default:", "        return false;", "    }", "}", ""]
    for a in acts:
        out += [f"static void encode_own_{a['name']}(struct pl_buf *out, const struct pl_act_{a['name']} *m)",
                "{"]
        for f in a["own"]:
            out += encode_field(spec, f)
        out += ["}", ""]
    out += ["void pl_act_encode_own(struct pl_buf *out, const struct pl_act *act)", "{",
            "    pl_json_open(out, NULL, '{');",
            '    pl_json_str(out, "act", pl_act_words[act->type]);', "    switch (act->type) {"]
    for a in acts:
        out += [f"    case PL_ACT_{a['name'].upper()}:",
                f"        encode_own_{a['name']}(out, &act->{a['name']});", "        break;"]
    return out + ["    default:", "        break;", "    }", "    pl_json_close(out, '}');", "}", ""]


def source(spec, notice):
    out = [f"/* {notice} */", '#include "meet/acts.h"', "", '#include "base/json.h"', ""]
    for name in spec["act_enums"]:
        up = name.upper()
        out.append(f"const char *const pl_{name}_words[PL_{up}_COUNT] = {{")
        out += [f'    [PL_{up}_{v.upper()}] = "{v}",' for v in spec["enums"][name]] + ["};", ""]
    out.append("const char *const pl_act_words[PL_ACT_COUNT] = {")
    out += [f'    [PL_ACT_{a["name"].upper()}] = "{a["name"]}",' for a in spec["acts"]] + ["};", ""]
    for name in sections(spec):
        out += [f"void pl_act_encode_{name}(struct pl_buf *out, const char *key, "
                f"const struct pl_act_{name} *m)", "{", "    pl_json_open(out, key, '{');"]
        for f in spec["types"][name]["fields"]:
            out += encode_field(spec, f)
        out += ["    pl_json_close(out, '}');", "}", ""]
    for a in spec["acts"]:
        out += [f"static void encode_{a['name']}(struct pl_buf *out, const struct pl_act_{a['name']} *m)",
                "{"]
        for f in a["fields"]:
            out += encode_field(spec, f)
        out += ["    (void)out;", "    (void)m;"] if not a["fields"] else []
        out += ["}", ""]
    out += ["void pl_act_encode(struct pl_buf *out, const struct pl_act *act)", "{",
            "    pl_json_open(out, NULL, '{');",
            '    pl_json_int(out, "number", (int64_t)act->number);',
            '    pl_json_int(out, "at", act->at_ms);', "    if (act->by.n)",
            '        pl_json_strn(out, "by", act->by);',
            "    if (act->salt.n)", '        pl_json_strn(out, "salt", act->salt);',
            '    pl_json_str(out, "act", pl_act_words[act->type]);', "    switch (act->type) {"]
    for a in spec["acts"]:
        out += [f"    case PL_ACT_{a['name'].upper()}:",
                f"        encode_{a['name']}(out, &act->{a['name']});", "        break;"]
    out += ["    case PL_ACT_COUNT:", "        break;", "    }", "    pl_json_close(out, '}');", "}", ""]
    out += signing(spec)
    out += ["bool pl_act_is_kept(enum pl_act_type type)", "{", "    switch (type) {"]
    out += [f"    case PL_ACT_{a['name'].upper()}:" for a in spec["acts"] if not a.get("kept", True)]
    return "\n".join(out + ["        return false;", "    default:", "        return true;", "    }", "}", ""])
