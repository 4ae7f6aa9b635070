"""Whose a new key is, and what it may have: decided when it is made, by who makes it.

A key of an organisation is a member's or a service account's, or, in a person's own, just the owner's. What it belongs
to does not change afterwards: its spend is counted there. Who does not reach others' keys makes their own. A key that
makes keys makes them for whom it is itself held, in its own project, and gives none more than it has: its models, its
rates, its scopes, and `inference`, which is what the keys are made for. It makes none that makes keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from functions.farebox.errors import Forbidden, InvalidRequest
from functions.farebox.keys.api_key import ApiKey, key_path
from functions.farebox.kit.wildcards import Names
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.groups import group_path
from functions.farebox.organisations.membership import membership_path, role_in
from functions.farebox.organisations.rights import INFERENCE, ROLE_RIGHTS, KeyScope, may_spend, scopes_within
from functions.farebox.storage import Transaction

RATES: Final = ("rpm", "tpm", "rpd")
KEYS: Final[KeyScope] = "keys"
BELONGS_TO: Final = ("member", "service_account", "project")


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a key belongs to: a member or a service account, and a project, each if any; and the key that made it."""

    member: str | None = None
    service_account: str | None = None
    project: str | None = None
    made_by: str | None = None


async def belonging_of(tx: Transaction, by: Acting, terms: Mapping[str, Any]) -> Belonging:
    """Whose the key is to be that somebody makes, in a transaction that has written nothing yet.

    `terms` may name `member`, `service_account` and `project`. Raises `Forbidden` and `InvalidRequest`.
    """
    if by.key is not None:
        return await _as_the_maker(tx, by, terms)
    wanted = Belonging(terms.get("member"), terms.get("service_account"), terms.get("project"))
    if wanted.member is not None and wanted.service_account is not None:
        raise InvalidRequest(
            "A key is a member's or a service account's. Name one of them.", code="invalid_value", param="member"
        )
    if "keys.of_others" not in by.rights and (
        wanted.service_account is not None or wanted.member not in (None, by.uid)
    ):
        raise Forbidden("Your role in this organisation lets you make your own keys alone.")
    if wanted.member is None and wanted.service_account is None:
        wanted = replace(wanted, member=by.uid)
    if wanted.member == by.org:  # the owner of their own, who is no member of it
        wanted = replace(wanted, member=None)
    await _check_there(tx, by.org, wanted)
    return wanted


async def _as_the_maker(tx: Transaction, by: Acting, terms: Mapping[str, Any]) -> Belonging:
    """What a key that makes keys belongs to, they do. Raises `InvalidRequest` for what is not there, and `Forbidden`
    for what is another's: whoever was told nothing would take its spend for counted there."""
    maker = await _maker(tx, by)
    own = Belonging(maker.member, maker.service_account, maker.project, maker.id)
    wanted = replace(own, **{name: terms[name] for name in BELONGS_TO if name in terms})
    if wanted != own:
        await _check_there(tx, by.org, wanted)
        param = next(name for name in BELONGS_TO if getattr(wanted, name) != getattr(own, name))
        raise Forbidden(
            f"A key that makes keys makes them for whom it is held, in its own project. Leave {param} out.", param=param
        )
    return own


async def check_given(tx: Transaction, by: Acting, terms: Mapping[str, Any], member: str | None) -> None:
    """Raises `Forbidden` where `terms` give a key more than whoever makes or changes it may give. `member` is whose
    key it is: a scope that they may not use is not given to it."""
    rights = by.rights
    if member is not None:
        document = await tx.get(membership_path(by.org, member))
        role = role_in(by.org, member, document)
        rights &= frozenset() if role is None else ROLE_RIGHTS[role]
        if role is not None and not may_spend(role) and INFERENCE in (terms.get("scopes") or ()):
            raise Forbidden(
                f"Whoever has the role {role} has no key that asks models. Give them another role, or the key to "
                "somebody else.",
                param="member",
            )
    maker = None if by.key is None else await _maker(tx, by)
    if terms.get("scopes") is not None:
        own_scopes = () if maker is None else (INFERENCE, *(scope for scope in maker.scopes if scope != KEYS))
        _check_scopes(terms["scopes"], scopes_within(rights) if maker is None else own_scopes)
    if maker is None:
        return
    for name in RATES:
        most, given = getattr(maker, name), terms.get(name)
        if name in terms and most is not None and (given is None or given > most):
            raise _too_much(name, f"more than {most}")
    if maker.models is not None and "models" in terms:
        own, given_models = Names(maker.models), terms["models"]
        if given_models is None or not all(model in maker.models or model in own for model in given_models):
            raise _too_much("models", "models that it may not use itself")


async def inherited(tx: Transaction, by: Acting) -> dict[str, Any]:
    """The terms that a key has from the key that makes it, where nothing is said of them."""
    if by.key is None:
        return {}
    maker = await _maker(tx, by)
    return {"models": maker.models, **{name: getattr(maker, name) for name in RATES}}


async def _maker(tx: Transaction, by: Acting) -> ApiKey:
    assert by.key is not None
    document = await tx.get(key_path(by.key))
    assert document is not None, "a key's record stays"
    return ApiKey.from_data(by.key, document.data)


async def _check_there(tx: Transaction, org: str, belonging: Belonging) -> None:
    """Raises `InvalidRequest` where a key is to belong to what is not there."""
    for name, value, path in (
        ("member", belonging.member, membership_path),
        ("service_account", belonging.service_account, lambda o, i: group_path(o, "service_accounts", i)),
        ("project", belonging.project, lambda o, i: group_path(o, "projects", i)),
    ):
        if value is not None and await tx.get(path(org, value)) is None:
            what = name.replace("_", " ")
            raise InvalidRequest(f"There is no such {what} in this organisation.", code="unknown_value", param=name)


def _check_scopes(wanted: tuple[KeyScope, ...], allowed: tuple[KeyScope, ...]) -> None:
    for scope in wanted:
        if scope not in allowed:
            raise _too_much("scopes", f"the scope {scope}")


def _too_much(param: str, what: str) -> Forbidden:
    return Forbidden(f"This would give the key {what}, which is more than is yours to give.", param=param)


def counter_of(key: ApiKey | Belonging) -> str:
    """The field of the account that counts live keys of this kind: those that keys have made apart from the others."""
    return "live_keys" if key.made_by is None else "live_minted_keys"
