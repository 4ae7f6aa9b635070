"""Answers that are given again: which requests may be, where answers are kept, and a gateway that looks there first.

Owns `cached_answers/`. It knows no money: an answer says where it came from, and the data plane charges for that.
"""
