"""A passkey in software: what a browser and its authenticator answer, of Ed25519 keys (Web Authentication Level 3)."""

import base64
import hashlib
import json
import secrets
import struct

import ed25519

UP, UV, AT = 0x01, 0x04, 0x40


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey; `origin` and `rp` may be said otherwise for one answer."""

    def __init__(self, origin, rp, counts=True):
        self.origin, self.rp = origin, rp
        self.id, self.seed = secrets.token_bytes(32), secrets.token_bytes(32)
        self.count, self.handle = 1 if counts else 0, None

    def client(self, kind, challenge, origin=None):
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}).encode()

    def data(self, flags, rp=None):
        return hashlib.sha256((rp or self.rp).encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def make(self, asked, name, **other):
        """The answer to a question of `add`."""
        key = bytes.fromhex("a4010103272006215820") + ed25519.public(self.seed)
        data = self.data(UP | UV | AT, other.get("rp")) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + key
        self.handle = asked["publicKey"]["user"]["id"]
        return {
            "secret": asked["secret"],
            "name": name,
            "clientDataJSON": b64(self.client("webauthn.create", asked["publicKey"]["challenge"], other.get("origin"))),
            "attestationObject": b64(b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data),
        }

    def use(self, asked, **other):
        """The answer to a question of signing in."""
        if self.count:
            self.count += other.get("steps", 1)
        client = self.client("webauthn.get", asked["publicKey"]["challenge"], other.get("origin"))
        data = self.data(UP | (0 if other.get("unverified") else UV), other.get("rp"))
        return {
            "secret": asked["secret"],
            "id": b64(self.id),
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(ed25519.sign(self.seed, data + hashlib.sha256(client).digest())),
            "userHandle": self.handle,
        }
