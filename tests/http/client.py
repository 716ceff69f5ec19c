"""A running server for the tests, and requests to it: plain sockets and http.client, nothing else."""

import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading

WAIT = 20  # seconds; a machine under sanitizers and load is slow

# A publisher of sound alone, as small as an offer may be.
OFFER = f"""v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=ice-ufrag:zjkk
a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
a=setup:actpass
a=fingerprint:sha-256 {':'.join(['AB'] * 32)}
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp-mux
a=mid:0
a=sendonly
a=rtpmap:111 opus/48000/2
""".replace("\n", "\r\n")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def error(self):
        """The error's code, or what came in its place."""
        try:
            return self.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return self.body


def request(base, method, path, body=None, token=None, headers=None, timeout=WAIT):
    """One request on a connection of its own. `body` of other than bytes and text goes as JSON."""
    scheme, host = base.split("://")
    if scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, timeout=timeout)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request(method, path, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Server:
    """`parley serve` (or demo) on free ports, in a folder of its own unless `data` is given."""

    def __init__(self, program, *options, command="serve", data=None, listen=("127.0.0.1:0",)):
        self.own = data is None and command == "serve"
        self.data = tempfile.mkdtemp(prefix="parley-http-") if self.own else data
        words = [program, command, "--media", "127.0.0.1:0"]
        for address in listen:
            words += ["--listen", address]
        if self.data:
            words += ["--data", self.data]
        self.process = subprocess.Popen([*words, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.errors = [], []
        self.ready = threading.Event()
        self.readers = [
            threading.Thread(target=self.read, args=(self.process.stdout, self.lines), daemon=True),
            threading.Thread(target=self.read, args=(self.process.stderr, self.errors), daemon=True),
        ]
        for reader in self.readers:
            reader.start()
        last = "Stop with" if command == "demo" else "administrator's token"
        self.last = last
        if not self.ready.wait(WAIT):
            self.process.kill()
            raise SystemExit(f"the server does not start: {self.lines} {self.errors}")
        self.bases = [re.sub(r"^listening ", "", line) for line in self.lines if line.startswith("listening ")]
        self.base = self.bases[0] if self.bases else None
        self.admin = pathlib.Path(self.data, "admin-token").read_text().strip() if self.data and self.bases else None

    def read(self, stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))
            if line.startswith(("Stop with", "administrator's token")) and getattr(self, "last", "") in line:
                self.ready.set()
        self.ready.set()

    def request(self, method, path, body=None, token=None, **more):
        return request(self.base, method, path, body, token, **more)

    def create(self, **changes):
        """A meeting, as the administrator; fields of value None are left out."""
        fields = {
            "title": "T",
            "floor": "open",
            "encryption": "none",
            "seats": [{"id": "NOR", "name": "Norway", "country": "NO"}],
            "people": [
                {"name": "A", "role": "delegate", "seat": "NOR"},
                {"name": "B", "role": "observer", "shared": True},
            ],
            **changes,
        }
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.request("POST", "/api/meetings", fields, self.admin)

    def definition(self, meeting):
        """The SHA-256 of the meeting's definition, as a manifest names it."""
        return hashlib.sha256(self.request("GET", f"/api/meetings/{meeting}/definition", token=self.admin).body).hexdigest()

    def socket(self):
        host, port = self.base.split("://")[1].rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=WAIT)

    def stop(self, signo=signal.SIGTERM):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signo)
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "did not end"
        for reader in self.readers:
            reader.join(WAIT)
        return status

    def remove(self):
        if self.own:
            shutil.rmtree(self.data, ignore_errors=True)


def run(program, *words):
    """Status, output and errors of a command that ends by itself."""
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=WAIT, env={**os.environ})
    return done.returncode, done.stdout, done.stderr
