#!/usr/bin/env python3
"""The table of cases (vectors.json), by `parley verify`: web/tests/recordVectors.test.ts runs it by the page's verifier.
usage: vectors.py PARLEY"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
from tap import check, finish, run  # noqa: E402


def table():
    """small records in which one thing is unusual: whether they hold, and where not"""
    table = json.loads((HERE / "vectors.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "record")
        for case in table["cases"]:
            path.write_text("".join(table["lines"][n] + "\n" for n in case["lines"]))
            done = subprocess.run([sys.argv[1], "verify", str(path)], capture_output=True, text=True)
            line = re.search(r"line (\d+)", done.stdout)
            got = None if done.returncode == 0 else int(line[1]) if line else done.stderr
            check(case["name"], got, case["fault"])
            if got != case["fault"]:
                print("# " + done.stdout.replace("\n", "\n# "))


def samples():
    """records that were kept: a later build still verifies the words of their results"""
    kept = sorted((HERE / "samples").glob("*.record"))
    check("there are some", len(kept), lambda n: n > 0)
    for path in kept:
        done = subprocess.run([sys.argv[1], "verify", str(path)], capture_output=True, text=True)
        check(path.name, (done.returncode, "FAULT" in done.stdout), (0, False))


for test in (table, samples):
    run(test)
sys.exit(finish())
