"""`python -m indicial`: the command line."""

import sys

from indicial.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
