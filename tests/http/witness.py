"""A witness as c2sp.org/tlog-witness describes one: a real HTTP server with an Ed25519 key, which keeps the last
checkpoint of each log that it knows, checks what it is sent, and cosigns. It can be made to fail."""

import base64
import hashlib
import http.server
import threading
import time

import ed25519


def key_id(name, kind, seed):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + ed25519.public(seed)).digest()[:4]


def goes_on(first, old, second, new, proof):
    """RFC 9162, 2.1.4.2"""
    path = [base64.b64decode(h) for h in proof]
    if first == second:
        return not path and old == new
    if not path:
        return False
    if first & (first - 1) == 0:
        path.insert(0, base64.b64decode(old))
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for other in path[1:]:
        if fn & 1 or fn == sn:
            fr, sr = (hashlib.sha256(b"\1" + other + x).digest() for x in (fr, sr))
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\1" + sr + other).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and base64.b64encode(fr).decode() == old and base64.b64encode(sr).decode() == new


def server_key(vkey):
    """The 32 bytes of NAME+ID+DATA."""
    return base64.b64decode(vkey.split("+", 2)[2])[1:]


def is_signed(note, origin, key):
    """By this key, under the origin's name."""
    text, lines = note.split("\n\n")
    for line in lines.split("\n"):
        if line.startswith(f"— {origin} "):
            blob = base64.b64decode(line.rsplit(" ", 1)[1])
            if ed25519.verify(key, (text + "\n").encode(), blob[4:]):
                return True
    return False


class Witness:
    """`knows` says whether it knows a log by its origin; `key` is the server's, 32 bytes. `wrong` is how it fails:
    None, "down" (hangs up), "slow" (no answer), "busy" (503), "signature", "garbage", "conflict" (another root)."""

    def __init__(self, key=None, knows=lambda origin: True, tls=None, name="witness.example/w1", port=0):
        self.key, self.knows, self.name, self.seed = key, knows, name, b"w" * 32
        self.wrong, self.logs, self.asked, self.lock = None, {}, [], threading.Condition()
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                witness.take(self)

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.httpd.daemon_threads = True
        if tls:
            self.httpd.socket = tls.wrap_socket(self.httpd.socket, server_side=True)
        self.port, scheme = self.httpd.server_port, "https" if tls else "http"
        self.url = f"{scheme}://{'localhost' if tls else '127.0.0.1'}:{self.port}/log"
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    @property
    def vkey(self):
        data = base64.b64encode(b"\x04" + ed25519.public(self.seed)).decode()
        return f"{self.name}+{key_id(self.name, 4, self.seed).hex()}+{data}"

    def close(self):
        self.httpd.shutdown()
        self.httpd.server_close()

    def cosign(self, text):
        at = int(time.time())
        signature = ed25519.sign(self.seed, f"cosignature/v1\ntime {at}\n{text}".encode())
        if self.wrong == "signature":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        blob = base64.b64encode(key_id(self.name, 4, self.seed) + at.to_bytes(8, "big") + signature).decode()
        return f"— {self.name} {blob}\n"

    def answer(self, handler):
        """Status, text and type."""
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        head, note = body.split("\n\n", 1)
        old, *proof = head.split("\n")
        old = int(old.removeprefix("old "))
        origin, size, root = note.split("\n")[:3]
        if handler.path != "/log/add-checkpoint" or self.key is None or not self.knows(origin):
            return 404, "", "text/plain"
        if not is_signed(note, origin, self.key):
            return 403, "", "text/plain"
        size = int(size)
        known = self.logs.get(origin, (0, None))
        if old > size:
            return 400, "", "text/plain"
        if old != known[0] or (old == size and root != known[1]) or self.wrong == "conflict":
            return 409, f"{known[0]}\n", "text/x.tlog.size"
        if proof if not old else not goes_on(*known, size, root, proof):
            return 422, "", "text/plain"
        if self.wrong is None:
            self.logs[origin] = (size, root)
        text = "\n".join([origin, str(size), root]) + "\n"
        return 200, "— other.example AAAAAAA=\n" + self.cosign(text), "text/plain"

    def take(self, handler):
        with self.lock:
            status, text, kind = self.answer(handler)
            wrong = self.wrong
            self.asked.append((status, wrong))
            self.lock.notify_all()
        if wrong == "slow":
            time.sleep(3600)
        if wrong == "down":
            handler.close_connection = True
            return
        if wrong in ("busy", "garbage"):
            status, text = (503, "") if wrong == "busy" else (200, "\x00<html>\n— \n\n— x y\n")
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    def until(self, holds, seconds=20):
        """Waits until the witness has come to this; False: it did not in time."""
        with self.lock:
            return self.lock.wait_for(lambda: holds(self), seconds)
