#!/usr/bin/env python3
"""People who are added to a meeting that is made, over REST. usage: test_late.py PARLEY"""

import json
import subprocess
import sys

from client import Server
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": "N", "role": "delegate", "seat": "NOR"},
]
LATE = {"name": "Late Guest", "role": "observer"}


def make(server):
    made = server.create(people=PEOPLE, languages=["EN", "FR"]).json()
    return made["id"], [i["token"] for i in made["invitations"]]


def add(server, meeting, body, token=None):
    return server.request("POST", f"/api/meetings/{meeting}/people", body, token or server.admin)


def people_of(server, meeting):
    return server.request("GET", f"/api/meetings/{meeting}", token=server.admin).json()["people"]


def comes():
    """who presides adds somebody, who comes by their link; also after a restart"""
    server = Server(PARLEY)
    try:
        meeting, (chair, delegate) = make(server)
        there = join(server.base, meeting, chair)
        minutes = lambda: server.request("GET", f"/api/meetings/{meeting}/minutes?format=text", token=chair)
        check("the minutes are read before", minutes().status, 200)
        check("a delegate adds nobody: 403", add(server, meeting, LATE, delegate).error(), "forbidden")
        check("nobody does without a token: 401",
              server.request("POST", f"/api/meetings/{meeting}/people", LATE).status, 401)
        answer = add(server, meeting, LATE, chair)
        made = answer.json()
        check("the chair does: 201", (answer.status, made["person"], made["name"], made["role"]), (201, "p3", *LATE.values()))
        check("the link", made["url"], f"{server.base}/m/{meeting}#1.{made['token']}")
        late = join(server.base, meeting, made["token"])
        check("who comes by it is they", late.welcome["you"], "p3")
        check("the minutes are read after, with them", (minutes().status, b"Late Guest" in minutes().body), (200, True))
        there.until("participant", lambda m: m["participant"]["id"] == "p3" and m["participant"]["name"] == "Late Guest")
        adviser = {"name": "A", "role": "adviser", "seat": "NOR"}
        check("the administrator adds too: 201", add(server, meeting, adviser).json()["person"], "p4")
        check("the meeting has them", people_of(server, meeting), [*PEOPLE, LATE, adviser])
        for ws in (there, late):
            ws.close()
        check("it ends cleanly", server.stop(), 0)

        again = Server(PARLEY, data=server.data)
        try:
            check("after a restart too", people_of(again, meeting), [*PEOPLE, LATE, adviser])
            late = join(again.base, meeting, made["token"])
            check("they come again", late.welcome["you"], "p3")
            late.close()
            check("the next is the next", add(again, meeting, LATE, chair).json()["person"], "p5")
            words = [PARLEY, "export", meeting, "--data", str(again.data)]
            record = subprocess.run(words, capture_output=True, timeout=60).stdout
            events = [json.loads(line) for line in record.decode().splitlines()]
            check("the record says who was added, and by whom",
                  [(e["person"], e["role"], e.get("by", "")) for e in events if e.get("act") == "add_person"],
                  [("p3", "observer", "p1"), ("p4", "adviser", ""), ("p5", "observer", "")])
            check("and the definition as it was made", [len(json.loads(e["text"])["people"]) for e in events
                                                         if e.get("record") == "definition"], [len(PEOPLE)])
            verified = subprocess.run([PARLEY, "verify", "-"], input=record, capture_output=True, timeout=60)
            check("and is good", (verified.returncode, verified.stderr), (0, b""))
            check("who is revoked: 204", again.request("DELETE", f"/api/meetings/{meeting}/people/p3", token=chair).status, 204)
            check("comes no more",
                  again.request("GET", f"/api/meetings/{meeting}/invitation", token=made["token"]).error(), "revoked")
        finally:
            again.stop()
    finally:
        server.stop()
        server.remove()


def is_refused():
    """what is wrong is named"""
    server = Server(PARLEY)
    try:
        meeting, (chair, _) = make(server)
        for what, body, field in (
            ("a second chair", {**LATE, "role": "chair"}, "role"),
            ("a secretary", {**LATE, "role": "secretary"}, "role"),
            ("no name", {"role": "observer"}, "name"),
            ("an empty name", {**LATE, "name": ""}, "name"),
            ("a name too long", {**LATE, "name": "x" * 201}, "name"),
            ("a delegate of no seat", {**LATE, "role": "delegate"}, "seat"),
            ("a delegate of another's seat", {**LATE, "role": "delegate", "seat": "SWE"}, "seat"),
            ("an interpreter into nothing", {**LATE, "role": "interpreter"}, "language"),
            ("a field that is none", {**LATE, "shared": True}, "shared"),
        ):
            answer = add(server, meeting, body, chair)
            check(f"{what}: 400", (answer.status, answer.json()["error"].get("field")), (400, field))
        check("a name as long as may be: 201", add(server, meeting, {**LATE, "name": "x" * 200}, chair).status, 201)
        check("no JSON: 400", server.request("POST", f"/api/meetings/{meeting}/people", b"{", chair,
                                             headers={"Content-Type": "application/json"}).status, 400)
        check("no meeting: 404", add(server, "none", LATE).error(), "unknown_meeting")
        check("nobody else was added", len(people_of(server, meeting)), 3)
    finally:
        server.stop()
        server.remove()


run(comes)
run(is_refused)
finish()
