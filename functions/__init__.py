"""The deployable functions of Farebox and the library they share."""
