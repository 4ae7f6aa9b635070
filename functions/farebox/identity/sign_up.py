"""Signing up: the one door through which strangers make accounts, with all that keeps scripts from making many."""

from functions.farebox.accounts.sign_up import Invitations, SignUpRules
from functions.farebox.identity import Identity, Session, Visitor
from functions.farebox.identity.captcha import Captcha
from functions.farebox.identity.guards import Guards


class SignUp:
    """Makes accounts. `guards` are `None` where everybody is known to be on this machine."""

    def __init__(
        self,
        identity: Identity,
        rules: SignUpRules,
        invitations: Invitations,
        captcha: Captcha | None,
        guards: Guards | None,
    ) -> None:
        self._identity = identity
        self._rules = rules
        self._invitations = invitations
        self._captcha = captcha
        self._guards = guards

    async def register(
        self,
        email: str,
        password: str,
        full_name: str | None,
        *,
        visitor: Visitor,
        invitation: str | None,
        captcha: str | None,
    ) -> Session:
        """Make an account and sign in. Raises as `Identity.register`, and as the rules and the captcha do."""
        if self._guards is not None:
            await self._guards.sign_up(visitor)
        self._rules.check(email, is_invited=invitation is not None)
        if self._captcha is not None and invitation is None:
            await self._captcha.check(captcha, visitor)
        if invitation is not None:
            await self._invitations.use(invitation, email)
        return await self._identity.register(email, password, full_name, visitor=visitor)
