"""What people send who mean harm, or are mistaken: each with its answer."""

from __future__ import annotations

import asyncio
import json

import pytest

pytest.importorskip("fastapi")

from service_kit import JSON, ODD, ask, customer, model_file, odd_study, send
from shoal.web.service import App, checked

TOKEN = "0123456789abcdef-of-ann"
MINE = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> App:
    path = model_file(tmp_path_factory.mktemp("model"), odd_study())
    limits = {"max_customers": 3, "max_megabytes": 1, "seconds": 1}
    return App(checked(path, environment={"SHOAL_TOKENS": TOKEN}, **limits))


def raw(**changed: bytes) -> bytes:
    """A customer with the bytes of some values as they are."""
    body = json.dumps(customer() | dict.fromkeys(changed, "@")).encode()
    for value in changed.values():
        body = body.replace(b'"@"', value, 1)
    return body


def said(**changed: object) -> bytes:
    return json.dumps(customer(**changed)).encode()


LONG = "x" * 5000
BODIES: list[tuple[str, bytes, int, str]] = [
    ("not a number", raw(spent=b"NaN"), 422, '"spent" must be a number between -1e+60 and 1e+60, or null; it is nan.'),
    ("infinity", raw(spent=b"-Infinity"), 422, 'it is -inf.'),
    ("1e308", raw(spent=b"1e308"), 422, 'between -1e+60 and 1e+60, or null; it is 1e+308.'),
    ("1e999", raw(spent=b"1e999"), 422, "between -1e+60 and 1e+60"),
    ("an integer of 400 digits", raw(spent=b"9" * 400), 422, "between -1e+60 and 1e+60"),
    ("an integer of 5000 digits", raw(spent=b"9" * 5000), 400, "number out of range"),
    ("a number in a text", said(spent="12.5"), 422, '"spent" must be a number such as 1005, or null; it is the text "12.5"'),
    ("a formula", said(spent="=1+1"), 422, "must be a number"),
    ("true for a number", said(spent=True), 422, "it is true"),
    ("a list for a number", said(spent=[1]), 422, "it is a list"),
    ("an object for a word", said(newsletter={"$ne": 1}), 422, '"newsletter" must be a word that the model knows, "no", "yes", or null; it is an object.'),
    ("a number for a word", said(newsletter=1), 422, "it is 1."),
    ("2 for a flag", said(active=2), 422, '"active" must be 0 or 1, false or true, or null; it is 2'),
    ("a word for a flag", said(active="yes"), 422, '"active" must be 0 or 1'),
    ("the 30th of February", said(last_purchase="2024-02-30"), 422, '"last_purchase" must be a date such as "2024-12-01"'),
    ("a moment for a date", said(last_purchase="2024-02-01T10:00:00Z"), 422, "must be a date"),
    ("a number for a date", said(last_purchase=20240201), 422, "must be a date"),
    ("a list for an id", said(customer=[1]), 422, '"customer" must be a text, a number of at most 63 bits, or null'),
    ("a truth for an id", said(customer=True), 422, "it is true."),
    ("an id of 30 digits", said(customer=10**30), 422, "at most 63 bits"),
    ("a column too many", said(spend=1), 422, '"spend" is no column that the model needs. Did you mean "spent"?'),
    ("a polluting column", said(__proto__={"x": 1}), 422, '"__proto__" is no column'),
    ("a column too few", json.dumps({k: v for k, v in customer().items() if k != ODD}).encode(), 422, "is missing, which the model needs. Send null"),
    ("no column at all", b"{}", 422, "is missing, which the model needs. Send null where it is not known. And 4 more."),
    ("an unknown word", said(newsletter="perhaps"), 422, 'or null; it is the text "perhaps".'),
    ("null bytes in a word", said(newsletter="no\0"), 422, "no\\x00"),
    ("steering a terminal", said(newsletter="\x1b[2J"), 422, "\\x1b[2J"),
    ("a very long word", said(newsletter=LONG), 422, "…"),
    ("a very long name", said(**{LONG: 1}), 422, "…"),
    ("half a surrogate", raw(newsletter=b'"\\ud800"'), 400, "The body is not JSON"),
    ("bytes that are no UTF-8", raw(newsletter=b'"\xff"'), 400, "The body is not JSON"),
    ("a byte order mark", b"\xef\xbb\xbf" + said(), 400, "The body is not JSON"),
    ("deep nesting", b"[" * 100_000, 400, "recursion limit"),
    ("deep objects", b'{"a":' * 100_000, 400, "recursion limit"),
    ("nothing", b"", 400, "The body is not JSON"),
    ("half a body", said()[:-1], 400, "The body is not JSON"),
    ("two bodies", said() * 2, 400, "trailing characters"),
    ("XML", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", 400, "The body is not JSON"),
    ("a pickle", b"\x80\x04\x95.", 400, "The body is not JSON"),
    ("a text", b'"x"', 422, 'A customer is an object with the columns that the model needs; it is the text "x"'),
    ("null", b"null", 422, "it is null"),
    ("a list of nobody", b"[]", 422, "There is no customer in the list."),
    ("a list of lists", b"[[1]]", 422, "it is a list"),
    ("more customers than may be", json.dumps([customer()] * 4).encode(), 422, "more than 3 customers in one request"),
    ("two megabytes", b" " * 2_000_000 + said(), 413, "A body may have 1 MB"),
    ("a hundred thousand columns", json.dumps({f"c{i}": 1 for i in range(70_000)}).encode(), 422, "And "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "words"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES]
)
def test_bodies(app, body, status, words):
    found, answer, headers = ask(app, "POST", "/v1/assign", body, headers=JSON | MINE)
    assert found == status, answer
    assert headers["content-type"] == "application/problem+json"
    assert set(answer) - {"errors"} == {"type", "title", "status", "detail"}
    assert answer["status"] == status
    told = [answer["detail"], *(error["detail"] for error in answer.get("errors", ()))]
    assert any(words in each for each in told), answer
    assert len(json.dumps(answer)) < 10_000
    assert all(each.isprintable() for each in told)


def test_errors_point_to_their_places(app):
    body = json.dumps([customer(), customer(**{ODD: 1}), customer(spent="x")]).encode()
    _, answer, _ = ask(app, "POST", "/v1/assign", body, headers=JSON | MINE)
    pointer = "/1/" + ODD.replace("~", "~0").replace("/", "~1")
    assert [(e["pointer"], e["code"]) for e in answer["errors"]] == [(pointer, "unknown-word")]


REQUESTS: list[tuple[str, tuple, int, str]] = [
    ("no token", ("GET", "/v1/model", {}), 401, "Authorization: Bearer"),
    ("a wrong token", ("GET", "/v1/model", {"authorization": "Bearer " + "x" * 23}), 401, "Bearer"),
    ("part of a token", ("GET", "/v1/model", {"authorization": f"Bearer {TOKEN[:-1]}"}), 401, "Bearer"),
    ("a token as Basic", ("GET", "/v1/model", {"authorization": f"Basic {TOKEN}"}), 401, "Bearer"),
    ("a token in the address", ("GET", f"/v1/model?token={TOKEN}", {}), 401, "A token in the address is not read"),
    ("a token in a cookie", ("GET", "/v1/model", {"cookie": f"token={TOKEN}"}), 401, "Bearer"),
    ("a token beyond ASCII", ("GET", "/v1/model", {"authorization": "Bearer ä"}), 401, "Bearer"),
    ("metrics without a token", ("GET", "/metrics", {}), 401, "Bearer"),
    ("the document without a token", ("GET", "/openapi.json", {}), 401, "Bearer"),
    ("an unknown path without a token", ("GET", "/admin", {}), 401, "Bearer"),
    ("a parameter", ("GET", "/v1/segments?debug=1", MINE), 400, "No address of this service takes parameters"),
    ("a foreign Host", ("GET", "/v1/model", MINE | {"host": "evil.example"}), 421, "--allow-host"),
    ("a rebound name", ("GET", "/v1/model", MINE | {"host": "127.0.0.1.evil.example:8000"}), 421, "--allow-host"),
    ("no Host", ("GET", "/v1/model", MINE | {"host": ""}), 421, "--allow-host"),
    ("a wrong method", ("DELETE", "/v1/assign", MINE), 405, "Send POST."),
    ("GET for POST", ("GET", "/v1/assign", MINE), 405, "Send POST."),
    ("TRACE", ("TRACE", "/v1/model", MINE), 405, "Send GET."),
    ("OPTIONS", ("OPTIONS", "/v1/model", MINE), 405, "Send GET."),
    ("a path upwards", ("GET", "/v1/../../etc/passwd", MINE), 404, "There are POST /v1/assign"),
    ("an encoded path", ("GET", "/v1/%2e%2e/model", MINE), 404, "There are"),
    ("a slash too many", ("GET", "/v1/model/", MINE), 404, "There are"),
    ("a form", ("POST", "/v1/assign", MINE | {"content-type": "application/x-www-form-urlencoded"}), 415, "application/json"),
    ("text, as a page of elsewhere may send it", ("POST", "/v1/assign", MINE | {"content-type": "text/plain"}), 415, "application/json"),
    ("no type", ("POST", "/v1/assign", MINE), 415, "application/json"),
    ("a length that is too large", ("POST", "/v1/assign", MINE | JSON | {"content-length": "9" * 30}), 413, "1 MB"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "status", "words"), [r[1:] for r in REQUESTS], ids=[r[0] for r in REQUESTS]
)
def test_requests(app, request_, status, words):
    method, path, headers = request_
    found, answer, given = ask(app, method, path, headers=headers)
    assert (found, answer["status"]) == (status, status)
    assert words in answer["detail"]
    assert TOKEN not in json.dumps(answer)
    assert given["x-content-type-options"] == "nosniff"
    assert status != 401 or given["www-authenticate"].startswith("Bearer")
    assert status != 405 or given["allow"] in answer["detail"]


def test_probes_need_no_token_and_tell_no_secret(app):
    assert ask(app, "GET", "/healthz", headers={"host": "10.1.2.3"})[1] == {"status": "ok"}
    ready = ask(app, "GET", "/readyz", headers={"host": "10.1.2.3"})[1]
    assert set(ready) == {"status", "model_id", "newest", "why"}


def test_every_token_counts_and_is_told_apart_in_the_log(tmp_path, caplog):
    other = "fedcba9876543210-of-bob"
    service = checked(
        model_file(tmp_path, odd_study()), environment={"SHOAL_TOKENS": f"{TOKEN} {other}"}
    )
    app = App(service)
    with caplog.at_level("INFO"):
        for token in (TOKEN, other):
            headers = {"authorization": f"bearer {token}"}
            assert ask(app, "GET", "/v1/model", headers=headers)[0] == 200
    marks = {record.told["token"] for record in caplog.records if "token" in record.told}
    assert len(marks) == 2
    assert not any(TOKEN in str(record.told) for record in caplog.records)
    document = ask(app, "GET", "/openapi.json", headers=MINE)[1]
    assert document["paths"]["/v1/assign"]["post"]["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]


def test_a_slow_body_is_given_up(app):
    body, headers = said(), JSON | MINE
    slow = asyncio.run(send(app, "POST", "/v1/assign", [body[:5], body[5:]], headers, pause=0.8))
    assert (slow[0], slow[1]["type"]) == (408, "urn:shoal:problem:too-slow")
    assert slow[1]["detail"] == "The body was not here within 1 seconds."


def test_a_body_without_a_length_is_bounded(app):
    parts = [b" " * 300_000] * 5
    found = asyncio.run(send(app, "POST", "/v1/assign", parts, JSON | MINE))
    assert (found[0], found[1]["type"]) == (413, "urn:shoal:problem:too-large")


def test_what_all_requests_hold_together_is_bounded(app):
    async def many() -> list[int]:
        parts = [b" " * 900_000, said()]
        sent = [send(app, "POST", "/v1/assign", parts, JSON | MINE, 0.2) for _ in range(6)]
        return sorted(status for status, _, _ in await asyncio.gather(*sent))

    assert asyncio.run(many()) == [200, 200, 200, 200, 503, 503]
    assert asyncio.run(send(app, "POST", "/v1/assign", said(), JSON | MINE))[0] == 200


def test_what_takes_too_long_is_told(app, monkeypatch):
    import time

    slow = app.current.now.place
    monkeypatch.setattr(
        type(app.current.now), "place", lambda own, body: time.sleep(1.2) or slow(body)
    )
    body = b" " * 30_000 + said()
    status, answer, headers = ask(app, "POST", "/v1/assign", body, headers=JSON | MINE)
    assert (status, answer["type"]) == (503, "urn:shoal:problem:too-long")
    assert headers["retry-after"] == "1"
