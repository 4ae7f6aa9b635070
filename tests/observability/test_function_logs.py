"""What a function logs, as functions-framework leaves the logs: `LOG_EXECUTION_ID` is true where Google sets it, and
false where `infra/` does. What each target says of a request is in `tests/edge/asgi/test_targets.py`."""

from pathlib import Path

import httpx
import pytest

from tests.infra.terraform import read_module
from tests.infra.test_log_metrics import filters, matches
from tests.support.processes import ROOT
from tests.support.product.cloud_function import log_lines, running_function


@pytest.mark.parametrize("log_execution_id", ["true", "false"])
def test_every_line_that_an_alert_waits_for_comes_out_once(log_execution_id: str, tmp_path: Path) -> None:
    more = {"FUNCTION_SOURCE": str(ROOT / "tests/observability/function_host.py"), "PYTHONPATH": str(ROOT)}
    with running_function(tmp_path, "every_path", log_execution_id, **more) as server:
        answer = httpx.get(server.url, timeout=60)
        assert answer.text == "every path was taken", server.log.read_text()
        server.stop()
    lines = log_lines(server)
    counted = {name: sum(matches(filter_, line) for line in lines) for name, filter_ in filters().items()}
    assert set(counted.values()) == {1}, counted


def test_functions_framework_is_told_to_leave_the_logs_alone() -> None:
    infra = read_module()
    assert infra.locals["framework_variable"] == {"LOG_EXECUTION_ID": "false"}
    service = infra.resources["google_cloudfunctions2_function.main"]["service_config"][0]
    assert "local.framework_variable" in service["environment_variables"]
