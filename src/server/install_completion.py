#!/usr/bin/env python3
"""Puts the completion where bash looks for it, by the name of each program: Meson cannot give an output another
name. usage, by meson install: install_completion.py FILE FOLDER 'NAME NAME'"""

import os
import shutil
import sys

file, folder, names = sys.argv[1:]
target = os.path.join(os.environ["MESON_INSTALL_DESTDIR_PREFIX"], folder)
os.makedirs(target, exist_ok=True)
for name in names.split():
    shutil.copyfile(file, os.path.join(target, name))
