#!/usr/bin/env python3
"""Runs inside the clean Debian that packaging/test boots: installs, uses, upgrades, removes the packages. Prints TAP, and one
JSON object last. usage: test_inside.py [--quick]"""

import contextlib
import json
import os
import pathlib
import pwd
import re
import socket
import ssl
import stat
import subprocess
import sys
import time

import client
import tap
from tap import check

QUICK = "--quick" in sys.argv
SECONDS = 5 if QUICK else 30  # of the call
NAME = "parley.example.org"
STATE, CONFIG, CONF = pathlib.Path("/var/lib/parley"), pathlib.Path("/etc/parley"), pathlib.Path("/etc/parley/parley.conf")
TRIAL = STATE / "trial"
EXAMPLES = pathlib.Path("/usr/share/doc/parley/examples")
EXPOSURE_MAX = 1.5
WAIT = 20
figures = {}
before = set()  # the files of the clean system


def sh(*command, **options):
    """Status, and all that was printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, stdin=subprocess.DEVNULL,
                          env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, **options)
    return done.returncode, done.stdout


def apt(*words):
    status, out = sh("apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *words)
    check(f"apt-get {' '.join(words)}", status, 0)
    if status:
        print(out)
    return out


def show(what):
    return sh("systemctl", "show", "-p", what, "--value", "parley")[1].strip()


def until(what, fits):
    """Waits for what is on its way; False if it does not come."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ssl.SSLError):
            if fits(what()):
                return True
        time.sleep(0.2)
    return False


def healthy(base="http://127.0.0.1:8080"):
    return until(lambda: client.request(base, "GET", "/healthz").body, lambda b: b == b"ok")


def admin():
    return (STATE / "admin-token").read_text().strip()


def files():
    """Everything but what changes by itself, and the package manager's own."""
    skip = ("/proc", "/sys", "/dev", "/run", "/tmp", "/test", "/var/tmp", "/var/log", "/var/cache", "/var/lib/dpkg", "/var/lib/apt",
            "/var/lib/systemd", "/var/lib/nginx", "/root")
    out = set()
    for folder, folders, names in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in skip]
        out.update(os.path.join(folder, name) for name in folders + names)
    return out


def configure(options):
    """Puts other options into the configuration, and starts it anew."""
    CONF.write_text(f'# changed by the administrator\nPARLEY_OPTIONS="{options}"\n')
    check("it starts anew", sh("systemctl", "restart", "parley")[0], 0)


def installs():
    """apt install: a service that runs as its own user, from this machine alone"""
    apt("install", "/test/parley.deb")
    check("it is enabled", sh("systemctl", "is-enabled", "parley")[1].strip(), "enabled")
    check("it answers", healthy())
    check("it is active", show("ActiveState"), "active")
    user = pwd.getpwnam("parley")
    check("a system user", user.pw_uid, lambda n: 100 <= n < 1000)
    check("that cannot log in", user.pw_shell, "/usr/sbin/nologin")
    for path, mode, owner in ((STATE, 0o700, "parley"), (TRIAL / "admin-token", 0o600, "parley"), (TRIAL / "record.key", 0o600, "parley"),
                              (CONFIG, 0o750, "root"), (CONF, 0o644, "root")):
        is_now = path.stat()
        check(f"{path}: mode", oct(stat.S_IMODE(is_now.st_mode)), oct(mode))
        check(f"{path}: owner", pwd.getpwuid(is_now.st_uid).pw_name, owner)
    status, out = sh("parley", "version")
    check("parley version", (status, out.split()[0]), (0, "parley"))
    check("the documentation is inside", client.request("http://127.0.0.1:8080", "GET", "/docs").status, lambda s: s in (200, 301, 302, 308))
    check("the page is inside", b"<script" in client.request("http://127.0.0.1:8080", "GET", "/").body)


def is_confined():
    """the sandbox of the unit, as the kernel has it"""
    pid = show("MainPID")
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    uid = str(pwd.getpwnam("parley").pw_uid)
    check("its user", status["Uid"].split(), [uid] * 4)
    check("no new privileges", status["NoNewPrivs"], "1")
    check("a filter of system calls", status["Seccomp"], "2")
    check("one right at most", int(status["CapBnd"], 16), 1 << 10)
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    check("no core dumps", re.search(r"Max core file size +(\S+) +(\S+)", limits).groups(), ("0", "0"))
    mounts = {}
    for line in pathlib.Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
        fields = line.split()
        mounts[fields[4]] = fields[5].split(",")
    check("the system is for reading", "ro" in mounts["/"])
    check("its folder is for writing", "rw" in mounts[str(STATE)])
    check("devices of its own", "/dev" in mounts and "/tmp" in mounts)
    own = {name: os.readlink(f"/proc/{pid}/ns/{name}") for name in ("mnt", "uts")}
    check("namespaces of its own", [n for n, id in own.items() if id == os.readlink(f"/proc/self/ns/{n}")], [])
    out = sh("systemd-analyze", "security", "--no-pager", "parley")[1]
    exposure = re.search(r"Overall exposure level for parley.service: ([\d.]+)", out)
    figures["exposure"] = float(exposure.group(1)) if exposure else None
    check("systemd-analyze security", figures["exposure"], lambda f: f is not None and f <= EXPOSURE_MAX)
    print("".join(f"# {line}\n" for line in out.splitlines() if line.startswith("✗")), end="")


def certificate():
    """A certificate for the name, as certbot's hook would put it there."""
    status, out = sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                     f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "/test/privkey.pem", "-out", "/test/fullchain.pem")
    check("a certificate is made", status, 0)
    for name in ("privkey.pem", "fullchain.pem"):
        sh("install", "-m", "640", "-g", "parley", f"/test/{name}", str(CONFIG / name))
    with open("/etc/hosts", "a") as hosts:
        hosts.write(f"127.0.0.1 {NAME}\n")


def call(what, seconds):
    """Delegations meet for some seconds, with pictures and sound; nobody is lost, and nothing of media."""
    done = subprocess.run(["parley", "simulate", "--meetings", "1", "--seats", "6", "--hand", "2", "--speech", "2", "--hears", "3",
                           "--seconds", str(seconds), "--server", f"https://{NAME}", "--token", str(STATE / "admin-token")],
                          stdout=subprocess.PIPE, text=True, timeout=seconds + 60, env=os.environ | {"SSL_CERT_FILE": "/test/fullchain.pem"})
    check(f"{what}: parley simulate", done.returncode, 0)
    result = json.loads(done.stdout.splitlines()[-1])
    print(f"# {what}: {json.dumps(result)}")
    check(f"{what}: all joined", result["joined"], 6)
    check(f"{what}: they heard and saw", result["packets_received"], lambda n: n > 100 * seconds)
    check(f"{what}: the floor was given", result["acknowledged"], lambda n: n > 0)
    figures[what] = {name: result[name] for name in ("joined", "packets_received", "packets_lost", "acknowledged")}


def holds_a_meeting():
    """a meeting with media under the sandbox, where any system call that it does not list kills"""
    apt("install", "/test/parley-simulate.deb")
    certificate()
    drop = pathlib.Path("/run/systemd/system/parley.service.d")
    drop.mkdir(parents=True)
    (drop / "kill.conf").write_text("[Service]\nSystemCallErrorNumber=kill\n")
    sh("systemctl", "daemon-reload")
    configure(f"--public-url https://{NAME} --listen 0.0.0.0:443 --tls-cert {CONFIG}/fullchain.pem --tls-key {CONFIG}/privkey.pem "
              "--media 0.0.0.0:7000 --media [::]:7000 --media-threads 2")
    check("unlisted calls kill", show("SystemCallErrorNumber"), "2147483646")  # as systemd shows it
    check("it answers on 443", healthy("https://127.0.0.1"))
    check("its key has the public name", sh("parley", "key", "show", "--data", str(STATE))[1], lambda key: key.startswith(NAME + "+"))
    figures["meeting"] = client.request("https://127.0.0.1", "POST", "/api/meetings", {
        "title": "Kept", "floor": "open", "encryption": "none", "seats": [{"id": "NOR", "name": "Norway", "country": "NO"}],
        "people": [{"name": "A", "role": "delegate", "seat": "NOR"}]}, admin()).json()["id"]
    pid = show("MainPID")
    call("call", SECONDS)
    check("a backup beside it", sh("parley", "backup", "/test/backup.db", "--data", str(STATE))[0], 0)
    check("no call killed it", (show("MainPID"), show("NRestarts")), (pid, "0"))
    check("it ends in good order", (sh("systemctl", "stop", "parley")[0], show("Result")), (0, "success"))
    (drop / "kill.conf").unlink()
    drop.rmdir()
    sh("systemctl", "daemon-reload")
    sh("systemctl", "start", "parley")
    check("and answers again", healthy("https://127.0.0.1"))


def title_of(meeting):
    return client.request("https://127.0.0.1", "GET", f"/api/meetings/{meeting}", token=admin()).json().get("title")


def upgrades():
    """a higher version: another process, the same meetings, the administrator's configuration"""
    old, token, conf, run = show("MainPID"), admin(), CONF.read_text(), show("InvocationID")
    version = sh("dpkg-query", "-W", "-f", "${Version}", "parley")[1]
    out = apt("install", "/test/higher/parley.deb", "/test/higher/parley-simulate.deb")
    check("nothing was asked", "What would you like to do" not in out)
    check("a higher version", sh("dpkg-query", "-W", "-f", "${Version}", "parley")[1], version + ".1")
    check("it answers", healthy("https://127.0.0.1"))
    check("another process", show("MainPID"), lambda pid: pid not in (old, "0"))
    check("which took over: for systemd the service went on", show("InvocationID"), run)
    check("the meeting is there", title_of(figures["meeting"]), "Kept")
    check("the token is the same", admin(), token)
    check("the configuration is the administrator's", CONF.read_text(), conf)


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=sys.stdout, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(WAIT)


def passes(what):
    """Through what listens on 443: a page, a WebSocket, and a call."""
    base = f"https://{NAME}"
    check(f"{what}: a page", healthy(base))
    context = ssl.create_default_context(cafile="/test/fullchain.pem")
    with context.wrap_socket(socket.create_connection((NAME, 443), timeout=WAIT), server_hostname=NAME) as s:
        s.sendall((f"GET /ws HTTP/1.1\r\nHost: {NAME}\r\nOrigin: {base}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        check(f"{what}: a WebSocket", s.recv(12), b"HTTP/1.1 101")
    call(what, 3)


def stands_behind_proxies():
    """the examples: what they say is understood, and a call goes through"""
    check("nftables", sh("nft", "-c", "-f", str(EXAMPLES / "nftables.conf")), (0, ""))
    tls = f"--tls-cert {CONFIG}/fullchain.pem --tls-key {CONFIG}/privkey.pem --media 0.0.0.0:7000 --public-url https://{NAME}"
    configure(f"--listen 127.0.0.1:8443 {tls}")
    check("it answers on 8443", healthy("https://127.0.0.1:8443"))
    stream = pathlib.Path("/test/nginx-stream.conf")
    stream.write_text(f"load_module /usr/lib/nginx/modules/ngx_stream_module.so;\nevents {{}}\ninclude {EXAMPLES}/nginx-stream.conf;\n")
    check("nginx, stream: understood", sh("nginx", "-t", "-c", str(stream))[0], 0)
    with running("nginx", "-c", str(stream), "-g", "daemon off;"):
        passes("nginx_stream")
    status, out = sh("haproxy", "-c", "-f", str(EXAMPLES / "haproxy.cfg"))
    check("haproxy: understood", status, 0)
    print("".join(f"# {line}\n" for line in out.splitlines()), end="")
    with running("haproxy", "-db", "-f", str(EXAMPLES / "haproxy.cfg")):
        passes("haproxy")
    configure(f"--listen 127.0.0.1:8080 --turn 0.0.0.0:3478 --media 0.0.0.0:7000 --public-url https://{NAME}")
    check("it answers on 8080", healthy())
    http = pathlib.Path("/test/nginx-http.conf")
    http.write_text(f"events {{}}\nhttp {{ include {EXAMPLES}/nginx-http.conf; }}\n")
    check("nginx, HTTP: understood", sh("nginx", "-t", "-c", str(http))[0], 0)
    with running("nginx", "-c", str(http), "-g", "daemon off;"):
        passes("nginx_http")
    with socket.create_connection(("127.0.0.1", 3478), timeout=WAIT) as s:
        s.sendall(bytes.fromhex("000300082112a442") + bytes(12) + bytes.fromhex("0019000411000000"))  # TURN: Allocate
        check("TURN has its own port", s.recv(20)[:2].hex(), "0113")


def goes_away():
    """apt remove keeps the state and says so; apt purge leaves nothing"""
    token = admin()
    out = apt("remove", "parley", "parley-simulate")
    check("remove says what stays", "its meetings and records stay in /var/lib/parley" in out)
    check("it has ended", [p for p in pathlib.Path("/proc").glob("[0-9]*/comm") if p.read_text() == "parley\n"], [])
    check("no program is left", [p for p in ("/usr/bin/parley", "/usr/bin/parley-simulate") if os.path.exists(p)], [])
    check("the state stays", admin(), token)
    check("the configuration stays", "changed by the administrator" in CONF.read_text())
    apt("install", "/test/higher/parley.deb")
    check("installed again, it answers", healthy())
    check("and has its meetings", client.request("http://127.0.0.1:8080", "GET", f"/api/meetings/{figures['meeting']}", token=token).status, 200)
    out = apt("purge", "parley", "parley-simulate")
    check("purge says what it deletes", "deleting all its meetings and records" in out)
    apt("autoremove", "--purge", "-o", "APT::AutoRemove::SuggestsImportant=false", "-o", "APT::AutoRemove::RecommendsImportant=false")
    left = sorted(path for path in files() - before if not path.endswith((".pyc", "__pycache__")))
    figures["files_left"] = len(left)
    check("no file is left", left, [])
    check("no user is left", "parley" not in pathlib.Path("/etc/passwd").read_text() + pathlib.Path("/etc/group").read_text())


def main():
    began = time.monotonic()
    before.update(files())
    tap.run(installs, is_confined, holds_a_meeting, upgrades, stands_behind_proxies, goes_away)
    if tap.failed:
        print(sh("journalctl", "-u", "parley", "--no-pager", "-o", "cat")[1][-4000:])
    figures.pop("meeting", None)
    print(json.dumps({"passed": tap.count - tap.failed, "failed": tap.failed, "seconds": round(time.monotonic() - began)} | figures))


main()
