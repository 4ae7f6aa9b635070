"""The gateway: which upstream answers a call, and the bytes in between. It knows no money, users or web framework."""
