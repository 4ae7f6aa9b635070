"""Redaction: takes what must never be logged out of a text, whoever wrote it there.

It is the second line: what is logged is chosen so that nothing of the kind is in it (`logs.py` leaves out what
exceptions say). It knows credentials by their form, and addresses; a prompt has none.
"""

import re

HIDDEN = "[hidden]"

# Each of the forms below holds one of these: looking for them costs next to nothing, and most texts hold none.
_HINTS = ("@", "fb-live-", "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "whsec", "creem", "AIza", "ya29.", "eyJ")
_SCHEMES = ("bearer", "basic")

_SECRETS = re.compile(
    r"""
      fb-live-[A-Za-z0-9._-]+                                   # our API keys
    | \b(?:sk|pk|rk|whsec|creem)[-_][A-Za-z0-9_./+=-]{6,}       # OpenAI's, Anthropic's, Stripe's, Creem's
    | \bAIza[A-Za-z0-9_-]{20,} | \bya29\.[A-Za-z0-9._-]+        # Google's
    | \beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*               # JSON Web Tokens
    | (?i:\b(?:bearer|basic)\s+)\S+
    | [A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]*[A-Za-z0-9]         # addresses
    """,
    re.VERBOSE,
)


def redact(text: str) -> str:
    """The text without what looks like a credential or an e-mail address."""
    if not any(map(text.__contains__, _HINTS)) and not any(map(text.lower().__contains__, _SCHEMES)):
        return text
    return _SECRETS.sub(HIDDEN, text)
