"""`make e2e`: deploys the real template to an AWS on this computer and lives a story there.

Nothing shipped knows of it; the local AWS is ministack, in a virtual environment of its own.
"""
