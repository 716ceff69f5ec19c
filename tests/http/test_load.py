#!/usr/bin/env python3
"""The benchmark's client against a real server: what it says of media must be true. usage: test_load.py PARLEY BENCH_LOAD BENCH_FLOOR"""

import subprocess
import sys

from client import WAIT, Server
from load import Load, meeting
from tap import check, finish, run

PARLEY, LOAD, FLOOR = sys.argv[1:4]
server = Server(PARLEY, "--estimate", "off")  # every packet counts
ADDR = server.base.split("://")[1]


def forwards():
    """one camera and microphone to three receivers, of which one takes UDP_GRO and one checks all"""
    load = Load(LOAD)
    check("a fingerprint", len(load.hello["fingerprint"]), 95)
    id_, tokens = meeting(server, 1, 3)
    load.say(f"publish http {ADDR} /whip/{id_} {tokens[0]} audio=1 video=30,9,1180,1280,720")
    for token, more in zip(tokens[1:], ("", "gro=1", "all=1")):
        load.say(f"receive http {ADDR} /whep/{id_} {token} audio=1 video=1 {more}")
    settled = load.settle()
    check("all are up", (settled["up"], settled["failed"], settled["why"]), (4, 0, ""))
    load.measure(1)
    got = load.measure(2)
    check("every stream flows", got["streams"], 6)
    check("about 3 x (30 x 9 + 50) packets a second", got["packets"] / got["seconds"], lambda n: 800 < n < 1100)
    check("frames end", got["frames"] / got["seconds"], lambda n: 75 < n < 105)
    check("a third and more was decrypted, and is what was published", (got["sampled"] > got["packets"] / 3, got["bad"], got["unknown"]), (True, 0, 0))
    check("nothing is lost or came twice", (got["lost"], got["duplicates"]), (0, 0))
    check("the largest: a full packet and its tag, and a descriptor of another length at most", got["largest"], lambda n: 1180 <= n <= 1204)
    check("latency", got["latency_us"]["p50"], lambda us: 0 < us < 1_000_000)
    check("reports were sent", got["reports"], lambda n: n >= 3)
    check("ends by itself", load.quit(), 0)


def council():
    """three that publish and receive; nobody gets their own"""
    load = Load(LOAD)
    id_, tokens = meeting(server, 3, 0)
    for token in tokens:
        load.say(f"publish http {ADDR} /whip/{id_} {token} audio=1 video=15,2,625,320,180")
        load.say(f"receive http {ADDR} /whep/{id_} {token} audio=3 video=3")
    check("all are up", load.settle()["up"], 6)
    load.measure(1)
    got = load.measure(1)
    check("two cameras and two microphones each", got["streams"], 12)
    check("nothing is lost", (got["lost"], got["bad"]), (0, 0))
    check("ends by itself", load.quit(), 0)


def layers():
    """a camera of three layers"""
    load = Load(LOAD)
    id_, tokens = meeting(server, 1, 1)
    load.say(f"publish http {ADDR} /whip/{id_} {tokens[0]} video=15,1,500,320,180 video=15,3,1100,640,360 video=30,9,1180,1280,720")
    load.say(f"receive http {ADDR} /whep/{id_} {tokens[1]} video=1 all=1")
    check("both are up", load.settle()["up"], 2)
    load.measure(3)
    got = load.measure(1)
    check("the largest layer arrives, unbroken", (got["packets"] / got["seconds"] > 200, got["lost"], got["bad"]), (True, 0, 0))
    check("ends by itself", load.quit(), 0)


def floor():
    """the bare program: a room of two and a room of one publisher"""
    bare = subprocess.Popen([FLOOR, "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    address = bare.stdout.readline().split()[1]
    load = Load(LOAD)
    for number in (0, 1, 1 << 16):
        load.say(f"publish bare {address} {number} audio=1 video=30,9,1180,1280,720")
        load.say(f"receive bare {address} {number} audio=2 video=2 all=1 gro={number % 2}")
    load.say(f"receive bare {address} {(1 << 16) + 1} audio=2 video=2 all=1")
    check("all are up", load.settle()["up"], 7)
    load.measure(1)
    got = load.measure(1)
    check("nobody gets their own, nor another room's", got["streams"], 6)
    check("as they were published", (got["lost"], got["bad"], got["unknown"], got["sampled"] >= got["packets"] > 800), (0, 0, 0, True))
    check("padded by a byte, every packet of a frame is as long as the longest", (got["smallest"] < 200, got["largest"]), (True, 1180 + 16))
    check("ends by itself", load.quit(), 0)
    bare.terminate()
    _, said = bare.communicate(timeout=WAIT)
    check("and so does the floor, and refused nothing", (bare.returncode, "0 refused" in said), (0, True))


def fails_with_a_reason():
    """a token that is wrong"""
    load = Load(LOAD)
    id_, tokens = meeting(server, 1, 1)
    load.say(f"receive http {ADDR} /whep/{id_} {'x' * 32} audio=1")
    got = load.settle()
    check("failed, by HTTP", (got["failed"], got["why"][:18]), (1, "HTTP: HTTP/1.1 401"))
    check("ends by itself", load.quit(), 0)


run(forwards, council, layers, floor, fails_with_a_reason)
check("the server ends", server.stop(), 0)
server.remove()
sys.exit(finish())
