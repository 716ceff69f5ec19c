#!/usr/bin/env python3
"""A council of clients in C, on three media threads, whose server is replaced N times: how long a packet took at
most meanwhile, and what was lost. The last line is JSON. usage: upgrades.py PARLEY BENCH_LOAD N"""

import json
import os
import signal
import sys

import client
from client import WAIT, Server
from load import Load, meeting

PARLEY, LOAD, TIMES = sys.argv[1], sys.argv[2], int(sys.argv[3])
PUBLISHERS, RECEIVERS = 12, 20


def percentiles(values):
    values = sorted(values)
    return {f"p{q}": values[min(len(values) - 1, len(values) * q // 100)] for q in (50, 95, 99)} | {"max": values[-1]}


server = Server(PARLEY, "--media-threads", "3", "--estimate", "off")
address = server.base.split("://")[1]
load = Load(LOAD)
id_, tokens = meeting(server, PUBLISHERS, RECEIVERS)
for token in tokens[:PUBLISHERS]:
    load.say(f"publish http {address} /whip/{id_} {token} audio=1 video=15,2,625,320,180")
for token in tokens[PUBLISHERS:]:
    load.say(f"receive http {address} /whep/{id_} {token} audio={PUBLISHERS} video={PUBLISHERS}")
assert load.settle()["up"] == PUBLISHERS + RECEIVERS
load.measure(1)
without, slowest, totals, pid = [], [], {"packets": 0, "lost": 0, "duplicates": 0, "bad": 0}, 0
lost_without = 0  # a machine that is busy loses some by itself
for i in range(TIMES):
    got = load.measure(1)
    without.append(got["latency_us"]["max"] / 1000)
    lost_without += got["lost"]
    load.say("measure 1")
    status, out, errors = client.run(PARLEY, "upgrade", "--data", server.data)
    if status:
        raise SystemExit(errors)
    pid = int(out.split()[-1])
    load.answer()
    got = load.answer()
    slowest.append(got["latency_us"]["max"] / 1000)
    totals = {name: n + got[name] for name, n in totals.items()}
    print(f"# {i + 1} of {TIMES}: {slowest[-1]:.0f} ms", file=sys.stderr, flush=True)
load.quit()
os.kill(pid, signal.SIGTERM)
for reader in server.readers:
    reader.join(WAIT)
server.process.wait(WAIT)
server.remove()
held = [int(line.split()[-2]) for line in server.lines if "stood still" in line]
print(json.dumps({"upgrades": TIMES, "clients": PUBLISHERS + RECEIVERS, **totals, "held_ms": percentiles(held),
                  "slowest_packet_ms": percentiles(slowest), "without_ms": percentiles(without),
                  "lost_without": lost_without}))
sys.exit(len(held) != TIMES or totals["duplicates"] + totals["bad"] > 0)
