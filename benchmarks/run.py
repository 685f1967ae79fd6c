"""The benchmark suite as a script: the same as `indicial bench`."""

import sys

from indicial.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["bench", *sys.argv[1:]]))
