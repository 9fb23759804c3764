"""The template, the build and the house rules, checked as data."""
