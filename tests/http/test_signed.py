#!/usr/bin/env python3
"""Votes and positions that carry their maker's signature. usage: test_signed.py PARLEY"""

import subprocess
import sys
import tempfile
import time

import ed25519
from client import Server
from keyed import SEEDS, b64, leaf_of, put_manifest, signed, text_of
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
SEATS = [{"id": "NOR", "name": "Norway"}, {"id": "DEN", "name": "Denmark"}]
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": "N", "role": "delegate", "seat": "NOR"},
    {"name": "D", "role": "delegate", "seat": "DEN"},
]
PREPARED = [
    {"act": "put_item", "item": "i", "title": "Item"},
    {"act": "put_paper", "paper": "o", "item": "i", "title": "Options", "questions": [{"question": "q", "text": "Cost?"}]},
    {"act": "put_option", "paper": "o", "option": "a", "title": "Now", "answers": [{"question": "q", "text": "Much."}], "touches": []},
    {"act": "put_decision", "decision": "d", "item": "i", "title": "T", "texts": [{"language": "EN", "text": "We decide."}],
     "rule": {"procedure": "simple"}, "excluded": []},
]
VOTE = {"decision": "d", "version": 1, "choice": "yes"}
POSITION = {"paper": "o", "option": "a", "stance": "support", "visibility": "all"}
CORRECTION = {"event": 2, "language": "EN", "text": "Otherwise."}
TEXTS = {"vote": text_of("EN\nWe decide."), "take_position": text_of("Now", "Cost?\nMuch.")}


class Meeting:
    def __init__(self, server, signatures, put=True, people=()):
        made = server.create(people=PEOPLE, seats=SEATS, prepared=PREPARED, **signatures).json()
        self.id = made["id"]
        self.tokens = [i["token"] for i in made["invitations"]]
        if put:
            assert put_manifest(server, self.id, SEATS, PEOPLE, changes=people) == 204

    def come(self, server):
        people = [join(server.base, self.id, token) for token in self.tokens]
        people[0].send({"type": "call_decision", "decision": "d", "version": 1})
        for p in people:
            called = p.until("decision", lambda m: m["state"] == "open")["called"]
        self.since = {"vote": called, "take_position": 4}  # the option is put by the fourth event
        return people

    def signed(self, act, own, who=1, seed=None, **said):
        on = {"text": TEXTS[act], "since": self.since[act]} if act in TEXTS else {}
        return signed(self.id, who + 1, act, own, seed, **{**on, **said})


def answer(who, message):
    """None: it was taken; else field and sentence."""
    who.send(message)
    who.send({"type": "ping"})
    told = None
    while (m := who.receive())["type"] != "pong":
        if m["type"] == "error":
            told = (m.get("field"), m["message"])
    return told


OTHER_CALL = "What was signed is of another call, or of before it was amended; sign it anew."
NEEDED = ("signature", "This meeting takes votes, positions and corrections only if they are signed: come by the link "
          "that you were sent.")


def corrects_one_event():
    """a correction is of an event as it stands in the record"""
    server = Server(PARLEY)
    try:
        m = Meeting(server, {"signatures": "required"})
        chair, norway, denmark = m.come(server)
        chair.send({"type": "close_decision", "decision": "d"})
        chair.send({"type": "set_session", "session": "closed"})
        size = chair.until("checkpoint")["size"]
        chair.send({"type": "open_corrections", "until": int(time.time() * 1000) + 60000})
        chair.until("minutes", lambda s: "until" in s)

        def leaf(number):
            return leaf_of(server, m.id, m.tokens[1], number, size)
        other = "What was signed corrects another event than the record has; sign it anew."
        correction = lambda **said: m.signed("propose_correction", CORRECTION, **said)
        for what, said in (("another event", {"leaf": leaf(3)}), ("none", {}), ("no text", {"leaf": 2})):
            check(what, answer(norway, correction(**said)), ("signature", other))
        check("an event that is still to come", answer(norway, m.signed("propose_correction", {**CORRECTION, "event": 1000}, leaf=leaf(2)))[1],
              "There is no such event.")
        check("something more", answer(norway, correction(leaf=leaf(2), since=2))[1], "What was signed says something else than the act.")
        check("the event as it stands", answer(norway, correction(leaf=leaf(2))), None)
        record = subprocess.run([PARLEY, "export", m.id, "--data", str(server.data)], capture_output=True, check=True).stdout
        with tempfile.NamedTemporaryFile() as file:
            file.write(record)
            file.flush()
            done = subprocess.run([PARLEY, "verify", file.name], capture_output=True, text=True)
        check("and the record holds", (done.returncode, "does not say of which" in done.stdout), (0, False))
    finally:
        server.stop()
        server.remove()


def is_checked():
    """what is signed is this act, by this person, from their seat, on the text as it stands"""
    server = Server(PARLEY)
    try:
        m = Meeting(server, {"signatures": "required"})
        chair, norway, denmark = m.come(server)
        check("without a signature", answer(norway, {"type": "vote", **VOTE}), NEEDED)
        check("a position without", answer(norway, {"type": "take_position", **POSITION}), NEEDED)
        good = m.signed("vote", VOTE)
        bad = "This is no signature by your key."
        for what, message, why in (
            ("text alone", {k: v for k, v in good.items() if k != "signature"}, bad),
            ("signature alone", {k: v for k, v in good.items() if k != "signed_text"}, bad),
            ("no base64url", {**good, "signature": "="}, bad),
            ("too short", {**good, "signature": good["signature"][:-2]}, bad),
            ("one byte other", {**good, "signed_text": good["signed_text"].replace("yes", "yeS")}, bad),
            ("another's key", m.signed("vote", VOTE, seed=SEEDS[3]), bad),
            ("another's act", m.signed("vote", VOTE, who=2), bad),
            ("another person in it", m.signed("vote", VOTE, person="p3"), "What was signed is another person's."),
            ("another meeting", m.signed("vote", VOTE, meeting="M"), "What was signed is of another meeting."),
            ("another call", m.signed("vote", VOTE, since=1), OTHER_CALL),
            ("of no call", m.signed("vote", VOTE, since=None), OTHER_CALL),
            ("another text", m.signed("vote", VOTE, text="0" * 64), "What was signed is on another text; read it again."),
            ("another choice", {**m.signed("vote", VOTE), "choice": "no"}, "What was signed says something else than the act."),
            ("no JSON", {**good, "signed_text": "x", "signature": b64(ed25519.sign(SEEDS[2], b"parley act v1\nx"))},
             "What was signed is no JSON object."),
        ):
            check(what, answer(norway, message), ("signature", why))
        check("signed, it is taken", answer(norway, good), None)
        check("by the other seat too", answer(denmark, m.signed("vote", VOTE, who=2)), None)
        check("a position", answer(norway, m.signed("take_position", POSITION)), None)
        check("a vote on a version that is not open",
              answer(norway, m.signed("vote", {**VOTE, "version": 2}))[1], "The text was amended; read it first.")
        check("who may not is told that first", answer(chair, m.signed("vote", VOTE, who=0))[1],
              "Only the delegation of a seat may do this.")
    finally:
        server.stop()


def is_used_once():
    """what was signed is taken once, so that nobody puts an earlier vote in a later one's place"""
    server = Server(PARLEY)
    used = ("signature", "You signed this before; sign it anew.")
    try:
        m = Meeting(server, {"signatures": "required"})
        _, norway, _ = m.come(server)
        yes, no = m.signed("vote", VOTE), m.signed("vote", {**VOTE, "choice": "no"})
        check("yes", answer(norway, yes), None)
        check("yes again changes nothing", answer(norway, yes), None)
        check("no", answer(norway, no), None)
        check("yes, as it was signed before", answer(norway, yes), used)
        server.stop()
        again = Server(PARLEY, data=server.data)
        try:
            _, norway = [join(again.base, m.id, token) for token in m.tokens[:2]]
            check("and after a restart", answer(norway, yes), used)
            check("signed anew", answer(norway, m.signed("vote", VOTE, time=2)), None)
        finally:
            again.stop()
    finally:
        server.stop()


def is_optional():
    """where signatures are optional, none is needed, and a wrong one is refused"""
    server = Server(PARLEY)
    try:
        m = Meeting(server, {})
        _, norway, denmark = m.come(server)
        check("none", answer(norway, {"type": "vote", **VOTE}), None)
        check("a wrong one", answer(denmark, m.signed("vote", VOTE, who=1)), ("signature", "This is no signature by your key."))
        check("a good one", answer(denmark, m.signed("vote", VOTE, who=2)), None)
        unsigned = Meeting(server, {"signatures": "required"}, put=False)
        _, norway, _ = unsigned.come(server)
        check("required, and nobody signed a list", answer(norway, unsigned.signed("vote", VOTE)),
              ("signature", "The organiser's list of participants has no key of yours."))
        other = Meeting(server, {}, people=[(1, {"seat": "DEN"})])
        _, norway, _ = other.come(server)
        check("the list has them in another seat", answer(norway, other.signed("vote", VOTE)),
              ("signature", "The organiser's list of participants has you in no such seat."))
    finally:
        server.stop()


run(is_checked, corrects_one_event, is_used_once, is_optional)
sys.exit(finish())
