#!/usr/bin/env python3
"""Holds a meeting with a result of each procedure, and writes its record to standard output: a sample to be kept
(tests/record/samples), so that a later build still verifies the words of today. usage: sample.py PARLEY > FILE"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from client import Server  # noqa: E402
from ws import join  # noqa: E402

SEATS = [{"id": f"S{n}", "name": f"Seat {n}", "weight": n} for n in range(1, 6)]
PEOPLE = [{"name": "C", "role": "chair"}] + [{"name": f"N{n}", "role": "delegate", "seat": f"S{n}"} for n in range(1, 6)]
# The rule, what each seat chooses (None: nothing), and whether a statement goes with it.
RESULTS = [
    ({"procedure": "consensus"}, ["join", "join_with_reservation", "national_statement", "join", "join"]),
    ({"procedure": "consensus"}, ["join", "block", "awaiting_instructions", "join", None]),
    ({"procedure": "unanimity"}, ["yes", "yes", "abstain", "yes", "yes"]),
    ({"procedure": "unanimity", "abstentions_count": True}, ["yes", "no", "abstain", "yes", "yes"]),
    ({"procedure": "simple"}, ["yes", "no", "yes", "abstain", None]),
    ({"procedure": "simple", "abstentions_count": True}, ["yes", "no", "yes", "abstain", None]),
    ({"procedure": "simple", "quorum": 5}, ["yes", "yes", "yes", "yes", "yes"]),
    ({"procedure": "absolute"}, ["yes", "yes", "no", None, None]),
    ({"procedure": "qualified", "seats_num": 2, "seats_den": 3, "base": "present"}, ["yes", "yes", "yes", "yes", "no"]),
    ({"procedure": "qualified", "seats_num": 55, "seats_den": 100, "weight_num": 65, "weight_den": 100, "base": "members"},
     ["yes", "yes", "yes", "no", "no"]),
    ({"procedure": "roll_call"}, ["yes", "no", "yes", "yes", "abstain"]),
    ({"procedure": "silence"}, ["receipt", "break_silence", None, None, None]),
]
STATED = ("join_with_reservation", "national_statement", "block", "break_silence")


def decide(chair, delegates, name, rule, choices):
    call = {"type": "call_decision", "decision": name, "version": 1}
    if rule["procedure"] == "silence":
        call |= {"deadline": 4000000000000, "time_zone": "Europe/Brussels"}
    chair.send(call)
    for k, (ws, choice) in enumerate(zip(delegates, choices)):
        ws.until("decision", lambda m: m["decision"] == name and m["state"] == "open" and m.get("turn", f"S{k + 1}") == f"S{k + 1}")
        if choice:
            ws.send({"type": "vote", "decision": name, "version": 1, "choice": choice, **({"statement": "So."} if choice in STATED else {})})
            ws.until("decision", lambda m: m["decision"] == name and (m["state"] != "open" or any(v["voted"] for v in m["votes"] if v["seat"] == f"S{k + 1}")))
            if choice == "break_silence":
                return
    chair.send({"type": "close_decision", "decision": name})
    chair.until("decision", lambda m: m["decision"] == name and m["state"] != "open")


def main():
    prepared = [{"act": "put_item", "item": "i", "title": "First"}] + [
        {"act": "put_decision", "decision": f"d{k}", "item": "i", "title": f"D{k}", "texts": [{"language": "EN", "text": f"We decide {k}."}],
         "rule": rule, "excluded": []} for k, (rule, _) in enumerate(RESULTS)]
    server = Server(sys.argv[1])
    try:
        made = server.create(seats=SEATS, people=PEOPLE, prepared=prepared, quorum=3).json()
        chair, *delegates = [join(server.base, made["id"], i["token"]) for i in made["invitations"]]
        for k, (rule, choices) in enumerate(RESULTS):
            decide(chair, delegates, f"d{k}", rule, choices)
        done = subprocess.run([sys.argv[1], "export", made["id"], "--data", server.data], capture_output=True, check=True)
        sys.stdout.buffer.write(done.stdout)
    finally:
        server.stop()
        server.remove()


main()
