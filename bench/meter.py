"""What bench/run measures with: the load, a core, everybody joining, a window of time, where the server's time goes."""

import json
import os
import pathlib
import subprocess
import tempfile
import time

from servers import Failed

SERVER_CORE, LOAD_CORE = 0, 1
SPEAKER, LISTENERS = 30, 90  # audio levels of the first publisher and of the others, RFC 6464
SETTLED, SETTLED_MAX = 2, 30  # seconds that everything must come before it is measured, and that it may take to get there
SETTLED_SHARE = 0.95  # a window of a second cuts a frame or two of a camera


class Load:
    """bench_load on its core, spoken to line by line."""

    def __init__(self, options):
        self.process = subprocess.Popen(["taskset", "-c", str(LOAD_CORE), f"{options.build}/bench/bench_load", str(options.nap)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.fingerprint = self.answer()["fingerprint"]

    def say(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed("bench_load ended")
        return json.loads(line)

    def settle(self, seconds=60):
        self.say(f"settle {seconds}")
        got = self.answer()
        if got["failed"]:
            raise Failed(f"{got['failed']} clients failed: {got['why']}")
        return got

    def measure(self, seconds, meanwhile=None):
        self.say(f"measure {seconds}")
        self.answer()
        if meanwhile:
            meanwhile()
        return self.answer()

    def warm_up(self, packets):
        """Until so many packets a second, all that is expected, have come for SETTLED seconds: a server that estimates its receivers'
        lines begins with less. Seconds it took until then; None: never within SETTLED_MAX."""
        began = since = time.monotonic()
        while True:
            got = self.measure(1)
            now = time.monotonic()
            if got["packets"] < SETTLED_SHARE * packets * got["seconds"]:
                since = now
            if now - since >= SETTLED:
                return since - began
            if now - began >= SETTLED_MAX:
                return None

    def stop(self):
        try:
            self.say("quit")
            self.process.wait(20)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()


class Core:
    """What a core did, all processes and interrupts, and its ksoftirqd alone: /proc/stat, /proc/PID/stat. Seconds."""

    def __init__(self, number):
        self.number = number
        names = ((p, p.joinpath("comm")) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit())
        self.softirqd = next((p for p, name in names if name.exists() and name.read_text().strip() == f"ksoftirqd/{number}"), None)

    def busy(self):
        for line in pathlib.Path("/proc/stat").read_text().splitlines():
            if line.startswith(f"cpu{self.number} "):
                user, nice, system, _, _, irq, softirq, *_ = (int(v) for v in line.split()[1:])
                return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
        raise Failed("no such core")

    def softirq(self):
        if not self.softirqd:
            return 0.0
        fields = self.softirqd.joinpath("stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def enter(server, load, case, gro):
    """Everybody joins; gives the server's memory before the receivers came."""
    rooms = [server.room(case.publishers, case.receivers, case.council) for _ in range(case.rooms)]
    idle = server.process.rss()
    for publishers, _ in rooms:
        for i, place in enumerate(publishers):
            load.say(server.publish(place, f"audio=1 level={LISTENERS if i else SPEAKER} {case.video or ''}"))
    load.settle()
    before = idle if case.council else server.process.rss()
    what = f"audio={case.heard} video={case.heard if case.video else 0} gro={int(gro)}"
    for publishers, receivers in rooms:
        for place in receivers:
            load.say(server.receive(place, what, publishers))
    return before, load.settle()


def measure(server, load, core, seconds, meanwhile=None):
    """One window: what arrived, and what the server, its threads and its core used."""
    marks = []
    mark = lambda: marks.append((time.monotonic(), server.process.threads(), core.softirq(), core.busy()))

    def during():
        mark()
        if meanwhile:
            meanwhile()

    got = load.measure(seconds, during)
    mark()
    (t0, cpu0, soft0, busy0), (t1, cpu1, soft1, busy1) = marks
    got["thread_cpu"] = [(now - cpu0.get(thread, 0)) / (t1 - t0) for thread, now in sorted(cpu1.items())]
    got["server_cpu"] = sum(got["thread_cpu"])
    got["softirqd_cpu"] = (soft1 - soft0) / (t1 - t0)
    got["core_busy"] = (busy1 - busy0) / (t1 - t0)
    got["packets_per_second"] = got["packets"] / got["seconds"]
    got["us_per_packet"] = (got["server_cpu"] + got["softirqd_cpu"]) * 1e6 / max(1, got["packets_per_second"])
    return got


def judge(got, case):
    """Whether what came in a window is all that was to come."""
    got["missing"] = 1 - got["packets"] / (case.packets() * got["seconds"])
    got["clean"] = got["lost"] == 0 and got["bad"] == 0 and got["duplicates"] == 0 and got["missing"] < 0.01
    got["all_streams"] = got["streams"] == case.rooms * case.receivers * case.heard * (2 if case.video else 1)


def profile(server, what, path):
    """Where the server's time goes, by perf, appended to a file. After the measurement, which it would slow down."""
    with tempfile.NamedTemporaryFile() as data:
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-g", "-p", str(server.process.pid), "-o", data.name, "--",
                        "sleep", "3"], check=True, capture_output=True)
        with open(path, "a", encoding="utf-8") as out:
            for title, more in (("itself", ["--no-children", "--percent-limit", "0.5"]), ("with what it calls", ["--children", "--percent-limit", "2"])):
                print(f"== {what}: each function {title}", file=out, flush=True)
                subprocess.run(["perf", "report", "-i", data.name, "--stdio", "-g", "none", "--sort", "symbol,dso", *more], check=True,
                               stdout=out, stderr=subprocess.DEVNULL)


def run_case(kind, case, gro, options, cores=(SERVER_CORE,), words=(), arrange=None):
    """A case as a whole: all join, the warm-up, one window. `words`: more of the server's command line; `arrange`: what is done to the
    server before anybody joins."""
    core = Core(cores[0])
    server = kind(options.build, options.host, cores, words)
    load = None
    try:
        if arrange:
            arrange(server)
        load = Load(options)
        server.fingerprint = load.fingerprint
        idle = server.process.rss()
        before, joined = enter(server, load, case, gro)
        warm = load.warm_up(case.packets())
        counted = server.counted()
        got = measure(server, load, core, options.seconds)
        got["counted"] = {name: [a - b for a, b in zip(now, counted[name])] for name, now in server.counted().items()}
        if options.profile:
            profile(server, f"{case.name}, {kind.name} {' '.join(words)}, {'GRO' if gro else 'plain'}", options.profile)
        got["idle_bytes"] = idle
        got["receiver_bytes"] = (server.process.rss() - before) / (case.receivers * case.rooms)
        got["join_seconds"], got["warm_up_seconds"] = joined["seconds"], warm
        judge(got, case)
        return got
    finally:
        if load:
            load.stop()
        server.stop()
