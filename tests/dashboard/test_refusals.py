"""The dashboard has a sentence for each code with which the API refuses."""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from functions.edge.asgi.errors import FRAMEWORK_REFUSALS
from functions.edge.rest.validation import CODES
from functions.farebox.gateway.faults.quoting import CODES as UPSTREAMS_CODES
from tests.support.processes import ROOT

OWN = {"error"}  # a base class's, which nothing is refused with
FROM_PROGRAMS = {"invalid_signature"}  # of a payment provider, which reads no page
TABLE_ENTRY = re.compile(r"^  (\w+): ", re.MULTILINE)


def told(module: str, node: ast.expr) -> Iterator[str]:
    """The codes that an expression may come to: texts, constants of a module, and tables of them."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
        elif isinstance(each, ast.Name):
            known = getattr(importlib.import_module(module), each.id, None)
            yield from known.values() if isinstance(known, Mapping) else [known] if isinstance(known, str) else []


def refusals(path: Path) -> Iterator[str]:
    """The codes that a module refuses with: `code=...` in a call, and `code = ...` of a class of errors."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            for given in node.keywords:
                if given.arg == "code":
                    yield from told(module, given.value)
        elif isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                    yield from told(module, line.value)


def test_each_code_of_the_api_has_a_sentence_in_the_dashboard_and_no_other() -> None:
    found = {code for path in (ROOT / "functions").rglob("*.py") for code in refusals(path)}
    found |= {*CODES.values(), *UPSTREAMS_CODES.values(), *(code for code, _ in FRAMEWORK_REFUSALS.values())}
    found.add("internal_error")
    known = TABLE_ENTRY.findall((ROOT / "dashboard/src/api/refusals.ts").read_text())
    assert len(known) == len(set(known))
    assert {"invalid_value", "second_factor_required", "key_budget_exceeded", "context_length_exceeded"} <= found
    assert sorted(found - OWN - FROM_PROGRAMS - set(known)) == []
    assert sorted(set(known) - found) == []
