from tests.support.accounts import accounts
from tests.support.surface import admin, app, client, clock, gateway, runtime, uid

__all__ = ["accounts", "admin", "app", "client", "clock", "gateway", "runtime", "uid"]
