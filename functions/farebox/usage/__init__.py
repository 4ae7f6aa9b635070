"""The journal of requests, and what is read from it: lists, receipts, statistics.

Owns `usage/`, `usage_days/` and `system_days/`. `record` is what one request is on disk, the truth of what was spent;
no other package names its fields.
"""
