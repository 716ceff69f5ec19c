#!/usr/bin/env python3
"""A meeting's record, exported beside the running server, and verified. usage: test_export.py PARLEY"""

import hashlib
import json
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

import ed25519
from client import WAIT, Server
from keyed import SEEDS, b64, cosign, put_manifest, signed, text_of
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
MEETING = {
    "title": "Council on ships",
    "floor": "chaired",
    "encryption": "none",
    "seats": [{"id": "NOR", "name": "Norway"}, {"id": "DEN", "name": "Denmark"}],
    "people": [
        {"name": "C", "role": "chair"},
        {"name": "N", "role": "delegate", "seat": "NOR"},
        {"name": "D", "role": "delegate", "seat": "DEN"},
    ],
    "prepared": [
        {"act": "put_item", "item": "i", "title": "First"},
        {"act": "put_decision", "decision": "d", "item": "i", "title": "D", "texts": [{"language": "EN", "text": "We <decide>."}],
         "rule": {"procedure": "simple"}, "excluded": []},
    ],
}


def call(*words, text=None):
    done = subprocess.run([PARLEY, *words], input=text, capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr.decode()


def export(server, meeting):
    return call("export", meeting, "--data", str(server.data))


def verify(record, *options):
    status, out, err = call("verify", "-", *options, text=record)
    return status, out.decode() + err


def make(server, **changes):
    made = server.request("POST", "/api/meetings", {**MEETING, **changes}, server.admin).json()
    return made["id"], [i["token"] for i in made["invitations"]]


def vote(server, meeting, tokens):
    """A decision that is taken, and everybody still there."""
    chair, norway, denmark = (join(server.base, meeting, token) for token in tokens)
    chair.send({"type": "call_decision", "decision": "d", "version": 1})
    for ws, choice in ((norway, "yes"), (denmark, "no")):
        ws.until("decision", lambda m: m["state"] == "open")
        ws.send({"type": "vote", "decision": "d", "version": 1, "choice": choice})
    chair.until("decision", lambda m: sum(v["voted"] for v in m["votes"]) == 2)
    chair.send({"type": "close_decision", "decision": "d"})
    chair.until("decision", lambda m: m["state"] == "declared")
    return chair, norway, denmark


def lines_of(record):
    return [json.loads(line) for line in record.decode().splitlines()]


def exports():
    """the record of a running meeting is exported beside its server, and is good"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server)
        status, record, told = export(server, meeting)
        check("before anybody came there is none", (status, record), (2, b""))
        check("and it is said why", told, f"parley: nobody has come to meeting {meeting} yet: it may still be replaced, "
              "and there is no record of it to sign\n")
        people = vote(server, meeting, tokens)
        status, record, told = export(server, meeting)
        check("it is exported", (status, told), (0, ""))
        lines = lines_of(record)
        head, end = lines[0], lines[-1]
        events = [line for line in lines if "number" in line]
        check("head and end stand in their places", (head["record"], head["meeting"], end["record"], end["lines"]),
              ("head", meeting, "end", len(lines) - 1))
        check("the events are all there", [e["number"] for e in events], list(range(1, len(events) + 1)))
        check("the last one is the result", events[-1]["act"], "close_decision")
        status, told = verify(record)
        check("it is good", status, 0)
        for part in (f'Record of the meeting "Council on ships" ({meeting})', f"{len(events)} events, from ",
                     "1 result worked out anew", "not pinned", "Good: no fault was found.", head["key"]):
            check(f"its report says: {part}", part in told)
        status, told = verify(record, "--key", head["key"])
        check("with its key it is pinned", (status, "the one that you gave" in told, "not pinned" in told), (0, True, False))
        for ws in people:
            ws.close()
        server.stop(signal.SIGKILL)
        status, after, told = export(server, meeting)
        check("it is exported without a server too", (status, told), (0, ""))
        check("and has what it had", after.splitlines()[1:len(events)] == record.splitlines()[1:len(events)])
        check("and is good", verify(after)[0], 0)
        server = Server(PARLEY, data=server.data)
        join(server.base, meeting, tokens[0]).close()
        status, again, _ = export(server, meeting)
        check("so it is after a restart", (status, verify(again)[0]), (0, 0))
        check("which the record says", "restarted" in [line.get("act") for line in lines_of(again)])
    finally:
        server.stop()
        server.own = True
        server.remove()


def faults():
    """what was changed in a file is found, and its place is named"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server)
        vote(server, meeting, tokens)
        record = export(server, meeting)[1]
        at = {line.get("act"): (i + 1, line["number"]) for i, line in enumerate(lines_of(record)) if "number" in line}
        text = record.decode()
        count = text.count("\n")
        for what, changed, place, why in (
            ("a vote is swapped", text.replace('"choice":"no"', '"choice":"yes"'), at["close_decision"],
             "by its rule and the votes it is adopted"),
            ("a text is swapped", text.replace('"text":"We \\u003cdecide', '"text":"We \\u003cdecline'), at["put_decision"], "one of them was changed"),
            ("an escape is written otherwise", text.replace('"text":"We \\u003cdecide', '"text":"We <decide'), at["put_decision"], "canonical encoding"),
            ("the tail is cut off", "\n".join(text.split("\n")[:-2]) + "\n", (count, None), "cut off"),
            ("something is added", text + "\n", (count + 1, None), "behind the end"),
        ):
            status, told = verify(changed.encode())
            line, event = place
            named = f"FAULT in line {line}" + (f", event {event}:" if event else ":")
            check(f"{what}: {why}", (status, named in told, why in told), (1, True, True))
            if status != 1 or named not in told:
                print("#", told)
        other = verify(record, "--key", "parley+2b8ba1d4+AQDQGOWZWLJQ8tZ5Fj8JPyrEV+yhqkRVvuUFHPWvi4bU")
        check("no key that is none is taken", other[0], 2)
    finally:
        server.stop()
        server.remove()


def signatures():
    """votes that are signed, manifests and cosignatures are in the record, and verified"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server, signatures="required")
        check("a manifest is put, and a later one", tuple(put_manifest(server, meeting, MEETING["seats"], MEETING["people"], version) for version in (1, 4)), (204, 204))
        chair, norway, denmark = (join(server.base, meeting, token) for token in tokens)
        cosign(norway, 2)
        chair.send({"type": "call_decision", "decision": "d", "version": 1})
        for ws, person, choice in ((norway, 2, "yes"), (denmark, 3, "no")):
            called = ws.until("decision", lambda m: m["state"] == "open")["called"]
            ws.send(signed(meeting, person, "vote", {"decision": "d", "version": 1, "choice": choice}, text=text_of("EN\nWe <decide>."), since=called))
        chair.until("decision", lambda m: sum(v["voted"] for v in m["votes"]) == 2)
        chair.send({"type": "close_decision", "decision": "d"})
        cosign(denmark, 3)
        end = time.monotonic() + WAIT
        while True:  # cosignatures are kept a second later
            status, record, told = export(server, meeting)
            if record.count(b"/person/") == 2 or time.monotonic() > end:
                break
            time.sleep(0.2)
        check("it is exported", (status, told), (0, ""))
        fingerprint = hashlib.sha256(ed25519.public(SEEDS[0])).digest()
        groups = " ".join(f"{n % 100000:05}" for n in struct.unpack(">8I", fingerprint))
        for organiser in (groups, b64(fingerprint)):
            status, told = verify(record, "--organiser", organiser)
            check("it is good, by the organiser's fingerprint", (status, "whose fingerprint is the one that you gave" in told), (0, True))
        for part in ("2 lists of participants' keys", groups, "2 of 2 votes and positions are signed", "as this meeting requires",
                     "2 cosignatures by 2 participants"):
            check(f"its report says: {part}", part in told)
        if status:
            print("#", told)
        check("another fingerprint is a fault", verify(record, "--organiser", groups[:-1] + str((int(groups[-1]) + 1) % 10))[0], 1)
        text = record.decode()
        lines = text.split("\n")
        cosigned = next(i for i, line in enumerate(lines) if "/person/p2" in line)
        start = lines[cosigned].index("\u2014", lines[cosigned].index("\u2014") + 1)
        without = "\n".join([*lines[:cosigned], lines[cosigned][:start] + '"}', *lines[cosigned + 1:]])
        status, told = verify(without.encode())
        check("a cosignature that was taken out is missed", (status, "not those that the server signed at the end" in told), (1, True))
        status, told = verify(text.replace('\\"choice\\": \\"no\\"', '\\"choice\\": \\"yes\\"').encode())
        check("what was signed is not changed", (status, "not signed by the key of p3" in told), (1, True))
    finally:
        server.stop()
        server.remove()


def refuses():
    """what cannot be exported or read is refused in a sentence"""
    server = Server(PARLEY)
    with tempfile.TemporaryDirectory() as folder:
        try:
            status, out, told = export(server, "nosuchid22")
            check("no such meeting", (status, out, told), (2, b"", f"parley: there is no meeting nosuchid22 in {server.data}\n"))
            status, out, told = call("export", "nosuchid22", "--data", folder)
            check("no data folder", (status, out, "this is no data folder of a server" in told), (2, b"", True))
            check("no file", call("verify", str(pathlib.Path(folder, "none")))[0], 2)
            check("an empty file is a fault", verify(b"")[0], 1)
            check("and any other", verify(b"\0\xff\n")[0], 1)
        finally:
            server.stop()
            server.remove()


run(exports, faults, signatures, refuses)
sys.exit(finish())
