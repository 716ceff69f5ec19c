"""The table of a run of bench/run, in Markdown."""

import re

GROUPS = ("briefing", "council", "audio", "mix")
ORDER = ("parley", "floor", "janus")
BEGIN, END = "<!-- the table: bench/run --docs -->", "<!-- the end of the table -->"


def number(value, digits=2):
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def find(results, case, server, gro):
    for r in results:
        if (r["case"], r["server"], r["gro"]) == (case, server, gro) and "failed" not in r:
            return r
    return None


def ratio(results, r, server):
    other = find(results, r["case"], server, r["gro"])
    if not other or other is r or r["us_per_packet"] <= 0 or other["us_per_packet"] <= 0:
        return None
    return r["us_per_packet"] / other["us_per_packet"] if server == "floor" else other["us_per_packet"] / r["us_per_packet"]


def row(results, r):
    latency = r["latency_us"]
    ms = " / ".join(number(latency[p] / 1000, 1) for p in ("p50", "p95", "p99"))
    lost = "none" if r["clean"] else f"{100 * max(r['missing'], r['lost'] / max(1, r['packets'] + r['lost'])):.1f} %"
    cells = [r["case"], "GRO" if r["gro"] else "plain", r["server"], number(r["packets_per_second"], 0), number(r["us_per_packet"]),
             number(ratio(results, r, "floor")), number(ratio(results, r, "janus"), 1), lost, ms,
             number(100 * r["server_cpu"], 0), number(100 * r["load_cpu"], 0), number(r["receiver_bytes"] / 1024, 0)]
    return "| " + " | ".join(cells) + " |"


def highest(results):
    """Packets/s at the highest step without loss, of each server."""
    best = {}
    for r in results:
        key = (r["server"], r["gro"])
        if "failed" not in r and r["group"] != "joins" and r["clean"] and r["packets_per_second"] > best.get(key, (0, ""))[0]:
            best[key] = (r["packets_per_second"], r["case"])
    return best


def joins(results):
    for r in results:
        if r["group"] == "joins" and "failed" not in r:
            yield (f"{r['server']}: {number(r['joins_per_second'], 0)} joins a second as fast as they go (the load's core is busy for {number(100 * r['load_cpu'], 0)} %), "
                   f"{number(r['us_per_join'], 0)} µs of the server's time each. Latency of a briefing of 50 meanwhile, p50 / p95 / p99 ms: "
                   f"calm {latency(r['calm'])}; in a storm of 200 joins a second {latency(r['storm'])}; lost {r['storm']['lost']}.")


def latency(r):
    return " / ".join(number(r["latency_us"][p] / 1000, 1) for p in ("p50", "p95", "p99"))


def markdown(run):
    results = run["results"]
    m = run["machine"]
    lines = [f"{m['date']}, commit {m['commit']}, {m['processor']}, {m['cores']} cores, Linux {m['kernel']}; load average before the run "
             f"{m['other_load']:.1f}.", "",
             "| case | receivers | server | packets/s | µs/packet | × floor | Janus ÷ | lost | latency p50 / p95 / p99 ms | server CPU % | load CPU % | KiB/receiver |",
             "| --- | --- | --- | ---: | ---: | ---: | ---: | --- | --- | ---: | ---: | ---: |"]
    measured = [r for r in results if r["group"] != "joins"]
    names = list(dict.fromkeys(r["case"] for r in measured))
    for r in sorted(measured, key=lambda r: (GROUPS.index(r["group"]), names.index(r["case"]), r["gro"], ORDER.index(r["server"]))):
        if "failed" in r:
            lines.append(f"| {r['case']} | {'GRO' if r['gro'] else 'plain'} | {r['server']} | " + "– | " * 4 + f"{r['failed'][:60]} | " + "– | " * 4)
        else:
            lines.append(row(results, r))
    lines.append("")
    for (server, gro), (packets, case) in sorted(highest(results).items()):
        lines.append(f"- highest without loss, {server}, {'GRO' if gro else 'plain'}: {number(packets, 0)} packets/s ({case})")
    lines += [f"- {text}" for text in joins(results)]
    idle = next((r["idle_bytes"] for r in measured if r["server"] == "parley" and "failed" not in r), None)
    if idle:
        lines.append(f"- Parley idle: {number(idle / 1e6, 1)} MB")
    return "\n".join(lines)


def into_docs(path, run):
    """Puts the table between its marks."""
    text = path.read_text()
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    if not re.search(pattern, text, re.S):
        raise SystemExit(f"{path}: no marks of a table")
    path.write_text(re.sub(pattern, lambda _: f"{BEGIN}\n{markdown(run)}\n{END}", text, flags=re.S))
