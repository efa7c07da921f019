"""How many segments this table supports, with the evidence, or that there are none.

`choose` fits every k, gathers what speaks for and against each (`evidence`), picks one and says why
(`decision`). What was tried before it came to this, and what each rule scored:
docs/decisions/choosing-k.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from shoal.analysis.choose_k.decision import (
    decide,
    follow_gaps,
    in_place_of,
    is_lattice,
    led_by_gap,
    surely_return,
)
from shoal.analysis.choose_k.evidence import Looks, look_at_every
from shoal.analysis.kmeans.search import one_thread, settle
from shoal.engine.worker import Each, in_turn
from shoal.errors import OptionError
from shoal.findings import finding
from shoal.sentences import say
from shoal.text.nouns import many
from shoal.text.options import option
from shoal.types import Choice, Finding, Points

__all__ = ["Looks", "choose", "findings", "in_place_of", "led_by_gap", "surely_return"]


def choose(
    points: Points,
    *,
    k: int | None = None,
    k_max: int = 10,
    min_share: float = 0.0,
    seed: int = 0,
    each: Each = in_turn,
    looks: Looks | None = None,
) -> Choice:
    """Evidence for every k, the pick, and what kind of segments these are.

    Args:
        points: the encoded sample.
        k: asked for by the user; the others are still looked at.
        k_max: most segments to consider; fewer when the table holds fewer distinct customers.
        min_share: no segment may hold a smaller share of customers than this.
        seed: the same seed gives the same choice.
        each: shares the looks at every k out, where there is somebody to share them with.
        looks: at these points, with the same seed and smallest share, which are kept there.

    Returns:
        The choice; its `fits` hold the solution of each k, so that nothing is fitted again.

    Raises:
        OptionError: `k` or `k_max` do not fit this table.
    """
    ks = _range(points, k, k_max)
    # Many small products: threads would wait for each other most of the time.
    with one_thread(len(points.matrix) * max(ks)):
        looks = looks or Looks(points, min_share, seed)
        seen, judged_on = look_at_every(looks, ks, each), looks.judged_on
        if k is None and not is_lattice(points):
            seen = follow_gaps(seen, judged_on, each)
        choice = decide(seen, judged_on, k, each)
        settled = settle(points.matrix, points.weights, seen.fits[choice.k])
    return dataclasses.replace(choice, fits={**seen.fits, choice.k: settled})


def findings(
    choice: Choice, encoded: Sequence[str] = (), bundles: Sequence[Sequence[str]] = ()
) -> tuple[Finding, ...]:
    """What a person should know about the choice before using it.

    `encoded` names the basis column of each encoded feature; `bundles` are basis columns that go
    together closely.
    """
    found = []
    if not choice.structure:
        alone = tuple(dict.fromkeys(encoded[column] for column in choice.alone if encoded))
        columns = len(set(encoded))
        hint = say("hidden-groups", bundles=tuple(bundles), columns=columns, alone=alone)
        found.append(finding("no-natural-groups", why=choice.why, hint=hint))
    if len(choice.defensible) > 1 and choice.structure:
        others = tuple(k for k in choice.defensible if k != choice.k)
        found.append(finding("several-k", k=choice.k, others=others))
    if _at_the_edge(choice):
        found.append(finding("k-at-the-edge", k=choice.k))
    return tuple(found)


def _at_the_edge(choice: Choice) -> bool:
    most = max(evidence.k for evidence in choice.evidence)
    return bool(choice.structure) and not choice.asked and 2 < choice.k == most


def _range(points: Points, k: int | None, k_max: int) -> list[int]:
    """The numbers of segments to look at."""
    most = len(points.matrix)
    if most < 2:
        raise OptionError(
            f"All {len(points.of_row)} {many()} are alike in these columns: there is nothing to "
            "segment. "
            f"Segments need columns in which {many()} differ: name them with {option('by')}."
        )
    if k is not None and not 2 <= k <= most:
        raise OptionError(
            f"k = {k} does not fit a table with {most} distinct {many()}. Give {option('k')} "
            f"from 2 to {most}."
        )
    if k_max < 2:
        raise OptionError(f"{option('k_max', k_max)}: at least 2 segments must be allowed.")
    # Everybody alone is no segmentation, unless it is asked for.
    last = max(2, min(k_max, most - 1))
    return sorted({*range(2, last + 1), *([k] if k else [])})
