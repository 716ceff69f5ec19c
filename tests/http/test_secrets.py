#!/usr/bin/env python3
"""Secrets that the server does not keep in memory: those that it is shown. usage: test_secrets.py PARLEY [WEB]"""

import hashlib
import os
import pathlib
import sys

from client import Server
from memory import holds
from tap import check, finish, run

PARLEY = sys.argv[1]


def forgets_tokens():
    """of the administrator's token and that of metrics it keeps hashes alone, also after they were shown"""
    server = Server(PARLEY)
    metrics = pathlib.Path(server.data, "metrics-token").read_text().strip()
    secrets = {"admin": server.admin.encode(), "metrics": metrics.encode(), "hash": hashlib.sha256(server.admin.encode()).digest()}
    if os.geteuid() != 0:
        try:
            open(f"/proc/{server.process.pid}/mem", "rb").close()
            check("memory is closed to others of its user", False)
        except PermissionError:
            check("memory is closed to others of its user", True)
        check("it ends", server.stop(), 0)
        server.remove()
        return
    check("at the start", holds(server.process.pid, secrets), {"hash"})
    for _ in range(5):
        check("the administrator is one", server.request("GET", "/api/meetings", token=server.admin).status, 200)
        check("so is who reads metrics", server.request("GET", "/metrics", token=metrics).status, 200)
        check("others are not", server.request("GET", "/api/meetings", token=metrics).status, 401)
    with server.socket() as kept:  # and the connection stays
        kept.sendall(f"GET /api/meetings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.admin}\r\n\r\n".encode())
        check("on a connection that is kept", kept.recv(100)[:15], b"HTTP/1.1 200 OK")
        check("once they were shown", holds(server.process.pid, secrets), {"hash"})
    check("it ends", server.stop(), 0)
    server.remove()


run(forgets_tokens)
sys.exit(finish())
