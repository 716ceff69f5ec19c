#!/usr/bin/env python3
"""kill -9 at random moments while 32 seats vote, with a restart after each: every vote that anybody was told of is in
the record, none twice, and the meeting is back as the record says. Then the same with a power cut, which
takes back what was written and not synced. usage: kill.py PARLEY SHIM [--votes N] [--seed N] [--quick]
The last line is JSON."""

import argparse
import json
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from client import Server  # noqa: E402
from ws import join  # noqa: E402

import power  # noqa: E402

SEATS = 32
ROUND = 24  # votes at most before it is killed
LATEST = 0.12  # seconds after the first vote
MEETING = {
    "seats": [{"id": f"S{n}", "name": f"Seat {n}"} for n in range(SEATS)],
    "people": [{"name": "C", "role": "chair"}, *({"name": f"N{n}", "role": "delegate", "seat": f"S{n}"} for n in range(SEATS))],
    "prepared": [
        {"act": "put_item", "item": "i", "title": "Item"},
        {"act": "put_decision", "decision": "d", "item": "i", "title": "D", "texts": [{"language": "EN", "text": "Yes."}],
         "rule": {"procedure": "consensus"}, "excluded": []},
    ],
}


class Told(threading.Thread):
    """Reads what one is told until the connection ends; the statements of votes among it."""

    def __init__(self, ws, statements):
        super().__init__(daemon=True)
        self.ws, self.statements = ws, statements
        self.last = None
        self.open = threading.Event()
        self.start()

    def run(self):
        try:
            while (message := self.ws.receive()) is not None:
                if message["type"] != "decision":
                    continue
                self.last = message
                if message["state"] == "open":
                    self.open.set()
                self.statements.update(v["statement"] for v in message["votes"] if "statement" in v)
        except (OSError, ValueError):
            pass


class Trial:
    def __init__(self, args, cut, lie=False):
        self.args, self.cut, self.lie = args, cut, lie
        self.random = random.Random(args.seed)
        self.folder = tempfile.mkdtemp(prefix="parley-kill-")
        self.log = self.folder + ".log"
        self.sent, self.told = [], set()
        self.kills = self.undone = 0
        self.restarts = []
        self.faults = []

    def start(self):
        if self.cut:
            os.environ.update(LD_PRELOAD=self.args.shim, POWER_DIR=self.folder, POWER_LOG=self.log)
        began = time.monotonic()
        server = Server(self.args.parley, data=self.folder)
        self.restarts.append(time.monotonic() - began)
        for name in ("LD_PRELOAD", "POWER_DIR", "POWER_LOG"):
            os.environ.pop(name, None)
        if not server.base:
            raise SystemExit(f"the server does not start: {server.errors}")
        return server

    def kill(self, server):
        server.process.kill()
        server.process.wait()
        self.kills += 1
        if self.cut:
            self.undone += power.cut(self.log, self.folder, self.lie)

    def round(self, server, meeting, tokens):
        people = [join(server.base, meeting, token) for token in tokens]
        readers = [Told(ws, self.told) for ws in people]
        if not self.sent:
            people[0].send({"type": "call_decision", "decision": "d", "version": 1})
        if not all(reader.open.wait(20) for reader in readers):
            self.faults.append(f"the decision is not open after {self.kills} kills")
        self.compare(readers[0].last)
        when = threading.Timer(self.random.uniform(0, LATEST), lambda: server.process.kill())
        when.start()
        try:
            for _ in range(min(ROUND, self.args.votes - len(self.sent))):
                statement = f"v{len(self.sent)}"
                self.sent.append(statement)
                ws = people[1 + self.random.randrange(SEATS)]
                ws.send({"type": "vote", "decision": "d", "version": 1, "choice": "national_statement", "statement": statement})
                time.sleep(self.random.expovariate(1 / 0.004))
        except OSError:
            pass  # it is dead
        when.join()
        self.kill(server)
        for ws, reader in zip(people, readers):
            reader.join(5)
            ws.close()

    def votes(self):
        """Of the record, in its order: (number, seat, statement)."""
        # The log is read, and not written: what SQLite would do at an opening is the server's to do.
        copy = tempfile.mkdtemp()
        for name in os.listdir(self.folder):
            if not name.endswith("-shm"):
                shutil.copy2(os.path.join(self.folder, name), copy, follow_symlinks=False)
        database = sqlite3.connect(next(str(p) for p in pathlib.Path(copy).glob("*.db")))
        rows = [(number, json.loads(data)) for number, data in database.execute("SELECT number, bytes FROM events ORDER BY number")]
        database.close()
        shutil.rmtree(copy)
        if [number for number, _ in rows] != list(range(1, len(rows) + 1)):
            self.faults.append("the record has a gap")
        return [(number, e["seat"], e["statement"]) for number, e in rows if e["act"] == "vote"]

    def compare(self, decision):
        """What a newcomer is told is what the record says."""
        last = {seat: statement for _, seat, statement in self.votes()}
        got = {v["seat"]: v["statement"] for v in decision["votes"] if "statement" in v}
        if got != last:
            self.faults.append(f"after {self.kills} kills the meeting is not as its record: {got} {last}")

    def check(self):
        kept = [statement for _, _, statement in self.votes()]
        lost = sorted(self.told - set(kept), key=lambda s: int(s[1:]))
        twice = sorted({s for s in kept if kept.count(s) > 1})
        if lost:
            self.faults.append(f"votes that somebody was told of are lost: {lost[:10]}")
        if twice:
            self.faults.append(f"votes stand there twice: {twice[:10]}")

    def run(self):
        server = self.start()
        made = server.create(**MEETING).json()
        tokens = [i["token"] for i in made["invitations"]]
        if self.lie:
            os.truncate(self.log, 0)  # that the meeting was made is on disk
        while True:
            self.round(server, made["id"], tokens)
            self.check()
            if len(self.sent) >= self.args.votes or self.faults:
                break
            server = self.start()
        shutil.rmtree(self.folder)
        if os.path.exists(self.log):
            os.unlink(self.log)
        return {
            "votes": len(self.sent), "told": len(self.told), "kills": self.kills, "writes_taken_back": self.undone,
            "restart_ms_median": round(1000 * sorted(self.restarts)[len(self.restarts) // 2]), "faults": self.faults,
        }


def main():
    args = argparse.ArgumentParser()
    args.add_argument("parley")
    args.add_argument("shim")
    args.add_argument("--votes", type=int, default=1000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--quick", action="store_true")
    args = args.parse_args()
    if args.quick:
        args.votes = 120
    out = {"killed": Trial(args, False).run(), "power_cut": Trial(args, True).run()}
    # What this would see of a server that acknowledged before its syncs: votes must be missing.
    args.votes = min(args.votes, 60)
    control = Trial(args, True, lie=True).run()["faults"]
    out["control"] = {"without_syncs": bool(control)}
    good = not out["killed"]["faults"] and not out["power_cut"]["faults"] and bool(control)
    print(json.dumps(out | {"good": good}))
    sys.exit(0 if good else 1)


main()
