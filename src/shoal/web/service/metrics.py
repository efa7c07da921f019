"""What is counted, for Prometheus: requests, customers by segment, models."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from shoal.web.service.served import Placement

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        self.requests = Counter(
            "shoal_requests", "Requests answered.", ("route", "status"), registry=own
        )
        self.seconds = Histogram(
            "shoal_request_seconds",
            "From head to answer.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self.under_way = Gauge("shoal_requests_under_way", "Not answered yet.", registry=own)
        self.customers = Counter(
            "shoal_customers_placed",
            "Customers placed, by the segment's number; none: set aside.",
            ("model_id", "segment"),
            registry=own,
        )
        self.unlike = Counter(
            "shoal_customers_unlike_anyone",
            "Customers placed who are unlike anyone of the model's.",
            ("model_id",),
            registry=own,
        )
        self.model = Gauge(
            "shoal_model_loaded_timestamp_seconds",
            "When the model that answers was loaded.",
            ("model_id",),
            registry=own,
        )
        self.newest = Gauge(
            "shoal_model_is_newest", "0: the file holds no model; 1: it answers.", registry=own
        )
        self.loads = Counter(
            "shoal_model_loads", "Looks into a changed file.", ("result",), registry=own
        )

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.requests.labels(route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def placed(self, model_id: str, placement: Placement) -> None:
        """Count the customers of an answer."""
        for segment, size in placement.segments.items():
            self.customers.labels(model_id, "none" if segment is None else str(segment)).inc(size)
        if placement.unlike:
            self.unlike.labels(model_id).inc(placement.unlike)

    def loaded(self, taken: bool, model_id: str) -> None:
        """Count a look into the model file, and forget the series of models from before."""
        self.loads.labels("taken" if taken else "refused").inc()
        self.newest.set(taken)
        if taken:
            for series in (self.model, self.customers, self.unlike):
                series.clear()
            self.model.labels(model_id).set(time.time())
            self.unlike.labels(model_id)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self.registry)
