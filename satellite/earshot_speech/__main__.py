"""`python -m earshot_speech` is `earshot-speech`."""

import sys

from .start import main

sys.exit(main())
