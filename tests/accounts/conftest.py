from tests.support.fixtures.accounts import accounts
from tests.support.fixtures.whole_app import admin, app, client, clock, gateway, runtime, uid

__all__ = ["accounts", "admin", "app", "client", "clock", "gateway", "runtime", "uid"]
