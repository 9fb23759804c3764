"""Drives the whole back end with many visitors, kills its table, and counts everything after."""
