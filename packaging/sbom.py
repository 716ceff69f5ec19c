#!/usr/bin/env python3
"""Says what is in the packages, as CycloneDX 1.5: the Debian packages of all libraries that the programs load, and
the npm packages whose code, icons or letters are in the page, each with version and licence.

usage: sbom.py VERSION WEB FOLDER…    WEB: the folder of the built web client; FOLDER: what a package installs"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def programs(folder):
    return sorted(f for f in pathlib.Path(folder, "usr/bin").iterdir() if f.is_file())


def libraries(program):
    """All that the loader maps, also for other libraries."""
    return {os.path.realpath(path) for path in re.findall(r"(?:=> |^\s)(/\S+)", output("ldd", str(program)), re.M)}


def debian_packages(paths):
    """Of the files' packages; some list /lib, which is /usr/lib."""
    owners = set()
    for path in sorted(paths):
        found = subprocess.run(["dpkg-query", "-S", path, path.removeprefix("/usr")], capture_output=True, text=True).stdout
        if not found:
            sys.exit(f"sbom.py: {path}: of no package")
        owners.add(found.split(":")[0])
    return sorted(owners)


def debian_licences(package):
    """The names in a copyright file of the usual form; where it has another form, none is known here."""
    text = pathlib.Path(f"/usr/share/doc/{package}/copyright").read_text(errors="replace")
    return sorted({name.strip() for name in re.findall(r"^License:[ \t]*(\S.*)$", text, re.M)})


def debian(package):
    version, source, arch = output("dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${Architecture}", package).split("\t")
    licences = debian_licences(package)
    return {
        "type": "library",
        "bom-ref": f"deb/{package}",
        "name": package,
        "version": version,
        "purl": f"pkg:deb/debian/{package}@{version.replace(':', '%3A').replace('+', '%2B').replace('~', '~')}?arch={arch}&distro=debian-12",
        "licenses": [{"license": {"name": name}} for name in licences],
        "properties": [{"name": "debian:source", "value": source},
                       {"name": "debian:copyright", "value": f"/usr/share/doc/{package}/copyright"}],
    }


def bundled(web):
    """Name, version and licence of what the bundler put into the page: web/licences.ts writes it."""
    heads = re.findall(r"^(?:-{80}\n\n)?((?:@[\w.-]+/)?[\w.-]+) (\d\S*) \((.+)\)$", pathlib.Path(web, "licences.txt").read_text(), re.M)
    return sorted(set(heads))


def npm(name, version, licence):
    return {
        "type": "library",
        "bom-ref": f"npm/{name}",
        "name": name,
        "version": version,
        "purl": f"pkg:npm/{name.replace('@', '%40')}@{version}",
        "licenses": [{"expression": licence}],
    }


def main():
    version, web, *folders = sys.argv[1:]
    page = [npm(*row) for row in bundled(web)]
    seen, applications, dependencies = {}, [], []
    for folder in folders:
        name = pathlib.Path(folder).name
        needs = debian_packages(set().union(*map(libraries, programs(folder))))
        seen |= {package: debian(package) for package in needs}
        applications.append({"type": "application", "bom-ref": name, "name": name, "version": version,
                             "licenses": [{"license": {"id": "Apache-2.0"}}]})
        inside = [c["bom-ref"] for c in page] if name == "parley" else []
        dependencies.append({"ref": name, "dependsOn": [f"deb/{package}" for package in needs] + inside})
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    print(json.dumps({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"parley {version}").urn,
        "version": 1,
        "metadata": {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": applications[0]},
        "components": applications[1:] + [seen[package] for package in sorted(seen)] + page,
        "dependencies": dependencies,
    }, indent=1))


if __name__ == "__main__":
    main()
