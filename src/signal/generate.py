#!/usr/bin/env python3
"""Makes everything that stands on both sides of the WebSocket from messages.json and meet/acts.json:
the TypeScript types, the protocol page, and the decoders and encoders in C (generate_c.py,
generate_acts.py). Standard library only: the build runs it, and Python is there because Meson needs
it."""

import argparse
import json
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is
import generate_acts  # noqa: E402
import generate_c  # noqa: E402

SCALARS = ("string", "int", "bool", "id", "time")
# What an act with `"signed": true` has besides: what the seat's person signed of it.
SIGNED_FIELDS = [
    {"name": "signed_text", "type": "string", "max": 16000, "optional": True,
     "doc": "the exact text that was signed: docs/record.md, Signed acts"},
    {"name": "signature", "type": "string", "max": 86, "optional": True,
     "doc": "Ed25519 by the person's key, base64url; needs `signed_text`"},
]
NOTICE = "Made by src/signal/generate.py from src/signal/messages.json and src/meet/acts.json; change those."


def fail(text):
    sys.exit("messages.json: " + text)


def check_fields(spec, where, fields):
    """Refuses what the generators would silently misread."""
    known = {"name", "type", "optional", "array", "min", "max", "doc", "added"}
    for field in fields:
        at = f"{where}.{field.get('name')}"
        if extra := set(field) - known:
            fail(f"{at}: unknown attribute {sorted(extra)[0]}")
        kind = field["type"]
        if kind not in SCALARS and kind not in spec["enums"] and kind not in spec["types"]:
            fail(f"{at}: unknown type {kind}")
        if kind == "string" and "max" not in field:
            fail(f"{at}: a string needs a max")
        if kind == "int" and not {"min", "max"} <= set(field):
            fail(f"{at}: an int needs min and max")
        if "array" in field and field.get("optional"):
            fail(f"{at}: an array is never optional; empty says it")


def load(path, acts_path):
    """One list of both: acts are messages too, but those that the server alone makes."""
    with open(path, encoding="utf-8") as f:
        spec = json.load(f)
    with open(acts_path, encoding="utf-8") as f:
        acts = json.load(f)
    for part in ("enums", "types"):
        if twice := set(spec[part]) & set(acts[part]):
            fail(f"{sorted(twice)[0]} is in acts.json too")
        spec["act_" + part] = list(acts[part])
        spec[part] = acts[part] | spec[part]
    spec["acts"] = acts["acts"]
    spec["acts_doc"] = acts["doc"]
    for act in spec["acts"]:
        if extra := set(act) - {"name", "doc", "fields", "from", "kept", "signed"}:
            fail(f"act {act['name']}: unknown attribute {sorted(extra)[0]}")
        if act.get("signed"):
            act["own"] = [f for f in act["fields"] if not f.get("added")]
            act["fields"] = act["fields"] + SIGNED_FIELDS
        check_fields(spec, "act " + act["name"], act["fields"])
    for name, body in spec["types"].items():
        check_fields(spec, name, body["fields"])
    for direction in ("to_server", "to_client"):
        for message in spec[direction]:
            check_fields(spec, f"{direction}.{message['name']}", message["fields"])
    return spec


def sent_acts(spec):
    """The acts that a client may send, with the fields that it sends."""
    return [{**a, "fields": [f for f in a["fields"] if not f.get("added")]}
            for a in spec["acts"] if a.get("from") != "server"]


def messages(spec, direction):
    return spec[direction] + (sent_acts(spec) if direction == "to_server" else [])


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


# TypeScript


def ts_type(spec, field):
    kind = field["type"]
    if kind == "string":
        name = "string"
    elif kind == "bool":
        name = "boolean"
    elif kind in ("int", "id", "time"):
        name = "number"
    else:
        name = camel(kind)
    return name + "[]" if "array" in field else name


def ts_limits(field):
    """What a reader of the type wants to know beyond it."""
    notes = [field["doc"]] if "doc" in field else []
    if field["type"] == "string":
        notes.append(f"at most {field['max']} bytes")
    if field["type"] == "int":
        notes.append(f"{field['min']} to {field['max']}")
    if field["type"] == "time":
        notes.append("Unix milliseconds")
    if "array" in field:
        notes.append(f"at most {field['array']}")
    return "; ".join(notes)


def ts_interface(spec, name, doc, fields, tag=None):
    out = [f"/** {doc} */"] if doc else []
    out.append(f"export interface {name} {{")
    if tag:
        out.append(f'  type: "{tag}";')
    for field in fields:
        if notes := ts_limits(field):
            out.append(f"  /** {notes} */")
        mark = "?" if field.get("optional") else ""
        out.append(f"  {field['name']}{mark}: {ts_type(spec, field)};")
    out.append("}")
    return out + [""]


def make_ts(spec):
    out = [f"// {NOTICE}", "", f"/* {spec['doc']} */", ""]
    for name, values in spec["enums"].items():
        listed = ", ".join(f'"{v}"' for v in values)
        out.append(f"export const {name.upper()}_VALUES = [{listed}] as const;")
        out.append(f"export type {camel(name)} = (typeof {name.upper()}_VALUES)[number];")
        out.append("")
    for name, body in spec["types"].items():
        out += ts_interface(spec, camel(name), body.get("doc"), body["fields"])
    for direction in ("to_server", "to_client"):
        suffix = camel(direction)
        for m in messages(spec, direction):
            out += ts_interface(spec, camel(m["name"]) + suffix, m.get("doc"), m["fields"], m["name"])
        names = " | ".join(camel(m["name"]) + suffix for m in messages(spec, direction))
        out += [f"export type {suffix} = {names};", ""]
    out.append("/** Bounds of what the client sends: bytes of strings, lengths of lists. */")
    out.append("export const LIMITS = {")
    for m in messages(spec, "to_server"):
        bounds = {f["name"]: f["array"] if "array" in f else f["max"]
                  for f in m["fields"] if "array" in f or f["type"] == "string"}
        if bounds:
            listed = ", ".join(f"{k}: {v}" for k, v in bounds.items())
            out.append(f"  {m['name']}: {{ {listed} }},")
    out += ["} as const;", ""]
    out.append("/** The acts that are signed, each with the fields that go into what is signed, in their order. */")
    out.append("export const SIGNED_ACTS = {")
    for a in spec["acts"]:
        if "own" in a:
            listed = ", ".join(f'"{f["name"]}"' for f in a["own"])
            out.append(f"  {a['name']}: [{listed}],")
    out += ["} as const;", ""]
    return "\n".join(out)


# The protocol page


def md_type(spec, field):
    kind = field["type"]
    text = {
        "string": lambda: f"string, at most {field['max']} bytes",
        "int": lambda: f"integer, {field['min']} to {field['max']}",
        "bool": lambda: "true or false",
        "id": lambda: "integer, 1 to 2^53 − 1",
        "time": lambda: "integer, Unix milliseconds",
    }.get(kind, lambda: f"[{kind}](#type-{kind})")()
    return f"list of {text}, at most {field['array']}" if "array" in field else text


def md_fields(spec, fields):
    if not fields:
        return ["No fields.", ""]
    out = ["| field | type | |", "| --- | --- | --- |"]
    for field in fields:
        notes = [n for n in ("optional" if field.get("optional") else "",
                             "the server adds it" if field.get("added") else "",
                             field.get("doc", "")) if n]
        notes = "; ".join(notes).replace("|", "\\|")
        out.append(f"| `{field['name']}` | {md_type(spec, field)} | {notes} |")
    return out + [""]


def make_md(spec):
    out = ["# Messages between browser and server", "", f"<!-- {NOTICE} -->", "", spec["doc"], ""]
    for direction, title in (("to_server", "To the server"), ("to_client", "To the client")):
        out += [f"## {title}", ""]
        for m in spec[direction]:
            out += [f"### `{m['name']}`", "", m.get("doc", ""), ""] + md_fields(spec, m["fields"])
    out += ["## Acts", "", spec["acts_doc"], ""]
    for a in spec["acts"]:
        out += [f"### `{a['name']}`", "", a.get("doc", ""), ""] + md_fields(spec, a["fields"])
    out += ["## Types", ""]
    for name, body in spec["types"].items():
        out += [f"### Type `{name}`", "", body.get("doc", ""), ""] + md_fields(spec, body["fields"])
    for name, values in spec["enums"].items():
        out += [f"### Type `{name}`", "", "One of " + ", ".join(f"`\"{v}\"`" for v in values) + ".", ""]
    return "\n".join(out)


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("messages")
    args.add_argument("acts")
    args.add_argument("--ts", help="write the TypeScript types")
    args.add_argument("--md", help="write the protocol page")
    args.add_argument("--c-header", help="write the structs and functions in C")
    args.add_argument("--c-source", help="write the decoders and encoders in C")
    args.add_argument("--acts-header", help="write the structs of acts in C")
    args.add_argument("--acts-source", help="write the encoder of events in C")
    args = args.parse_args()
    spec = load(args.messages, args.acts)
    if args.ts:
        write(args.ts, make_ts(spec))
    if args.md:
        write(args.md, make_md(spec))
    if args.c_header:
        write(args.c_header, generate_c.header(spec, NOTICE))
    if args.c_source:
        write(args.c_source, generate_c.source(spec, NOTICE))
    if args.acts_header:
        write(args.acts_header, generate_acts.header(spec, NOTICE))
    if args.acts_source:
        write(args.acts_source, generate_acts.source(spec, NOTICE))


if __name__ == "__main__":
    main()
