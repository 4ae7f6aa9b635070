"""A test that waits for a server is patient: how long that takes says nothing where processes share a machine."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import ROOT

_WAITS = {"get", "post", "put", "patch", "delete", "request", "stream", "Client", "AsyncClient"}


def impatient(folder: Path) -> Iterator[str]:
    """The places where httpx's own five seconds would count: those that name no time, and no transport of their own."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "httpx." in text else ():
            match node:
                case ast.Call(ast.Attribute(ast.Name("httpx"), name), keywords=given) if name in _WAITS:
                    if not {"timeout", "transport"} & {keyword.arg for keyword in given}:
                        yield f"{path}:{node.lineno}"


def test_no_test_takes_a_busy_machine_for_a_fault() -> None:
    assert list(impatient(ROOT / "tests")) == []


def test_who_names_no_time_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import httpx\n\nhttpx.get('http://x')\nhttpx.Client(timeout=60)\n")
    assert list(impatient(tmp_path)) == [f"{tmp_path}/test_it.py:3"]
