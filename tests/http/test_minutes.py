#!/usr/bin/env python3
"""The minutes of a meeting over HTTP: who may read them, their forms, corrections, adoption.
usage: test_minutes.py PARLEY"""

import hashlib
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from client import Server
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
CHAIR, NORWAY, ESTONIA, BRIEFER, OBSERVER, RAPPORTEUR = range(6)
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": "N", "role": "delegate", "seat": "NOR"},
    {"name": "E", "role": "delegate", "seat": "EST"},
    {"name": "G", "role": "briefer", "item": "one"},
    {"name": "O", "role": "observer"},
    {"name": "R", "role": "rapporteur"},
]
MEETING = {
    "title": "T",
    "floor": "chaired",
    "encryption": "none",
    "seats": [{"id": "NOR", "name": "Norway"}, {"id": "EST", "name": "Estonia"}],
    "people": PEOPLE,
    "prepared": [{"act": "put_item", "item": "one", "title": "First"}],
}


class Meeting:
    def __init__(self, server, **changes):
        made = server.request("POST", "/api/meetings", {**MEETING, **changes}, server.admin).json()
        self.server, self.id = server, made["id"]
        self.tokens = [i["token"] for i in made["invitations"]]

    def come(self, who):
        return join(self.server.base, self.id, self.tokens[who])

    def get(self, who, query=""):
        token = self.server.admin if who is None else self.tokens[who]
        return self.server.request("GET", f"/api/meetings/{self.id}/minutes{query}", token=token)

    def text(self, who=None):
        answer = self.get(who, "?format=text")
        return " ".join(answer.body.decode().split())

    def hash(self):
        return self.get(None).json()["hash"]


def act(person, kind, told, **fields):
    """The message that tells what it did; `told`: its type, and what must hold of it."""
    person.send({"type": kind, **fields})
    return person.until(told[0], told[1])


def close(chair):
    act(chair, "set_session", ("session", lambda m: m["session"] == "closed"), session="closed")


def reads():
    """the minutes are read in both languages and three forms, by those who may"""
    server = Server(PARLEY)
    try:
        m = Meeting(server)
        check("nobody reads them before the meeting but who presides", [m.get(i).status for i in range(6)],
              [200, 403, 403, 403, 403, 403])
        check("the administrator may", m.get(None).status, 200)
        chair, norway = m.come(CHAIR), m.come(NORWAY)
        act(chair, "take_item", ("session", lambda s: s.get("item") == "one"), item="one")
        briefer = m.come(BRIEFER)
        check("who is in the room reads them", m.get(NORWAY).status, 200)
        check("who is not there does not", m.get(ESTONIA).status, 403)
        check("a guest of an item never does", (m.get(BRIEFER).status, m.get(BRIEFER).json()["error"]["code"]), (403, "forbidden"))
        act(chair, "give_floor", ("floor", lambda f: f.get("seat") == "NOR"), participant="p2")
        check("what happens is in them at once", "Norway (N) had the floor since" in m.text(NORWAY), True)
        french = m.get(NORWAY, "?language=fr&format=html")
        check("in French, as HTML", (french.headers["content-type"], "Point 1\u00a0: First" in french.body.decode()),
              ("text/html; charset=utf-8", True))
        check("a file of its own", french.headers["content-disposition"], f'attachment; filename="minutes-{m.id}-fr.html"')
        json = m.get(NORWAY).json()
        check("as JSON", (json["language"], any(line["text"] == "Item 1: First" for line in json["lines"])), ("en", True))
        for query, field in (("?language=de", "language"), ("?format=pdf", "format"), ("?language=en&language=fr", "language")):
            bad = m.get(NORWAY, query)
            check(f"{query} is refused", (bad.status, bad.json()["error"]["field"]), (400, field))
        check("nobody without an invitation", server.request("GET", f"/api/meetings/{m.id}/minutes").status, 401)
        close(chair)
        for person in (chair, norway, briefer):
            person.close()
        check("once it is closed those who were invited read them", [m.get(i).status for i in range(6)],
              [200, 200, 200, 403, 200, 200])
    finally:
        server.stop()
        server.remove()


def lobby():
    """where there is a lobby, who was not let in reads nothing"""
    server = Server(PARLEY)
    try:
        m = Meeting(server, lobby=True)
        chair, norway = m.come(CHAIR), m.come(NORWAY)
        check("not from the lobby", m.get(NORWAY).status, 403)
        act(chair, "admit", ("participant", lambda p: p["participant"]["id"] == "p2" and p["participant"]["place"] == "room"),
            participant="p2", admitted=True)
        check("once let in", m.get(NORWAY).status, 200)
        close(chair)
        norway.close()
        check("and afterwards, but nobody else", (m.get(NORWAY).status, m.get(ESTONIA).status), (200, 403))
        act(chair, "remove", ("gone", lambda g: g["participant"] == "p2"), participant="p2")
        check("who is removed does not", m.get(NORWAY).status, 403)
    finally:
        server.stop()
        server.remove()


def exported(m, texts, named):
    """what was adopted is in the exported record, before the event that names its hash"""
    done = subprocess.run([PARLEY, "export", m.id, "--data", str(m.server.data)], capture_output=True, timeout=60)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    place = next((i for i, line in enumerate(lines) if line.get("record") == "minutes"), -1)
    check("the record has their text", place > 0)
    check("and nothing else of them", sorted(lines[place]), ["en", "fr", "record"])
    check("byte for byte", (lines[place]["en"] + lines[place]["fr"]).encode(), texts)
    check("before their event", (lines[place + 1]["act"], lines[place + 1]["hash"]), ("adopt_minutes", named))

    def verified(record):
        told = subprocess.run([PARLEY, "verify", "-"], input=record, capture_output=True, timeout=60)
        return told.returncode, told.stdout.decode()

    status, told = verified(done.stdout)
    check("which is verified", (status, "the text that was adopted is in the file" in told), (0, True))
    status, told = verified(done.stdout.replace(b"Norway spoke on energy.\xe2", b"Norway spoke on energy!\xe2"))
    check("another text is found", (status, "The minutes before this event are not those" in told), (1, True))


def commanded(m, texts):
    """parley minutes says what the server says, also without one"""
    def command(*options):
        done = subprocess.run([PARLEY, "minutes", m.id, "--data", str(m.server.data), *options], capture_output=True, timeout=60)
        return done.stdout if done.returncode == 0 else done.stderr

    check("the command writes what was adopted", command() + command("--language", "fr"), texts)
    page = command("--format", "html", "--language", "fr", "--public-url", "https://p.example")
    served = m.get(CHAIR, "?format=html&language=fr").body
    check("and the page", b"V\xc3\xa9rifier ce proc\xc3\xa8s-verbal" in page and b"https://p.example/verify</code>" in page, True)
    checkpoint = m.server.request("GET", f"/api/meetings/{m.id}/record/checkpoint", token=m.server.admin).body.decode().split("\n")
    check("with its last checkpoint", all(f"<dd>{line}</dd>".encode() in page for line in checkpoint[:3]), True)
    check("as the server's has it", all(f"<dd>{line}</dd>".encode() in served for line in checkpoint[:3]), True)
    check("which leads to itself", f"{m.server.base}/verify</code>".encode() in served, True)
    unknown = command("--format", "html")
    check("where no name is known there is no code", b"<svg" in unknown, False)
    done = subprocess.run([PARLEY, "minutes", "none", "--data", str(m.server.data)], capture_output=True, timeout=60)
    check("a meeting that is none", (done.returncode, b"there is no meeting none" in done.stderr), (2, True))


def papers(server, m):
    """a file of minutes is held against those that were adopted"""
    with tempfile.TemporaryDirectory() as folder:
        record, paper = pathlib.Path(folder, "record"), pathlib.Path(folder, "paper")
        record.write_bytes(subprocess.run([PARLEY, "export", m.id, "--data", str(server.data)], capture_output=True, check=True).stdout)
        en, fr = (m.get(CHAIR, f"?format=text&language={language}").body for language in ("en", "fr"))

        def verify(name=paper):
            done = subprocess.run([PARLEY, "verify", str(record), "--paper", str(name)], capture_output=True, text=True, timeout=60)
            return done.returncode, done.stdout + done.stderr
        for what, text in (("in English", en), ("in French", fr), ("in both", en + fr)):
            paper.write_bytes(text)
            status, told = verify()
            check(f"the minutes {what} are those that were adopted", (status, "is that of the paper that you gave" in told), (0, True))
        for what, text in (("a letter less", en[:-2] + b"\n"), ("the languages the other way round", fr + en), ("an empty file", b"")):
            paper.write_bytes(text)
            status, told = verify()
            check(f"{what} are not", (status, "The minutes that you gave are not those that were adopted." in told), (1, True))
        check("a file that is not there", verify(pathlib.Path(folder, "none"))[0], 2)


def adopts():
    """corrections are proposed and settled, and what the chair read is adopted; a restart changes nothing"""
    server = Server(PARLEY)
    try:
        m = Meeting(server)
        chair, norway = m.come(CHAIR), m.come(NORWAY)
        rapporteur = m.come(RAPPORTEUR)
        act(chair, "give_floor", ("floor", lambda f: f.get("seat") == "NOR"), participant="p2")
        line = next(l for l in m.get(NORWAY).json()["lines"] if "had the floor" in l["text"])
        act(rapporteur, "annotate", ("minutes", lambda s: s["notes"]), event=line["event"], text="On energy.")
        check("a note stands by its line", "had the floor since" in m.text() and "Note (R): On energy." in m.text(), True)
        close(chair)
        act(chair, "open_corrections", ("minutes", lambda s: "until" in s), until=int(time.time() * 1000) + 60000)
        correction = act(norway, "propose_correction", ("minutes", lambda s: s["corrections"]), event=line["event"],
                         language="EN", text="Norway spoke on energy.")["corrections"][0]
        check("as it was proposed", (correction["seat"], correction["event"], "accepted" in correction), ("NOR", line["event"], False))
        chair.send({"type": "adopt_minutes", "hash": m.hash()})
        check("not before the period is over", chair.until("error")["message"], "The period for corrections is not over.")
        act(chair, "settle_correction", ("minutes", lambda s: s["corrections"][0].get("accepted")),
            correction=correction["correction"], accepted=True)
        check("accepted, it stands in them", "As corrected at the request of Norway: “Norway spoke on energy.”" in m.text(), True)
        chair.send({"type": "open_corrections"})
        chair.send({"type": "adopt_minutes", "hash": "0" * 64})
        error = chair.until("error")
        check("only what was read is adopted", (error["field"], error["message"]),
              ("hash", "The minutes are not those that you read; read them again."))
        texts = b"".join(m.get(CHAIR, f"?format=text&language={l}").body for l in ("en", "fr"))
        check("the hash is that of both texts", hashlib.sha256(texts).hexdigest(), m.hash())
        adopted = act(chair, "adopt_minutes", ("minutes", lambda s: "adopted" in s), hash=m.hash())
        check("adopted", adopted["hash"], m.hash())
        papers(server, m)
        norway.close()
        rapporteur.close()
        check("and fixed", m.hash(), adopted["hash"])
        html = m.get(ESTONIA, "?format=html").body.decode()
        check("they say so", f"English followed by the text in French: <code>{adopted['hash']}</code>" in html, True)
        chair.send({"type": "set_session", "session": "open"})
        check("the session stays closed", chair.until("error")["message"], "The minutes are adopted; the session stays closed.")
        server.stop(signal.SIGKILL)
        server = m.server = Server(PARLEY, data=server.data)
        again = b"".join(m.get(CHAIR, f"?format=text&language={l}").body for l in ("en", "fr"))
        check("after a restart they are the same", again, texts)
        exported(m, texts, adopted["hash"])
        m.come(CHAIR).until("checkpoint")
        commanded(m, texts)
    finally:
        server.stop()
        server.remove()


run(reads, lobby, adopts)
finish()
