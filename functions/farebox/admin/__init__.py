"""Commands of operators: users, tenants, prices, upstreams, plans, redemption codes.

Owns `audit/`, `admin_calls/`, `codes/` and `provisions/`; what it changes belongs to other packages, through which it
goes. Every command runs in `audit_trail`: done once by its idempotency key, with who, what, before and after. May
import: the floor of `payments` and below.
"""
