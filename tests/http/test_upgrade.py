#!/usr/bin/env python3
"""One server hands over to the next: the command, what is kept, and that nothing is lost if it fails. usage: test_upgrade.py PARLEY"""

import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile

import client
from client import WAIT, Server
from tap import check, finish, run
from ws import WebSocket, join

PARLEY = sys.argv[1]

# A program that speaks as the next server does, up to a point. The head of a message: magic, kind, bytes, descriptors.
IMPOSTOR = """#!{python}
import os, socket, struct, sys
s = socket.socket(fileno=int(os.environ["PARLEY_HANDOVER"]))
HEAD = "=IIQII"
def send(kind, text):
    s.sendall(struct.pack(HEAD, 0x50524C48, kind, len(text), 0, 0) + text)
def receive():
    head = s.recv(24, socket.MSG_WAITALL)
    left, descriptors = struct.unpack(HEAD, head)[2:4]
    left += -(-descriptors // 250)  # a byte with each so many
    while left:
        left -= len(s.recv(min(left, 65536)))
{rest}
"""
REFUSALS = (
    ("it ends at once", None, "did not start"),
    ("another version", "send(1, struct.pack('=I', 999))\ns.recv(1)", "version 999"),
    ("no version", "send(1, b'')\ns.recv(1)", "version 0"),
    ("nonsense", "s.sendall(b'x' * 100)\ns.recv(1)", "did not start"),
    ("it takes the state and ends", "send(1, struct.pack('=I', {version}))\nreceive()", "ended"),
    ("it takes the state and refuses it", "send(1, struct.pack('=I', {version}))\nreceive()\nsend(4, b'no such option')\ns.recv(1)", "no such option"),
)


class Copied(Server):
    """A server whose program is a file of its own, which may be replaced."""

    def __init__(self, *options, **more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="parley-upgrade-"))
        self.program = self.folder / "parley"
        shutil.copy(PARLEY, self.program)
        super().__init__(str(self.program), *options, **more)

    @property
    def pid(self):
        return int(pathlib.Path(self.data, "lock").read_text())

    def upgrade(self):
        return client.run(PARLEY, "upgrade", "--data", self.data)

    def replace(self, text):
        """By a script; what was there comes back by `restore`."""
        self.program.rename(self.folder / "whole")
        self.program.write_text(text)
        self.program.chmod(0o755)

    def restore(self):
        (self.folder / "whole").rename(self.program)

    def end(self):
        """Of whichever process it is now: it is gone when nobody writes where the first one did."""
        os.kill(self.pid, signal.SIGTERM)
        for reader in self.readers:
            reader.join(WAIT)
        alive = any(reader.is_alive() for reader in self.readers)
        self.process.wait(WAIT)
        self.remove()
        shutil.rmtree(self.folder)
        return not alive


def hands_over():
    """an empty server hands over, and again"""
    server = Copied()
    first = server.process.pid
    check("the lock names the process", server.pid, first)
    status, out, errors = server.upgrade()
    second = server.pid
    check("the command says the new process", (status, out, errors), (0, f"handed over to process {second}\n", ""))
    check("it is another one", second != first)
    check("the first ended well", server.process.wait(WAIT), 0)
    check("the server answers at the same address", server.request("GET", "/api/meetings", token=server.admin).status, 200)
    check("and hands over again", server.upgrade()[0], 0)
    check("to a third", server.pid not in (first, second))
    check("the server says how long media stood still", sum("media stood still for" in line for line in server.lines), 2)
    check("and not again where it listens", sum(line.startswith("listening") for line in server.lines), 1)
    check("a second server is kept out of the folder", client.run(PARLEY, "serve", "--data", server.data, "--listen", "127.0.0.1:0")[0], 2)
    check("it ends", server.end())


def come(server, meeting, token, page):
    ws = WebSocket(server.base)
    ws.send({"type": "hello", "meeting": meeting, "token": token, "page": page})
    ws.welcome = ws.until("welcome")
    return ws


def keeps_people():
    """who is there stays, with what is in no record"""
    server = Copied()
    made = server.create(people=[{"name": "C", "role": "chair"}, {"name": "D", "role": "delegate", "seat": "NOR"}]).json()
    tokens = [i["token"] for i in made["invitations"]]
    chair = come(server, made["id"], tokens[0], "c" * 22)
    d = come(server, made["id"], tokens[1], "d" * 22)
    d.send({"type": "media", "microphone": True, "camera": False, "screen": False, "screen_sound": False})
    chair.send({"type": "mute", "participant": "p2"})
    d.until("muted")
    chair.send({"type": "chat", "text": "Before it."})
    d.until("chat")
    chair.send({"type": "put_item", "item": "i", "title": "Just before it"})
    chair.until("recorded")
    before = server.request("GET", f"/api/meetings/{made['id']}/record/events", token=server.admin).json()["recorded"]
    check("it is handed over", server.upgrade()[0], 0)
    for ws in (chair, d):
        while ws.receive():
            pass
    check("both are there", server.request("GET", f"/api/meetings/{made['id']}", token=server.admin).json()["participants"], 2)
    again = come(server, made["id"], tokens[1], "d" * 22)
    check("as the same participant", again.welcome["you"], d.welcome["you"])
    check("still muted by the chair", again.until("participant", lambda m: m["participant"]["id"] == "p2")["participant"]["muted_by_chair"])
    check("who is told what was said", again.until("chat")["text"], "Before it.")
    events = server.request("GET", f"/api/meetings/{made['id']}/record/events", token=server.admin).json()
    check("the record has all, and nothing of it", (events["recorded"], "restarted" in str(events)), (before, False))
    check("its last event too", "Just before it" in str(events["events"][-1]))
    came = come(server, made["id"], tokens[0], "c" * 22)
    came.send({"type": "put_item", "item": "j", "title": "After it"})
    check("and goes on", came.until("recorded")["number"], before + 1)
    check("it ends", server.end())


def goes_on_if_not():
    """if the next one does not take it, nothing happened"""
    version = next(int(line.split()[-1]) for line in
                   (pathlib.Path(__file__).parents[2] / "src/base/carry.h").read_text().splitlines() if "PL_CARRY_VERSION " in line and "define" in line)
    server = Copied()
    made = server.create().json()
    a = join(server.base, made["id"], made["invitations"][0]["token"])
    first = server.pid
    for name, rest, why in REFUSALS:
        server.replace("#!/bin/sh\nexit 1\n" if rest is None else IMPOSTOR.format(python=sys.executable, rest=rest.replace("{version}", str(version))))
        status, _, errors = server.upgrade()
        server.restore()
        check(f"{name}: refused, and why", (status, why in errors, "goes on as it was" in errors), (2, True, True))
        check(f"{name}: the same process", server.pid, first)
        a.send({"type": "ping"})
        check(f"{name}: nobody noticed", a.until("pong")["type"], "pong")
    check("after all that it can be handed over", server.upgrade()[0], 0)
    check("it ends", server.end())
    check("each was said in the log", sum("not handed over, and goes on" in line for line in server.errors), len(REFUSALS))


def refuses_a_newer_store():
    """a store of another form is not made over in passing"""
    import sqlite3

    server = Copied()
    with sqlite3.connect(pathlib.Path(server.data, "parley.db")) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute(f"PRAGMA user_version = {version - 1}")
    status, _, errors = server.upgrade()
    check("it says to stop and start", (status, "start it anew" in errors), (2, True))
    with sqlite3.connect(pathlib.Path(server.data, "parley.db")) as db:
        db.execute(f"PRAGMA user_version = {version}")
    check("it ends", server.end())


def without_a_server():
    """where no server runs"""
    with tempfile.TemporaryDirectory() as folder:
        status, _, errors = client.run(PARLEY, "upgrade", "--data", folder)
        check("the command says so", (status, "no server runs there" in errors), (2, True))


def tells_systemd():
    """the service manager knows the main process"""
    with tempfile.TemporaryDirectory() as folder:
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.settimeout(WAIT)
        manager.bind(f"{folder}/notify")
        os.environ["NOTIFY_SOCKET"] = f"{folder}/notify"
        try:
            server = Copied()
        finally:
            del os.environ["NOTIFY_SOCKET"]
        check("it is ready", manager.recv(100), b"READY=1")
        check("it is handed over", server.upgrade()[0], 0)
        check("to this process", manager.recv(100), f"MAINPID={server.pid}".encode())
        check("which is ready", manager.recv(100), b"READY=1")
        check("it ends", server.end())


run(hands_over, keeps_people, goes_on_if_not, refuses_a_newer_store, without_a_server, tells_systemd)
sys.exit(finish())
