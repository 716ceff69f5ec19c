"""The servers that bench/run measures: Parley, the floor, Janus. Each starts on cores of its own, makes rooms, and says as
lines for bench_load how clients get in."""

import http.client
import json
import os
import pathlib
import queue
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

WAIT = 20  # seconds
FEEDS = 4  # WHEP sessions of one invitation: PL_FEEDS_MAX
PEOPLE = 1900  # of one meeting, below PL_PARTICIPANTS_MAX


class Failed(Exception):
    """Something does not start or does not answer; the message says what."""


class Process:
    """A server's process: what it used so far."""

    def __init__(self, words, cores, env=None, ready=None):
        self.process = subprocess.Popen(["taskset", "-c", ",".join(str(c) for c in cores), *words], env=os.environ | (env or {}), text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines, self.got = [], queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        while ready:
            try:
                line = self.got.get(timeout=WAIT)
            except queue.Empty:
                line = None
            if line is None:
                self.stop()
                raise Failed(f"{words[0]} does not start: {self.lines[-5:]}")
            if ready in line:
                break
        self.pid = self.process.pid

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            self.got.put(line)
        self.got.put(None)

    def threads(self):
        """Seconds of each of its threads, by number: what utime + stime of /proc/PID/task/*/stat come from, in nanoseconds. The first is
        the one that runs main."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return {int(t.name): int(t.joinpath("schedstat").read_text().split()[0]) / 1e9 for t in tasks}

    def cpu(self):
        return sum(self.threads().values())

    def rss(self):
        """Bytes in memory."""
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text())[1]) * 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Parley:
    name = "parley"

    def __init__(self, build, host, cores, words=()):
        self.host = host
        self.data = tempfile.mkdtemp(prefix="parley-bench-")
        try:
            self.process = Process([f"{build}/parley", "serve", "--data", self.data, "--listen", f"{host}:0", "--media", f"{host}:0",
                                    "--turn", "off", *words], cores, ready="administrator's token")
        except Failed:
            shutil.rmtree(self.data)
            raise
        self.http = next(re.search(r"http://(\S+)", line)[1] for line in self.process.lines if line.startswith("listening"))
        self.admin = pathlib.Path(self.data, "admin-token").read_text().strip()

    def room(self, publishers, receivers, council):
        """Places of publishers, and of receivers; those of a council are the same people."""
        each = 1 if council or receivers + publishers <= PEOPLE else FEEDS
        people = [{"name": f"P{i}", "role": "delegate", "seat": "S"} for i in range(publishers)]
        if not council:
            people += [{"name": f"R{i}", "role": "observer"} for i in range((receivers + each - 1) // each)]
        body = {"title": "Bench", "floor": "open", "encryption": "none", "seats": [{"id": "S", "name": "S", "country": "NO"}],
                "people": people}
        request = urllib.request.Request(f"http://{self.http}/api/meetings", json.dumps(body).encode(),
                                         {"Authorization": f"Bearer {self.admin}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            made = json.load(answer)
        tokens = [i["token"] for i in made["invitations"]]
        place = lambda kind, token: f"http {self.http} /{kind}/{made['id']} {token}"
        readers = tokens[:receivers] if council else [t for t in tokens[publishers:] for _ in range(each)][:receivers]
        return [place("whip", t) for t in tokens[:publishers]], [place("whep", t) for t in readers]

    def publish(self, place, what):
        return f"publish {place} {what}"

    def receive(self, place, what, feeds):
        return f"receive {place} {what}"

    def counted(self):
        """Its counters of media, a number for each media thread; it reads them once a second."""
        request = urllib.request.Request(f"http://{self.http}/metrics", headers={"Authorization": f"Bearer {self.admin}"})
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            text = answer.read().decode()
        out = {}
        for name, value in re.findall(r'^parley_media_(\w+)_total\{thread="\d+"\} (\d+)$', text, re.M):
            out.setdefault(name, []).append(int(value))
        return out

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.data, ignore_errors=True)


class Floor:
    name = "floor"

    def __init__(self, build, host, cores, words=()):
        self.process = Process([f"{build}/bench/bench_floor", f"{host}:0", *words], cores, ready="listening")
        self.address = self.process.lines[0].split()[1]
        self.rooms = 0

    def room(self, publishers, receivers, council):
        first = self.rooms << 16
        self.rooms += 1
        place = lambda i: f"bare {self.address} {first + i}"
        return ([place(i) for i in range(publishers)], [place(i + (0 if council else publishers)) for i in range(receivers)])

    def publish(self, place, what):
        return f"publish {place} {what}"

    def receive(self, place, what, feeds):
        """Its clients know all streams of a room beforehand, their own included, which they do not get."""
        n = len(feeds)
        return f"receive {place} " + re.sub(r"(audio|video)=[1-9]\d*", lambda m: f"{m[1]}={n}", what)

    def counted(self):
        return {}

    def stop(self):
        self.process.stop()


JANUS = """general: {{
	configs_folder = "{folder}"
	plugins_folder = "{lib}/plugins"
	transports_folder = "{lib}/transports"
	events_folder = "{folder}"
	loggers_folder = "{folder}"
	debug_level = 2
	event_loops = 1
	session_timeout = 0
}}
certificates: {{ }}
media: {{
	ipv6 = false
	rtp_port_range = "20000-60000"
	no_media_timer = 0
	nack_optimizations = true
}}
nat: {{
	nice_debug = false
	ice_lite = true
	ice_tcp = false
	ice_enforce_list = "{host}"
}}
plugins: {{
	disable = "{plugins}"
}}
transports: {{
	disable = "{transports}"
}}
"""
JANUS_HTTP = """general: {{
	json = "compact"
	base_path = "/janus"
	http = true
	port = {port}
	ip = "{host}"
	https = false
}}
admin: {{
	admin_http = false
	admin_https = false
}}
"""


class Janus:
    """Debian's package; one event loop, ICE-lite, the videoroom. Where bench/janus-srtp made a libsrtp2 on OpenSSL, with that."""

    name = "janus"
    lib = "/usr/lib/x86_64-linux-gnu/janus"
    port = 18088

    def __init__(self, build, host, cores, words=()):
        if not shutil.which("janus"):
            raise Failed("Janus is not installed: bench/install-janus")
        self.host, self.rooms = host, 0
        self.folder = tempfile.mkdtemp(prefix="janus-bench-")
        names = lambda kind, keep: ",".join(f.name for f in pathlib.Path(self.lib, kind).glob("*.so") if keep not in f.name)
        files = {
            "janus.jcfg": JANUS.format(folder=self.folder, lib=self.lib, host=host, plugins=names("plugins", "videoroom"),
                                       transports=names("transports", "http")),
            "janus.transport.http.jcfg": JANUS_HTTP.format(port=self.port, host=host),
            "janus.plugin.videoroom.jcfg": "general: { }\n",
        }
        for name, text in files.items():
            pathlib.Path(self.folder, name).write_text(text)
        tuned = pathlib.Path(build, "janus-srtp")
        self.tuned = (tuned / "libsrtp2.so.1").exists()
        self.process = Process(["janus", "-F", self.folder, "-C", f"{self.folder}/janus.jcfg", *words], cores,
                               env={"LD_LIBRARY_PATH": str(tuned)} if self.tuned else None)
        self.await_port()
        self.local = threading.local()
        self.waiting = {}
        self.session = self.post("", {"janus": "create"})["data"]["id"]
        threading.Thread(target=self.poll, daemon=True).start()

    def await_port(self):
        """It says nothing at this level of its log."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise Failed(f"Janus does not start: {self.process.lines[-5:]}")

    def post(self, path, body):
        body["transaction"] = secrets.token_hex(6)
        connection = getattr(self.local, "connection", None)
        if not connection:
            connection = self.local.connection = http.client.HTTPConnection(self.host, self.port, timeout=WAIT)
        connection.request("POST", f"/janus{path}", json.dumps(body), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        if answer["janus"] == "error":
            raise Failed(f"Janus: {answer}")
        return answer

    def poll(self):
        """All handles are of one session: its events come here, and go to who waits for them."""
        while True:
            try:
                with urllib.request.urlopen(f"http://{self.host}:{self.port}/janus/{self.session}?maxev=50", timeout=60) as answer:
                    events = json.load(answer)
            except (OSError, ValueError, http.client.HTTPException):
                return  # it ended
            for event in events if isinstance(events, list) else [events]:
                waiter = self.waiting.get(event.get("sender"))
                if waiter and event["janus"] == "event":
                    waiter.put(event)

    def attach(self):
        handle = self.post(f"/{self.session}", {"janus": "attach", "plugin": "janus.plugin.videoroom"})["data"]["id"]
        self.waiting[handle] = queue.Queue()
        return handle

    def ask(self, handle, body, jsep=None):
        message = {"janus": "message", "body": body}
        if jsep:
            message["jsep"] = jsep
        answer = self.post(f"/{self.session}/{handle}", message)
        if answer["janus"] == "ack":
            answer = self.waiting[handle].get(timeout=WAIT)
        if "error" in answer.get("plugindata", {}).get("data", {}):
            raise Failed(f"Janus: {answer['plugindata']['data']['error']}")
        return answer

    def room(self, publishers, receivers, council):
        self.rooms += 1
        handle = self.attach()
        self.ask(handle, {"request": "create", "room": self.rooms, "publishers": 1000, "bitrate": 0, "fir_freq": 0, "audiocodec": "opus",
                          "videocodec": "vp8", "opus_fec": True, "transport_wide_cc_ext": True, "audiolevel_ext": True})
        first = self.rooms * 10000
        return ([(self.rooms, first + i) for i in range(publishers)],
                [(self.rooms, first + i if council else None) for i in range(receivers)])

    def keep(self, sdp, ufrag, pwd):
        path = pathlib.Path(self.folder, f"{secrets.token_hex(8)}.sdp")
        path.write_text(sdp)
        return f"sdp {path} {ufrag} {pwd}"

    def publish(self, place, what):
        room, feed = place
        ufrag, pwd = secrets.token_hex(4), secrets.token_hex(12)
        ssrc = feed * 16
        offer = publisher_offer(what, ufrag, pwd, self.fingerprint, ssrc)
        handle = self.attach()
        answer = self.ask(handle, {"request": "joinandconfigure", "room": room, "ptype": "publisher", "id": feed, "bitrate": 0},
                          {"type": "offer", "sdp": offer})
        self.post(f"/{self.session}/{handle}", {"janus": "trickle", "candidate": {"completed": True}})
        return f"publish {self.keep(answer['jsep']['sdp'], ufrag, pwd)} ssrc={ssrc} {what}"

    def receive(self, place, what, feeds):
        room, own = place
        ufrag, pwd = secrets.token_hex(4), secrets.token_hex(12)
        handle = self.attach()
        offer = self.ask(handle, {"request": "join", "room": room, "ptype": "subscriber",
                                  "streams": [{"feed": f} for _, f in feeds if f != own]})["jsep"]["sdp"]
        self.ask(handle, {"request": "start"}, {"type": "answer", "sdp": subscriber_answer(offer, ufrag, pwd, self.fingerprint)})
        self.post(f"/{self.session}/{handle}", {"janus": "trickle", "candidate": {"completed": True}})
        return f"receive {self.keep(offer, ufrag, pwd)} {what}"

    def counted(self):
        return {}

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


TWCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


def publisher_offer(what, ufrag, pwd, fingerprint, ssrc):
    """As src/client/join.c writes it for WHIP; active in DTLS, since Janus would be so otherwise."""
    audio, video = "audio=1" in what, "video=" in what
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE " + " ".join(str(i) for i in range(audio + video))]
    transport = ["c=IN IP4 0.0.0.0", f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}", "a=ice-options:trickle", "a=setup:active",
                 f"a=fingerprint:sha-256 {fingerprint}", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize", f"a=extmap:3 {TWCC}"]
    if audio:
        lines += ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", *transport, "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                  "a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1",
                  f"a=ssrc:{ssrc} cname:load"]
    if video:
        lines += ["m=video 9 UDP/TLS/RTP/SAVPF 96 97", f"a=mid:{int(audio)}", *transport, "a=rtpmap:96 VP8/90000",
                  *[f"a=rtcp-fb:96 {f}" for f in ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")], "a=rtpmap:97 rtx/90000",
                  "a=fmtp:97 apt=96", f"a=ssrc-group:FID {ssrc + 1} {ssrc + 2}", f"a=ssrc:{ssrc + 1} cname:load",
                  f"a=ssrc:{ssrc + 2} cname:load"]
    return "\r\n".join(lines) + "\r\n"


def subscriber_answer(offer, ufrag, pwd, fingerprint):
    """Takes all that is offered."""
    out = []
    kept = re.compile(r"v=|o=|s=|t=|m=|c=|a=(group|mid|rtcp-mux|rtcp-rsize|rtpmap|fmtp|rtcp-fb|extmap)\b")
    for line in offer.splitlines():
        if line.startswith("m="):
            line = re.sub(r"^m=(\S+) \d+", r"m=\1 9", line)
        if line.startswith("c="):
            out += ["c=IN IP4 0.0.0.0", f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}", "a=setup:active",
                    f"a=fingerprint:sha-256 {fingerprint}", "a=recvonly"]
        elif kept.match(line):
            out.append(line)
    return "\r\n".join(out) + "\r\n"


SERVERS = {s.name: s for s in (Parley, Floor, Janus)}
