"""Small types and functions that everything uses: money, ids, calendar periods, e-mail addresses, entries.

Owns no document and knows no other package. Money is an integer of nano-USD, always.
"""
