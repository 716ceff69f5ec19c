"""A WebSocket client of a few lines (RFC 6455): JSON texts, on a plain socket."""

import base64
import json
import os
import socket
import struct

from client import WAIT


class WebSocket:
    def __init__(self, base):
        host, port = base.split("://")[1].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=WAIT)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {base}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
        status = self.file.readline()
        while self.file.readline().strip():
            pass
        if b" 101 " not in status:
            raise ConnectionError(status)

    def send(self, message):
        payload = json.dumps(message).encode()
        n = len(payload)
        head = struct.pack("!BB", 0x81, 0x80 | n) if n < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, n)
        self.socket.sendall(head + bytes(4) + payload)  # a mask of zeros is one

    def receive(self):
        """The next message; None: it was closed."""
        while True:
            head = self.file.read(2)
            if len(head) < 2 or head[0] & 0x0F == 8:
                return None
            n = head[1] & 0x7F
            if n == 126:
                n = struct.unpack("!H", self.file.read(2))[0]
            elif n == 127:
                n = struct.unpack("!Q", self.file.read(8))[0]
            payload = self.file.read(n)
            if head[0] & 0x0F == 1:
                return json.loads(payload)

    def until(self, kind, fits=lambda message: True):
        """The first message of this type that fits; what comes before is dropped."""
        while True:
            message = self.receive()
            if message is None:
                raise ConnectionError(f"closed before {kind}")
            if message["type"] == kind and fits(message):
                return message

    def close(self):
        self.socket.close()


def join(base, meeting, token):
    """Somebody who was welcomed."""
    ws = WebSocket(base)
    ws.send({"type": "hello", "meeting": meeting, "token": token})
    ws.welcome = ws.until("welcome")
    return ws
