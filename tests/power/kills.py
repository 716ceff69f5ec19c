#!/usr/bin/env python3
"""kill -9 at random moments while delegations vote and take positions and the chair puts texts under silence, with a
restart after each. Whatever anybody was told of is in the record, exactly once and byte for byte; what nobody was told
of, once at most; each deadline ends its silence once, and not early; the meeting is back as its record says, open, and what
is exported of it verifies. Then the same with power cuts, which take back what was written and not synced.
usage: kills.py PARLEY SHIM [--kills N] [--cuts N] [--seed N]. The last line is JSON."""

import argparse
import collections
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
import client  # noqa: E402
from client import WAIT, Server  # noqa: E402
from ws import WebSocket  # noqa: E402

import power  # noqa: E402

SEATS = 8
ACTS = 24  # at most before it is killed
LATEST = 0.12  # seconds after the first of them
MEETING_KILLS = 50  # of one meeting: its record is read anew each time
EXPORT_EACH = 10  # kills
SILENCE = (0.2, 2.0)  # seconds until the deadline
MEETING = {
    "seats": [{"id": f"S{n}", "name": f"Seat {n}"} for n in range(SEATS)],
    "people": [{"name": "C", "role": "chair"}, *({"name": f"N{n}", "role": "delegate", "seat": f"S{n}"} for n in range(SEATS))],
    "prepared": [
        {"act": "put_item", "item": "i", "title": "Item"},
        {"act": "put_paper", "paper": "p", "item": "i", "title": "Paper", "questions": []},
        {"act": "put_option", "paper": "p", "option": "o", "title": "Option", "answers": [], "touches": []},
        {"act": "put_decision", "decision": "d", "item": "i", "title": "D", "texts": [{"language": "EN", "text": "Yes."}],
         "rule": {"procedure": "consensus"}, "excluded": []},
    ],
}


OVER = ("The deadline of this silence has passed.", "The result of this decision is declared.")


class Person(threading.Thread):
    """Somebody who comes in, and reads what they are told until the connection ends."""

    def __init__(self, base, meeting, token, told):
        super().__init__(daemon=True)
        self.told = told  # of the whole trial
        self.votes = self.positions = None  # as told first
        self.knows = threading.Event()
        self.ws = WebSocket(base)
        self.ws.send({"type": "hello", "meeting": meeting, "token": token})
        self.place = self.ws.until("welcome")["place"]
        self.start()

    def run(self):
        try:
            while (message := self.ws.receive()) is not None:
                getattr(self, "on_" + message["type"], lambda m: None)(message)
        except (OSError, ValueError):
            pass

    def on_recorded(self, m):
        if "event" in m:
            self.told.events[m["number"]] = m["event"]

    def on_error(self, m):
        # A silence may be over before somebody breaks it; and the last server is told to end.
        if m["message"] not in OVER and m["code"] != "later":
            self.told.errors.append(m["message"])

    def on_decision(self, m):
        self.told.marks.update(v["statement"] for v in m["votes"] if "statement" in v)
        if m["decision"] == "d":
            if m["state"] == "open" and self.votes is None:
                self.votes = {v["seat"]: v["statement"] for v in m["votes"] if "statement" in v}
            self.note()
        elif m["state"] == "open":
            self.told.silence = m["decision"]

    def on_paper(self, m):
        self.told.marks.update(p["reason"] for p in m["positions"])
        if self.positions is None:
            self.positions = {p["seat"]: p["reason"] for p in m["positions"]}
        self.note()

    def note(self):
        if self.votes is not None and self.positions is not None:
            self.knows.set()


class Told:
    """What the server said in a trial."""

    def __init__(self):
        self.events = {}  # by number, their bytes: to who did it
        self.marks = set()  # words of votes and positions, to anybody
        self.errors = []
        self.silence = None  # that was open last


class Trial:
    """One meeting, killed so many times."""

    def __init__(self, args, seed, kills, cut=False, lie=False):
        self.args, self.kills_wanted, self.cut, self.lie = args, kills, cut, lie
        self.random = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="parley-kill-")
        self.log = self.folder + ".log"
        self.told = Told()
        self.sent = collections.Counter()
        self.marks = 0  # each act has words of its own
        self.silences = []
        self.kills = self.undone = self.exports = self.acts = 0
        self.starts, self.returns = [], []
        self.faults = []

    def start(self):
        if self.cut:
            os.environ.update(LD_PRELOAD=self.args.shim, POWER_DIR=self.folder, POWER_LOG=self.log)
        began = time.monotonic()
        server = Server(self.args.parley, data=self.folder)
        self.starts.append(time.monotonic() - began)
        for name in ("LD_PRELOAD", "POWER_DIR", "POWER_LOG"):
            os.environ.pop(name, None)
        if not server.base:
            raise SystemExit(f"the server does not start: {server.errors}")
        return server

    def fault(self, text):
        self.faults.append(f"after {self.kills} kills: {text}")

    # What people do

    def mark(self):
        self.marks += 1
        return f"m{self.marks}"

    def act(self, people):
        who = self.random.randrange(1, 1 + SEATS)
        kind = self.random.random()
        if kind < 0.5:
            message = {"type": "vote", "decision": "d", "version": 1, "choice": "national_statement", "statement": self.mark()}
        elif kind < 0.9:
            message = {"type": "take_position", "paper": "p", "option": "o", "stance": "reservation", "reason": self.mark(), "visibility": "all"}
        elif kind < 0.94 and self.told.silence:
            message = {"type": "vote", "decision": self.told.silence, "version": 1, "choice": "break_silence", "statement": self.mark()}
        else:
            self.call_silence(people[0])
            return
        self.sent[message["type"]] += 1
        people[who].ws.send(message)

    def call_silence(self, chair):
        silence = f"s{len(self.silences)}"
        if len(self.silences) >= 180:  # the meeting has 200 decisions at most
            return
        self.silences.append(silence)
        self.sent["call_decision"] += 1
        chair.ws.send({"type": "put_decision", "decision": silence, "item": "i", "title": silence, "excluded": [],
                       "texts": [{"language": "EN", "text": f"We do {silence}."}], "rule": {"procedure": "silence"}})
        deadline = int(1000 * (time.time() + self.random.uniform(*SILENCE)))
        chair.ws.send({"type": "call_decision", "decision": silence, "version": 1, "deadline": deadline, "time_zone": "Etc/UTC"})

    def come(self, server, meeting, tokens):
        """All of them, in any order; but somebody who presides opens a meeting, once."""
        order = list(range(len(tokens)))
        if self.kills:
            self.random.shuffle(order)
        people = {}
        began = time.monotonic()
        for i in order:
            people[i] = Person(server.base, meeting, tokens[i], self.told)
        self.returns.append(time.monotonic() - began)
        if any(p.place != "room" for p in people.values()):
            self.fault("somebody who was back before the chair waits outside")
        return [people[i] for i in range(len(tokens))]

    def round(self, server, meeting, tokens):
        people = self.come(server, meeting, tokens)
        if not self.kills:
            people[0].ws.send({"type": "call_decision", "decision": "d", "version": 1})
        if not all(p.knows.wait(WAIT) for p in people):
            self.fault("not everybody is told of the decision and the paper")
        self.compare(people[self.random.randrange(len(people))])
        when = threading.Timer(self.random.uniform(0, LATEST), server.process.kill)
        when.start()
        try:
            for _ in range(ACTS):
                self.act(people)
                time.sleep(self.random.expovariate(1 / 0.004))
        except OSError:
            pass  # it is dead
        when.join()
        server.process.wait()
        self.kills += 1
        if self.cut:
            self.undone += power.cut(self.log, self.folder, self.lie)
        for person in people:
            person.join(5)
            person.ws.close()

    # What is left of it

    def record(self):
        """Of each event, in the record's order: its bytes."""
        # The log is read, and not written: what SQLite would do at an opening is the server's to do.
        copy = tempfile.mkdtemp()
        for name in ("parley.db", "parley.db-wal"):
            if os.path.exists(os.path.join(self.folder, name)):
                shutil.copy2(os.path.join(self.folder, name), copy)
        database = sqlite3.connect(os.path.join(copy, "parley.db"))
        rows = database.execute("SELECT number, bytes FROM events ORDER BY number").fetchall()
        database.close()
        shutil.rmtree(copy)
        if [number for number, _ in rows] != list(range(1, len(rows) + 1)):
            self.fault("the record has a gap")
        return {number: bytes_ if isinstance(bytes_, str) else bytes_.decode() for number, bytes_ in rows}

    def events(self, act):
        return [e for e in map(json.loads, self.record().values()) if e["act"] == act]

    def compare(self, person):
        """What a newcomer is told is what the record says."""
        votes = {e["seat"]: e["statement"] for e in self.events("vote") if e["decision"] == "d"}
        positions = {e["seat"]: e["reason"] for e in self.events("take_position")}
        if (person.votes, person.positions) != (votes, positions):
            self.fault(f"the meeting is not as its record: {person.votes} {votes}, {person.positions} {positions}")

    def check(self):
        record = self.record()
        lost = [n for n, event in self.told.events.items() if record.get(n) != event]
        if lost:
            self.fault(f"acts that were acknowledged are lost, or others: {lost[:10]}")
        kept = collections.Counter()
        for event in map(json.loads, record.values()):
            if event["act"] in ("vote", "take_position"):
                kept[event.get("statement") or event.get("reason")] += 1
            if event["act"] in ("put_decision", "call_decision"):
                kept[f"{event['act']} {event['decision']}"] += 1
        if missing := sorted(self.told.marks - set(kept)):
            self.fault(f"acts that somebody was told of are lost: {missing[:10]}")
        if twice := sorted(mark for mark, n in kept.items() if n > 1):
            self.fault(f"acts stand there twice: {twice[:10]}")
        self.acts = sum(kept.values())

    def export(self, meeting):
        """Of the folder as the kill left it."""
        self.exports += 1
        path = self.folder + ".record"
        status, out, errors = client.run(self.args.parley, "export", meeting, "--data", self.folder)
        pathlib.Path(path).write_text(out)
        if status == 0:
            status, out, errors = client.run(self.args.parley, "verify", path)
        if status:
            self.fault(f"what is exported does not verify: {out[-300:]} {errors}")
        os.unlink(path)

    def settle(self, server, meeting, tokens):
        """Every silence that was called ends, once: by its deadline, or as it was broken."""
        latest = max((e["deadline"] for e in self.events("call_decision") if "deadline" in e), default=0) / 1000
        person = Person(server.base, meeting, tokens[0], self.told)
        if latest > time.time():
            time.sleep(latest - time.time())
        end = time.monotonic() + WAIT
        called = {e["decision"]: e for e in self.events("call_decision") if "deadline" in e}
        while len({e["decision"] for e in self.events("settled")}) < len(called) and time.monotonic() < end:
            time.sleep(0.2)
        person.ws.close()
        broken = {e["decision"]: e["at"] for e in self.events("vote") if e["choice"] == "break_silence"}
        settled = self.events("settled")
        if sorted(e["decision"] for e in settled) != sorted(called):
            self.fault(f"silences did not end once each: {sorted(e['decision'] for e in settled)}, called {sorted(called)}")
        for e in settled:
            name = e["decision"]
            expected = (broken[name], "not_adopted") if name in broken else (called[name]["deadline"], "adopted")
            if (e["due"], e["outcome"]) != expected or e["at"] < e["due"]:
                self.fault(f"a silence ended as {e}, and not as {expected}")
        return len(called), len(broken)

    def run(self):
        server = self.start()
        made = server.create(**MEETING).json()
        tokens = [i["token"] for i in made["invitations"]]
        if self.lie:
            os.truncate(self.log, 0)  # that the meeting was made is on disk
        while self.kills < self.kills_wanted and not self.faults:
            self.round(server, made["id"], tokens)
            self.check()
            if self.kills % EXPORT_EACH == 0 and not self.lie:
                self.export(made["id"])
            server = self.start()
        silences = broken = 0
        if not self.faults:
            silences, broken = self.settle(server, made["id"], tokens)
            if server.stop() != 0:
                self.fault("the server did not end well")
            self.check()
            self.export(made["id"])
        else:
            server.process.kill()
            server.process.wait()
        if self.told.errors:
            self.fault(f"refused: {self.told.errors[:3]}")
        shutil.rmtree(self.folder)
        if os.path.exists(self.log):
            os.unlink(self.log)
        return {"kills": self.kills, "sent": sum(self.sent.values()), "acknowledged": len(self.told.events), "recorded": self.acts,
                "silences": silences, "broken": broken, "exports": self.exports, "writes_taken_back": self.undone}


def percentiles(seconds):
    ms = sorted(1000 * s for s in seconds)
    return {f"p{q}": round(ms[min(len(ms) - 1, len(ms) * q // 100)]) for q in (50, 95, 99)} | {"max": round(ms[-1])}


def trials(args, kills, cut=False):
    """Meeting by meeting, until so many kills or a fault."""
    totals, faults, starts, returns = collections.Counter(), [], [], []
    for n in range(-(-kills // MEETING_KILLS)):
        trial = Trial(args, args.seed + n, min(MEETING_KILLS, kills - n * MEETING_KILLS), cut)
        totals.update(trial.run())
        faults += [f"seed {args.seed + n}, {fault}" for fault in trial.faults]
        starts, returns = starts + trial.starts, returns + trial.returns
        print(f"# {totals['kills']} of {kills} {'cuts' if cut else 'kills'}: {totals['acknowledged']} acknowledged, {len(faults)} faults", file=sys.stderr, flush=True)
        if faults:
            break
    return dict(totals) | {"start_ms": percentiles(starts), "all_back_ms": percentiles(returns), "faults": faults}


def main():
    args = argparse.ArgumentParser()
    args.add_argument("parley")
    args.add_argument("shim")
    args.add_argument("--kills", type=int, default=1000)
    args.add_argument("--cuts", type=int, default=100)
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    out = {"killed": trials(args, args.kills), "power_cut": trials(args, args.cuts, cut=True)}
    # What this would see of a server that acknowledged before its syncs: acts must be missing.
    control = Trial(args, args.seed, 5, cut=True, lie=True)
    control.run()
    out["control"] = {"without_syncs": bool(control.faults)}
    good = not out["killed"]["faults"] and not out["power_cut"]["faults"] and bool(control.faults)
    print(json.dumps(out | {"good": good}))
    sys.exit(0 if good else 1)


main()
