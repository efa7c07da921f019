"""Nouns built by hand for the tests of `interpret`: what the steps before it would hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.types import (
    Column,
    Feature,
    Profile,
    ReadAs,
    Recipe,
    Sample,
    SegmentProfile,
    SegmentTotals,
    SegmentTrust,
    Statement,
    Trust,
)


def column(name: str, cells: pa.ChunkedArray, role: str) -> Column:
    """The facts that `interpret` reads."""
    known = [c for c in cells.to_pylist() if c is not None]
    distinct = len(set(known))
    text = pa.types.is_string(cells.type)
    kind = (
        "flag"
        if distinct == 2 and (text or set(known) <= {0, 1})
        else "category"
        if text
        else "number"
    )
    kind = kind if known else "empty"
    skew = None
    if kind == "number":
        x = np.asarray(known, dtype=float)
        skew = float(np.mean(((x - x.mean()) / (x.std() or 1)) ** 3))
    return Column(
        name,
        str(cells.type),
        kind,
        role,
        Statement(""),
        len(cells),
        cells.null_count,
        distinct,
        skew=skew,
        min=min(known, default=None),
        max=max(known, default=None),
    )  # type: ignore[arg-type]


def feature(col: Column, cells: pa.ChunkedArray, log: bool) -> Feature:
    if col.kind != "number":
        words = tuple(sorted(str(w) for w in set(cells.to_pylist())))
        return Feature(col.name, col.kind, words[0], categories=words)  # type: ignore[arg-type]
    x = np.asarray(cells.to_pylist(), dtype=float)
    offset = (
        float(np.nanmedian(x[x > 0])) / 10
        if log and np.nanmin(x) >= 0 and (col.skew or 0) > 1
        else None
    )
    return Feature(col.name, "number", float(np.nanmedian(x)), log_offset=offset)


def kmeans(rows: pa.Table, features: Sequence[Feature], k: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels by ascending first coordinate and distances, by an independent K-Means on z-scores."""
    from sklearn.cluster import KMeans

    columns = []
    for f in features:
        cells = rows[f.column].to_pylist()
        if f.kind == "number":
            x = np.array([f.fill if c is None else c for c in cells], dtype=float)
            columns.append(np.log(x + f.log_offset) if f.log_offset is not None else x)
        elif len(f.categories) == 2:
            columns.append(np.array([str(c) == f.categories[1] for c in cells], dtype=float))
    X = np.column_stack(columns)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = KMeans(k, n_init=20, random_state=0).fit(X)
    order = np.argsort(-np.bincount(model.labels_))
    place = np.argsort(order)
    return place[model.labels_], np.linalg.norm(X - model.cluster_centers_[model.labels_], axis=1)


def sums(rows: pa.Table, columns: Sequence[Column], labels: np.ndarray, k: int) -> SegmentTotals:
    numeric = [
        c.name
        for c in columns
        if c.kind in ("number", "flag") and not pa.types.is_string(rows[c.name].type)
    ]
    X = np.column_stack(
        [np.asarray(rows[c].cast(pa.float64()).to_numpy()) for c in numeric]
        or [np.zeros(len(labels))]
    )
    known = np.isfinite(X)
    members = [labels == s for s in range(k)]
    categories = {
        c.name: {
            w: tuple(
                sum(
                    1 for x, m in zip(rows[c.name].to_pylist(), inside, strict=True) if m and x == w
                )
                for inside in members
            )
            for w in sorted({x for x in rows[c.name].to_pylist() if x is not None})
        }
        for c in columns
        if pa.types.is_string(rows[c.name].type) and c.kind in ("category", "flag")
    }
    deviations = np.where(known, X - np.nanmean(X, axis=0), 0.0) ** 2
    return SegmentTotals(
        tuple(numeric),
        np.bincount(labels, minlength=k),
        np.array([known[m].sum(axis=0) for m in members], dtype=float),
        np.array([np.where(known, X, 0.0)[m].sum(axis=0) for m in members]),
        np.array([deviations[m].sum(axis=0) for m in members]),
        categories,
    )


def world(
    rows: pa.Table,
    basis: Sequence[str],
    k: int,
    *,
    labels: Sequence[int] | None = None,
    roles: Mapping[str, str] | None = None,
    value: str | None = None,
    id_column: str | None = None,
    log: bool = False,
    copies: int = 1,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    outcome: str | None = None,
) -> dict[str, Any]:
    """Everything that `interpret` asks for, for a table whose other columns describe.

    `facts` are further fields of columns, by name: what they stand for.
    """
    told = {
        **{n: "basis" if n in basis else "describe" for n in rows.column_names},
        **(roles or {}),
    }
    if id_column:
        told[id_column] = "id"
    columns = tuple(
        replace(column(n, rows[n], told[n]), **(facts or {}).get(n, {})) for n in rows.column_names
    )
    features = tuple(
        feature(c, rows[c.name], log)
        for c in sorted(columns, key=lambda c: c.name)
        if c.name in basis
    )
    if labels is None:
        found, distances = kmeans(rows, features, k)
    else:
        found, distances = np.asarray(labels), np.zeros(rows.num_rows)
    m = rows.num_rows
    groups = sums(rows, columns, found, k)
    trust = tuple(
        SegmentTrust(
            s + 1,
            0.9,
            0.8,
            1.0,
            0.0,
            0.9,
            0.05,
            0.5,
            1,
            "act on it",
            Statement("comes-back", {}, "it came back in 100 of 100 resamples"),
        )
        for s in range(k)
    )
    return {
        "recipe": Recipe(features, "standard"),
        "id_column": id_column,
        "unlike_anyone": np.zeros(k, dtype=np.int64),
        "groups": groups,
        "sample": Sample(rows, np.arange(m), m * copies),
        "labels": found,
        "distances": distances,
        "trust": Trust(trust, 100, m, np.ones(m)),
        "profile": Profile("t", ReadAs("frame"), m, columns, (), m, 0, outcome=outcome),
        "value": value,
    }


def show(portraits: Sequence[SegmentProfile]) -> None:
    """A person's look at portraits."""
    for p in portraits:
        print(
            f"\n#{p.segment} {p.name}  [{p.size}, {p.share:.1%}, value {p.value_share}]  typical "
            f"{p.typical_ids or p.typical}"
        )
        for line in (*p.name_evidence, "RULE " + p.rule.text, *p.insights):
            print("   ", line)
        print(
            "    ACTION",
            p.action.title,
            "|",
            p.action.text,
            "|",
            p.action.why,
            "|",
            p.action.at_stake_words,
        )
        for t in p.traits[:4]:
            print(
                f"      {t.sentence}  d={t.effect:+.2f} "
                f"[{t.effect_low:+.2f},{t.effect_high:+.2f}] {t.level} {t.role}"
            )
