#!/usr/bin/env python3
"""The REST API and the site: statuses, bodies, headers, refusals. usage: test_api.py PARLEY [WEB_EMBEDDED]"""

import gzip
import json
import pathlib
import re
import sys
import time

from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]
DIST = pathlib.Path(__file__).parents[2] / "web/dist"
WEB = len(sys.argv) > 2 and sys.argv[2] == "web"
server = Server(PARLEY)
JSON = {"Content-Type": "application/json"}


def creates_a_meeting():
    """POST /api/meetings as the contract says, and what GET tells of it"""
    got = server.create()
    check("created", got.status, 201)
    check("type", got.headers["Content-Type"], "application/json")
    check("not to be stored", got.headers["Cache-Control"], "no-store")
    made = got.json()
    check("id", made["id"], lambda s: re.fullmatch("[2-9b-z]{10}", s))
    check("an invitation a person, in order", [i["name"] for i in made["invitations"]], ["A", "B"])
    first, second = made["invitations"]
    check("role and seat", (first["role"], first["seat"], second["role"], "seat" in second), ("delegate", "NOR", "observer", False))
    check("token", first["token"], lambda t: re.fullmatch("[A-Za-z0-9_-]{32}", t))
    check("tokens differ", first["token"] != second["token"])
    check("url", first["url"], f"{server.base}/m/{made['id']}#1.{first['token']}")
    check("expires in 90 days", first["expires"] / 1000 - time.time(), lambda s: abs(s - 90 * 86400) < 60)
    got = server.request("GET", f"/api/meetings/{made['id']}", token=server.admin)
    check("GET", got.status, 200)
    told = got.json()
    check("the fields as posted", {n: told[n] for n in ("id", "title", "floor", "encryption")},
          {"id": made["id"], "title": "T", "floor": "open", "encryption": "none"})
    check("the people as posted", told["people"], [
        {"name": "A", "role": "delegate", "seat": "NOR"}, {"name": "B", "role": "observer", "shared": True}])
    check("in session, nobody here", (told["in_session"], told["participants"]), (True, 0))
    check("invitations without tokens", "token" not in got.body.decode() and len(told["invitations"]) == 2)
    listed = server.request("GET", "/api/meetings", token=server.admin).json()["meetings"]
    check("listed", (listed[0]["id"], listed[0]["title"]), (made["id"], "T"))
    check("a chair is waited for", server.request("GET", f"/api/meetings/{server.create(people=[{'name': 'C', 'role': 'chair'}]).json()['id']}",
                                                  token=server.admin).json()["in_session"], False)


def refuses_bad_bodies():
    """malformed and wrong bodies are refused, and the place is named"""
    nor = {"id": "NOR", "name": "Norway"}
    person = {"name": "A", "role": "delegate", "seat": "NOR"}
    for what, changes, place in (
        ("an unknown field", {"colour": "red"}, "colour"),
        ("an unknown field of a person", {"people": [{**person, "rank": 1}]}, "people[0].rank"),
        ("an unknown field of a seat", {"seats": [{**nor, "flag": "x"}]}, "seats[0].flag"),
        ("no title", {"title": None}, "title"),
        ("a title of the wrong type", {"title": 5}, "title"),
        ("a title too long", {"title": "x" * 401}, "title"),
        ("no floor", {"floor": None}, "floor"),
        ("an unknown floor", {"floor": "closed"}, "floor"),
        ("an unknown role", {"people": [{**person, "role": "king"}]}, "people[0].role"),
        ("an unknown seat", {"people": [person, {**person, "seat": "XX"}]}, "people[1].seat"),
        ("a seat twice", {"seats": [nor, nor]}, "seats[1].id"),
        ("nobody", {"people": []}, "people"),
        ("a wrong country", {"seats": [{**nor, "country": "no"}]}, "seats[0].country"),
    ):
        got = server.create(**changes)
        check(f"{what}: 400", got.status, 400)
        check(f"{what}: named", got.json()["error"].get("field"), place)
        check(f"{what}: one sentence", got.json()["error"]["message"], lambda m: m and "\n" not in m)
    for what, body, place in (
        ("no JSON", "{\n  \"title\": oops\n}", "line 2"),
        ("cut short", '{"title":"T"', "line 1"),
        ("nothing", "", "line 1"),
        ("a repeated field", '{"title":"T","title":"U"}', "title"),
        ("bad UTF-8", b'{"title":"\xff"}', "line 1"),
        ("an array", "[]", ""),
        ("deep nesting", "[" * 5000, ""),
    ):
        got = server.request("POST", "/api/meetings", body, server.admin, headers=JSON)
        check(f"{what}: 400", got.status, 400)
        check(f"{what}: the place", place in got.json()["error"]["message"])
    body = json.dumps({"title": "T"})
    check("no Content-Type: 415", server.request("POST", "/api/meetings", body, server.admin).status, 415)
    check("another Content-Type: 415", server.request("POST", "/api/meetings", body, server.admin, headers={"Content-Type": "text/plain"}).status, 415)
    utf8 = {"Content-Type": "application/json; charset=utf-8"}
    check("with a charset: read", server.request("POST", "/api/meetings", body, server.admin, headers=utf8).status, 400)


def encrypts_unless_told():
    """A meeting is encrypted unless it says otherwise; encoders and players do not come into it"""
    for what, encryption in (("left out", None), ("required", "required")):
        made = server.create(encryption=encryption)
        check(f"{what}: made", made.status, 201)
        meeting = made.json()
        token = meeting["invitations"][0]["token"]
        got = server.request("GET", f"/api/meetings/{meeting['id']}/invitation", token=token)
        check(f"{what}: told", got.json()["meeting"]["encryption"], "required")
        got = server.request("GET", f"/api/meetings/{meeting['id']}/manifest", token=token)
        check(f"{what}: not signed yet", (got.status, got.error()), (404, "unknown_manifest"))
        for way in ("whip", "whep"):
            got = server.request("POST", f"/{way}/{meeting['id']}", "v=0\r\n", token, headers={"Content-Type": "application/sdp"})
            check(f"{what}: {way}", (got.status, got.error()), (409, "conflict"))


def chunked(pieces, token):
    """The status of a POST whose length is not told before."""
    with server.socket() as s:
        head = f"POST /api/meetings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        s.sendall(head.encode())
        try:
            for piece in pieces:
                s.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            s.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        return int(s.recv(4096).split()[1])


def limits_bodies():
    """a meeting of a megabyte is taken, a larger one is not; strangers may send little"""
    def body(size):
        start = '{"title":"T","floor":"open","encryption":"none","seats":[],"people":[{"name":"A","role":"observer"}]'
        return start + " " * (size - len(start) - 1) + "}"
    limit = 1 << 20
    check("a megabyte: 201", server.request("POST", "/api/meetings", body(limit), server.admin, headers=JSON).status, 201)
    for what, size, token, expected in (("one byte more", limit + 1, server.admin, 413), ("a stranger's", limit, "x" * 43, 401)):
        head = f"POST /api/meetings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
        with server.socket() as s:
            s.sendall(head.encode())
            check(f"{what}: {expected} before the body comes", s.recv(1024).split()[1], str(expected).encode())
    got = server.request("POST", "/api/meetings", body(limit + 1), server.admin, headers=JSON)
    check("and why", (got.status, got.error(), str(limit) in got.json()["error"]["message"]), (413, "too_large", True))
    for size, expected in ((limit, 201), (limit + 1, 413)):
        pieces = iter([body(size).encode()[i:i + 65536] for i in range(0, size, 65536)])
        check(f"in chunks, {size}: {expected}", chunked(pieces, server.admin), expected)
    check("in chunks, a stranger's: 401", chunked(iter([b"{"] * 3), "x" * 43), 401)
    got = server.create(people=[{"name": f"Person {i}", "role": "observer"} for i in range(5000)])
    check("5000 people: 201", (got.status, len(got.json()["invitations"])), (201, 5000))
    check("one more: 400", server.create(people=[{"name": "x", "role": "observer"}] * 5001).json()["error"].get("field"), "people")


def keeps_strangers_out():
    """the administrator's token is needed everywhere"""
    id_ = server.create().json()["id"]
    for method, path, body in (("POST", "/api/meetings", {"title": "T"}), ("GET", "/api/meetings", None),
                               ("GET", f"/api/meetings/{id_}", None), ("DELETE", f"/api/meetings/{id_}", None),
                               ("POST", f"/api/meetings/{id_}/invitations", {"person": "p1"}),
                               ("DELETE", f"/api/meetings/{id_}/invitations/x", None)):
        for what, headers in (("no token", {}), ("an empty one", {"Authorization": "Bearer "}), ("another scheme", {"Authorization": f"Basic {server.admin}"}),
                              ("one cut short", {"Authorization": f"Bearer {server.admin[:-1]}"})):
            got = server.request(method, path, body, headers=headers)
            check(f"{method} {path.replace(id_, 'ID')} with {what}: 401", got.status, 401)
        check("  and how to", got.headers["WWW-Authenticate"], lambda v: v and v.startswith("Bearer"))
    check("the token in the query is not taken", server.request("GET", f"/api/meetings?token={server.admin}").status, 401)
    check("the meeting is still there", server.request("GET", f"/api/meetings/{id_}", token=server.admin).status, 200)


def invites_and_revokes():
    """invitations: asked about, made anew, revoked, expired"""
    soon = int(time.time() * 1000) + 1500
    made = server.create(marking="RESTRICTED", people=[
        {"name": "A", "role": "delegate", "seat": "NOR"},
        {"name": "B", "role": "observer", "shared": True},
        {"name": "Past", "role": "observer", "expires": 1000},
        {"name": "Soon", "role": "observer", "expires": soon}]).json()
    a, b, past, soon_one = made["invitations"]
    path = f"/api/meetings/{made['id']}/invitation"
    got = server.request("GET", path, token=a["token"])
    check("what the join page learns", got.json(), {
        "meeting": {"id": made["id"], "title": "T", "marking": "RESTRICTED", "floor": "open", "encryption": "none", "in_session": True},
        "you": {"name": "A", "role": "delegate", "seat": "NOR", "seat_name": "Norway", "country": "NO", "shared": False}})
    check("a shared one", server.request("GET", path, token=b["token"]).json()["you"]["shared"], True)
    check("before it expires", server.request("GET", path, token=soon_one["token"]).status, 200)
    for what, token, status, code in (("unknown token", "x" * 32, 401, "unknown_token"), ("no token", None, 401, "unknown_token"),
                                      ("long token", "x" * 4000, 401, "unknown_token"), ("the administrator's", server.admin, 401, "unknown_token"),
                                      ("expired", past["token"], 403, "expired")):
        got = server.request("GET", path, token=token)
        check(f"{what}: {status}", (got.status, got.error()), (status, code))
        check(f"{what}: the reason", len(got.json()["error"]["message"]) > 10)
    got = server.request("GET", "/api/meetings/nosuchid22/invitation", token=a["token"])
    check("unknown meeting: 404", (got.status, got.error()), (404, "unknown_meeting"))
    other = server.create().json()
    check("another meeting's token: 401", server.request("GET", path, token=other["invitations"][0]["token"]).status, 401)
    got = server.request("POST", f"/api/meetings/{made['id']}/invitations", {"person": "p1"}, server.admin)
    check("a fresh one: 201", got.status, 201)
    fresh = got.json()
    check("of the same person, another token", (fresh["name"], fresh["token"] != a["token"]), ("A", True))
    check("its link", fresh["url"], f"{server.base}/m/{made['id']}#1.{fresh['token']}")
    for body, field in (({"person": "p9"}, "person"), ({"person": 1}, "person"), ({}, "person"), ({"person": "p1", "x": 1}, "x")):
        got = server.request("POST", f"/api/meetings/{made['id']}/invitations", body, server.admin)
        check(f"{json.dumps(body)}: 400", (got.status, got.json()["error"].get("field")), (400, field))
    revoke = f"/api/meetings/{made['id']}/invitations/{a['id']}"
    check("revoked: 204", server.request("DELETE", revoke, token=server.admin).status, 204)
    check("again: 204", server.request("DELETE", revoke, token=server.admin).status, 204)
    got = server.request("GET", path, token=a["token"])
    check("then 403", (got.status, got.error()), (403, "revoked"))
    check("the fresh one still opens", server.request("GET", path, token=fresh["token"]).status, 200)
    told = server.request("GET", f"/api/meetings/{made['id']}", token=server.admin).json()["invitations"]
    check("told as revoked", [("revoked" in i) for i in told], [True, False, False, False, False])
    check("not through another meeting", server.request("DELETE", f"/api/meetings/{other['id']}/invitations/{b['id']}", token=server.admin).status, 404)
    while time.time() * 1000 <= soon:
        time.sleep(0.05)
    check("once it expires: 403", server.request("GET", path, token=soon_one["token"]).status, 403)
    check("DELETE: 204", server.request("DELETE", f"/api/meetings/{made['id']}", token=server.admin).status, 204)
    for method in ("GET", "DELETE"):
        check(f"then {method}: 404", server.request(method, f"/api/meetings/{made['id']}", token=server.admin).status, 404)
    check("and its links: 404", server.request("GET", path, token=b["token"]).status, 404)


def builds_links_for_who_asks():
    """links begin as the request named the server, unless that is no name"""
    def url(host):
        got = server.request("POST", "/api/meetings", {"title": "T", "floor": "open", "encryption": "none", "seats": [],
                             "people": [{"name": "A", "role": "observer"}]}, server.admin, headers={"Host": host})
        return got.json()["invitations"][0]["url"].split("/m/")[0] if got.status == 201 else got.status
    check("a name", url("parley.example"), "http://parley.example")
    check("with a port", url("parley.example:8443"), "http://parley.example:8443")
    check("IPv6", url("[::1]:80"), "http://[::1]:80")
    for bad in ("a/b", "a b", "user@host", "a?b", "a#b", '"><script>'):
        check(f"not {bad}", url(bad), 400)
    named = Server(PARLEY, "--public-url", "https://parley.example.org/")
    check("--public-url goes before", named.create().json()["invitations"][0]["url"], lambda u: u.startswith("https://parley.example.org/m/"))
    named.stop()
    named.remove()


def guards_the_websocket():
    """/ws: only from pages of this server"""
    host = server.base.split("//")[1]
    def shake(**changes):
        headers = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                   "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **{k.replace("_", "-"): v for k, v in changes.items()}}
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items() if v is not None)
        with server.socket() as s:
            s.sendall(f"GET /ws HTTP/1.1\r\n{lines}\r\n".encode())
            return int(s.recv(4096).split()[1])
    check("no Origin (a program)", shake(), 101)
    check("our own", shake(Origin=f"http://{host}"), 101)
    check("another host", shake(Origin="http://evil.example"), 403)
    check("a longer name", shake(Origin=f"http://{host}.evil.example"), 403)
    check("another port", shake(Origin="http://127.0.0.1:1"), 403)
    check("null", shake(Origin="null"), 403)
    check("another version", shake(Sec_WebSocket_Version="8"), 426)
    check("a bad key", shake(Sec_WebSocket_Key="short"), 400)
    check("no upgrade", server.request("GET", "/ws").status, 426)


def answers_everything():
    """unknown paths, wrong methods, the headers of every answer"""
    for path in ("/nothing", "/api", "/api/", "/api/meetings/", "/api/meetings/x/y", "/assets/none.js", "/m", "/m/", "/m/a/b", "/prepare/", "//", "/whip",
                 "/%2e%2e/etc/passwd", "/../etc/passwd", "/assets/..%2f..", "/healthz/x"):
        got = server.request("GET", path)
        check(f"GET {path}: 404", (got.status, got.error()), (404, "not_found"))
    for method, path, allow in (("PUT", "/api/meetings", "POST, GET, HEAD"), ("POST", "/healthz", "GET, HEAD"), ("DELETE", "/", "GET, HEAD"),
                                ("PATCH", "/api/meetings/x", "GET, HEAD, PUT, DELETE"), ("POST", "/ws", "GET, HEAD")):
        got = server.request(method, path)
        check(f"{method} {path}: 405", (got.status, got.headers["Allow"]), (405, allow))
    head = server.request("HEAD", "/healthz")
    check("HEAD", (head.status, head.body, head.headers["Content-Length"]), (200, b"", "2"))
    for path in ("/", "/healthz", "/m/abc", "/prepare", "/docs", "/nothing", "/api/meetings"):
        headers = server.request("GET", path).headers
        policy = dict(d.strip().split(" ", 1) for d in headers["Content-Security-Policy"].split(";"))
        check(f"{path}: nothing from elsewhere", (policy["default-src"], policy["script-src"], policy["frame-ancestors"]), ("'none'", "'self'", "'none'"))
        check(f"{path}: nothing inline", "unsafe" not in headers["Content-Security-Policy"])
        for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin")):
            check(f"{path}: {name}", headers[name], value)
        check(f"{path}: camera for us alone", "camera=(self)" in headers["Permissions-Policy"])
        check(f"{path}: no HSTS in plain HTTP", headers["Strict-Transport-Security"], None)
        check(f"{path}: no foreign pages", headers["Access-Control-Allow-Origin"], None)


COMPILES = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def effects():
    """of the page's files the two workers of its effects may compile WebAssembly, and nothing else"""
    files = sorted("/assets/" + f.name for f in DIST.joinpath("assets").iterdir())
    may = [f for f in files if "unsafe" in server.request("HEAD", f).headers["Content-Security-Policy"]]
    check("two workers compile", [f.split("-")[0] for f in may], ["/assets/background.wasmWorker", "/assets/noise.wasmWorker"])
    for file in may:
        check(f"{file}: its policy", server.request("HEAD", file).headers.get_all("Content-Security-Policy"), [COMPILES])
    for suffix, kind in ((".wasm", "application/wasm"), (".tflite", "application/octet-stream")):
        for file in (f for f in files if f.endswith(suffix)):
            got = server.request("HEAD", file, headers={"Accept-Encoding": "gzip"}).headers
            check(f"{file}", (got["Content-Type"], got["Content-Encoding"], "immutable" in got["Cache-Control"]), (kind, "gzip", True))


def serves_the_client():
    """the page and its files"""
    if not WEB:
        check("without a client: 404 that says so", (server.request("GET", "/").status, b"without its web client" in server.request("GET", "/m/x").body), (404, True))
        return
    page = server.request("GET", "/")
    check("the page", (page.status, page.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
    check("asked for again each time", page.headers["Cache-Control"], "no-cache")
    check("the same for a meeting", server.request("GET", "/m/abc").body, page.body)
    check("and where one is prepared", server.request("GET", "/prepare").body, page.body)
    check("and where a record is verified", server.request("GET", "/verify").body, page.body)
    check("and nothing below it", server.request("GET", "/prepare/x").status, 404)
    docs = server.request("GET", "/docs")
    check("the documentation", (docs.status, docs.headers["Content-Type"], b"<h1" in docs.body), (200, "text/html; charset=utf-8", True))
    check("a page of it", b">Deploy" in server.request("GET", "/docs/deploy").body)
    check("what its search reads", server.request("GET", "/docs/search.json").headers["Content-Type"], "application/json")
    for path in ("/docs/nothing", "/docs/" + 52 * "n", "/docs/" + 500 * "n", "/docs/a/b", "/docs/"):
        check(f"{path[:20]}, {len(path)} letters: 404", server.request("GET", path).status, 404)
    again = server.request("GET", "/", headers={"If-None-Match": page.headers["ETag"]})
    check("unchanged: 304", (again.status, again.body), (304, b""))
    check("another tag: 200", server.request("GET", "/", headers={"If-None-Match": '"x"'}).status, 200)
    names = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.body.decode())
    check("it names hashed files", len(names) >= 2)
    check("and no other host", re.findall(r'(?:src|href)="(?:https?:)?//', page.body.decode()), [])
    effects()
    for name in names:
        plain = server.request("GET", name, headers={"Accept-Encoding": "gzip;q=0"})
        packed = server.request("GET", name, headers={"Accept-Encoding": "br, gzip"})
        check(f"{name}: for ever", (plain.status, plain.headers["Cache-Control"]), (200, "public, max-age=31536000, immutable"))
        if packed.headers["Content-Encoding"]:
            check(f"{name}: compressed, the same", gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body))
            check(f"{name}: tags differ", packed.headers["ETag"] != plain.headers["ETag"] and packed.headers["Vary"] == "Accept-Encoding")


def brakes_guessing():
    """too many wrong tokens: 429, while the right one still opens"""
    made = server.create().json()
    path = f"/api/meetings/{made['id']}/invitation"
    statuses = [server.request("GET", path, token=f"{i:032d}") for i in range(60)]
    check("401 becomes 429", statuses[-1].status, 429)
    check("when to try again", int(statuses[-1].headers["Retry-After"]), lambda s: 1 <= s <= 60)
    check("for wrong tokens of administrators too", server.request("GET", "/api/meetings", token="x" * 43).status, 429)
    check("a good one opens all the same", server.request("GET", path, token=made["invitations"][0]["token"]).status, 200)
    check("and the administrator's", server.request("GET", "/api/meetings", token=server.admin).status, 200)


run(creates_a_meeting, refuses_bad_bodies, encrypts_unless_told, limits_bodies, builds_links_for_who_asks, guards_the_websocket, answers_everything, serves_the_client)
check("ends", server.stop(), 0)
server.remove()
# Each of these makes failures, which the brake counts: a server of its own.
for test in (keeps_strangers_out, invites_and_revokes, brakes_guessing):
    server = Server(PARLEY)
    run(test)
    check("ends", server.stop(), 0)
    check("without a word on stderr", server.errors, [])
    server.remove()
sys.exit(finish())
