"""An identity provider for the tests, as honest as it is told to be. Signs with `openssl`; nothing but Python's own
otherwise."""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.parse


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


class Key:
    """An RSA key, made now."""

    def __init__(self, kid):
        self.kid = kid
        folder = tempfile.mkdtemp(prefix="parley-key-")
        self.file = pathlib.Path(folder, "key.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.file, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True, capture_output=True)
        self.n = bytes.fromhex(modulus.stdout.decode().split("=")[1].strip())
        self.public = {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": b64(self.n), "e": "AQAB"}

    def sign(self, data):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], input=data, check=True, capture_output=True).stdout

    def remove(self):
        self.file.unlink()
        self.file.parent.rmdir()


class Provider:
    """`lies` changes what it does, until it is emptied: see handle()."""

    client, secret = "parley", "a secret & more"

    def __init__(self):
        self.key, self.next_key = Key("one"), Key("two")
        self.codes, self.asked, self.lies = {}, [], {}
        self.person = {"sub": "4711", "name": "Anna Berg", "email": "Anna@Example.org", "email_verified": True}
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                provider.handle(self, b"")

            def do_POST(self):
                provider.handle(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.key.remove()
        self.next_key.remove()

    def handle(self, request, body):
        path = urllib.parse.urlsplit(request.path).path
        self.asked.append(path)
        lie = self.lies.get(path)
        if lie == "hangs":
            time.sleep(0 if self.lies.get("hurry") else 30)
            return
        status, answer, headers = 200, None, {}
        if path == "/.well-known/openid-configuration":
            answer = self.document()
        elif path == "/keys":
            answer = {"keys": [k.public for k in self.published()]}
        elif path == "/token":
            status, answer = self.token(request, dict(urllib.parse.parse_qsl(body.decode())))
        elif path == "/me":
            answer = {**self.person, **self.lies.get("me", {})}
        if isinstance(lie, tuple):
            status, answer, headers = lie
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        try:
            request.wfile.write(text)
        except OSError:
            pass  # it did not want to hear all of it

    def document(self):
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/auth", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys", "userinfo_endpoint": f"{self.issuer}/me", "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"], **self.lies.get("document", {}),
        }

    def published(self):
        return [self.next_key] if self.lies.get("rotated") else [self.key]

    def approve(self, url):
        """What the browser comes back with, once somebody has signed in at `url`."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "asked": asked}

    def token(self, request, form):
        asked = self.codes.pop(form.get("code"), None)
        pair = "Basic " + base64.b64encode(f"{self.client}:{urllib.parse.quote(self.secret, safe='')}".encode()).decode()
        if request.headers.get("Authorization") != pair:
            return 401, {"error": "invalid_client"}
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not asked or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "t", "token_type": "Bearer", "id_token": self.id_token(asked)}

    def id_token(self, asked):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client, "nonce": asked["nonce"], "iat": now, "exp": now + 300, **self.person, **self.lies.get("claims", {})}
        header = {"alg": "RS256", "kid": "one", **self.lies.get("header", {})}
        data = f"{b64(header)}.{b64({k: v for k, v in claims.items() if v is not None})}"
        if header["alg"] == "none":
            return data + "."
        if header["alg"] == "HS256":
            return data + "." + b64(hmac.new(json.dumps(self.key.public).encode(), data.encode(), hashlib.sha256).digest())
        key = self.next_key if self.lies.get("signs_with_next") else self.key
        return data + "." + b64(key.sign(data.encode()))
