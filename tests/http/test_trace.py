#!/usr/bin/env python3
"""Traces of a participant: who may ask for one, what becomes of it, and its summary. usage: test_trace.py PARLEY [web]"""

import json
import pathlib
import subprocess
import sys
import time

from client import OFFER, WAIT, Server
from tap import check, finish, run

PARLEY = sys.argv[1]
server = Server(PARLEY, "--media-threads", "2")
made = server.create().json()
token = made["invitations"][0]["token"]
MEETING = f"/api/meetings/{made['id']}"
TRACE = f"{MEETING}/participants/p1/trace"
FOLDER = pathlib.Path(server.data, "traces")


def ask(method, path, body=None, token=server.admin):
    return server.request(method, path, body, token)


def parley(*words):
    return subprocess.run([PARLEY, *words], capture_output=True, text=True, timeout=WAIT)


def only_for_the_administrator():
    """of somebody who is there"""
    check("nobody is in it", ask("GET", f"{MEETING}/participants").error(), "unknown_meeting")
    got = server.request("POST", f"/whip/{made['id']}", OFFER, token, headers={"Content-Type": "application/sdp"})
    check("published", got.status, 201)
    for what in (None, token):
        check("a stranger, or who is invited", [ask(m, p, token=what).status for m, p in
              (("GET", f"{MEETING}/participants"), ("POST", TRACE), ("DELETE", TRACE))], [401, 401, 401])
    people = ask("GET", f"{MEETING}/participants").json()
    check("one", people, {"participants": [{"id": "p1", "name": "A", "role": "delegate", "place": "room", "traced": False}]})
    check("another one", ask("POST", f"{MEETING}/participants/p7/trace").error(), "unknown_participant")
    check("a long name", ask("POST", f"{MEETING}/participants/{'p' * 99}/trace").error(), "unknown_participant")
    check("no trace", ask("DELETE", TRACE).error(), "unknown_trace")
    for seconds in (0, 3601, "60", 1.5):
        got = ask("POST", TRACE, {"seconds": seconds})
        check(f"{seconds} seconds", (got.status, got.json()["error"]["field"]), (400, "seconds"))
    check("nothing was traced", list(FOLDER.iterdir()), [])


def is_written():
    """a record a line, until it is stopped; no key in it"""
    got = ask("POST", TRACE, {"seconds": 3600})
    check("begun", (got.status, got.json()["seconds"]), (201, 3600))
    file = FOLDER / got.json()["file"]
    check("mode", file.stat().st_mode & 0o777, 0o600)
    check("told", ask("GET", f"{MEETING}/participants").json()["participants"][0]["traced"])
    check("again", ask("POST", TRACE).status, 409)
    time.sleep(2.2)  # it is about time
    check("stopped", ask("DELETE", TRACE).status, 204)
    text = file.read_text()
    records = [json.loads(line) for line in text.splitlines()]
    types = [r["type"] for r in records]
    check("the head", (records[0]["type"], records[0]["version"], records[0]["participant"]), ("trace", 1, "p1"))
    check("the end", records[-1], {"type": "end", "why": "stopped"})
    check("a line a second", types.count("line"), lambda n: 2 <= n <= 4)
    check("no secret", [secret for secret in (token, server.admin, "bP+XJMM09aR8AiX1jdukzR6Y", "zjkk") if secret in text], [])
    done = parley("trace", str(file))
    check("summed up", (done.returncode, done.stderr), (0, ""))
    for words in (f"Participant p1 of meeting {made['id']}.", "- No path was found", "It ended: stopped."):
        check(words, words in done.stdout)


def ends_by_itself():
    """after the time that was asked for"""
    file = FOLDER / ask("POST", TRACE, {"seconds": 1}).json()["file"]
    end = time.monotonic() + WAIT
    while '"why":"over"' not in file.read_text() and time.monotonic() < end:
        time.sleep(0.1)
    check("over", '"why":"over"' in file.read_text())
    check("not traced", ask("GET", f"{MEETING}/participants").json()["participants"][0]["traced"], False)


def other_files_are_refused():
    """by name"""
    other = pathlib.Path(server.data, "admin-token")
    for file, why in ((other, "not a trace"), (pathlib.Path(server.data, "nothing"), "No such file"), (FOLDER, "not a trace")):
        done = parley("trace", str(file))
        check(str(file.name), (done.returncode, done.stdout, why in done.stderr), (2, "", True))
    check("no file", parley("trace").returncode, 2)


run(only_for_the_administrator, is_written, ends_by_itself, other_files_are_refused)
check("ends in good order", server.stop(), 0)
server.remove()
sys.exit(finish())
