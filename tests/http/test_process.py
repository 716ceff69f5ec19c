#!/usr/bin/env python3
"""The process: command line, lines printed, data folder, signals, restarts. usage: test_process.py PARLEY"""

import base64
import hashlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import stat
import sys
import tempfile
import time

import client
import ed25519
import ws
from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]


def unpadded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def refuses_wrong_use():
    """wrong use gets one line and status 2"""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    busy = f"127.0.0.1:{taken.getsockname()[1]}"
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    busy_udp = f"127.0.0.1:{udp.getsockname()[1]}"
    free = ["--listen", "127.0.0.1:0", "--media", "127.0.0.1:0"]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "file")
        file.write_text("x")
        other = pathlib.Path(folder, "other")
        other.mkdir()
        (other / "parley.db").write_text("This is no database, whatever its name says." * 100)
        torn = pathlib.Path(folder, "torn")
        torn.mkdir()
        (torn / "admin-token").write_text("short\n")
        rows = [
            ([], "no command"),
            (["sreve"], "sreve"),
            (["serve", "--bogus"], "--bogus"),
            (["serve", "--listen", "localhost"], "--listen localhost"),
            (["serve", "--media-threads", "0"], "--media-threads"),
            (["serve", *free[2:], "--listen", busy, "--data", folder + "/a"], f"--listen {busy}: "),
            (["serve", *free[:2], "--media", busy_udp, "--data", folder + "/b"], "--media"),
            (["serve", *free, "--data", f"{file}/inside"], f"--data {file}/inside"),
            (["serve", *free, "--data", "/proc/nothing"], "--data /proc/nothing"),
            (["serve", *free, "--data", str(other)], "parley.db"),
            (["serve", *free, "--data", str(torn)], "admin-token"),
            (["serve", *free, "--data", folder + "/c", "--tls-cert", "/none.pem", "--tls-key", "/none.pem"], "/none.pem"),
        ]
        for words, part in rows:
            status, _, errors = client.run(PARLEY, *words)
            name = " ".join(words).replace(folder, "DIR").replace(busy, "BUSY").replace(busy_udp, "BUSY") or "no words"
            check(f"{name}: status 2", status, 2)
            check(f"{name}: one line that names it", errors, lambda e: e.count("\n") == 1 and part in e)
    taken.close()
    udp.close()


def tells_about_itself():
    """version and help"""
    for words in (["--version"], ["version"]):
        status, out, _ = client.run(PARLEY, *words)
        check(f"{words[0]}: status 0", status, 0)
        check(f"{words[0]}: name and number", out.split(), lambda o: len(o) == 2 and o[0] == "parley" and o[1][0].isdigit())
    for words in (["help"], ["help", "serve"], ["serve", "--help"]):
        status, out, _ = client.run(PARLEY, *words)
        check(f"{' '.join(words)}: status 0", status, 0)
        check(f"{' '.join(words)}: options", "--public-address" in out)


def starts_and_ends():
    """the lines printed, the token, SIGTERM and SIGINT, also with clients connected"""
    server = Server(PARLEY, "--media-threads", "2")
    try:
        check("listening line", server.lines[0], lambda l: l.startswith("listening http://127.0.0.1:") and not l.endswith(":0"))
        media = [line for line in server.lines if line.startswith("media udp 127.0.0.1:")]
        check("a media line for each thread", len(media), 2)
        token = pathlib.Path(server.data, "admin-token")
        check("the token's place is printed", any(str(token) in line for line in server.lines))
        check("the token's mode", stat.S_IMODE(token.stat().st_mode), 0o600)
        check("the token's size", len(server.admin), 43)
        check("it answers", server.request("GET", "/healthz").body, b"ok")
        status, _, errors = client.run(PARLEY, "serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", server.data)
        check("a second server in the folder: status 2", status, 2)
        check("a second server in the folder: why", "another server uses this folder" in errors)
        idle, half = server.socket(), server.socket()
        half.sendall(b"POST /api/meetings HTTP/1.1\r\nHost: x\r\nContent-Le")
        web = server.socket()
        web.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        check("a WebSocket opens", web.recv(12), b"HTTP/1.1 101")
        began = time.monotonic()
        check("SIGTERM with clients: status 0", server.stop(), 0)
        check("SIGTERM with clients: soon", time.monotonic() - began, lambda s: s < 5)
        check("nothing on stderr", server.errors, [])
        for s in (idle, half, web):
            s.close()
        again = Server(PARLEY, data=server.data)
        check("the token stays", again.admin, server.admin)
        check("SIGINT: status 0", again.stop(signal.SIGINT), 0)
    finally:
        server.stop()
        server.remove()


def listens_on_several():
    """several addresses, IPv6 among them"""
    listen = ["127.0.0.1:0", "127.0.0.2:0"]
    v6 = pathlib.Path("/proc/net/if_inet6")
    if v6.exists() and "00000000000000000000000000000001" in v6.read_text():
        listen.append("[::1]:0")
    server = Server(PARLEY, "--media", "127.0.0.2:0", listen=listen)
    try:
        check("a line for each", len(server.bases), len(listen))
        for base in server.bases:
            check(f"{base.rsplit(':', 1)[0]} answers", client.request(base, "GET", "/healthz").status, 200)
        check("a media line for each", len([l for l in server.lines if l.startswith("media udp ")]), 2)
    finally:
        check("ends", server.stop(), 0)
        server.remove()


def survives_being_killed():
    """what was answered with 201 is there after kill -9"""
    server = Server(PARLEY)
    try:
        made = [server.create(title=f"Meeting {i}").json() for i in range(3)]
        revoked = made[1]["invitations"][0]["id"]
        server.request("DELETE", f"/api/meetings/{made[1]['id']}/invitations/{revoked}", token=server.admin)
        server.request("DELETE", f"/api/meetings/{made[2]['id']}", token=server.admin)
        last = server.create(title="The last").json()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        again = Server(PARLEY, data=server.data)
        for meeting, title in ((made[0], "Meeting 0"), (last, "The last")):
            got = again.request("GET", f"/api/meetings/{meeting['id']}", token=again.admin)
            check(f"{title} is there", got.status == 200 and got.json()["title"], title)
            for invitation in meeting["invitations"]:
                path = f"/api/meetings/{meeting['id']}/invitation"
                check(f"{title}: {invitation['name']}'s link works", again.request("GET", path, token=invitation["token"]).status, 200)
        path = f"/api/meetings/{made[1]['id']}/invitation"
        check("the revoked one stays revoked", again.request("GET", path, token=made[1]["invitations"][0]["token"]).error(), "revoked")
        check("the deleted one stays deleted", again.request("GET", f"/api/meetings/{made[2]['id']}", token=again.admin).status, 404)
        check("ends", again.stop(), 0)
    finally:
        server.stop()
        server.remove()


def bears_with_bad_company():
    """others who flood, stop halfway, never read or talk nonsense do not keep anybody waiting"""
    server = Server(PARLEY)
    try:
        made = server.create().json()
        crowd = [server.socket() for _ in range(300)]
        for i, s in enumerate(crowd):
            s.sendall((b"", b"GET", b"POST /api/meetings HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{", b"\x16\x03\x01\x02\x00", os.urandom(200))[i % 5])
        greedy = server.socket()
        greedy.setblocking(False)
        sent = 0
        try:
            while sent < 50_000_000:
                sent += greedy.send(b"GET /api/meetings HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        except BlockingIOError:
            pass
        check("who never reads is not read for ever", sent < 50_000_000)
        path = f"/api/meetings/{made['id']}/invitation"
        times = []
        for _ in range(20):
            began = time.monotonic()
            status = server.request("GET", path, token=made["invitations"][0]["token"]).status
            times.append(time.monotonic() - began if status == 200 else 99)
        check("twenty others are answered", max(times), lambda s: s < 2)
        for s in (*crowd, greedy):
            s.close()
        check("ends", server.stop(), 0)
        check("without a word on stderr", server.errors, [])
    finally:
        server.stop()
        server.remove()


def takes_the_descriptors_that_it_may():
    """a soft limit of descriptors is not the limit of a meeting"""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    try:
        server = Server(PARLEY)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    try:
        check("the soft limit is the hard one", resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE), (before[1], before[1]))
        crowd = [server.socket() for _ in range(200)]
        check("200 connections are open, and another is answered", server.request("GET", "/healthz").status, 200)
        for s in crowd:
            s.close()
        check("ends", server.stop(), 0)
    finally:
        server.stop()
        server.remove()


def check_demo_link(encryption, link):
    """It opens the meeting, and carries the key of whom it names, as the organiser of the link signed it."""
    who, url = link.split(":")[0], link.split()[-1]
    base, rest = url.split("/m/")
    meeting, fragment = rest.split("#1.")
    token, secret, organiser = fragment.split(".")
    who = f"{who}, {encryption}"
    got = client.request(base, "GET", f"/api/meetings/{meeting}/invitation", token=token)
    check(f"{who}: the link works", got.status, 200)
    check(f"{who}: as it says, in session at once", [got.json()["meeting"][n] for n in ("encryption", "in_session")], [encryption, True])
    put = client.request(base, "GET", f"/api/meetings/{meeting}/manifest", token=token).json()
    text, key = json.loads(put["manifest"]), decoded(put["key"])
    check(f"{who}: signed is this meeting", [text[n] for n in ("meeting", "encryption")], [meeting, encryption])
    check(f"{who}: by the organiser of the link", unpadded(hashlib.sha256(key).digest()), organiser)
    check(f"{who}: in truth", ed25519.verify(key, b"parley manifest v1\n" + put["manifest"].encode(), decoded(put["signature"])))
    own = unpadded(ed25519.public(ed25519.hkdf(decoded(secret), b"parley person v1", meeting.encode())))
    check(f"{who}: and they are named", [p["name"] for p in text["people"] if p["key"] == own], [got.json()["you"]["name"]])


def words(pid):
    """The command line of a process; [] if it is gone, or ended and nobody has asked how yet."""
    try:
        line = pathlib.Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return []
    return line.split("\0") if line else []


def simulators_of(server):
    """The simulators that this server started."""
    started = pathlib.Path(f"/proc/{server}/task/{server}/children").read_text().split()
    end = time.monotonic() + client.WAIT
    while any(words(pid) in ([], words(server)) for pid in started) and time.monotonic() < end:
        time.sleep(0.01)  # between fork and exec, or within exec
    return [pid for pid in started if words(pid)[:1] == ["parley-simulate"]]


def gone(pids):
    """Whether these processes end."""
    end = time.monotonic() + client.WAIT
    while any(words(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(words(pid) for pid in pids)


def shows_a_demo():
    """parley demo: links that work, and nothing left behind"""
    before = set(pathlib.Path(tempfile.gettempdir()).glob("parley-demo-*"))
    server = Server(PARLEY, "--seats", "4", command="demo")
    links = [line for line in server.lines if "/m/" in line]
    half = len(links) // 2
    check("few links, as many of each meeting", len(links), 8)
    check("the chair's first", [links[0][:5], links[half][:5]], ["Chair", "Chair"])
    check("how to stop", server.lines[-1], lambda l: "Ctrl-C" in l)
    check("who the organiser is", "\n".join(server.lines), lambda l: "played the organiser" in l)
    for encryption, some in (("none", links[:2]), ("required", links[half:half + 2])):
        for link in some:
            check_demo_link(encryption, link)
    file = pathlib.Path(next(line for line in server.lines if line.startswith("All links")).split()[-1])
    check("all links are in a file", file.read_text().count("/m/"), 84)
    check("for its owner alone", stat.S_IMODE(file.stat().st_mode), 0o600)
    made = set(pathlib.Path(tempfile.gettempdir()).glob("parley-demo-*")) - before
    check("a temporary folder", len(made), 1)
    simulators = simulators_of(server.process.pid)
    check("delegations are simulated, by another program", len(simulators), 1)
    meeting, token = re.search(r"/m/(\w+)#1\.([\w-]+)", links[0]).groups()
    chair = ws.join(server.base, meeting, token)
    chair.until("session", lambda m: m["present"] == 4)
    check("four come", True)
    chair.close()
    check("ends with SIGINT", server.stop(signal.SIGINT), 0)
    check("and with it the simulation", [pid for pid in simulators if os.path.exists(f"/proc/{pid}")], [])
    check("the folder is gone", [f for f in made if f.exists()], [])
    with tempfile.TemporaryDirectory() as folder:
        kept = Server(PARLEY, command="demo", data=folder)
        simulators = simulators_of(kept.process.pid)
        check("31 delegations are simulated if nothing is said", [words(pid)[1:3] for pid in simulators], [["--seats", "31"]])
        kept.process.kill()
        kept.process.wait()
        check("which end when the server is killed", gone(simulators))
        kept.stop()
        none = Server(PARLEY, "--no-simulate", command="demo", data=folder)
        check("or none", simulators_of(none.process.pid), [])
        check("demo --data ends", none.stop(), 0)
        check("demo --data keeps its folder", os.path.exists(folder + "/parley.db"))


run(refuses_wrong_use, tells_about_itself, starts_and_ends, listens_on_several, survives_being_killed, bears_with_bad_company, takes_the_descriptors_that_it_may,
    shows_a_demo)
sys.exit(finish())
