"""Helper programs: how authpip finds them, starts them, limits their time, and ends them."""
