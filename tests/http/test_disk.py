#!/usr/bin/env python3
"""A disk that is full, a folder that is read-only, a database that is damaged or gone: it is said, and nothing that
anybody was told of is lost. The folders are mounts of their own, in a namespace. usage: test_disk.py PARLEY"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import client
from client import Server
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
UNSHARE = "unshare --mount" if os.geteuid() == 0 else "unshare --map-root-user --mount"
SMALL = "4m"


def program(folder, mounts):
    """A program that is the server, with these mounts: DATA is $0."""
    path = os.path.join(folder, "parley")
    with open(path, "w") as out:
        out.write(f"#!/bin/sh\nexec {UNSHARE} sh -c '{mounts} && exec \"$@\"' \"$PARLEY_DATA\" {PARLEY} \"$@\"\n")
    os.chmod(path, 0o755)
    return path


class Meeting:
    """A meeting with its chair, who puts items on the agenda."""

    def __init__(self, server):
        made = server.create(people=[{"name": "C", "role": "chair"}]).json()
        self.id, self.token, self.told, self.person, self.refused = made["id"], made["invitations"][0]["token"], [], None, False

    def come(self, server):
        self.person = join(server.base, self.id, self.token)

    def put(self, item):
        """True: the chair was told that it stands there."""
        try:
            self.person.send({"type": "put_item", "item": item, "title": f"Title of {item}"})
            self.person.until("agenda", lambda m: any(one["item"] == item for one in m["items"]))
        except (ConnectionError, BrokenPipeError):
            return False
        self.told.append(item)
        return True

    def kept(self, data):
        record = subprocess.run([PARLEY, "export", self.id, "--data", data], capture_output=True, timeout=60)
        return [line["item"] for line in map(json.loads, record.stdout.splitlines()) if line.get("act") == "put_item"]


def taken(meeting, item):
    """Until the chair is told that it stands there (True), or that the disk takes nothing."""
    while True:
        message = meeting.person.receive()
        if message["type"] == "agenda" and any(one["item"] == item for one in message["items"]):
            meeting.told.append(item)
            return True
        if message["type"] == "records" and message["state"] == "refused":
            meeting.refused = True
            return False


def is_full():
    """on a full disk acts are refused, not lost; the administrator is told; with room again all goes on"""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PARLEY)
        meeting, data = Meeting(server), server.data
        server.stop()
        os.environ["PARLEY_DATA"] = data
        shutil.copytree(data, os.path.join(folder, "before"))
        small = program(folder, f'mount -t tmpfs -o size={SMALL} none "$0" && cp -a {folder}/before/. "$0"')
        server = Server(small, data=data)
        inside = f"/proc/{server.process.pid}/root{data}"
        try:
            meeting.come(server)
            check("with room acts are taken", [meeting.put(f"a{i}") for i in range(5)], [True] * 5)
            filler = os.open(os.path.join(inside, "filler"), os.O_WRONLY | os.O_CREAT)
            try:
                while True:
                    os.write(filler, bytes(4096))
            except OSError as error:
                check("the disk is full", error.strerror, "No space left on device")
            os.close(filler)
            for i in range(200):
                meeting.person.send({"type": "put_item", "item": f"b{i}", "title": f"Title of b{i}"})
                if not taken(meeting, f"b{i}"):
                    break
            check("then they are not, and the page is told", meeting.refused)
            meeting.person.send({"type": "put_item", "item": "c0", "title": "Title of c0"})
            error = meeting.person.until("error")
            check("each that comes is refused", (error["code"], error["of"]), ("later", "put_item"))
            meeting.person.send({"type": "ping"})
            check("the connection lives on", meeting.person.until("pong")["type"], "pong")
            check("it is told", [line for line in server.errors if "records cannot be written: database or disk is full" in line][1:], [])
            check("once", len([line for line in server.errors if "records cannot be written" in line]), 1)
            answer = server.create()
            check("nor is a meeting made", (answer.status, answer.error()), (503, "unavailable"))
            check("what can be read is read", server.request("GET", f"/api/meetings/{meeting.id}", token=server.admin).status, 200)
            os.remove(os.path.join(inside, "filler"))
            meeting.person.until("records", lambda m: m["state"] == "kept")
            meeting.told.append(f"b{i}")
            check("with room again they are taken", meeting.put("c"))
            check("which is told", "records are written again" in server.lines)
            shutil.copytree(inside, os.path.join(folder, "after"))
            check("what was told is kept, and nothing twice", meeting.kept(os.path.join(folder, "after")), meeting.told)
        finally:
            check("it ends well", server.stop(), 0)
            shutil.rmtree(data)


def is_read_only():
    """a folder that is read-only is refused in a sentence, by each command that needs to write"""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PARLEY)
        meeting, data = Meeting(server), server.data
        meeting.come(server)
        meeting.put("a")
        meeting.person.close()
        server.stop()
        os.environ["PARLEY_DATA"] = data
        only = program(folder, 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"')
        needs = "its folder cannot be written to, which SQLite needs even to read: copy it"
        for words, said in ((("serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0"), "not writable: Read-only file system"),
                            (("key", "rotate"), "not writable: Read-only file system"), (("export", meeting.id), needs),
                            (("minutes", meeting.id), needs), (("backup", os.path.join(folder, "copy")), None)):
            status, out, err = client.run(only, *words, "--data", data)
            check(f"{words[0]} ends with 2, and one line", (status, err.count("\n"), out), (2, 1, ""))
            check(f"{words[0]} says why", said is None or said in err)
        check("the key is shown", client.run(only, "key", "show", "--data", data)[0], 0)
        check("and nothing was changed", meeting.kept(data), meeting.told)
        shutil.rmtree(data)


def changed(folder, data, name, change):
    """A copy of the folder with another database."""
    copy = os.path.join(folder, name)
    shutil.copytree(data, copy)
    path = os.path.join(copy, "parley.db")
    with open(path, "rb") as file:
        content = change(bytearray(file.read()))
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)
    if content is not None:
        with open(path, "wb") as file:
            file.write(content)
    return copy


def spoilt(content):
    """All pages but the first few."""
    for at in range(3 * 4096, len(content) - 64, 4096):
        content[at:at + 64] = b"\xff" * 64
    return content


def is_damaged():
    """a database that is damaged, cut off, empty or gone is refused, and is not begun anew"""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PARLEY)
        meeting, data = Meeting(server), server.data
        meeting.come(server)
        meeting.put("first")
        meeting.person.until("checkpoint")
        meeting.person.close()
        server.stop()
        gone = "gone or empty, and this server has signed records"
        for name, change, said in (
            ("overwritten", lambda c: c[:0] + b"nothing that is a database" * 500, "file is not a database"),
            ("cut-off", lambda c: c[:len(c) // 2], "database disk image is malformed"),
            ("spoilt", spoilt, "database disk image is malformed"),
            ("empty", lambda c: b"", gone),
            ("gone", lambda c: None, gone),
        ):
            copy = changed(folder, data, name, change)
            status, out, err = client.run(PARLEY, "serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", copy)
            check(f"{name}: the server does not start", (status, err.count("\n"), out), (2, 1, ""))
            check(f"{name}: it says why", said in err or err)
        copy = changed(folder, data, "act", lambda c: c.replace(b"Title of first", b"Title of thirst"[:14]))
        server = Server(PARLEY, data=copy)
        try:
            for _ in range(2):
                try:
                    join(server.base, meeting.id, meeting.token)
                    check("a meeting whose act was changed is not started", False)
                except ConnectionError:
                    pass
            time.sleep(0.1)
            told = [line for line in server.errors if f"the record of meeting {meeting.id} is not what was signed" in line]
            check("which is told, once", len(told), 1)
            check("others are made", server.create().status, 201)
        finally:
            server.stop()
            shutil.rmtree(data)


run(is_full, is_read_only, is_damaged)
sys.exit(finish())
