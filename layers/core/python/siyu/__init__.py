"""Siyu: the back end of a retail brand's private domain."""
