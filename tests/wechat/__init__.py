"""Tests, by what they test."""
