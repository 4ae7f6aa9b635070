"""Firestore as a browser would reach it: over REST, under rules, as somebody."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.patience import PATIENCE_S

RULES = Path(__file__).parents[2] / "firestore.rules"

REFUSED, ALLOWED = 403, 200


@dataclass(frozen=True)
class Firestore:
    """A database on the emulator, of this test's own."""

    client: httpx.Client
    project: str

    def use_rules(self, rules: str) -> None:
        body = {"rules": {"files": [{"name": "firestore.rules", "content": rules}]}}
        answer = self.client.put(f"/emulator/v1/projects/{self.project}:securityRules", json=body)
        assert answer.status_code == ALLOWED, answer.text

    def coverage(self) -> dict[int, set[object]]:
        """What each line of the rules has come to so far."""
        answer = self.client.get(f"/emulator/v1/projects/{self.project}:ruleCoverage")
        assert answer.status_code == ALLOWED, answer.text
        said: dict[int, set[object]] = {}
        for report in _reports(answer.json()):
            came_to = [each["value"] for each in report.get("values", ()) if "boolValue" in each.get("value", ())]
            values = {value["boolValue"] for value in came_to}
            said.setdefault(report["sourcePosition"]["line"], set()).update(values)
        return said

    def try_everything(self, path: str, headers: dict[str, str]) -> dict[str, int]:
        """The status of each kind of access to a document that exists, and to its collection."""
        root = f"projects/{self.project}/databases/(default)/documents"
        at, (collection, _, _) = f"/v1/{root}/{path}", path.rpartition("/")
        parent, _, name = f"{root}/{collection}".rpartition("/")
        body = {"fields": {"user": {"stringValue": "ada"}}}
        group = {"structuredQuery": {"from": [{"collectionId": name, "allDescendants": True}], "limit": 1}}
        send = self.client.request
        answers = {
            "get": send("GET", at, headers=headers),
            "list": send("GET", f"/v1/{parent}/{name}", headers=headers),
            "query": send("POST", f"/v1/{root}:runQuery", headers=headers, json=group),
            "create": send(
                "POST", f"/v1/{parent}/{name}", headers=headers, params={"documentId": uuid4().hex}, json=body
            ),
            "update": send("PATCH", at, headers=headers, json=body),
            "delete": send("DELETE", at, headers=headers),
        }
        return {name: answer.status_code for name, answer in answers.items()}


def _reports(node: Any) -> Iterator[dict[str, Any]]:
    """The reports on all expressions, which nest."""
    for report in [*node.get("report", ()), *node.get("reports", ()), *node.get("children", ())]:
        if "sourcePosition" in report:
            yield report
        yield from _reports(report)


@pytest.fixture
def firestore(firestore_emulator: str) -> Iterator[Firestore]:
    """An empty database under the rules that are deployed."""
    with httpx.Client(base_url=f"http://{firestore_emulator}", timeout=PATIENCE_S) as client:
        database = Firestore(client, f"test-{uuid4().hex}")
        database.use_rules(RULES.read_text())
        yield database


def signed_in(uid: str, **claims: object) -> dict[str, str]:
    """The header of a user; the emulator takes unsigned tokens."""
    head = {"alg": "none", "typ": "JWT"}
    body = {"sub": uid, "user_id": uid, "iss": "https://securetoken.google.com/test", "aud": "test", **claims}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (head, body))
    return {"authorization": f"Bearer {'.'.join(parts)}."}
