#!/usr/bin/env python3
"""That packaging/ fits the program and the documentation. usage: packaging.py PARLEY [WEB]

Options that the service and its configuration give exist; the documentation shows the very files that are installed; what
is built is installed; and the list of what is in the page names each npm package that the page's code uses. The packages
themselves: script/package --test."""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "tests/http"), str(ROOT / "packaging")]
from tap import check, finish, run  # noqa: E402

import sbom  # noqa: E402

PARLEY = sys.argv[1]
WEB = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None
DEBIAN = ROOT / "packaging/debian"


def options(text):
    return re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)


def service_fits():
    """the options that the unit and the configuration give are options of serve"""
    out = subprocess.run([PARLEY, "help", "serve"], check=True, capture_output=True, text=True).stdout
    known = set(re.findall(r"^  (--[a-z-]+)", out, re.M))
    unit, conf = ((DEBIAN / name).read_text() for name in ("parley.service", "parley.conf"))
    start = re.search(r"^ExecStart=/usr/bin/parley serve (.*)$", unit, re.M)
    check("the unit starts it", start is not None)
    given = options(start.group(1)) + options(conf)
    check("options are given", len(given), lambda n: n > 5)
    check("options that do not exist", sorted(set(given) - known), [])
    taken = re.findall(r"\$\{?(\w+)", start.group(1))
    check("the configuration sets what the unit takes", sorted(re.findall(r"^(\w+)=", conf, re.M)), sorted(taken))
    data = re.search(r"^Environment=PARLEY_DATA=(\S+)$", unit, re.M).group(1)
    state = re.search(r"^StateDirectory=(\S+)$", unit, re.M).group(1)
    check("it writes where it may", data, f"/var/lib/{state}")
    for script in ("parley.postinst", "parley.postrm"):
        check(f"{script} knows that folder", data in (DEBIAN / script).read_text())


def documentation_shows_it():
    """docs/deploy.md shows each example, and the options of parley.conf, as they are installed"""
    page = (ROOT / "docs/deploy.md").read_text()
    examples = sorted((ROOT / "packaging/examples").iterdir())
    check("there are examples", len(examples), lambda n: n >= 4)
    for file in examples:
        text = re.sub(r"\A(#.*\n)+", "", file.read_text()).strip()
        check(f"deploy.md has {file.name}", f"```\n{text}\n```" in page and f"examples/{file.name}" in page)
    conf = (DEBIAN / "parley.conf").read_text()
    told = re.search(r"^# (PARLEY_OPTIONS=(?:.|\n)*?\")$", conf, re.M).group(1).replace("\n# ", "\n")
    check("deploy.md has the options of parley.conf", told in page)


def all_is_installed():
    """each program that Meson installs is in one package, and what is copied is there"""
    built = set(re.findall(r"executable\(\s*'([\w-]+)'(?:(?!executable\()[\s\S])*?install: true", (ROOT / "meson.build").read_text()))
    check("programs are built", built, {"parley", "parley-simulate"})
    listed = {file.stem: file.read_text().split() for file in DEBIAN.glob("*.install")}
    check("programs are in a package", sorted(w for words in listed.values() for w in words if w.startswith("usr/bin/")),
          sorted(f"usr/bin/{name}" for name in built))
    sources = [line.split()[0] for file in [*DEBIAN.glob("*.install"), *DEBIAN.glob("*.docs"), *DEBIAN.glob("*.examples")]
               for line in file.read_text().splitlines()]
    check("what is copied is there", [s for s in sources if not s.startswith(("usr/", "web/dist/")) and not any(ROOT.glob(s))], [])
    needed = set(re.search(r"^Build-Depends:((?:.|\n )*)", (DEBIAN / "control").read_text(), re.M).group(1).replace(",", " ").split())
    bootstrap = (ROOT / "script/bootstrap").read_text()
    libraries = {word for word in needed if word.startswith("lib")}
    check("script/bootstrap installs what the package is built from", sorted(n for n in libraries if n not in bootstrap), [])


def list_is_whole():
    """each npm package that the page's code imports, and those that they need at run time, is in the list with its version"""
    if not WEB:
        return
    listed = {name: version for name, version, _ in sbom.bundled(WEB)}
    lock = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    used = set()
    for file in [f for kind in ("ts", "svelte", "css") for f in (ROOT / "web/src").rglob(f"*.{kind}")]:
        if "gen" in file.parts:
            continue
        for typed, name in re.findall(r"""^\s*import\s+(type\s)?(?:[^'"]*?from\s+)?["']((?:@[\w.-]+/)?[a-z][\w.-]*)""", file.read_text(), re.M):
            if not typed and f"node_modules/{name}" in lock:
                used.add(name)
    check("packages are used", used, lambda u: {"svelte", "ts-mls"} <= u)
    for name in sorted(used):
        check(f"{name} is in the list, as it is locked", listed.get(name), lock[f"node_modules/{name}"]["version"])
    check("all that is listed is locked", [n for n, v in sorted(listed.items()) if lock.get(f"node_modules/{n}", {}).get("version") != v], [])
    *texts, notices = re.split(r"\n-{80}\n\n", (WEB / "licences.txt").read_text())
    check("each licence's text has its row", len(listed), len(texts))
    check("and what is inside packages has its notice", notices, (ROOT / "web/notices.txt").read_text())


run(service_fits, documentation_shows_it, all_is_installed, list_is_whole)
sys.exit(finish())
