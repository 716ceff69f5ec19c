"""Accounts, bodies and sessions for the tests. Without an identity provider a session is put into the store."""

import base64
import hashlib
import pathlib
import secrets
import sqlite3
import time


def body(server, name):
    return server.request("POST", "/api/bodies", {"name": name}, server.admin).json()["id"]


def account(server, name, **more):
    return server.request("POST", "/api/accounts", {"name": name, **more}, server.admin).json()["id"]


def appoint(server, account_id, body_id, role):
    return server.request("PUT", f"/api/accounts/{account_id}/roles/{body_id}", {"role": role}, server.admin).status


def session(server, account_id, age=0, idle=0):
    """The token of one that began `age` seconds ago, and was used `idle` seconds ago."""
    token = "s." + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    now = int(time.time() * 1000)
    with sqlite3.connect(pathlib.Path(server.data, "parley.db"), timeout=20) as db:
        db.execute(
            "INSERT INTO sessions(id, account, token_hash, way, began_ms, used_ms)"
            " SELECT ?, number, ?, 'test', ?, ? FROM accounts WHERE id = ?",
            (secrets.token_hex(5), hashlib.sha256(token.encode()).digest(), now - 1000 * age, now - 1000 * idle, account_id))
    db.close()
    return token
