"""Scheduled jobs: the list of them, how often each runs, and those that go through all wallets or days.

Owns `jobs/`, the note of each job's last run, and `passes/`, how far a long one has come. What most jobs do is in the
package that they are about. Every job may run never, once or five times at once, and may be cut off anywhere: it goes
on where it was. May import: everything.
"""
