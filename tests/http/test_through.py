#!/usr/bin/env python3
"""Media by TCP: ICE-TCP and TURN, in TLS and without, from first byte to an answer of the media
thread; who is refused, and what is cut. usage: test_through.py PARLEY"""

import hashlib
import hmac
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import zlib

from client import OFFER, Server
from tap import check, finish, run

PARLEY = sys.argv[1]
folder = tempfile.TemporaryDirectory()
CERT, KEY = folder.name + "/cert.pem", folder.name + "/key.pem"
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-keyout", KEY, "-out", CERT], check=True, capture_output=True)
# Two threads, so that a stream has to find the right one.
server = Server(PARLEY, "--tls-cert", CERT, "--tls-key", KEY, "--turn", "127.0.0.1:0", "--media-threads", "2")
TURN_PORT = int(next(line for line in server.lines if line.startswith("media tcp ")).rsplit(":", 1)[1])
HTTP_PORT = int(server.base.rsplit(":", 1)[1])
COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, PERMIT, BIND, SEND = 1, 3, 4, 8, 9, 0x16
USERNAME, INTEGRITY, ERROR, REALM, NONCE = 6, 8, 9, 0x14, 0x15
CHANNEL, LIFETIME, PEER, DATA, RELAYED, TRANSPORT, MAPPED = 0x0C, 0x0D, 0x12, 0x13, 0x16, 0x19, 0x20
PRIORITY, USE, CONTROLLING, FINGERPRINT = 0x24, 0x25, 0x802A, 0x8028


def attribute(kind, value=b""):
    return struct.pack(">HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def message(kind, *attributes, key=None, fingerprint=False):
    body = b"".join(attributes)
    tail = os.urandom(12)
    head = lambda n: struct.pack(">HHI", kind, n, COOKIE) + tail
    if key is not None:
        body += attribute(INTEGRITY, hmac.digest(key, head(len(body) + 24) + body, "sha1"))
    if fingerprint:
        body += attribute(FINGERPRINT, struct.pack(">I", zlib.crc32(head(len(body) + 8) + body) ^ 0x5354554E))
    return head(len(body)) + body


def attributes(text):
    found, at = {}, 20
    while at < len(text):
        kind, n = struct.unpack(">HH", text[at : at + 4])
        found.setdefault(kind, text[at + 4 : at + 4 + n])
        at += 4 + n + -n % 4
    return found


def address(host, port):
    ip = bytes(a ^ b for a, b in zip(socket.inet_aton(host), struct.pack(">I", COOKIE)))
    return struct.pack(">HH", 1, port ^ COOKIE >> 16) + ip


def error_of(reply):
    value = attributes(reply).get(ERROR)
    return value and value[2] * 100 + value[3]


class Stream:
    def __init__(self, tls, port, protocols=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if protocols:
                context.set_alpn_protocols(protocols)
            self.socket = context.wrap_socket(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, n):
        got = b""
        while len(got) < n:
            more = self.socket.recv(n - len(got))
            if not more:
                raise EOFError
            got += more
        return got

    def send(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def ended(self, wait=15):
        self.socket.settimeout(wait)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True

    def framed(self):
        return self.read(*struct.unpack(">H", self.read(2)))

    def turn(self):
        head = self.read(4)
        kind, n = struct.unpack(">HH", head)
        return head + (self.read(16 + n) if kind < 0x4000 else self.read(n + -n % 4)[:n])

    def ask(self, kind, *rest, key=None):
        self.send(message(kind, *rest, key=key))
        return self.turn()


class Session:
    """What the server told somebody of the way to it."""

    def __init__(self):
        made = server.create().json()
        self.id, self.token = made["id"], made["invitations"][0]["token"]
        got = server.request("POST", f"/whip/{self.id}", OFFER, self.token, headers={"Content-Type": "application/sdp"})
        sdp = got.body.decode()
        self.ufrag = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.M)[1]
        self.pwd = re.search(r"^a=ice-pwd:(\S+)", sdp, re.M)[1].encode()
        self.udp = [(a, int(p)) for a, p in re.findall(r"^a=candidate:\d+ 1 udp \d+ (\S+) (\d+) typ host\r$", sdp, re.M)]
        self.tcp = [(a, int(p)) for a, p in re.findall(r"^a=candidate:\d+ 1 tcp \d+ (\S+) (\d+) typ host tcptype passive\r$", sdp, re.M)]
        self.link = got.headers["Link"]
        self.username, self.password = re.search(r'username="([^"]+)"; credential="([^"]+)"', self.link).groups()
        self.key = hashlib.md5(f"{self.username}:parley:{self.password}".encode()).digest()

    def check(self, pwd=None):
        """A connectivity check as a browser sends it."""
        return message(BINDING, attribute(USERNAME, f"{self.ufrag}:zjkk".encode()), attribute(PRIORITY, b"\x6e\0\1\xff"),
                       attribute(CONTROLLING, b"12345678"), attribute(USE), key=pwd or self.pwd, fingerprint=True)

    def signed(self, nonce):
        return attribute(USERNAME, self.username.encode()), attribute(REALM, b"parley"), attribute(NONCE, nonce)

    def allocate(self, stream):
        nonce = attributes(stream.ask(ALLOCATE, attribute(TRANSPORT, b"\x11\0\0\0")))[NONCE]
        return nonce, stream.ask(ALLOCATE, attribute(TRANSPORT, b"\x11\0\0\0"), *self.signed(nonce), key=self.key)


WAYS = [(tls, port) for tls in (False, True) for port in (HTTP_PORT, TURN_PORT)]


def tells_the_ways():
    """candidates and the TURN server, in the answer to an offer"""
    s = Session()
    check("one UDP candidate", len(s.udp), 1)
    check("TCP candidates: the listeners", sorted(p for _, p in s.tcp), sorted([HTTP_PORT, TURN_PORT]))
    check("the port of --turn, in TLS", s.link, lambda l: l.startswith(f"<turns:127.0.0.1:{TURN_PORT}?transport=tcp>"))


def ice_tcp():
    """checks in frames reach the peer's media thread, whichever that is"""
    for s in (Session(), Session()):
        for tls, port in WAYS:
            with Stream(tls, port) as stream:
                check_ = s.check()
                stream.send(struct.pack(">H", len(check_)), check_[:7])
                time.sleep(0.05)
                stream.send(check_[7:])
                reply = stream.framed()
                check("success", (reply[:2], reply[8:20]), (b"\1\1", check_[8:20]))
                stream.send(b"\0\0", struct.pack(">H", len(check_)), check_)
                check("and again", stream.framed()[:2], b"\1\1")
    with Stream(False, HTTP_PORT) as stream:
        bad = s.check(b"wrong")
        stream.send(struct.pack(">H", len(bad)), bad)
        check("a wrong password: cut", stream.ended())
    with Stream(False, HTTP_PORT) as stream:
        good = s.check()
        stream.send(struct.pack(">H", len(good)), good, b"\xff\xff")
        check("a frame too long: cut", stream.ended())


def answers_nobody_by_udp():
    """by UDP nobody is answered who does not know the password of a peer; what answers a check is no longer than it"""
    s = Session()
    hello = bytes.fromhex("16fefd00000000000000000040") + b"\1" + bytes(63)  # a record of a handshake; whatever is in it
    name = attribute(USERNAME, f"{s.ufrag}:zjkk".encode())
    rows = (
        ("a check of nobody", message(BINDING)),
        ("of nobody, with a fingerprint", message(BINDING, fingerprint=True)),
        ("of another name", message(BINDING, attribute(USERNAME, b"nobody:zjkk"), key=s.pwd, fingerprint=True)),
        ("without integrity", message(BINDING, name, fingerprint=True)),
        ("with another password", s.check(b"another")),
        ("a check cut short", s.check()[:-9]),
        ("an allocation", message(ALLOCATE, attribute(TRANSPORT, b"\x11\0\0\0"))),
        ("TURN data", struct.pack(">HH", 0x4000, 4) + b"data"),
        ("DTLS", hello),
        ("RTP", b"\x80\x6f" + bytes(50)),
        ("RTCP", b"\x80\xc9" + bytes(50)),
        ("nothing known", b"\xff" * 1200),
        ("an empty one", b""),
    )
    for what, datagram in rows:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.settimeout(10)
            way.sendto(datagram, s.udp[0])
            last = s.check()
            way.sendto(last, s.udp[0])  # the thread answers in order
            reply = way.recv(4096)
            check(f"{what}: the check behind it is answered first", (reply[:2], reply[8:20]), (b"\1\1", last[8:20]))
            check(f"{what}: by no more than it has", len(reply) <= len(last))


def turn():
    """allocation, permission, channel; packets reach the peer's media thread and come back"""
    for s in (Session(), Session()):
        peer = attribute(PEER, address(*s.udp[0]))
        for tls, port in WAYS:
            with Stream(tls, port) as stream:
                nonce, reply = s.allocate(stream)
                check("an allocation", (reply[:2], RELAYED in attributes(reply), MAPPED in attributes(reply)), (b"\1\3", True, True))
                check("nobody else", error_of(stream.ask(PERMIT, attribute(PEER, address("192.0.2.99", 22)), *s.signed(nonce), key=s.key)), 403)
                check("a permission", error_of(stream.ask(PERMIT, peer, *s.signed(nonce), key=s.key)), None)
                ping = s.check()
                stream.send(message(SEND, peer, attribute(DATA, ping)))
                reply = stream.turn()
                found = attributes(reply)
                check("the answer of the media thread", (reply[:2], found[PEER][:4], found[DATA][:2], found[DATA][8:20]),
                      (b"\0\x17", attributes(message(0, attribute(PEER, address(*s.udp[0]))))[PEER][:4], b"\1\1", ping[8:20]))
                check("a channel", error_of(stream.ask(BIND, attribute(CHANNEL, b"\x40\0\0\0"), peer, *s.signed(nonce), key=s.key)), None)
                ping = s.check()
                stream.send(struct.pack(">HH", 0x4000, len(ping)), ping)
                reply = stream.turn()
                check("by the channel", (reply[:2], reply[4:6], reply[12:24]), (b"\x40\0", b"\1\1", ping[8:20]))
                reply = stream.ask(REFRESH, attribute(LIFETIME, b"\0\0\0\0"), *s.signed(nonce), key=s.key)
                check("goodbye", (error_of(reply), stream.ended()), (None, True))


def protocols_in_tls():
    """ALPN is optional, names TURN, and binds nobody"""
    s = Session()
    for protocols, chosen in ((["stun.turn"], "stun.turn"), (["h2", "http/1.1"], "http/1.1")):
        with Stream(True, HTTP_PORT, protocols) as stream:
            check(f"{protocols}", stream.socket.selected_alpn_protocol(), chosen)
            check("TURN all the same", s.allocate(stream)[1][:2], b"\1\3")
    try:
        Stream(True, HTTP_PORT, ["h2"])
        check("nothing of ours: refused", False)
    except ssl.SSLError:
        pass


def turn_refuses():
    """wrong credentials, wrong words, silence"""
    s = Session()
    silent = [Stream(False, HTTP_PORT), Stream(True, HTTP_PORT), Stream(False, TURN_PORT)]
    with Stream(False, TURN_PORT) as half:
        half.send(message(ALLOCATE, attribute(TRANSPORT, b"\x11\0\0\0")))
        half.turn()
        with Stream(False, TURN_PORT) as stream:
            s.key = b"x" * 16
            check("a wrong password", error_of(s.allocate(stream)[1]), 401)
        with Stream(False, TURN_PORT) as stream:
            stream.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            check("no HTTP on the port of --turn", stream.ended())
        with Stream(False, TURN_PORT) as stream:
            stream.send(message(ALLOCATE), b"\x80\0\0\0")
            check("neither STUN nor a channel: cut", stream.ended())
        check("without an allocation: cut in time", half.ended(15))
    check("silence: cut in time", [stream.ended(15) for stream in silent], [True] * 3)


def is_bounded():
    """one address has its share of connections, and gives it back"""
    first = message(ALLOCATE, attribute(TRANSPORT, b"\x11\0\0\0"))
    many = [Stream(False, TURN_PORT) for _ in range(512)]
    for stream in many:
        stream.send(first)
    check("512 are served", [error_of(stream.turn()) for stream in many], [401] * 512)
    with Stream(False, TURN_PORT) as stream:
        stream.send(first)
        check("one more is not", stream.ended())
    for stream in many:
        stream.socket.close()
    s = Session()
    for _ in range(100):  # the ends of the others may take a moment to be seen
        with Stream(False, TURN_PORT) as stream:
            stream.send(first)
            try:
                ok = error_of(stream.turn()) == 401
            except (EOFError, OSError):
                ok = False
        if ok:
            break
        time.sleep(0.02)
    check("afterwards again", ok)
    with Stream(False, TURN_PORT) as stream:  # asks and never reads: cut, and nobody else notices
        nonce, _ = s.allocate(stream)
        stream.socket.settimeout(0.5)
        try:
            for _ in range(200_000):
                stream.send(message(BINDING) * 64)
            check("is cut", False)
        except OSError:
            pass
        with Stream(False, TURN_PORT) as other:
            check("others go on", s.allocate(other)[1][:2], b"\1\3")


run(tells_the_ways, ice_tcp, answers_nobody_by_udp, turn, protocols_in_tls, turn_refuses, is_bounded)
check("ends", server.stop(), 0)
check("without a word on stderr", server.errors, [])
server.remove()
off = Server(PARLEY, "--turn", "off")
server = off
got = off.request("POST", f"/whip/{(made := off.create().json())['id']}", OFFER, made["invitations"][0]["token"], headers={"Content-Type": "application/sdp"})
check("off: nothing is told", (got.status, got.headers["Link"], b" tcp " in got.body), (201, None, False))
with Stream(False, int(off.base.rsplit(":", 1)[1])) as stream:
    stream.send(message(ALLOCATE))
    check("off: a bad request", stream.read(12), b"HTTP/1.1 400")
check("off: ends", off.stop(), 0)
off.remove()
sys.exit(finish())
