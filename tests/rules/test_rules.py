"""Who may reach Firestore directly: nobody, whoever they are and whatever they want."""

import ast
import re
from pathlib import Path

import pytest

from tests.rules.conftest import ALLOWED, REFUSED, RULES, Firestore, signed_in
from tests.support.source.collections import collections_in_code

OWNER = "ada"
PEOPLE = {
    "the owner": signed_in(OWNER, email="ada@example.com", email_verified=True),
    "another user": signed_in("eve", email="eve@example.com", email_verified=True),
    "nobody": {},
    "an admin": signed_in("root", admin=True, role="admin", email="root@example.com", email_verified=True),
}
SERVICE = {"authorization": "Bearer owner"}  # how the emulator knows a service account

# Where a document of each collection lies, as its owner's. A collection that is not here fails the first test.
OWN = {name: f"{name}/{OWNER}" for name in (
    "admin_calls", "alerts", "answer_cache", "api_keys", "attempts", "audit", "authorizations", "billing",
    "codes", "credentials", "emails", "events", "factors", "idempotency", "identities", "invitations", "jobs",
    "key_windows", "keys", "mail", "orgs", "passes", "payments",
    "plans", "pricing", "provisions", "sandbox_charges", "sandbox_customers", "sandbox_events",
    "sandbox_payments", "sandbox_sessions", "sandbox_subscriptions", "seeds", "sessions", "sign_ins",
    "system_days", "tenants", "trials", "unmatched",
    "upstream_changes", "upstream_health", "upstreams", "usage", "usage_days", "users", "wallets",
    "welcome_days", "welcomed",
)} | {
    "parts": f"idempotency/{OWNER}/parts/0",
    "leases": f"wallets/{OWNER}/leases/l1",
    "member_budgets": f"wallets/{OWNER}/member_budgets/m1",
    "members": f"users/{OWNER}/members/m1",
    "project_budgets": f"wallets/{OWNER}/project_budgets/p1",
    "span_budgets": f"wallets/{OWNER}/span_budgets/account",
    "trail": f"users/{OWNER}/trail/e1",
    "transactions": f"wallets/{OWNER}/transactions/t1",
    "versions": "pricing/echo/versions/v1",
}  # fmt: skip


def test_every_collection_of_the_code_is_tested() -> None:
    assert collections_in_code() == OWN.keys()


def test_collections_are_found_where_the_code_names_them(tmp_path: Path) -> None:
    code = """
COLLECTION, MARKER = "x", "seeds/things"
MARKER = "markers/things"
PLACE = "constants"
def f(uid, document):
    yield f"paths/{uid}", f"{document.path}/subs/{uid}", f"{thing_path(uid)}/listed"
    yield Query("queries"), f"{PLACE}/{uid}"
def no(path): return "application/json", f"projects/{path}/databases/{path}", f"see {path}/docs or not"
"""
    ast.parse(code)
    (tmp_path / "module.py").write_text(code)
    assert collections_in_code(tmp_path) == {"markers", "paths", "subs", "listed", "queries", "constants"}


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_reaches_any_document_directly(firestore: Firestore, person: str) -> None:
    for path in (*OWN.values(), "collections/of-tomorrow"):
        _make(firestore, path)
        tried = firestore.try_everything(path, PEOPLE[person])
        assert set(tried.values()) == {REFUSED}, (person, path, tried)


def test_a_service_account_reaches_what_people_do_not(firestore: Firestore) -> None:
    """So the refusals above are the rules' doing."""
    _make(firestore, OWN["users"])
    assert set(firestore.try_everything(OWN["users"], SERVICE).values()) == {ALLOWED}


def test_a_hole_in_the_rules_would_be_seen(firestore: Firestore) -> None:
    hole = "match /users/{uid} { allow get: if request.auth.uid == uid; }"
    rules = "rules_version = '2'; service cloud.firestore { match /databases/{d}/documents { %s } }"
    firestore.use_rules(rules % hole)
    _make(firestore, OWN["users"])
    tried = {person: firestore.try_everything(OWN["users"], headers) for person, headers in PEOPLE.items()}
    assert {person for person, statuses in tried.items() if statuses["get"] == ALLOWED} == {"the owner"}
    assert all(status == REFUSED for statuses in tried.values() for kind, status in statuses.items() if kind != "get")


def test_every_condition_is_exercised_to_both_ends(firestore: Firestore) -> None:
    """The emulator reports on every condition but constants, and those say the same to everybody."""
    _make(firestore, OWN["users"])
    for headers in PEOPLE.values():
        firestore.try_everything(OWN["users"], headers)
    assert _undecided(firestore, RULES.read_text()) == set()


def test_a_condition_that_no_test_decides_both_ways_would_be_seen(firestore: Firestore) -> None:
    rules = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /users/{uid} {
    allow get: if request.auth.uid == uid;
  }
} }"""
    firestore.use_rules(rules)
    _make(firestore, OWN["users"])
    assert _undecided(firestore, rules) == {4}
    firestore.try_everything(OWN["users"], PEOPLE["the owner"])
    assert _undecided(firestore, rules) == {4}
    firestore.try_everything(OWN["users"], PEOPLE["another user"])
    assert _undecided(firestore, rules) == set()


def _undecided(firestore: Firestore, rules: str) -> set[int]:
    """The lines of conditions that have not come to both yes and no."""
    said = firestore.coverage()
    lines = [
        line for line, text in enumerate(rules.splitlines(), 1) if re.search(r"\ballow\b.*:\s*if (?!false;)", text)
    ]
    return {line for line in lines if not {True, False} <= said.get(line, set())}


def _make(firestore: Firestore, path: str) -> None:
    at = f"/v1/projects/{firestore.project}/databases/(default)/documents/{path}"
    answer = firestore.client.patch(at, headers=SERVICE, json={"fields": {"user": {"stringValue": OWNER}}})
    assert answer.status_code == ALLOWED, answer.text
