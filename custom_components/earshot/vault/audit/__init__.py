"""The log of who listened: a line before each listen, and none that can be taken back unseen.

Each line is authenticated with a key that is used once: it steps forward through SHA-256 and the
old one is erased, so whoever takes the log later cannot make old lines anew. Each line names the
head of the one before, so a head that somebody else has seen speaks for every line up to it.
"""
