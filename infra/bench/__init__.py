"""A night of segmentation against what one would use instead: `make bench-segmentation`."""
