"""Tools around the back end; never part of a deployment."""
