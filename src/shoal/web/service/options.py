"""What the service is asked to be: checked once, at the door."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shoal import InputError, OptionError

TOKENS = "SHOAL_TOKENS"  # the variable of the environment that holds tokens
SHORTEST = 16  # letters of a token


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the service."""

    model: Path
    host: str = "127.0.0.1"
    port: int = 8000  # 0: one that is free
    tokens: frozenset[str] = frozenset()  # none: whoever reaches the address is answered
    allow_host: frozenset[str] = frozenset()  # names by which the service may be called
    max_customers: int = 100_000  # in one request
    max_megabytes: int = 64  # of one body
    seconds: float = 30.0  # for a request to arrive, and to be answered
    drain: float = 2.0  # seconds from SIGTERM until no more connections are taken

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        return all(ipaddress.ip_address(each).is_loopback for each in _addresses(self.host))

    @property
    def most_bytes(self) -> int:
        """Of one body."""
        return self.max_megabytes * 1_000_000


def checked(
    model: Path,
    token_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    **given: object,
) -> Service:
    """The options, with the tokens of the file and of the environment.

    Raises OptionError where one is wrong, or where the address is public and there is no token.
    """
    variables = os.environ if environment is None else environment
    tokens = _tokens(token_file, variables.get(TOKENS, ""))
    service = msgspec.convert({"model": model, "tokens": tokens, **given}, Service, strict=False)
    _check_number("--port", service.port, 0, 65_535)
    _check_number("--max-customers", service.max_customers, 1, 10_000_000)
    _check_number("--max-megabytes", service.max_megabytes, 1, 10_000)
    _check_number("--seconds", service.seconds, 1, 3_600)
    _check_number("--drain", service.drain, 0, 3_600)
    if not service.tokens and not service.is_loopback:
        raise OptionError(
            f"--host {service.host} can be reached by others, and there is no token. Put tokens "
            f"into {TOKENS} or a file (--token-file), or stay on this machine: --host 127.0.0.1."
        )
    return service


def _check_number(option: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise OptionError(f"{option} {value:g} must lie between {least:,} and {most:,}.")


def _tokens(file: Path | None, variable: str) -> frozenset[str]:
    """What is written in the file and in the variable, a word each."""
    found = variable.split()
    if file is not None:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise InputError(f"Cannot read the tokens in {file}: {reason}.") from None
        found += [token for line in lines if not line.startswith("#") for token in line.split()]
        if not found:
            raise OptionError(f"There is no token in --token-file {file}. Write one a line.")
    for token in found:
        if len(token) < SHORTEST or not (token.isascii() and token.isprintable()):
            raise OptionError(
                f"A token of {len(token)} letters can be guessed, or not be sent. "
                f"It needs {SHORTEST} letters of ASCII; make one with: openssl rand -hex 32"
            )
    return frozenset(found)


def _addresses(host: str) -> list[str]:
    """The addresses of a host. Raises OptionError where it has none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise OptionError(
            f'--host "{host}" is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.'
        ) from None
    return [str(each[4][0]).partition("%")[0] for each in found]
