"""``python -m simtemp`` is the command `simtemp`."""

from simtemp.cli import main

main()
