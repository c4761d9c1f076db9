"""``python -m inmail_credits``: the same as the ``inmail-credits`` command."""

import sys

from inmail_credits.cli import main

if __name__ == "__main__":
    sys.exit(main())
