"""What is said of segments: traits, rules, insights, actions."""

from __future__ import annotations

from collections.abc import Callable

SENTENCES: dict[str, str | Callable[..., str]] = {}
