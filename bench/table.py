"""The tables of a run of bench/run, in Markdown."""

import re

GROUPS = ("briefing", "top", "council", "audio", "mix")
ORDER = ("parley", "floor", "janus")
BEGIN, END = "<!-- the table: bench/run --docs -->", "<!-- the end of the table -->"


def number(value, digits=2):
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def find(results, case, server, gro):
    for r in forwarding(results):
        if (r["case"], r["server"], r["gro"]) == (case, server, gro) and "failed" not in r:
            return r
    return None


def forwarding(results):
    return [r for r in results if r["group"] in GROUPS]


def of(results, group):
    return [r for r in results if r["group"] == group and "failed" not in r]


def ratio(results, r, server):
    other = find(results, r["case"], server, r["gro"])
    if not other or other is r or r["us_per_packet"] <= 0 or other["us_per_packet"] <= 0:
        return None
    return r["us_per_packet"] / other["us_per_packet"] if server == "floor" else other["us_per_packet"] / r["us_per_packet"]


def lost(r):
    return "none" if r["clean"] else f"{100 * max(r['missing'], r['lost'] / max(1, r['packets'] + r['lost'])):.1f} %"


def table(head, rows):
    """`head`: the names of the columns; those of numbers end with a colon."""
    yield "| " + " | ".join(name.rstrip(":") for name in head) + " |"
    yield "| " + " | ".join("---:" if name.endswith(":") else "---" for name in head) + " |"
    for cells in rows:
        yield "| " + " | ".join(str(c) for c in cells) + " |"


def width(r):
    return "GRO" if r["gro"] else "plain"


def row(results, r):
    if "failed" in r:
        return [r["case"], width(r), r["server"], *["–"] * 4, r["failed"][:60], *["–"] * 4]
    return [r["case"], width(r), r["server"], number(r["packets_per_second"], 0), number(r["us_per_packet"]), number(ratio(results, r, "floor")),
            number(ratio(results, r, "janus"), 1), lost(r), latency(r), number(100 * r["server_cpu"], 0), number(100 * r["load_cpu"], 0),
            number(r["receiver_bytes"] / 1024, 0)]


def highest(results):
    """Packets/s at the highest step without loss, of each server."""
    best = {}
    for r in forwarding(results):
        key = (r["server"], r["gro"])
        if "failed" not in r and r["clean"] and r["packets_per_second"] > best.get(key, (0, ""))[0]:
            best[key] = (r["packets_per_second"], r["case"])
    return best


def latency(r):
    return " / ".join(number(r["latency_us"][p] / 1000, 1) for p in ("p50", "p95", "p99"))


def when(results):
    """Of which commit, when, and how busy the machine was with other work."""
    loads = sorted(r["load_average"] for r in results)
    commits = ", ".join(sorted({r["commit"] for r in results}))
    return f"{', '.join(sorted({r['date'] for r in results}))}, commit {commits}; load average before it {loads[0]:.1f} to {loads[-1]:.1f}."


def section(title, results, head, rows):
    if results:
        yield from ["", f"**{title}** {when(results)}", "", *table(head, rows)]


def forwarding_table(results):
    measured = forwarding(results)
    if not measured:
        return
    names = list(dict.fromkeys(r["case"] for r in measured))
    measured.sort(key=lambda r: (GROUPS.index(r["group"]), names.index(r["case"]), r["gro"], ORDER.index(r["server"])))
    yield from section("Forwarding.", measured, ["case", "receivers", "server", "packets/s:", "µs/packet:", "× floor:", "Janus ÷:", "lost",
                                                "latency p50 / p95 / p99 ms", "server CPU %:", "load CPU %:", "KiB/receiver:"],
                       [row(results, r) for r in measured])
    yield ""
    for (server, gro), (packets, case) in sorted(highest(results).items()):
        yield f"- highest without loss, {server}, {'GRO' if gro else 'plain'}: {number(packets, 0)} packets/s ({case})"
    idle = next((r["idle_bytes"] for r in measured if r["server"] == "parley" and "failed" not in r), None)
    if idle:
        yield f"- Parley idle: {number(idle / 1e6, 1)} MB"


def threads_table(results):
    measured = of(results, "threads")
    one = {(r["case"], r["gro"]): r for r in measured if r["threads"] == 1}
    factor = lambda r, what: number(r[what] * (r["threads"] if what == "packets_per_busy_second" else 1) / one[r["case"], r["gro"]][what])
    each = lambda values, digits=0: " + ".join(number(v, digits) for v in values)
    rows = [[r["case"], width(r), r["threads"], number(r["packets_per_second"], 0), each([100 * v for v in r["media_cpu"]], 1), each([100 * v for v in r["shares"]]),
             number(1e6 / r["packets_per_busy_second"]), factor(r, "packets_per_busy_second"), factor(r, "packets_at_full"), lost(r), r["dropped_relay"]]
            for r in measured]
    yield from section("A room on several media threads.", measured,
                       ["case", "receivers", "media threads:", "packets/s:", "CPU % of each", "packets % of each", "µs of media threads/packet:",
                        "× one thread, by the work:", "× one thread, until the busiest is full:", "lost", "dropped between threads:"], rows)


def joins_table(results):
    measured = of(results, "joins")
    rows = [["the load's core" if r["apart"] else "the media thread's core", number(r["joins_per_second"], 0), number(r["us_per_join"], 0),
             number(100 * r["load_cpu"], 0), latency(r["calm"]), latency(r["storm"]), r["storm"]["lost"]] for r in measured]
    yield from section("Joins, beside a briefing of 50.", measured,
                       ["control thread on", "joins/s, as fast as they go:", "µs of the server/join:", "the joiners' CPU % then:",
                        "calm: latency p50 / p95 / p99 ms", "200 joins/s: latency p50 / p95 / p99 ms", "packets lost:"], rows)


def estimate_table(results):
    measured = of(results, "estimate")
    rows = [[r["case"], width(r), "on" if r["estimate"] else "off", number(r["warm_up_seconds"], 1), number(r["packets_per_second"], 0),
             number(r["us_per_packet"]), lost(r), latency(r), number(100 * r["server_cpu"], 0), number(r["receiver_bytes"] / 1024, 0)] for r in measured]
    yield from section("The estimate of each receiver's line.", measured,
                       ["case", "receivers", "estimate", "all of everything after s:", "packets/s:", "µs/packet:", "lost", "latency p50 / p95 / p99 ms",
                        "server CPU %:", "KiB/receiver:"], rows)


def markdown(run):
    results, m = run["results"], run["machine"]
    lines = [f"{m['processor']}, {m['cores']} cores, Linux {m['kernel']}."]
    for part in (forwarding_table, threads_table, joins_table, estimate_table):
        lines += part(results)
    return "\n".join(lines)


def into_docs(path, run):
    """Puts the tables between their marks."""
    text = path.read_text()
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    if not re.search(pattern, text, re.S):
        raise SystemExit(f"{path}: no marks of the tables")
    path.write_text(re.sub(pattern, lambda _: f"{BEGIN}\n{markdown(run)}\n{END}", text, flags=re.S))
