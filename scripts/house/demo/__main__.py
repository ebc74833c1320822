"""`python -m house.demo`."""

import sys

from .cli import main

sys.exit(main())
