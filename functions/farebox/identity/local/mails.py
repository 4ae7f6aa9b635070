"""The mails of the local provider: links whose tokens prove that a mail has reached somebody."""

from functions.farebox.notifications.mail import Mailer


class IdentityMails:
    """Writes them. `public_url` is where the links lead."""

    def __init__(self, mailer: Mailer, public_url: str) -> None:
        self._mailer = mailer
        self._public_url = public_url

    async def verification(self, email: str, proof: str) -> None:
        """Of an account whose address is to be proved."""
        await self._mailer.send(
            email,
            "Confirm your e-mail address",
            f"Somebody has an account with this address. If that is you, open this link where you are signed in, or "
            f"with your password at hand, to confirm it:\n\n{self._link('verify-email', proof)}\n\n"
            f"It works for 24 hours. For the API, the token is:\n\n{proof}\n\n"
            "If it was not you who made the account, do not confirm it: nothing happens then. To have the account, and "
            f"put whoever made it out of it, choose a new password at {self._public_url}/forgot-password\n",
        )

    async def reset(self, email: str, proof: str) -> None:
        """Of a password that is to be replaced."""
        await self._mailer.send(
            email,
            "Choose a new password",
            f"Open this link to choose a new password:\n\n{self._link('reset-password', proof)}\n\n"
            f"It works for one hour, once. For the API, the token is:\n\n{proof}\n\n"
            "It ends every session and, unless you say otherwise, every API key.\n"
            "If you did not ask for this, do nothing: your password stays as it is.\n",
        )

    async def new_address(self, email: str, proof: str, uid: str) -> None:
        """To an address that somebody's account is to have."""
        await self._mailer.send(
            email,
            "Confirm your new e-mail address",
            f"Open this link where you are signed in to have this address be your account's:\n\n"
            f"{self._link('change-email', proof)}\n\n"
            f"It works for one hour. For the API, the token is:\n\n{proof}\n\n"
            "If you did not ask for this, do nothing.\n",
            user=uid,
        )

    async def address_changes(self, email: str, new_email: str) -> None:
        """To the address that an account has had until then."""
        await self._mailer.send(
            email,
            "Your e-mail address is being changed",
            f"Your account's address is to become {new_email}. If it was not you who asked for this, choose a new "
            f"password now, at {self._public_url}/forgot-password, which ends every session.\n",
        )

    def _link(self, page: str, proof: str) -> str:
        return f"{self._public_url}/{page}#token={proof}"
