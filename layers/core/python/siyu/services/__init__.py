"""Use cases, one a file: read, decide (domain), commit in one transaction."""
