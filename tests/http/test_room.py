#!/usr/bin/env python3
"""Who hears of whom in a room. usage: test_room.py PARLEY"""

import sys

from client import Server
from tap import check, finish, run
from ws import join

PARLEY = sys.argv[1]
PEOPLE = [
    {"name": "C", "role": "chair"},
    {"name": "O", "role": "observer"},
    {"name": "G", "role": "briefer", "item": "one"},
]
PREPARED = [
    {"act": "put_item", "item": "one", "title": "First"},
    {"act": "put_item", "item": "two", "title": "Second"},
]
MEETING = {
    "title": "T", "floor": "chaired", "encryption": "none", "seats": [], "people": PEOPLE, "prepared": PREPARED,
}


def guests():
    """a guest of an item comes with it and goes with it, for everybody"""
    server = Server(PARLEY)
    try:
        made = server.request("POST", "/api/meetings", MEETING, server.admin).json()
        tokens = [i["token"] for i in made["invitations"]]
        chair, observer, guest = [join(server.base, made["id"], token) for token in tokens]
        who = guest.welcome["you"]
        check("the guest waits", guest.welcome["place"], "waiting")
        chair.send({"type": "take_item", "item": "one"})
        check("comes in with the item", guest.until("place")["place"], "room")
        seen = observer.until("participant", lambda m: m["participant"]["id"] == who)
        check("and is seen", seen["participant"]["place"], "room")
        chair.send({"type": "take_item", "item": "two"})
        check("waits again after it", guest.until("place")["place"], "waiting")
        observer.send({"type": "ping"})
        heard = []
        while (message := observer.receive())["type"] != "pong":
            heard.append(message)
        check("who no longer sees the guest hears that they went",
              [m["participant"] for m in heard if m["type"] == "gone"], [who])
        outside = chair.until("participant", lambda m: m["participant"]["id"] == who and m["participant"]["place"] == "waiting")
        check("who presides sees them wait", outside["participant"]["name"], "G")
    finally:
        server.stop()


run(guests)
sys.exit(finish())
