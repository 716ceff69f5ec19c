"""What bench/run measures of Parley alone: joins beside a meeting, a room on several media threads, the estimate of receivers' lines."""

import os
import time

from cases import CAMERA, Case
from meter import LOAD_CORE, SERVER_CORE, Core, Load, enter, measure, run_case
from servers import Failed

JOINS = 1000
STORM = 200  # joins a second


def first(load):
    """The load runs as soon as it can, whoever else is on its core: who joins, and the thread that shakes their hands."""
    try:
        os.sched_setscheduler(load.process.pid, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        raise Failed("who joins and who reads would wait for each other: real-time priority is not allowed") from None


def keep_apart(server):
    """The thread that shakes hands to the load's core."""
    os.sched_setaffinity(server.process.pid, {LOAD_CORE})


def run_joins(kind, apart, options):
    """A thousand joins as fast as they go, then a storm of 200 a second; both beside a briefing of 50, whose latency is told. Who joins is
    another process than who receives, since its handshakes would delay their reads. `apart`: the control thread has another core than the media thread."""
    core = Core(SERVER_CORE)
    server = kind(options.build, options.host, (SERVER_CORE,))
    briefing = Case("joins", "", 1, 50, CAMERA)
    load = joiners = None
    try:
        load, joiners = Load(options), Load(options)
        first(load)
        if apart:
            keep_apart(server)
        enter(server, load, briefing, False)
        load.warm_up(briefing.packets())
        calm = measure(server, load, core, options.seconds)
        _, places = server.room(1, 2 * JOINS, False)
        lines = [server.receive(place, "audio=1", []) for place in places]
        cpu = server.process.cpu()
        joiners.say(*lines[:JOINS])
        burst = joiners.settle()
        cpu = server.process.cpu() - cpu

        def pour():
            start = time.monotonic()
            for i, line in enumerate(lines[JOINS:]):
                time.sleep(max(0.0, start + i / STORM - time.monotonic()))
                joiners.say(line)

        storm = measure(server, load, core, JOINS / STORM, pour)
        settled = joiners.settle()
        if settled["up"] != 2 * JOINS:
            raise Failed(f"{settled['up']} of {2 * JOINS} joined")
        return {"joins_per_second": JOINS / burst["seconds"], "us_per_join": cpu * 1e6 / JOINS, "load_cpu": burst["load_cpu"], "calm": calm, "storm": storm,
                "storm_join_us": settled["join_us"]}
    finally:
        for one in (load, joiners):
            if one:
                one.stop()
        server.stop()


def spread(server):
    """A core for each media thread."""
    for i, thread in enumerate(sorted(server.process.threads())[1:]):
        os.sched_setaffinity(thread, {(SERVER_CORE, LOAD_CORE)[i]})


def run_threads(kind, case, gro, threads, options):
    """A case with so many media threads, a core for each, one of which the load shares: no rate is told, but what each thread works."""
    got = run_case(kind, case, gro, options, (SERVER_CORE, LOAD_CORE), ("--media-threads", str(threads)), spread)
    busy = got["thread_cpu"][1:]
    if len(busy) != threads:
        raise Failed(f"{len(busy)} media threads")
    sent = got["counted"]["packets_out"]
    got["media_cpu"], got["shares"] = busy, [n / max(1, sum(sent)) for n in sent]
    got["packets_per_busy_second"] = got["packets_per_second"] / sum(busy)
    got["packets_at_full"] = got["packets_per_second"] / max(busy)  # once the busiest has nothing left, if each has a core
    got["dropped_relay"] = sum(got["counted"]["dropped_relay"])
    return got


def run_estimate(kind, case, gro, on, options):
    return run_case(kind, case, gro, options, words=("--estimate", "on" if on else "off"))
