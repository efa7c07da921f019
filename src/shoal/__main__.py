"""`python -m shoal` is the command line."""

from shoal.apps.cli import main

if __name__ == "__main__":
    main()
