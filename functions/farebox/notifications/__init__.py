"""Telling people: mail, outgoing webhooks, and the alerts that use them.

Owns `mails/` and `alerts/`. Nothing here decides about money, and nothing waits for a delivery.
"""
