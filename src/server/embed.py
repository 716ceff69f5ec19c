#!/usr/bin/env python3
"""Makes of a file a zero-ended text in C: embed.py FILE OUT.c NAME."""

import json
import sys

path, out, name = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    lines = f.read().splitlines(keepends=True)
with open(out, "w", encoding="utf-8") as f:
    f.write(f"extern const char {name}[];\nconst char {name}[] =\n")
    # json.dumps writes \\uXXXX, which C knows too, but not for every character: UTF-8 as it is.
    f.write("\n".join("    " + json.dumps(line, ensure_ascii=False) for line in lines) + ";\n")
