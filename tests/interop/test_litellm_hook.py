"""The real LiteLLM proxy with the hook, which bills its calls through Farebox. It needs no network: its model answers
by itself."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop.litellm import MASTER_KEY, running_proxy
from tests.support.clients.management import AS_ADMIN, BILLING_KEY, DOORS
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, clean_environment, free_port, serving

MODEL = {"model": "openai/gpt-4o-mini", "api_key": "none", "mock_response": "Hello"}
CONFIG = {
    "model_list": [
        {"model_name": "fake", "litellm_params": MODEL},
        {"model_name": "unpriced", "litellm_params": {**MODEL, "model": "openai/nobody-knows-its-price"}},
    ],
    "litellm_settings": {"callbacks": "farebox_hook.farebox"},
    "general_settings": {"master_key": MASTER_KEY},
}

pytestmark = [
    pytest.mark.skipif(not os.environ.get("FAREBOX_INTEROP"), reason="run by make interop"),
    pytest.mark.timeout(600),
]


def _until(holds: Any, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)


@pytest.mark.parametrize("hold", ["", "0.10"])
def test_the_proxy_charges_each_call_once_and_refuses_an_empty_wallet(hold: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {**clean_environment(tmp_path, **DOORS), "PORT": str(port)}
    with (
        serving([str(ROOT / "main.py")], tmp_path, port, environment) as farebox,
        httpx.Client(timeout=PATIENCE_S) as client,
    ):
        admin = f"{farebox.url}/api/admin"
        body: dict[str, Any] = {"email": "ada@example.com"}
        user = client.post(f"{admin}/provision-user", json=body, headers=AS_ADMIN).json()["user"]

        def charges() -> list[str]:
            page = client.get(f"{admin}/users/{user['id']}/transactions", params={"type": "usage"}, headers=AS_ADMIN)
            return [entry["amount_usd"] for entry in page.json()["data"]]

        def ask(url: str, model: str = "fake", headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
            request = {"model": model, "messages": [{"role": "user", "content": "Hi"}], **fields}
            headers = {"authorization": f"Bearer {MASTER_KEY}", "x-litellm-call-id": "the same", **(headers or {})}
            return client.post(f"{url}/v1/chat/completions", json=request, headers=headers, timeout=PATIENCE_S)

        billing = {
            "FAREBOX_URL": farebox.url,
            "FAREBOX_BILLING_KEY": BILLING_KEY,
            "FAREBOX_USERS": f'{{"default_user_id": "{user["id"]}"}}',
            "FAREBOX_HOLD_USD": hold,
        }
        folder = tmp_path / "proxy"
        folder.mkdir()
        shutil.copy(ROOT / "integrations/litellm/farebox_hook.py", folder)
        with running_proxy(folder, CONFIG, **billing) as proxy:
            for number, stream in enumerate((False, True), 1):
                assert ask(proxy.url, stream=stream).status_code == 200
                _until(lambda number=number: len(charges()) == number, PATIENCE_S)
            time.sleep(2)  # a second charge of either would have come by now
            assert len(charges()) == 2
            assert all(float(charge) < 0 for charge in charges())
            for field in ({"no-log": True}, {"has_logged_async_success": True}, {"litellm_params": {"no-log": True}}):
                assert ask(proxy.url, **field).status_code == 400, field
            assert ask(proxy.url, headers={"x-litellm-disable-callbacks": "farebox"}).status_code == 400
            answers = [ask(proxy.url, "unpriced").status_code]
            while answers[-1] == 200:  # until its callback has come
                answers.append(ask(proxy.url, "unpriced").status_code)
            assert answers[-1] == 404
            paid = 2 + (answers.count(200) if hold else 0)
            _until(lambda: len(charges()) == paid, PATIENCE_S)
            body = {"user_id": user["id"], "balance_usd": "0", "reason": "test"}
            client.post(f"{admin}/credits/set", json=body, headers=AS_ADMIN).raise_for_status()
            assert ask(proxy.url).status_code == 402
        assert len(charges()) == paid
        assert client.get(f"{admin}/users/{user['id']}", headers=AS_ADMIN).json()["reserved_usd"] == "0.00"
