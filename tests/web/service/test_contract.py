"""What the OpenAPI document promises is so, for requests that nobody thought of."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("schemathesis")

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from service_kit import model_file, odd_study
from shoal.web.service import App, checked

FEW = 10  # cases of each operation; bench/service.py makes thousands


def test_no_answer_is_a_fault_or_undocumented(tmp_path):
    path = model_file(tmp_path, odd_study())
    app = App(checked(path, environment={}, max_customers=50, allow_host={"testserver"}))
    document = schemathesis.openapi.from_asgi("/openapi.json", app)
    assert try_all(document, FEW) >= 2 * FEW


def try_all(document, most: int) -> int:
    """Send cases of every operation, right and wrong ones, and check the answers; how many."""
    sent = 0
    for found in document.get_all_operations():
        operation = found.ok()
        right, wrong = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
        for mode in (right, wrong) if operation.body else (right,):  # there is nothing else to vary
            cases = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=most,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=cases)
            def check(case):
                nonlocal sent
                sent += 1
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    case.call_and_validate()

            check()
    return sent
