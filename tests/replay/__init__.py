"""The real year of orders again and again: in order, shuffled, twice, with repeats."""
