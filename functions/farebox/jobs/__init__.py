"""Scheduled jobs: the list of them, how often each runs, and the monthly reset.

Owns `jobs/`, the note of each job's last run. What most jobs do is in the package that they are about. Every job may
run never, once or five times at once, and may be cut off anywhere: it goes on where it was. May import: everything.
"""
