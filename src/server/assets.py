#!/usr/bin/env python3
"""Makes the table of pl_assets from the folder of the built web client.

usage: assets.py FOLDER OUT.c GZIP_FOLDER OUT.d

FOLDER may be empty text: then the table is empty too. The files go into the program by .incbin; what
a browser takes compressed is compressed here, once. OUT.d tells ninja which files were read."""

import gzip
import hashlib
import pathlib
import re
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tflite": "application/octet-stream",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
COMPRESSIBLE = {".css", ".html", ".ico", ".js", ".json", ".mjs", ".svg", ".tflite", ".txt", ".wasm", ".webmanifest"}
BUILD = re.compile(rb'<meta name="parley-build" content="([0-9a-f]{16})">')  # web/build.ts
HASHED = re.compile(r"^/assets/.*[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")  # as Vite names them
COMPILES = re.compile(r"^/assets/[a-z]+\.wasmWorker-[A-Za-z0-9_-]{8,}\.js$")  # web/src/effects

BLOB = """__asm__(".section .rodata\\n.balign 16\\n.globl {name}\\n.hidden {name}\\n{name}:\\n.incbin \\"{file}\\"\\n"
        ".byte 0\\n.previous");
extern const unsigned char {name}[];
"""


def quoted(text):
    if not re.fullmatch(r"[\x20-\x7e]*", text) or '"' in text or "\\" in text:
        sys.exit(f"assets.py: {text!r}: not a name that can be served")
    return f'"{text}"'


def build_of(root):
    found = BUILD.search((root / "index.html").read_bytes()) if root else None
    if root and not found:
        sys.exit(f"assets.py: {root}/index.html does not say which build it is (web/build.ts)")
    return found.group(1).decode() if found else ""


def main():
    folder, out_c, gzip_folder, out_d = sys.argv[1:]
    root = pathlib.Path(folder).resolve() if folder else None
    if root and not (root / "index.html").is_file():
        sys.exit(f"assets.py: {root} holds no index.html; build the web client first (script/build-web)")
    packed = pathlib.Path(gzip_folder)
    packed.mkdir(parents=True, exist_ok=True)
    files = sorted((p for p in root.rglob("*") if p.is_file()), key=lambda p: b"/" + p.relative_to(root).as_posix().encode()) if root else []
    blobs, rows = [], []
    for number, file in enumerate(files):
        suffix = file.suffix.lower()
        if suffix not in TYPES:
            sys.exit(f"assets.py: {file}: no Content-Type is known for {suffix or 'a name without a suffix'}")
        data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:20]
        path = "/" + file.relative_to(root).as_posix()
        name = f"pl_asset_{number}"
        blobs.append(BLOB.format(name=name, file=file))
        small = gzip.compress(data, 9, mtime=0) if suffix in COMPRESSIBLE else data
        other = ("NULL", 0)
        if len(small) < 0.9 * len(data):
            target = packed / f"{digest}.gz"
            target.write_bytes(small)
            blobs.append(BLOB.format(name=name + "_gzip", file=target.resolve()))
            other = (name + "_gzip", len(small))
        rows.append(
            f'    {{{quoted(path)}, "{TYPES[suffix]}", "\\"{digest}\\"", {name}, {len(data)}, {other[0]}, {other[1]}, '
            f"{'true' if HASHED.match(path) else 'false'}, {'true' if COMPILES.match(path) else 'false'}}},\n")
    text = '/* Made by assets.py. */\n#include "server/assets.h"\n\n' + "".join(blobs)
    # ISO C wants at least one row; the count says that it is none.
    text += "\nconst struct pl_asset pl_assets[] = {\n" + ("".join(rows) or "    {0},\n") + "};\n"
    text += f"const size_t pl_assets_n = {len(rows)};\n"
    text += f'const char pl_assets_build[] = "{build_of(root)}";\n'
    pathlib.Path(out_c).write_text(text)
    inputs = [root, *(p for p in root.rglob("*"))] if root else []
    pathlib.Path(out_d).write_text(f"{out_c}: " + " ".join(str(p).replace(" ", "\\ ") for p in inputs) + "\n")


main()
