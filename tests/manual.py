#!/usr/bin/env python3
"""That each command and option of the programs' sources stands in the manual pages and is completed by bash, and
that the completion works. usage: manual.py SOURCE parley.1 parley-simulate.1 COMPLETION"""

import re
import subprocess
import sys

source, parley_1, simulate_1, completion = sys.argv[1:]
wrong = []


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def check(what, good):
    if not good:
        wrong.append(what)


def options_in(path):
    """The words that a source compares what was typed with."""
    return sorted(set(re.findall(r'"(--[a-z][a-z-]*)"', read(f"{source}/{path}"))) - {"--help", "--version"})


def complete(line):
    """What bash offers for the last word of the line."""
    words = line.split(" ")
    script = (
        f"source {completion}; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; "
        f"_{words[0].replace('-', '_')}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.split()


def written(page, word):
    return re.search(rf"^\\fB{re.escape(word.replace('-', chr(92) + '-'))}\\fR", page, re.M)


pages = {"parley": read(parley_1), "parley-simulate": read(simulate_1)}
bash = read(completion)
check("bash reads the completion", subprocess.run(["bash", "-n", completion]).returncode == 0)
for program, path in (("parley", "src/server/cli_options.c"), ("parley-simulate", "src/simulate/main.c")):
    found = options_in(path)
    check(f"{path} has options", len(found) > 9)
    for option in found:
        check(f"{option} of {path} in {program}(1)", written(pages[program], option))
        check(f"{option} of {path} in the completion", re.search(rf"(?<![\w-]){option}(?![\w-])", bash))
commands = re.findall(r'^    {"([a-z]+)", PL_CLI_', read(f"{source}/src/server/cli.c"), re.M)
check("cli.c has commands", len(commands) > 9)
for command in commands:
    check(f"{command} in parley(1)", re.search(rf'^\.SS "parley {command}[ "]', pages["parley"], re.M))
check("commands are completed", complete("parley ") == commands)
for line, offered in (
    ("parley ser", ["serve"]),
    ("parley serve --me", ["--media", "--media-threads"]),
    ("parley serve --estimate ", ["on", "off"]),
    ("parley key r", ["rotate"]),
    ("parley minutes m --language ", ["en", "fr"]),
    ("parley help ver", ["verify", "version"]),
    ("parley simulate --no", ["--no-pictures"]),
    ("parley-simulate --sea", ["--seats"]),
    (f"parley verify {source}/LICEN", [f"{source}/LICENSE"]),
):
    check(f"completion of {line!r}: {complete(line)}", complete(line) == offered)
for text in wrong:
    print(f"missing: {text}")
print(f"{len(commands)} commands; {len(wrong)} missing")
sys.exit(bool(wrong))
