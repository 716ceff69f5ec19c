#!/usr/bin/env python3
"""The process that holds the key of records, and the server that does not. usage: test_keyholder.py PARLEY [WEB]"""

import base64
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import client
from client import WAIT, Server
from memory import holds
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]


def until(what):
    end = time.monotonic() + WAIT
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def keyholders(data):
    """The processes that sign with this folder's key."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if len(words) > 2 and words[1] == b"sign-records" and words[2] == f"{data}/record.key".encode():
            found.append(int(entry.name))
    return found


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def secrets_of(data):
    text = pathlib.Path(data, "record.key").read_text().strip()
    raw = base64.b64decode(text.split("+", 4)[4])
    public = base64.b64decode(subprocess.run([PARLEY, "key", "show", "--data", data], capture_output=True, text=True, check=True).stdout.strip().split("+", 2)[2])
    return {"the key": raw[1:33], "its file": text[-44:-4].encode(), "the public key": public[1:33]}


def check_memory(what, data, server, holder):
    """The public key shows that what is there is found, and so does the process that has the key."""
    if os.geteuid() != 0:  # then it is closed to everybody of this user, the other process too
        for pid in (server, holder):
            try:
                open(f"/proc/{pid}/mem", "rb").close()
                check(f"{what}: memory is closed", False)
            except PermissionError:
                check(f"{what}: memory is closed", True)
        return
    secrets = secrets_of(data)
    check(f"{what}: of the key the server has the public half alone", holds(server, secrets), {"the public key"})
    check(f"{what}: the other process has it", "the key" in holds(holder, secrets))


class Copied(Server):
    """A server whose program is a file of its own, away from its data, so that it can hand over."""

    def __init__(self, *options, **more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="parley-keyholder-"))
        shutil.copy(PARLEY, self.folder / "parley")
        super().__init__(str(self.folder / "parley"), *options, **more)

    @property
    def pid(self):
        return int(pathlib.Path(self.data, "lock").read_text())

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        for reader in self.readers:
            reader.join(WAIT)
        self.process.wait(WAIT)
        self.remove()
        shutil.rmtree(self.folder)


def signed(server, meeting, item):
    """Something happens in the meeting, and is signed."""
    chair = join(server.base, meeting["id"], meeting["invitations"][0]["token"])
    chair.send({"type": "put_item", "item": item, "title": item})
    number = chair.until("recorded")["number"]
    return chair.until("checkpoint", lambda m: m["size"] >= number)["note"]


def is_elsewhere():
    """the server never has the key, when it makes it, when it reads it, and after it was handed over"""
    server = Copied()
    holder = keyholders(server.data)
    check("one process has it", len(holder), 1)
    meeting = server.create(people=[{"name": "C", "role": "chair"}]).json()
    signed(server, meeting, "first")
    check_memory("made", server.data, server.pid, holder[0])
    check("handed over", client.run(PARLEY, "upgrade", "--data", server.data)[0], 0)
    check("the same process has it", keyholders(server.data), holder)
    signed(server, meeting, "second")
    check_memory("handed over", server.data, server.pid, holder[0])
    data = server.data
    server.own = False
    server.end()
    check("nothing is said on the error stream", server.errors, [])
    check("it ends with the server", until(lambda: keyholders(data) == []))
    again = Server(PARLEY, data=data)
    signed(again, meeting, "third")
    check_memory("read", data, again.process.pid, keyholders(data)[0])
    check("it ends", again.stop(), 0)
    shutil.rmtree(data)


def is_confined():
    """that process may read, write and end, and keeps the key from the disk; who kills the server has not its key"""
    server = Server(PARLEY)
    holder = keyholders(server.data)[0]
    is_now = status(holder)
    check("a filter of system calls, no new rights, one thread", [is_now[n].strip() for n in ("Seccomp", "NoNewPrivs", "Threads")], ["2", "1", "1"])
    check("memory that is not swapped", int(is_now["VmLck"].split()[0]), lambda n: n > 0)
    if os.geteuid() == 0:
        open_files = sorted(os.readlink(f) for f in pathlib.Path(f"/proc/{holder}/fd").iterdir())
        check("a socket to the server, and nothing else", [re.sub(r"\[\d+\]", "", f) for f in open_files if "pipe" not in f],
              ["/dev/null", "/dev/null", "/dev/null", "socket:"])
    for signo in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(holder, signo)
    meeting = server.create().json()
    join(server.base, meeting["id"], meeting["invitations"][0]["token"]).until("checkpoint")
    check("what ends the server by a signal does not end it first", keyholders(server.data), [holder])
    server.stop(signal.SIGKILL)
    check("it ends with a server that is killed", until(lambda: keyholders(server.data) == []))
    server.remove()


def may_not_be_read():
    """the server cannot be made to open the key, as it is shown by a certificate that is renewed by a link beside it"""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, "tls")
        place.mkdir()
        cert, key = place / "cert.pem", place / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=one", "-keyout", key, "-out", cert], check=True, capture_output=True)
        data = pathlib.Path(folder, "data")
        data.mkdir()
        shutil.copy(cert, data / "other.pem")
        shutil.copy(cert, data / "record.key.pem")  # as good as the key: by its name
        server = Server(PARLEY, "--tls-cert", str(cert), "--tls-key", str(key), data=str(data))
        shutil.copy(cert, data / "later.pem")
        for name, why in (("record.key", "cert.pem: Permission denied"), ("other.pem", "new certificate in use"),
                          ("record.key.pem", "cert.pem: Permission denied"), ("other.pem", "new certificate in use"),
                          ("later.pem", "cert.pem: Permission denied")):
            before = len(server.lines + server.errors)
            (place / "new").symlink_to(data / name)
            (place / "new").rename(cert)
            until(lambda: len(server.lines + server.errors) > before)
            check(f"{name}: {why}", why in (server.errors[-1] if "denied" in why else server.lines[-1]))
        check("it ends", server.stop(), 0)
        cert.unlink()
        shutil.copy(data / "other.pem", cert)
        shutil.rmtree(data)
        # Where that cannot be, it is said.
        beside = pathlib.Path(folder, "cert.pem")
        cert.unlink()
        subprocess.run(["openssl", "req", "-x509", "-key", key, "-days", "1", "-subj", "/CN=one", "-out", beside], check=True, capture_output=True)
        server = Server(PARLEY, "--tls-cert", str(beside), "--tls-key", str(key), data=f"{folder}/data")
        check("it ends", server.stop(), 0)
        check("a certificate in a folder above", server.errors, lambda lines: len(lines) == 1 and "may read" in lines[0] and str(beside) in lines[0])


def rest_of(ws):
    try:
        while message := ws.receive():
            yield message
    except ConnectionError:
        pass  # it ended with something of ours unread


def ends_both():
    """when it is killed the server ends at once, in good order, and the next one has it all"""
    server = Server(PARLEY)
    meeting = server.create(people=[{"name": "C", "role": "chair"}]).json()
    token = meeting["invitations"][0]["token"]
    chair = join(server.base, meeting["id"], token)
    chair.until("checkpoint")
    os.kill(keyholders(server.data)[0], signal.SIGKILL)
    chair.send({"type": "put_item", "item": "late", "title": "Perhaps"})
    heard = list(rest_of(chair))
    kinds, code = [m["type"] for m in heard], heard[-1].get("code")
    check("who is there is told to come back", (kinds[-1], code), ("error", "later"))
    check("it ends by itself, as something that failed", server.process.wait(WAIT), 2)
    server.stop()
    check("and says why", [line for line in server.errors if "the process that signs records has ended" in line], lambda lines: len(lines) == 1)
    again = Server(PARLEY, data=server.data)
    back = join(again.base, meeting["id"], token)
    back.until("checkpoint", lambda m: "from" in m)
    record = again.request("GET", f"/api/meetings/{meeting['id']}/record/events", token=again.admin).json()
    check("what was acknowledged is there", ("recorded" in kinds) <= ("Perhaps" in str(record["events"])))
    back.send({"type": "put_item", "item": "i", "title": "After it"})
    number = back.until("recorded")["number"]
    check("what comes then is signed", back.until("checkpoint", lambda m: m["size"] >= number)["size"], lambda size: size >= number)
    check("it ends", again.stop(), 0)
    server.remove()


def signs_one_history():
    """a history that is put in place of the one that was signed is not signed"""
    server = Copied()
    meeting = server.create(people=[{"name": "C", "role": "chair"}]).json()
    chair = join(server.base, meeting["id"], meeting["invitations"][0]["token"])
    chair.send({"type": "put_item", "item": "i", "title": "As it was"})
    number = chair.until("recorded")["number"]
    note = chair.until("checkpoint", lambda m: m["size"] >= number)["note"]
    # Whoever has broken into the server may write its files, and have it read them anew.
    with sqlite3.connect(pathlib.Path(server.data, "parley.db"), timeout=WAIT) as db:
        db.execute("DELETE FROM checkpoints")
        changed = db.execute("UPDATE events SET bytes = CAST(replace(CAST(bytes AS TEXT), 'As it was', 'As it wasn''t') AS BLOB)"
                             " WHERE instr(CAST(bytes AS TEXT), 'As it was') > 0").rowcount
    check("an event is another one now", changed, 1)
    check("handed over", client.run(PARLEY, "upgrade", "--data", server.data)[0], 0)
    check("that is not signed", until(lambda: any("they do not continue what was signed" in line for line in server.errors)))
    got = server.request("GET", f"/api/meetings/{meeting['id']}/record/checkpoint", token=server.admin)
    check("nothing is given out as signed", (got.status, note in got.body.decode()), (404, False))
    server.end()


run(is_elsewhere, is_confined, may_not_be_read, ends_both, signs_one_history)
sys.exit(finish())
