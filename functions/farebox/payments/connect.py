"""Opens the payment provider that the configuration names. Imports that one, and nothing of the others."""

from functions.farebox.environment import BadConfig
from functions.farebox.payments.port import Payments
from functions.farebox.runtime import Runtime


async def open_payments(runtime: Runtime) -> Payments:
    """The provider. Raises `BadConfig`."""
    config = runtime.config
    if config.payments != "sandbox":
        raise BadConfig("FAREBOX_PAYMENTS", f"{config.payments} is not served by this version; choose sandbox")
    if config.on_cloud_run:
        raise BadConfig("FAREBOX_PAYMENTS", "the sandbox gives credit to whoever clicks; choose stripe or creem here")
    from functions.farebox.payments.sandbox import Sandbox
    from functions.farebox.payments.sandbox_desk import SandboxDesk

    desk = SandboxDesk(await runtime.store(), now=runtime.now, ids=runtime.ids)
    key = config.secret_key.derive("sandbox-webhooks")
    return Sandbox(desk, public_url=config.public_url, key=key)
