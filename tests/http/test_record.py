#!/usr/bin/env python3
"""What is kept of a meeting: what was prepared, documents, its events. usage: test_record.py PARLEY"""

import base64
import hashlib
import json
import os
import signal
import stat
import sys
import time

from client import Server
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PDF = b"%PDF-1.7 text"
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": "N", "role": "delegate", "seat": "NOR"},
    {"name": "E", "role": "delegate", "seat": "EST"},
    {"name": "G", "role": "briefer", "item": "one"},
    {"name": "O", "role": "observer"},
]
PREPARED = [
    {"act": "put_item", "item": "one", "title": "First"},
    {"act": "put_item", "item": "two", "title": "Second"},
    {"act": "put_decision", "decision": "d", "item": "one", "title": "D", "texts": [{"language": "EN", "text": "Yes."}],
     "rule": {"procedure": "silence"}, "excluded": []},
]
MEETING = {
    "title": "T",
    "floor": "chaired",
    "encryption": "none",
    "seats": [{"id": "NOR", "name": "Norway"}, {"id": "EST", "name": "Estonia"}],
    "people": PEOPLE,
    "prepared": PREPARED,
}


def make(server, **changes):
    """The meeting's id and the tokens of its people."""
    made = server.request("POST", "/api/meetings", {**MEETING, **changes}, server.admin).json()
    return made["id"], [i["token"] for i in made["invitations"]]


def add(server, meeting, token, body=PNG, kind="image/png", query="item=one&name=a.png"):
    return server.request("POST", f"/api/meetings/{meeting}/documents?{query}", body, token, headers={"Content-Type": kind})


def prepares():
    """a meeting is prepared, read again as it was posted, and refused by name"""
    server = Server(PARLEY)
    try:
        meeting, _ = make(server, quorum=1, languages=["EN", "FR"], speaking_seconds=60, body="B")
        got = server.request("GET", f"/api/meetings/{meeting}", token=server.admin).json()
        for name in (*MEETING, "quorum", "languages", "speaking_seconds", "body"):
            posted = {**MEETING, "quorum": 1, "languages": ["EN", "FR"], "speaking_seconds": 60, "body": "B"}
            check(f"{name} is as posted", got[name], posted[name])
        check("it has no documents yet", got["documents"], [])
        for acts, field in (
            ([{"act": "put_item", "item": "one"}], "prepared[0].title"),
            ([*PREPARED[:1], {"act": "put_item", "item": "a b", "title": "T"}], "prepared[1].item"),
            ([*PREPARED[:1], {"act": "drop_item", "item": "x"}], "prepared[1].item"),
        ):
            bad = server.create(prepared=acts)
            check(f"{field} is refused", (bad.status, bad.json()["error"]["field"]), (400, field))
    finally:
        server.stop()
        server.remove()


def replaces():
    """a meeting that nobody has come to is replaced"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server)
        path = f"/api/meetings/{meeting}"
        kept = add(server, meeting, server.admin).json()
        lost = add(server, meeting, server.admin, query="item=two&name=b.png").json()
        people = [PEOPLE[0], {**PEOPLE[1], "name": "M"}, *PEOPLE[2:4], {**PEOPLE[4], "shared": True}, {"name": "X", "role": "observer"}]
        acts = [PREPARED[0], PREPARED[2], {"act": "put_item", "item": "three", "title": "Third"}]
        got = server.request("PUT", path, {**MEETING, "title": "New", "people": people, "prepared": acts}, server.admin)
        check("it is replaced", (got.status, [i["person"] for i in got.json()["invitations"]]), (200, ["p2", "p6"]))
        now = server.request("GET", path, token=server.admin).json()
        check("and is so", (now["title"], now["people"], now["prepared"]), ("New", people, acts))
        check("documents stay with their items", [d["document"] for d in now["documents"]], [kept["document"]])
        check("whose bytes are there", server.request("GET", f"{path}/documents/{kept['document']}", token=server.admin).body, PNG)
        check("of the other not", server.request("GET", f"{path}/documents/{lost['document']}", token=server.admin).status, 404)
        for token, person, status in ((tokens[0], "C", 200), (tokens[1], "N", 401), (tokens[2], "E", 200), (tokens[4], "O", 200),
                                      (got.json()["invitations"][0]["token"], "M", 200)):
            asked = server.request("GET", f"{path}/invitation", token=token)
            check(f"the invitation of {person}: {status}", asked.status, status)
            if status == 200:
                check("is theirs", asked.json()["you"]["name"], person)
        check("who is shared now is so", asked.status == 200 and
              [i["shared"] for i in now["invitations"] if i["person"] == "p5"], [True])
        bad = server.request("PUT", path, {**MEETING, "prepared": [*PREPARED, {"act": "drop_item", "item": "x"}]}, server.admin)
        check("a refusal names the field", (bad.status, bad.json()["error"]["field"]), (400, "prepared[3].item"))
        check("and changes nothing", server.request("GET", path, token=server.admin).json()["title"], "New")
        check("nobody else may", server.request("PUT", path, MEETING, tokens[0]).status, 401)
        check("nor what is not there", server.request("PUT", "/api/meetings/nosuchid22", MEETING, server.admin).status, 404)
        server.stop()
        server = Server(PARLEY, data=server.data)
        check("it is so after a restart", server.request("GET", path, token=server.admin).json()["title"], "New")
        join(server.base, meeting, tokens[0]).close()
        late = server.request("PUT", path, MEETING, server.admin)
        check("not once somebody came", (late.status, late.error()), (409, "conflict"))
    finally:
        server.stop()
        server.own = True
        server.remove()


def documents():
    """documents are taken, kept, and shown to those who may see their item"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server)
        path = f"/api/meetings/{meeting}/documents"
        chair, delegate, guest = tokens[0], tokens[1], tokens[3]
        made = add(server, meeting, chair, query="item=one&name=Se%C3%B1al+1.png")
        check("the chair adds one", (made.status, {k: v for k, v in made.json().items() if k != "document"}), (201, {
            "item": "one", "name": "Señal 1.png", "media_type": "image/png", "size": len(PNG),
            "sha256": hashlib.sha256(PNG).hexdigest()}))
        one = made.json()["document"]
        other = add(server, meeting, server.admin, PDF, "application/pdf", "item=two&name=b.pdf").json()["document"]
        for token, body, kind, query, status, code in (
            (delegate, PNG, "image/png", "item=one&name=a", 403, "forbidden"),
            ("wrong", PNG, "image/png", "item=one&name=a", 401, "unknown_token"),
            (None, PNG, "image/png", "item=one&name=a", 401, "unknown_token"),
            (chair, PDF, "image/png", "item=one&name=a", 415, "unsupported_media_type"),
            (chair, b"<html>", "text/html", "item=one&name=a", 415, "unsupported_media_type"),
            (chair, b"", "image/png", "item=one&name=a", 415, "unsupported_media_type"),
            (chair, b"RIFF1234WEBM", "image/webp", "item=one&name=a", 415, "unsupported_media_type"),
            (chair, PNG, "image/png", "item=one", 400, "bad_request"),
            (chair, PNG, "image/png", "item=one&item=two&name=a", 400, "bad_request"),
            (chair, PNG, "image/png", "item=one&name=%ff", 400, "bad_request"),
            (chair, PNG, "image/png", "item=none&name=a", 400, "bad_request"),
            (chair, PNG, "image/png", "item=one&name=", 400, "bad_request"),
            (chair, PNG, "image/png", "item=one&name=" + 201 * "a", 400, "bad_request"),
        ):
            got = add(server, meeting, token, body, kind, query)
            check(f"{query} {kind} {body[:8]!r}: {status}", (got.status, got.error()), (status, code))
        check("JPEG and WebP too", (add(server, meeting, chair, b"\xff\xd8\xff\xe0", "image/jpeg").status,
                                    add(server, meeting, chair, b"RIFF1234WEBPVP8 ", "image/webp").status), (201, 201))
        got = server.request("GET", f"{path}/{one}", token=delegate)
        check("a delegate reads it", (got.status, got.body), (200, PNG))
        wanted = {"Content-Type": "image/png", "X-Content-Type-Options": "nosniff",
                  "Content-Disposition": "attachment; filename*=UTF-8''Se%C3%B1al%201.png",
                  "Cache-Control": "private, max-age=31536000, immutable"}
        check("with its headers", {name: got.headers[name] for name in wanted}, wanted)
        check("in a sandbox", "sandbox" in got.headers.get_all("Content-Security-Policy"))
        head = server.request("HEAD", f"{path}/{one}", token=delegate)
        check("HEAD tells its size", (head.status, head.headers["Content-Length"], head.body), (200, str(len(PNG)), b""))
        check("a guest who is not in the room does not", server.request("GET", f"{path}/{one}", token=guest).status, 403)
        check("nor nobody", server.request("GET", f"{path}/{one}").status, 401)
        check("nor what is not there", server.request("GET", f"{path}/none", token=delegate).error(), "unknown_document")
        presiding = join(server.base, meeting, chair)
        briefer = join(server.base, meeting, guest)
        presiding.send({"type": "take_item", "item": "one"})
        briefer.until("place", lambda m: m["place"] == "room")
        check("in the room a guest reads what is of the item", server.request("GET", f"{path}/{one}", token=guest).body, PNG)
        check("and nothing else", server.request("GET", f"{path}/{other}", token=guest).status, 403)
        presiding.send({"type": "drop_document", "document": one})
        presiding.until("agenda", lambda m: all(d["document"] != one for d in m["documents"]))
        check("what was taken away is gone", server.request("GET", f"{path}/{one}", token=server.admin).status, 404)
        server.stop(signal.SIGKILL)
        server = Server(PARLEY, data=server.data)
        check("the others outlive the server", server.request("GET", f"{path}/{other}", token=server.admin).body, PDF)
        server.request("DELETE", f"/api/meetings/{meeting}", token=server.admin)
        check("but not the meeting", server.request("GET", f"{path}/{other}", token=server.admin).status, 404)
    finally:
        server.stop()
        server.own = True
        server.remove()


def removed():
    """who was removed neither adds documents nor reads them"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server, people=[*PEOPLE, {"name": "S", "role": "secretary"}])
        chair, secretary = tokens[0], tokens[-1]
        one = add(server, meeting, secretary)
        check("the secretary adds one", one.status, 201)
        presiding, other = join(server.base, meeting, chair), join(server.base, meeting, secretary)
        presiding.send({"type": "remove", "participant": other.welcome["you"]})
        other.until("removed")
        more = add(server, meeting, secretary)
        check("not once removed", (more.status, more.error()), (403, "forbidden"))
        path = f"/api/meetings/{meeting}/documents/{one.json()['document']}"
        check("nor is it read", server.request("GET", path, token=secretary).status, 403)
        presiding.send({"type": "admit", "participant": other.welcome["you"], "admitted": True})
        presiding.send({"type": "ping"})
        presiding.until("pong")  # it was heard, before they come on a connection of their own
        join(server.base, meeting, secretary)
        check("let in again they add", add(server, meeting, secretary).status, 201)
    finally:
        server.stop()
        server.remove()


def large_documents():
    """a document has 32 MiB at most, all together 256 MiB"""
    server = Server(PARLEY)
    limit = 32 << 20
    try:
        meeting, tokens = make(server)
        path = f"/api/meetings/{meeting}/documents"
        body = PDF + bytes(range(256)) * ((limit - len(PDF)) // 256) + bytes((limit - len(PDF)) % 256)
        made = add(server, meeting, tokens[0], body, "application/pdf")
        check("32 MiB are taken", (made.status, made.json()["size"]), (201, limit))
        check("and come back", server.request("GET", f"{path}/{made.json()['document']}", token=tokens[1]).body == body)
        more = add(server, meeting, tokens[0], body + b"x", "application/pdf")
        check("one byte more is not", (more.status, more.error()), (413, "too_large"))
        for _ in range(7):
            add(server, meeting, tokens[0], body, "application/pdf")
        full = add(server, meeting, tokens[0])
        check("nor more than 256 MiB", (full.status, full.error()), (409, "too_many_documents"))
    finally:
        server.stop()
        server.remove()


def survives():
    """kill -9 in mid-meeting: the state is back, and what fell due meanwhile is settled"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server)
        chair, norway = join(server.base, meeting, tokens[0]), join(server.base, meeting, tokens[1])
        chair.send({"type": "take_item", "item": "two"})
        chair.until("session", lambda m: m.get("item") == "two")
        deadline = int(time.time() * 1000) + 1500
        chair.send({"type": "call_decision", "decision": "d", "version": 1, "deadline": deadline, "time_zone": "Europe/Oslo"})
        norway.until("decision", lambda m: m["state"] == "open")
        norway.send({"type": "vote", "decision": "d", "version": 1, "choice": "receipt"})
        norway.until("decision", lambda m: any(v["voted"] for v in m["votes"]))
        server.stop(signal.SIGKILL)
        while time.time() * 1000 <= deadline:
            time.sleep(0.1)
        server = Server(PARLEY, data=server.data)
        chair = join(server.base, meeting, tokens[0])
        told = chair.until("session")
        check("the item is taken still", told.get("item"), "two")
        decision = chair.until("decision")
        check("the silence ended", (decision["state"], decision["outcome"]), ("declared", "adopted"))
        check("at its deadline", decision["ended_at"], deadline)
        check("with the receipt", [v["seat"] for v in decision["votes"] if v["voted"]], ["NOR"])
        check("nobody is there but who came again", told["present"], 0)
    finally:
        server.stop()
        server.own = True
        server.remove()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, proof):
    """RFC 9162, 2.1.3.2"""
    fn, sn = index, size - 1
    for other in proof:
        if fn & 1 or fn == sn:
            leaf = node(other, leaf)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            leaf = node(leaf, other)
        fn, sn = fn >> 1, sn >> 1
    return leaf


def signs():
    """what is recorded is signed, told to those in the room, and shown by proofs to who is invited"""
    server = Server(PARLEY)
    try:
        key = os.path.join(server.data, "record.key")
        check("the key is for its owner alone", stat.S_IMODE(os.stat(key).st_mode), 0o600)
        meeting, tokens = make(server)
        path = f"/api/meetings/{meeting}/record"
        early = server.request("GET", f"{path}/checkpoint", token=server.admin)
        check("what nobody came to is not signed", (early.status, early.error()), (404, "unknown_checkpoint"))
        chair = join(server.base, meeting, tokens[0])
        told = chair.until("checkpoint")
        check("it is the first one", (told.get("from"), told["proof"]), (None, []))
        norway = join(server.base, meeting, tokens[1])
        check("who comes is told it too", norway.until("checkpoint")["note"], told["note"])
        chair.send({"type": "set_session", "session": "open"})
        chair.send({"type": "take_item", "item": "one"})
        chair.send({"type": "set_session", "session": "closed"})
        closed = chair.until("recorded", lambda m: '"session":"closed"' in m.get("event", ""))
        check("of what an act brings with it, who did it is told their own", closed["of"], "set_session")
        new = chair.until("checkpoint", lambda m: m["size"] > told["size"])
        check("the next one goes on from it", new["from"], told["size"])
        got = server.request("GET", f"{path}/checkpoint", token=tokens[2])
        check("it can be asked for", (got.status, got.body.decode()), (200, new["note"]))
        origin, size, root = new["note"].split("\n")[:3]
        check("its origin names the meeting", origin, f"parley/{meeting}")
        query = f"from={told['size']}&to={new['size']}"
        proof = server.request("GET", f"{path}/consistency?{query}", token=tokens[2]).json()
        check("so can the proof between them", proof, {"from": told["size"], "to": new["size"], "proof": new["proof"]})
        for number in range(1, int(size) + 1):
            shown = server.request("GET", f"{path}/inclusion?number={number}&size={size}", token=tokens[2]).json()
            hashes = [base64.b64decode(h) for h in shown["proof"]]
            top = root_of(base64.b64decode(shown["leaf"]), number - 1, int(size), hashes)
            check(f"event {number} is in it", base64.b64encode(top).decode(), root)
        for query, field in (
            (f"consistency?from=0&to={size}", "from"),
            (f"consistency?from=2&to={int(size) + 1}", "to"),
            ("consistency?from=3&to=2", "from"),
            ("consistency?from=1", "to"),
            (f"consistency?from=1&from=1&to={size}", "from"),
            (f"inclusion?number={int(size) + 1}&size={size}", "number"),
            (f"inclusion?number=-1&size={size}", "number"),
            ("inclusion?number=1&size=18446744073709551616", "size"),
        ):
            bad = server.request("GET", f"{path}/{query}", token=tokens[2])
            check(f"{query} is refused", (bad.status, bad.json()["error"]["field"]), (400, field))
        vkey = server.request("GET", f"{path}/key", token=tokens[2])
        check("it was never another", vkey.json()["rotations"], [])
        name, keyid, data = vkey.json()["key"].split("+", 2)
        raw = base64.b64decode(data)
        check("the key is that of this log", (name, raw[:1]), (origin, b"\1"))
        check("and named by its hash", hashlib.sha256(origin.encode() + b"\n" + raw).hexdigest()[:8], keyid)
        for part in ("checkpoint", "key", f"consistency?from=1&to={size}"):
            check(f"strangers are not told the {part}", server.request("GET", f"{path}/{part}").status, 401)
    finally:
        server.stop()
        server.remove()


def alarms():
    """that the record was changed is told to everybody, also to who comes later, and after a restart"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server)
        chair, norway = [join(server.base, meeting, token) for token in tokens[:2]]
        alarm = {"type": "alarm", "why": "rewritten", "ours": "one", "theirs": "other"}
        norway.send({**alarm, "why": "so"})
        check("for no such reason", norway.until("error")["field"], "why")
        norway.send(alarm)
        for who in (chair, norway):
            told = who.until("alarms")["alarms"]
            number = told[0].pop("alarm")
            check("who is there is told", told, [{**{k: v for k, v in alarm.items() if k != "type"}, "by": "p2", "name": "N"}])
        norway.send({**alarm, "ours": "another"})
        norway.send({**alarm, "why": "missing", "event": 7, "leaf": "x"})
        told = chair.until("alarms")["alarms"]
        check("one of a kind from each", [(a["why"], a["ours"]) for a in told], [("rewritten", "one"), ("missing", "one")])
        check("with the event that is missing", (told[1]["event"], told[1]["leaf"]), (7, "x"))
        observer = join(server.base, meeting, tokens[4])
        check("who comes later is told all of them", observer.until("alarms")["alarms"], told)
        guest = join(server.base, meeting, tokens[3])
        guest.send(alarm)
        check("not from outside the room", guest.until("error")["of"], "alarm")
        event = server.request("GET", f"/api/meetings/{meeting}/record/events/{number}", token=tokens[1])
        check("it is an event of the record", (event.json()["act"], event.json()["by"]), ("alarm", "p2"))
        server.stop(signal.SIGKILL)
        server = Server(PARLEY, data=server.data)
        again = join(server.base, meeting, tokens[0])
        check("and told after a restart", again.until("alarms")["alarms"], told)
    finally:
        server.stop()
        server.own = True
        server.remove()


def events():
    """the bytes of an event are for those who may read it, page by page, and their hash is what is proven"""
    server = Server(PARLEY)
    try:
        meeting, tokens = make(server, prepared=[
            {"act": "put_item", "item": "one", "title": "First"},
            {"act": "put_paper", "paper": "p", "item": "one", "title": "Paper", "questions": []},
            {"act": "put_option", "paper": "p", "option": "o", "title": "Option", "answers": [], "touches": []},
        ])
        CHAIR, NORWAY, ESTONIA, GUEST, OBSERVER = tokens
        path = f"/api/meetings/{meeting}/record/events"
        get = lambda token, more="": server.request("GET", path + more, token=token)
        check("not before the meeting", (get(NORWAY).status, get(NORWAY).error()), (403, "forbidden"))
        check("but by who presides", get(CHAIR).status, 200)
        check("strangers never", (get(None).status, get("wrong", "/1").status), (401, 401))
        chair, norway, estonia, guest, observer = [join(server.base, meeting, token) for token in tokens]
        chair.send({"type": "take_item", "item": "one"})
        guest.until("place", lambda m: m["place"] == "room")
        check("nor a guest who is in the room", get(GUEST).status, 403)
        positions = {}
        for visibility in ("delegation", "chair", "all"):
            position = {"type": "take_position", "paper": "p", "option": "o", "stance": "object", "reason": f"secret {visibility}",
                        "visibility": visibility}
            norway.send(position)
            recorded = norway.until("recorded")
            event = json.loads(recorded["event"])
            check("who acts is told the event", {name: event[name] for name in ("number", "by", "act", "reason")},
                  {"number": recorded["number"], "by": "p2", "act": "take_position", "reason": position["reason"]})
            check("with its salt", len(event["salt"]), 22)
            positions[visibility] = recorded
        chair.until("paper", lambda m: len(m["positions"]) > 0 and m["positions"][0].get("reason") == "secret all")
        readers = {"chair": CHAIR, "norway": NORWAY, "estonia": ESTONIA, "observer": OBSERVER, "administrator": server.admin}
        wanted = {"delegation": ["norway"], "chair": ["chair", "norway"], "all": list(readers)}
        for visibility, told in positions.items():
            got = [name for name, token in readers.items() if get(token, f"/{told['number']}").status == 200]
            check(f"a position for {visibility} is read by", got, wanted[visibility])
            listed = [name for name, token in readers.items()
                      if any(e["number"] == told["number"] for e in get(token).json()["events"])]
            check("and listed for the same", listed, wanted[visibility])
        for name, token in readers.items():
            whole = get(token).body.decode()
            check(f"{name} finds nothing else of it", [v for v in positions if f"secret {v}" in whole],
                  [v for v in positions if name in wanted[v]])
        hidden = get(OBSERVER, f"/{positions['delegation']['number']}")
        check("it says why", (hidden.error(), hidden.json()["error"]["field"]), ("forbidden", "number"))
        one = positions["all"]
        shown = get(OBSERVER, f"/{one['number']}")
        check("the bytes are those that were told", (shown.headers["Content-Type"], shown.body.decode()), ("application/json", one["event"]))
        chair.send({"type": "set_session", "session": "closed"})
        size = chair.until("checkpoint", lambda m: m["size"] > one["number"])["size"]
        proof = server.request("GET", f"/api/meetings/{meeting}/record/inclusion?number={one['number']}&size={size}", token=OBSERVER).json()
        check("and their hash is the leaf", base64.b64decode(proof["leaf"]), hashlib.sha256(b"\0" + shown.body).digest())
        for more, status, field in (("/0", 404, "number"), (f"/{size + 1}", 404, "number"), ("/x", 404, "number"),
                                    ("/18446744073709551616", 404, "number"), ("?after=x", 400, "after"), ("?after=-1", 400, "after"),
                                    ("?after=1&after=2", 400, "after"), ("?after=9223372036854775808", 400, "after")):
            bad = get(CHAIR, more)
            check(f"{more} is refused", (bad.status, bad.json()["error"]["field"]), (status, field))
        check("there is nothing behind the end", get(CHAIR, f"?after={size}").json()["events"], [])
        check("nor far behind it", get(CHAIR, "?after=9223372036854775807").json()["events"], [])
    finally:
        server.stop()
        server.remove()


def pages():
    """a long record comes in pages of 500 events, none twice and none left out"""
    server = Server(PARLEY)
    try:
        prepared = [{"act": "put_item", "item": "one", "title": "First"}] * 2 + [
            {"act": "put_item", "item": "one", "title": f"Item {i}"} for i in range(1, 1201)]
        meeting, tokens = make(server, prepared=prepared)
        path = f"/api/meetings/{meeting}/record/events"
        numbers, lengths, after = [], [], 0
        while after is not None:
            page = server.request("GET", f"{path}?after={after}", token=tokens[0]).json()
            numbers += [e["number"] for e in page["events"]]
            lengths.append(len(page["events"]))
            after = page.get("next")
        check("each once, in their order", numbers, list(range(1, page["recorded"] + 1)))
        check("in pages", lengths[:2], [500, 500])
        check("the last one says no more", lengths[-1] <= 500)
    finally:
        server.stop()
        server.remove()


run(prepares, replaces, documents, removed, large_documents, survives, signs, alarms, events, pages)
sys.exit(finish())
