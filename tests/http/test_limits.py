#!/usr/bin/env python3
"""What comes too often is refused, told when to come again, and cut; who belongs there comes in all the same, also a
whole audience behind one address. usage: test_limits.py PARLEY"""

import http.client
import json
import resource
import sys
import threading

from client import OFFER, Server
from tap import check, finish, run
from ws import WebSocket, join

PARLEY = sys.argv[1]
ADDRESS_REQUESTS, OWN_JOINS, OWN_HANDSHAKES, AUDIENCE = 10000, 30, 30, 500
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def metric(server, what):
    text = server.request("GET", "/metrics", token=server.admin).body.decode()
    return int(next(line for line in text.splitlines() if line.startswith(f'parley_limited_total{{what="{what}"}}')).split()[-1])


def seconds(answer):
    return int(answer.headers.get("Retry-After", 0))


def pour(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass  # it was cut


def an_audience_comes():
    """hundreds behind one address, by one link, at once; each of them opens the page first"""
    people, made = [], server.create().json()
    for _ in range(AUDIENCE):
        invitation = server.request("GET", f"/api/meetings/{made['id']}/invitation", token=made["invitations"][1]["token"])
        if invitation.status != 200:
            break
        people.append(join(server.base, made["id"], made["invitations"][1]["token"]))
    check("all are in", len(people), AUDIENCE)
    check("none had to wait", (metric(server, "joins"), metric(server, "requests"), metric(server, "address_requests")), (0, 0, 0))
    for one in people:
        one.close()


def a_link_joins_too_often():
    """a person's own link: 30 times at once, then the server says later, and hangs up"""
    made = server.create().json()
    refused = None
    for times in range(2 * OWN_JOINS):
        ws = WebSocket(server.base)
        ws.send({"type": "hello", "meeting": made["id"], "token": made["invitations"][0]["token"]})
        answer = ws.receive()
        if answer["type"] == "error":
            refused = ws
            break
        ws.close()
    check("not before", times, lambda n: OWN_JOINS <= n < 2 * OWN_JOINS - 1)
    check("it is said", (answer["code"], answer["message"]), ("later", "This link is used too often. Try again in a moment."))
    check("and cut", refused.receive(), None)
    check("others come in", join(server.base, made["id"], made["invitations"][1]["token"]).welcome["type"], "welcome")
    check("it is counted", metric(server, "joins"), 1)


def a_link_offers_too_often():
    """WHIP sessions are handshakes"""
    made = server.create().json()
    statuses = []
    for _ in range(2 * OWN_HANDSHAKES):
        answer = server.request("POST", f"/whip/{made['id']}", OFFER, made["invitations"][0]["token"], headers={"Content-Type": "application/sdp"})
        statuses.append(answer.status)
        if answer.status == 429:
            break
        if answer.status == 201:
            server.request("DELETE", answer.headers["Location"], token=made["invitations"][0]["token"])
    check("not before", statuses[:OWN_HANDSHAKES], [201] * OWN_HANDSHAKES)
    check("then it has to wait", (statuses[-1], answer.error(), seconds(answer)), (429, "too_many_requests", 1))


def an_address_asks_too_often():
    """requests of anybody: 429, when to try again, and the connection ends"""
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    connection = server.socket()
    sender = threading.Thread(target=pour, args=(connection, one * (2 * ADDRESS_REQUESTS)))
    sender.start()
    answers = connection.makefile("rb")
    times = 0
    while (status := answers.readline().split()[1]) == b"200":
        length = int(http.client.parse_headers(answers)["Content-Length"])
        answers.read(length)
        times += 1
    headers = http.client.parse_headers(answers)
    body = answers.read(int(headers["Content-Length"]))
    check("not before", times, lambda n: ADDRESS_REQUESTS * 0.8 <= n < 2 * ADDRESS_REQUESTS)
    check("it is said", (status, json.loads(body)["error"]["code"], headers["Retry-After"]), (b"429", "too_many_requests", "1"))
    check("and cut", (headers["Connection"], answers.read()), ("close", b""))
    connection.close()
    sender.join()


# Each of these uses something up.
server = Server(PARLEY)
run(an_audience_comes, a_link_joins_too_often, a_link_offers_too_often, an_address_asks_too_often)
check("ends", server.stop(), 0)
server.remove()
sys.exit(finish())
