"""The start-up banner of `python main.py`: where it is, what it uses, and a way to try it at once."""

from collections.abc import Iterable, Sequence

from functions.farebox.config import Config
from functions.farebox.kit.model_names import is_plain
from functions.farebox.kit.money import format_usd
from functions.farebox.kit.wildcards import is_pattern
from functions.farebox.pricing.price import Price
from functions.farebox.wiring.local_ollama import Found

ECHO = "echo"  # the model that is built in

TRY_IT = """\
BASE={url}
EMAIL=you-$(date +%s)@example.com
call() {{ curl -sS -w '\\n' -H 'content-type: application/json' "$@"; }}
field() {{ python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }}

TOKEN=$(call $BASE/api/auth/register -d '{{"email": "'$EMAIL'", "password": "a long password"}}' | field token)
KEY=$(call $BASE/api/keys -H "authorization: Bearer $TOKEN" -d '{{"name": "first"}}' | field key)
call $BASE/v1/chat/completions -i -H "authorization: Bearer $KEY" \\
    -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello"}}]}}'
"""

PAYMENTS = {"sandbox": "sandbox (nobody pays: whoever reaches this has credit at a click)"}
ANYWHERE = ("127.0.0.1", "0.0.0.0", "::", "::1", "localhost")


def banner(
    config: Config,
    upstreams: Sequence[str],
    ollama: Found | None = None,
    *,
    has_dashboard: bool = False,
    model: str | None = ECHO,
) -> str:
    """The text, with a blank line at each end. `upstreams` are the ids of those in use, `ollama` what was found;
    `model` is the one to try, `None` where none is served by a name of its own."""
    host = "localhost" if config.host in ANYWHERE else config.host
    url = f"http://{host}:{config.port}"
    facts = {
        "dashboard": f"{url}/" if has_dashboard else "not built (make dashboard, with Node.js 20.19 or newer)",
        "API reference": f"{url}/docs",
        "store": config.store_url,
        "identity": _identity(config),
        "payments": PAYMENTS.get(config.payments, config.payments),
        "upstreams": ", ".join(upstreams) or "none",
        "welcome credit": f"{format_usd(config.signup_credit)} USD",
        "administrators": ", ".join(sorted(config.admin_emails)) or "none (FAREBOX_ADMIN_EMAILS)",
    }
    if ollama is not None:
        facts["found here"] = f"Ollama with {', '.join(ollama.models)}; free, until you set prices"
    lines = "\n".join(f"  {name:<16}{fact}" for name, fact in facts.items())
    start = f"\nFarebox is at {url}\n\n{lines}\n\n"
    if model is None:
        return f"{start}No model has a name and a price yet that could be tried; GET /v1/models lists what there is.\n"
    return f"{start}Try it, in another terminal:\n\n{TRY_IT.format(url=url, model=model)}"


def model_to_try(served: Iterable[Price]) -> str | None:
    """A model that is served and chats, the echo before any that costs something at a vendor. Embeddings are known by
    their name, and by a price for nothing but what is read."""
    names = {price.model: price for price in served if not is_pattern(price.model)}
    if ECHO in names:
        return ECHO
    chats = [name for name in names if "embed" not in name.lower() and is_plain(name)]
    return next((name for name in chats if names[name].output), chats[0] if chats else None)


def _identity(config: Config) -> str:
    if config.firebase is not None:
        return f"firebase, project {config.firebase.project}"
    if not config.is_local:
        return "local"
    return f"local (mails are written to {config.state_dir / 'outbox'})"
