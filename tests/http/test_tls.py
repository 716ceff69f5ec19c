#!/usr/bin/env python3
"""HTTPS: the certificate, its renewal, what changes for links and headers. usage: test_tls.py PARLEY"""

import hashlib
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

import client
from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp(prefix="parley-tls-"))
cert, key = folder / "cert.pem", folder / "key.pem"


def certificate(name):
    """A fresh pair, put in place at once as certbot does."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-keyout", folder / "key.new", "-out", folder / "cert.new"], check=True, capture_output=True)
    (folder / "key.new").rename(key)
    (folder / "cert.new").rename(cert)


def fingerprint(pem):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def speaks_https():
    """a pair in use, renewed, broken, and renewed again"""
    certificate("one")
    server = Server(PARLEY, "--tls-cert", str(cert), "--tls-key", str(key))
    try:
        check("listening line", server.base, lambda b: b.startswith("https://127.0.0.1:"))
        got = server.request("GET", "/healthz")
        check("it answers", (got.status, got.body), (200, b"ok"))
        check("and asks for HTTPS from now on", got.headers["Strict-Transport-Security"], lambda v: v and "max-age=" in v)
        url = server.create().json()["invitations"][0]["url"]
        check("links begin with https", url.startswith(server.base + "/m/"))
        host, port = server.base.split("//")[1].split(":")
        served = lambda: fingerprint(ssl.get_server_certificate((host, int(port))))
        check("our certificate", served(), fingerprint(cert.read_text()))

        def soon(expected):
            end = time.monotonic() + client.WAIT
            while served() != expected and time.monotonic() < end:
                time.sleep(0.1)
            return served() == expected

        certificate("two")
        check("the renewed one, without a restart", soon(fingerprint(cert.read_text())))
        good = fingerprint(cert.read_text())
        key.write_text("no key\n")
        end = time.monotonic() + client.WAIT
        while not server.errors and time.monotonic() < end:
            time.sleep(0.1)
        check("a broken pair is told once", len(server.errors), 1)
        check("and the old one stays", served(), good)
        certificate("three")
        check("until there is a good one", soon(fingerprint(cert.read_text())))
        with server.socket() as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                said = plain.recv(100)
            except ConnectionResetError:
                said = b""
            check("plain HTTP is not answered", b"200" not in said)
        check("it still answers", server.request("GET", "/healthz").status, 200)
        check("ends", server.stop(), 0)
    finally:
        server.stop()
        server.remove()


def refuses_a_wrong_pair():
    """key and certificate that do not belong together, or are none"""
    certificate("one")
    other = folder / "other.pem"
    shutil.copy(key, other)
    certificate("two")
    text = folder / "text.pem"
    text.write_text("hello\n")
    for what, words in (("another key", (cert, other)), ("no certificate", (text, key)), ("no key", (cert, text)), ("a folder", (folder, key))):
        status, _, errors = client.run(PARLEY, "serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", str(folder / "data"),
                                       "--tls-cert", str(words[0]), "--tls-key", str(words[1]))
        check(f"{what}: status 2 and one line", (status, errors.count("\n")), (2, 1))
        check(f"{what}: the file is named", str(words[0]) in errors or str(words[1]) in errors)


try:
    run(speaks_https, refuses_a_wrong_pair)
finally:
    shutil.rmtree(folder)
sys.exit(finish())
