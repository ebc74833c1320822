"""The ear: a process that hears and has no network; and the body's hold on it.

`python -m earshot_satellite.ear` is the child. Nothing it imports may open a connection:
`process` and `settings` of the body's side stay out of it.
"""
