"""A stream of server-sent events on its way through: where an event ends, and what has to be seen inside."""
