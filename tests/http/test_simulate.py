#!/usr/bin/env python3
"""Simulated delegations in a real meeting: what they do, and what they count. usage: test_simulate.py PARLEY"""

import json
import subprocess
import sys

from client import WAIT, Server
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
SEATS = 5
PREPARED = [
    {"act": "put_item", "item": "options", "title": "Options"},
    {"act": "put_paper", "paper": "ways", "item": "options", "title": "Ways", "questions": [{"question": "q", "text": "How?"}]},
    {"act": "put_option", "paper": "ways", "option": "A", "title": "One", "answers": [{"question": "q", "text": "So"}], "touches": []},
    {"act": "put_option", "paper": "ways", "option": "B", "title": "Other", "answers": [{"question": "q", "text": "Thus"}], "touches": []},
    *({"act": "put_decision", "decision": name, "item": "options", "title": name, "texts": [{"language": "EN", "text": "Agreed."}],
       "rule": {"procedure": name}, "excluded": []} for name in ("simple", "roll_call", "silence")),
]
MEETING = {
    "title": "T", "floor": "chaired", "encryption": "none", "languages": ["EN"],
    "seats": [{"id": f"S{i}", "name": f"Seat {i}", "country": "NO"} for i in range(SEATS)],
    "people": [{"name": "C", "role": "chair"}, {"name": "S", "role": "secretary"}] +
              [{"name": f"D{i}", "role": "delegate", "seat": f"S{i}"} for i in range(SEATS)],
    "prepared": PREPARED,
}


class Simulation:
    """`parley simulate`, with links on its standard input."""

    def __init__(self, links, *options):
        self.process = subprocess.Popen([PARLEY, "simulate", *options, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(links)
        self.process.stdin.close()

    def end(self):
        """Its exit status, and what it counted."""
        self.process.terminate()
        text = self.process.stdout.read()
        return self.process.wait(WAIT), json.loads(text.splitlines()[-1])


def links_of(server, made, first):
    """Those of the people from here on, with words around them as `parley demo` keeps them."""
    return "A title\n\n" + "".join(f"{i['name']}:   {server.base}/m/{made['id']}#1.{i['token']}.secret.fingerprint\n"
                                   for i in made["invitations"][first:])


def votes(chair, decision, **more):
    """Calls a decision, and waits until all have voted: their choices."""
    chair.send({"type": "call_decision", "decision": decision, "version": 1, **more})
    told = chair.until("decision", lambda m: m["decision"] == decision and m["state"] == "open" and m["votes"] and all(v["voted"] for v in m["votes"]))
    return {v["seat"]: v.get("choice") for v in told["votes"]}


def taken(told):
    check("every act was taken, but for one that the end overtook",
          (told["refused"], told["acts"] - told["acknowledged"] - told["unanswered"], told["unanswered"] <= 1), (0, 0, True))


def takes_part():
    """five delegations and a chair, who gives the floor and calls decisions"""
    made = server.request("POST", "/api/meetings", MEETING, server.admin).json()
    chair = join(server.base, made["id"], made["invitations"][0]["token"])
    simulation = Simulation(links_of(server, made, 1), "--hand", "2", "--speech", "5", "--think", "3")
    chair.until("session", lambda m: m["present"] == SEATS)
    check("the delegations come, the secretary does not stay", True)
    chair.send({"type": "take_item", "item": "options"})
    paper = chair.until("paper", lambda m: len(m["positions"]) == 2 * SEATS)
    check("each takes a position on each option", len({(p["seat"], p["option"]) for p in paper["positions"]}), 2 * SEATS)
    asked = chair.until("floor", lambda m: m["entries"])["entries"][0]
    chair.send({"type": "give_floor", "entry": asked["entry"]})
    chair.until("floor", lambda m: m.get("participant") == asked["participant"])
    chair.until("speaker", lambda m: m.get("participant") == asked["participant"])
    check("who gets the floor is heard", True)
    chair.until("floor", lambda m: "participant" not in m)
    check("and gives it back", True)
    check("all vote", sorted(votes(chair, "simple")), [f"S{i}" for i in range(SEATS)])
    check("and when their names are called", len(votes(chair, "roll_call")), SEATS)
    status, told = simulation.end()
    check("ends by itself", status, 0)
    check("all of that is counted", (told["joined"], told["media_up"], told["positions"], told["votes"], told["left"]), (SEATS, SEATS, 2 * SEATS, 2 * SEATS, SEATS))
    check("speeches too", told["speeches"], lambda n: n >= 1)
    taken(told)
    check("who speaks is heard by the others, and whole", (told["packets_received"] > 100, told["packets_lost"], told["packets_bad"]), (True, 0, 0))
    check("nobody looks, so no picture was made", told["frames"], 0)
    chair.until("session", lambda m: m["present"] == 0)
    check("and they are gone", True)
    chair.close()


def comes_and_goes():
    """delegations that leave now and then"""
    made = server.request("POST", "/api/meetings", MEETING | {"open": True}, server.admin).json()
    simulation = Simulation(links_of(server, made, 2), "--seats", "3", "--away", "2", "--hand", "0", "--seconds", "14")
    status = simulation.process.wait(2 * WAIT)
    told = json.loads(simulation.process.stdout.read().splitlines()[-1])
    check("ends when its time is over", status, 0)
    check("some left", told["left"], lambda n: n > 3)
    check("and came again", told["joined"], lambda n: n > 3)
    check("no more than there are seats at a time", told["joined"] - told["left"], 0)


def a_load():
    """meetings of its own, in which everybody may speak"""
    simulation = subprocess.run([PARLEY, "simulate", "--meetings", "2", "--seats", "4", "--hand", "1", "--speech", "3", "--seconds", "12",
                                 "--rate", "100", "--server", server.base, "--token", f"{server.data}/admin-token"],
                                capture_output=True, text=True, timeout=2 * WAIT)
    told = json.loads(simulation.stdout.splitlines()[-1])
    check("ends when its time is over", simulation.returncode, 0)
    check("all came", (told["joined"], told["media_up"], told["media_failed"]), (8, 8, 0))
    check("and were heard", told["packets_received"], lambda n: n > 100)
    taken(told)


def refuses():
    """what cannot be"""
    made = server.request("POST", "/api/meetings", MEETING | {"encryption": "required"}, server.admin).json()
    for what, words, links, status, part in (
            ("an encrypted meeting", ["-"], links_of(server, made, 2), 1, "is encrypted"),
            ("a token that is wrong", ["-"], f"{server.base}/m/{made['id']}#1.{'x' * 32}\n", 1, ""),
            ("no link", ["-"], "nothing\n", 2, "no link is in it"),
            ("no file", ["/nowhere"], "", 2, "No such file"),
            ("a number that is none", ["--seats", "0", "-"], "", 2, "a number from 1 to 1000"),
            ("an unknown option", ["--odd", "-"], "", 2, "not expected here"),
            ("nothing to do", [], "", 2, "one of them is needed")):
        got = subprocess.run([PARLEY, "simulate", *words], input=links, capture_output=True, text=True, timeout=WAIT)
        check(what, (got.returncode, part in got.stderr, got.stderr.startswith("parley simulate: ")), (status, True, True))


server = Server(PARLEY)
run(takes_part, comes_and_goes, a_load, refuses)
check("the server ends", server.stop(), 0)
server.remove()
sys.exit(finish())
