"""The landing page in a real browser."""
