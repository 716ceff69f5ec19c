"""Builds in every way, runs every test, counts honestly. Called by script/test.

A cmocka test counts once per build, each of its cases for itself; a test program that prints no
cases counts as one; one that dies counts as a failed one. Of the browser tests those that measure pictures and
sounds in real time run alone but for compilers that get what they leave of the processor."""

import concurrent.futures
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test-logs"
WEB = ROOT / "web"

# Tests of what has threads; the others would only take longer in the build with TSan.
THREADED = {"loop", "spsc", "http_process", "http_api", "http_whip", "http_tls", "http_threads"}
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}
PR_SET_CHILD_SUBREAPER = 36
INSTALLING = threading.Lock()  # the browser tests' packages, which two lanes may want


class Failed(Exception):
    """A step could not be carried out; the message says where to look."""


def step_aside():
    """In a child: this process and its children get the processor when nobody else wants it."""
    os.nice(19)
    try:
        pathlib.Path("/proc/self/autogroup").write_text("19")  # where it is on, a session's niceness is what counts
    except OSError:
        pass  # it is off


def run(step, *command, cwd=ROOT, env=None, seconds=900, check=True, aside=False):
    """Runs a command with its output going to the step's log. Gives (status, output)."""
    log = LOGS / f"{step}.log"
    with open(log, "a+b") as out:
        start = out.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            [str(c) for c in command], cwd=cwd, env=os.environ | (env or {}), stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=step_aside if aside else None)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            out.write(f"\nkilled after {seconds} s\n".encode())
            status = -signal.SIGKILL
        out.flush()
        out.seek(start)
        text = out.read().decode(errors="replace")
    if check and status != 0:
        raise Failed(f"{' '.join(map(str, command))}: status {status}")
    return status, text


def one(step, *command, **options):
    """A command that is one test by itself."""
    status, _ = run(step, *command, check=False, **options)
    return (1, 0) if status == 0 else (0, 1)


def meson_build(step, folder, compiler, sanitize):
    if not (ROOT / folder / "build.ninja").exists():
        run(step, "meson", "setup", folder, "-Dtests=true", f"-Dweb={WEB}/dist", f"-Db_sanitize={sanitize}",
            "-Db_lundef=false", env={"CC": compiler})


def introspect(folder, what):
    out = subprocess.run(["meson", "introspect", what, folder], cwd=ROOT, check=True, capture_output=True)
    return json.loads(out.stdout)


def meson_tests(folder, names):
    """The tests of a configured folder, all or those in `names`."""
    return [t for t in introspect(folder, "--tests") if names is None or t["name"] in names]


def meson_run(step, folder, names=None):
    """Runs the tests of a build folder, and counts their cases from Meson's own log."""
    tests = meson_tests(folder, names)
    if not tests:
        raise Failed(f"no tests in {folder}")
    status, _ = run(step, "meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", "--num-processes",
                    1 + (os.cpu_count() or 1), *([t["name"] for t in tests] if names else []), env=SANITIZERS, check=False)
    passed = failed = 0
    for line in (ROOT / folder / "meson-logs/testlog.json").read_text().splitlines():
        test = json.loads(line)
        good, bad = count_cases(test.get("stdout", "") + test.get("stderr", ""))
        if test["result"] == "OK":
            passed += good or 1
        else:
            passed += good
            failed += bad or 1
            print(f"  FAILED in {folder}: {test['name']}", flush=True)
    if status != 0 and not failed:
        raise Failed(f"meson test: status {status}")
    return passed, failed


def count_cases(output):
    """Cases of a cmocka program, or of a TAP producer."""
    good = len(re.findall(r"^\[       OK \] ", output, re.M)) + len(re.findall(r"^ok \d+(?!.*# SKIP)", output, re.M))
    bad = len(set(re.findall(r"^\[  FAILED  \] (\w+)$", output, re.M))) + len(re.findall(r"^not ok \d+", output, re.M))
    return good, bad


def step_layers():
    return one("layers", ROOT / "tests/layers.py")


def step_format():
    return one("format", ROOT / "script/format", "--check")


def step_unit():
    return meson_run("unit", "build")


def build_asan(step, aside=False):
    meson_build(step, "build-asan", "clang", "address,undefined")
    run(step, "ninja", "-C", "build-asan", "--quiet", aside=aside)


def build_tsan(step, aside=False):
    """The server, and the programs of the threaded tests."""
    meson_build(step, "build-tsan", "clang", "thread")
    wanted = {target for t in meson_tests("build-tsan", THREADED) for target in t["depends"]}
    programs = {os.path.relpath(f, ROOT / "build-tsan") for t in introspect("build-tsan", "--targets")
                if t["id"] in wanted for f in t["filename"]}
    if not programs:
        raise Failed("none of the threaded tests exists")
    run(step, "ninja", "-C", "build-tsan", "--quiet", "parley", *sorted(programs), aside=aside)


def step_sanitizers():
    """No test: what the next stage would build is built while a lane of the browsers leaves something to do it with."""
    build_asan("sanitizers", aside=True)
    build_tsan("sanitizers", aside=True)
    return 0, 0


def step_asan():
    build_asan("asan")
    return meson_run("asan", "build-asan")


def step_tsan():
    build_tsan("tsan")
    return meson_run("tsan", "build-tsan", THREADED)


def step_callgrind():
    """The instructions of a forwarded packet; the figure and its change are said whatever they are."""
    status, out = run("callgrind", ROOT / "bench/callgrind", ROOT / "build", check=False)
    print("".join(f"  {line}\n" for line in out.splitlines()), end="", flush=True)
    return (1, 0) if status == 0 else (0, 1)


def step_webcheck():
    return one("webcheck", "npm", "run", "--silent", "check", cwd=WEB)


def step_web():
    status, out = run("web", "npm", "test", cwd=WEB, check=False)
    return counted(status, re.sub(r"\x1b\[[0-9;]*m", "", out))


def step_e2e_media():
    return browsers("e2e_media", "build", "media")


def step_e2e_rooms():
    return browsers("e2e_rooms", "build", "rooms")


def step_e2e_papers():
    return browsers("e2e_papers", "build", "papers")


def step_e2e_asan():
    return browsers("e2e_asan", "build-asan", "meeting", "procedure", "whip")


def step_e2e_tsan():
    return browsers("e2e_tsan", "build-tsan", "meeting", "whip")


def step_badnet():
    """Browsers on a bad line, in a network namespace of its own. Left out, and said so, where there is none or no TUN."""
    inside = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    try:
        fd = os.open("/dev/net/tun", os.O_RDWR)
        os.close(fd)
        subprocess.run([*inside, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"badnet: LEFT OUT: needs network namespaces and /dev/net/tun: {error}", flush=True)
        return 0, 0
    return browsers("badnet", "build", "badnet", "loss", inside=inside)


def browsers(step, folder, *names, inside=()):
    """The tests of tests/e2e, all or those named, against the server of a build folder."""
    if folder == "build-asan":
        meson_build(step, folder, "clang", "address,undefined")
    elif folder == "build-tsan":
        meson_build(step, folder, "clang", "thread")
    run(step, "ninja", "-C", folder, "--quiet", "parley")
    e2e = ROOT / "tests/e2e"
    lock = (e2e / "package-lock.json").read_text()
    stamp = e2e / "node_modules/.parley-lock"
    with INSTALLING:
        if not stamp.exists() or stamp.read_text() != lock:
            run(step, "npm", "ci", "--no-audit", "--no-fund", cwd=e2e)
            stamp.write_text(lock)
    status, out = run(step, *inside, "node", "--test-reporter=tap", "all.mjs", *names, cwd=e2e, check=False,
                      env=SANITIZERS | {"PARLEY": str(ROOT / folder / "parley")})
    for name, why in re.findall(r"^not ok \d+ - (.*)\n(?:.*\n)*?  error: (.*(?:\n    .*)*)", out, re.M):
        if "an earlier step failed" not in why:
            print(f"  FAILED in {step}: {name}\n    {why}", flush=True)
    return counted(status, out)


def counted(status, out):
    """(passed, failed) of a JavaScript test runner's summary."""
    passed = failed = None
    if tap := re.search(r"^(?:#|ℹ) pass (\d+)", out, re.M):
        passed = int(tap.group(1))
        failed = sum(int(n) for n in re.findall(r"^(?:#|ℹ) (?:fail|cancelled) (\d+)", out, re.M))
    elif vitest := re.search(r"^\s*Tests\s+(.*)", out, re.M):
        passed = sum(int(n) for n in re.findall(r"(\d+) passed", vitest.group(1)))
        failed = sum(int(n) for n in re.findall(r"(\d+) failed", vitest.group(1)))
    if passed is None:
        return (1, 0) if status == 0 else (0, 1)
    return passed, failed or (1 if status != 0 else 0)


# One stage after the other; in a stage, lanes run side by side, and what is in a lane one after the other.
STAGES = [
    [["e2e_media"], ["sanitizers"]],
    [["unit"], ["asan"], ["tsan", "layers", "format", "webcheck", "web", "callgrind"]],
    [["e2e_rooms"], ["e2e_papers"]],
    [["e2e_asan"], ["e2e_tsan"]],
    [["badnet"]],
]


def perform(name, results):
    began = time.monotonic()
    try:
        results[name] = globals()[f"step_{name}"]()
        why = ""
    except (Failed, OSError, ValueError, subprocess.SubprocessError) as error:
        results[name] = (0, 1)
        why = f" ({error})"
    passed, failed = results[name]
    print(f"{name}: {passed} passed, {failed} failed, {time.monotonic() - began:.0f} s{why}", flush=True)
    if failed and not name.startswith("e2e"):
        tail = (LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-60:] if (LOGS / f"{name}.log").exists() else []
        print("\n".join(f"  | {line}" for line in tail), flush=True)


def end_descendants():
    """Whatever the tests left behind became our child (we are the subreaper): end it."""
    for _ in range(100):
        children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        if not children:
            return
        for child in map(int, children):
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


def stop(*_):
    end_descendants()
    print("stopped\n0 passed, 1 failed", flush=True)
    os._exit(1)


def main():
    names = sys.argv[1:]
    known = [n for stage in STAGES for lane in stage for n in lane]
    if names == ["--list"]:
        print("\n".join(known))
        return 0
    if unknown := [n for n in names if n not in known]:
        print(f"no step {unknown[0]}; there are: {' '.join(known)}", file=sys.stderr)
        return 2
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, stop)
    LOGS.mkdir(parents=True, exist_ok=True)
    for log in LOGS.glob("*.log"):
        log.unlink()
    wanted = lambda lane: [n for n in lane if not names or n in names]
    results = {}
    try:
        print("building", flush=True)
        status, _ = run("build", ROOT / "script/build", "--tests", check=False)
        if status != 0:
            print("\n".join((LOGS / "build.log").read_text(errors="replace").splitlines()[-60:]))
            print("0 passed, 1 failed")
            return 1
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for stage in STAGES:
                list(pool.map(lambda lane: [perform(n, results) for n in wanted(lane)], stage))
    finally:
        end_descendants()
    passed = sum(p for p, _ in results.values())
    failed = sum(f for _, f in results.values())
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
