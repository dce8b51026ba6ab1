"""Sends a running server 200 uploads, 8 at a time, every tenth hostile; then kills it in the middle of others.

python docs/studies/hostile_uploads.py > docs/studies/results/hostile_uploads.md

Every good photo must have the number that the command line has for it, a click be answered meanwhile, memory come
back and no file stay; after the kill every photo whose upload was answered must be there, once.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

from hostile_files import FILES
from PIL import Image

from backfocus.verify.measure import measure

SAMPLES = Path(__file__).parents[2] / "printed_samples"
UPLOADS, AT_ONCE, EVERY = 200, 8, 10
KILLED, BEFORE_KILL = 40, 16
"""Uploads around the kill, and how many of them were answered by then."""
CLICK_S = 0.25
"""Between two clicks."""
GIVEN_UP_S = 45.0
"""For a body or head that does not end."""
BOUNDARY = "backfocus-study"
PROGRAM = "from backfocus.cli import main; main()"


class Server:
    """`backfocus app` as a program, with a data folder and a folder for temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        self.data, self.temporary = folder / "data", folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and return once it answers."""
        environment = os.environ | {"BACKFOCUS_DATA": str(self.data), "TMPDIR": str(self.temporary)}
        command = [sys.executable, "-c", PROGRAM, "app", "--no-browser", "--port", str(self.port)]
        with (self.data.parent / "said.txt").open("ab") as said:
            self.process = subprocess.Popen(command, env=environment, stderr=said, stdout=said)
        for _ in range(300):
            try:
                self.ask("GET", "/static/icon.svg")
                break
            except OSError:
                time.sleep(0.1)
        return self.process

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, Any]:
        """Return status and content of an answer, read as JSON where it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300.0)
        try:
            connection.request(
                method,
                path,
                body or None,
                {"Accept": "application/json"} | ({"Content-Type": kind} if kind else {}),
            )
            answer = connection.getresponse()
            content = answer.read()
            is_json = answer.headers.get_content_type() in ("application/json", "application/problem+json")
            return answer.status, json.loads(content) if is_json and content else content
        finally:
            connection.close()

    def send(self, path: str, name: str, content: bytes) -> tuple[int, Any]:
        """Upload a file."""
        return self.ask("POST", path, form(name, content), f"multipart/form-data; boundary={BOUNDARY}")

    def memory_mb(self) -> tuple[float, float]:
        """Return the memory of the server itself, and of its processes that measure."""
        own = self.process.pid
        lists = [path.read_text() for path in Path(f"/proc/{own}/task").glob("*/children")]
        children = [int(pid) for told in lists for pid in told.split()]
        return _resident_mb(own), sum(map(_resident_mb, children))

    def left_files(self) -> list[str]:
        """Return the files that no upload should leave."""
        folders = [self.temporary, self.data / "incoming", *self.data.glob("sessions/*/files")]
        found = [path for folder in folders if folder.is_dir() for path in folder.rglob("*")]
        return [str(path.relative_to(self.data.parent)) for path in [*found, *self.data.rglob("*.part*")]]


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def form(name: str, content: bytes) -> bytes:
    """Return a form with one file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def good_photos() -> list[tuple[bytes, float | None]]:
    """Return four photos of a quarter of the samples' pixels, and what the command line measures on them."""
    found = []
    for name in ("back-focus", "front-focus", "zfold", "wall"):
        with Image.open(SAMPLES / f"{name}.jpg") as picture, tempfile.TemporaryDirectory() as folder:
            half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
            made = BytesIO()
            half.save(made, "JPEG", quality=92, exif=picture.getexif())
            (Path(folder) / "x.jpg").write_bytes(made.getvalue())
            found.append((made.getvalue(), measure(Path(folder) / "x.jpg").to_dict()["offset_mm"]))
    return found


def raw(server: Server, begin: bytes, more: Callable[[], bytes], pause_s: float) -> str:
    """Send what does not end, until the server has enough of it; return what it said."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), 60.0) as it:
        it.settimeout(0.001 if pause_s else 20.0)
        try:
            it.sendall(begin)
            while time.monotonic() - begun < GIVEN_UP_S:
                try:
                    it.sendall(more())
                    time.sleep(pause_s)
                    if pause_s and (said := it.recv(100)):
                        return said.split(b"\r\n")[0].decode()
                except TimeoutError:
                    continue
        except OSError:
            pass
        try:
            it.settimeout(5.0)
            return it.recv(100).split(b"\r\n")[0].decode() or "closed"
        except OSError:
            return "closed"
    return "NOT GIVEN UP"


def hostile_requests(server: Server) -> dict[str, Callable[[], str]]:
    """Return requests that are hostile by how they come, not by their file."""
    host = f"Host: 127.0.0.1:{server.port}\r\n".encode()
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n".encode()
    begin = form("x.jpg", b"").split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    post = b"POST /api/v1/measure HTTP/1.1\r\n" + host + kind
    piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"\r\n\r\nx\r\n'.encode()
    parts = b"".join(field % str(number).encode() for number in range(10_000))

    def sent(body: bytes, said_bytes: int | None = None, more: bytes = b"") -> Callable[[], str]:
        length = b"Content-Length: %d\r\n" % (len(body) if said_bytes is None else said_bytes)

        def send() -> str:
            with socket.create_connection(("127.0.0.1", server.port), 60.0) as it:
                try:
                    it.sendall(post + more + length + b"\r\n" + body)
                    if said_bytes is not None:
                        it.shutdown(socket.SHUT_WR)
                    return it.recv(100).split(b"\r\n")[0].decode() or "closed"
                except OSError:
                    return "closed"

        return send

    chunked = b"%x\r\n" % len(begin) + begin + b"\r\n"
    return {
        "body of a byte a second": lambda: raw(
            server, post + b"Content-Length: 9000000\r\n\r\n" + begin, lambda: b"x", 1.0
        ),
        "head of a byte a second": lambda: raw(server, b"GET / HTTP/1.1\r\n" + host + b"X: ", lambda: b"x", 1.0),
        "endless fast body": lambda: raw(
            server, post + b"Transfer-Encoding: chunked\r\n\r\n" + chunked, lambda: piece, 0.0
        ),
        "Content-Length of too much": sent(form("x.jpg", bytes(9000)), 1_000_000),
        "Content-Length of too little": sent(form("x.jpg", bytes(9000)), 500),
        "Content-Length of a terabyte": sent(b"", 10**12),
        "10,000 parts": sent(parts + f"--{BOUNDARY}--\r\n".encode()),
        "name of a field of 20 MB": sent(field % (b"n" * 20_000_000)),
        "Content-Encoding: gzip": sent(FILES["gzip of a gigabyte"](), more=b"Content-Encoding: gzip\r\n"),
    }


def hostile_sends(server: Server) -> list[tuple[str, Callable[[], str]]]:
    """Return all that is hostile, in the order of chance."""

    def sends(name: str, content: bytes) -> Callable[[], str]:
        def send() -> str:
            status, told = server.send("/api/v1/measure", f"{name[:8]}.jpg", content)
            return f"{status} {told['status'] if status == 200 else told['detail']}"

        return send

    found = [*hostile_requests(server).items(), *((name, sends(name, make())) for name, make in FILES.items())]
    return random.Random(0).sample(found, len(found))


def click(server: Server, done: threading.Event, clicks: list[float]) -> None:
    """Open a page again and again, and note how many ms each took."""
    while not done.wait(CLICK_S):
        begun = time.monotonic()
        server.ask("GET", f"/measure?{len(clicks)}")
        clicks.append(1000.0 * (time.monotonic() - begun))


def storm(server: Server, photos: list[tuple[bytes, float | None]]) -> dict[str, Any]:
    """Send all uploads, and return what came of them."""
    series = server.ask("POST", "/api/v1/series")[1]["id"]
    for number in range(2):
        server.send("/api/v1/measure", "warm.jpg", photos[number][0])
    before = server.memory_mb()
    said: dict[str, str] = {}
    wrong: list[str] = []
    right: list[int] = []
    clicks: list[float] = []
    done = threading.Event()

    def good(number: int) -> None:
        content, offset = photos[number % len(photos)]
        where = "/api/v1/measure" if number % 2 else f"/api/v1/series/{series}/photos"
        try:
            status, told = server.send(where, f"{number}.jpg", content + number.to_bytes(4, "big"))
        except (OSError, http.client.HTTPException) as error:
            wrong.append(f"{number}: {error!r}")
            return
        found = told if number % 2 else told.get("measurement") or {}
        if status not in (200, 201) or found.get("offset_mm") != offset:
            wrong.append(f"{number}: {status} {found.get('offset_mm')} instead of {offset}: {told.get('detail')}")
        else:
            right.append(number)

    def hostile(name: str, send: Callable[[], str]) -> None:
        said[name] = send()

    clicker = threading.Thread(target=click, args=(server, done, clicks))
    clicker.start()
    begun = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        turns = hostile_sends(server)
        goods = UPLOADS - UPLOADS // EVERY
        for number in range(goods):
            threads.submit(good, number)
            if number % (EVERY - 1) == 0 and turns:
                threads.submit(hostile, *turns.pop())
        for rest in turns:
            threads.submit(hostile, *rest)
    taken = time.monotonic() - begun
    done.set()
    clicker.join()
    time.sleep(3.0)
    after = server.memory_mb()
    return {
        "good": goods,
        "wrong": wrong,
        "right": len(right),
        "said": said,
        "clicks": sorted(clicks),
        "taken_s": taken,
        "before_mb": before,
        "after_mb": after,
        "alive": server.process.poll() is None,
        "left": server.left_files(),
        "count": server.ask("GET", f"/api/v1/series/{series}")[1]["count"],
    }


def kill(server: Server, photos: list[tuple[bytes, float | None]]) -> dict[str, Any]:
    """Kill the server while photos come in, start it again, and return what is there."""
    series = server.ask("POST", "/api/v1/series")[1]["id"]
    answered: set[str] = set()
    enough = threading.Event()

    def send(number: int) -> None:
        name = f"{number}.jpg"
        try:
            status, _ = server.send(f"/sessions/{series}/photos", name, photos[number % 4][0] + bytes(number + 1))
        except (OSError, http.client.HTTPException):
            return
        if status == 202:
            answered.add(name)
        if len(answered) >= BEFORE_KILL:
            enough.set()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(KILLED):
            threads.submit(send, number)
        enough.wait(300.0)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    server.process = server.start()
    told: dict[str, Any] = {}
    for _ in range(600):
        told = server.ask("GET", f"/api/v1/series/{series}")[1]
        if not told["waiting"]:
            break
        time.sleep(0.5)
    names = [photo["photo"] for photo in told["photos"]]
    offsets = {photo["photo"]: (photo["measurement"] or {}).get("offset_mm") for photo in told["photos"]}
    expected = [photos[int(name.partition(".")[0]) % 4][1] for name in names]
    return {
        "answered": len(answered),
        "kept": len(names),
        "lost": sorted(answered - set(names)),
        "twice": len(names) - len(set(names)),
        "wrong": [name for name, offset in zip(names, expected, strict=True) if offsets[name] != offset],
        "waiting": told["waiting"],
        "left": server.left_files(),
    }


def report(stormed: dict[str, Any], killed: dict[str, Any]) -> str:
    """Return the page of results."""
    clicks, load = stormed["clicks"], os.getloadavg()[1]
    both = zip(stormed["before_mb"], stormed["after_mb"], strict=True)
    own, children = (f"{before:.0f} MB before, {after:.0f} MB after" for before, after in both)
    late = sum(each > 100.0 for each in clicks)
    lines = [
        "# Hostile uploads",
        "",
        f"`docs/studies/hostile_uploads.py`: {stormed['good']} good photos of 3 MP and {len(stormed['said'])} hostile "
        f"requests, {AT_ONCE} at a time, to one server on {os.cpu_count()} cores (mean load of the machine over the "
        f"last 5 minutes: {load:.1f}), in {stormed['taken_s']:.0f} s.",
        "",
        "| what | result |",
        "|---|---|",
        f"| good photos with another answer than the command line's | {stormed['good'] - stormed['right']} of {stormed['good']} |",
        f"| server alive | {'yes' if stormed['alive'] else 'NO'} |",
        f"| memory of the server | {own} |",
        f"| memory of the processes that measure | {children} |",
        f"| files left | {len(stormed['left'])} |",
        f"| a click meanwhile, {len(clicks)} of them | median {statistics.median(clicks):.0f} ms, 95 % within "
        f"{clicks[int(0.95 * len(clicks))]:.0f} ms, the slowest {clicks[-1]:.0f} ms; {late} over 100 ms |",
        f"| photos answered before SIGKILL | {killed['answered']} |",
        f"| of them lost, twice, not measured, measured otherwise | {len(killed['lost'])}, {killed['twice']}, "
        f"{killed['waiting']}, {len(killed['wrong'])} |",
        f"| kept besides, whose answer the kill cut off | {killed['kept'] - killed['answered']} |",
        f"| files left after the new start | {len(killed['left'])} |",
        "",
        "| hostile | what the server said |",
        "|---|---|",
        *(f"| {name} | {said} |" for name, said in sorted(stormed["said"].items())),
    ]
    complaints = [*stormed["wrong"], *stormed["left"], *killed["lost"], *killed["wrong"], *killed["left"]]
    return "\n".join([*lines, *(["", "Wrong:", "", *(f"- {each}" for each in complaints)] if complaints else [])])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        running = Server(Path(place))
        try:
            known = good_photos()
            first = storm(running, known)
            print(report(first, kill(running, known)))
            print((Path(place) / "said.txt").read_text(), file=sys.stderr)
        finally:
            running.process.kill()
