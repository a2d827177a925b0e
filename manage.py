"""For tools that expect it: the same as `townhall manage`."""

import sys

from townhall.config.cli import main

if __name__ == "__main__":
    sys.exit(main(["manage", *sys.argv[1:]]))
