"""The rules of the business: pure Python, no AWS, no clock, no randomness."""
