"""Why this number of segments: the evidence for every k, and how segments split as k grows."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from shoal.output.figures import look, style
from shoal.output.figures.pane import Pane, round_numbers
from shoal.text.numbers import short
from shoal.types import Evidence, Facts, Floats, KFlow

# what is plotted, its title, the published cut line where there is one
_PANELS: tuple[tuple[str, str, float | None], ...] = (
    ("silhouette", "Silhouette", None),
    ("separation", "Dip between neighbours", None),
    ("prediction_strength", "Prediction strength", 0.8),
    ("worst_jaccard", "Least stable segment (Jaccard)", 0.75),
    ("stability", "Agreement of resamples (ARI)", None),
    ("inertia", "Inertia", None),
    ("reference_gap", "Against no structure (s.e.)", None),
    ("smallest_share", "Smallest segment", None),
)
PICK, SECOND, OTHER = "#0072b2", "#e69f00", "#8a949d"


def choice(facts: Facts) -> Figure:
    """The evidence for every k in small panels: pick, runner-up and defensible range marked, k = 1 as the reference."""
    chosen = facts.choice
    shown = [p for p in _PANELS if sum(getattr(e, p[0]) is not None for e in chosen.evidence) > 1][
        :6
    ]
    across = 3
    rows = max(-(-len(shown) // across), 1)
    height = 1.2 + 1.75 * rows
    figure = style.canvas(8, height)
    for at, (name, title, cut) in enumerate(shown):
        row, column = divmod(at, across)
        left, top = 0.5 + column * 2.52, height - 0.95 - row * 1.75
        pane = _evidence(
            figure,
            (left, top - 1.2, left + 2.18, top),
            facts,
            operator.attrgetter(name),
            cut,
        )
        pane.title(title, fontsize=9)
        lowest = at + across >= len(shown)  # of its column: one scale serves them all
        told = _told(facts) if lowest else []
        pane.foot(told, [str(k) for k in told], fontsize=8)
    picked = f"k = {chosen.k} was asked for" if chosen.asked else f"k = {chosen.k} was picked"
    _legend(figure, facts)
    defend = (
        f"; defensible: {', '.join(str(k) for k in chosen.defensible)}"
        if len(chosen.defensible) > 1
        else ""
    )
    note = f"Found on {'all' if facts.sample.whole else 'a sample of'} {chosen.sample_size:,} customers. Across: the number of segments k."
    style.heading(
        figure,
        f"How many segments? {picked}{defend}",
        f"{note} Dashed: the published cut-off (prediction strength .8, Jaccard .75).",
    )
    return figure


def _evidence(
    figure: Figure,
    box: tuple[float, float, float, float],
    facts: Facts,
    read: Callable[[Evidence], float | None],
    cut: float | None,
) -> Pane:
    chosen = facts.choice
    seen = [(e.k, float(value)) for e in chosen.evidence if (value := read(e)) is not None]
    ks, values = [k for k, _ in seen], [value for _, value in seen]
    every = [e.k for e in chosen.evidence]
    span = (max(values) - min(values)) or abs(max(values)) or 1.0
    low, high = min(values) - 0.12 * span, max(values) + 0.16 * span
    pane = Pane(figure, *box, x=(min(every) - 0.6, max(every) + 0.6), y=(low, high))
    for k in chosen.defensible if len(chosen.defensible) > 1 else ():
        pane.span(k - 0.5, k + 0.5, facecolors="#e9f0f6", antialiaseds=False, zorder=0)
    if cut is not None and low <= cut <= high:
        pane.line(pane.x, (cut, cut), color=OTHER, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    pane.line(ks, values, color="#aab3bb", linewidth=1.3, zorder=2)
    _dots(
        pane,
        [(k, v) for k, v in seen if k not in (1, chosen.k, chosen.runner_up)],
        OTHER,
        OTHER,
        4.5,
    )
    _dots(pane, [(k, v) for k, v in seen if k == 1], OTHER, "white", 4.5)
    _dots(pane, [(k, v) for k, v in seen if k == chosen.runner_up], SECOND, SECOND, 7.5)
    _dots(pane, [(k, v) for k, v in seen if k == chosen.k], PICK, PICK, 7.5)
    round_values = round_numbers(low, high, 4)
    pane.side(round_values, [short(value) for value in round_values], fontsize=8)
    return pane


def _told(facts: Facts) -> list[int]:
    """The k that stand below the panels: a dozen at most, the pick among them."""
    every, pick = [e.k for e in facts.choice.evidence], facts.choice.k
    step = -(-len(every) // 12)
    return sorted({*every[::step], pick} - ({pick - 1, pick + 1} if step > 1 else set()))


def _dots(pane: Pane, seen: list[tuple[int, float]], shade: str, face: str, size: float) -> None:
    if seen:
        pane.line(
            *zip(*seen, strict=True),
            color=shade,
            markerfacecolor=face,
            linestyle="",
            marker="o",
            markersize=size,
            zorder=3,
        )


def _legend(figure: Figure, facts: Facts) -> None:
    width, height = figure.get_size_inches()
    left = 0.14
    parts = [(PICK, "●", f"pick {facts.choice.k}")]
    if facts.choice.runner_up is not None:
        parts.append((SECOND, "●", f"runner-up {facts.choice.runner_up}"))
    if any(e.k == 1 for e in facts.choice.evidence):
        parts.append((OTHER, "○", "k = 1: nobody is grouped"))
    if len(facts.choice.defensible) > 1:
        parts.append(("#c9d6e2", "■", "defensible"))
    for shade, mark, words in parts:
        figure.text(left / width, 1 - 0.5 / height, mark, color=shade, fontsize=10, va="center")
        figure.text(
            (left + 0.15) / width,
            1 - 0.5 / height,
            words,
            color=style.SOFT,
            fontsize=8.5,
            va="center",
        )
        left += 0.45 + 0.068 * len(words)


def flow(facts: Facts) -> Figure:
    """Where customers go as k grows: bars are the segments of each k, bands the customers they share.

    Colours are those of the chosen segments: every band has the colour of the segment most of its customers end in.
    """
    flows = _chain(facts)
    figure = style.canvas(8, 4.6)
    title = f"How the {facts.segmentation.k} segments come about as k grows"
    if not flows:
        figure.text(0.5, 0.5, "Only one k was tried.", ha="center", color=style.SOFT)
        style.heading(figure, title)
        return figure
    ks = [flows[0].k_from, *(f.k_to for f in flows)]
    owners = _owners(facts, flows, ks)
    tops = _stack(flows, ks, owners)
    total = sum(sum(row) for row in flows[0].counts)
    gap = total * 0.02
    pane = Pane(
        figure,
        0.3,
        0.75,
        5.95,
        3.95,
        x=(-0.15, len(ks) - 0.9),
        y=(-total - gap * (max(ks) + 1), gap * 5),
    )
    _bands(pane, flows, tops, owners)
    bars = [
        (at, top, size, _shade(owners[k], i))
        for at, k in enumerate(ks)
        for i, (top, size) in enumerate(tops[k])
    ]
    corners = [
        np.array(
            [(at - 0.065, y) for y in (top, top - size)]
            + [(at + 0.065, y) for y in (top - size, top)]
        )
        for at, top, size, _ in bars
    ]
    pane.shapes(corners, facecolors=[shade for *_, shade in bars], linewidths=0, zorder=3)
    for at, k in enumerate(ks):
        pane.write(
            at,
            gap * 1.5,
            f"k = {k}",
            ha="center",
            va="bottom",
            fontsize=9,
            color=style.INK,
            fontweight="bold" if k == facts.segmentation.k else "normal",
        )
    _end_names(pane, facts, tops, owners, ks)
    note = f"{look.stated(facts)} A band that stays whole is a group that every k finds; crossing bands are customers dealt out anew."
    style.heading(figure, title, note)
    return figure


def _chain(facts: Facts) -> list[KFlow]:
    """The flows around the chosen k: at most six steps, each beginning where the last ended."""
    k = facts.segmentation.k
    flows = sorted((f for f in facts.trust.flows if 2 <= f.k_from < f.k_to), key=lambda f: f.k_from)
    near = [f for f in flows if k - 4 <= f.k_from and f.k_to <= k + 2]
    return near[-6:]


def _owners(facts: Facts, flows: list[KFlow], ks: list[int]) -> dict[int, Floats]:
    """For each k, how each of its groups is made up of the chosen segments: (groups, chosen), chained through the flows."""
    home = (
        facts.segmentation.k if facts.segmentation.k in ks else ks[-1]
    )  # the chosen k's groups are in id order
    owners: dict[int, Floats] = {home: np.eye(home)}
    for f in reversed([f for f in flows if f.k_to <= home]):
        owners[f.k_from] = _share(np.array(f.counts, dtype=float)) @ owners[f.k_to]
    for f in (f for f in flows if f.k_from >= home):
        owners[f.k_to] = _share(np.array(f.counts, dtype=float).T) @ owners[f.k_from]
    return owners


def _share(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(1, keepdims=True), 1e-12))


def _shade(owners: Floats, group: int) -> str:
    """The chosen segment's colour when most of a group is in it, paler the more mixed it is."""
    own = owners[group]
    return style.tint(style.colour(int(own.argmax()) + 1), 0.35 + 0.65 * float(own.max()))


def _stack(
    flows: list[KFlow], ks: list[int], owners: dict[int, Floats]
) -> dict[int, list[tuple[float, float]]]:
    """Top edge and size of each group's bar; groups are ordered so that bands cross little."""
    sizes = {f.k_from: np.array(f.counts).sum(1) for f in flows} | {
        flows[-1].k_to: np.array(flows[-1].counts).sum(0)
    }
    rank = _order(flows)
    tops: dict[int, list[tuple[float, float]]] = {}
    gap = float(sizes[ks[0]].sum()) * 0.02
    for k in ks:
        edge, made = 0.0, [(0.0, 0.0)] * len(sizes[k])
        for group in np.argsort(rank[k], kind="stable"):
            made[group] = (edge, float(sizes[k][group]))
            edge -= float(sizes[k][group]) + gap * max(ks) / max(len(sizes[k]), 1)
        tops[k] = made
    return tops


def _order(flows: list[KFlow]) -> dict[int, Floats]:
    """A rank per group: the mean rank of its neighbours, swept forth and back (barycentre method)."""
    rank = {flows[0].k_from: np.arange(len(flows[0].counts), dtype=float)}
    for sweep in range(6):
        for f in flows if sweep % 2 == 0 else reversed(flows):
            counts = np.array(f.counts, dtype=float)
            seen, made, matrix = (
                (f.k_from, f.k_to, counts.T) if sweep % 2 == 0 else (f.k_to, f.k_from, counts)
            )
            centre = _share(matrix) @ rank[seen]
            rank[made] = np.argsort(np.argsort(centre, kind="stable"), kind="stable") / max(
                len(centre) - 1, 1
            )
        if sweep == 0:
            rank[flows[0].k_from] = rank[flows[0].k_from] / max(len(flows[0].counts) - 1, 1)
    return rank


def _bands(
    pane: Pane,
    flows: list[KFlow],
    tops: dict[int, list[tuple[float, float]]],
    owners: dict[int, Floats],
) -> None:
    bend = np.linspace(0, 1, 24)
    ease = bend * bend * (3 - 2 * bend)
    shapes, shades = [], []
    for at, f in enumerate(flows):
        counts = np.array(f.counts, dtype=float)
        leave = [top for top, _ in tops[f.k_from]]
        arrive = [top for top, _ in tops[f.k_to]]
        by_left = sorted(
            np.argwhere(counts > 0).tolist(),
            key=lambda ij: (-tops[f.k_from][ij[0]][0], -tops[f.k_to][ij[1]][0]),
        )
        right = {}
        for i, j in sorted(
            by_left, key=lambda ij: (-tops[f.k_to][ij[1]][0], -tops[f.k_from][ij[0]][0])
        ):
            right[i, j] = arrive[j]
            arrive[j] -= counts[i, j]
        for i, j in by_left:
            upper = leave[i] + (right[i, j] - leave[i]) * ease
            leave[i] -= counts[i, j]
            x = at + 0.065 + 0.87 * bend
            shapes.append(
                np.column_stack([np.r_[x, x[::-1]], np.r_[upper, (upper - counts[i, j])[::-1]]])
            )
            shades.append(
                _shade(owners[f.k_to], j)
                if len(f.counts) < len(owners[f.k_to])
                else _shade(owners[f.k_from], i)
            )
    pane.shapes(shapes, facecolors=shades, alpha=0.42, linewidths=0, zorder=1)


def _end_names(
    pane: Pane,
    facts: Facts,
    tops: dict[int, list[tuple[float, float]]],
    owners: dict[int, Floats],
    ks: list[int],
) -> None:
    """The chosen segments' names at the right-hand side, parted so that none lies over another."""
    names, last = look.names(facts), ks[-1]
    wanted = []
    for segment, name in enumerate(names):
        weight = [owners[last][group, segment] * size for group, (_, size) in enumerate(tops[last])]
        group = int(np.argmax(weight))
        wanted.append((tops[last][group][0] - tops[last][group][1] / 2, segment, name))
    wanted.sort(key=lambda each: -each[0])
    total = sum(size for _, size in tops[last])
    step = total * 1.15 / max(len(wanted), 11) * 1.0
    places = [each[0] for each in wanted]
    for i in range(1, len(places)):
        places[i] = min(places[i], places[i - 1] - step)
    low = -total * 1.25
    for i in reversed(range(len(places))):
        places[i] = max(places[i], low + step * (len(places) - 1 - i))
    for place, (_, segment, name) in zip(places, wanted, strict=True):
        pane.write(
            len(ks) - 0.85,
            place,
            style.wrap(name, 30, 2 if len(names) < 9 else 1),
            fontsize=8.5,
            va="center",
            color=style.INK,
            linespacing=1.0,
        )
        pane.line(
            [len(ks) - 0.9],
            [place],
            marker="s",
            linestyle="",
            color=style.colour(segment + 1),
            markersize=5,
        )
