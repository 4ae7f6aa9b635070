"""What every program's script does: play each scene of a session, and print what came of them as one line of JSON."""

import base64
import json
import os
import struct
import subprocess
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

BASE_URL = os.environ["BASE_URL"]
KEY, POOR_KEY, WRONG_KEY = os.environ["API_KEY"], os.environ["POOR_KEY"], "fb-live-wrong-wrong"
KIND = os.environ["UPSTREAM_KIND"]
SCENES = ("text", "stream", "parallel", "loop", "reasoning", "image", "empty", "wrong")
QUESTION = "Hello"
PATIENCE_S = 45.0  # a refusal that no other try will mend takes no longer than this, beyond what an answer takes
SPENT_USD: dict[str, float] = {}  # by the model: what the program says that it cost, where it has an idea of that
# A scene, the model that plays it, the key to pay with: what the program says in the end, or an error.
Ask = Callable[[str, str, str], str]
_ENDS = {
    "text": lambda said: "Hello from the script" in said,
    "stream": lambda said: "Hello from the script" in said,
    "parallel": lambda said: "They came to" in said and said.count(" | ") == 1,
    "loop": lambda said: "They came to" in said and said.count(" | ") == 2,
    "reasoning": lambda said: "They came to" in said and said.count(" | ") == 2,
    "image": lambda said: "I see image/png" in said,
}
_REFUSALS = {"empty": (POOR_KEY, ("balance", "402")), "wrong": (WRONG_KEY, ("API key", "401"))}


def weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


def play(
    client: str,
    family: str,
    ask: Ask,
    scenes: Collection[str] = SCENES,
    patience_s: float = PATIENCE_S,
    *,
    guesses: bool = False,
) -> None:
    """Print `{client, results: {scene: null or what was wrong}, spent_usd: {model: cost}, guesses}`. `family` is what
    the program knows of models; `guesses` says that it tells costs that are not meant to be exact."""
    results: dict[str, str | None] = {}
    answer_s = 0.0  # a program takes its time to start, and more of it on a busy machine
    for scene in scenes:
        begun_s = time.monotonic()
        results[scene] = _outcome(family, scene, ask)
        took_s = time.monotonic() - begun_s
        if scene not in _REFUSALS:
            answer_s = max(answer_s, took_s)
        elif results[scene] is None and took_s > answer_s + patience_s:
            results[scene] = f"it tried for {took_s:.0f} s"
    print(json.dumps({"client": client, "results": results, "spent_usd": SPENT_USD, "guesses": guesses}))


def spend(model: str, usd: float) -> None:
    """Note what the program says that a session with a model cost."""
    SPENT_USD[model] = SPENT_USD.get(model, 0.0) + usd


def _outcome(family: str, scene: str, ask: Ask) -> str | None:
    key, words = _REFUSALS.get(scene, (KEY, ()))
    played = "text" if words else scene
    try:
        said = ask(played, f"{family}-{'text' if played == 'stream' else played}-on-{KIND}", key)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        return None if any(word in said for word in words) else said[-600:]
    if words:
        return f"no error: {said}"[:300]
    return None if _ENDS[scene](said) else f"another answer than was expected: {said}"[-600:]


def image(folder: Path) -> Path:
    """A small picture."""
    path = folder / "red.png"
    path.write_bytes(base64.b64decode(IMAGE))
    return path


def _png() -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * 64 for _ in range(64))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(png).decode()


IMAGE = _png()


def run(command: list[str], folder: Path, environment: Mapping[str, str], *, input: str = "") -> str:
    """What a program prints, in an environment of its own. Raises `RuntimeError` with it where it fails."""
    home = {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "dumb", "NO_COLOR": "1", **environment}
    done = subprocess.run(
        command, cwd=folder, env=home, input=input, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}")
    return done.stdout
