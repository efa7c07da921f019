"""`python -m shoal` is the command line."""

from shoal.apps.cli import main

main()
