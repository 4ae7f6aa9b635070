"""Whose something is that an instance or the store remembers of requests."""

from typing import NewType

# Who is on the other side of a key. One wallet may pay for many: members, and customers to whom its owner gave keys.
# What is remembered for one of them is never kept by who pays, and never read by another: a memory takes this and no
# other text.
Party = NewType("Party", str)
NOBODY = Party("")
