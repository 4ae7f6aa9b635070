"""Names and units of all metrics. They follow OpenTelemetry's conventions; docs/operate.md lists them."""

from dataclasses import dataclass

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True, slots=True)
class Counter:
    """A sum that only grows."""

    name: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A distribution of seconds."""

    name: str
    description: str
    unit: str = "s"
    buckets: tuple[float, ...] = SECONDS


HTTP_DURATION = Histogram("http.server.request.duration", "From a request to the end of its answer")
REQUESTS = Counter("farebox.requests", "{request}", "Paid requests, by model and how they ended")
TOKENS = Counter("farebox.tokens", "{token}", "Tokens of paid requests, by model and class")
CHARGED = Counter("farebox.charged", "nUSD", "What wallets were charged, in nano-USD, by model")
SHORTFALL = Counter("farebox.shortfall", "nUSD", "Of the cost of requests, what nobody paid, in nano-USD")
LOSSES = Counter("farebox.losses", "nUSD", "What an upstream may charge for and nobody pays, in nano-USD")
UNEXPECTED_ANSWERS = Counter(
    "farebox.unexpected_answers", "{answer}", "Answers charged as another model or service tier than was asked for"
)
LOST_REQUESTS = Counter("farebox.lost_requests", "{request}", "Requests that a sweep gave up: the operator's loss")
UPSTREAM_DURATION = Histogram("farebox.upstream.duration", "An attempt at an upstream, to its outcome")
FIRST_BYTE = Histogram("farebox.first_byte.duration", "From a request's hold to the first byte of its answer")
LEASE_STEPS = Counter("farebox.lease.steps", "{step}", "Steps of leases in the store: grants and settlements")
STORE_RETRIES = Counter(
    "farebox.store.retries", "{retry}", "Transactions that ran again, since others wrote in between"
)
