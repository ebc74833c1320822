"""From sentence templates and the names of a home to a grammar that a recogniser can search."""
