"""The command line for operators. It may import everything else of the library; nothing imports it."""
