"""What the page does with requests that mean no good: refused in words, never with 500."""

from __future__ import annotations

import io
import re
import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from page_kit import served, settings
from shoal.web.page.app import make_app
from shoal.web.page.sources import safe_name

AT = "http://localhost:8765"
TABLE = b"customer_id,visits,spent\n" + b"".join(
    b"%d,%d,%d\n" % (i, 2 + 9 * (i % 2) + i % 3, 10 + 90 * (i % 2) + i % 7) for i in range(60)
)


class Visitor:
    """A browser without a script."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.token = re.findall(r'name="token" value="(\w+)"', self.get("/").text)[0]

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        given = {"token": self.token} | (data or {})
        return self.client.post(path, data=given, follow_redirects=False, **more)

    def send(self, name: str = "table.csv", content: bytes = TABLE, **more: Any) -> httpx.Response:
        return self.post("/start", {"kind": "file"}, files={"file": (name, content)}, **more)

    def wait(self, sent: httpx.Response) -> str:
        """The screen that shows what came of it."""
        assert sent.status_code == 303, sent.text
        where = sent.headers["location"]
        for _ in range(1200):
            if not where.endswith("/progress"):
                return where
            time.sleep(0.05)
            seen = self.get(where)
            where = seen.headers.get("location", where)
        raise AssertionError("it takes too long")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that may be picked from, with a secret beside it."""
    home = tmp_path_factory.mktemp("home")
    (home / "tables").mkdir()
    (home / "tables" / "shop.csv").write_bytes(TABLE)
    (home / "secret.csv").write_bytes(TABLE)
    (home / "tables" / "link.csv").symlink_to(home / "secret.csv")
    return home / "tables"


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[TestClient]:
    app = make_app(settings(folder=root, max_upload=2 * 10**6, silence=0.4))
    with TestClient(app, base_url=AT) as made:
        yield made


@pytest.fixture
def visitor(client: TestClient) -> Visitor:
    client.cookies.clear()
    return Visitor(client)


@pytest.fixture(scope="module")
def read(client: TestClient) -> tuple[str, dict[str, str], str]:
    """A table that somebody has: its address, their cookies and token."""
    client.cookies.clear()
    owner = Visitor(client)
    where = owner.wait(owner.send("<b>shop</b>.csv"))
    return where.removesuffix("/columns"), dict(client.cookies), owner.token


# what it is, how it is asked (headers), and the status of the answer
HEADERS = [
    ("another host", {"host": "evil.example"}, 421),
    ("DNS rebinding with the right port", {"host": "evil.example:8765"}, 421),
    ("a host that begins like this one", {"host": "localhost.evil.example"}, 421),
    ("no host", {"host": ""}, 421),
    ("a host that is none", {"host": "[::1"}, 421),
    ("another machine's number", {"host": "192.0.2.7"}, 421),
    (
        "a picture on another site",
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        403,
    ),
    ("a length that is no number", {"content-length": "-5"}, 400),
    ("a length beyond all bounds", {"content-length": "9" * 15}, 413),
    ("this machine by number", {"host": "127.0.0.1:8765"}, 200),
    ("a link on another site", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
]


@pytest.mark.parametrize(("what", "headers", "status"), HEADERS, ids=[h[0] for h in HEADERS])
def test_headers_of_strangers(client: TestClient, what: str, headers: Any, status: int) -> None:
    assert client.get("/", headers=headers).status_code == status


def test_what_is_too_large_is_said_in_the_look_of_the_page(client: TestClient) -> None:
    """With the bound and a way back, to browsers; in one line to others."""
    large = {"content-length": "9" * 15}
    told = client.post("/start", headers=large | {"accept": "text/html,*/*"})
    assert told.status_code == 413
    assert "<h1>This is larger than the 2 MB that the page takes.</h1>" in told.text
    assert '<a class="button" href="/">To the start</a>' in told.text
    plain = client.post("/start", headers=large)
    assert plain.text == "This is larger than the 2 MB that the page takes.\n"


ORIGINS = [
    ("another site", {"origin": "http://evil.example"}, 403),
    ("another port", {"origin": "http://localhost:9999"}, 403),
    ("a sandbox", {"origin": "null"}, 403),
    ("one that begins like this", {"origin": "http://localhost:8765.evil.example"}, 403),
    ("a frame of another site", {"sec-fetch-site": "cross-site"}, 403),
    ("a neighbour", {"sec-fetch-site": "same-site"}, 403),
    (
        "another site through a proxy",
        {"origin": "http://evil.example", "x-forwarded-host": "shop.example"},
        403,
    ),
    ("the page", {"origin": AT}, 303),
    (
        "the page behind a proxy",
        {"origin": "https://shop.example", "x-forwarded-host": "shop.example"},
        303,
    ),
]


@pytest.mark.parametrize(("what", "headers", "status"), ORIGINS, ids=[o[0] for o in ORIGINS])
def test_origins_of_strangers(
    read: Any, client: TestClient, what: str, headers: Any, status: int
) -> None:
    here, cookies, token = read
    client.cookies = cookies
    sent = client.post(
        f"{here}/stop", data={"token": token}, headers=headers, follow_redirects=False
    )
    assert sent.status_code == status


# what it is, method, address ({here}: a table of somebody else's), fields, and the status
ASKED = [
    ("a link without the cookie", "GET", "{here}/columns", None, 404),
    ("its file", "GET", "{here}/columns.toml", None, 404),
    ("its news", "GET", "{here}/events", None, 404),
    ("a table that never was", "GET", "/w/AAAAAAAAAAAA/columns", None, 404),
    ("a way out of the folder of styles", "GET", "/static/..%2f..%2fdesk.py", None, 404),
    ("an address that leads nowhere", "GET", "/w/../../etc/passwd", None, 404),
    ("a token in the address", "POST", "/start?token={token}&kind=sample", {"token": ""}, 403),
    ("no token", "POST", "/start", {"token": "", "kind": "sample"}, 403),
    ("a token in other letters", "POST", "/start", {"token": "é" * 64, "kind": "sample"}, 403),
    ("somebody else's token", "POST", "/start", {"token": "{token}", "kind": "sample"}, 403),
    ("to stop somebody else's run", "POST", "{here}/stop", {}, 404),
    ("to delete somebody else's table", "POST", "{here}/forget", {}, 404),
    ("to correct somebody else's columns", "POST", "{here}/columns", {"then": "find"}, 404),
    ("a post where nothing is changed", "POST", "/", {}, 405),
    ("no kind of table", "POST", "/start", {}, 422),
    ("an unknown kind of table", "POST", "/start", {"kind": "url"}, 422),
    ("a file that is no file", "POST", "/start", {"kind": "file", "file": "text"}, 422),
    ("a path that leads out", "POST", "/start", {"kind": "path", "path": "../secret.csv"}, 422),
    ("a path from the root", "POST", "/start", {"kind": "path", "path": "/etc/passwd"}, 422),
    ("a link that leads out", "POST", "/start", {"kind": "path", "path": "link.csv"}, 422),
    ("a path with a zero byte", "POST", "/start", {"kind": "path", "path": "a\0.csv"}, 422),
    ("a folder", "POST", "/start", {"kind": "path", "path": "."}, 422),
    ("no path", "POST", "/start", {"kind": "path", "path": " "}, 422),
    (
        "a file by an address",
        "POST",
        "/start",
        {"kind": "database", "address": "file:///etc/passwd"},
        422,
    ),
    (
        "a site by an address",
        "POST",
        "/start",
        {"kind": "database", "address": "http://169.254.169.254/x.csv"},
        422,
    ),
    (
        "a bucket by an address",
        "POST",
        "/start",
        {"kind": "database", "address": "s3://bucket/x.parquet"},
        422,
    ),
    (
        "a database outside",
        "POST",
        "/start",
        {"kind": "database", "address": "sqlite:////etc/passwd?table=x"},
        422,
    ),
    (
        "an address that is none",
        "POST",
        "/start",
        {"kind": "database", "address": "postgresql://[::1"},
        422,
    ),
    ("a name with other names", "GET", "/static/page.css%00.js", None, 404),
]


@pytest.mark.parametrize(
    ("what", "method", "path", "fields", "status"), ASKED, ids=[a[0] for a in ASKED]
)
def test_what_strangers_ask(
    read: Any, visitor: Visitor, what: str, method: str, path: str, fields: Any, status: int
) -> None:
    here, _, token = read
    path = path.format(here=here, token=token)
    if method == "GET":
        assert visitor.get(path).status_code == status
        return
    given = {name: value.format(token=token) for name, value in fields.items()}
    assert visitor.post(path, given).status_code == status


@pytest.mark.parametrize(
    "cookie", ["", "x", "../../etc", "a" * 43, "a" * 5000, "é", "' OR 1=1 --"], ids=range(7)
)
def test_cookies_that_were_made_up(read: Any, client: TestClient, cookie: str) -> None:
    client.cookies.clear()
    headers = {"cookie": f"shoal-8765={cookie}".encode("latin-1")}
    assert client.get(f"{read[0]}/columns", headers=headers).status_code == 404
    sent = client.post(f"{read[0]}/stop", data={"token": read[2]}, headers=headers)
    assert sent.status_code in (403, 404)


@pytest.mark.parametrize(
    ("what", "content", "status"),
    [
        ("larger than allowed", b"a,b\n" + b"1,2\n" * 2_000_000, 413),
        ("not a form", b"", 403),
    ],
)
def test_bodies_beyond_the_bounds(visitor: Visitor, what: str, content: bytes, status: int) -> None:
    """Also where the length is not said beforehand."""
    if content:
        assert visitor.send(content=content).status_code == status

    def parts() -> Iterator[bytes]:
        yield content

    headers = {"content-type": "multipart/form-data; boundary=x"}
    sent = visitor.client.post("/start", content=parts(), headers=headers)
    assert sent.status_code in (status, 400)


HOSTILE_FILES = [
    ("nothing", b"", "is empty"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is a picture"),
    ("a pickle", b"\x80\x04\x95\x0b\0\0\0", "pickle"),
    ("zero bytes", b"\0" * 10_000, ""),
    ("noise", bytes(range(256)) * 40, ""),
    (
        "2,500 columns",
        b",".join(b"c%d" % i for i in range(2500)) + b"\n" + b",".join([b"1"] * 2500),
        "2,500",
    ),
    ("10,000 columns", b",".join(b"c%d" % i for i in range(10_000)) + b"\n1\n", "10,000"),
    ("a broken workbook", b"PK\x03\x04" + b"x" * 500, ""),
]


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", b"0" * 4 * 10**7)  # more than twice what is taken
    return packed.getvalue()


def test_files_that_are_no_tables(visitor: Visitor) -> None:
    """Each is told why, and the way back; the page goes on."""
    files = [*HOSTILE_FILES, ("a zip bomb", zip_bomb(), "made to fill a disk")]
    sent = [visitor.send("table.csv", content) for _, content, _ in files]
    for (what, _, said), each in zip(files, sent, strict=True):
        where = visitor.wait(each)
        assert where.endswith("/trouble"), what
        shown = visitor.get(where)
        assert shown.status_code == 200, what
        assert 'role="alert"' in shown.text, what
        assert said in shown.text, (what, shown.text)
        assert "Traceback" not in shown.text, what
        assert "/tmp/" not in shown.text, what


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("/etc/passwd", "passwd"),
        ("C:\\x.csv", "x.csv"),
        ("..", "table"),
        (".htaccess", "htaccess"),
        ("a\0b.csv", "a_b.csv"),
        ("a\nb.csv", "a_b.csv"),
        ("<script>alert(1)</script>.csv", "script_.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
        ("table?.csv", "table_.csv"),
        ("[a]*.csv", "[a]_.csv"),
        ("Größe.csv", "Größe.csv"),
        ("\u202egnp.csv", "_gnp.csv"),
    ],
)
def test_names_of_files(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_what_every_answer_forbids(read: Any, client: TestClient) -> None:
    here, cookies, _ = read
    client.cookies = cookies
    for path in ("/", "/static/page.js", f"{here}/columns", f"{here}/nothing", "/static/x"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
    assert client.get("/", headers={"host": "evil.example"}).headers["x-frame-options"] == "DENY"


def test_cookies_are_kept_from_scripts_and_sites(client: TestClient) -> None:
    client.cookies.clear()
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith("shoal-8765=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_what_comes_out_of_order(client: TestClient, read: Any) -> None:
    """Sent on, or refused with 4xx."""
    here, cookies, token = read
    client.cookies = cookies
    assert (
        client.get(f"{here}/segments", follow_redirects=False).headers["location"]
        == f"{here}/columns"
    )
    assert (
        client.get(f"{here}/progress", follow_redirects=False).headers["location"]
        == f"{here}/columns"
    )
    assert client.post(f"{here}/again", data={"token": token}).status_code == 409
    odd = {"token": token, "role-0": "king", "role-x": "id", "rows": "planets", "then": "page?"}
    sent = client.post(f"{here}/columns", data=odd, follow_redirects=False)
    assert sent.headers["location"] == f"{here}/columns"
    assert client.get(f"{here}/columns?page=99999999999").status_code == 200
    assert client.get(f"{here}/columns?page=-1").status_code == 200


def test_methods_that_are_not_known(client: TestClient) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert client.request(method, "/").status_code == 405


def test_a_very_long_address(client: TestClient) -> None:
    assert client.get("/" + "a" * 5000).status_code == 414


def test_bodies_that_come_too_slowly_and_never_end() -> None:
    """A connection that stays silent is answered with 408; what has no length is counted."""
    with served(silence=0.3, max_upload=10**6) as at:
        visitor = httpx.Client(base_url=at)
        visitor.get("/")
        cookie = f"shoal-{httpx.URL(at).port}={visitor.cookies[f'shoal-{httpx.URL(at).port}']}"
        head = f"POST /start HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\n"
        with socket.create_connection(("localhost", httpx.URL(at).port), 10) as slow:
            slow.sendall(f"{head}Content-Length: 1000\r\n\r\n--x\r\n".encode())
            assert b" 408 " in slow.recv(100)

        def endless() -> Iterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            for _ in range(100):
                yield b"0" * 10**5

        kind = {"content-type": "multipart/form-data; boundary=x"}
        assert visitor.post("/start", content=endless(), headers=kind).status_code == 413


def test_many_sessions_and_many_tables(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 visitors cost nothing until they bring a table; of too many tables the oldest goes."""
    monkeypatch.setattr("shoal.web.page.works.MOST_WORKS", 2)
    sessions = client.app.state.visits.sessions  # type: ignore[attr-defined]
    before = len(sessions._by_id)
    for _ in range(500):
        client.cookies.clear()
        assert client.get("/").status_code == 200
    assert len(sessions._by_id) == before
    client.cookies.clear()
    visitor = Visitor(client)
    first = visitor.wait(visitor.post("/start", {"kind": "path", "path": "shop.csv"}))
    bad = [visitor.send("x.csv", b"%PDF") for _ in range(2)]
    assert visitor.wait(bad[-1]).endswith("/trouble")
    assert visitor.get(first).status_code == 404


def test_files_go_with_their_table_and_session(client: TestClient) -> None:
    client.cookies.clear()
    visitor = Visitor(client)
    sessions = client.app.state.visits.sessions  # type: ignore[attr-defined]
    before = set(sessions.root.iterdir())
    here = visitor.wait(visitor.post("/start", {"kind": "sample"})).removesuffix("/columns")
    assert len(set(sessions.root.iterdir()) - before) == 1
    assert visitor.post(f"{here}/forget").headers["location"] == "/"
    assert set(sessions.root.iterdir()) == before
    assert visitor.get(f"{here}/columns").status_code == 404


def test_what_nobody_looks_at_is_deleted() -> None:
    """A session that idles goes with its files; all of them go with the server."""
    app = make_app(settings(idle=0.0, resting=0.0))
    with TestClient(app, base_url=AT) as client:
        visitor, sessions = Visitor(client), app.state.visits.sessions
        where = visitor.wait(visitor.post("/start", {"kind": "sample"}))
        root = sessions.root
        assert {file.name for file in root.rglob("*.csv")} == {"sample_customers.csv"}
        assert client.portal is not None
        client.portal.call(sessions.tidy)
        assert list(root.rglob("*.csv")) == []
        gone = visitor.get(where)
        assert gone.status_code == 404
        assert "two hours" in gone.text.partition("<footer>")[0]  # why it is there no more
        assert "two hours" not in visitor.get("/nothing").text.partition("<footer>")[0]
    assert not root.exists()


def test_segments_out_of_order_and_after_their_process_has_died(client: TestClient) -> None:
    """Nothing is lost with a process; what comes too early or makes no sense is refused."""
    client.cookies.clear()
    visitor = Visitor(client)
    here = visitor.wait(visitor.post("/start", {"kind": "sample"})).removesuffix("/columns")
    for early in ("/segments/1", "/k", "/k/keep"):
        assert visitor.post(f"{here}{early}", {"k": "3"}).status_code == 409, early
    for early in ("/take/report.html", "/picture/map.png"):
        assert visitor.get(f"{here}{early}").status_code == 409, early
    for early in ("/segments/1", "/take", "/k", "/compare", "/customer?id=1"):
        assert visitor.get(f"{here}{early}").headers["location"] == f"{here}/columns", early
    visitor.wait(visitor.post(f"{here}/columns", {"then": "find"}))
    labels = visitor.get(f"{here}/take/customers.csv").content
    refused = [
        ("/segments/99", {"name": "x"}, 404),
        ("/segments/1", {"name": ""}, 422),
        ("/segments/1", {"name": "x" * 99}, 422),
        ("/segments/1", {"colour": "red; background: url(x)"}, 422),
        ("/segments/1", {"play": "no such play"}, 422),
        ("/k", {"k": "1"}, 422),
        ("/k", {"k": "9" * 50}, 422),
        ("/k", {"k": "many"}, 422),
        ("/k/keep", {}, 409),
        ("/again", {}, 409),
    ]
    for path, fields, status in refused:
        assert visitor.post(f"{here}{path}", fields).status_code == status, (path, fields)
    asked = [
        ("/segments/99", 404),
        ("/segments/1?order=nonsense", 200),
        ("/compare?one=-1&other=99", 200),
        ("/compare?one=%00", 200),
        ("/customer?id=nobody", 404),
        ("/customer?id=" + "9" * 300, 404),
        ("/take/..%2f..%2fstudy.pickle", 404),
        ("/take/study.pickle", 404),
        ("/picture/secret.png", 404),
    ]
    for path, status in asked:
        assert visitor.get(f"{here}{path}").status_code == status, path
    refused = visitor.get(f"{here}/take/segments-bigquery.sql")  # names there have no $
    assert (refused.status_code, "Back to sample_customers.csv" in refused.text) == (422, True)
    sessions = client.app.state.visits.sessions  # type: ignore[attr-defined]
    work = next(w for w in sessions._works() if w.here == here)
    assert visitor.post(f"{here}/segments/1", {"name": "Ours"}).status_code == 303
    work.child.process.kill()
    assert visitor.get(f"{here}/segments/1").status_code == 200
    again = visitor.get(f"{here}/take/customers.csv").content
    assert again.count(b'"Ours"') > 10
    assert again != labels
    assert [line.split(b",")[:2] for line in again.splitlines()] == [
        line.split(b",")[:2] for line in labels.splitlines()
    ]
    visitor.wait(visitor.post(f"{here}/k", {"k": "3"}))
    assert visitor.post(f"{here}/k/keep").headers["location"] == f"{here}/segments"
    assert visitor.get(f"{here}/segments").text.count('<article class="card"') == 3
