"""Stand-ins for the outside services that the functions call over HTTP."""
