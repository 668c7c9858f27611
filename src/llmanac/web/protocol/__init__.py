"""HTTP/1.1 on one connection, within limits; the framework sees only whole, small requests."""
