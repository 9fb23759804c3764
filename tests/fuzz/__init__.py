"""Generated requests against the whole API, in a run of its own: `make fuzz`."""
