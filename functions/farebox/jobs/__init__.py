"""What a scheduler starts: which jobs there are, how often, and the monthly reset.

Every job may run never, once or five times at once, and may be cut off anywhere: it goes on where it was.
"""
