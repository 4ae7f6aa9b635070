"""A client of an ASGI app in this process, and the form that every refusal must have."""

from typing import Any

import httpx
from starlette.types import ASGIApp

ERROR_FIELDS = {"message", "type", "param", "code"}


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """A client of an app in this process. What the app fails to handle is raised."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://farebox.test")


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error of a refusal, once its form has been checked."""
    assert answer.status_code >= 400, answer.text
    assert answer.headers["x-request-id"]
    body = answer.json()
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    assert error.keys() == ERROR_FIELDS
    assert error["message"].endswith("."), error["message"]
    return error


def refused(answer: httpx.Response, status: int, code: str, param: str | None = None) -> None:
    """Hold that an answer is this refusal."""
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param), error
