"""Runs the deployed template on one computer: engine, queues, functions and HTTP, no Docker.

Nothing in layers/ or functions/ imports this package: the code cannot know where it runs.
"""
