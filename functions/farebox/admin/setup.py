"""What a system is made of, and whether each part is ready for production: from the configuration and the store.

Of secrets it is told that they are there, and nothing else. On Cloud Run each function has the secrets that it needs
and no other, so that a provider's keys are not here is no fault there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.farebox.config import Config
from functions.farebox.gateway.entry.form import ECHO_URL
from functions.farebox.gateway.upstream import MAX_UPSTREAMS
from functions.farebox.kit.wildcards import is_pattern
from functions.farebox.pricing.versions import load_prices
from functions.farebox.storage import Filter, Query, Store

State = Literal["ready", "weak", "missing"]
Part = Literal[
    "database", "address", "payments", "identity", "sign_up", "second_factor", "support", "telemetry", "upstreams",
    "prices", "jobs",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A part, how it stands, what there is of it, and the variables that set it."""

    part: Part
    state: State
    found: str
    variables: tuple[str, ...] = ()


def look_at_variables(config: Config) -> Iterator[Found]:
    """What the environment says."""
    store = "SQLite on one machine" if config.is_local else config.store_url
    yield Found("database", "weak" if config.is_local else "ready", store, ("FAREBOX_STORE",))
    is_public = config.public_url.startswith("https://")
    yield Found("address", "ready" if is_public else "missing", config.public_url, ("FAREBOX_PUBLIC_URL",))
    yield _payments(config)
    if config.firebase is not None:
        yield Found("identity", "ready", f"Firebase, project {config.firebase.project}", ("FAREBOX_IDENTITY",))
    else:
        yield Found("identity", "ready", "local passwords and sign-in providers", ("FAREBOX_IDENTITY",))
    is_guarded = config.captcha is not None or config.sign_up.mode != "open"
    gives = config.signup_credit > 0
    told = f"{config.sign_up.mode}, {'with' if config.captcha else 'without'} a captcha"
    yield Found(
        "sign_up",
        "ready" if is_guarded or not gives else "weak",
        f"{told}, {'with' if gives else 'without'} welcome credit",
        ("FAREBOX_SIGNUP", "FAREBOX_CAPTCHA", "FAREBOX_SIGNUP_CREDIT_USD"),
    )
    is_required = config.admin_second_factor == "required"
    variable = ("FAREBOX_ADMIN_SECOND_FACTOR",)
    yield Found("second_factor", "ready" if is_required else "weak", config.admin_second_factor, variable)
    support = config.support_email
    yield Found("support", "ready" if support else "weak", support or "none", ("FAREBOX_SUPPORT_EMAIL",))
    sent_to = "none" if config.telemetry is None else config.telemetry.endpoint
    yield Found("telemetry", "weak" if config.telemetry is None else "ready", sent_to, ("FAREBOX_TELEMETRY",))


def _payments(config: Config) -> Found:
    if config.payments == "sandbox":
        return Found("payments", "missing", "the sandbox, which takes no money", ("FAREBOX_PAYMENTS",))
    account = config.stripe if config.payments == "stripe" else config.creem
    prefix = config.payments.upper()
    variables = ("FAREBOX_PAYMENTS", f"{prefix}_API_KEY", f"{prefix}_WEBHOOK_SECRET")
    is_whole = config.on_cloud_run or (account.api_key is not None and account.webhook_secret is not None)
    found = config.payments if is_whole else f"{config.payments}, without its keys"
    return Found("payments", "ready" if is_whole else "missing", found, variables)


async def look_at_store(store: Store, overdue_after: Mapping[str, timedelta], now: datetime) -> list[Found]:
    """What operators have set up, and whether the jobs run; `overdue_after` is for how long each may not have."""
    switched_on = await store.query(Query("upstreams", (Filter("enabled", "==", True),), limit=MAX_UPSTREAMS))
    entries = {each.id: json.loads(each.data["entry"]) for each in switched_on}
    real = [name for name, entry in entries.items() if entry["base_url"] != ECHO_URL]
    served = {name for entry in entries.values() for name in entry["models"] if name not in entry.get("priced_as", ())}
    prices = await load_prices(store)
    unpriced = sorted(name for name in served if name not in prices and not is_pattern(name))
    runs = await store.get_many(*(f"jobs/{name}" for name in overdue_after))
    late = [
        name
        for (name, longest), run in zip(overdue_after.items(), runs, strict=True)
        if run is None or run.data["ran_at"] < now - longest
    ]
    return [
        Found("upstreams", "ready" if real else "missing", ", ".join(real) or "the built-in echo alone"),
        Found("prices", "weak" if unpriced else "ready", f"none for {', '.join(unpriced)}" if unpriced else "for all"),
        Found(
            "jobs",
            "missing" if late else "ready",
            f"not run of late: {', '.join(late)}" if late else "all on schedule",
            ("FAREBOX_SCHEDULER_ACCOUNT",),
        ),
    ]
