"""Meetings whose people have keys, for the tests: the organiser's manifest, acts that are signed, cosignatures. Keys are
those of SEEDS: the organiser's, then p1's, p2's and so on."""

import base64
import hashlib
import json
import struct

import ed25519

SEEDS = [bytes([n]) * 32 for n in range(1, 5)]


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def put_manifest(server, meeting, seats, people, version=1, changes=()):
    """The status of the answer. `changes`: of people by their index, what is listed of them otherwise."""
    listed = [{"person": f"p{n + 1}", "name": p["name"], "role": p["role"], **({"seat": p["seat"]} if "seat" in p else {}),
               "key": b64(ed25519.public(SEEDS[n + 1]))} for n, p in enumerate(people)]
    for index, change in changes:
        listed[index].update(change)
    text = json.dumps({"v": 1, "meeting": meeting, "version": version, "suite": 1, "encryption": "none",
                       "definition": server.definition(meeting), "seats": seats, "people": listed, "revoked": [],
                       "not_after": 4000000000000})
    body = {"manifest": text, "signature": b64(ed25519.sign(SEEDS[0], b"parley manifest v1\n" + text.encode())),
            "key": b64(ed25519.public(SEEDS[0])), "signed_by": "organiser"}
    return server.request("PUT", f"/api/meetings/{meeting}/manifest", body, server.admin).status


def text_of(*pieces):
    """The hash of what is signed, with a zero behind each piece."""
    return hashlib.sha256("".join(f"{piece}\0" for piece in pieces).encode()).hexdigest()


def signed(meeting, person, act, own, seed=None, /, **said):
    """An act with its maker's signature; `person`: their number, `own`: the act's fields, `said`: what else is signed."""
    text = json.dumps({"meeting": meeting, "person": f"p{person}", "act": act, **own, "time": 1, **said})
    return {"type": act, **own, "signed_text": text,
            "signature": b64(ed25519.sign(seed or SEEDS[person], b"parley act v1\n" + text.encode()))}


def leaf_of(server, meeting, token, number, size):
    """The hash of an event's leaf, as the server shows it in a checkpoint of this size."""
    path = f"/api/meetings/{meeting}/record/inclusion?number={number}&size={size}"
    return server.request("GET", path, token=token).json()["leaf"]


def cosign(ws, person):
    """Cosigns the next checkpoint that they are told."""
    told = ws.until("checkpoint")
    text = told["note"].split("\n\n")[0] + "\n"
    name = f"{text.splitlines()[0]}/person/p{person}"
    sign = ed25519.sign(SEEDS[person], f"cosignature/v1\ntime 1764100000\n{text}".encode())
    key = hashlib.sha256(name.encode() + b"\n\x04" + ed25519.public(SEEDS[person])).digest()[:4]
    line = f"\u2014 {name} {base64.b64encode(key + struct.pack('>Q', 1764100000) + sign).decode()}"
    ws.send({"type": "cosign", "size": told["size"], "line": line})
    ws.send({"type": "ping"})
    ws.until("pong")
