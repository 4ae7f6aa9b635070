"""Acting: whoever calls a management route, for which organisation, and what they may do there.

It is made anew for every call, from what is stored then: a role that was taken away is none any more at once.
"""

from dataclasses import dataclass

from functions.farebox.accounts.account import account_suspended
from functions.farebox.errors import Forbidden, NotFound
from functions.farebox.organisations.rights import (
    CONFIRMED,
    OPEN_TO_SUSPENDED,
    SCOPE_RIGHTS,
    SCOPES,
    KeyScope,
    Right,
    Role,
)
from functions.farebox.organisations.trail import Actor


@dataclass(frozen=True, slots=True)
class Acting:
    """A person, or a key, who acts for an organisation. `org` is its id, which is the payer's.

    `uid` is the person, or the member whose key it is; `key` the id of the API key, where one was shown instead of a
    session. `email` is the person's, for a payment provider to know;
    `is_operator` says that they administer the whole service, `is_proved` that their address is proved theirs, or that
    nobody need prove one; `is_confirmed`, that they have no second factor, or have shown it lately. `is_suspended`: the
    organisation is, so that the rights are but those that are left to it.
    """

    org: str
    actor: Actor
    rights: frozenset[Right]
    role: Role | None = None
    uid: str | None = None
    email: str = ""
    is_operator: bool = False
    is_proved: bool = True
    is_confirmed: bool = True
    is_suspended: bool = False
    key: str | None = None
    scopes: tuple[KeyScope, ...] = ()

    def require(self, right: Right) -> None:
        """Raises `Forbidden` (`forbidden`, of a key `scope_missing`, or `account_suspended`) without this right, and
        with `second_factor_required` where it is one of `CONFIRMED` that wants a second factor once more."""
        if right in self.rights:
            if right in CONFIRMED and not self.is_confirmed:
                raise factor_wanted()
            return
        if self.is_suspended and right not in OPEN_TO_SUSPENDED:
            raise account_suspended()
        if self.key is None or any(right in SCOPE_RIGHTS[scope] for scope in self.scopes):
            raise Forbidden(
                f"Your role in this organisation, {self.role}, does not include this ({right}). Ask an owner or an "
                "admin of it."
            )
        wanted = [scope for scope in SCOPES if right in SCOPE_RIGHTS[scope]]
        if not wanted:
            raise Forbidden("No API key may do this. Sign in, and send the session's token.", code="scope_missing")
        raise Forbidden(f"This takes an API key with the scope {wanted[0]}.", code="scope_missing")

    def require_proved(self) -> None:
        """Raises `Forbidden` (`email_unverified`) for who has not proved their address: they are not to let others
        into what may be somebody else's account."""
        if not self.is_proved:
            raise address_unproved()

    @property
    def usage_of(self) -> str | None:
        """The member to whose usage one is held; `None`: that of all."""
        return None if "usage.of_others" in self.rights else self.uid


def factor_wanted() -> Forbidden:
    """What is told whoever has a second factor and has not shown it lately."""
    return Forbidden(
        "Show your second factor once more: POST /api/auth/second-factor. It counts for 15 minutes.",
        code="second_factor_required",
    )


def address_unproved() -> Forbidden:
    """What is told whoever has to prove their address first."""
    return Forbidden("Confirm your e-mail address first.", code="email_unverified")


def no_such_organisation() -> NotFound:
    """What is told of an organisation that is not there, or that the caller does not belong to."""
    return NotFound("There is no such organisation, or you do not belong to it.", param="org")
