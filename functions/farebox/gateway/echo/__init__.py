"""The built-in upstream: answers in this process, without a socket or a model, so that a fresh checkout works."""

from functions.farebox.gateway.echo.transport import EchoTransport

__all__ = ["EchoTransport"]
