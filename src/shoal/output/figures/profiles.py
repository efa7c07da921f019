"""Who the segments are: sizes, what sets them apart, how their customers are spread."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure

from shoal.output.figures import look, style
from shoal.output.figures.pane import Pane, round_numbers
from shoal.text.numbers import percent, short
from shoal.types import Facts, Floats, Trait

MOST = 12  # columns in the heatmap
EFFECTS = LinearSegmentedColormap.from_list(
    "effect", ["#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d1e5f0", "#67a9cf", "#2166ac"]
)


def sizes(facts: Facts) -> Figure:
    """Each segment's share of customers and, when there is a money column, its share of the value beside it."""
    names, k = look.names(facts), facts.segmentation.k
    valued = [p.value_share for p in facts.portraits]
    money = facts.value is not None and all(share is not None for share in valued)
    height = 1.15 + 0.42 * max(k, 2)
    figure = style.canvas(8, height)
    middle = 5.25 if money else 7.7
    left = style.panel(figure, 2.35, 0.4, middle - 0.1, height - 0.75)
    _bars(
        left,
        [p.share for p in facts.portraits],
        [f"{p.size:,}" for p in facts.portraits],
        "share of customers",
    )
    left.set_yticks(
        range(k), [style.wrap(name, 27, 2) for name in names], fontsize=9, color=style.INK
    )
    title = f"How big the {k} segments are"
    if money:
        right = style.panel(figure, middle + 0.05, 0.4, 7.8, height - 0.75)
        _bars(
            right,
            [float(share or 0) for share in valued],
            [""] * k,
            f"share of {style.shorten(facts.value, 30)}",
        )
        right.set_yticks([])
        title += ", and what they are worth"
    style.heading(figure, title, f"All {facts.rows_labelled:,} customers.")
    return figure


def _bars(axes: Axes, shares: list[float], more: list[str], title: str) -> None:
    spots = range(len(shares))
    axes.barh(spots, shares, color=[style.colour(i + 1) for i in spots], height=0.66)
    for spot, share, words in zip(spots, shares, more, strict=True):
        text = f"{percent(share)} · {words}" if words else percent(share)
        axes.text(max(share, 0), spot, f" {text}", va="center", fontsize=8.5, color=style.INK)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.set_xlim(min(0, *shares) * 1.05, max(*shares, 0.01) * 1.38)
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_title(style.plain(title), fontsize=9, color=style.SOFT, loc="left", pad=4)
    style.calm(axes)


def profile(facts: Facts) -> Figure:
    """What sets the segments apart: columns × segments, coloured by effect size, with medians in original units."""
    columns = _ranked(facts)
    shown = columns[:MOST]
    table = [{t.column: t for t in p.traits} for p in facts.portraits]
    effect = np.array(
        [[row[c].effect if c in row else np.nan for row in table] for c in shown], dtype=float
    ).reshape(len(shown), -1)
    names, k = look.names(facts), facts.segmentation.k
    top = (1.05 if k <= 4 else 1.2) if k <= 6 else 2.45
    height = top + 0.45 + 0.4 * max(len(shown), 3)
    figure = style.canvas(8, height)
    axes = style.panel(figure, 2.75, 0.45, 7.85 if k <= 6 else 6.8, height - top)
    limit = 2.0
    axes.imshow(
        effect, cmap=EFFECTS, norm=Normalize(-limit, limit), aspect="auto", interpolation="nearest"
    )
    for i, column in enumerate(shown):
        for j, row in enumerate(table):
            if column in row:
                shade = "white" if abs(row[column].effect) > 1.45 else style.INK
                axes.text(
                    j,
                    i,
                    _cell(row[column], k),
                    ha="center",
                    va="center",
                    fontsize=9 if k <= 7 else 8,
                    color=shade,
                )
    axes.hlines(np.arange(len(shown) + 1) - 0.5, -0.5, k - 0.5, color="white", linewidth=2)
    axes.vlines(np.arange(k + 1) - 0.5, -0.5, len(shown) - 0.5, color="white", linewidth=2)
    style.calm(axes)
    axes.set_yticks(
        range(len(shown)),
        [_row_name(facts, column) for column in shown],
        fontsize=8.5,
        color=style.INK,
    )
    _heads(axes, names, k)
    parts = (
        f"the {len(shown)} most telling of {len(columns)} columns"
        if len(columns) > len(shown)
        else f"{len(shown)} columns"
    )
    note = "Numbers: the segment's median, or its share for a yes/no column or a word (everybody's in brackets on the left). "
    note += "Colour: blue above everybody, orange below, in standard deviations."
    style.heading(figure, f"What sets the segments apart: {parts}", note)
    return figure


def _ranked(facts: Facts) -> list[str]:
    """Every column of the portraits, basis before describing ones, the most telling first."""
    strength: dict[str, tuple[bool, float]] = {}
    for portrait in facts.portraits:
        for trait in portrait.traits:
            _, before = strength.get(trait.column, (False, 0.0))
            strength[trait.column] = (trait.role != "basis", max(before, abs(trait.effect)))
    return sorted(strength, key=lambda name: (strength[name][0], -strength[name][1], name))


def _row_name(facts: Facts, column: str) -> str:
    trait = next((t for p in facts.portraits for t in p.traits if t.column == column), None)
    if trait is None or trait.kind == "category":
        return style.wrap(column, 34, 2)
    return style.wrap(
        f"{style.shorten(column, 48)} ({_amount(trait, trait.everybody_value)})", 36, 2
    )


def _amount(trait: Trait, value: float) -> str:
    return short(value) if trait.kind == "number" else percent(value)


def _cell(trait: Trait, k: int) -> str:
    if trait.kind == "category":
        return (
            style.plain(style.shorten(trait.word, max(56 // k, 4) if k > 5 else 10))
            + f"\n{percent(trait.segment_value)}"
        )
    return _amount(trait, trait.segment_value)


def _heads(axes: Axes, names: list[str], k: int) -> None:
    """The segments' names above their columns; slanted when there are many."""
    axes.set_xticks([])
    for j, name in enumerate(names):
        if k <= 6:
            words, turned, ha = (
                style.wrap(name, max(int(57 / k), 9), 3 if k <= 4 else 4),
                0,
                "center",
            )
        else:
            words, turned, ha = style.wrap(name, 28, 1), 55, "left"
        at = axes.get_xaxis_transform()
        axes.text(
            j,
            1.0,
            "▬" if k <= 6 else "■",
            transform=at,
            color=style.colour(j + 1),
            ha="center",
            va="bottom",
            fontsize=12,
        )
        axes.annotate(
            words,
            (j, 1.0),
            xycoords=at,
            xytext=(0, 14),
            textcoords="offset points",
            fontsize=8.5 if k <= 7 else 8,
            color=style.INK,
            fontweight="bold",
            ha=ha,
            va="bottom",
            rotation=turned,
            rotation_mode="anchor",
            linespacing=1.0,
        )


def distributions(facts: Facts, most: int = 4) -> Figure:
    """How each segment's customers are spread in the most telling columns, against everybody in grey."""
    columns = look.telling(facts, most) or list(facts.segmentation.basis[:most])
    names, k = look.names(facts), facts.segmentation.k
    across = min(len(columns), 4)
    height = 1.35 + 0.36 * max(k, 4)
    figure = style.canvas(8, height)
    width = 5.85 / across
    for at, column in enumerate(columns):
        box = 2.05 + at * width, 0.62, 1.93 + (at + 1) * width, height - 0.86
        trait = next((t for p in facts.portraits for t in p.traits if t.column == column), None)
        told = trait is not None and trait.kind != "number"
        pane = (
            _share_rows(figure, box, facts, column) if told else _ridges(figure, box, facts, column)
        )
        pane.title(style.wrap(column, int(13 * width), 2), fontsize=8.5)
        if at == 0:
            pane.side(
                np.arange(k) - 0.25,
                [style.wrap(name, 23, 2) for name in names],
                fontsize=8.5,
                color=style.INK,
            )
    of = len(facts.segmentation.basis)
    title = (
        f"Each segment against everybody, in the {len(columns)} most telling of {of} columns"
        if of > len(columns)
        else "Each segment against everybody"
    )
    style.heading(
        figure,
        title,
        f"Grey: everybody. {look.stated(facts)} Values beyond the middle 99 % are drawn at the edge.",
    )
    return figure


Box = tuple[float, float, float, float]


def _ridges(figure: Figure, box: Box, facts: Facts, column: str) -> Pane:
    """Histograms as hills, one above the other, each with everybody's behind it."""
    prepared, k = look.feature(facts, column), facts.segmentation.k
    x = look.forward(prepared, look.values(facts, column))
    keep = np.isfinite(x)
    x, labels = x[keep], facts.labels[keep]
    low, high = (float(q) for q in np.quantile(x, [0.005, 0.995])) if len(x) else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = _edges(x, low, high)
    middles = np.r_[low, (edges[:-1] + edges[1:]) / 2, high]
    every = _hill(x, edges)
    own = [_hill(x[labels == i], edges) for i in range(k)]
    peaks = [max(hill.max(), every.max(), 1e-12) / 0.92 for hill in own]
    pane = Pane(figure, *box, x=(low, high), y=(k - 0.35, -1.05))
    pane.shapes(
        [_outline(middles, i, every / peaks[i]) for i in range(k)],
        color="#c3cad1",
        linewidths=0,
        zorder=2,
    )
    shades = [style.colour(i + 1) for i in range(k)]
    pane.shapes(
        [_outline(middles, i, own[i] / peaks[i]) for i in range(k)],
        color=shades,
        alpha=0.6,
        linewidths=1,
        zorder=3,
    )
    span = high - low
    if prepared is not None and prepared.log_offset is not None:
        places, words = look.ticks(prepared, low, high)
        kept = [at for at, place in enumerate(places) if place < high - span * 0.06][
            :: 2 if len(places) > 4 else 1
        ]
        pane.foot([places[at] for at in kept], [words[at] for at in kept], fontsize=8.5)
    else:
        places = [
            t for t in round_numbers(low, high, 4) if low + 0.03 * span <= t <= high - 0.06 * span
        ]
        pane.foot(places, [short(place) for place in places], fontsize=8.5)
    return pane


def _outline(x: Floats, foot: float, hill: Floats) -> Floats:
    """The corners of a hill that stands on a line; up is towards smaller numbers."""
    return np.column_stack([np.r_[x, x[::-1]], np.r_[foot - hill, np.full(len(x), foot)]])


def _edges(x: Floats, low: float, high: float) -> Floats:
    """Bins for hills: one per value when there are few, or some would hold two values and others none."""
    found = np.unique(x[(x >= low) & (x <= high)]) if len(x) else x
    if 2 <= len(found) <= 24:
        return np.asarray(np.r_[low, (found[:-1] + found[1:]) / 2, high])
    return np.linspace(low, high, 25)


def _hill(x: Floats, edges: Floats) -> Floats:
    """Share of customers per bin, smoothed a little, closed at both ends."""
    counts = np.histogram(np.clip(x, edges[0], edges[-1]), edges)[0] / max(len(x), 1)
    if len(counts) < 24:
        return np.asarray(np.r_[counts[0], counts, counts[-1]])
    smooth = np.convolve(np.r_[counts[0], counts, counts[-1]], [0.25, 0.5, 0.25], "valid")
    return np.asarray(np.r_[smooth[0], smooth, smooth[-1]])


def _share_rows(figure: Figure, box: Box, facts: Facts, column: str) -> Pane:
    """A flag or a word: each segment's share as a bar, everybody's as a line."""
    pane = Pane(figure, *box, x=(0, 1), y=(facts.segmentation.k - 0.35, -1.05))
    traits = [next((t for t in p.traits if t.column == column), None) for p in facts.portraits]
    for i, trait in enumerate(traits):
        if trait is None:
            continue
        share = trait.segment_value
        bar = np.array([(0, i), (share, i), (share, i - 0.5), (0, i - 0.5)])
        pane.shapes([bar], facecolors=style.colour(i + 1), linewidths=0, zorder=2)
        words = percent(share)
        words += (
            f" {style.plain(style.shorten(trait.word, 10))}"
            if trait.kind == "category" and trait.word
            else ""
        )
        inside = share > 0.6
        dark = sum(to_rgb(style.colour(i + 1))) < 1.45
        covers = (
            not inside and 0 <= trait.everybody_value - share < 0.35
        )  # the words would lie on everybody's line
        spot = trait.everybody_value if covers else share
        pane.write(
            spot,
            i - 0.25,
            f" {words} ",
            fontsize=8,
            va="center_baseline",
            ha="right" if inside else "left",
            zorder=4,
            color="white" if inside and dark else style.INK,
        )
        pane.line(
            [trait.everybody_value] * 2,
            [i - 0.55, i + 0.05],
            color=style.SOFT,
            linewidth=1.6,
            zorder=3,
        )
    pane.foot([0], ["0 %"], ha="left", fontsize=8.5)
    pane.foot([1], ["100 %"], ha="right", fontsize=8.5)
    return pane
