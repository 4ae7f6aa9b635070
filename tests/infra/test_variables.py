"""What an operator may write in a `tfvars` file, as Terraform itself judges it; no provider is needed for that."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.infra.terraform import INFRA

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed here")

EXAMPLE = (INFRA / "example.tfvars").read_text()

# What resources are made of, worked out where a plan shows it.
OUTPUTS = """
output "paths" {
  value = flatten([for name, function in local.public_function : [for path in function.paths : [path, "${path}/*"]]])
}

output "is_screened" {
  value = local.is_screened
}

output "unindexed" {
  value = merge([
    for collection, fields in local.unindexed_field : {
      for field in fields : "${collection}.${field}" => { collection = collection, field = field }
    }
  ]...)
}
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The variables of `infra/`, and the values that need no provider."""
    directory = tmp_path_factory.mktemp("variables")
    shutil.copy(INFRA / "variables.tf", directory)
    functions = (INFRA / "functions.tf").read_text()
    (directory / "functions.tf").write_text(functions[: functions.index("  variable = merge(")] + "}\n")
    for name in ("firestore_indexes.tf", "firewall.tf"):
        text = (INFRA / name).read_text()
        (directory / name).write_text(text[: text.index('\nresource "')])
    (directory / "outputs.tf").write_text(OUTPUTS)
    _terraform(directory, "init", "-input=false")
    return directory


def _terraform(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["terraform", f"-chdir={directory}", *arguments, "-no-color"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def plan(module: Path, variables: str) -> subprocess.CompletedProcess[str]:
    (module / "given.tfvars").write_text(variables)
    return _terraform(module, "plan", "-input=false", "-var-file=given.tfvars")


def test_the_example_is_accepted_and_comes_to_what_is_meant(module: Path) -> None:
    done = plan(module, EXAMPLE)
    assert done.returncode == 0, done.stderr
    assert '"/v1/*",' in done.stdout
    assert "!request.path.startsWith('/v1') && !request.path.startsWith('/api/stripe')" in done.stdout
    assert '"usage.created_at"' in done.stdout.replace(" ", "")


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('domain            = "llm.example.com"', 'domain = "https://llm.example.com/"', "without https://"),
        ('payments     = "stripe"', 'payments = "cash"', "sandbox, stripe or creem"),
        (', "STRIPE_WEBHOOK_SECRET"', "", "webhook secret"),
        ('"STRIPE_API_KEY"', '"STRIPE_API_KEY", "SECRET"', "come from others"),
        ('FAREBOX_TOPUP_MIN_USD = "5.00"', 'FAREBOX_STORE = "x"', "set elsewhere here"),
        ('payments     = "stripe"', 'payments = "stripe"\nmin_instances = { chats = 1 }', "names are those of the"),
        ('payments     = "stripe"', 'payments = "stripe"\nmax_instances = { chat = 0 }', "numbers 1 to 1000"),
        ('alert_emails = ["oncall@example.com"]', "alert_emails = []", "Somebody has to be told"),
        ('payments     = "stripe"', 'payments = "stripe"\ngemma_models = ["70b"]', "1b and 12b"),
        ('"012345-6789AB-CDEF01"', '"mine"', "Write it as"),
        ('identity     = "firebase"', 'identity = "nobody"', "local or firebase"),
        (
            'payments     = "stripe"',
            'payments = "stripe"\nrepository = "projects/p/locations/europe-west1/connections/c/repositories/r"',
            "of its own region",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(module: Path, right: str, wrong: str, says: str) -> None:
    assert right in EXAMPLE
    done = plan(module, EXAMPLE.replace(right, wrong))
    assert done.returncode == 1
    assert says in " ".join(done.stderr.replace("│", "").split())
