"""A browser at the sandbox's pages: opens one, and presses its buttons."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx


class Buttons(HTMLParser):
    """The forms of a page: where each goes, and with what."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert found["method"] == "post"
            self.forms.append((found["action"], {}))
        if tag == "input" and found.get("type") == "hidden":
            self.forms[-1][1][found["name"]] = found["value"]


async def uid_of(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/auth/me")).json()["id"])


async def shown(client: httpx.AsyncClient) -> dict[str, str]:
    wallet = (await client.get("/api/wallet")).json()
    return {name: wallet[name] for name in ("balance_usd", "debt_usd", "plan")}


async def click(client: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    """Open a page in a browser and press the first button with this address and these fields."""
    opened = await client.get(page)
    assert opened.status_code == 200
    for address, hidden in Buttons(opened.text).forms:
        if address.endswith(f"/{action}") and fields.items() >= hidden.items() and (fields or not hidden):
            return await client.post(address, data=fields, follow_redirects=True)
    for address, hidden in Buttons(opened.text).forms:
        if address.endswith(f"/{action}") and hidden.items() >= fields.items():
            return await client.post(address, data=hidden, follow_redirects=True)
    raise AssertionError(f"no button {action} on {opened.text}")


async def begin(client: httpx.AsyncClient, **body: str) -> str:
    answer = await client.post("/api/wallet/checkout", json=body)
    assert answer.status_code == 200, answer.text
    url = answer.json()["url"]
    assert answer.json()["session_id"] in url
    return urlsplit(str(url)).path


async def portal(client: httpx.AsyncClient) -> str:
    return urlsplit(str((await client.post("/api/wallet/portal")).json()["url"])).path


async def subscribe(client: httpx.AsyncClient, plan: str, **body: object) -> None:
    """Subscribe to a plan, and pay."""
    answer = await client.post("/api/wallet/subscribe", json={"plan": plan, **body})
    assert answer.status_code == 200, answer.text
    await click(client, urlsplit(str(answer.json()["url"])).path, "pay")
