#!/usr/bin/env python3
"""The manifest of who may be in a meeting, over REST and by `parley invite`.
usage: test_manifest.py PARLEY"""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

import client
import ed25519
from client import Server
from tap import check, finish, run
import ws

PARLEY = sys.argv[1]
ORGANISER, OTHER, CHAIR = bytes(range(32)), bytes([7]) * 32, bytes([9]) * 32
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": 'N "Ü"', "role": "delegate", "seat": "NOR"},
    {"name": "O", "role": "observer"},
]


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signature(seed, text):
    return b64(ed25519.sign(seed, b"parley manifest v1\n" + text.encode()))


DEFINITION = {}  # of the meetings that were made: SHA-256


def manifest(meeting, version=1, **changes):
    people = [{"person": "p1", "name": "C", "role": "chair", "key": b64(ed25519.public(CHAIR))}]
    fields = {"v": 1, "meeting": meeting, "version": version, "suite": 1, "encryption": "none", "seats": [], "people": people,
              "definition": DEFINITION.get(meeting, "0" * 64),
              "revoked": [], "late": "p1", "not_after": 4000000000000, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not None})


def signed(text, seed=ORGANISER, key=ORGANISER, by="organiser"):
    return {"manifest": text, "signature": signature(seed, text), "key": b64(ed25519.public(key)), "signed_by": by}


def make(server):
    made = server.create(people=PEOPLE).json()
    DEFINITION[made["id"]] = server.definition(made["id"])
    return made["id"], [i["token"] for i in made["invitations"]]


def put(server, meeting, body, token=None):
    return server.request("PUT", f"/api/meetings/{meeting}/manifest", body, token or server.admin)


def get(server, meeting, token=None):
    return server.request("GET", f"/api/meetings/{meeting}/manifest", token=token or server.admin)


def is_kept():
    """a manifest is put by who presides, read by who is invited, and goes up alone"""
    server = Server(PARLEY)
    try:
        meeting, (chair, delegate, observer) = make(server)
        check("there is none: 404", (get(server, meeting).status, get(server, meeting).error()), (404, "unknown_manifest"))
        first = signed(manifest(meeting))
        check("a delegate puts it: 403", put(server, meeting, first, delegate).error(), "forbidden")
        check("nobody puts it: 401", server.request("PUT", f"/api/meetings/{meeting}/manifest", first).status, 401)
        check("the administrator puts it: 204", put(server, meeting, first).status, 204)
        for who, token in (("administrator", None), ("chair", chair), ("delegate", delegate), ("observer", observer)):
            check(f"the {who} reads it as it was put", get(server, meeting, token).json(), first)
        check("without a token: 401", server.request("GET", f"/api/meetings/{meeting}/manifest").status, 401)
        check("the same version again: 409", put(server, meeting, first).error(), "conflict")
        second = signed(manifest(meeting, 5))
        check("the chair puts a higher one: 204", put(server, meeting, second, chair).status, 204)
        check("a lower one: 409", put(server, meeting, signed(manifest(meeting, 4))).error(), "conflict")
        check("another organiser: 409", put(server, meeting, signed(manifest(meeting, 6), OTHER, OTHER)).error(), "conflict")
        check("no such meeting: 404", put(server, "none", second).error(), "unknown_meeting")
        check("it is the last one still", get(server, meeting).json(), second)
        server.stop()
        again = Server(PARLEY, data=server.data)
        try:
            check("and after a restart", get(again, meeting).json(), second)
            fields = {"title": "T", "floor": "open", "encryption": "none", "seats": [], "people": [PEOPLE[0]]}
            check("the meeting is replaced", again.request("PUT", f"/api/meetings/{meeting}", fields, again.admin).status, 200)
            check("its manifest is no more", get(again, meeting).error(), "unknown_manifest")
        finally:
            again.stop()
    finally:
        server.stop()
        server.remove()


def is_told():
    """in the room of an unencrypted meeting too the manifest is told, and so is a new one"""
    server = Server(PARLEY)
    try:
        meeting, (chair, delegate, _) = make(server)
        early = ws.join(server.base, meeting, chair)
        first, second = signed(manifest(meeting)), signed(manifest(meeting, 2))
        put(server, meeting, first)
        check("who was there is told it", early.until("manifest"), {"type": "manifest", **first})
        late = ws.join(server.base, meeting, delegate)
        check("who comes is told it", late.until("manifest"), {"type": "manifest", **first})
        put(server, meeting, second)
        for who, socket in (("who was there", early), ("who came", late)):
            check(f"{who} is told the new one", socket.until("manifest"), {"type": "manifest", **second})
            socket.close()
    finally:
        server.stop()
        server.remove()


def is_bound():
    """the list names the definition by its exact bytes, which those in the room may read"""
    server = Server(PARLEY)
    try:
        people = [*PEOPLE, {"name": "G", "role": "briefer"}]
        fields = {"title": "T", "floor": "open", "encryption": "none", "people": people, "seats": [{"id": "NOR", "name": "Norway"}]}
        posted = json.dumps(fields, indent=3).encode()
        made = server.request("POST", "/api/meetings", posted, server.admin, headers={"Content-Type": "application/json"}).json()
        meeting, (chair, delegate, observer, guest) = made["id"], [i["token"] for i in made["invitations"]]

        def read(token):
            got = server.request("GET", f"/api/meetings/{meeting}/definition", token=token)
            return got.body if got.status == 200 else (got.status, got.error())
        check("as it was posted", read(server.admin), posted)
        check("the chair reads it", read(chair), posted)
        check("a delegate who is not there: 403", read(delegate), (403, "forbidden"))
        there = [ws.join(server.base, meeting, token) for token in (chair, delegate, guest)]
        check("a delegate in the room", read(delegate), posted)
        check("a guest in the room: 403", read(guest), (403, "forbidden"))
        check("nobody: 401", read(None), (401, "unknown_token"))
        for socket in there:
            socket.close()
        other = server.request("POST", "/api/meetings", posted, server.admin, headers={"Content-Type": "application/json"}).json()["id"]
        DEFINITION[other] = hashlib.sha256(posted).hexdigest()
        first = signed(manifest(other))
        check("its list names it", put(server, other, first).status, 204)
        changed = json.dumps({**fields, "quorum": 1}).encode()
        replaced = server.request("PUT", f"/api/meetings/{other}", changed, server.admin, headers={"Content-Type": "application/json"})
        check("the meeting is replaced before anybody came", replaced.status, 200)
        check("the list of before is no more", get(server, other).error(), "unknown_manifest")
        check("nor is it taken again", put(server, other, first).json()["error"]["message"],
              "The manifest names another definition than the one that this meeting has.")
        DEFINITION[other] = hashlib.sha256(changed).hexdigest()
        check("it is signed anew", put(server, other, signed(manifest(other, 2))).status, 204)
    finally:
        server.stop()
        server.remove()


def is_checked():
    """what is no manifest of this meeting is refused by name"""
    server = Server(PARLEY)
    try:
        meeting, _ = make(server)
        good = manifest(meeting)
        rows = [
            ("another meeting", signed(manifest("another")), "manifest"),
            ("other encryption", signed(manifest(meeting, encryption="required")), "manifest"),
            ("no JSON", signed("{"), "manifest"),
            ("another form", signed(manifest(meeting, v=2)), "manifest"),
            ("version 0", signed(manifest(meeting, 0)), "manifest"),
            ("no people", signed(manifest(meeting, people=None)), "manifest"),
            ("no definition", signed(manifest(meeting, definition=None)), "manifest"),
            ("another definition", signed(manifest(meeting, definition="0" * 64)), "manifest"),
            ("a hash that is none", signed(manifest(meeting, definition="0" * 63 + "G")), "manifest"),
            ("signed by another key", signed(good, OTHER), "signature"),
            ("a changed text", {**signed(good), "manifest": good.replace('"C"', '"D"')}, "signature"),
            ("a short signature", {**signed(good), "signature": "AA"}, "signature"),
            ("a long signature", {**signed(good), "signature": "A" * 87}, "signature"),
            ("a person without that right", signed(good, CHAIR, by="p1"), "signature"),
            ("an unknown field", {**signed(good), "more": 1}, "more"),
        ]
        for name, body, field in rows:
            got = put(server, meeting, body)
            check(f"{name}: 400", (got.status, got.json()["error"].get("field")), (400, field))
        who = {"person": "p1", "name": "C", "role": "chair", "key": b64(ed25519.public(CHAIR))}
        for changes, why in (
            ({"seats": None}, "seats missing"),
            ({"people": [{**who, "seat": "NOR"}]}, "people[0].seat must be one of the seats"),
            ({"people": [who, who]}, "people[1].person must not be another's"),
            ({"people": [who, {**who, "person": "p2"}]}, "people[1].key must not be another's"),
        ):
            got = put(server, meeting, signed(manifest(meeting, **changes)))
            check(f"what would not verify in a record: {why}", (got.status, got.json()["error"]["message"]),
                  (400, f"The manifest cannot be read: {why}."))
        check("nothing was kept", get(server, meeting).error(), "unknown_manifest")
        long = manifest(meeting, people=[{"person": f"p{i}", "key": "k" * 200} for i in range(1500)])
        check("a long one: 400", put(server, meeting, signed(long)).json()["error"].get("field"), "manifest")
        most = manifest(meeting, pad="x")
        most = manifest(meeting, pad="x" * (262144 - len(most) + 1))
        check("of as many bytes as may be: 204", (len(most), put(server, meeting, signed(most)).status), (262144, 204))
        # By a person: the organiser's own version, which gives the right, is in it.
        def late(by="p1", seed=CHAIR, **changes):
            base = manifest(meeting, 1, **changes)
            text = manifest(meeting, 3, base={"manifest": base, "signature": signature(ORGANISER, base)})
            return signed(text, seed, by=by)
        check("a person who has no right: 400", put(server, meeting, late(late=None)).error(), "bad_request")
        check("a person with another's key: 400", put(server, meeting, late(seed=OTHER)).error(), "bad_request")
        check("another person: 400", put(server, meeting, late(by="p2")).error(), "bad_request")
        check("the person who may: 204", put(server, meeting, late()).status, 204)
        # What the organiser signed since, a person does not undo by an older base.
        newest = manifest(meeting, 4, revoked=["p7"])
        check("the organiser revokes somebody: 204", put(server, meeting, signed(newest)).status, 204)

        def after(version, base, **changes):
            base = {"manifest": base, "signature": signature(ORGANISER, base)}
            return put(server, meeting, signed(manifest(meeting, version, base=base, **changes), CHAIR, by="p1"))
        old = after(5, manifest(meeting, 1))
        check("on an older base: 409", (old.status, old.json()["error"]["message"]),
              (409, "The manifest builds on the organiser's version 1, and they have signed version 4 since."))
        check("on the newest: 204", after(5, newest, revoked=["p7", "p8"]).status, 204)
        back = after(6, newest, revoked=["p7"])
        check("their own revocation undone: 409", (back.status, back.json()["error"]["message"]),
              (409, "The manifest takes back that p8 is revoked."))
        check("the organiser undoes it: 204", put(server, meeting, signed(manifest(meeting, 6))).status, 204)
    finally:
        server.stop()
        server.remove()


MADE = [{"id": "NOR", "name": "Norway", "country": "NO"}]
SWEDEN = {"id": "SWE", "name": "Sweden", "country": "SE", "guest": False, "weight": 3}


def add_seat(server, meeting, seat):
    got = server.request("POST", f"/api/meetings/{meeting}/seats", seat, server.admin)
    return (got.status, None if got.status == 204 else got.json()["error"].get("field"))


def names_late_seats():
    """a seat is added as the organiser signed it, and stays on the list so"""
    server = Server(PARLEY)
    try:
        meeting, (chair, *_) = make(server)
        check("where nobody signed it is added", add_seat(server, meeting, SWEDEN), (204, None))
        version = 0

        def sign(*seats, late=False):
            nonlocal version
            text = manifest(meeting, version + 1, seats=[*MADE, *seats])
            if late:
                base = {"manifest": sign.organisers, "signature": signature(ORGANISER, sign.organisers)}
                text = manifest(meeting, version + 1, seats=[*MADE, *seats], base=base)
            got = put(server, meeting, signed(text, CHAIR, by="p1") if late else signed(text), chair if late else None)
            if got.status != 204:
                return got.status, got.json()["error"]["field"], got.json()["error"]["message"]
            version += 1
            sign.organisers = sign.organisers if late else text
            return 204

        missing = (400, "manifest", "The manifest must list the seats that were added to this meeting.")
        other = (400, "manifest", "The manifest says something else of a seat than it was added with.")
        check("a list without it: 400", sign(), missing)
        check("a list that says nothing of its weight: 400", sign({n: SWEDEN[n] for n in ("id", "name", "country")}), other)
        check("a list of another weight: 400", sign({**SWEDEN, "weight": 2}), other)
        check("a list of a guest: 400", sign({**SWEDEN, "guest": True}), other)
        check("a list with it: 204", sign(SWEDEN), 204)
        finland = {"id": "FIN", "name": "Finland", "guest": False, "weight": 1}
        check("another that is not on the list: 409", add_seat(server, meeting, finland), (409, "id"))
        check("the chair may not sign it: 400", sign(SWEDEN, finland, late=True)[0], 400)
        check("the organiser may: 204", sign(SWEDEN, finland), 204)
        for field, value in (("name", "Suomi"), ("country", "FI"), ("weight", 2), ("guest", True)):
            check(f"with another {field} than was signed: 409", add_seat(server, meeting, {**finland, field: value}), (409, field))
        check("until it is there its weight may be another: 204", sign(SWEDEN, {**finland, "weight": 2}), 204)
        check("as it is signed now: 204", add_seat(server, meeting, {**finland, "weight": 2}), (204, None))
        check("from then on not: 400", sign(SWEDEN, finland), other)
        check("nor may it be gone: 400", sign(SWEDEN), missing)
        check("the chair's list goes on with all: 204", sign(SWEDEN, {**finland, "weight": 2}, late=True), 204)
        ws.join(server.base, meeting, chair).close()  # nothing is signed before somebody came
        words = [PARLEY, "export", meeting, "--data", str(server.data)]
        record = subprocess.run(words, capture_output=True, timeout=60).stdout
        verified = subprocess.run([PARLEY, "verify", "-"], input=record, capture_output=True, timeout=60)
        check("the record is good", (verified.returncode, verified.stdout), lambda got: got[0] == 0)
        again, _ = make(server)
        with tempfile.TemporaryDirectory() as folder:
            check("a guest where nobody signed", add_seat(server, again, {**SWEDEN, "guest": True, "weight": 1}), (204, None))
            words = ["invite", "--server", server.base, "--token", str(pathlib.Path(server.data, "admin-token")), "--key", folder + "/key", again]
            for turn in ("once", "twice"):
                check(f"parley invite signs it, {turn}", client.run(PARLEY, *words)[::2], (0, ""))
                listed = json.loads(get(server, again).json()["manifest"])["seats"]
                check("with what matters to decisions", listed, [*MADE, {**SWEDEN, "guest": True, "weight": 1}])
    finally:
        server.stop()
        server.remove()


def check_links(server, meeting, lines, version):
    """The links open the meeting, and their secrets are the keys of the manifest."""
    kept = get(server, meeting).json()
    text = json.loads(kept["manifest"])
    key = from_b64(kept["key"])
    check("the manifest bears its signature",
          ed25519.verify(key, b"parley manifest v1\n" + kept["manifest"].encode(), from_b64(kept["signature"])))
    check("it is of this meeting", [text[n] for n in ("v", "meeting", "version", "suite", "encryption", "revoked", "late")],
          [1, meeting, version, 1, "none", [], "p1"])
    check("its seats", text["seats"], [{"id": "NOR", "name": "Norway", "country": "NO"}])
    check("its people", [{n: p[n] for n in ("name", "role", "seat") if n in p} for p in text["people"]], PEOPLE)
    digest = hashlib.sha256(key).digest()
    digits = " ".join(f"{int.from_bytes(digest[i:i + 4], 'big') % 100000:05}" for i in range(0, 32, 4))
    check("the organiser's fingerprint", lines[0], "organiser " + digits)
    check("the definition's hash, as it is signed", (lines[1], text["definition"]), (f"definition {DEFINITION[meeting]}", DEFINITION[meeting]))
    check("a line each", len(lines), 2 + len(PEOPLE))
    for person, line in zip(text["people"], lines[2:]):
        url, fragment = line.split(": ", 1)[1].split("#")
        one, token, secret, fingerprint = fragment.split(".")
        check(f"{person['person']}: the link", (url, one, fingerprint), (f"{server.base}/m/{meeting}", "1", b64(digest)))
        invitation = server.request("GET", f"/api/meetings/{meeting}/invitation", token=token)
        check("opens the meeting to them", invitation.json()["you"]["name"], person["name"])
        seed = ed25519.hkdf(from_b64(secret), b"parley person v1", meeting.encode())
        check("and holds their key", b64(ed25519.public(seed)), person["key"])


def invites():
    """parley invite makes the key, signs, and prints links; another time it goes on"""
    server = Server(PARLEY)
    with tempfile.TemporaryDirectory() as folder:
        key, token = pathlib.Path(folder, "key"), pathlib.Path(server.data, "admin-token")
        words = ["invite", "--server", server.base, "--token", str(token), "--key"]
        try:
            meeting, _ = make(server)
            status, out, errors = client.run(PARLEY, *words, str(key), meeting)
            check("status and errors", (status, errors), (0, ""))
            check_links(server, meeting, out.splitlines(), 1)
            check("the key is its owner's alone", stat.S_IMODE(os.stat(key).st_mode), 0o600)
            before, first = key.read_bytes(), out
            old = [token_of(line) for line in out.splitlines()[2:]]
            status, out, _ = client.run(PARLEY, *words, str(key), meeting)
            check_links(server, meeting, out.splitlines(), 2)
            check("the tokens of before are revoked", [opens(server, meeting, token) for token in old], ["revoked"] * 3)
            check("the same key", (key.read_bytes(), out.splitlines()[0]), (before, first.splitlines()[0]))
            for name, more, part in (
                ("another key", [folder + "/other", meeting], "another organiser's key"),
                ("no such meeting", [str(key), "nnnnnnnnnn"], "404"),
                ("no id", [str(key), "../x"], "no meeting's id"),
                ("no key", [str(token), meeting], "no organiser's key"),
                ("no folder", [folder + "/none/key", meeting], "none/key"),
            ):
                status, out, errors = client.run(PARLEY, *words, *more)
                check(f"{name}: one line, status 2", (status, out, errors.count("\n")), (2, "", 1))
                check(f"{name}: it says so", errors, lambda e: part in e)
            os.chmod(key, 0o640)
            check("a key that others read", client.run(PARLEY, *words, str(key), meeting)[2], lambda e: "others may read it" in e)
            os.chmod(key, 0o600)
            wrong = pathlib.Path(folder, "token")
            wrong.write_text("wrong\n")
            status, _, errors = client.run(PARLEY, "invite", "--server", server.base, "--token", str(wrong), "--key", str(key), meeting)
            check("a wrong token", (status, "401" in errors, "wrong" in errors), (2, True, False))
        finally:
            server.stop()
            server.remove()
        status, _, errors = client.run(PARLEY, "invite", "--server", server.base, "--token", str(wrong), "--key", str(key), "m")
        check("no server", (status, errors.count("\n")), (2, 1))


def token_of(line):
    return line.split("#")[1].split(".")[1]


def opens(server, meeting, token):
    """Whom the token lets in, or why nobody."""
    got = server.request("GET", f"/api/meetings/{meeting}/invitation", token=token)
    return got.json()["you"]["name"] if got.status == 200 else got.error()


class Inviting:
    """A server with a meeting to which everybody was invited by parley invite."""

    def __enter__(self):
        self.server = Server(PARLEY)
        self.folder = tempfile.TemporaryDirectory()
        self.meeting, _ = make(self.server)
        self.tokens = [token_of(line) for line in self.run()[1].splitlines()[2:]]
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.server.remove()
        self.folder.cleanup()

    def run(self, *more, key="key"):
        return client.run(PARLEY, "invite", "--server", self.server.base, "--token", self.server.data + "/admin-token",
                          "--key", f"{self.folder.name}/{key}", *more, self.meeting)

    def manifest(self):
        return json.loads(get(self.server, self.meeting).json()["manifest"])

    def keys(self):
        return {p["person"]: p["key"] for p in self.manifest()["people"]}


class Lying(http.server.BaseHTTPRequestHandler):
    """Between parley invite and a server: says of links, and of whose they are, what `lie` makes of it."""

    lie = staticmethod(lambda answer: answer)
    base = ""

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        asked = urllib.request.Request(self.base + self.path, body, method=self.command)
        for name in ("Authorization", "Content-Type"):
            if name in self.headers:
                asked.add_header(name, self.headers[name])
        try:
            with urllib.request.urlopen(asked) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if self.path.endswith("/invitations"):
            text = json.dumps(self.lie(json.loads(text))).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


def server_lies():
    """no secret is put where it would be sent to the server; whose link it is says what was signed"""
    with Inviting() as i:
        Lying.base = i.server.base
        between = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lying)
        threading.Thread(target=between.serve_forever, daemon=True).start()
        words = ["invite", "--server", f"http://127.0.0.1:{between.server_port}", "--token", i.server.data + "/admin-token",
                 "--key", f"{i.folder.name}/key", "--person", "p2", i.meeting]
        try:
            for what, change in (
                ("no #", lambda url: url.replace("#1.", "?t=1.")),
                ("a # behind a ?", lambda url: url.replace("#1.", "?x#1.")),
                ("another meeting", lambda url: url.replace(i.meeting, "nnnnnnnnnn")),
                ("no scheme", lambda url: url.replace("http://", "")),
                ("a host with a name before it", lambda url: url.replace("http://", "http://a@")),
                ("a # before the path", lambda url: url.replace("/m/", "#/m/")),
                ("nothing", lambda url: ""),
            ):
                Lying.lie = staticmethod(lambda answer: {**answer, "url": change(answer["url"])})
                status, out, errors = client.run(PARLEY, *words)
                check(f"{what}: no link", (status, out, "a link that is none" in errors), (2, "", True))
            Lying.lie = staticmethod(lambda answer: {**answer, "name": "C", "role": "chair", "seat_name": "Denmark"})
            status, out, errors = client.run(PARLEY, *words)
            check("whose it is", (status, errors, out.split(": ")[0]), (0, "", 'Norway, N "Ü", delegate'))
        finally:
            between.shutdown()


def invites_one():
    """parley invite --person makes one link anew and leaves the others"""
    with Inviting() as i:
        before = i.keys()
        there = ws.join(i.server.base, i.meeting, i.tokens[1])
        status, out, errors = i.run("--person", 'N "Ü"')
        check("status and errors", (status, errors), (0, ""))
        check("one line, of theirs", out.splitlines(), lambda lines: len(lines) == 1 and lines[0].startswith('Norway, N "Ü", delegate: '))
        after, url = i.keys(), out.split()[-1]
        check("version 2", i.manifest()["version"], 2)
        check("their key is another", after["p2"] != before["p2"])
        check("nobody else's", {p: k for p, k in after.items() if p != "p2"}, {p: k for p, k in before.items() if p != "p2"})
        seed = ed25519.hkdf(from_b64(url.split(".")[-2]), b"parley person v1", i.meeting.encode())
        check("the link holds it", b64(ed25519.public(seed)), after["p2"])
        check("the link opens", opens(i.server, i.meeting, token_of(out)), 'N "Ü"')
        check("the one before does not, others' do", [opens(i.server, i.meeting, t) for t in i.tokens], ["C", "revoked", "O"])
        check("who was there by it is out", there.until("removed")["reason"], "revoked")
        for name, more, part in (
            ("nobody of this name", ["--person", "X"], "nobody of this meeting"),
            ("nobody of this id", ["--person", "p4"], "nobody of this meeting"),
            ("p0", ["--revoke", "p0"], "nobody of this meeting"),
            ("both", ["--person", "p1", "--revoke", "p2"], "do not go together"),
        ):
            status, out, errors = i.run(*more)
            check(f"{name}: refused", (status, out, part in errors, errors.count("\n")), (2, "", True, 1))
        check("another organiser: refused", i.run("--person", "p1", key="other")[2], lambda e: "another organiser's key" in e)
        meeting, _ = make(i.server)
        i.meeting = meeting
        check("nobody was invited: refused", i.run("--person", "p1")[2], lambda e: "invite everybody first" in e)


def revokes():
    """parley invite --revoke voids a link, which stays so until it is made anew"""
    with Inviting() as i:
        there = ws.join(i.server.base, i.meeting, i.tokens[1])
        status, out, errors = i.run("--revoke", "p2")
        check("status, output, errors", (status, out, errors), (0, "", ""))
        check("it is in the manifest", (i.manifest()["revoked"], i.manifest()["version"]), (["p2"], 2))
        check("their token does not open, others' do", [opens(i.server, i.meeting, t) for t in i.tokens], ["C", "revoked", "O"])
        check("who was there is out", there.until("removed")["reason"], "revoked")
        check("twice is once", (i.run("--revoke", "p2")[0], i.manifest()["revoked"]), (0, ["p2"]))
        status, out, _ = i.run()
        check("who invites all leaves them out", [line.split(":")[0] for line in out.splitlines()[2:]], ["C, chair", "O, observer"])
        check("and they stay revoked", (i.manifest()["revoked"], sorted(i.keys())), (["p2"], ["p1", "p3"]))
        status, out, _ = i.run("--person", "p2")
        check("made anew they are in again", (status, i.manifest()["revoked"], sorted(i.keys())), (0, [], ["p1", "p2", "p3"]))
        check("by the new link", opens(i.server, i.meeting, token_of(out)), 'N "Ü"')


def revokes_over_rest():
    """DELETE …/people/ID: who presides may, but for the chair and themselves"""
    server = Server(PARLEY)
    try:
        people = [{"name": "C", "role": "chair"}, {"name": "S", "role": "secretary"}, {"name": "O", "role": "observer"}, {"name": "Q", "role": "observer"}]
        made = server.create(people=people).json()
        meeting, (chair, secretary, observer, other) = made["id"], [i["token"] for i in made["invitations"]]
        def revoke(person, token):
            got = server.request("DELETE", f"/api/meetings/{meeting}/people/{person}", token=token)
            return got.status if got.status == 204 else got.error()
        check("an observer: 403", revoke("p4", observer), "forbidden")
        check("nobody: 401", revoke("p4", None), "unknown_token")
        check("no such person: 404", [revoke(p, chair) for p in ("p5", "p0", "x")], ["unknown_person"] * 3)
        check("no such meeting: 404", server.request("DELETE", "/api/meetings/none/people/p1", token=server.admin).error(), "unknown_meeting")
        check("the secretary, the chair: 403", revoke("p1", secretary), "forbidden")
        check("the chair, themselves: 403", revoke("p1", chair), "forbidden")
        more = server.request("POST", f"/api/meetings/{meeting}/invitations", {"person": "p3"}, server.admin).json()["token"]
        check("one more does not replace", [opens(server, meeting, t) for t in (observer, more)], ["O", "O"])
        check("the chair, an observer: 204", revoke("p3", chair), 204)
        check("every invitation of theirs", [opens(server, meeting, t) for t in (observer, more)], ["revoked", "revoked"])
        check("and no other", [opens(server, meeting, t) for t in (chair, secretary, other)], ["C", "S", "Q"])
        check("the secretary, an observer: 204", revoke("p4", secretary), 204)
        check("the administrator, the chair: 204", (revoke("p1", server.admin), opens(server, meeting, chair)), (204, "revoked"))
        new = server.request("POST", f"/api/meetings/{meeting}/invitations", {"person": "p2", "replaces": True}, server.admin).json()["token"]
        check("one that replaces", [opens(server, meeting, t) for t in (secretary, new)], ["revoked", "S"])
        bad = server.request("POST", f"/api/meetings/{meeting}/invitations", {"person": "p2", "replaces": 1}, server.admin)
        check("replaces is yes or no: 400", (bad.status, bad.json()["error"]["field"]), (400, "replaces"))
    finally:
        server.stop()
        server.remove()


def invites_over_tls():
    """parley invite verifies the server's certificate"""
    with tempfile.TemporaryDirectory() as folder:
        cert, private = folder + "/cert.pem", folder + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", private, "-out", cert, "-days", "2", "-subj", "/CN=parley test",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        server = Server(PARLEY, "--tls-cert", cert, "--tls-key", private)
        try:
            meeting, _ = make(server)
            words = ["invite", "--server", server.base, "--token", server.data + "/admin-token", "--key", folder + "/k", meeting]
            status, out, errors = client.run(PARLEY, *words)
            check("of nobody known: refused", (status, out, errors.count("\n")), (2, "", 1))
            check("and nothing was put", get(server, meeting).error(), "unknown_manifest")
            os.environ["SSL_CERT_FILE"] = cert
            status, out, errors = client.run(PARLEY, *words)
            check("of somebody known", (status, errors, len(out.splitlines())), (0, "", 2 + len(PEOPLE)))
        finally:
            os.environ.pop("SSL_CERT_FILE", None)
            server.stop()
            server.remove()


for test in (is_kept, is_told, is_bound, is_checked, names_late_seats, invites, server_lies, invites_one, revokes, revokes_over_rest, invites_over_tls):
    run(test)
sys.exit(finish())
