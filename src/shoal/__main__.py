"""`python -m shoal` is the command line."""

from shoal.apps.cli import run

if __name__ == "__main__":
    run()
