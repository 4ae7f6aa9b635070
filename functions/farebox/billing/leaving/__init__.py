"""Leaving: what becomes of a payer's business with the payment provider when they are erased or closed, and of money
that comes for them afterwards.
"""
