"""Takes back what a killed program had written and never synced, from the log of power.c."""

import os
import pathlib
import struct

RECORD = struct.Struct("=BBHIQQ")


def records(log):
    data = pathlib.Path(log).read_bytes()
    at = 0
    while at + RECORD.size <= len(data):
        what, _, path, before, offset, size = RECORD.unpack_from(data, at)
        at += RECORD.size
        if at + path + before > len(data):
            return  # it was killed while it noted this one, before it wrote
        yield chr(what), data[at:at + path].decode(), offset, size, data[at + path:at + path + before]
        at += path + before


def cut(log, folder, lie=False):
    """The power is cut: files of `folder` are as they were at their last sync. `lie`: as they were when the
    log began, as if no sync had been one. Returns how many writes were taken back."""
    undone = {}
    for what, path, offset, size, before in records(log):
        if what != "S":
            undone.setdefault(path, []).append((offset, size, before))
        elif not lie:
            undone.pop(path, None)
    for path, writes in undone.items():
        if not os.path.exists(path):
            continue
        with open(path, "r+b", buffering=0) as f:
            for offset, size, before in reversed(writes):
                f.seek(offset)
                f.write(before)
                f.truncate(size)
    for index in pathlib.Path(folder).glob("*-shm"):
        index.unlink()
    os.truncate(log, 0)
    return sum(map(len, undone.values()))
