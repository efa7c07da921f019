"""What the service refuses to begin with, and how it says so."""

from __future__ import annotations

import builtins

import pytest
from click.testing import CliRunner

import shoal
from shoal.cli.main import app

pytest.importorskip("fastapi")

from shoal.web.service import checked

GOOD = "0123456789abcdef-of-ann"


def test_tokens_come_from_file_and_environment(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(f"# for the shop\n{GOOD}\n\n{GOOD}2\n")
    service = checked(tmp_path, file, {"SHOAL_TOKENS": f"{GOOD}3 {GOOD}"}, host="0.0.0.0")
    assert service.tokens == {GOOD, f"{GOOD}2", f"{GOOD}3"}


@pytest.mark.parametrize(
    ("options", "tokens", "words"),
    [
        ({"host": "0.0.0.0"}, "", "--host 0.0.0.0 can be reached by others, and there is no token"),
        ({"host": "::"}, "", "can be reached by others"),
        ({"host": "no such host"}, "", 'no such host" is no address'),
        ({"host": ""}, "", "is no address"),
        ({}, "short", "A token of 5 letters can be guessed"),
        ({}, "ä" * 20, "ASCII"),
        ({"port": 70000}, "", "--port 70000 must lie between 0 and 65,535"),
        ({"max_customers": 0}, "", "--max-customers 0 must lie"),
        ({"max_megabytes": 0}, "", "--max-megabytes 0 must lie"),
        ({"seconds": 0.1}, "", "--seconds 0.1 must lie"),
        ({"seconds": float("nan")}, "", "--seconds nan must lie"),
        ({"drain": -1}, "", "--drain -1 must lie"),
    ],
)
def test_options_that_are_wrong_are_told(tmp_path, options, tokens, words):
    with pytest.raises(shoal.OptionError, match=words):
        checked(tmp_path, None, {"SHOAL_TOKENS": tokens}, **options)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_loopback_needs_no_token(tmp_path, host):
    assert checked(tmp_path, None, {}, host=host).is_loopback


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.json"], "Cannot read the model none.json"),
        (["none.json", "--token-file", "none"], "Cannot read the tokens in none"),
        (["none.json", "--host", "0.0.0.0"], "there is no token"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHOAL_TOKENS", raising=False)
    result = CliRunner().invoke(app, ["serve", *arguments])
    assert isinstance(result.exception, shoal.ShoalError)
    assert result.exception.exit_code == 2
    assert words in str(result.exception)


def test_an_empty_file_of_tokens_is_told(tmp_path):
    (tmp_path / "tokens").write_text("# none yet\n")
    with pytest.raises(shoal.OptionError, match="There is no token in --token-file"):
        checked(tmp_path, tmp_path / "tokens", {})


def test_the_extra_is_named_where_it_is_not_installed(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("shoal.web"):
            raise ModuleNotFoundError("No module named 'fastapi'", name="fastapi")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    result = CliRunner().invoke(app, ["serve", "model.json"])
    assert str(result.exception) == (
        "`shoal serve` needs fastapi, which is not installed: pip install 'shoal[serve]'"
    )
