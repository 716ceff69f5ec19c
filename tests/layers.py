#!/usr/bin/env python3
"""Fails on an #include that the file's layer forbids. The table is that of ARCHITECTURE.md."""

import pathlib
import re
import sys

LAYERS = {
    "base": set(),
    "crypto": {"base"},
    "proto": {"base", "crypto"},
    "sfu": {"base", "crypto", "proto"},
    "meet": {"base", "crypto"},
    "signal": {"base", "crypto", "proto", "meet"},
    "record": {"base", "crypto", "meet", "signal"},
    "minutes": {"base", "crypto", "meet", "signal"},
    "identity": {"base", "crypto", "signal"},
    "io": {"base", "crypto", "proto"},
    "client": {"base", "crypto", "proto"},
    "simulate": {"base", "crypto", "proto", "io", "client"},
    "server": {"base", "crypto", "proto", "sfu", "meet", "record", "signal", "minutes", "identity", "io"},
}

# Libraries, and the only folders that may use them.
LIBRARIES = {
    "openssl/": {"client", "crypto", "io"},
    "sqlite3.h": {"io"},
    "wslay/": {"io"},
    "jansson.h": {"identity", "signal", "record", "server", "simulate"},
    "qrencode.h": {"minutes"},
    "cjose/": {"identity"},
    "vpx/": {"simulate"},
    "opus/": {"simulate"},
    "ft2build.h": {"simulate"},
    "intel-ipsec-mb.h": {"crypto"},
}

# Whatever else is included from the system must be in this list, but at the edge: the other
# folders are without sockets, files, threads, clocks and randomness of their own.
PURE = {
    "assert.h", "ctype.h", "endian.h", "errno.h", "inttypes.h", "limits.h", "math.h", "stdalign.h", "stdarg.h",
    "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h",
    "immintrin.h",
}
ALSO = {"base": {"arpa/inet.h", "netinet/in.h"}}
EDGE = {"client", "io", "server", "simulate"}

# What those headers still offer of the outside world.
IMPURE_CALL = re.compile(
    r"\b(fopen|freopen|fdopen|tmpfile|remove|rename|popen|system|getenv|rand|srand|random|arc4random|time|clock_gettime"
    r"|gettimeofday|getrandom|printf|puts|exit)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)


def check(layer, name, text):
    """The complaints about one file of a layer."""
    out = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            why = refuse(layer, match.group(1) == '"', match.group(2))
            if why:
                out.append(f"{name}:{number}: {why}")
    if layer not in EDGE:
        # Comments and strings become blank, line by line, so that the numbers stay right.
        code = NOISE.sub(lambda m: "\n" * m.group().count("\n"), text)
        for number, line in enumerate(code.splitlines(), 1):
            for match in IMPURE_CALL.finditer(line):
                before = line[: match.start()].rstrip()
                if not before.endswith((".", "->")):
                    out.append(f"{name}:{number}: {match.group(1)}() belongs in io or server")
    return out


def refuse(layer, ours, header):
    """Why a file of this layer may not include the header; None if it may."""
    if layer not in LAYERS:
        return f"src/{layer} is not in the table of layers"
    for prefix, allowed in LIBRARIES.items():
        if header == prefix or (prefix.endswith("/") and header.startswith(prefix)):
            return None if layer in allowed else f"{layer} must not include <{header}>; only {', '.join(sorted(allowed))}"
    if ours:
        other = header.split("/")[0]
        if "/" not in header or other not in LAYERS:
            return f'"{header}": our own headers are included as "layer/name.h"'
        if other != layer and other not in LAYERS[layer]:
            return f"{layer} must not include {other} ({header})"
        return None
    if layer in EDGE or header in PURE or header in ALSO.get(layer, ()):
        return None
    return f"{layer} must not include <{header}>: it is not in the list of pure headers"


SAMPLES = [
    # layer, text, part of the complaint (None: there is none)
    ("base", "#include <string.h>\n", None),
    ("base", '#include "base/err.h"\n', None),
    ("base", '#include "crypto/dtls.h"\n', "base must not include crypto"),
    ("crypto", '#include "proto/stun.h"\n', "crypto must not include proto"),
    ("crypto", "#include <openssl/evp.h>\n", None),
    ("proto", "#include <openssl/evp.h>\n", "only client, crypto, io"),
    ("proto", "  #  include <sys/socket.h>\n", "pure headers"),
    ("sfu", "#include <time.h>\n", "pure headers"),
    ("sfu", '#include "io/loop.h"\n', "sfu must not include io"),
    ("meet", '#include "proto/sdp.h"\n', "meet must not include proto"),
    ("signal", '#include "sfu/engine.h"\n', "signal must not include sfu"),
    ("io", '#include "sfu/engine.h"\n', "io must not include sfu"),
    ("io", "#include <sqlite3.h>\n#include <sys/epoll.h>\n", None),
    ("server", "#include <sqlite3.h>\n", "only io"),
    ("server", '#include "sfu/engine.h"\n', None),
    ("sfu", "#include <jansson.h>\n", "only identity, record, server, signal, simulate"),
    ("proto", '#include "stun.h"\n', "layer/name.h"),
    ("sfu", "#include <intel-ipsec-mb.h>\n", "only crypto"),
    ("odd", "#include <stdio.h>\n", "not in the table"),
    ("sfu", "int x = rand();\n", "rand() belongs"),
    ("sfu", '/* rand() */ // time(\nconst char *s = "exit(";\nx->time(1); pl_time(2);\n', None),
]


def self_test():
    for layer, text, part in SAMPLES:
        got = check(layer, "sample", text)
        if (part is None) != (not got) or (part and part not in got[0]):
            return [f"self-test: {layer}: {text!r}: got {got}, expected {part!r}"]
    return []


def main():
    root = pathlib.Path(__file__).resolve().parent.parent / "src"
    out = self_test()
    files = sorted(p for p in root.rglob("*") if p.suffix in (".c", ".h"))
    for path in files:
        parts = path.relative_to(root).parts
        out += check(parts[0] if len(parts) > 1 else "", f"src/{'/'.join(parts)}", path.read_text())
    print("\n".join(out) if out else f"{len(files)} files, {len(SAMPLES)} samples: no forbidden include")
    return 1 if out else 0


sys.exit(main())
