"""OpenAI's and Anthropic's own clients, unchanged, in front of an instance in this process. Neither tries twice."""

import httpx2
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance

BASE_URL = "http://farebox.test"


def openai_of(instance: Instance, customer: Customer) -> AsyncOpenAI:
    """OpenAI's client."""
    return AsyncOpenAI(base_url=f"{BASE_URL}/v1", api_key=customer.key, http_client=_transport(instance), max_retries=0)


def anthropic_of(instance: Instance, customer: Customer) -> AsyncAnthropic:
    """Anthropic's client."""
    return AsyncAnthropic(base_url=BASE_URL, api_key=customer.key, http_client=_transport(instance), max_retries=0)


def _transport(instance: Instance) -> httpx2.AsyncClient:
    """The HTTP library that both of them use."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(instance.app))
