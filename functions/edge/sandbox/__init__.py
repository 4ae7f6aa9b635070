"""The sandbox payment provider's pages: its checkout and its portal, as Stripe would show them.

Owns HTML alone; what a click does is `farebox/payments/sandbox`'s. Served where payments are the sandbox's, and nowhere
else. May import: `asgi`.
"""
