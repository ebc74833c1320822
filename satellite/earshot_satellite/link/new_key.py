"""The key for one pairing, made by a process of its own that ends then.

What makes keys takes 5 MiB, and a satellite that was paired would hold them until it is restarted.
`python -m earshot_satellite.link.new_key` is that process: it writes the key to its output, a pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

from earshot_wire.identity import Identity, TrustError, make_identity

from ..hygiene import forbid_dumps

_MAKING_S = 30.0
"""It takes half a second; a slow board that does much else gets plenty."""


class NewKeyError(Exception):
    """There is no key; the message says why, and the remedy."""


async def make_key() -> Identity:
    """Have a key made. Raises `NewKeyError`; the process has ended in any case."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", __name__),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
    except OSError as err:
        raise NewKeyError(
            f"no key can be made ({err.strerror}); free some memory, or restart the satellite"
        ) from None
    try:
        async with asyncio.timeout(_MAKING_S):
            made, _ = await process.communicate()
        return Identity.from_pem(made)
    except TimeoutError:
        raise NewKeyError(f"no key was made within {_MAKING_S:.0f} s; try again") from None
    except TrustError:
        raise NewKeyError(
            f"no key was made (status {process.returncode}); what it said is in the log"
        ) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def main() -> None:
    """Make one."""
    forbid_dumps()
    sys.stdout.buffer.write(make_identity().pem)


if __name__ == "__main__":
    main()
