#!/usr/bin/env python3
"""Bodies, accounts, roles and sessions over REST, and the audit of it all. usage: test_accounts.py PARLEY"""

import json
import re
import subprocess
import sys

import accounts
from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]
MEETING = {
    "title": "T", "body": "Council", "floor": "open", "encryption": "none", "seats": [],
    "people": [{"name": "C", "role": "chair"}, {"name": "A", "role": "observer"}],
}
server = Server(PARLEY)
ask = server.request


def said(answer):
    return answer.json()["error"]["message"]


def bodies():
    """the administrator makes, renames and removes bodies; a name is one body's"""
    made = ask("POST", "/api/bodies", {"name": "Board"}, server.admin)
    check("made: 201", (made.status, made.json()["name"]), (201, "Board"))
    path = f"/api/bodies/{made.json()['id']}"
    again = ask("POST", "/api/bodies", {"name": "Board"}, server.admin)
    check("the same name again: 409", (again.status, again.json()["error"]["field"]), (409, "name"))
    for what, wrong in (("none", {}), ("an empty one", {"name": ""}), ("one too long", {"name": "x" * 201}),
                        ("two lines", {"name": "a\nb"}), ("another field", {"name": "X", "x": 1})):
        check(f"{what}: 400", ask("POST", "/api/bodies", wrong, server.admin).status, 400)
    check("renamed: 204", ask("PUT", path, {"name": "The Board"}, server.admin).status, 204)
    check("listed", [b["name"] for b in ask("GET", "/api/bodies", token=server.admin).json()["bodies"]], ["The Board"])
    check("removed: 204", ask("DELETE", path, token=server.admin).status, 204)
    check("again: 404", ask("DELETE", path, token=server.admin).error(), "unknown_body")
    check("nobody else: 401", ask("POST", "/api/bodies", {"name": "X"}).status, 401)


def people():
    """the administrator makes, changes and removes accounts"""
    made = ask("POST", "/api/accounts", {"name": "Zoë", "email": "Zoe@Example.org"}, server.admin)
    check("made: 201", (made.status, made.json()["email"], made.json()["administrator"]), (201, "zoe@example.org", False))
    path = f"/api/accounts/{made.json()['id']}"
    check("the same address: 409", ask("POST", "/api/accounts", {"name": "Y", "email": "zoe@example.org"}, server.admin).status, 409)
    for field, wrong in (("name", {}), ("email", {"email": "x"}), ("email", {"email": "a b@c"}), ("subject", {"issuer": "https://x"}),
                         ("issuer", {"subject": "1"}), ("administrator", {"administrator": 1}), ("role", {"role": "reader"})):
        got = ask("POST", "/api/accounts", {**({"name": "Y"} if wrong else {}), **wrong}, server.admin)
        check(f"{wrong}: 400, names {field}", (got.status, got.json()["error"].get("field")), (400, field))
    check("changed: 204", ask("PUT", path, {"name": "Zoé", "administrator": True}, server.admin).status, 204)
    listed = ask("GET", "/api/accounts", token=server.admin).json()["accounts"]
    check("listed", [(a["name"], a["administrator"], a["roles"]) for a in listed], [("Zoé", True, [])])
    check("its address is not changed here: 400", ask("PUT", path, {"email": "x@y"}, server.admin).status, 400)
    check("removed: 204", ask("DELETE", path, token=server.admin).status, 204)
    check("again: 404", ask("DELETE", path, token=server.admin).error(), "unknown_account")


def rights():
    """a secretary prepares the meetings of their body, a reader reads them, others are told what they lack"""
    council, committee = accounts.body(server, "Council"), accounts.body(server, "Committee")
    names = ("secretary", "reader", "other", "boss")
    ids = {n: accounts.account(server, n, administrator=n == "boss") for n in names}
    check("a secretary", accounts.appoint(server, ids["secretary"], council, "secretary"), 204)
    check("a reader", accounts.appoint(server, ids["reader"], council, "reader"), 204)
    check("a secretary elsewhere", accounts.appoint(server, ids["other"], committee, "secretary"), 204)
    check("a role that is none: 400", accounts.appoint(server, ids["other"], committee, "king"), 400)
    check("in no body: 404", accounts.appoint(server, ids["other"], "none", "reader"), 404)
    by = {n: accounts.session(server, ids[n]) for n in names}
    made = ask("POST", "/api/meetings", MEETING, by["secretary"])
    check("the secretary makes a meeting: 201", made.status, 201)
    meeting = f"/api/meetings/{made.json()['id']}"
    chair = made.json()["invitations"][0]["token"]
    for who, name in (("secretary", "Committee"), ("secretary", None), ("secretary", "council"), ("reader", "Council")):
        body = {k: v for k, v in {**MEETING, "body": name}.items() if v is not None}
        got = ask("POST", "/api/meetings", body, by[who])
        check(f"the {who} makes none of {name}: 403", (got.status, "secretary" in said(got)), (403, True))
    loose = server.create().json()["id"]
    titles = lambda who: len(ask("GET", "/api/meetings", token=by[who]).json()["meetings"])
    check("who sees how many", [titles(n) for n in names], [1, 1, 0, 2])
    reads = [("GET", meeting), ("GET", f"{meeting}/definition"), ("GET", f"{meeting}/minutes"), ("GET", f"{meeting}/record/events")]
    for method, path in reads:
        check(f"{method} {path[-12:]}", [ask(method, path, token=by[n]).status for n in names], [200, 200, 403, 200])
    writes = [("PUT", meeting, MEETING), ("POST", f"{meeting}/invitations", {"person": "p2"}),
              ("POST", f"{meeting}/people", {"name": "L", "role": "observer"}),
              ("POST", f"{meeting}/seats", {"id": "NOR", "name": "Norway"}),
              ("DELETE", f"{meeting}/people/p2", None)]
    for method, path, body in writes:
        for who in ("reader", "other"):
            got = ask(method, path, body, by[who])
            check(f"the {who} {method} {path[-12:]}: 403", (got.status, "secretary" in said(got)), (403, True))
        for who in ("secretary", "boss"):
            check(f"the {who} {method} {path[-12:]}", ask(method, path, body, by[who]).status, lambda s: s in (200, 201, 204) or (who, path[-5:]) == ("boss", "seats"))
    got = ask("GET", f"/api/meetings/{loose}", token=by["secretary"])
    check("one of no body", (got.status, said(got)), (403, "This meeting belongs to no body: only an administrator may do this."))
    check("one that is none: 404", ask("GET", "/api/meetings/none", token=by["secretary"]).status, 404)
    for method, path, body in (("POST", "/api/bodies", {"name": "X"}), ("GET", "/api/accounts", None), ("GET", "/api/audit", None),
                               ("GET", "/metrics", None), ("PUT", f"/api/accounts/{ids['secretary']}/roles/{committee}", {"role": "reader"})):
        got = ask(method, path, body, by["secretary"])
        check(f"the secretary {method} {path[:13]}: 403", (got.status, "administrator" in said(got)), (403, True))
        check("  the administrator may", ask(method, path, body, by["boss"]).status, lambda s: s < 300)
    check("whose bodies", [[b["name"] for b in ask("GET", "/api/bodies", token=by[n]).json()["bodies"]] for n in ("reader", "boss")],
          [["Council"], ["Committee", "Council", "X"]])
    check("their role changed, and their session is over", ask("GET", "/api/session", token=by["secretary"]).error(), "session_over")
    check("a chair's link opens no accounts: 401", ask("GET", "/api/session", token=chair).status, 401)
    check("a large body of a reader is not read: 403", large(by["reader"]), b"403")
    by["secretary"] = accounts.session(server, ids["secretary"])
    check("the secretary deletes it: 204", ask("DELETE", meeting, token=by["secretary"]).status, 204)


def large(token):
    head = f"POST /api/meetings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    with server.socket() as s:
        s.sendall(head.encode())
        return s.recv(1024).split()[1]


def sessions():
    """a session says who it is, is listed, and ends: by itself, by its owner, by the administrator, with the account"""
    who = accounts.account(server, "Ola", email="ola@example.org")
    other = accounts.account(server, "Kari")
    token = accounts.session(server, who)
    me = ask("GET", "/api/session", token=token).json()
    check("who am I", (me["account"]["name"], me["way"], me["administrator"]), ("Ola", "test", False))
    check("the administrator's token is nobody", ask("GET", "/api/session", token=server.admin).json(), {"administrator": True})
    check("and has no session to end: 403", ask("DELETE", "/api/session", token=server.admin).status, 403)
    check("29 minutes unused is good", ask("GET", "/api/session", token=accounts.session(server, who, age=1800, idle=29 * 60)).status, 200)
    check("30 are not", ask("GET", "/api/session", token=accounts.session(server, who, age=1801, idle=1801)).error(), "session_over")
    check("12 hours are not", ask("GET", "/api/session", token=accounts.session(server, who, age=12 * 3600 + 1)).error(), "session_over")
    path = f"/api/accounts/{who}/sessions"
    check("two are listed", len(ask("GET", path, token=token).json()["sessions"]), 2)
    elsewhere = [s["id"] for s in ask("GET", path, token=server.admin).json()["sessions"] if s["id"] != me["session"]][0]
    check("not to another account: 403", ask("GET", path, token=accounts.session(server, other)).status, 403)
    check("one ends", ask("DELETE", f"{path}/{elsewhere}", token=token).status, 204)
    check("it is no more: 404", ask("DELETE", f"{path}/{elsewhere}", token=server.admin).error(), "unknown_session")
    check("signs out: 204", ask("DELETE", "/api/session", token=token).status, 204)
    check("and is out", ask("GET", "/api/session", token=token).error(), "session_over")
    token = accounts.session(server, who)
    check("the account goes", ask("DELETE", f"/api/accounts/{who}", token=server.admin).status, 204)
    check("and its session", ask("GET", "/api/session", token=token).error(), "session_over")


def command(*words, input=None):
    return subprocess.run([PARLEY, *words], input=input, capture_output=True, timeout=60)


def vkey(server):
    return re.search(r"\S+\+[0-9a-f]{8}\+\S+", command("key", "show", "--data", server.data).stdout.decode()).group()


def audit():
    """what was done, by whom, in a log that goes on after a restart"""
    got = ask("GET", "/api/audit", token=server.admin).json()
    events = [json.loads(e["event"]) for e in got["events"]]
    check("numbered from the newest", [e["number"] for e in events], list(range(got["size"], got["size"] - len(events), -1)))
    acts = {e["act"] for e in events}
    check("what was done", acts >= {"started", "body_made", "body_renamed", "body_removed", "account_made", "account_removed", "role_given",
                                    "meeting_made", "meeting_changed", "meeting_deleted", "invited", "invitation_revoked",
                                    "person_added", "logout", "session_ended"}, True)
    made = [e for e in events if e["act"] == "meeting_made"]
    check("by whom", sorted(str(e["by"]["name"] if isinstance(e["by"], dict) else e["by"]) for e in made), ["secretary", "token"])
    check("signed", got["checkpoint"].splitlines()[:2], [got["origin"], str(got["size"])])
    older = ask("GET", f"/api/audit?before={events[2]['number']}", token=server.admin).json()
    check("the page before", json.loads(older["events"][0]["event"]), events[3])
    check("of no number: 400", ask("GET", "/api/audit?before=x", token=server.admin).status, 400)
    written = command("audit", "--data", server.data)
    good = command("verify", "-", "--key", vkey(server), input=written.stdout)
    check("written to a file, and verified", (written.returncode, good.returncode, b"the one that you gave" in good.stdout), (0, 0, True))
    spoiled = written.stdout.replace(b'"meeting_made"', b'"meeting_mode"', 1)
    bad = command("verify", "-", input=spoiled)
    check("a changed one is found: 1", (bad.returncode, b"one was changed" in bad.stdout), (1, True))
    check("it ends cleanly", server.stop(), 0)
    again = Server(PARLEY, data=server.data)
    try:
        more = again.request("GET", "/api/audit", token=again.admin).json()
        check("it goes on", (more["size"], json.loads(more["events"][0]["event"])["act"]), (got["size"] + 1, "started"))
    finally:
        again.stop()


run(bodies, people, rights, sessions, audit)
server.stop()
server.remove()
sys.exit(finish())
