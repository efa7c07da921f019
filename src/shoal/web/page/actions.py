"""What is done: each post changes something, and sends the browser on to look at it."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shoal.web.page import columns as of_columns
from shoal.web.page.child import WorkError
from shoal.web.page.screens import message, redirect
from shoal.web.page.settings import MOST_K
from shoal.web.page.sources import fill, kept
from shoal.web.page.visits import Visits
from shoal.web.page.works import Job, Work, nothing_said


async def start(request: Request) -> Response:
    """Take a table, and begin to read it."""
    visits: Visits = request.app.state.visits
    id, form = await visits.form(request)
    work = await visits.sessions.add(id)
    try:
        await fill(work, form, visits.settings)
    except WorkError:
        session = visits.sessions.get(id)
        assert session is not None
        await visits.sessions.forget(session, work)
        raise
    _look(visits, work)
    return redirect(work.screen)


def _look(visits: Visits, work: Work) -> None:
    def understood(told: Any) -> None:
        work.understood = told

    job = Job("Looking at the table", "/columns")
    asked = {"do": "look", "settings": work.settings}
    visits.sessions.start(work, job, asked, visits.settings.look_time, understood)


def _find(visits: Visits, work: Work) -> None:
    job = Job("Finding the segments", "/segments")
    asked = {"do": "find", "settings": work.settings}
    visits.sessions.start(work, job, asked, visits.settings.run_time, work.found)


async def columns(request: Request) -> Response:
    """Correct what was understood; then look again, or find the segments."""
    visits: Visits = request.app.state.visits
    _, form = await visits.form(request)
    _, work = visits.work(request)
    if work.is_busy:
        return message(request, 409, "This table is being worked on. Wait, or stop it first.")
    if work.understood is None:
        return message(request, 409, "The table has not been read yet.")
    before = work.settings
    work.settings = of_columns.said(work, form)
    if form.get("then") == "guess":
        work.settings = nothing_said()
    if form.get("then") == "find":
        _find(visits, work)
    elif work.settings != before:
        _look(visits, work)
    elif (number := str(form.get("then", ""))).isdecimal():
        return redirect(f"{work.here}/columns?page={number}")
    return redirect(work.screen)


async def stop(request: Request) -> Response:
    """End what is being done."""
    visits: Visits = request.app.state.visits
    await visits.form(request)
    _, work = visits.work(request)
    await visits.sessions.stop(work)
    return redirect(work.screen)


async def again(request: Request) -> Response:
    """Read a table again that could not be read, or whose reading was stopped."""
    visits: Visits = request.app.state.visits
    await visits.form(request)
    _, work = visits.work(request)
    if work.is_busy or work.understood is not None:
        return message(request, 409, "This table has been read, or is being read.")
    _look(visits, work)
    return redirect(work.screen)


async def forget(request: Request) -> Response:
    """Delete a table and all that was made of it."""
    visits: Visits = request.app.state.visits
    await visits.form(request)
    session, work = visits.work(request)
    await visits.sessions.forget(session, work)
    return redirect("/")


async def _found(request: Request) -> tuple[FormData, Work, Response | None]:
    """A form about segments; a refusal where there are none, or they are being worked on."""
    visits: Visits = request.app.state.visits
    _, form = await visits.form(request)
    _, work = visits.work(request)
    if work.is_busy:
        return form, work, message(request, 409, "This table is being worked on. Wait, or stop it.")
    if work.shown is None:
        return form, work, message(request, 409, "The segments have not been found yet.")
    return form, work, None


async def change(request: Request) -> Response:
    """Another name, colour or action of a segment."""
    form, work, refused = await _found(request)
    if refused is not None:
        return refused
    number = request.path_params["number"]
    own = work.segment(number)
    if own is None:
        return message(request, 404, "There is no such segment.")
    asked = {what: str(form.get(what, own[what]))[:200] for what in ("name", "colour", "play")}
    visits: Visits = request.app.state.visits
    work.found(await visits.sessions.ask(work, {"do": "change", "segment": number, **asked}))
    return redirect(f"{work.here}/segments/{number}?changed=yes")


async def number(request: Request) -> Response:
    """Try another number of segments."""
    form, work, refused = await _found(request)
    if refused is not None:
        return refused
    wanted = str(form.get("k", ""))
    if not wanted.isdecimal() or not 2 <= int(wanted[:6]) <= MOST_K:
        raise WorkError(f"A number of segments lies from 2 to {MOST_K}.", "Write one of them.")

    def made(told: Any) -> None:
        work.beside = told

    visits: Visits = request.app.state.visits
    job = Job(f"Trying {wanted} segments", "/k")
    asked = {"do": "beside", "k": int(wanted)}
    visits.sessions.start(work, job, asked, visits.settings.run_time, made)
    return redirect(work.screen)


async def earlier(request: Request) -> Response:
    """Compare with an earlier run: its model, or the customers that it labelled."""
    form, work, refused = await _found(request)
    if refused is not None:
        return refused
    file = await kept(form.get("file"), work.folder / "earlier", alone=True)

    def made(told: Any) -> None:
        work.earlier = told

    visits: Visits = request.app.state.visits
    job = Job("Comparing with the earlier run", "/earlier")
    work.earlier = None
    sent = file.relative_to(work.folder).as_posix()  # its process works in this folder
    asked = {"do": "earlier", "file": sent, "version": work.version}
    visits.sessions.start(work, job, asked, visits.settings.run_time, made)
    return redirect(work.screen)


async def keep(request: Request) -> Response:
    """Take the number of segments that was tried."""
    _, work, refused = await _found(request)
    if refused is not None:
        return refused
    if work.beside is None:
        return message(request, 409, "Try another number of segments first.")
    visits: Visits = request.app.state.visits
    work.found(await visits.sessions.ask(work, {"do": "keep", "k": work.beside["k"]}))
    return redirect(f"{work.here}/segments")
