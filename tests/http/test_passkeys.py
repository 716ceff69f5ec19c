#!/usr/bin/env python3
"""Passkeys over REST: enrolled, used, falsified, copied, removed. usage: test_passkeys.py PARLEY"""

import json
import pathlib
import sqlite3
import sys
import time

import accounts
from authenticator import Authenticator, b64, unb64
from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]
ORIGIN, RP = "https://parley.example", "parley.example"


def serve(**more):
    return Server(PARLEY, "--public-url", ORIGIN, **more)


def ask(server, what=None, token=None):
    """A question: of signing in, or ("add") of one passkey more."""
    return server.request("POST", f"/api/passkeys/{what}" if what else "/api/login/passkey", token=token).json()


def link(server, account):
    return server.request("POST", f"/api/accounts/{account}/enrolment", token=server.admin)


def link_token(server, account):
    return link(server, account).json()["url"].split("#")[1]


def enrol(server, account, name="Laptop", **more):
    """An authenticator that is enrolled by a link, and the session that this began."""
    token = link_token(server, account)
    device = Authenticator(ORIGIN, RP, **more)
    answer = server.request("POST", "/api/passkeys/add/answer", device.make(ask(server, "add", token), name), token)
    return device, answer.json()["token"]


def sign_in(server, answer):
    return server.request("POST", "/api/login/passkey/answer", answer)


def audit(server):
    events = server.request("GET", "/api/audit", token=server.admin).json()["events"]
    return [json.loads(e["event"]) for e in events]


def way(server, token):
    got = server.request("GET", "/api/session", token=token)
    return got.json().get("way") if got.status == 200 else got.error()


def none_without_a_name():
    """a server that has no address with a name offers none"""
    for url in (None, "https://192.0.2.1"):
        server = Server(PARLEY, *(("--public-url", url) if url else ()))
        try:
            account = accounts.account(server, "Ana")
            check(f"at {url}: it is not among the ways", "passkeys" in server.request("GET", "/api/login").json(), False)
            for got in (server.request("POST", "/api/login/passkey"), sign_in(server, {}), link(server, account)):
                check(f"at {url}: 404", (got.status, got.error()), (404, "no_passkeys"))
        finally:
            server.stop()
        server.remove()


def enrolled_by_a_link():
    """an administrator's link adds the first passkey, once, and signs in"""
    server = serve()
    try:
        account = accounts.account(server, "Ana", email="ana@example.org")
        check("it is among the ways", server.request("GET", "/api/login").json(), {"passkeys": True})
        check("nobody else makes one: 401", server.request("POST", f"/api/accounts/{account}/enrolment").status, 401)
        check("of nobody: 404", link(server, "none").error(), "unknown_account")
        withdrawn = link_token(server, account)
        token = link_token(server, account)
        check("another one withdraws it: 401", server.request("POST", "/api/passkeys/add", token=withdrawn).error(), "link_over")
        check("without a link or a session: 401", server.request("POST", "/api/passkeys/add").status, 401)
        check("a link is no session: 401", way(server, token), "unauthorized")
        check("the administrator's token is nobody: 403", server.request("POST", "/api/passkeys/add", token=server.admin).status, 403)
        asked = ask(server, "add", token)
        check("asked for", (asked["publicKey"]["rp"]["id"], asked["publicKey"]["user"]["name"], asked["publicKey"]["user"]["displayName"],
                            asked["publicKey"]["attestation"], len(unb64(asked["publicKey"]["challenge"]))),
              (RP, "ana@example.org", "Ana", "none", 32))
        device = Authenticator(ORIGIN, RP)
        add = lambda answer, by=token: server.request("POST", "/api/passkeys/add/answer", answer, by)
        for what, answer, code in (
            ("on another site", device.make(asked, "Laptop", origin="https://evil.example"), "passkey_refused"),
            ("of another site", device.make(asked, "Laptop", rp="evil.example"), "passkey_refused"),
            ("to another question", device.make(ask(server, "add", token), "Laptop") | {"secret": asked["secret"]}, "passkey_refused"),
            ("to a question of signing in", device.make(asked | {"secret": ask(server)["secret"]}, "Laptop"), "passkey_refused"),
        ):
            got = add(answer)
            check(f"{what}: 403", (got.status, got.error()), (403, code))
        good = device.make(asked, "Laptop")
        for field, wrong in (("name", ""), ("name", "a\nb"), ("name", "x" * 65), ("secret", "x"), ("clientDataJSON", "!"),
                             ("attestationObject", ""), ("clientDataJSON", b64(b"x" * 2049)), ("attestationObject", b64(b"x" * 16385))):
            got = add(good | {field: wrong})
            check(f"{field} {wrong[:10]!r}: 400, named", (got.status, got.json()["error"].get("field")), (400, field))
        check("more than is known: 400", add(good | {"more": 1}).status, 400)
        other = accounts.account(server, "Bo")
        check("by another's link: 403", add(good, link_token(server, other)).error(), "passkey_refused")
        made = add(good)
        check("a good one: 200", made.status, 200)
        check("it signs in", way(server, made.json()["token"]), "passkey")
        check("the link is used up: 401", add(device.make(asked, "Laptop")).error(), "link_over")
        said = [(e["act"], e.get("what"), e.get("way")) for e in audit(server)][:6]
        check("the audit says so", said[:2], [("login", None, "passkey"), ("key_added", "Laptop", None)])
        check("and who made links", [e["account"]["name"] for e in audit(server) if e["act"] == "enrolment_made"], ["Bo", "Ana", "Ana"])
    finally:
        check("it ends cleanly", server.stop(), 0)
        server.remove()


def signs_in():
    """a passkey signs in once with one answer, and nothing that is not its own does"""
    server = serve()
    try:
        ana, bo = accounts.account(server, "Ana"), accounts.account(server, "Bo")
        device, _ = enrol(server, ana)
        others, _ = enrol(server, bo)
        asked = ask(server)
        check("no account is named", asked["publicKey"]["allowCredentials"], [])
        answer = device.use(asked)
        got = sign_in(server, answer)
        check("a good answer: 200", got.status, 200)
        check("it is a session", way(server, got.json()["token"]), "passkey")
        check("the same answer again: 403", sign_in(server, answer).error(), "question_over")
        asked = ask(server)
        late = device.use(ask(server))
        stranger = Authenticator(ORIGIN, RP)
        stranger.handle = device.handle
        for what, wrong, code in (
            ("on another site", device.use(asked, origin="https://evil.example"), "passkey_refused"),
            ("at another port", device.use(asked, origin=ORIGIN + ":8443"), "passkey_refused"),
            ("of another site", device.use(asked, rp="evil.example"), "passkey_refused"),
            ("without a PIN", device.use(asked, unverified=True), "passkey_refused"),
            ("to another question", late | {"secret": asked["secret"]}, "passkey_refused"),
            ("another's key", others.use(asked) | {"id": b64(device.id), "userHandle": device.handle}, "passkey_refused"),
            ("another's passkey as one's own", others.use(asked) | {"userHandle": device.handle}, "passkey_refused"),
            ("nobody's", stranger.use(asked), "unknown_passkey"),
            ("a question that was never asked", device.use(asked | {"secret": "A" * 54}), "question_over"),
            ("to a question of adding", device.use(asked | {"secret": ask(server, "add", link_token(server, bo))["secret"]}), "passkey_refused"),
        ):
            got = sign_in(server, wrong)
            check(f"{what}: 403", (got.status, got.error()), (403, code))
        good = device.use(asked)
        for field, wrong in (("secret", "x"), ("id", ""), ("id", b64(b"x" * 1024)), ("authenticatorData", "!"), ("signature", "A"),
                             ("signature", b64(b"x" * 513)), ("userHandle", b64(b"x" * 33)), ("clientDataJSON", 1)):
            got = sign_in(server, good | {field: wrong})
            check(f"{field} {str(wrong)[:10]!r}: 400, named", (got.status, got.json()["error"].get("field")), (400, field))
        check("after all that a good one still does: 200", sign_in(server, good).status, 200)
        refused = [e for e in audit(server) if e["act"] == "login_refused"]
        check("what was refused is in the audit", (len(refused), refused[0]["account"]["name"], refused[0]["way"], "from" in refused[0]),
              (9, "Ana", "passkey", True))
        before = ask(server)
        server.stop()
        again = serve(data=server.data)
        check("a question of before the start: 403", sign_in(again, device.use(before)).error(), "passkey_refused")
        check("one of after: 200", sign_in(again, device.use(ask(again))).status, 200)
        again.stop()
    finally:
        server.stop()
        server.remove()


def copies():
    """a passkey whose counter went back is refused, and that is written down; one that never counts is taken"""
    server = serve()
    try:
        device, _ = enrol(server, accounts.account(server, "Ana"))
        check("it counts: 200", sign_in(server, device.use(ask(server), steps=5)).status, 200)
        for what, steps in (("as before", 0), ("back", -1)):
            got = sign_in(server, device.use(ask(server), steps=steps))
            check(f"{what}: 403", (got.status, got.error()), (403, "passkey_cloned"))
        event = audit(server)[0]
        check("in the audit", (event["act"], event["account"]["name"], "copy" in event["why"]), ("login_refused", "Ana", True))
        check("forward again: 200", sign_in(server, device.use(ask(server), steps=9)).status, 200)
        silent, _ = enrol(server, accounts.account(server, "Bo"), counts=False)
        for _ in range(2):
            check("without a counter: 200", sign_in(server, silent.use(ask(server))).status, 200)
    finally:
        server.stop()
        server.remove()


def several():
    """an account has several, with names, sees them and removes them, but not the last way in of the last administrator"""
    server = serve()
    try:
        boss = accounts.account(server, "Boss", administrator=True)
        ana = accounts.account(server, "Ana")
        first, session = enrol(server, boss, "Laptop")
        device, anas = enrol(server, ana, "Phone")
        asked = ask(server, "add", session)
        check("what is here already is said", [c["id"] for c in asked["publicKey"]["excludeCredentials"]], [b64(first.id)])
        add = lambda answer: server.request("POST", "/api/passkeys/add/answer", answer, session)
        check("the same once more: 409", add(first.make(asked, "Twice")).error(), "conflict")
        second = Authenticator(ORIGIN, RP)
        made = add(second.make(ask(server, "add", session), "Key ring"))
        check("another: 201, and no second session", (made.status, "token" in made.json()), (201, False))
        kept = lambda by, of=boss: server.request("GET", f"/api/accounts/{of}/passkeys", token=by)
        mine = kept(session).json()["passkeys"]
        check("both are listed", [(p["name"], p["backedUp"], "used" in p) for p in mine], [("Laptop", False, False), ("Key ring", False, False)])
        sign_in(server, second.use(ask(server)))
        check("the one that was used says when", ["used" in p for p in kept(session).json()["passkeys"]], [False, True])
        check("others do not see them: 403", kept(anas).status, 403)
        check("administrators do: 200", kept(session, ana).status, 200)
        remove = lambda passkey, by, of=boss: server.request("DELETE", f"/api/accounts/{of}/passkeys/{passkey}", token=by)
        check("others do not remove them: 403", remove(mine[0]["id"], anas).status, 403)
        check("nor by another account's name: 404", remove(mine[0]["id"], anas, ana).status, 404)
        check("removed: 204", remove(mine[0]["id"], session).status, 204)
        check("it is: 404", remove(mine[0]["id"], session).error(), "unknown_passkey")
        check("it signs in no more: 403", sign_in(server, first.use(ask(server))).error(), "unknown_passkey")
        check("the last way in of the last administrator stays: 409", remove(mine[1]["id"], session).error(), "last_way_in")
        check("also by the token: 409", remove(mine[1]["id"], server.admin).error(), "last_way_in")
        check("it is still there", len(kept(session).json()["passkeys"]), 1)
        enrol(server, accounts.account(server, "Deputy", administrator=True))
        check("of the last but one: 204", remove(mine[1]["id"], session).status, 204)
        check("and anybody else's: 204", remove(kept(anas, ana).json()["passkeys"][0]["id"], anas, ana).status, 204)
        check("in the audit", [e["what"] for e in audit(server) if e["act"] == "key_removed"], ["Phone", "Key ring", "Laptop"])
        server.request("DELETE", f"/api/accounts/{ana}", token=server.admin)
        check("with the account go its passkeys: 403", sign_in(server, device.use(ask(server))).error(), "unknown_passkey")
    finally:
        server.stop()
        server.remove()


def limits():
    """twenty passkeys of an account, a day for a link"""
    server = serve()
    try:
        ana = accounts.account(server, "Ana")
        _, session = enrol(server, ana, "x" * 64)
        add = lambda: server.request("POST", "/api/passkeys/add/answer", Authenticator(ORIGIN, RP).make(ask(server, "add", session), "More"), session)
        check("twenty: 201", [add().status for _ in range(19)], 19 * [201])
        check("they are all said", len(ask(server, "add", session)["publicKey"]["excludeCredentials"]), 20)
        check("one more: 409", add().error(), "too_many_passkeys")
        got = link(server, ana).json()
        day = 24 * 3600 * 1000
        check("a link is good for a day", day - 60_000 < got["expires"] - int(time.time() * 1000) <= day)
        token = got["url"].split("#")[1]
        for left, status in ((60_000, 200), (0, 401)):
            with sqlite3.connect(pathlib.Path(server.data, "parley.db"), timeout=20) as db:
                db.execute("UPDATE enrolments SET expires_ms = ?", (int(time.time() * 1000) + left,))
            db.close()
            check(f"{left} ms before its end: {status}", server.request("POST", "/api/passkeys/add", token=token).status, status)
        check("the link itself is not in the file", token.encode() not in b"".join(
            p.read_bytes() for p in pathlib.Path(server.data).iterdir() if p.is_file()))
    finally:
        server.stop()
        server.remove()


def guesses():
    """an address that fails too often waits, and a good answer passes all the same"""
    server = serve()
    try:
        device, _ = enrol(server, accounts.account(server, "Ana"))
        stranger = Authenticator(ORIGIN, RP)
        stranger.handle = device.handle
        # A machine that is slow lets a few more pass: one in two seconds is forgiven.
        link_of_nobody = lambda: server.request("POST", "/api/passkeys/add", token="e." + "A" * 43).status
        answers = []
        while len(answers) < 1000 and answers[-1:] != [429]:
            answers.append(link_of_nobody() if len(answers) % 2 else sign_in(server, stranger.use(ask(server))).status)
        check("thirty are told why, links that nobody has too", answers[:30], 15 * [403, 401])
        check("and at last none", answers[-1], 429)
        check("a good one: 200", sign_in(server, device.use(ask(server))).status, 200)
    finally:
        server.stop()
        server.remove()


run(none_without_a_name, enrolled_by_a_link, signs_in, copies, several, limits, guesses)
sys.exit(finish())
