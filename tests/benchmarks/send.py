"""Sending a large file, beside other clients: ``python -m tests.benchmarks.send``.

All send the same file to the same loopback sink, in turns, with a warm client.
``curl -T`` sends a body that was encoded beforehand: the limit. Memory is the
peak above the imports, each client in a process of its own.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from services.external_api.client import Client
from services.external_api.request import chat_request
from services.media.facts import MediaFacts, Sendable
from tests.benchmarks.sink import sink

MB = 1024 * 1024
MODEL, PROMPT, KEY = "m", "What is said?", "ak_benchmark"


def body(data: str) -> dict:
    """The request of the guide's first example."""
    audio = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    text = {"type": "text", "text": PROMPT}
    return {"model": MODEL, "messages": [{"role": "user", "content": [text, audio]}]}


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def sendable(path: Path) -> Sendable:
    facts = MediaFacts("wav", path.stat().st_size, None, None, None)
    return Sendable(path, "audio", "wav", facts, None)


def ours(origin: str) -> tuple[Callable[[Path], None], Callable[[], None]]:
    loop = asyncio.new_event_loop()
    client = Client(f"{origin}/api/v1")

    async def send(path: Path) -> None:
        request = chat_request(MODEL, PROMPT, sendable(path))
        async for _ in client.complete(request, SecretStr(KEY), 300):
            pass

    def close() -> None:
        loop.run_until_complete(client.aclose())
        loop.close()

    return lambda path: loop.run_until_complete(send(path)), close


def guide(origin: str) -> tuple[Callable[[Path], None], Callable[[], None]]:
    import requests  # noqa: PLC0415  # not in the memory of the others

    session = requests.Session()

    def send(path: Path) -> None:
        session.post(
            f"{origin}/api/v1/chat/completions",
            headers={"Authorization": f"Bearer {KEY}"},
            json=body(encoded(path)),
            timeout=300,
        ).raise_for_status()

    return send, session.close


def openai(origin: str) -> tuple[Callable[[Path], None], Callable[[], None]]:
    from openai import OpenAI  # noqa: PLC0415  # not in the memory of the others

    client = OpenAI(base_url=f"{origin}/api/v1", api_key=KEY, max_retries=0)
    return lambda path: client.chat.completions.create(**body(encoded(path))), client.close


def httpx_json(origin: str) -> tuple[Callable[[Path], None], Callable[[], None]]:
    import httpx  # noqa: PLC0415  # not in the memory of the others

    client = httpx.Client(timeout=300, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
    url = f"{origin}/api/v1/chat/completions"
    return lambda path: client.post(url, json=body(encoded(path))).raise_for_status(), client.close


CLIENTS = {
    "this client": ours,
    "guide (requests)": guide,
    "openai": openai,
    "httpx json=": httpx_json,
}


def curl(origin: str, file: Path) -> float:
    """Seconds that curl itself counts."""
    said = subprocess.run(
        [
            *("curl", "-sS", "-o", "/dev/null", "-w", "%{time_total}", "-X", "POST"),
            *("-H", "Expect:", "-H", "Content-Type: application/json", "-T", str(file)),
            f"{origin}/api/v1/chat/completions",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(said.stdout)


def peak_kib() -> int:
    # Not ru_maxrss, which a process inherits from the one that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def memory(name: str, path: Path) -> None:
    """In a process of its own: print the peak above the imports, in MB."""
    with sink() as origin:
        send, close = CLIENTS[name](origin)
        with tempfile.NamedTemporaryFile(suffix=".wav") as small:
            small.write(b"x" * 1024)
            small.flush()
            send(Path(small.name))
        before = peak_kib()
        send(path)
        print((peak_kib() - before) / 1024)
        close()


def made(directory: Path, megabytes: int) -> Path:
    path = directory / f"{megabytes}.wav"
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(bytes(range(256)) * 4096)
    return path


def measured_memory(name: str, path: Path) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.send", "--memory", name, str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", nargs=2)
    options = parser.parse_args()
    if options.memory:
        memory(options.memory[0], Path(options.memory[1]))
        return
    with tempfile.TemporaryDirectory() as name, sink() as origin, contextlib.ExitStack() as stack:
        directory = Path(name)
        path = made(directory, 50)
        whole = directory / "body.json"
        whole.write_text(json.dumps(body(encoded(path))))
        sends = {}
        for client, make in CLIENTS.items():
            sends[client], close = make(origin)
            stack.callback(close)
            sends[client](path)
        wall: dict[str, list[float]] = {client: [] for client in ("curl -T", *sends)}
        cpu: dict[str, list[float]] = {client: [] for client in sends}
        for _ in range(options.rounds):
            wall["curl -T"].append(curl(origin, whole))
            for client, send in sends.items():
                began, used = time.perf_counter(), time.process_time()
                send(path)
                wall[client].append(time.perf_counter() - began)
                cpu[client].append(time.process_time() - used)
        limit = statistics.median(wall["curl -T"])
        print(f"50 MB, {options.rounds} rounds, medians; memory above the imports")
        print(
            f"{'':18}{'wall ms':>9}{'× curl':>8}{'CPU ms':>8}{'50 MB':>8}{'5 MB':>8}{'500 MB':>8}"
        )
        print(f"{'curl -T':18}{limit * 1000:9.0f}{1:8.1f}")
        sizes = [path, made(directory, 5), made(directory, 500)]
        for client in sends:
            seconds = statistics.median(wall[client])
            used = statistics.median(cpu[client]) * 1000
            some = sizes if client == "this client" else sizes[:1]
            peaks = "".join(f"{measured_memory(client, one):8.1f}" for one in some)
            print(f"{client:18}{seconds * 1000:9.0f}{seconds / limit:8.1f}{used:8.0f}{peaks}")


if __name__ == "__main__":
    main()
