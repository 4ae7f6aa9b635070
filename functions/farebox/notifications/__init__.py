"""Telling people: mail, outgoing webhooks, and the alerts that use them.

Owns `mail/` and `alerts/`. Nothing here decides about money, and nothing waits for a delivery. May import: the floor of
`billing` and below.
"""
