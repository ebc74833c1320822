"""`earshot-satellite doctor`."""
