"""The benchmark's client (bench/load.c), spoken to line by line."""

import json
import subprocess

from client import WAIT


def meeting(server, publishers, receivers):
    """Its id, and the tokens of those who publish and then of those who receive."""
    people = [{"name": f"P{i}", "role": "delegate", "seat": "NOR"} for i in range(publishers)]
    people += [{"name": f"R{i}", "role": "observer"} for i in range(receivers)]
    made = server.create(people=people).json()
    return made["id"], [i["token"] for i in made["invitations"]]


class Load:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hello = self.answer()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def settle(self):
        self.say(f"settle {WAIT}")
        return self.answer()

    def measure(self, seconds):
        self.say(f"measure {seconds}")
        self.answer()
        return self.answer()

    def quit(self):
        self.say("quit")
        return self.process.wait(WAIT)
