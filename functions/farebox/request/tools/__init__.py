"""Tools, in the words of every dialect: what is offered, what a vendor runs, which is to be called."""
