"""Cold starts of the built functions, under AWS's own runtime interface client."""
