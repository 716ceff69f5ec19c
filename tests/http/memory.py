"""What is in the memory of another process. Root's alone: the server is closed to others of its user."""

import pathlib

PIECE = 1 << 20
SHADOW = 1 << 32  # of a sanitizer, which holds nothing of the program's


def holds(pid, secrets):
    """Which of these are in the memory of a process, all of it that may be read."""
    found = set()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            if "r" not in line.split()[1] or end - start >= SHADOW or "[vvar" in line or "[vsyscall" in line:
                continue
            before = b""
            for at in range(start, end, PIECE):
                try:
                    memory.seek(at)
                    piece = before + memory.read(min(PIECE, end - at))
                except OSError:
                    break
                found |= {name for name, secret in secrets.items() if secret in piece}
                before = piece[-100:]
    return found
