"""What both ends of an Earshot link speak.

Wyoming events carry everything; `framing` reads and writes them within bounds, `message` makes
checked dataclasses of them, and the other modules are our messages, one domain each.
`docs/protocol.md` tells the same to anyone who writes another client.

Written for Python 3.11 and importing nothing of ours, because the room programs use it too: there
it is the package `earshot_wire`.
"""
