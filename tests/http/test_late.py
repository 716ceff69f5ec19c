#!/usr/bin/env python3
"""People and seats that are added to a meeting that is made, over REST. usage: test_late.py PARLEY"""

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


SWEDEN = {"id": "SWE", "name": "Sweden", "country": "SE"}


def add_seat(server, meeting, body, token=None):
    return server.request("POST", f"/api/meetings/{meeting}/seats", body, token or server.admin)


def seat_is_added():
    """the administrator adds a seat to a meeting that runs: everybody sees it, it takes part in what is called
    from then on, before and after a restart"""
    server = Server(PARLEY)
    try:
        meeting, (chair, delegate) = make(server)
        there = join(server.base, meeting, chair)
        norway = join(server.base, meeting, delegate)
        seats_of = lambda m: [(s["seat"], s["member"], s["present"]) for s in m["seats"]]
        check("the chair adds none: 401", add_seat(server, meeting, SWEDEN, chair).status, 401)
        decide(there, "d1")
        check("the administrator does: 204", add_seat(server, meeting, SWEDEN).status, 204)
        check("of two members now", there.until("session", lambda m: m["members"] == 2)["present"], 1)
        sees = there.until("seats", lambda m: len(m["seats"]) == 2)
        check("who is there sees it", seats_of(sees), [("NOR", True, True), ("SWE", True, False)])
        made = add(server, meeting, {"name": "Sven", "role": "delegate", "seat": "SWE"}, chair).json()
        check("its delegate", made["person"], "p3")
        sven = join(server.base, meeting, made["token"])
        sees = there.until("seats", lambda m: m["seats"][1]["present"])
        check("heads it, with its voice", (sees["seats"][1]["voice"], sees["seats"][1]["head"]), ("p3", "p3"))
        check("what was called before goes on without it", said(sven, "d1"), "forbidden")
        votes(norway, "d1")
        there.send({"type": "close_decision", "decision": "d1"})
        part = lambda m: [v["seat"] for v in m["votes"]]
        check("and is decided without it", part(there.until("decision", lambda m: m["state"] == "declared")), ["NOR"])
        decide(there, "d2")
        votes(sven, "d2")
        check("what is called now is not", part(there.until("decision", lambda m: any(v["voted"] for v in m["votes"]))), ["NOR", "SWE"])
        minutes = server.request("GET", f"/api/meetings/{meeting}/minutes?format=text", token=chair).body
        check("the minutes say so", b"Sweden was added to the seats of the meeting" in minutes, True)
        for ws in (there, norway, sven):
            ws.close()
        check("it ends cleanly", server.stop(), 0)

        again = Server(PARLEY, data=server.data)
        try:
            there = join(again.base, meeting, chair)
            sees = there.until("seats", lambda m: len(m["seats"]) == 2)
            check("after a restart too", seats_of(sees), [("NOR", True, False), ("SWE", True, False)])
            check("what was decided is as it was", part(there.until("decision", lambda m: m["decision"] == "d1")), ["NOR"])
            kept = again.request("GET", f"/api/meetings/{meeting}", token=again.admin).json()
            check("the meeting has it", [s["id"] for s in kept["seats"]], ["NOR", "SWE"])
            check("the minutes are read", again.request("GET", f"/api/meetings/{meeting}/minutes?format=text", token=chair).status, 200)
            there.close()
            words = [PARLEY, "export", meeting, "--data", str(again.data)]
            record = subprocess.run(words, capture_output=True, timeout=60).stdout
            verified = subprocess.run([PARLEY, "verify", "-"], input=record, capture_output=True, timeout=60)
            check("the record is good", (verified.returncode, verified.stderr), (0, b""))
        finally:
            again.stop()
    finally:
        server.stop()
        server.remove()


def decide(chair, decision):
    chair.send({"type": "put_item", "item": "i", "title": "One"})
    chair.send({"type": "take_item", "item": "i"})
    chair.send({"type": "put_decision", "decision": decision, "item": "i", "title": "T", "excluded": [],
                "texts": [{"language": "EN", "text": "We decide."}], "rule": {"procedure": "simple"}})
    chair.send({"type": "call_decision", "decision": decision, "version": 1})
    chair.until("decision", lambda m: m["decision"] == decision and m["state"] == "open")


def votes(ws, decision):
    ws.send({"type": "vote", "decision": decision, "version": 1, "choice": "yes"})


def said(ws, decision):
    votes(ws, decision)
    return ws.until("error")["code"]


def seat_is_refused():
    """what is wrong with a seat is named"""
    server = Server(PARLEY)
    try:
        meeting, _ = make(server)
        for what, body, field in (
            ("no id", {"name": "S"}, "id"),
            ("an id that is none", {**SWEDEN, "id": "A B"}, "id"),
            ("a seat that is there", {**SWEDEN, "id": "NOR"}, "id"),
            ("no name", {"id": "SWE"}, "name"),
            ("an empty name", {**SWEDEN, "name": ""}, "name"),
            ("a country that is none", {**SWEDEN, "country": "se"}, "country"),
            ("too much weight", {**SWEDEN, "weight": 1000000001}, "weight"),
            ("a field that is none", {**SWEDEN, "head": "p1"}, "head"),
        ):
            answer = add_seat(server, meeting, body)
            check(f"{what}: 400", (answer.status, answer.json()["error"].get("field")), (400, field))
        check("no meeting: 404", add_seat(server, "none", SWEDEN).error(), "unknown_meeting")
        check("nobody may without a token: 401", server.request("POST", f"/api/meetings/{meeting}/seats", SWEDEN).status, 401)
        check("a guest of no weight: 204", add_seat(server, meeting, {**SWEDEN, "guest": True, "weight": 0}).status, 204)
    finally:
        server.stop()
        server.remove()


run(comes)
run(is_refused)
run(seat_is_added)
run(seat_is_refused)
finish()
