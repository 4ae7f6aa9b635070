"""The admin API: who may come in, and its routes."""
