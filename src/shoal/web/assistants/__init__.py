"""A door for assistants: tools of the Model Context Protocol over standard input and output."""

from shoal.web.assistants.server import run
from shoal.web.assistants.settings import Settings

__all__ = ["Settings", "run"]
