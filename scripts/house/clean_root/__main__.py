"""`python -m house.clean_root`."""

import sys

from .trial import main

if __name__ == "__main__":
    sys.exit(main())
