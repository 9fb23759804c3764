"""Runs the functions as `sam local` does, in containers, against the engines of this machine."""
