"""What operators do: users, tenants, prices, upstreams, plans, promotion codes, each change with an audit entry.

Every command goes through `audit_trail`: done once by its idempotency key, with who, what, before and after.
"""
