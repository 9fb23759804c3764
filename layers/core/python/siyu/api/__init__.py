"""What goes over the wire: one module an endpoint, mapped by hand to and from the domain."""
