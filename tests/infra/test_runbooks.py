"""Whoever follows the operators' documents word by word gets to the end of them."""

import asyncio
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.store_mark import check_mark
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.infra.runbook import SECRET_NAME, TIMEOUT_S, Checkout, shell_of
from tests.infra.terraform import Configuration, read_module
from tests.infra.test_documents import check
from tests.support.clients.management import ADMIN_KEY, DOORS
from tests.support.money.customers import open_customer
from tests.support.processes import ROOT
from tests.support.product.runtime import SECRET
from tests.support.product.server_process import running_product

# What a document sets at its beginning and a test knows better.
REPLACED = {
    "deploy.md": {"export PROJECT_ID=example-farebox REGION=us-central1 DOMAIN=llm.example.com": "true"},
    "operate.md": {},
    # the database that is in use here is not empty, and keeps its key
    "upgrade.md": {
        'FAREBOX_STORE="firestore://$PROJECT_ID/farebox" .venv/bin/python -m functions.farebox change': (
            'FAREBOX_STORE="firestore://$PROJECT_ID/farebox-rekeyed" .venv/bin/python -m functions.farebox change'
        ),
        'farebox.db "firestore://$PROJECT_ID/farebox"': 'farebox.db "firestore://$PROJECT_ID/farebox-new"',
    },
}


@pytest.fixture(scope="module")
def checkout(firestore_emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout, and a Farebox that is the deployed one."""
    project, folder = f"runbook-{uuid4().hex[:8]}", tmp_path_factory.mktemp("runbook")
    more = {"FIRESTORE_EMULATOR_HOST": firestore_emulator, "FAREBOX_PAYMENTS": "sandbox", **DOORS}
    home = tmp_path_factory.mktemp("farebox")
    upstreams = [{"id": "openai", "base_url": "echo:", "models": {"gpt-4o-mini": "gpt-4o-mini"}}]
    prices = {"gpt-4o-mini": {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)
        for database in ("farebox", "farebox-rekeyed"):
            asyncio.run(_wake(f"firestore://{project}/{database}"))
    with running_product(
        home,
        f"firestore://{project}/farebox",
        upstreams=upstreams,
        pricing=prices,
        **more,
    ) as server:
        checkout = Checkout(folder, server.url, ADMIN_KEY, project)
        checkout.environment["FIRESTORE_EMULATOR_HOST"] = firestore_emulator
        checkout.environment.pop("FAREBOX_SECRET_KEY", None)
        embedded = f"sqlite:///{checkout.folder}/.farebox/farebox.db"
        asyncio.run(_settle_in(embedded))
        yield checkout


async def _settle_in(store_url: str) -> None:
    """Somebody has an account in the embedded database."""
    store = Store(open_engine(store_url))
    await open_customer(store, "10")
    await store.close()


async def _wake(store_url: str) -> None:
    """The first answer of an emulator that has just started may take longer than a server waits for its database."""
    store = Store(open_engine(store_url))
    await check_mark(store, SecretKey(SECRET.encode()))
    await store.close()


@pytest.mark.timeout(3 * TIMEOUT_S)  # what each of the documents may take
def test_every_command_of_the_documents_succeeds(checkout: Checkout) -> None:
    for document, replaced in REPLACED.items():  # each goes on from where the one before has come to
        ran = checkout.run(shell_of((ROOT / "docs" / document).read_text(), replaced))
        assert ran.status == 0, f"{document}: {ran.output[-3000:]}"
        assert len(ran.told) > 5
        for words in ran.told:
            check(words)


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def test_what_the_documents_name_is_what_infra_makes(infra: Configuration) -> None:
    functions = {f"farebox-{name.replace('_', '-')}" for name in infra.locals["function"]}
    secrets = [*re.findall(r'"([A-Z_]+)"', infra.locals["generated_secret"])]
    secrets += re.findall(r'"([A-Z_]+)"', infra.variables["vendor_secrets"]["validation"][0]["condition"])
    known = functions | {f"farebox-{name}" for name in infra.locals["job"]} | {"farebox-audit", "farebox-restored"}
    known |= {f"farebox-{secret.lower().replace('_', '-')}" for secret in secrets} | {
        "farebox-gemma-1b-key",
        "farebox-moved",
    }
    assert SECRET_NAME in known
    known |= {f"{SECRET_NAME}-next", "farebox-before", "farebox-tools"}
    for document in REPLACED:
        script = shell_of((ROOT / "docs" / document).read_text())
        for name in re.findall(r"\bfarebox-[a-z0-9-]+\b", script):
            assert name in known or name.startswith("farebox-chat-"), name


def blocks_of(document: str) -> list[str]:
    """A document's shell blocks."""
    text = (ROOT / "docs" / document).read_text()
    return [shell_of(block) for block in re.findall(r"^ *```sh\n.*?^ *```", text, re.DOTALL | re.MULTILINE)]


def settings_of(line: str) -> set[str]:
    """The variables that a line sets."""
    named = set(re.findall(r"(?:^|[\s;(])([A-Za-z_]+)=", line)) | set(re.findall(r"\bfor (\w+) in", line))
    return named | set(re.findall(r"\bread -r (\w+)", line))


@pytest.mark.parametrize("document", REPLACED)
def test_every_variable_is_set_before_it_is_used_there_or_where_the_documents_head_says(document: str) -> None:
    text = (ROOT / "docs" / document).read_text()
    head = text[: text.index("```sh")]
    known = set(re.findall(r"`([A-Z_]+)`", head)) if "](deploy.md)" in head else set()
    assert known <= {name for block in blocks_of("deploy.md") for name in settings_of(block)}
    for block in blocks_of(document):
        for line in block.splitlines():
            set_here = settings_of(line)
            assert set(re.findall(r"\$\{?([A-Za-z_]\w*)", line)) <= known | set_here, line
            known |= set_here


@pytest.mark.parametrize("document", REPLACED)
def test_a_secret_is_read_for_each_command_that_takes_it(document: str) -> None:
    """One that was left from before would be written over another; and a line that stands behind the one that reads is,
    pasted together with it, what some terminals have read."""
    for block in blocks_of(document):
        steps = [re.findall(r"read -r VALUE|\$VALUE", line) for line in block.splitlines()]
        assert not any(steps[:-1]), block
        assert steps[-1] in ([], ["read -r VALUE", "$VALUE"]), block


def test_terraform_lets_go_of_all_that_belongs_to_a_database_before_it_knows_another(infra: Configuration) -> None:
    """What stayed in the state would be taken away from the old one: its indexes, its backups."""
    its_own = {at for at, body in infra.resources.items() if "google_firestore_database.main" in str(body)}
    commands = re.findall(r"terraform -chdir=infra state rm (.*)", (ROOT / "docs/upgrade.md").read_text())
    assert len(commands) == 2
    for command in commands:
        assert set(command.split()) == its_own | {"google_firestore_database.main"}


@pytest.mark.parametrize("document", REPLACED)
def test_what_is_taken_from_a_list_is_chosen_by_its_age_and_by_whose_it_is(document: str) -> None:
    """gcloud lists in no order that it promises, and what belongs to others too."""
    for block in blocks_of(document):
        for listed in re.findall(r"=\$\((gcloud [^|)]* list .*)", block):
            assert re.search(r"--sort-by=~\w+.* --limit=\d", listed), listed
            assert re.search(r"--filter=|--service=", listed), listed


# What gives an operation back rather than wait for it, by gcloud's own sources: surface/firestore/databases.
RETURNS_EARLY = ("databases restore", "databases clone", "databases create", " --async")
WAITS = (
    'until [ "$(gcloud firestore operations describe "$OPERATION" --format="value(done)")" = True ]; do sleep 30; done'
)


@pytest.mark.parametrize("document", REPLACED)
def test_what_only_begins_is_waited_for(document: str) -> None:
    for block in blocks_of(document):
        lines = block.splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if any(words in line for words in RETURNS_EARLY):
                assert line.startswith("OPERATION=$(gcloud "), line
                assert following == WAITS, line
            assert "run jobs execute" not in line or "--wait" in line, line


def test_every_alert_has_commands_that_were_tried() -> None:
    text = (ROOT / "docs/operate.md").read_text()
    sections = re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", text, re.DOTALL | re.MULTILINE)
    assert [name for name, section in sections if "```sh" not in section] == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cp infra/exampel.tfvars infra/deploy.tfvars", "exampel"),
        ("terraform -chdir=infra apply -var-file=nothing.tfvars", "no file infra/nothing.tfvars"),
        ('printf %s "" | gcloud secrets versions add farebox-stripe-api-key --data-file=-', "nothing came in"),
        ("gcloud secrets versions add farebox-stripe-api-key --data-file=none.json", "no file none.json"),
        ("sh scripts/smoke-test.sh https://x", "smoke-test.sh"),
        (".venv/bin/python -m functions.farebox nothing", "nothing"),
        ('sh scripts/smoke_test.sh "https://$DOMAIN/nowhere"', "instead of"),
        ("terraform -chdir=infra apply -var='hold_traffic=[\"chat\"]'", "would get every request"),
        (
            "gcloud firestore databases clone --destination-database=farebox-restored\n"
            'FAREBOX_STORE="firestore://$PROJECT_ID/farebox-restored" .venv/bin/python -m functions.farebox sweep',
            "is not ready",
        ),
    ],
)
def test_a_step_that_fails_is_found(checkout: Checkout, line: str, says: str) -> None:
    ran = checkout.run(f"{line}\necho went on")
    assert ran.status != 0
    assert says in ran.output
    assert "went on" not in ran.output
