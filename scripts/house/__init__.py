"""A virtual house: real programs, real sound server, synthetic voices.

The demo, the bench and the end-to-end tests share it.
"""
