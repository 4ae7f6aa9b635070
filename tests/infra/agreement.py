"""Where `infra/` and the code disagree: each function answers faults in words, and none where both say the same."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from functions.farebox.storage.expiring import EXPIRING
from tests.infra.terraform import Configuration
from tests.support.source.query_shapes import FUNCTIONS, Shape

Faults = list[str]

# Where `expires_at` is written, and whether the document may go by itself then.
TTL = "ttl"
EXPIRY: dict[str, dict[str, str]] = {
    "farebox/admin/audit_trail.py": {"admin_calls": TTL},
    "farebox/notifications/alert.py": {"alerts": TTL},
    "farebox/upstreams/history.py": {"upstream_changes": TTL},
    "farebox/caching/answers.py": {"answer_cache": TTL},
    "farebox/keys/api_key.py": {"api_keys": "a key that has expired stays on its owner's list"},
    "farebox/ledger/grants.py": {"wallets": "a field of a grant within the wallet"},
    "farebox/data_plane/idempotency.py": {"idempotency": TTL, "parts": TTL},
    "farebox/limits/throttle.py": {"attempts": TTL},
    "farebox/identity/sessions.py": {"sessions": TTL},
    "farebox/identity/providers/sign_in.py": {"sign_ins": TTL},
    "farebox/accounts/welcome.py": {"welcome_days": TTL},
    "farebox/accounts/sign_up.py": {"invitations": TTL},
    "farebox/leases/lease.py": {"leases": "the sweep closes it; the audit reads it for ever"},
    "farebox/notifications/mail.py": {"mail": TTL},
    "farebox/billing/apply_event.py": {"events": TTL},
    "farebox/billing/settlement.py": {"payments": TTL},
    "farebox/billing/unmatched.py": {"unmatched": TTL},
    "farebox/billing/checkout.py": {"billing": "of a checkout that is open, within the payer's document"},
    "farebox/organisations/invitations.py": {"invitations": TTL},
    "farebox/payments/sandbox/state.py": {
        "sandbox_sessions": "nothing real is paid there, and a page may still be open"
    },
    "edge/rest/answers/keys.py": {"-": "what a caller is answered, not a document"},
    "edge/chat/openrouter.py": {"-": "what a caller is answered, not a document"},
}


def disagreements(here: str, ours: Iterable[str], there: str, theirs: Iterable[str]) -> Faults:
    """What is on one side only."""
    ours, theirs = set(ours), set(theirs)
    missing = [f"{name} is in {there}, but not in {here}" for name in sorted(theirs - ours)]
    return missing + [f"{name} is in {here}, but not in {there}" for name in sorted(ours - theirs)]


def function_faults(infra: Configuration, edges: Mapping[str, tuple[str, ...]]) -> Faults:
    """Each target is a function; each public path leads to its function. `scheduled` is called by its own address."""
    functions = infra.locals["function"]
    public = {name: paths for name, paths in edges.items() if name != "scheduled"}
    routed = {f"{path} to {name}" for name, function in functions.items() for path in function["paths"]}
    return [
        *disagreements("infra", functions, "main.py", edges),
        *disagreements(
            "infra", routed, "EDGES", (f"{path} to {name}" for name, paths in public.items() for path in paths)
        ),
    ]


def job_faults(infra: Configuration, jobs: Mapping[str, float]) -> Faults:
    """Each job is called, as often as the code says."""
    scheduled = {f"{name} every {interval_s(cron):g} s" for name, cron in infra.locals["job"].items()}
    return disagreements("infra", scheduled, "JOBS", (f"{name} every {every_s:g} s" for name, every_s in jobs.items()))


def interval_s(cron: str) -> float:
    """How often a schedule comes round, for those that are plain."""
    for pattern, seconds in (
        (r"\* \* \* \* \*", 60),
        (r"\*/(\d+) \* \* \* \*", 60),
        (r"\d+ \* \* \* \*", 3600),
        (r"\d+ \*/(\d+) \* \* \*", 3600),
        (r"\d+ \d+ \* \* \*", 86400),
    ):
        found = re.fullmatch(pattern, cron)
        if found:
            return seconds * int(found[1] if found.groups() else 1)
    raise ValueError(f"{cron!r} is not plain: compare it by hand")


def secret_faults(infra: Configuration, secrets: Iterable[str]) -> Faults:
    """Each secret is made or taken in, and each function reads only such."""
    made = set(quoted(infra.locals["generated_secret"]))
    taken = set(quoted(infra.variables["vendor_secrets"]["validation"][0]["condition"]))
    read = {secret for function in infra.locals["function"].values() for secret in function["secrets"]}
    return [
        *disagreements("infra", made | taken, "docs/configuration.md", secrets),
        *disagreements("what functions read", read, "the secrets of infra", made | taken),
    ]


def variable_faults(infra: Configuration, variables: Iterable[str], elsewhere: Iterable[str]) -> Faults:
    """Each plain variable is set, or may be, or is in `elsewhere`: those that have no place in a deployment."""
    fixed = [*re.findall(r"(\w+) = ", infra.locals["variable"]), *infra.locals["scheduled_variable"]]
    settable = quoted(infra.variables["settings"]["validation"][0]["condition"])
    return disagreements("infra", {*fixed, *settable, *elsewhere}, "docs/configuration.md", variables)


def index_faults(infra: Configuration, shapes: Mapping[Shape, str]) -> Faults:
    """Each query has its index, and each index its query."""
    indexes = list(_indexes(infra))
    exempt = set(_exempt(infra))
    lacking = [
        f"{where} has no index: {shape}" for shape, where in shapes.items() if not _served(shape, indexes, exempt)
    ]
    if lacking:
        return lacking
    return [
        f"no query needs the index on {index}"
        for index in indexes
        if all(
            _served(shape, [each for each in indexes if each != index], exempt)
            for shape in shapes
            if shape.collection == index.collection
        )
    ]


def ttl_faults(infra: Configuration, writers: Iterable[str]) -> Faults:
    """Each module that writes `expires_at` is known, and what may go by itself does."""
    meant = {name for collections in EXPIRY.values() for name, kind in collections.items() if kind == TTL}
    return [
        *disagreements("EXPIRY", EXPIRY, "the code", writers),
        *disagreements("infra", infra.locals["ttl_field"], "EXPIRY", meant),
        *disagreements("EXPIRING", EXPIRING, "EXPIRY", meant),
    ]


@cache
def expiry_writers(root: Path = FUNCTIONS) -> frozenset[str]:
    """The modules that write a field `expires_at`, by their paths below `root`."""
    files = ((file.relative_to(root).as_posix(), ast.parse(file.read_text())) for file in root.rglob("*.py"))
    return frozenset(name for name, tree in files if any(map(_has_expiry, ast.walk(tree))))


def _has_expiry(node: ast.AST) -> bool:
    return isinstance(node, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == "expires_at" for key in node.keys
    )


def _indexes(infra: Configuration) -> Iterator[Shape]:
    """Each index in the form of a query: the fields before its end compare, in whatever order."""
    for kind, is_group in (("composite_index", False), ("group_index", True)):
        for index in infra.locals[kind].values():
            order = tuple((name, way or "asc") for name, _, way in (field.partition(" ") for field in index["fields"]))
            yield Shape(index["collection"], is_group, frozenset(), order)


def lacks_index(infra: Configuration, shape: Shape) -> bool:
    """Whether Firestore would refuse a query, which its emulator does not."""
    return not _served(shape, list(_indexes(infra)), set(_exempt(infra)))


def _served(shape: Shape, indexes: Iterable[Shape], exempt: set[tuple[str, str]]) -> bool:
    """Whether Firestore can answer a query. https://firebase.google.com/docs/firestore/query-data/index-overview

    A field alone has an index of its own, unless it is exempt; fields that are only compared merge theirs. An order
    beside them needs composite indexes that end in it, which merge if together they hold every field. By their names
    alone documents of a group are found without one, as those of a collection are.
    """
    if not shape.order and not (shape.group and shape.equal):
        return all((shape.collection, name) not in exempt for name in shape.equal)
    if not shape.equal and not shape.group and len(shape.order) == 1:
        return (shape.collection, shape.order[0][0]) not in exempt
    covered: set[str] = set()
    found = False
    for index in indexes:
        split = len(index.order) - len(shape.order)
        compared = {name for name, _ in index.order[:split]} if split >= 0 else {""}
        same_place = (index.collection, index.group) == (shape.collection, shape.group)
        if same_place and compared <= shape.equal and index.order[split:] == shape.order:
            covered |= compared
            found = True
    return found and covered == shape.equal


def _exempt(infra: Configuration) -> Iterator[tuple[str, str]]:
    for collection, fields in infra.locals["unindexed_field"].items():
        yield from ((collection, name) for name in fields)
    yield from infra.locals["ttl_field"].items()


def quoted(expression: str) -> list[str]:
    """The names in capitals that an expression quotes."""
    return re.findall(r'"([A-Z][A-Z0-9_]+)"', expression)
