"""What is seen: every screen is made anew from what is known, so reload and back lose nothing."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

import shoal
from shoal.web.page import columns as of_columns
from shoal.web.page import words
from shoal.web.page.sources import listed
from shoal.web.page.visits import Visits, work_of
from shoal.web.page.works import Job, Work

TEMPLATES = Path(__file__).parent / "templates"
STATIC = {".css": "text/css", ".js": "text/javascript"}
NEWS = 0.25  # seconds between two lines of news at least
SAY_TROUBLE = ("/k", "/earlier")  # screens of jobs that say themselves what went wrong


@functools.cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"words": words, "percent": shoal.percent, "chosen": of_columns.shown}
    return made


def page(request: Request, template: str, status: int = 200, **more: Any) -> Response:
    """A screen; whoever sees it has a session from then on."""
    visits: Visits = request.app.state.visits
    id = visits.greet(request)
    session = visits.sessions.get(id)
    shown = _environment().get_template(template)
    text = shown.render(
        token=visits.token(id),
        works=list(session.works.values()) if session else [],
        path=request.url.path,
        **more,
    )
    response = HTMLResponse(text, status)
    visits.give(request, response, id)
    return response


def message(
    request: Request,
    status: int,
    said: str,
    headers: Mapping[str, str] | None = None,
    hint: str = "",
) -> Response:
    """A screen that says what cannot be done, and why."""
    response = page(request, "message.html", status, said=said, hint=hint, work=_own(request))
    response.headers.update(headers or {})
    return response


def refusal(status: int, said: str, hint: str = "") -> Response:
    """The same before anything of a request is read: for whoever asks, without a session."""
    shown = _environment().get_template("message.html")
    return HTMLResponse(shown.render(said=said, hint=hint, work=None, path=""), status)


def _own(request: Request) -> Work | None:
    """The table of an address, where there is one of this session."""
    visits: Visits = request.app.state.visits
    session = visits.sessions.get(visits.id_of(request))
    return session.works.get(request.path_params.get("work", "")) if session else None


def redirect(address: str) -> Response:
    """Go and look there: after a post, so that reload does not send it again."""
    return RedirectResponse(address, 303)


@functools.cache
def _static() -> dict[str, str]:
    """The report's style and script, and what the page has beside them."""
    own = {name: (TEMPLATES / name).read_text("utf-8") for name in ("page.css", "page.js")}
    return own | {"report.css": shoal.report_style(), "report.js": shoal.report_script()}


async def static(request: Request) -> Response:
    """The style and the script."""
    name = request.path_params["name"]
    if name not in _static():
        return message(request, 404, "There is nothing here.")
    return Response(
        _static()[name], media_type=STATIC[Path(name).suffix], headers={"cache-control": "no-cache"}
    )


async def start(request: Request) -> Response:
    """Where a table comes from."""
    visits: Visits = request.app.state.visits
    settings = visits.settings
    await visits.sessions.warm_up()
    files = await asyncio.to_thread(listed, settings)
    most = settings.max_upload // 10**6
    return page(request, "start.html", files=files, folder=settings.folder, most=most, work=None)


async def progress(request: Request) -> Response:
    """What is being done."""
    work = work_of(request)
    if work.job is None or work.job.is_over:
        return redirect(_after(work))
    return page(request, "progress.html", work=work, job=work.job, news=news(work.job))


def news(job: Job) -> dict[str, Any]:
    """Where a job stands, in words."""
    spent = words.spent(int(time.monotonic() - job.begun))
    step = words.waiting(job.ahead) if job.ahead else words.step(job.step)
    far = words.how_far(job.step, job.rows, job.total)
    part = min(job.rows / job.total, 1) if job.total and not job.ahead else None
    return {"step": step, "far": far, "part": part, "spent": spent}


def _after(work: Work) -> str:
    """The screen that shows what came of the last job."""
    job, failed = work.job, work.trouble is not None or work.stopped
    if job is None or (failed and job.then not in SAY_TROUBLE):
        return work.screen
    return work.here + job.then


async def events(request: Request) -> Response:
    """The news of a job as server-sent events; the last one says where to go."""
    work = work_of(request)
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(_told(work), media_type="text/event-stream", headers=headers)


async def _told(work: Work) -> AsyncIterator[str]:
    job = work.job
    while job is not None and not job.is_over:
        changed = job.changed
        yield f"data: {json.dumps(news(job))}\n\n"
        await asyncio.sleep(NEWS)
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), 1.0)
    yield f"event: over\ndata: {json.dumps(_after(work))}\n\n"


async def trouble(request: Request) -> Response:
    """Why a table could not be read."""
    work = work_of(request)
    if work.understood is not None or work.is_busy:
        return redirect(work.screen)
    return page(request, "trouble.html", 200, work=work)


async def columns(request: Request) -> Response:
    """What the table was understood to be."""
    work = work_of(request)
    if work.understood is None:
        return redirect(work.screen)
    number = request.query_params.get("page", "1")
    shown = of_columns.part(work, int(number) if number.isdecimal() and len(number) < 5 else 1)
    return page(request, "columns.html", work=work, table=work.understood, shown=shown)


async def columns_file(request: Request) -> Response:
    """The file of what each column was taken to be, as the command line takes it."""
    work = work_of(request)
    if work.understood is None:
        return message(request, 409, "The table has not been read yet.")
    headers = {"content-disposition": 'attachment; filename="columns.toml"'}
    return PlainTextResponse(work.understood["toml"], media_type="text/toml", headers=headers)
