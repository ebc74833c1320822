"""`python -m earshot_speech` is `earshot-speech`."""

import sys

from .cli import main

sys.exit(main())
