"""The admin API's routes, and the authentication of operators.

Owns no rule: each route is a command or a query of `farebox/admin`, which keeps the audit trail. Every route asks
`auth` first. May import: `rest` and below, but not `wallet` or `standalone`.
"""
