"""What somebody might plant: `python planted_call.py tcp|udp_dns|resolver|page|nothing`.

It always ends well: what it tries must be seen, whether it worked or not.
"""

import socket
import sys
import urllib.request
from contextlib import suppress

SOMEWHERE = "203.0.113.9"
QUESTION = (
    b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07planted\x07example\x00\x00\x01\x00\x01"
)


def tcp() -> None:
    with socket.socket() as caller:
        caller.settimeout(2)
        caller.connect((SOMEWHERE, 443))


def udp_dns() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as caller:
        caller.settimeout(2)
        caller.sendto(QUESTION, (SOMEWHERE, 53))
        caller.recv(512)


def resolver() -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect("/run/systemd/resolve/io.systemd.Resolve")


def page() -> None:
    socket.setdefaulttimeout(5)
    with urllib.request.urlopen("http://planted.example/") as answer:
        answer.read()


def nothing() -> None:
    with socket.socket() as caller:
        caller.connect(("127.0.0.1", 9))


if __name__ == "__main__":
    with suppress(OSError):
        {call.__name__: call for call in (tcp, udp_dns, resolver, page, nothing)}[sys.argv[1]]()
