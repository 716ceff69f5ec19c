#!/usr/bin/env python3
"""Changes an exported record in thousands of ways, at random; both verifiers must find each, and agree on what is
good. The record is that of a meeting held for this: signed votes, cosignatures, a manifest, a seat that was added, a result,
a correction that is signed, minutes that were adopted.
usage: mutate.py PARLEY WEB [--n N] [--seed N] [--quick]. The last line is JSON."""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from client import Server  # noqa: E402
from keyed import cosign, leaf_of, put_manifest, signed, text_of  # noqa: E402
from ws import join  # noqa: E402

SEATS = [{"id": "NOR", "name": "Norway", "weight": 2}, {"id": "DEN", "name": "Denmark"}]
LATE = {"id": "SWE", "name": "Sweden", "weight": 3, "guest": False}  # added while the meeting runs
LISTED = [*({name: seat[name] for name in ("id", "name")} for seat in SEATS), LATE]
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": "N", "role": "delegate", "seat": "NOR"},
    {"name": "D", "role": "delegate", "seat": "DEN"},
]
PREPARED = [
    {"act": "put_item", "item": "i", "title": "First"},
    {"act": "put_decision", "decision": "d", "item": "i", "title": "D", "texts": [{"language": "EN", "text": "We <decide>."}],
     "rule": {"procedure": "simple"}, "excluded": []},
]


def vote(meeting, person, choice, when, called):
    own = {"decision": "d", "version": 1, "choice": choice}
    return signed(meeting, person, "vote", own, text=text_of("EN\nWe <decide>."), since=called, time=when)


def adopt(server, meeting, chair, norway):
    """A correction, signed, and minutes that are adopted."""
    chair.send({"type": "set_session", "session": "closed"})
    size = chair.until("checkpoint")["size"]
    chair.send({"type": "open_corrections", "until": int(time.time() * 1000) + 60000})
    norway.until("minutes", lambda m: "until" in m)
    leaf = leaf_of(server, meeting["id"], meeting["invitations"][1]["token"], size, size)
    correction = {"event": size, "language": "EN", "text": "It was closed late."}
    norway.send(signed(meeting["id"], 2, "propose_correction", correction, leaf=leaf, time=int(time.time() * 1000)))
    proposed = chair.until("minutes", lambda m: m["corrections"])["corrections"][0]["correction"]
    chair.send({"type": "settle_correction", "correction": proposed, "accepted": True})
    chair.send({"type": "open_corrections"})
    chair.send({"type": "ping"})
    chair.until("pong")
    minutes = server.request("GET", f"/api/meetings/{meeting['id']}/minutes", token=meeting["invitations"][0]["token"])
    chair.send({"type": "adopt_minutes", "hash": minutes.json()["hash"]})
    chair.until("minutes", lambda m: "adopted" in m)


def hold(program):
    """A meeting, and its record."""
    server = Server(program)
    try:
        made = server.create(seats=SEATS, people=PEOPLE, prepared=PREPARED, signatures="required", quorum=1).json()
        assert put_manifest(server, made["id"], LISTED, PEOPLE) == 204
        chair, norway, denmark = (join(server.base, made["id"], i["token"]) for i in made["invitations"])
        cosign(norway, 2)
        assert server.request("POST", f"/api/meetings/{made['id']}/seats", LATE, server.admin).status == 204
        chair.send({"type": "call_decision", "decision": "d", "version": 1})
        now = int(time.time() * 1000)
        for n, (ws, person, choice) in enumerate(((norway, 2, "yes"), (denmark, 3, "no"), (norway, 2, "no"), (norway, 2, "yes"), (denmark, 3, "abstain"))):
            called = ws.until("decision", lambda m: m["state"] == "open")["called"]
            ws.send(vote(made["id"], person, choice, now + n, called))
        chair.until("decision", lambda m: sum(v["voted"] for v in m["votes"]) == 2)
        denmark.send({"type": "ping"})
        denmark.until("pong")
        chair.send({"type": "close_decision", "decision": "d"})
        cosign(denmark, 3)
        adopt(server, made, chair, norway)
        for _ in range(100):  # cosignatures are kept a second later
            record = subprocess.run([program, "export", made["id"], "--data", str(server.data)], capture_output=True, check=True).stdout
            if record.count(b"/person/") == 2:
                return record
            time.sleep(0.1)
        raise SystemExit("the record has no two cosignatures")
    finally:
        server.stop()
        server.remove()


def flip(r, data):
    at = r.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << r.randrange(8)]) + data[at + 1:]


def put_byte(r, data):
    at = r.randrange(len(data) + 1)
    return data[:at] + bytes([r.randrange(256)]) + data[at:]


def take_bytes(r, data):
    at = r.randrange(len(data))
    return data[:at] + data[at + r.randrange(1, 40):]


def cut(r, data):
    return data[:r.randrange(len(data))]


def lines(r, data, change):
    all_lines = data.splitlines(keepends=True)
    change(all_lines, r.randrange(len(all_lines)), r.randrange(len(all_lines)))
    return b"".join(all_lines)


def delete(all_lines, at, _):
    del all_lines[at]


def double(all_lines, at, to):
    all_lines.insert(to, all_lines[at])


def swap(all_lines, at, to):
    all_lines[at], all_lines[to] = all_lines[to], all_lines[at]


def digit(r, data):
    """A number, a time say, that is another."""
    places = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
    at = r.choice(places)
    return data[:at] + bytes([48 + (data[at] - 48 + r.randrange(1, 10)) % 10]) + data[at + 1:]


def word(r, data):
    """A choice, or a seat, in another's place."""
    pairs = [(b'"yes"', b'"no"'), (b'"no"', b'"yes"'), (b'"NOR"', b'"DEN"'), (b'"DEN"', b'"NOR"'), (b'"p2"', b'"p3"'), (b'"p3"', b'"p2"'),
             (b'"adopted"', b'"not_adopted"'), (b"decide", b"decline"), (b'"abstain"', b'"yes"')]
    old, new = r.choice(pairs)
    places = [i for i in range(len(data)) if data.startswith(old, i)]
    at = r.choice(places) if places else 0
    return data[:at] + new + data[at + len(old):] if places else data


FIELD = re.compile(rb'(\\*")([a-z_0-9]+)\1: ?')
VALUE = re.compile(rb'(\\*)"[^"\\]*\1"|-?[0-9]+|true|false')


def fields(data):
    """Where each name of a field stands, those inside of texts that were signed too."""
    places = collections.defaultdict(list)
    for found in FIELD.finditer(data):
        if VALUE.match(data, found.end()):  # else it is an object or a list: what is in it is changed
            places[found[2].decode()].append(found)
    return places


def changed_value(r, value):
    if value in (b"true", b"false"):
        return b"false" if value == b"true" else b"true"
    places = [i for i, byte in enumerate(value) if 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122]
    at = r.choice(places) if places else 0
    byte = value[at:at + 1]
    return value[:at] + bytes([r.choice([c for c in (b"0123456789" if byte.isdigit() else b"abcdefXYZ") if c != byte[0]])]) + value[at + 1:]


def field(r, data, name=None):
    """A field, each name of them as often as another, that says something else, or is not there."""
    places = fields(data)
    name = name or r.choice(sorted(places))
    found = r.choice(places[name])
    value = VALUE.match(data, found.end())
    FIELDS[name] += 1
    if r.randrange(4) == 0:
        end = value.end() + (data[value.end():value.end() + 1] == b",")
        return data[:found.start()] + data[end:]
    return data[:value.start()] + changed_value(r, value[0]) + data[value.end():]


FIELDS = collections.Counter()
# What was added to the form, and has to be among what is changed.
MUST = {"definition", "since", "leaf", "words_form", "weight", "quorum", "guest", "signatures", "time", "sha256", "version"}
KINDS = {
    "field": field,
    "bit": flip, "byte_added": put_byte, "bytes_taken": take_bytes, "cut_off": cut, "digit": digit, "word": word,
    "line_deleted": lambda r, d: lines(r, d, delete), "line_doubled": lambda r, d: lines(r, d, double), "lines_swapped": lambda r, d: lines(r, d, swap),
}


def main():
    args = argparse.ArgumentParser()
    args.add_argument("parley")
    args.add_argument("web")
    args.add_argument("--n", type=int, default=5000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--quick", action="store_true")
    args = args.parse_args()
    n = 600 if args.quick else args.n
    r = random.Random(args.seed)
    record = hold(args.parley)
    key = json.loads(record.split(b"\n")[0])["key"]
    kinds = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "good").write_bytes(record)
        must = sorted(MUST) * 3
        while sum(kinds.values()) < n:
            kind = "field" if must else r.choice(list(KINDS))
            changed = field(r, record, must.pop()) if must else KINDS[kind](r, record)
            if changed != record:
                pathlib.Path(folder, f"{kind}-{sum(kinds.values())}").write_bytes(changed)
                kinds[kind] += 1
        names = sorted(os.listdir(folder))

        def verify(name):
            done = subprocess.run([args.parley, "verify", os.path.join(folder, name), "--key", key], capture_output=True)
            return name if done.returncode == 0 else None if done.returncode == 1 and b"FAULT" in done.stdout + done.stderr else f"{name}: {done}"
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            passed = [name for name in pool.map(verify, names) if name]
        page = subprocess.run(["npx", "vite-node", "tests/verifyAll.ts", folder, key], cwd=args.web, capture_output=True, text=True, check=True)
        passed_page = json.loads(page.stdout.splitlines()[-1])
    good = passed == ["good"] and passed_page == ["good"] and MUST <= set(FIELDS)
    print(json.dumps({"changes": n, "bytes": len(record), "by_kind": dict(sorted(kinds.items())), "passed_parley": passed,
                      "passed_page": passed_page, "fields": len(FIELDS), "fields_not_changed": sorted(MUST - set(FIELDS)), "good": good}))
    sys.exit(0 if good else 1)


main()
