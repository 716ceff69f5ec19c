#!/usr/bin/env python3
"""Signing in at an identity provider, honest and not. usage: test_login.py PARLEY"""

import json
import pathlib
import sys
import tempfile
import time

import accounts
from client import Server
from provider import Provider
from tap import check, finish, run

PARLEY = sys.argv[1]
provider = Provider()
secret_file = pathlib.Path(tempfile.mkdtemp(prefix="parley-secret-"), "secret")
secret_file.write_text(provider.secret + "\n")
OPTIONS = ("--oidc-issuer", provider.issuer, "--oidc-client-id", provider.client, "--oidc-client-secret-file", str(secret_file),
           "--oidc-name", "The Ministry")
server = Server(PARLEY, *OPTIONS)
ask = server.request


def begin():
    return ask("POST", "/api/login/oidc").json()


def login(**changes):
    """The answer to who comes back."""
    begun = begin()
    back = provider.approve(begun["url"])
    body = {"state": back["state"], "secret": begun["secret"], "code": back["code"], **changes}
    return ask("POST", "/api/login/oidc/code", {k: v for k, v in body.items() if v is not None})


def said(answer):
    return answer.json()["error"]["message"]


def audit():
    return [json.loads(e["event"]) for e in ask("GET", "/api/audit", token=server.admin).json()["events"]]


def works():
    """who was appointed by an address signs in, and is that account from then on"""
    check("the way is offered", ask("GET", "/api/login").json(), {"oidc": {"name": "The Ministry"}})
    got = login()
    check("nobody appointed them: 403, and says as whom", (got.status, got.error(), "4711" in said(got)), (403, "no_account", True))
    account = accounts.account(server, "A. Berg", email="anna@example.org")
    provider.person["email_verified"] = False
    got = login()
    check("an address that nobody vouches for: 403", (got.status, "vouch" in said(got)), (403, True))
    provider.person["email_verified"] = True
    begun = begin()
    asked = provider.approve(begun["url"])["asked"]
    check("PKCE, state, nonce", (asked["code_challenge_method"], len(asked["state"]), len(asked["nonce"]), asked["redirect_uri"]),
          ("S256", 43, 43, f"{server.base}/login"))
    check("the verifier stays here", begun["secret"] in begun["url"], False)
    got = login()
    check("they are in: 200", (got.status, got.json()["name"]), (200, "Anna Berg"))
    me = ask("GET", "/api/session", token=got.json()["token"]).json()
    check("who they are", (me["account"]["id"], me["account"]["subject"], me["way"]), (account, "4711", "oidc"))
    provider.person["email"] = "new@example.org"
    got = login(issuer=provider.issuer)
    me = ask("GET", "/api/session", token=got.json()["token"]).json()
    check("known by the subject, the address follows", (me["account"]["id"], me["account"]["email"]), (account, "new@example.org"))
    provider.person["sub"] = "4712"
    check("another subject with that address: 403", login().error(), "no_account")
    provider.person["sub"] = "4711"
    check("the audit has it", [e["act"] for e in audit() if e["act"].startswith("login")],
          ["login_refused", "login", "login", "login_refused", "login_refused"])
    check("from where", {e["from"] for e in audit() if e["act"].startswith("login")}, {"127.0.0.1"})
    check("the document was read once", provider.asked.count("/.well-known/openid-configuration"), 1)
    check("and the keys", provider.asked.count("/keys"), 1)


def is_bound():
    """a login is of the page that began it, once"""
    begun, other = begin(), begin()
    back = provider.approve(begun["url"])
    body = {"state": back["state"], "secret": begun["secret"], "code": back["code"]}
    finish_ = lambda **changes: ask("POST", "/api/login/oidc/code", {**body, **changes})
    check("a state that is none: 403", (finish_(state="x" * 43).status, "never begun" in said(finish_(state="x" * 43))), (403, True))
    got = finish_(secret=other["secret"])
    check("with another's secret: 403", (got.status, "another window" in said(got)), (403, True))
    check("and it is over: 403", "is over" in said(finish_()), True)
    got = login(state=provider.approve(other["url"])["state"])
    check("with another's state: 403", (got.status, "another window" in said(got)), (403, True))
    begun = begin()
    back = provider.approve(begun["url"])
    body = {"state": back["state"], "secret": begun["secret"], "code": back["code"]}
    check("once: 200", finish_().status, 200)
    check("twice: 403", finish_().error(), "login_refused")
    got = login(code="invented")
    check("a code that the provider does not know: 403", (got.status, "invalid_grant" in said(got)), (403, True))
    got = login(code=None, error="access_denied")
    check("who was refused there: 403", (got.status, said(got)), (403, "The identity provider refuses the login: access_denied."))
    check("of another issuer: 403", "another issuer" in said(login(issuer="https://evil.example")), True)
    for what, changes, field in (("neither", {"code": None}, "code"), ("both", {"error": "x"}, "code"), ("no secret", {"secret": None}, "secret"),
                                 ("more", {"x": 1}, "x"), ("a long code", {"code": "x" * 2049}, "code")):
        got = login(**changes)
        check(f"{what}: 400, names {field}", (got.status, got.json()["error"].get("field")), (400, field))


def lies():
    """a token that is not good is refused, and said why"""
    now = int(time.time())
    for what, lie, why in (
        ("another nonce", {"claims": {"nonce": "x"}}, "another login"),
        ("no nonce", {"claims": {"nonce": None}}, "another login"),
        ("another audience", {"claims": {"aud": "other"}}, "for somebody else"),
        ("one more audience", {"claims": {"aud": ["parley", "other"]}}, "issued to somebody else"),
        ("another party", {"claims": {"azp": "other"}}, "issued to somebody else"),
        ("another issuer", {"claims": {"iss": "https://evil.example"}}, "another issuer"),
        ("expired", {"claims": {"exp": now - 120}}, "has expired"),
        ("old", {"claims": {"iat": now - 3600}}, "too old"),
        ("of tomorrow", {"claims": {"iat": now + 3600}}, "of the future"),
        ("unsigned", {"header": {"alg": "none"}}, "not taken here"),
        ("by the public key as a secret", {"header": {"alg": "HS256"}}, "not taken here"),
        ("by another key under the same name", {"signs_with_next": True}, "signature is not good"),
        ("by a key that is not published", {"header": {"kid": "three"}}, "does not publish"),
        ("demands more", {"header": {"crit": ["x"]}}, "crit"),
        ("speaks of another", {"claims": {"email": None}, "me": {"sub": "4712"}}, "somebody else than in the ID token"),
        ("another client's secret", {"/token": (401, {"error": "invalid_client"}, {})}, "invalid_client"),
    ):
        provider.lies = lie
        got = login()
        check(f"{what}: 403", (got.status, why in said(got)), (403, True))
    huge = b'{"id_token":"' + b"x" * 200000 + b'"}'
    for what, lie, why in (
        ("no JSON", {"/token": (200, b"<html>", {})}, "is no JSON object"),
        ("no token", {"/token": (200, {"access_token": "t"}, {})}, "has no ID token"),
        ("about nobody", {"claims": {"sub": None}}, "who it is about"),
        ("a huge answer", {"/token": (200, huge, {})}, "too long"),
        ("a huge answer for the person", {"claims": {"email": None}, "/me": (200, huge, {})}, "too long"),
        ("an answer that ends early", {"/token": (200, b"{}", {"Content-Length": "100"})}, "does not answer"),
    ):
        provider.lies = lie
        got = login()
        check(f"{what}: 502", (got.status, why in said(got)), (502, True))
    provider.lies = {"/token": (302, b"", {"Location": f"{provider.issuer}/elsewhere"})}
    got = login()
    check("one that points elsewhere is not followed: 403", (got.status, "302" in said(got), "/elsewhere" in provider.asked), (403, True, False))
    provider.lies = {}
    check("the honest one is taken after all of it", login().status, 200)


def person_by_userinfo():
    """what the ID token leaves out is asked for"""
    provider.lies = {"claims": {"name": None, "email": None, "email_verified": None}}
    got = login()
    check("the name", (got.status, got.json().get("name")), (200, "Anna Berg"))
    provider.lies = {}


def is_patient():
    """a provider that does not answer stops nobody else, and its login ends"""
    begun = begin()
    back = provider.approve(begun["url"])
    provider.lies = {"/token": "hangs"}
    with server.socket() as s:
        body = json.dumps({"state": back["state"], "secret": begun["secret"], "code": back["code"]})
        s.sendall(f"POST /api/login/oidc/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        check("others are answered meanwhile", ask("GET", "/healthz").status, 200)
        s.settimeout(20)
        check("it is given up: 502", s.recv(200).split()[1], b"502")
    with server.socket() as s:
        begun = begin()
        body = json.dumps({"state": provider.approve(begun["url"])["state"], "secret": begun["secret"], "code": "x"})
        s.sendall(f"POST /api/login/oidc/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        check("who asked goes away, and the server stays", ask("GET", "/healthz").status, 200)
    check("it stops while it waits", server.stop(), 0)
    provider.lies = {}


def keys_change():
    """a key that is new is read once it is used; what cannot be read is said"""
    for what, lie, why in (
        ("of another issuer", {"document": {"issuer": "https://evil.example"}}, "another issuer"),
        ("without an endpoint", {"document": {"token_endpoint": "http://evil.example/token"}}, "token_endpoint"),
        ("that is none", {"/.well-known/openid-configuration": (404, b"", {})}, "answers 404"),
        ("that is elsewhere", {"/.well-known/openid-configuration": (301, b"", {"Location": "/x"})}, "answers 301"),
        ("that is huge", {"/.well-known/openid-configuration": (200, b" " * 100000, {})}, "too long"),
    ):
        provider.lies = lie
        got = again.request("POST", "/api/login/oidc")
        check(f"a document {what}: 502", (got.status, why in said(got)), (502, True))
    global ask
    ask = again.request
    provider.lies = {"/keys": (200, b"no keys", {})}
    check("keys that are none: 502", (lambda g: (g.status, "set of keys" in said(g)))(login()), (502, True))
    provider.lies = {}
    provider.asked.clear()
    check("signed in", login().status, 200)
    provider.lies = {"rotated": True, "signs_with_next": True, "header": {"kid": "two"}}
    got = login()
    check("an unknown key within a minute asks for none: 403", (got.status, provider.asked.count("/keys")), (403, 1))
    provider.lies = {}


run(works, is_bound, lies, person_by_userinfo, is_patient)
again = Server(PARLEY, *OPTIONS, data=server.data)
run(keys_change)
again.stop()
server.remove()
provider.stop()
secret_file.unlink()
secret_file.parent.rmdir()
sys.exit(finish())
