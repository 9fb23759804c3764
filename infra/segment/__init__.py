"""Segments of a file of orders, on this machine alone: no table, no account, no network."""
