#!/usr/bin/env python3
"""What the server gives up by itself: core dumps, and root (--user). usage: test_confine.py PARLEY [WEB]"""

import os
import pathlib
import pwd
import re
import resource
import shutil
import sys
import tempfile

import client
from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]
OTHER = "nobody"
NET_BIND_SERVICE = 1 << 10
PORT = "127.0.0.77:443"  # below 1024, where nobody else of the tests listens


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def dumps_no_core():
    """no core dump, whatever the limit was, and no reading of its memory by others of its user"""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    user = pwd.getpwnam(OTHER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory() as folder:
        # As somebody who is not root and may read the program: of such a process the kernel gives what is in /proc to
        # that user, unless it says that it is not to be dumped.
        shutil.copy(PARLEY, f"{folder}/parley")
        os.chown(folder, user.pw_uid, user.pw_gid)
        start = pathlib.Path(folder, "start")
        who = f"setpriv --reuid={user.pw_uid} --regid={user.pw_gid} --clear-groups " if os.geteuid() == 0 else ""
        start.write_text(f'#!/bin/sh\nexec {who}"{folder}/parley" "$@"\n')
        start.chmod(0o755)
        server = Server(start, data=f"{folder}/data")
        try:
            process = pathlib.Path(f"/proc/{server.process.pid}")
            check("it runs as that user", status(server.process.pid)["Uid"].split(), [str(user.pw_uid)] * 4)
            limits = re.search(r"Max core file size +(\S+) +(\S+)", (process / "limits").read_text())
            check("the limit of core dumps", limits.groups(), ("0", "0"))
            check("not dumpable", (process / "environ").stat().st_uid, 0)
        finally:
            check("it ends", server.stop(), 0)


def refuses_users():
    """a user that is not there, or root, is refused in one line"""
    with tempfile.TemporaryDirectory() as folder:
        common = ["serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", folder + "/data", "--user"]
        rows = [("no-such-user", "no-such-user: there is no such user"), ("root", "that is root"), ("", "the name is empty")]
        if os.geteuid() != 0:
            rows.append((OTHER, "only root can become another user"))
        for name, why in rows:
            code, _, errors = client.run(PARLEY, *common, name)
            check(f"{name or 'no name'}: status 2", code, 2)
            check(f"{name or 'no name'}: why", errors, lambda e: e.count("\n") == 1 and "--user" in e and why in e)
        check("nothing was made", os.listdir(folder), [])


def becomes_a_user():
    """started as root it becomes the user that is named, for good, and keeps low ports alone"""
    user = pwd.getpwnam(OTHER)
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, user.pw_uid, user.pw_gid)
        server = Server(PARLEY, "--user", OTHER, "--media-threads", "2", data=f"{folder}/data", listen=(PORT,))
        try:
            check("it listens on a low port", server.request("GET", "/healthz").body, b"ok")
            check("its data are its user's", pathlib.Path(server.data, "parley.db").stat().st_uid, user.pw_uid)
            tasks = list(pathlib.Path(f"/proc/{server.process.pid}/task").iterdir())
            check("it has threads", len(tasks), lambda n: n >= 3)
            for is_now in (status(f"{server.process.pid}/task/{t.name}") for t in tasks):
                check("every user id", is_now["Uid"].split(), [str(user.pw_uid)] * 4)
                check("every group id", is_now["Gid"].split(), [str(user.pw_gid)] * 4)
                check("no group of root's", "0" not in is_now["Groups"].split())
                for rights in ("CapPrm", "CapEff"):
                    check(f"{rights}: low ports alone", int(is_now[rights], 16) & ~NET_BIND_SERVICE, 0)
                check("no way to more", [int(is_now[r], 16) for r in ("CapInh", "CapAmb")] + [is_now["NoNewPrivs"]], [0, 0, "1"])
        finally:
            check("it ends", server.stop(), 0)


tests = [dumps_no_core, refuses_users] + ([becomes_a_user] if os.geteuid() == 0 else [])
run(*tests)
sys.exit(finish())
