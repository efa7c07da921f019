"""What the documents say of deployment is tried: the proxy before the page, the units."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from page_kit import free_port, held, served

DOCS = Path(__file__).parents[2] / "docs"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
VERIFY = shutil.which("systemd-analyze")
NAME = "segments.example.org"
TOKEN = re.compile(r'name="token" value="(\w+)"')


def block(file: str, language: str) -> str:
    """The first text in this language of a document."""
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / file).read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def proxied(page: str, folder: Path) -> Iterator[int]:
    """nginx as docs/app.md has it, at a port of its own."""
    key, cert, people = folder / "key.pem", folder / "cert.pem", folder / "people"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    secret = subprocess.run(
        ["openssl", "passwd", "-apr1", "secret"], capture_output=True, text=True
    )
    people.write_text(f"ann:{secret.stdout}", "utf-8")
    port, text = free_port(), block("app.md", "nginx")
    for told, here in (
        ("http://127.0.0.1:8765", page),
        (" 443 ", f" 127.0.0.1:{port} "),
        ("/etc/nginx/people", str(people)),
        ("/etc/nginx/segments.pem", str(cert)),
        ("/etc/nginx/segments.key", str(key)),
    ):
        assert told in text, told
        text = text.replace(told, here)
    user = "user root;" if os.geteuid() == 0 else ""  # whom the folder belongs to
    logs = f"{user} pid {folder}/pid; error_log {folder}/error.log; daemon off; events {{}}"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(f"{logs} http {{ access_log off; {temporary} {text} }}", "utf-8")
    running = subprocess.Popen([str(NGINX), "-c", str(file), "-e", f"{folder}/error.log"])
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.ConnectError:
                assert running.poll() is None, (folder / "error.log").read_text("utf-8")
                time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait()


def visitor(port: int) -> tuple[httpx.Client, str]:
    """Somebody who knows the password, and the token of their session."""
    client = httpx.Client(
        base_url=f"https://127.0.0.1:{port}",
        verify=False,
        auth=("ann", "secret"),
        headers={"host": f"{NAME}:{port}"},
        timeout=60,
    )
    page = client.get("/", extensions={"sni_hostname": NAME})
    assert page.status_code == 200
    assert "Secure" in page.headers["set-cookie"]
    return client, TOKEN.findall(page.text)[0]


@pytest.mark.skipif(NGINX is None, reason="nginx is not here (make system)")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_the_page_behind_the_proxy(tmp_path: Path) -> None:
    rows = (b"%d,%d,%d\n" % (i, i % 97, i % 89) for i in range(150_000))
    table = b"id,visits,spent\n" + b"".join(rows)  # more than nginx takes where nobody tells it
    sni = {"sni_hostname": NAME}
    with served() as page, proxied(page, tmp_path) as port:
        (one, token), (other, _) = visitor(port), visitor(port)
        own = {"origin": f"https://{NAME}:{port}"}
        given = {"data": {"token": token, "kind": "file"}, "files": {"file": ("t.csv", table)}}
        with held():
            sent = one.post("/start", **given, headers=own, extensions=sni)
            assert sent.status_code == 303
            here = sent.headers["location"].removesuffix("/progress")
            with one.stream("GET", f"{here}/events", extensions=sni) as events:
                assert next(events.iter_lines()).startswith("data: {")  # while all stands still
        assert one.get(f"{here}/progress", extensions=sni).status_code in (200, 303)
        assert other.get(f"{here}/progress", extensions=sni).status_code == 404
        sample = {"token": token, "kind": "sample"}
        for origin in ("https://evil.example", "null"):
            foreign = {"origin": origin}
            refused = one.post("/start", data=sample, headers=foreign, extensions=sni)
            assert refused.status_code == 403
        stranger = httpx.Client(verify=False, headers={"host": f"{NAME}:{port}"})
        assert stranger.get(f"https://127.0.0.1:{port}/", extensions=sni).status_code == 401
        with pytest.raises(httpx.TransportError):
            one.get("/", headers={"host": "evil.example"}, extensions=sni)


@pytest.mark.skipif(VERIFY is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("file", ["app.md", "service.md"])
def test_units_are_understood(file: str, tmp_path: Path) -> None:
    unit = tmp_path / "shoal.service"
    unit.write_text(block(file, "ini").replace("/opt/shoal/bin/shoal", "/bin/true"), "utf-8")
    checked = subprocess.run([str(VERIFY), "verify", unit], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
