"""Tests of the back end and of its tools."""
