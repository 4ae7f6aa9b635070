"""Step-up: a second factor shown at sign-in or once more within a session, whoever keeps the passwords."""

from functions.farebox.identity import Person, Shown
from functions.farebox.identity.factors.second_factors import SecondFactors
from functions.farebox.identity.guards import Guards
from functions.farebox.identity.sessions import Sessions


class StepUp:
    """Asks for second factors, and notes that they were shown."""

    def __init__(self, factors: SecondFactors, guards: Guards, sessions: Sessions) -> None:
        self._factors = factors
        self._guards = guards
        self._sessions = sessions

    async def at_sign_in(self, uid: str, shown: Shown | None) -> bool:
        """Whether a second factor was asked for and shown; not where the account has none. Raises `Unauthenticated`
        as `SecondFactors.check`, and `RateLimited`."""
        if not (await self._factors.enrolled(uid)).is_enrolled:
            return False
        await self._check(uid, shown)
        return True

    async def again(self, person: Person, shown: Shown) -> None:
        """Have a second factor count as shown lately in a session. Raises alike."""
        await self._check(person.uid, shown)
        await self._sessions.prove(person.session)

    async def enrolled(self, person: Person) -> None:
        """Whoever has just enrolled a factor has shown it."""
        await self._sessions.prove(person.session)

    async def _check(self, uid: str, shown: Shown | None) -> None:
        if shown is not None:
            await self._guards.factor(uid)
        await self._factors.check(uid, shown)
        await self._guards.factor_shown(uid)
