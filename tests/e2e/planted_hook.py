"""A house in which somebody planted a hook of an automation that calls out from a grandchild."""

import asyncio
import sys
from pathlib import Path

from house.home import Home
from house.house import KITCHEN, House, open_house

CALLER = Path(__file__).with_name("planted_call.py")


async def main() -> int:
    house: House
    plain = Home.write_config

    def planted(home: Home) -> None:
        plain(home)
        command = f"(setsid {sys.executable} {CALLER} tcp &) ; sleep 2"
        with (home.config / "configuration.yaml").open("a") as file:
            file.write(f"\nshell_command:\n  planted: {command!r}\n")

    Home.write_config = planted  # type: ignore[method-assign]
    async with open_house((KITCHEN,)) as house:
        await house.client.call("shell_command.planted")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
