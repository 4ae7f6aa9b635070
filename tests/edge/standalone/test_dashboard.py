"""The dashboard's files as `python main.py` serves them."""

import json
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from functions.edge.asgi.app import edge_app
from functions.edge.standalone.dashboard import IMMUTABLE, dashboard_routes
from functions.edge.standalone.page_policy import CAPTCHAS, content_security_policy, page_headers
from functions.farebox.accounts.sign_up import CaptchaName
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.processes import ROOT

BROWSER = {"accept": "text/html,application/xhtml+xml"}
SECRET = "of the folder above"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text(SECRET)
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>the page")
    (dist / "config.json").write_text("{}")
    (dist / "assets" / "main-1a2b.js").write_text("plain")
    (dist / "assets" / "main-1a2b.js.br").write_text("brotli")
    (dist / "assets" / "main-1a2b.js.gz").write_text("gzip")
    (dist / "assets" / "font-1a2b.woff2").write_text("font")
    return dist


@pytest.fixture
def browser(runtime: Runtime, dist: Path) -> httpx.AsyncClient:
    client = client_of(edge_app(runtime, [], fallback=dashboard_routes(dist)))
    client.headers.update(BROWSER)
    return client


@pytest.mark.parametrize("path", ["/", "/keys", "/admin/users/u_1", "/no/such/page"])
async def test_every_page_is_the_one_file_under_a_strict_policy(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.text) == (200, "<!doctype html>the page")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert page_headers().items() <= dict(answer.headers).items()
    policy = _parts(answer.headers["content-security-policy"])
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("service", get_args(CaptchaName))
async def test_a_captchas_service_and_no_other_may_run_its_script(
    runtime: Runtime, dist: Path, service: CaptchaName
) -> None:
    browser = client_of(edge_app(runtime, [], fallback=dashboard_routes(dist, service)))
    policy = _parts((await browser.get("/sign-up", headers=BROWSER)).headers["content-security-policy"])
    assert policy["script-src"] == f"'self' {CAPTCHAS[service]['script-src']}"
    assert policy["frame-src"] == CAPTCHAS[service]["frame-src"]
    strict = _parts(content_security_policy())
    assert {name for name in policy if policy[name] != strict.get(name)} == set(CAPTCHAS[service])
    assert "'unsafe-inline'" not in policy["script-src"]


@pytest.mark.parametrize("service", get_args(CaptchaName))
def test_what_a_captcha_adds_to_hostings_headers_is_written_down(service: CaptchaName) -> None:
    told = (ROOT / "docs/configuration.md").read_text()
    for directive, sources in CAPTCHAS[service].items():
        assert f"`{directive} {sources}`" in told


@pytest.mark.parametrize(
    "path", ["/api", "/api/nope", "/v1nope/../v1", "/jobs", "/assets/gone-1a2b.js", "/openapi.json", "/docs/nope"]
)
async def test_no_address_of_the_api_and_no_missing_file_becomes_a_page(browser: httpx.AsyncClient, path: str) -> None:
    refused(await browser.get(path), 404, "not_found")


def _parts(policy: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in policy.split("; "))


async def test_what_is_not_asked_for_by_a_browser_or_not_read_is_no_page(browser: httpx.AsyncClient) -> None:
    refused(await browser.get("/nowhere", headers={"accept": "*/*"}), 404, "not_found")
    refused(await browser.post("/keys"), 404, "not_found")


async def test_files_are_served_with_their_type_and_hashed_ones_for_ever(browser: httpx.AsyncClient) -> None:
    font = await browser.get("/assets/font-1a2b.woff2")
    assert (font.headers["content-type"], font.headers["cache-control"]) == ("font/woff2", IMMUTABLE)
    settings = await browser.get("/config.json")
    assert (settings.headers["content-type"], settings.headers["cache-control"]) == ("application/json", "no-cache")
    again = await browser.get("/config.json", headers={"if-none-match": settings.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)])
async def test_the_smallest_form_that_is_accepted_is_sent(
    browser: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    request = browser.build_request("GET", "/assets/main-1a2b.js", headers={"accept-encoding": accepted})
    answer = await browser.send(request, stream=True)
    sent = b"".join([part async for part in answer.aiter_raw()])
    assert sent.decode() == {"br": "brotli", "gzip": "gzip", None: "plain"}[encoding]
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt"]
)
async def test_no_path_leads_out_of_the_folder(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert SECRET not in answer.text


def test_firebase_hosting_sends_the_same_headers() -> None:
    hosting: dict[str, Any] = json.loads((ROOT / "firebase.json").read_text())["hosting"]
    [everywhere, assets] = hosting["headers"]
    sent = {header["key"]: header["value"] for header in everywhere["headers"]}
    assert (everywhere["source"], assets["source"]) == ("**", "/assets/**")
    assert page_headers().items() <= sent.items()
    assert assets["headers"] == [{"key": "cache-control", "value": IMMUTABLE}]
    assert (ROOT / hosting["public"]).resolve() == ROOT / "dashboard" / "dist"


async def test_where_nothing_is_built_the_root_says_how_to_and_other_paths_are_not_there(
    runtime: Runtime, tmp_path: Path
) -> None:
    browser = client_of(edge_app(runtime, [], fallback=dashboard_routes(tmp_path / "not there")))
    root = await browser.get("/", headers=BROWSER)
    assert root.status_code == 200
    assert "make dashboard" in root.text
    assert page_headers().items() <= dict(root.headers).items()
    refused(await browser.get("/nothing", headers={"accept": "*/*"}), 404, "not_found")
    refused(await browser.get("/assets/main.js", headers=BROWSER), 404, "not_found")
