"""`python -m house.bench`."""

import sys

from .cli import main

sys.exit(main())
