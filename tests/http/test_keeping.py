#!/usr/bin/env python3
"""The key of records, the server's own log, backup and restore. usage: test_keeping.py PARLEY"""

import base64
import collections
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import sys
import tempfile

import client
import ed25519
from client import Server
from tap import check, finish, run
from witness import Witness
from ws import join

PARLEY = sys.argv[1]


Done = collections.namedtuple("Done", "returncode stdout stderr")


def parley(*words):
    return Done(*client.run(PARLEY, *words))


def key_of(vkey):
    """The 32 bytes of a verifier key."""
    return base64.b64decode(vkey.split("+", 2)[2])[1:]


def verifies(note, name, key):
    """Whether the first signature of a note is by this name and key."""
    text, lines = note.rsplit("\n\n", 1)
    dash, who, signature = lines.split("\n")[0].split(" ")
    return (dash, who) == ("—", name) and ed25519.verify(key, (text + "\n").encode(), base64.b64decode(signature)[4:])


def root_of(text, index, size, proof):
    """RFC 9162, 2.1.3.2"""
    leaf, fn, sn = hashlib.sha256(b"\0" + text.encode()).digest(), index, size - 1
    for other in map(base64.b64decode, proof):
        right = fn & 1 or fn == sn
        leaf = hashlib.sha256(b"\1" + (other + leaf if right else leaf + other)).digest()
        while right and fn and not fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    return base64.b64encode(leaf).decode()


def leaves_a_tombstone():
    """what becomes of a meeting is in the server's log, and outlives it"""
    server = Server(PARLEY, "--public-url", "https://parley.example.org")
    try:
        key = key_of(parley("key", "show", "--data", server.data).stdout.strip())
        made = server.create().json()
        meeting = made["id"]
        told = join(server.base, meeting, made["invitations"][0]["token"]).until("checkpoint")
        check("a record's checkpoint is by the key", verifies(told["note"], f"parley.example.org/{meeting}", key), True)
        check("deleted", server.request("DELETE", f"/api/meetings/{meeting}", token=server.admin).status, 204)
        found = server.request("GET", f"/api/log/meetings/{meeting}")
        check("anybody who knows its id is told", found.status, 200)
        found = found.json()
        note = found["checkpoint"]
        check("the log is signed", verifies(note, "parley.example.org/server", key), True)
        check("so it says by itself", server.request("GET", "/api/log/checkpoint").body.decode(), note)
        size, root = int(note.split("\n")[1]), note.split("\n")[2]
        events = [json.loads(e["event"]) for e in found["events"]]
        check("made and deleted", [e["act"] for e in events], ["created", "deleted"])
        check("no shorter than what was shown", events[1]["size"] >= told["size"], True)
        if events[1]["size"] == told["size"]:
            check("and the same", events[1]["root"], told["note"].split("\n")[2])
        for e in found["events"]:
            check(f"event {e['number']} is in it", root_of(e["event"], e["number"] - 1, size, e["proof"]), root)
        unknown = server.request("GET", "/api/log/meetings/bcdfghjkmn")
        check("of another it says nothing", (unknown.status, unknown.error()), (404, "unknown_meeting"))
        odd = server.request("GET", "/api/log/meetings/%22")
        check("nor of what is no id", odd.status, 404)
    finally:
        server.stop()
        server.remove()


def rotates():
    """the key is shown, backed up, and rotated while no server runs; the old one signs the new one"""
    server = Server(PARLEY)
    copy = os.path.join(server.data, "copy.key")
    try:
        old = parley("key", "show", "--data", server.data).stdout.strip()
        check("its name without a public URL", old.split("+")[0], "parley")
        check("backed up", parley("key", "backup", copy, "--data", server.data).returncode, 0)
        check("for its owner alone", stat.S_IMODE(os.stat(copy).st_mode), 0o600)
        again = parley("key", "backup", copy, "--data", server.data)
        check("nothing is written over", (again.returncode, "there is a file of that name" in again.stderr), (2, True))
        busy = parley("key", "rotate", "--data", server.data)
        check("not beside a running server", (busy.returncode, "another server" in busy.stderr), (2, True))
        made = server.create().json()
        join(server.base, made["id"], made["invitations"][0]["token"]).until("checkpoint")
        server.stop()
        rotated = parley("key", "rotate", "--data", server.data)
        new = rotated.stdout.strip()
        check("another key of the same name", (rotated.returncode, new != old, new.split("+")[0]), (0, True, "parley"))
        check("is the key now", parley("key", "show", "--data", server.data).stdout.strip(), new)
        check("nothing is left over", os.path.exists(os.path.join(server.data, "record.key.next")), False)
        server = Server(PARLEY, data=server.data)
        note = server.request("GET", "/api/log/checkpoint").body.decode()
        check("it signs", verifies(note, "parley/server", key_of(new)), True)
        check("and the log has both", note.split("\n")[1], "3")
        exported = parley("export", made["id"], "--data", server.data)
        check("a record from before goes on", (exported.returncode, exported.stderr), (0, ""))
        lines = [line.split(":")[1].split(",")[0] for line in exported.stdout.splitlines() if line.startswith('{"record"')]
        check("with the rotation in it", (lines[0], lines.count('"rotation"'), lines[-1]), ('"head"', 1, '"end"'))
        join(server.base, made["id"], made["invitations"][0]["token"]).until("checkpoint", lambda m: "from" in m)
        record = os.path.join(server.data, "record.jsonl")
        with open(record, "w") as file:
            file.write(parley("export", made["id"], "--data", server.data).stdout)
        for key in (old, new):
            verified = parley("verify", record, "--key", key)
            check("and verifies by either key", (verified.returncode, verified.stderr), (0, ""))
        later = server.create().json()
        join(server.base, later["id"], later["invitations"][0]["token"]).until("checkpoint")
        exported = parley("export", later["id"], "--data", server.data)
        check("one from after has none", (exported.returncode, '"rotation"' in exported.stdout), (0, False))
    finally:
        server.stop()
        server.own = True
        server.remove()


def keeps_its_key():
    """a server that has signed does not start without its key, nor with another"""
    server = Server(PARLEY)
    key, first = os.path.join(server.data, "record.key"), os.path.join(server.data, "first")
    words = ["serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", server.data]
    try:
        server.stop()
        os.rename(key, first)
        gone = parley(*words)
        check("without it", (gone.returncode != 0, gone.stderr.count("\n"), "is gone: put its copy" in gone.stderr), (True, 1, True))
        check("and makes none", os.path.exists(key), False)
        shutil.copy(first, key)
        check("rotated", parley("key", "rotate", "--data", server.data).returncode, 0)
        second = os.path.join(server.data, "second")
        os.rename(key, second)
        shutil.copy(first, key)
        other = parley(*words)
        check("with the one before", (other.returncode != 0, other.stderr.count("\n"), "not the key that" in other.stderr), (True, 1, True))
        os.rename(second, key)
        server = Server(PARLEY, data=server.data)
        check("with its own it does", server.request("GET", "/api/log/checkpoint").status, 200)
    finally:
        server.stop()
        server.own = True
        server.remove()


def backs_up():
    """a copy that is made beside a running server becomes another server's meetings"""
    server = Server(PARLEY)
    folder = tempfile.mkdtemp()
    copy, data = os.path.join(folder, "copy"), os.path.join(folder, "data")
    try:
        made = server.create().json()
        told = join(server.base, made["id"], made["invitations"][0]["token"]).until("checkpoint")
        check("copied", parley("backup", copy, "--data", server.data).returncode, 0)
        check("for its owner alone", stat.S_IMODE(os.stat(copy).st_mode), 0o600)
        check("nothing is written over", parley("backup", copy, "--data", server.data).returncode, 2)
        restored = parley("restore", copy, "--data", data)
        check("restored, with a word on the key", (restored.returncode, "no record.key" in restored.stdout), (0, True))
        check("once", parley("restore", copy, "--data", data).returncode, 2)
        shutil.copy(os.path.join(server.data, "record.key"), data)
        other = Server(PARLEY, data=data)
        again = join(other.base, made["id"], made["invitations"][0]["token"]).until("checkpoint")
        check("the other goes on from there", (again["size"], again["note"]), (told["size"], told["note"]))
        other.stop()
        with open(copy, "r+b") as file:
            file.seek(5000)
            file.write(b"\xff" * 3000)
        damaged = parley("restore", copy, "--data", os.path.join(folder, "third"))
        check("a damaged copy is told", (damaged.returncode, damaged.stderr.count("\n")), (2, 1))
        check("and makes no store", os.path.exists(os.path.join(folder, "third", "parley.db")), False)
        with open(copy, "w") as file:
            file.write("something else")
        check("so is what is none", parley("restore", copy, "--data", os.path.join(folder, "third")).returncode, 2)
        nowhere = parley("backup", os.path.join(folder, "x"), "--data", os.path.join(folder, "nothing"))
        check("and a folder that is none", (nowhere.returncode, nowhere.stderr.count("\n")), (2, 1))
    finally:
        server.stop()
        server.remove()
        shutil.rmtree(folder)


def is_witnessed():
    """a witness elsewhere cosigns the record, and goes on from what it saw"""
    server = Server(PARLEY)
    elsewhere = Witness()
    try:
        made = server.create().json()
        origin = f"parley/{made['id']}"
        words = ("witness", made["id"], "--data", server.data, "--key", elsewhere.vkey, "--url", elsewhere.url + "/")
        early = parley(*words)
        check("nothing is signed yet", (early.returncode, "is signed yet" in early.stderr), (2, True))
        nowhere = parley("witness", "none", *words[2:])
        check("nor is there such a meeting", (nowhere.returncode, "there is no meeting none" in nowhere.stderr), (2, True))
        person = join(server.base, made["id"], made["invitations"][0]["token"])
        first = person.until("checkpoint")
        unknown = parley(*words)
        check("a witness that does not know the log", unknown.returncode, 2)
        told = unknown.stderr.split()[-1]
        check("is to be given its key", told.split("+")[0], origin)
        elsewhere.key = key_of(told)
        for size in (first["size"], None):
            done = parley(*words)
            check("it cosigns", (done.returncode, done.stdout.split(" ")[0], done.stderr), (0, elsewhere.name, ""))
            note = server.request("GET", f"/api/meetings/{made['id']}/record/checkpoint", token=server.admin).body.decode()
            check("which is in the record", f"— {elsewhere.name} " in note, True)
            if size:
                check("of this checkpoint", elsewhere.logs[origin][0], size)
                again = parley(*words)
                check("once is enough", (again.returncode, "cosigned the last checkpoint" in again.stdout), (0, True))
                person.send({"type": "leave"})
                person = join(server.base, made["id"], made["invitations"][0]["token"])
                person.until("checkpoint", lambda m: m["size"] > size)
        last = elsewhere.logs[origin][0]
        person.send({"type": "leave"})
        join(server.base, made["id"], made["invitations"][0]["token"]).until("checkpoint", lambda m: m["size"] > last)
        elsewhere.logs[origin] = (last, base64.b64encode(b"x" * 32).decode())
        forked = parley(*words)
        check("another history is told", (forked.returncode, "another history" in forked.stderr), (2, True))
        elsewhere.logs[origin] = (1000, "")
        back = parley(*words)
        check("so is one that was set back", (back.returncode, "set back" in back.stderr), (2, True))
        away = parley(*words[:-1], "http://witness.example")
        check("by http to this machine alone", (away.returncode, "not an address by https" in away.stderr), (2, True))
        server.stop()
        kept = sqlite3.connect(os.path.join(server.data, "parley.db"), isolation_level=None)
        version = kept.execute("PRAGMA user_version").fetchone()[0]
        kept.execute(f"PRAGMA user_version = {version - 1}")
        old = parley(*words)
        check("a database of another version is refused", (old.returncode, old.stderr.count("\n")), (2, 1))
        check("and left as it is", kept.execute("PRAGMA user_version").fetchone()[0], version - 1)
        kept.close()
    finally:
        elsewhere.close()
        server.stop()
        server.remove()


run(leaves_a_tombstone, rotates, keeps_its_key, backs_up, is_witnessed)
sys.exit(finish())
