#!/usr/bin/env python3
"""GET /metrics: who may read it, its form, and that it counts. usage: test_metrics.py PARLEY [web]"""

import pathlib
import re
import socket
import sys
import time

from client import OFFER, WAIT, Server
from tap import check, finish, run

PARLEY = sys.argv[1]
server = Server(PARLEY, "--media-threads", "2")
TOKEN = pathlib.Path(server.data, "metrics-token").read_text().strip()
SAMPLE = re.compile(r'(parley_[a-z0-9_]+)(\{(?:thread="[0-9]+"|meeting="[A-Za-z0-9_-]+"|what="[a-z_]+")\})? ([0-9]+(\.[0-9]+)?)')


def scrape():
    """The samples by name and label, and the types of the families."""
    got = server.request("GET", "/metrics", token=TOKEN)
    samples, types = {}, {}
    for line in got.body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        elif not line.startswith("# HELP parley_"):
            match = SAMPLE.fullmatch(line)
            samples[match[1] + (match[2] or "")] = float(match[3])
    return samples, types


def demands_a_token():
    """401 for everybody else; the token of metrics opens nothing but metrics"""
    for what, token in (("no token", None), ("a wrong one", "x" * 43)):
        got = server.request("GET", "/metrics", token=token)
        check(what, (got.status, got.error(), got.headers["WWW-Authenticate"]), (401, "unauthorized", "Bearer"))
        check(f"{what}: no number", b"parley_" not in got.body)
    got = server.request("GET", "/metrics", token=TOKEN)
    check("its token", (got.status, got.headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
    check("not to be stored", got.headers["Cache-Control"], "no-store")
    check("the administrator's", server.request("GET", "/metrics", token=server.admin).status, 200)
    check("nothing else for it", server.request("GET", "/api/meetings", token=TOKEN).status, 401)
    check("POST", server.request("POST", "/metrics", token=TOKEN).status, 405)
    check("mode", pathlib.Path(server.data, "metrics-token").stat().st_mode & 0o777, 0o600)
    check("a token of its own", TOKEN != server.admin)


def is_well_formed():
    """every line parses, every sample has a type, both threads are there"""
    samples, types = scrape()
    of_meetings = {name for name in types if name.startswith("parley_meeting_")}
    check("typed", {name.split("{")[0] for name in samples}, set(types) - of_meetings)
    check("of meetings", len(of_meetings), 4)
    check("counters are named so", all((kind == "counter") == name.endswith("_total") for name, kind in types.items()))
    for name in ("media_peers", "media_packets_in_total", "media_slot_switches_total", "udp_received_total"):
        check(f"{name} per thread", [f'parley_{name}{{thread="{i}"}}' in samples for i in range(3)], [True, True, False])
    check("memory", samples["parley_resident_memory_bytes"], lambda n: n > 1 << 20)
    check("uptime", samples["parley_uptime_seconds"], lambda n: 0 <= n < 300)
    check("nobody is here", (samples["parley_meetings"], samples["parley_participants"]), (0, 0))


def counts():
    """requests and packets show up"""
    before, _ = scrape()
    after, _ = scrape()
    check("requests", after["parley_http_requests_total"] - before["parley_http_requests_total"], 1)
    host, port = next(line for line in server.lines if line.startswith("media udp ")).split(" ")[2].rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for _ in range(5):
            udp.sendto(b"\x80" + bytes(20), (host, int(port)))
    names = ("parley_udp_received_total", "parley_media_packets_in_total", "parley_media_dropped_unknown_tuple_total")
    names = [f'{name}{{thread="0"}}' for name in names]
    end = time.monotonic() + WAIT
    while after[names[0]] < 5 and time.monotonic() < end:
        time.sleep(0.1)  # counts are published once a second
        after, _ = scrape()
    check("datagrams", [after[name] - before[name] for name in names], [5, 5, 5])
    check("the other thread's", after['parley_udp_received_total{thread="1"}'], 0)


def counts_people():
    """meetings, participants and peers while a publisher is there"""
    made = server.create().json()
    token = made["invitations"][0]["token"]
    got = server.request("POST", f"/whip/{made['id']}", OFFER, token, headers={"Content-Type": "application/sdp"})
    check("published", got.status, 201)
    samples, _ = scrape()
    peers = sum(samples[f'parley_media_peers{{thread="{i}"}}'] for i in range(2))
    check("this meeting's", [samples[f'parley_meeting_{name}{{meeting="{made["id"]}"}}'] for name in
          ("participants", "sources", "bytes_in_total", "bytes_out_total")], [1, 0, 0, 0])
    check("one of each", (samples["parley_meetings"], samples["parley_participants"], peers), (1, 1, 1))
    check("ended", server.request("DELETE", got.headers["Location"], token=token).status, 200)
    samples, _ = scrape()
    peers = sum(samples[f'parley_media_peers{{thread="{i}"}}'] for i in range(2))
    check("none", (samples["parley_meetings"], samples["parley_participants"], peers), (0, 0, 0))


run(demands_a_token, is_well_formed, counts, counts_people)
check("ends in good order", server.stop(), 0)
server.remove()
sys.exit(finish())
