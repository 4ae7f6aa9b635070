"""Which headers an upstream's entry may name."""

import pytest

from functions.farebox.gateway.entry.header_names import header_problem, pass_problem

OURS = [
    "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive", "te",
    "trailer", "upgrade", "expect", "accept", "accept-encoding", "proxy-authorization", "proxy-connection",
    "x-request-id", "traceparent",
]  # fmt: skip
A_CLIENTS_OWN = [
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "ocp-apim-subscription-key", "cookie", "set-cookie",
    "x-amz-security-token", "x-csrf-token", "x-auth-user", "x-client-secret", "x-serverless-authorization",
    "x-goog-iap-jwt-assertion", "x-signature", "forwarded", "x-forwarded-for", "x-real-ip", "cf-connecting-ip", "via",
    "idempotency-key", "x-farebox-org", "x-farebox-cache", "x-admin-key", "x-litellm-tags", "x-portkey-config",
    "cf-aig-authorization", "cf-aig-metadata", "helicone-auth", "x-bf-vk", "x-goog-user-project",
]  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_what_the_gateway_writes_can_neither_be_set_nor_passed(name: str) -> None:
    assert header_problem(name) is not None
    assert pass_problem(name) is not None


@pytest.mark.parametrize("name", A_CLIENTS_OWN)
def test_credentials_and_what_steers_are_never_passed_on(name: str) -> None:
    assert pass_problem(name) is not None


@pytest.mark.parametrize("name", ["anthropic-beta", "openai-organization", "openai-project", "x-title", "user-agent"])
def test_what_vendors_read_may_be_passed_on(name: str) -> None:
    assert pass_problem(name) is None
    assert header_problem(name) is None


@pytest.mark.parametrize("name", ["authorization", "x-goog-user-project", "http-referer", "x-goog-api-key", "cookie"])
def test_an_operator_may_set_any_header_that_is_not_the_gateways_own(name: str) -> None:
    assert header_problem(name) is None
