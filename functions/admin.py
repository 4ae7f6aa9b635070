"""Edge `admin`: the API for operators, who are a signed-in admin or hold the `X-Admin-Key`."""

from fastapi import FastAPI

from functions.edge.admin.books import add_book_calls
from functions.edge.admin.catalogue import add_catalogue_calls
from functions.edge.admin.codes import add_code_calls
from functions.edge.admin.failures import add_failures
from functions.edge.admin.jobs import add_job_calls
from functions.edge.admin.payments import add_payment_calls
from functions.edge.admin.price_preview import add_price_preview
from functions.edge.admin.setup import add_setup
from functions.edge.admin.tenants import add_tenant_calls
from functions.edge.admin.upstream_health import add_upstream_health
from functions.edge.admin.users.listing import add_user_lists
from functions.edge.admin.users.records import add_user_records
from functions.edge.admin.users.seeing import add_seeing
from functions.edge.admin.users.users import add_user_calls
from functions.edge.rest.app import management_app
from functions.farebox.wiring.runtime import Runtime


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox admin")
    add_user_lists(app)
    add_user_calls(app)
    add_user_records(app)
    add_seeing(app)
    add_tenant_calls(app)
    add_upstream_health(app)
    add_price_preview(app)
    add_catalogue_calls(app)
    add_code_calls(app)
    add_payment_calls(app)
    add_failures(app)
    add_book_calls(app)
    add_job_calls(app)
    add_setup(app)
    return app
