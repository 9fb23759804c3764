"""Tests of codes as things you can print."""
