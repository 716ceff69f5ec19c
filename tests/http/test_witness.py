#!/usr/bin/env python3
"""Witnesses elsewhere that the server asks by itself, and how they fail. usage: test_witness.py PARLEY"""

import base64
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time

import client
from client import Server
from tap import check, finish, run
from witness import Witness, is_signed, server_key
from ws import join

PARLEY = sys.argv[1]
LOG = "parley/server"


def named(witness):
    return ("--witness", f"{witness.url}={witness.vkey}")


def soon(holds, seconds=20):
    """Whether this comes to hold in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def told(server, words):
    """Whether the server says so, once."""
    soon(lambda: any(words in line for line in server.errors))
    return sum(words in line for line in server.errors)


def key_told(server):
    """The key that a witness has to be given, of the server's own log."""
    soon(lambda: any(LOG in line for line in server.errors))
    return server_key(next(line for line in server.errors if LOG in line).split()[-1])


class Meeting:
    """A meeting with somebody in it."""

    def __init__(self, server):
        made = server.create().json()
        self.server, self.id, self.token = server, made["id"], made["invitations"][0]["token"]
        self.origin = f"parley/{self.id}"
        self.person = join(server.base, self.id, self.token)
        self.size = self.person.until("checkpoint")["size"]

    def goes_on(self):
        """Something happens, which takes no time; and a checkpoint comes, whatever witnesses do."""
        begun = time.monotonic()
        self.person.send({"type": "leave"})
        while self.person.receive():
            pass
        self.person = join(self.server.base, self.id, self.token)
        took = time.monotonic() - begun
        self.size = self.person.until("checkpoint", lambda m: m["size"] > self.size)["size"]
        return took

    def note(self):
        return self.server.request("GET", f"/api/meetings/{self.id}/record/checkpoint", token=self.server.admin).body.decode()

    def is_witnessed(self, witness):
        return witness.until(lambda w: w.logs.get(self.origin, (0,))[0] == self.size)


def metric(server, name):
    text = server.request("GET", "/metrics", token=server.admin).body.decode()
    return float(re.search(rf'^parley_witness_{name}{{witness="[^"]*"}} (.*)$', text, re.M)[1])


def asks():
    """a witness is asked about every log, and what it cosigns is in the record and beside the server's log"""
    witness = Witness()
    server = Server(PARLEY, *named(witness))
    try:
        witness.key = key_told(server)
        check("it is asked again", witness.until(lambda w: LOG in w.logs))
        check("and it is told that it cosigns", soon(lambda: "witness witness.example/w1 cosigns" in server.lines))
        meeting = Meeting(server)
        check("the meeting's log too", meeting.is_witnessed(witness))
        check("in its record", soon(lambda: f"— {witness.name} " in meeting.note()))
        check("and the server's as it goes on", witness.until(lambda w: w.logs[LOG][0] >= 2))
        log = lambda: server.request("GET", "/api/log/checkpoint").body.decode()
        check("beside its checkpoint", soon(lambda: f"— {witness.name} " in log()))
        check("which is still the server's", is_signed(log(), LOG, witness.key))
        check("proofs come with it", f"— {witness.name} " in server.request("GET", f"/api/log/meetings/{meeting.id}").json()["checkpoint"])
        check("nothing waits", soon(lambda: metric(server, "waiting") == 0))
        check("it is counted", metric(server, "cosignatures_total") >= 3)
        check("with its time", abs(metric(server, "last_success_seconds") - time.time()) < 60)
        meeting.goes_on()
        check("it goes on from what it saw", meeting.is_witnessed(witness))
        check("without a conflict", [status for status, _ in witness.asked if status not in (200, 404)], [])
        soon(lambda: f"— {witness.name} " in meeting.note())
        said = client.run(PARLEY, "key", "witnesses", "--data", server.data)
        check("parley key says what it cosigned", re.fullmatch(
            r"witness\.example/w1\n  meetings        1\n  server's log    up to event \d+, on 2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n", said[1]) is not None)
        verifies(server, meeting, witness)
    finally:
        witness.close()
        server.stop()
        server.remove()


def verifies(server, meeting, witness):
    """the exported record is verified with the witness's key"""
    record = subprocess.run([PARLEY, "export", meeting.id, "--data", server.data], capture_output=True, timeout=60).stdout

    def verify(*options):
        done = subprocess.run([PARLEY, "verify", "-", *options], input=record, capture_output=True, timeout=60)
        return done.returncode, done.stdout.decode()

    status, text = verify()
    check("without it, it is said", (status, "cosignatures by witnesses whose keys are not" in text), (0, True))
    status, text = verify("--witness", witness.vkey)
    check("with it, it is checked", (status, f"{witness.name}, elsewhere, cosigned 2 checkpoints" in text), (0, True))
    other = Witness(name="other.example")
    status, text = verify("--witness", other.vkey)
    check("another one's is missing", (status, "other.example, cosigned no checkpoint" in text), (1, True))
    other.close()


def outlives_failures():
    """whatever a witness does, meetings go on, it is said, and it is asked again"""
    witness = Witness()
    server = Server(PARLEY, *named(witness))
    try:
        witness.key = key_told(server)
        meeting = Meeting(server)
        check("at first it is well", meeting.is_witnessed(witness))
        for wrong, words in (("busy", "the witness answers 503"), ("down", "this is no answer of HTTP"),
                             ("signature", "no cosignature by this witness"), ("garbage", "no cosignature by this witness"),
                             ("conflict", "the witness saw another history")):
            check(f"{wrong}: before it all is cosigned", soon(lambda: metric(server, "waiting") == 0))
            del server.errors[:]
            witness.wrong = wrong
            took = meeting.goes_on()
            check(f"{wrong}: it was asked", witness.until(lambda w: w.asked[-1][1] == wrong))
            check(f"{wrong}: nobody waits for it", took < 2)
            check(f"{wrong}: it is told", told(server, words) >= 1)
            check(f"{wrong}: nothing of it is kept", f"— {witness.name} " in meeting.note(), False)
            witness.wrong = None
            check(f"{wrong}: it is asked again", meeting.is_witnessed(witness))
        check("failures are counted", metric(server, "failures_total") >= 5)
    finally:
        witness.close()
        server.stop()
        server.remove()


def judges_conflicts():
    """a witness that forgot is brought up to date; one that saw more is believed, and it is said"""
    witness = Witness()
    server = Server(PARLEY, *named(witness))
    try:
        witness.key = key_told(server)
        meeting = Meeting(server)
        check("it cosigns", meeting.is_witnessed(witness))
        soon(lambda: metric(server, "waiting") == 0)
        witness.logs.clear()
        meeting.goes_on()
        check("one that forgot begins anew", meeting.is_witnessed(witness))
        check("after a conflict", 409 in [status for status, _ in witness.asked])
        soon(lambda: metric(server, "waiting") == 0)
        witness.logs[meeting.origin] = (meeting.size, base64.b64encode(b"x" * 32).decode())
        meeting.goes_on()
        check("another history is told", told(server, "the witness saw another history of " + meeting.id), 1)
        witness.logs[meeting.origin] = (10_000, "")
        done = client.run(PARLEY, "witness", meeting.id, "--data", server.data, "--url", witness.url, "--key", witness.vkey)
        check("and one that was set back", (done[0], "this record was set back" in done[2]), (2, True))
        check("the server's own log is cosigned as before", metric(server, "waiting"), 1.0)
    finally:
        witness.close()
        server.stop()
        server.remove()


def waits_for_nobody():
    """a witness that never answers holds up neither a meeting nor the end; what it missed it is asked after a start"""
    witness = Witness()
    server = Server(PARLEY, *named(witness))
    try:
        witness.key = key_told(server)
        check("it cosigns", witness.until(lambda w: LOG in w.logs))
        witness.wrong = "slow"
        meeting = Meeting(server)
        check("it is asked", witness.until(lambda w: w.asked[-1][1] == "slow"))
        check("the meeting goes on", meeting.goes_on() < 2)
        meeting.person.close()
        begun = time.monotonic()
        check("the server ends", server.stop(), 0)
        check("at once", time.monotonic() - begun < 2)
        port = witness.port
        witness.close()
        server = Server(PARLEY, *named(witness), data=server.data)
        check("one that is not there is told", told(server, "Connection refused"), 1)
        again = Witness(witness.key, port=port)
        check("and asked again", again.until(lambda w: meeting.origin in w.logs and LOG in w.logs))
        check("about all of it", again.logs[meeting.origin][0] >= meeting.size)
        again.close()
        server.own = True
    finally:
        server.stop()
        server.remove()


def certificate(folder, name):
    files = [os.path.join(folder, f"{name}.{kind}") for kind in ("pem", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", files[1], "-out", files[0]], check=True, capture_output=True)
    return files


def speaks_https():
    """a witness by https has a certificate that the machine's authorities vouch for, of its own name"""
    with tempfile.TemporaryDirectory() as folder:
        for name, trusted, words in (("localhost", True, None), ("localhost", False, "self-signed certificate"),
                                     ("elsewhere.example", True, "hostname mismatch")):
            pem, key = certificate(folder, name)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem, key)
            witness = Witness(tls=context)
            os.environ["SSL_CERT_FILE"] = pem if trusted else "/dev/null"
            server = Server(PARLEY, *named(witness))
            try:
                if words:
                    check(f"{words}: it is told", told(server, words), 1)
                    check("and nothing was sent", witness.asked, [])
                else:
                    witness.key = key_told(server)
                    check("a good one is asked", witness.until(lambda w: LOG in w.logs))
            finally:
                del os.environ["SSL_CERT_FILE"]
                witness.close()
                server.stop()
                server.remove()


run(asks, outlives_failures, judges_conflicts, waits_for_nobody, speaks_https)
sys.exit(finish())
