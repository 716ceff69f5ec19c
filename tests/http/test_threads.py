#!/usr/bin/env python3
"""A room that is larger than one media thread: everybody gets everything, wherever they are. usage: test_threads.py PARLEY BENCH_LOAD"""

import os
import re
import signal
import sys
import time

import client
from client import WAIT, Server
from load import Load, meeting
from tap import check, finish, run

PARLEY, LOAD = sys.argv[1:3]
THREADS = 3
CAMERA = "video=15,2,625,320,180"
server = Server(PARLEY, "--media-threads", str(THREADS), "--estimate", "off")  # every packet counts
ADDR = server.base.split("://")[1]


def metric(name):
    """What each thread says of itself, as of a second ago at most."""
    text = server.request("GET", "/metrics", token=server.admin).body.decode()
    return [int(n) for n in re.findall(rf'^parley_{name}{{thread="\d"}} (\d+)$', text, re.M)]


def briefing():
    """one publisher, and receivers on every thread, who come in two waves and see the same"""
    load = Load(LOAD)
    id_, tokens = meeting(server, 1, 40)
    load.say(f"publish http {ADDR} /whip/{id_} {tokens[0]} audio=1 {CAMERA}")
    for token in tokens[1:31]:
        load.say(f"receive http {ADDR} /whep/{id_} {token} audio=1 video=1 all=1")
    check("the first wave is up", load.settle()["up"], 31)
    for token in tokens[31:]:
        load.say(f"receive http {ADDR} /whep/{id_} {token} audio=1 video=1 all=1")
    check("all are up", load.settle()["up"], 41)
    check("every thread has its share", metric("media_peers"), lambda n: len(n) == THREADS and min(n) >= 10)
    load.measure(1)
    got = load.measure(2)
    check("every stream flows", got["streams"], 80)
    check("about 40 x (15 x 2 + 50) packets a second", got["packets"] / got["seconds"], lambda n: 2400 < n < 3600)
    text = server.request("GET", "/metrics", token=server.admin).body.decode()
    told = {name: int(n) for name, n in re.findall(rf'^parley_meeting_(\w+){{meeting="{id_}"}} (\d+)$', text, re.M)}
    check("as metrics tell of the meeting", (told["participants"], told["sources"]), (41, 2))
    check("all of it goes to all", told["bytes_out_total"] / told["bytes_in_total"], lambda n: 25 < n < 45)
    check("as they were published", (got["bad"], got["unknown"], got["duplicates"]), (0, 0, 0))
    check("and whole", got["lost"], 0)
    check("ends by itself", load.quit(), 0)


def council():
    """publishers on every thread, who leave while the others go on"""
    load, leaving = Load(LOAD), Load(LOAD)
    id_, tokens = meeting(server, 24, 0)
    for i, token in enumerate(tokens):
        to = leaving if i % 4 == 0 else load
        to.say(f"publish http {ADDR} /whip/{id_} {token} audio=1 {CAMERA}")
        to.say(f"receive http {ADDR} /whep/{id_} {token} audio=23 video=23")
    check("all are up", (load.settle()["up"], leaving.settle()["up"]), (36, 12))
    check("every thread has its share", metric("media_peers"), lambda n: min(n) >= 12)
    load.measure(1)
    got = load.measure(1)
    check("23 cameras and 23 microphones each", got["streams"], 18 * 46)
    check("they that leave end by themselves", leaving.quit(), 0)
    end = time.monotonic() + WAIT
    while sum(metric("media_peers")) != 36 and time.monotonic() < end:
        time.sleep(0.1)
    check("their peers are gone", sum(metric("media_peers")), 36)
    load.measure(1)
    got = load.measure(1)
    check("17 cameras and 17 microphones each are left", got["streams"], 18 * 34)
    check("as they were published", (got["bad"], got["unknown"]), (0, 0))
    check("ends by itself", load.quit(), 0)
    check("nothing was too much for a way between threads", sum(metric("media_dropped_relay_total")), lambda n: n < 100)


def the_end():
    """the server ends while packets cross between all threads"""
    load = Load(LOAD)
    id_, tokens = meeting(server, 24, 0)
    for token in tokens:
        load.say(f"publish http {ADDR} /whip/{id_} {token} audio=1 {CAMERA}")
        load.say(f"receive http {ADDR} /whep/{id_} {token} audio=23 video=23")
    check("all are up", load.settle()["up"], 48)
    check("every thread has its share", metric("media_peers"), lambda n: min(n) >= 12)
    check("everything flows", load.measure(1)["streams"], 24 * 46)
    check("the server ends", server.stop(), 0)
    check("and its clients by themselves", load.quit(), 0)


def hands_over():
    """the server is replaced while packets cross between all threads: none is lost, none comes twice"""
    own = Server(PARLEY, "--media-threads", str(THREADS), "--estimate", "off")
    addr = own.base.split("://")[1]
    load = Load(LOAD)
    id_, tokens = meeting(own, 12, 20)
    for token in tokens[:12]:
        load.say(f"publish http {addr} /whip/{id_} {token} audio=1 {CAMERA}")
    for token in tokens[12:]:
        load.say(f"receive http {addr} /whep/{id_} {token} audio=12 video=12")
    check("all are up", load.settle()["up"], 32)
    load.measure(1)
    load.say("measure 4")
    status, out, _ = client.run(PARLEY, "upgrade", "--data", own.data)
    check("it is handed over", status, 0)
    load.answer()
    got = load.answer()
    check("every stream flows", got["streams"], 20 * 24)
    check("all of it is good", (got["bad"], got["unknown"], got["duplicates"]), (0, 0, 0))
    check("and whole", got["lost"], 0)
    pid = int(out.split()[-1])
    print(f"# a packet took {got['latency_us']['max'] / 1000:.0f} ms at most; " + "".join(line for line in own.lines if "stood still" in line), flush=True)
    load.measure(1)
    got = load.measure(1)
    check("so it goes on", (got["streams"], got["bad"], got["lost"]), (20 * 24, 0, 0))
    check("they leave", load.quit(), 0)
    os.kill(pid, signal.SIGTERM)
    for reader in own.readers:
        reader.join(WAIT)
    check("the new process ends", not any(reader.is_alive() for reader in own.readers))
    own.process.wait(WAIT)
    own.remove()


run(briefing, council, hands_over, the_end)
server.remove()
sys.exit(finish())
