"""Customers over HTTP: what `shoal serve` runs (FastAPI on uvicorn)."""

from shoal.web.service.app import App
from shoal.web.service.options import Service, checked
from shoal.web.service.server import run_service

__all__ = ["App", "Service", "checked", "run_service"]
