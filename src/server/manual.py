#!/usr/bin/env python3
"""The manual pages and the completion for bash, of what the programs themselves print as help: that is made
of the tables by which they read their words, so there is nothing to keep in step.

usage: manual.py PARLEY SIMULATE|- parley.1 parley-simulate.1 COMPLETION"""

import re
import subprocess
import sys

VALUES = {"FILE": "-f", "DIR": "-d"}  # what bash completes by itself


def ask(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Option:
    def __init__(self, name, value, text):
        self.name, self.value, self.text = name, value, text


class Command:
    """Of `parley help`, a line of whose list has name, subject, and summary in columns."""

    def __init__(self, program, line):
        self.name, self.subject, self.summary = line[9:17].strip(), line[18:28].strip(), line[29:].strip()
        told = "" if self.name == "simulate" else ask(program, "help", self.name)
        head, _, options = told.partition("\nOptions (defaults in brackets):\n")
        self.text = head.partition("\n")[2].strip("\n")
        self.options = read_options(options)


def read_options(text):
    """Each is a line `  --name VALUE`, and indented ones behind it; or its text stands in the same line."""
    found = []
    for line in text.splitlines():
        option = re.match(r"  (--[a-z-]+)(?: ([^\s]+))?(?:\s{2,}(.*))?$", line)
        if option:
            name, value, rest = option.groups()
            found.append(Option(name, value, [rest] if rest else []))
        elif line.strip() and found:
            found[-1].text.append(line.strip())
    return found


# Roff


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def paragraphs(text):
    for part in filter(None, text.split("\n\n")):
        table = any(re.search(r"\S {2,}\S", line) for line in part.splitlines())
        yield "\n".join([".PP", *([".nf"] if table else []), *map(escape, part.splitlines()), *([".fi"] if table else [])])


def option_roff(o):
    return f".TP\n\\fB{escape(o.name)}\\fR" + (f" \\fI{escape(o.value)}\\fR" if o.value else "") + "\n" + "\n".join(map(escape, o.text))


def command_roff(c, known):
    told = [f".SS \"parley {c.name}" + (f" {c.subject}" if c.subject and c.subject != "[OPTIONS]" else "") + '"', escape(c.summary[0].upper() + c.summary[1:]) + "."]
    told += paragraphs(c.text)
    own = [o for o in c.options if c.name != "demo" or o.name not in known]
    if len(own) < len(c.options):
        told.append(".PP\nThe options of parley serve, and:")
    return "\n".join([*told, *map(option_roff, own)])


def parley_roff(version, commands):
    serve = {o.name for c in commands if c.name == "serve" for o in c.options}
    return "\n".join([
        f'.TH PARLEY 1 "" "{version}" "User Commands"',
        ".SH NAME\nparley \\- a self\\-hosted server for the meetings of bodies that decide together",
        ".SH SYNOPSIS\n.B parley\n.I COMMAND\n.RI [ OPTIONS ]",
        ".SH DESCRIPTION\nOne program carries a meeting's picture and sound, runs its procedure, and puts every act on record.\n"
        "People need a link and a browser. An option's value stands behind it, or behind an =.",
        ".SH COMMANDS",
        *(command_roff(c, serve) for c in commands),
        ".SH EXIT STATUS\n0 when it is done; 1 when a record that was verified has a fault; 2 when the words are wrong, or the system refuses.",
        ".SH SEE ALSO\n.BR parley\\-simulate (1).\nEvery running server shows its documentation at /docs.",
    ]) + "\n"


def simulate_roff(version, text, options):
    about = text.partition("\n\n")[2].partition("\n\n")[2].partition("\nOptions (")[0]
    usage = [line.partition("parley simulate")[2].strip() for line in text.splitlines() if re.match(r"(usage:|  +) *parley simulate", line)]
    return "\n".join([
        f'.TH PARLEY\\-SIMULATE 1 "" "{version}" "User Commands"',
        ".SH NAME\nparley\\-simulate \\- take part in meetings of parley as simulated delegations",
        ".SH SYNOPSIS\n" + "\n.br\n".join(f"\\fBparley\\-simulate\\fR {escape(re.split(r'  +', u)[0])}" for u in usage),
        ".SH DESCRIPTION\nAlso called as parley simulate.\n" + "\n".join(paragraphs(about)),
        ".SH OPTIONS",
        *map(option_roff, options),
        ".SH EXIT STATUS\n0 when it came in and ended as it was told; 2 when the words are wrong.",
        ".SH SEE ALSO\n.BR parley (1)",
    ]) + "\n"


# Bash


def value_of(option):
    if option.value and "|" in option.value:
        return f'-W "{option.value.replace("|", " ")}"'
    return VALUES.get(option.value or "")


def bash_cases(options):
    """What completes the word behind an option; those without are not completed."""
    cases = []
    for o in options:
        if o.value:
            wish = value_of(o)
            cases.append(f"    {o.name}) " + (f'COMPREPLY=($(compgen {wish} -- "$cur")); return ;;' if wish else "return ;;"))
    return cases


def words(options):
    return " ".join([*(o.name for o in options), "--help"])


def subject_words(c, names):
    if c.subject == "FILE":
        return "-f"
    if c.name == "help":
        return f'-W "{names}"'
    if c.subject == "ACTION":
        return '-W "' + " ".join(re.findall(r"^([a-z]+)(?: [A-Z]+)? {2,}\S", c.text, re.M)) + '"'
    return None


def bash_command(c, names):
    lines = [f"  {c.name})", '    case $prev in', *bash_cases(c.options), "    esac"]
    wish = subject_words(c, names)
    lines.append(f'    [[ $cur == -* ]] && COMPREPLY=($(compgen -W "{words(c.options)}" -- "$cur"))')
    if wish:
        lines.append(f'    [[ $cur != -* ]] && COMPREPLY=($(compgen {wish} -- "$cur"))')
    return "\n".join([*lines, "    ;;"])


def completion(commands, simulate):
    names = " ".join(c.name for c in commands)
    cases = [bash_command(c, names) for c in commands if c.name != "simulate"]
    return "\n".join([
        "# Completion of parley and parley-simulate for bash, made of what they print as help.",
        "_parley_simulate() {",
        '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}',
        "  COMPREPLY=()",
        "  case $prev in", *bash_cases(simulate), "  esac",
        f'  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "{words(simulate)}" -- "$cur"))',
        '  else COMPREPLY=($(compgen -f -- "$cur")); fi',
        "}",
        "_parley() {",
        '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}',
        "  COMPREPLY=()",
        f'  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W "{names}" -- "$cur")); return; fi',
        "  case ${COMP_WORDS[1]} in", *cases,
        "  simulate) _parley_simulate ;;",
        "  esac",
        "}",
        "complete -o filenames -F _parley parley",
        "complete -o filenames -F _parley_simulate parley-simulate",
    ]) + "\n"


def main():
    parley, simulate, *files = sys.argv[1:]
    version = ask(parley, "version").strip()
    lines = ask(parley, "help").splitlines()
    commands = [Command(parley, line) for line in lines if line.startswith("  parley ")]
    text = ask(simulate, "--help") if simulate != "-" else ""
    options = read_options(text.partition("Options (")[2])
    for file, made in zip(files, (parley_roff(version, commands), simulate_roff(version, text, options), completion(commands, options))):
        with open(file, "w", encoding="utf-8") as out:
            out.write(made)


main()
