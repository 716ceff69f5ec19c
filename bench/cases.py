"""Who sends what to whom, in each case of bench/run."""

CAMERA, TILE = "video=30,9,1180,1280,720", "video=15,2,625,320,180"


class Case:
    """`rooms` times `publishers` that send `video` and sound, to `receivers` (of a council: the publishers themselves)."""

    def __init__(self, group, name, publishers, receivers, video=None, rooms=1, council=False):
        self.group, self.name, self.rooms, self.council = group, name, rooms, council
        self.publishers, self.receivers, self.video = publishers, receivers, video
        self.heard = publishers - council
        self.size = f"{group}:{receivers}"

    def packets(self):
        """RTP packets a second that must arrive."""
        fps, packets = (int(v) for v in self.video.split("=")[1].split(",")[:2]) if self.video else (0, 0)
        return self.rooms * self.receivers * self.heard * (fps * packets + 50)


def briefing(n, group="briefing"):
    return Case(group, f"briefing 1 → {n}", 1, n, CAMERA)


def council(n, group="council"):
    return Case(group, f"council {n} × {n - 1}", n, n, TILE, council=True)


def cases():
    yield from (briefing(n) for n in (50, 100, 200, 400, 800))
    yield from (council(n) for n in (32, 50))
    yield from (Case("audio", f"audio 1 → {n}", 1, n) for n in (200, 800, 2000))
    yield Case("mix", "mix: 10 councils of 10 × 9", 10, 10, TILE, rooms=10, council=True)


TOP = [briefing(n, "top") for n in (1000, 1200, 1400, 1600)]
THREADS = [briefing(400, "threads"), council(32, "threads"), council(50, "threads")]
ESTIMATE = [briefing(200, "estimate"), council(32, "estimate")]
QUICK = {"briefing 1 → 50", "audio 1 → 200"}
