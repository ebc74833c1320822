"""Measure the virtual house, with times to the sample."""
