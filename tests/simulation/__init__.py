"""A deterministic simulation: random worlds, real code and engine, invariants after every step."""
