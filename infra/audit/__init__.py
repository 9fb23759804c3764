"""Mistakes in security that tools know, held against the exceptions with a reason: `make audit`."""
