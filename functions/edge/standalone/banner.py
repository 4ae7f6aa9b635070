"""The start-up banner of `python main.py`: where it is, what it uses, and a way to try it at once."""

from collections.abc import Sequence

from functions.farebox.config import Config
from functions.farebox.kit.money import format_usd
from functions.farebox.wiring.local_ollama import Found

TRY_IT = """\
BASE={url}
EMAIL=you-$(date +%s)@example.com
call() {{ curl -sS -H 'content-type: application/json' "$@"; }}
field() {{ python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }}

TOKEN=$(call $BASE/api/auth/register -d '{{"email": "'$EMAIL'", "password": "a long password"}}' | field token)
KEY=$(call $BASE/api/keys -H "authorization: Bearer $TOKEN" -d '{{"name": "first"}}' | field key)
call $BASE/v1/chat/completions -i -H "authorization: Bearer $KEY" \\
    -d '{{"model": "echo", "messages": [{{"role": "user", "content": "Hello"}}]}}'
"""

PAYMENTS = {"sandbox": "sandbox (nobody pays: whoever reaches this has credit at a click)"}
ANYWHERE = ("127.0.0.1", "0.0.0.0", "::", "::1", "localhost")


def banner(
    config: Config, upstreams: Sequence[str], ollama: Found | None = None, *, has_dashboard: bool = False
) -> str:
    """The text, with a blank line at each end. `upstreams` are the ids of those in use, `ollama` what was found."""
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
    return f"\nFarebox is at {url}\n\n{lines}\n\nTry it, in another terminal:\n\n{TRY_IT.format(url=url)}"


def _identity(config: Config) -> str:
    if config.firebase is not None:
        return f"firebase, project {config.firebase.project}"
    if not config.is_local:
        return "local"
    return f"local (mails are written to {config.state_dir / 'outbox'})"
