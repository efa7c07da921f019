"""The routes: what is answered to whom, and the document that describes them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

import shoal
from shoal.web.service import metrics, problems
from shoal.web.service.answers import Assigned, Health, ModelFacts, Readiness, Segments
from shoal.web.service.current import Current
from shoal.web.service.guard import OPEN, Guard
from shoal.web.service.logs import log
from shoal.web.service.options import Service
from shoal.web.service.problems import ProblemError, documented
from shoal.web.service.served import Served
from shoal.web.service.together import Together

JSON = "application/json"
INLINE = 20_000  # bytes of a body that is placed with others; larger ones are placed beside
BESIDE = 2  # bodies that are placed at the same time, beside all others
USUAL = ("parameters", "foreign-host", "method", "busy", "fault")
OF_BODIES = ("not-json", "too-slow", "too-large", "media-type", "customers", "too-long")


class App:
    """The service as an ASGI application: a guard, then routes, then the current model."""

    def __init__(self, service: Service) -> None:
        """Raises InputError where the file is no model."""
        self.service, self.metrics = service, metrics.Metrics()
        self.current = Current(service, self._heard)
        self._together = Together()
        self._beside = ThreadPoolExecutor(BESIDE, "placing")
        self.api = self._routes()
        paths = [str(getattr(route, "path", "")) for route in self.api.routes]
        self.guard = Guard(self.api, service, self.metrics, paths)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        await self.guard(scope, receive, send)

    def _heard(self, taken: bool, model_id: str, wrong: str) -> None:
        self.metrics.loaded(taken, model_id)
        if taken:
            log("model loaded", model_id=model_id)
        else:
            log("model refused", logging.ERROR, answers_with=model_id, why=wrong)

    @contextlib.asynccontextmanager
    async def _life(self, _: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(self.current.watch())
        yield
        watching.cancel()
        self._beside.shutdown()
        log("stopped")

    # --- routes

    def _routes(self) -> FastAPI:
        api = FastAPI(
            title="shoal: customers to segments",
            version=shoal.__version__,
            lifespan=self._life,
            docs_url=None,  # these pages would load scripts from elsewhere
            redoc_url=None,
            openapi_url=None,
            redirect_slashes=False,
            generate_unique_id_function=lambda route: route.name,
            exception_handlers={ProblemError: _told, HTTPException: _not_routed, Exception: _fault},
        )
        secret = ("no-token",) if self.service.tokens else ()
        usual = documented(*USUAL, *secret)
        post = functools.partial(api.add_api_route, methods=["POST"])
        post(
            "/v1/assign",
            self._assign,
            name="assign",
            response_model=Assigned,
            responses=documented(*USUAL, *secret, *OF_BODIES),
            summary="Place customers into the segments of the model.",
        )
        own: list[tuple[str, Any, Any, str]] = [
            ("/v1/segments", self._segments, Segments, "The segments."),
            ("/v1/model", self._model, ModelFacts, "The model."),
            ("/openapi.json", self._document, dict[str, Any], "This document."),
        ]
        for path, route, answer, told in own:
            api.add_api_route(
                path,
                route,
                name=route.__name__.strip("_"),
                response_model=answer,
                responses=usual,
                summary=told,
            )
        api.add_api_route(
            "/metrics",
            self._metrics,
            name="metrics",
            response_class=_Metrics,
            responses=usual,
            summary="Counters for Prometheus.",
        )
        probes = documented("method", "busy", "fault")
        api.add_api_route(
            "/healthz",
            self._health,
            name="health",
            response_model=Health,
            responses=probes,
            summary="Whether the process runs.",
        )
        api.add_api_route(
            "/readyz",
            self._ready,
            name="ready",
            response_model=Readiness,
            responses=probes,
            summary="Whether requests should be sent here.",
        )
        return api

    async def _assign(self, request: Request) -> Response:
        """An object is one customer, an array many: they come back in their order."""
        model, seen = self.current.now, request.scope["seen"]
        if not _is_json(request.headers.get("content-type", "")):
            raise ProblemError("media-type", "Send a header: Content-Type: application/json.")
        body = await request.body()
        if len(body) <= INLINE:
            placed = await self._together.place(model, body)
        else:
            loop = asyncio.get_running_loop()
            placed = await loop.run_in_executor(self._beside, model.place, body)
        self.metrics.placed(model.id, placed)
        seen.noted |= {"customers": placed.customers, "model_id": model.id}
        return Response(placed.content, media_type=JSON)

    async def _segments(self) -> Response:
        """What is known of each segment."""
        return Response(self.current.now.segments, media_type=JSON)

    async def _model(self) -> Response:
        """What the model is, and which columns it needs."""
        return Response(self.current.now.facts, media_type=JSON)

    async def _metrics(self) -> Response:
        """Requests, customers by segment, models."""
        return Response(self.metrics.text(), media_type=metrics.MEDIA_TYPE)

    async def _health(self) -> Response:
        """It answers: it runs."""
        return Response(Health().model_dump_json(), media_type=JSON)

    async def _ready(self) -> Response:
        """Whether it stops, and whether the newest file is what answers."""
        stopping, wrong = self.guard.stopping, self.current.wrong
        said = Readiness(
            status="stopping" if stopping else "ready",
            model_id=self.current.now.id,
            newest=wrong is None,
            why=wrong,
        )
        return Response(said.model_dump_json(), 503 if stopping else 200, media_type=JSON)

    async def _document(self) -> Response:
        """OpenAPI 3.1, with the customer as the current model needs it."""
        document = self.described(self.current.now)
        return Response(json.dumps(document, ensure_ascii=False), media_type=JSON)

    def described(self, model: Served) -> dict[str, Any]:
        """The OpenAPI document of the service with a model."""
        api = self.api
        made = get_openapi(title=api.title, version=api.version, routes=api.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas |= model.customers.schemas() | {"Problem": problems.SCHEMA}
        either = [{"$ref": f"#/components/schemas/{name}"} for name in ("Customer", "Customers")]
        made["paths"]["/v1/assign"]["post"]["requestBody"] = {
            "required": True,
            "description": "One customer (an object) or many (an array).",
            "content": {JSON: {"schema": {"oneOf": either}}},
        }
        if self.service.tokens:
            made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path, methods in made["paths"].items():
                for operation in methods.values() if path not in OPEN else ():
                    operation["security"] = [{"token": []}]
        return made


class _Metrics(Response):
    media_type = "text/plain"


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == JSON


async def _told(request: Request, problem: Exception) -> Response:
    """What answers where a route raised a ProblemError."""
    assert isinstance(problem, ProblemError)
    request.scope["seen"].noted["problem"] = problem.code
    return problem.response()


async def _not_routed(request: Request, error: Exception) -> Response:
    """What answers where there is no route, or not with this method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "GET")
        told = f"Send {allowed}."
        return await _told(request, ProblemError("method", told, headers={"Allow": allowed}))
    told = "There are POST /v1/assign, GET /v1/segments, /v1/model, /openapi.json, /metrics, "
    return await _told(request, ProblemError("not-found", told + "/healthz and /readyz."))


async def _fault(request: Request, error: Exception) -> Response:
    """What answers where shoal failed; the guard logs it."""
    seen = request.scope["seen"]
    return await _told(request, ProblemError("fault", f"The log tells where, under {seen.id}."))
