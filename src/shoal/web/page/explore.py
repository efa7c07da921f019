"""The segments and all that can be looked at in them; what can be taken away."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from shoal.web.page.child import WorkError
from shoal.web.page.screens import message, page, redirect
from shoal.web.page.settings import FILES, MOST_K
from shoal.web.page.visits import work_of
from shoal.web.page.works import Work

PICTURES = ("map", "profile", "sizes", "choice", "stability", "distributions")
ORDERS = {"typical": "The most typical", "border": "Nearest to another segment"}
LONGEST = 200  # letters of an id that is asked for
WRITING = 600.0  # seconds that a file may take


async def segments(request: Request) -> Response:
    """What was found: the report's own parts, with what can be done about them."""
    work = work_of(request)
    if work.shown is None:
        return redirect(work.screen)
    parts = work.shown["parts"]
    pieces = {name: Markup(parts[name]) for name in ("answer", "compared", "why", "data", "how")}
    cards = [Markup(card) for card in parts["cards"]]
    more: dict[str, Any] = {"cards": cards, "block": Markup(parts["block"]), **pieces}
    return page(request, "segments.html", work=work, shown=work.shown, **more)


async def segment(request: Request) -> Response:
    """One segment: who is in it, and what it is called."""
    work = work_of(request)
    if work.shown is None or work.is_busy:
        return redirect(work.screen)
    number = request.path_params["number"]
    own = work.segment(number)
    if own is None:
        return message(request, 404, "There is no such segment.")
    order = request.query_params.get("order", "typical")
    order = order if order in ORDERS else "typical"
    asked = {"do": "members", "segment": number, "order": order}
    told = await request.app.state.visits.sessions.ask(work, asked)
    place = work.shown["segments"].index(own)
    card = Markup(work.shown["parts"]["cards"][place])
    more: dict[str, Any] = {
        "own": own,
        "card": card,
        "told": told,
        "order": order,
        "orders": ORDERS,
    }
    changed = request.query_params.get("changed") == "yes"
    return page(request, "segment.html", work=work, shown=work.shown, changed=changed, **more)


async def compare(request: Request) -> Response:
    """Two segments side by side, every column, the one they differ in most first."""
    work = work_of(request)
    if work.shown is None:
        return redirect(work.screen)
    segments = work.shown["segments"]
    numbers = [each["no"] for each in segments]
    one, other = (_place(request, name, numbers, n) for n, name in enumerate(("one", "other")))
    block = json.loads(work.shown["parts"]["block"])
    rows = [_compared(column, one, other) for column in block["columns"]]
    rows.sort(key=lambda row: -row["apart"])
    widest = max((row["apart"] for row in rows), default=0.0) or 1.0
    pair = (segments[one], segments[other])
    more: dict[str, Any] = {"pair": pair, "rows": rows, "widest": widest}
    return page(request, "compare.html", work=work, shown=work.shown, **more)


def _place(request: Request, name: str, numbers: list[int], otherwise: int) -> int:
    """Where the segment stands that a number asks for."""
    given = request.query_params.get(name, "")
    number = int(given) if given.isdecimal() and len(given) < 6 else -1
    return numbers.index(number) if number in numbers else min(otherwise, len(numbers) - 1)


def _compared(column: dict[str, Any], one: int, other: int) -> dict[str, Any]:
    apart = abs(column["effects"][one] - column["effects"][other])
    texts = [column["texts"][one], column["texts"][other], column["everybody"]]
    return {
        "label": column["label"],
        "measure": column["measure"],
        "texts": texts,
        "apart": apart,
    }


async def customer(request: Request) -> Response:
    """Why one customer is in their segment."""
    work = work_of(request)
    if work.shown is None or work.is_busy:
        return redirect(work.screen)
    id = request.query_params.get("id", "").strip()[:LONGEST]
    told, trouble = None, None
    if id:
        try:
            asked = {"do": "explain", "id": id}
            told = await request.app.state.visits.sessions.ask(work, asked)
        except WorkError as error:
            trouble = error
    more: dict[str, Any] = {"id": id, "told": told, "trouble": trouble}
    status = 404 if trouble else 200
    return page(request, "customer.html", status, work=work, shown=work.shown, **more)


async def numbers(request: Request) -> Response:
    """Other numbers of segments, and what one of them would change."""
    work = work_of(request)
    if work.shown is None:
        return redirect(work.screen)
    more: dict[str, Any] = {"shown": work.shown, "beside": work.beside, "most": MOST_K}
    return page(request, "numbers.html", work=work, **more)


async def earlier(request: Request) -> Response:
    """What became of the customers and segments of an earlier run."""
    work = work_of(request)
    if work.shown is None:
        return redirect(work.screen)
    most = request.app.state.visits.settings.max_upload // 10**6
    more: dict[str, Any] = {"shown": work.shown, "told": work.earlier, "most": most}
    return page(request, "earlier.html", work=work, **more)


async def picture(request: Request) -> Response:
    """A figure, for browsers without a script and for who wants to see the evidence."""
    work = work_of(request)
    name = request.path_params["name"]
    if work.shown is None or work.is_busy or name not in PICTURES:
        return message(request, 404 if name not in PICTURES else 409, "There is no such picture.")
    asked = {"do": "picture", "name": name}
    file = await request.app.state.visits.sessions.ask(work, asked)
    return FileResponse(work.folder / file, media_type="image/png")


async def take(request: Request) -> Response:
    """What can be taken away."""
    work = work_of(request)
    if work.shown is None or work.is_busy:
        return redirect(work.screen)
    return page(request, "take.html", work=work, shown=work.shown, files=_files(work))


def _files(work: Work) -> dict[str, str]:
    assert work.shown is not None
    if not work.shown["parquet"]:
        return FILES
    return {
        name.replace("customers.csv", "customers.parquet"): said for name, said in FILES.items()
    }


async def download(request: Request) -> Response:
    """One of the files, written when it is asked for."""
    work = work_of(request)
    name = request.path_params["name"]
    if work.shown is None or work.is_busy:
        return message(request, 409, "The segments have not been found yet.")
    if name not in _files(work):
        return message(request, 404, "There is no such file.")
    asked = {"do": "write", "name": name, "version": work.version}
    path = await request.app.state.visits.sessions.ask(work, asked, WRITING)
    return FileResponse(path, filename=name, content_disposition_type="attachment")
