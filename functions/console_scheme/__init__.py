"""Collects no garbage while it starts."""

from siyu import start as start
