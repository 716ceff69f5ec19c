#!/usr/bin/env python3
"""What the documentation says exists. usage: docs.py PARLEY [WEB]

Links and anchors of all Markdown files, as GitHub reads them; files and options that are named; that each
option of the command line is documented, and each route of the server; and, where the web client was built
(WEB is its folder), that every link of the pages at /docs leads somewhere."""

import html.parser
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "http"))
from tap import check, finish, run  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARLEY = sys.argv[1]
WEB = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None
FOLDERS = ("docs", "src", "web", "bench", "fuzz", "tests", "script", "packaging")
# Programs whose options are not ours: what stands in code after their names is theirs.
OTHERS = ("certbot", "lego", "curl", "systemctl", "adduser", "apt-get", "install", "node", "git", "bench/", "script/", "journalctl")


def markdown():
    files = [*ROOT.glob("*.md")]
    for folder in FOLDERS:
        files += [f for f in (ROOT / folder).rglob("*.md") if not {"node_modules", "dist", "gen", "corpus"} & set(f.parts)]
    return sorted(files)


def without_code(text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.sub(r"<!--.*?-->", "", text, flags=re.S)


def anchors(file):
    """As GitHub makes them: letters, digits, hyphens and underscores of the title; spaces become hyphens."""
    seen, out = {}, set()
    for title in re.findall(r"^#{1,6} (.*)$", without_code(file.read_text()), re.M):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        plain = re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        out.add(f"{plain}-{seen[plain]}" if plain in seen else plain)
        seen[plain] = seen.get(plain, 0) + 1
    return out


def links_lead_somewhere():
    """links between files, and their anchors"""
    files = markdown()
    check("there are files", len(files), lambda n: n > 20)
    for file in files:
        text = re.sub(r"`[^`\n]*`", "", without_code(file.read_text()))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            to = (file.parent / path).resolve() if path else file
            name = f"{file.relative_to(ROOT)}: {target}"
            check(f"{name}: exists", to.exists())
            if anchor and to.suffix == ".md" and to.exists():
                check(f"{name}: has the anchor", anchor in anchors(to))


def threats_are_tested():
    """each threat of docs/security.md names what shows its defence, and that is there"""
    text = (ROOT / "docs/security.md").read_text()
    rows = re.findall(r"^\| (.*) \|$", text.split("## Against whom")[1].split("\n## ")[0], re.M)[2:]
    check("there are threats", len(rows), lambda n: n > 12)
    for row in rows:
        who, _, shown = row.split(" | ")
        names = [name.split(" ")[0] for name in re.findall(r"`([^`]+)`", shown)] or (["fuzz/"] if "fuzz" in shown else [])
        check(f"{who}: something shows it", len(names) > 0)
        for name in names:
            check(f"{who}: {name}", any(any(ROOT.glob(place + name.rstrip("/"))) for place in ("", "tests/unit/", "tests/http/")))


def files_exist():
    """files that the documentation names"""
    for file in [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").glob("*.md")]:
        for name in sorted(set(re.findall(r"`((?:%s)/[\w./{},*-]+)`" % "|".join(FOLDERS), file.read_text()))):
            plain = re.sub(r"\{([^,}]*)[^}]*\}", r"\1", name).rstrip("/")  # of {a,b} the first
            if "*" in plain:
                there = any(ROOT.glob(plain))
            else:
                there = (ROOT / plain).exists() or any(ROOT.glob(plain + ".*")) or any(ROOT.glob(plain + "*"))
            if not name.startswith("web/dist"):
                check(f"{file.name}: {name}", there)


def options_of(command):
    out = subprocess.run([PARLEY, "help", command], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^  (--[a-z-]+)", out, re.M))


def options_agree():
    """each option is documented under its command, and none besides exists"""
    usage = subprocess.run([PARLEY, "help"], check=True, capture_output=True, text=True).stdout
    commands = re.findall(r"^  parley (\w+)", usage, re.M)
    check("there are commands", len(commands), lambda n: n > 5)
    page = (ROOT / "docs/commands.md").read_text()
    known = set()
    for command in commands:
        part = next((p for p in re.split(r"^## ", page, flags=re.M) if re.match(rf"[^\n]*\bparley {command}\b", p)), None)
        check(f"commands.md has a section on {command}", part is not None)
        options = options_of(command)
        known |= options
        if command != "demo":  # which has those of serve
            for option in sorted(options):
                check(f"commands.md: {command} {option}", part is not None and option in part)
            for option in sorted(set(re.findall(r"--[a-z][a-z-]+", part or ""))):
                check(f"commands.md: {command} has {option}", option in options)
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "src/server").glob("*.md")]:
        for line in file.read_text().splitlines():
            if not re.search(r"\bparley (%s)\b" % "|".join(commands), line) or any(o in line for o in OTHERS):
                continue
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line):
                check(f"{file.name}: {option} exists", option in known)


def routes_are_documented():
    """src/server/README.md has each route of http.c, and no other"""
    code = (ROOT / "src/server/http.c").read_text()
    table = (ROOT / "src/server/README.md").read_text()
    table = table[table.index("## REST"):table.index("## WHIP and WHEP")]
    there = {(m, re.sub(r"\*", "X", p)) for m, p in re.findall(r'\{"([A-Z]+)", "(/api/[^"]*|/healthz|/metrics)"', code)}
    said = set()
    for cell in re.findall(r"^\| (`[A-Z]+ /.*?) \| ", table, re.M):  # of one route, or of some that belong together
        for method, path in re.findall(r"`([A-Z]+) (/[^`?]*?)(?:\?[^`]*)?`", cell):
            said.add((method, re.sub(r"\b(ID|IID|PID|DOCUMENT|EVENT|BODY|SESSION|PASSKEY|p3)\b", "X", path)))
    check("there are routes", len(there), lambda n: n > 15)
    check("routes that are not documented", sorted(there - said), [])
    check("documented routes that do not exist", sorted(said - there), [])


class Reader(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links = [], []
        self.feed(text)

    def handle_starttag(self, _tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src"):
                self.links.append(value)


def pages_lead_somewhere():
    """every link of the pages at /docs"""
    if not WEB:
        return
    pages = {("/docs" if f.stem == "index" else f"/docs/{f.stem}"): Reader(f.read_text()) for f in (WEB / "docs").glob("*.html")}
    check("there are pages", len(pages), lambda n: n > 12)
    for path, page in sorted(pages.items()):
        check(f"{path}: no id twice", sorted({i for i in page.ids if page.ids.count(i) > 1}), [])
        bad = set()
        for link in page.links:
            to, _, anchor = link.partition("#")
            to = to or path
            if re.match(r"[a-z]+:", link):
                continue
            if to in pages:
                if anchor and anchor not in pages[to].ids:
                    bad.add(link)
            elif not (WEB / to.lstrip("/")).is_file():
                bad.add(link)
        check(f"{path}: links that lead nowhere", sorted(bad), [])


run(links_lead_somewhere, threats_are_tested, files_exist, options_agree, routes_are_documented, pages_lead_somewhere)
sys.exit(finish())
