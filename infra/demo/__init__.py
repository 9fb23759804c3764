"""`make demo`: a year of real orders replayed through the product, then recomputed and compared."""
