"""The service's log is as it was after each test: one that starts it here takes it for itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    from shoal.web.service import logs

    logger = logging.getLogger(logs.NAME)
    kept = {what: getattr(logger, what) for what in ("handlers", "propagate", "level")}
    yield
    for what, value in kept.items():
        setattr(logger, what, value)
