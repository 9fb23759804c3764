"""Collects no garbage while it starts."""

from siyu import start

start.begin()
