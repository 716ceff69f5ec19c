#!/usr/bin/env python3
"""Before maintenance: no meeting is made or opened, those under way go on, and the server ends by itself. usage: test_drain.py PARLEY"""

import json
import pathlib
import re
import signal
import sys
import threading
import time

import client
from client import OFFER, WAIT, Server
from tap import check, finish, run
from ws import WebSocket, join

PARLEY = sys.argv[1]
PEOPLE = [{"name": "C", "role": "chair"}, {"name": "D", "role": "delegate", "seat": "NOR"}]


def drain(server, *words):
    """Status, and what the command says."""
    status, out, errors = client.run(PARLEY, "drain", "--data", server.data, *words)
    return status, out + errors


def meeting(server):
    made = server.create(people=PEOPLE).json()
    return made["id"], [i["token"] for i in made["invitations"]]


def metrics(server):
    text = server.request("GET", "/metrics", token=server.admin).body.decode()
    return [int(re.search(rf"^parley_{name} (\d+)$", text, re.M)[1]) for name in ("draining", "drain_deadline_seconds")]


def refused(server, id_, token):
    """What somebody is told who may not come in: all of it, until the connection ends."""
    ws = WebSocket(server.base)
    ws.send({"type": "hello", "meeting": id_, "token": token})
    return list(iter(ws.receive, None))


def patiently(ws):
    """Whatever comes until the connection ends, which one that says nothing for half a minute would."""
    ended = threading.Event()

    def ping():
        while not ended.wait(5):
            ws.send({"type": "ping"})

    threading.Thread(target=ping, daemon=True).start()
    yield from iter(ws.receive, None)
    ended.set()


def publish(server, id_, token):
    return server.request("POST", f"/whip/{id_}", OFFER, token, headers={"Content-Type": "application/sdp"})


def lets_meetings_end():
    """what is under way goes on; the rest waits; the end comes when the last one has left"""
    server = Server(PARLEY)
    id_, (chair, delegate) = meeting(server)
    other, (other_chair, _) = meeting(server)
    c = join(server.base, id_, chair)
    check("it says how it stands", drain(server, "--status"), (0, "not draining; 1 person is in 1 meeting\n"))
    check("and so do the metrics", metrics(server), [0, 0])
    began = time.time()
    check("it drains", drain(server, "--deadline", "90"), lambda d: d[0] == 0 and re.fullmatch(
        r"draining: the server ends when they have left, at the latest \d{4}-\d\d-\d\d \d\d:\d\d; 1 person is in 1 meeting\n", d[1]))
    told = c.until("maintenance")
    check("who presides is told", told["ahead"])
    check("with the deadline", told["until"] / 1000 - began, lambda s: 5399 < s < 5460)
    check("the metrics too", metrics(server), [1, told["until"] // 1000])
    made = server.create()
    check("no meeting is made", (made.status, made.error()), (503, "maintenance"))
    check("but later", int(made.headers["Retry-After"]), lambda s: 5300 < s <= 5461)
    d = join(server.base, id_, delegate)
    check("into what is under way people come", d.welcome["place"], "room")
    told = refused(server, other, other_chair)
    check("no other meeting is opened", [m["type"] for m in told], ["maintenance", "error"])
    check("for now", told[-1]["code"], "later")
    check("nor by a feed", (publish(server, other, other_chair).status, publish(server, other, other_chair).error()), (503, "maintenance"))
    check("which comes into what is under way", publish(server, id_, delegate).status, 201)
    check("it is called off", drain(server, "--cancel"), (0, "not draining; 2 people are in 1 meeting\n"))
    acts = [json.loads(e["event"])["act"] for e in server.request("GET", "/api/audit", token=server.admin).json()["events"]]
    check("the audit has it", (acts[0], "drain" in acts), ("drain_cancelled", True))
    check("who presides hears of it", c.until("maintenance")["ahead"], False)
    check("meetings are made again", server.create().status, 201)
    check("and opened", join(server.base, other, other_chair).welcome["place"], "room")
    server.process.send_signal(signal.SIGUSR1)
    check("the signal alone does the same, without a deadline", "until" in c.until("maintenance", lambda m: m["ahead"]), False)
    check("another time sets one", drain(server, "--deadline", "10")[0], 0)
    c.until("maintenance", lambda m: "until" in m)
    check("another takes it away", drain(server), (0, "draining: the server ends when they have left; 3 people are in 2 meetings\n"))
    check("who asks is told when to come again", server.create().headers["Retry-After"], "600")
    server.stop()
    server.remove()


def ends_by_itself():
    """with status 0 when nobody is left, and at once if nobody is there"""
    server = Server(PARLEY)
    id_, (chair, delegate) = meeting(server)
    c, d = join(server.base, id_, chair), join(server.base, id_, delegate)
    check("it drains", drain(server)[0], 0)
    c.send({"type": "leave"})
    d.until("gone")
    check("with one left it goes on", server.process.poll(), None)
    d.send({"type": "leave"})
    check("without it ends", server.process.wait(WAIT), 0)
    server.stop()
    check("and says why", any("draining: ends as nobody is left" in line for line in server.lines))
    check("without a word on stderr", server.errors, [])
    again = Server(PARLEY, data=server.data)
    check("the next one does not drain", drain(again, "--status"), (0, "not draining; nobody is in a meeting\n"))
    check("and opens the meeting", join(again.base, id_, chair).welcome["place"], "room")
    again.stop()
    empty = Server(PARLEY)
    check("with nobody there", drain(empty), (0, "draining: the server ends now; nobody is in a meeting\n"))
    check("it ends at once", empty.process.wait(WAIT), 0)
    empty.stop()
    check("a server that does not run is not told", drain(empty), lambda d: d[0] == 2 and "no server runs there" in d[1])
    check("nothing of it stays in the folder", [f for f in ("drain", "upgrade") if pathlib.Path(server.data, f).exists()], [])
    server.remove()
    empty.remove()


def ends_at_the_deadline():
    """whoever is there is told to come again; through an upgrade the deadline is the same"""
    server = Server(PARLEY)
    id_, (chair, _) = meeting(server)
    c = join(server.base, id_, chair)
    check("it drains", drain(server, "--deadline", "1")[0], 0)
    began = c.until("maintenance")["until"] / 1000 - 60
    status, _, errors = client.run(PARLEY, "upgrade", "--data", server.data)
    check("it is handed over", (status, errors), (0, ""))
    c = join(server.base, id_, chair)
    told = c.until("maintenance")
    check("and drains on, until the same time", (told["ahead"], told["until"] / 1000 - 60), (True, began))
    check("no meeting is made there", server.create().status, 503)
    said = next((m for m in patiently(c) if m["type"] == "error"), {"code": None, "message": None})
    check("at the deadline they are told as with a restart", (said["code"], said["message"]), ("later", "The server is restarting."))
    check("not before", time.time() - began, lambda s: s >= 59.9)
    for reader in server.readers:
        reader.join(WAIT)
    check("it is gone", any(reader.is_alive() for reader in server.readers), False)
    check("and says why", any("draining: ends at the deadline" in line for line in server.lines))
    server.process.wait(WAIT)
    server.remove()


run(lets_meetings_end, ends_by_itself, ends_at_the_deadline)
sys.exit(finish())
