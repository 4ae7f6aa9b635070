import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from functions.farebox.caching.rules import CacheRules
from functions.farebox.config import read_config
from functions.farebox.errors import BadConfig
from functions.farebox.gateway.policy.strategies import Strategies
from tests.support.processes import ROOT
from tests.support.product.runtime import config_with

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "given",
    [
        {"FAREBOX_STORE": "firestore://p/d"},
        {"FAREBOX_HOST": "0.0.0.0"},
        {"FAREBOX_HOST": "10.0.0.1"},
        {"FAREBOX_STORE": "firestore://p/d", "K_SERVICE": "wallet"},
    ],
)
def test_the_sandbox_is_chosen_by_itself_on_this_machine_alone(given: dict[str, str]) -> None:
    firebase = {"FIREBASE_PROJECT": "p", "FIREBASE_API_KEY": "k", "FAREBOX_SECRET_KEY": SECRET}
    base = {**(firebase if "FAREBOX_STORE" in given else {"FAREBOX_SECRET_KEY": SECRET}), **given}
    with pytest.raises(BadConfig, match="FAREBOX_PAYMENTS"):
        read_config(base).check_payments()
    read_config({**base, "FAREBOX_PAYMENTS": "sandbox"}).check_payments()
    read_config({**base, "FAREBOX_PAYMENTS": "stripe"}).check_payments()
    read_config({"FAREBOX_SECRET_KEY": SECRET}).check_payments()


CLOUD = {"K_SERVICE": "chat", "FAREBOX_STORE": "firestore://p/d", "FAREBOX_SECRET_KEY": SECRET}
DOCUMENTATION = ROOT / "docs" / "configuration.md"


class Recorder(Mapping[str, str]):
    """Variables that remember which of them were asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)


def test_nothing_needs_to_be_set_for_a_local_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = read_config({})
    assert config.store_url == "sqlite:///.farebox/farebox.db"
    assert (config.firebase, config.payments) == (None, "sandbox")
    assert (config.lease_ttl_s, config.settle_interval_s) == (60, 5)
    assert (config.host, config.port, config.public_url) == ("127.0.0.1", 8080, "http://localhost:8080")
    assert config.billing_api_key is None
    assert config.admin_secret_key is None
    assert config.signup_credit == 1_000_000_000
    assert (tmp_path / ".farebox" / "secret.key").exists()


def test_the_secret_key_lies_beside_the_database(tmp_path: Path) -> None:
    read_config({"FAREBOX_STORE": f"sqlite:///{tmp_path}/data/farebox.db"})
    assert (tmp_path / "data" / "secret.key").exists()


def test_a_service_on_firestore_gives_no_welcome_credit_unless_it_is_told_to() -> None:
    base = {"FAREBOX_STORE": "firestore://p/d", "FAREBOX_SECRET_KEY": SECRET}
    assert read_config(base).signup_credit == 0
    assert read_config({**base, "FAREBOX_SIGNUP_CREDIT_USD": "0.25"}).signup_credit == 250_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "٨٠"),
        ("FAREBOX_STORE", "mysql://somewhere"),
        ("FAREBOX_STORE", "sqlite:///"),
        ("FAREBOX_IDENTITY", "ldap"),
        ("FAREBOX_PAYMENTS", "cash"),
        ("FAREBOX_SEED", "maybe"),
        ("FAREBOX_UPSTREAMS", "[{"),
        ("FAREBOX_UPSTREAMS", "{}"),
        ("FAREBOX_UPSTREAMS", "/nowhere/upstreams.json"),
        ("FAREBOX_PRICING", "[]"),
        ("FAREBOX_PRICING", '{"m": {"input_usd_per_1m": NaN}}'),
        ("FAREBOX_ADMIN_EMAILS", "ada@example.com, bob"),
        ("FAREBOX_LEASE_TTL_S", "1"),
        ("FAREBOX_SETTLE_INTERVAL_S", "0"),
        ("FAREBOX_SETTLE_INTERVAL_S", "31"),
        ("FAREBOX_SIGNUP_CREDIT_USD", "-1"),
        ("FAREBOX_SIGNUP_CREDIT_USD", "1e3"),
        ("FAREBOX_PUBLIC_URL", "farebox.example.com"),
        ("FAREBOX_CORS_ORIGINS", "*"),
        ("FAREBOX_CORS_ORIGINS", "https://app.example.com/path"),
        ("STRIPE_API_BASE", "localhost:1"),
        ("FAREBOX_SECRET_KEY", "too short"),
        ("FAREBOX_SECRET_KEY", "x" * 64),
        ("ADMIN_SECRET_KEY", "admin"),
        ("ADMIN_SECRET_KEY", "ab" * 20),
        ("BILLING_API_KEY", "fifteen letters"),
        ("STRIPE_WEBHOOK_SECRET", "whsec"),
        ("BILLING_API_KEY_SECRET", "my-secret"),
        ("FAREBOX_TRUSTED_PROXIES", "my-proxy"),
        ("FAREBOX_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("FAREBOX_TRUSTED_PROXIES", "11"),
        ("FAREBOX_SIGNUP", "closed"),
        ("FAREBOX_SIGNUP_DOMAINS", "example"),
        ("FAREBOX_SIGNUP_BLOCKED_DOMAINS", "/nowhere/domains.txt"),
        ("FAREBOX_ADMIN_SECOND_FACTOR", "yes"),
        ("FAREBOX_SUPPORT_EMAIL", "help"),
        ("FAREBOX_SUPPORT_EMAIL", "help@example.com, more@example.com"),
    ],
)
def test_a_value_that_means_nothing_is_refused_in_one_line_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    variables = {"FAREBOX_STORE": f"sqlite:///{tmp_path}/f.db", "FAREBOX_SECRET_KEY": SECRET, name: value}
    with pytest.raises(BadConfig) as caught:
        read_config(variables)
    assert caught.value.variable == name
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("emulator", ["FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"])
def test_an_emulator_is_refused_on_cloud_run(emulator: str) -> None:
    read_config(CLOUD)
    with pytest.raises(BadConfig, match=emulator):
        read_config({**CLOUD, emulator: "127.0.0.1:8081"})


def test_a_disk_that_is_not_kept_is_refused_on_cloud_run() -> None:
    with pytest.raises(BadConfig, match="FAREBOX_STORE"):
        read_config({**CLOUD, "FAREBOX_STORE": "sqlite:///farebox.db"})


def test_no_secret_key_is_made_up_on_cloud_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadConfig, match="FAREBOX_SECRET_KEY"):
        read_config({name: value for name, value in CLOUD.items() if name != "FAREBOX_SECRET_KEY"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"FIREBASE_API_KEY": ""}, "FIREBASE_API_KEY"),
        ({"FAREBOX_STORE": "sqlite:///nowhere/farebox.db"}, "FIREBASE_PROJECT"),
        ({"FAREBOX_STORE": "firestore://"}, "FIREBASE_PROJECT"),
    ],
)
def test_firebase_without_a_project_or_its_key_is_refused_by_the_variable_that_is_missing(
    change: dict[str, str], named: str
) -> None:
    base = {"FAREBOX_STORE": "firestore://p/d", "FAREBOX_SECRET_KEY": SECRET}
    chosen = {**base, "FAREBOX_IDENTITY": "firebase", "FIREBASE_API_KEY": "key"}
    firebase = read_config(chosen).firebase
    assert firebase is not None
    assert (firebase.project, firebase.api_key) == ("p", "key")
    with pytest.raises(BadConfig) as caught:
        read_config({**chosen, **change})
    assert caught.value.variable == named


def test_a_secret_may_be_given_by_its_resource_name() -> None:
    held = {"projects/p/secrets/billing": "from the manager, and long\n", "projects/p/secrets/key/versions/3": SECRET}
    config = read_config(
        {
            "FAREBOX_STORE": "firestore://p/d",
            "BILLING_API_KEY_SECRET": "projects/p/secrets/billing",
            "FAREBOX_SECRET_KEY_SECRET": "projects/p/secrets/key/versions/3",
        },
        held.__getitem__,
    )
    assert config.billing_api_key is not None
    assert config.billing_api_key.value == "from the manager, and long"
    assert config.secret_key.derive("x") == read_config(CLOUD).secret_key.derive("x")


def test_a_secret_given_twice_is_refused() -> None:
    both = {"ADMIN_SECRET_KEY": "one", "ADMIN_SECRET_KEY_SECRET": "projects/p/secrets/two"}
    with pytest.raises(BadConfig, match="ADMIN_SECRET_KEY_SECRET"):
        read_config({**CLOUD, **both}, lambda _: "two")


def test_a_secret_that_cannot_be_fetched_is_named() -> None:
    def fetch(resource: str) -> str:
        raise LookupError(f"no permission for {resource}")

    with pytest.raises(BadConfig, match="STRIPE_API_KEY_SECRET: no permission for projects/p/secrets/stripe"):
        read_config({**CLOUD, "STRIPE_API_KEY_SECRET": "projects/p/secrets/stripe"}, fetch)


def test_secrets_do_not_show_in_what_is_printed() -> None:
    secrets = {
        "BILLING_API_KEY": "hush-1 as long as it must be",
        "STRIPE_API_KEY": "hush-2",
        "ADMIN_SECRET_KEY": "hush-3 as long as it must be",
    }
    upstreams = json.dumps([{"id": "u", "api_key": "hush-4"}])
    shown = repr(read_config({**CLOUD, **secrets, "FAREBOX_UPSTREAMS": upstreams}))
    assert "hush" not in shown
    assert SECRET not in shown


def test_documents_come_from_the_variable_or_from_a_file(tmp_path: Path) -> None:
    text = '{"m": {"input_usd_per_1m": 0.1}}'
    file = tmp_path / "prices.json"
    file.write_text(text)
    inline = read_config({**CLOUD, "FAREBOX_PRICING": text}).pricing
    assert inline == {"m": {"input_usd_per_1m": Decimal("0.1")}}
    assert read_config({**CLOUD, "FAREBOX_PRICING": str(file)}).pricing == inline


def test_a_blank_variable_counts_as_absent() -> None:
    assert read_config({**CLOUD, "PORT": " ", "BILLING_API_KEY": ""}).billing_api_key is None


def test_administrators_are_compared_without_case() -> None:
    assert read_config({**CLOUD, "FAREBOX_ADMIN_EMAILS": "Ada@Example.COM, ,"}).admin_emails == {"ada@example.com"}


def test_the_documentation_lists_exactly_the_variables_that_are_read() -> None:
    recorder = Recorder(CLOUD)
    read_config(recorder)
    read = {name for name in recorder.asked if not (name.endswith("_SECRET") and name[:-7] in recorder.asked)}
    documented = set(re.findall(r"^\| `([A-Z_]+)`", DOCUMENTATION.read_text(), re.MULTILINE))
    assert documented == read


def test_a_variable_that_nothing_reads_is_named_and_those_of_commands_and_of_clients_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = (DOCUMENTATION.parent / "clients.md").read_text()
    clients = set(re.findall(r"(?:\$|env\.|env:|env_key = \")(FAREBOX_\w+)", page))
    assert clients
    others = dict.fromkeys(["FAREBOX_NEW_SECRET_KEY", *clients], "x" * 32)
    read_config({**CLOUD, "FAREBOX_SETTLE_INTERVALL_S": "5", **others})
    [message] = caplog.messages
    assert message.endswith("spelling: FAREBOX_SETTLE_INTERVALL_S")


def test_without_routing_and_cache_variables_models_are_weighted_and_cached_only_for_whoever_asks() -> None:
    config = config_with({})
    assert (config.routing, config.cache, config.fallbacks) == (Strategies(), CacheRules(), {})


def test_routing_and_cache_rules_are_read() -> None:
    config = config_with({"FAREBOX_ROUTING": '{"m": "least_busy"}', "FAREBOX_CACHE": '{"charge": "0.5"}'})
    assert config.routing.of("m") == "least_busy"
    assert config.cache.share_bp == 5_000


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("FAREBOX_ROUTING", '{"m": "fastest"}'),
        ("FAREBOX_CACHE", '{"charge": 0.5}'),
        ("FAREBOX_FALLBACKS", '{"m": {"slow": ["n"]}}'),
    ],
)
def test_a_mistake_in_them_is_named_by_its_variable(variable: str, text: str) -> None:
    with pytest.raises(BadConfig, match=f"^{variable}: "):
        config_with({variable: text})


def test_a_variable_that_means_nothing_is_named_without_its_value(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = {"FAREBOX_STORE": f"sqlite:///{tmp_path}/x.db"}
    read_config({**store, "FAREBOX_UPSTREAM": "[secret]", "FAREBOX_DRAINS": "secret", "OTHER": "x", "FAREBOX_SEED": ""})
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().endswith(": FAREBOX_DRAINS, FAREBOX_UPSTREAM")
    caplog.clear()
    read_config({**store, "FAREBOX_SECRET_KEY": SECRET, "FAREBOX_TELEMETRY": "off", "FAREBOX_PRICING": "{}"})
    assert caplog.records == []
