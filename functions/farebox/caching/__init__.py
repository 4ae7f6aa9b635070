"""Answers that are given again: which requests may be, where answers are kept, and a gateway that looks there first.

Owns `answer_cache/`. Knows no wallet: an answer says that it comes from the cache, and the data plane charges for that.
May import: the floor of `pricing` and below.
"""
