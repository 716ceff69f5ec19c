#!/usr/bin/env python3
"""WHIP (RFC 9725) and WHEP over HTTP, without media. usage: test_whip.py PARLEY"""

import re
import sys
import time

from client import Server
from tap import check, finish, run

PARLEY = sys.argv[1]
server = Server(PARLEY)
SDP = {"Content-Type": "application/sdp"}
FRAG = {"Content-Type": "application/trickle-ice-sdpfrag"}
AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp-mux
a=rtcp-rsize
a=mid:{mid}
a={direction}
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
"""
VIDEO = """m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=rtcp-mux
a=rtcp-rsize
a=mid:{mid}
a={direction}
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
"""
UFRAG, PWD = "zjkk", "bP+XJMM09aR8AiX1jdukzR6Y"


def offer(direction, sections=(AUDIO, VIDEO)):
    text = ("v=0\no=- 5228595038118931041 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n"
            f"a=group:BUNDLE {' '.join(str(i) for i in range(len(sections)))}\n"
            f"a=ice-ufrag:{UFRAG}\na=ice-pwd:{PWD}\na=ice-options:trickle\na=setup:actpass\na=fingerprint:sha-256 {':'.join(['AB'] * 32)}\n")
    text += "".join(s.format(mid=i, direction=direction) for i, s in enumerate(sections))
    return text.replace("\n", "\r\n")


def fragment(ufrag=UFRAG, pwd=PWD):
    return (f"a=ice-ufrag:{ufrag}\na=ice-pwd:{pwd}\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\n"
            "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\na=end-of-candidates\n").replace("\n", "\r\n")


def meeting(**changes):
    made = server.create(**changes).json()
    return made["id"], {i["name"]: i["token"] for i in made["invitations"]}


def publishes_and_plays():
    """a session's life: POST, PATCH, DELETE"""
    id_, tokens = meeting()
    for kind, direction, token, other in (("whip", "sendonly", tokens["A"], tokens["B"]), ("whep", "recvonly", tokens["B"], tokens["A"])):
        got = server.request("POST", f"/{kind}/{id_}", offer(direction), token, headers=SDP)
        check(f"{kind}: 201", (got.status, got.headers["Content-Type"]), (201, "application/sdp"))
        place = got.headers["Location"]
        check(f"{kind}: Location", place, lambda p: re.fullmatch(f"/{kind}/{id_}/[A-Za-z0-9_-]{{22}}", p))
        tag = got.headers["ETag"]
        check(f"{kind}: a strong ETag", tag, lambda t: re.fullmatch(r'"[^"]+"', t))
        check(f"{kind}: for pages of any origin", (got.headers["Access-Control-Allow-Origin"], got.headers["Access-Control-Expose-Headers"]),
              ("*", "Location, ETag, Link"))
        link = re.fullmatch(r'<turn:([^>]+)\?transport=tcp>; rel="ice-server"; username="(\d+):[0-9a-f]{16}"; credential="[0-9a-f]{40}"; credential-type="password"',
                            got.headers["Link"])
        check(f"{kind}: a TURN server, here, with credentials that expire", link and (link[1], time.time() < int(link[2]) < time.time() + 86400),
              (server.base.removeprefix("http://"), True))
        check(f"{kind}: the same by OPTIONS, with the invitation", server.request("OPTIONS", f"/{kind}/{id_}", token=token).headers["Link"], lambda l: l.startswith("<turn:"))
        check(f"{kind}: not without", server.request("OPTIONS", f"/{kind}/{id_}").headers["Link"], None)
        check(f"{kind}: nor with a wrong one", server.request("OPTIONS", f"/{kind}/{id_}", token="x" * 32).status, 401)
        sdp = got.body.decode()
        check(f"{kind}: both sections answered", re.findall(r"^m=(\w+) (\d+)", sdp, re.M), lambda m: [k for k, p in m] == ["audio", "video"])
        check(f"{kind}: directions", re.findall(r"^a=(sendonly|recvonly|inactive|sendrecv)\r$", sdp, re.M),
              ["recvonly" if kind == "whip" else "sendonly"] * 2)
        check(f"{kind}: ice-lite and a candidate", "a=ice-lite" in sdp and "a=candidate:" in sdp)
        own = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.M).group(1)

        check(f"{kind}: PATCH without If-Match: 428", server.request("PATCH", place, fragment(), token, headers=FRAG).status, 428)
        check(f"{kind}: with another: 412", server.request("PATCH", place, fragment(), token, headers={**FRAG, "If-Match": '"x"'}).status, 412)
        check(f"{kind}: without its type: 415", server.request("PATCH", place, fragment(), token, headers={**SDP, "If-Match": tag}).status, 415)
        got = server.request("PATCH", place, fragment(), token, headers={**FRAG, "If-Match": tag})
        check(f"{kind}: candidates: 204", (got.status, got.body), (204, b""))
        got = server.request("PATCH", place, "a=nonsense\r\n", token, headers={**FRAG, "If-Match": tag})
        check(f"{kind}: a bad fragment: 400", (got.status, got.error()), (400, "bad_sdp"))
        got = server.request("PATCH", place, fragment("abcd1234", "n" * 24), token, headers={**FRAG, "If-Match": "*"})
        check(f"{kind}: ICE restart: 200", (got.status, got.headers["Content-Type"]), (200, "application/trickle-ice-sdpfrag"))
        text = got.body.decode()
        new = re.search(r"^a=ice-ufrag:(\S+)", text, re.M)
        check(f"{kind}: new credentials and candidates", new and new.group(1) != own and "a=ice-pwd:" in text and "a=candidate:" in text)
        check(f"{kind}: which are said to be all, once", text.count("a=end-of-candidates"), 1)
        fresh = got.headers["ETag"]
        check(f"{kind}: a new ETag", fresh and fresh != tag)
        check(f"{kind}: the old one: 412", server.request("PATCH", place, fragment("abcd1234", "n" * 24), token, headers={**FRAG, "If-Match": tag}).status, 412)
        check(f"{kind}: the new one: 204", server.request("PATCH", place, fragment("abcd1234", "n" * 24), token, headers={**FRAG, "If-Match": fresh}).status, 204)

        check(f"{kind}: GET has nothing: 204", server.request("GET", place).status, 204)
        check(f"{kind}: DELETE by another person: 404", server.request("DELETE", place, token=other).status, 404)
        check(f"{kind}: DELETE without token: 401", server.request("DELETE", place).status, 401)
        check(f"{kind}: DELETE: 200", server.request("DELETE", place, token=token).status, 200)
        check(f"{kind}: again: 404", server.request("DELETE", place, token=token).status, 404)
        check(f"{kind}: PATCH after: 404", server.request("PATCH", place, fragment(), token, headers={**FRAG, "If-Match": "*"}).status, 404)


def shows_as_participants():
    """who publishes is here"""
    id_, tokens = meeting()
    count = lambda: server.request("GET", f"/api/meetings/{id_}", token=server.admin).json()["participants"]
    place = server.request("POST", f"/whip/{id_}", offer("sendonly"), tokens["A"], headers=SDP).headers["Location"]
    check("one", count(), 1)
    server.request("POST", f"/whep/{id_}", offer("recvonly"), tokens["A"], headers=SDP)
    check("still one: the same person", count(), 1)
    server.request("POST", f"/whep/{id_}", offer("recvonly"), tokens["B"], headers=SDP)
    check("two", count(), 2)
    check("deleting the meeting ends them", server.request("DELETE", f"/api/meetings/{id_}", token=server.admin).status, 204)
    check("also the session", server.request("DELETE", place, token=tokens["A"]).status, 404)


def refuses():
    """tokens, roles, states, types, malformed and large offers"""
    id_, tokens = meeting()
    good = offer("sendonly")
    post = lambda path, body, token, headers=SDP: server.request("POST", path, body, token, headers=headers)
    for kind in ("whip", "whep"):
        check(f"{kind}: unknown token: 401", (post(f"/{kind}/{id_}", good, "x" * 32).status, post(f"/{kind}/{id_}", good, None).status), (401, 401))
        check(f"{kind}: unknown meeting: 404", post(f"/{kind}/nosuchid22", good, tokens["A"]).status, 404)
        check(f"{kind}: another type: 415", post(f"/{kind}/{id_}", good, tokens["A"], {"Content-Type": "text/plain"}).status, 415)
        check(f"{kind}: a token in the query: 401", post(f"/{kind}/{id_}?token={tokens['A']}&access_token={tokens['A']}", good, None).status, 401)
        for what, body in (("nothing", ""), ("text", "hello"), ("cut in a line", good[:200]), ("a broken line", good.replace("a=mid:1", "amid:1")),
                           ("bytes", b"\x00\xff" * 50), ("a bad fingerprint", good.replace("AB:AB", "ZZ:AB", 1))):
            got = post(f"/{kind}/{id_}", body, tokens["A"])
            check(f"{kind}: {what}: 4xx", got.status, lambda s: s in (400, 422))
            check(f"{kind}: {what}: in one sentence", got.json()["error"]["message"], lambda m: len(m) > 5 and "\n" not in m)
    got = post(f"/whip/{id_}", good.replace("a=mid:1", "amid:1"), tokens["A"])
    check("the line is named", (got.status, re.findall(r"line \d+", got.json()["error"]["message"]) != []), (400, True))
    got = post(f"/whip/{id_}", good, tokens["B"])
    check("an observer does not publish: 403", (got.status, got.error()), (403, "forbidden"))
    waiting, people = meeting(people=[{"name": "C", "role": "chair"}, {"name": "A", "role": "delegate", "seat": "NOR"}])
    got = post(f"/whip/{waiting}", good, people["A"])
    check("not open yet: 409", got.status, 409)
    check("and why", len(got.json()["error"]["message"]) > 10)
    past, people = meeting(people=[{"name": "P", "role": "delegate", "seat": "NOR", "expires": 1000}])
    got = post(f"/whip/{past}", good, people["P"])
    check("expired: 403", (got.status, got.error()), (403, "expired"))

    many = offer("recvonly", [VIDEO] * 128)
    padded = many + "a=x:" + "y" * 1000 + "\r\n"
    padded += ("a=x:" + "y" * 1000 + "\r\n") * ((256 * 1024 - len(padded)) // 1006)
    got = post(f"/whep/{id_}", padded, tokens["B"])
    check(f"{len(padded)} bytes and 128 sections: 201", (got.status, got.body.count(b"m=video")), (201, 128))
    got = post(f"/whep/{id_}", offer("recvonly", [AUDIO] * 161), tokens["B"])
    check("too many sections: 4xx", got.status, lambda s: s in (400, 413, 422))
    with server.socket() as s:
        s.sendall(f"POST /whep/{id_} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tokens['B']}\r\nContent-Type: application/sdp\r\n"
                  f"Content-Length: {(512 << 10) + 1}\r\n\r\n".encode())
        check("an offer too large: 413", s.recv(1024).split()[1], b"413")


def lets_pages_ask():
    """CORS: preflights, and headers on refusals too"""
    for kind in ("whip", "whep"):
        got = server.request("OPTIONS", f"/{kind}/anything", headers={"Origin": "http://a.example", "Access-Control-Request-Method": "POST"})
        check(f"OPTIONS of {kind}", (got.status, got.headers["Accept-Post"]), (200, "application/sdp"))
        check("any origin, no credentials", (got.headers["Access-Control-Allow-Origin"], got.headers["Access-Control-Allow-Credentials"]), ("*", None))
        check("methods", "POST" in got.headers["Access-Control-Allow-Methods"])
        check("headers", {"authorization", "content-type", "if-match"} <= {h.strip().lower() for h in got.headers["Access-Control-Allow-Headers"].split(",")})
        got = server.request("OPTIONS", f"/{kind}/anything/session")
        check("of a session", (got.status, "PATCH" in got.headers["Access-Control-Allow-Methods"], "DELETE" in got.headers["Access-Control-Allow-Methods"]), (200, True, True))
        check("of a refusal", server.request("POST", f"/{kind}/anything", "x", headers=SDP).headers["Access-Control-Allow-Origin"], "*")
        check("GET of the endpoint has nothing", server.request("GET", f"/{kind}/anything").status, 204)
        got = server.request("PUT", f"/{kind}/anything")
        check("PUT: 405", (got.status, got.headers["Allow"]), (405, "POST, GET, HEAD, OPTIONS"))


run(publishes_and_plays, shows_as_participants, refuses, lets_pages_ask)
check("ends", server.stop(), 0)
check("without a word on stderr", server.errors, [])
server.remove()
sys.exit(finish())
