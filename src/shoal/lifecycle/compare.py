"""Model + new customers → Comparison: has what formed the segments shifted, and does it matter?

Columns and centres are those of the model; nothing is learned.
"""

from __future__ import annotations

from shoal.analysis.assign import PlaceAccumulator, nearest
from shoal.analysis.features import placeable_part
from shoal.analysis.new_customers import ready_for, with_key
from shoal.analysis.profile.sample import SampleAccumulator
from shoal.engine.progress import Progress, counting
from shoal.engine.table import Table, run
from shoal.errors import InputError
from shoal.lifecycle.baseline import baseline_of
from shoal.lifecycle.drift import Before, judged
from shoal.lifecycle.seen import SeenAccumulator
from shoal.text.options import option
from shoal.types import Comparison, Segmentation


def compared(
    table: Table,
    model: Segmentation,
    old: Table | None = None,
    progress: Progress | None = None,
    *,
    least: int,
) -> Comparison:
    """New customers against those who formed the model, or against older ones where given.

    Figures of fewer than the `least` customers are not told.

    Raises InputError when a needed column is missing or not of its kind, nobody can be placed, or
    the model keeps nothing to compare with.
    """
    before = _kept(model) if old is None else _looked_at(old, model, progress)
    table = ready_for(table, model)
    seen = SeenAccumulator(model, before.baseline)
    counted = counting(progress, "placing", None)
    rows = run(table, seen, columns=seen.columns, progress=counted)
    if seen.customers == 0:
        why = "has no rows" if rows == 0 else "has no value in the columns that form segments"
        raise InputError(f"{table.name} {why}: there is nobody to compare.")
    return judged(table, before, seen, rows, least)


def _kept(model: Segmentation) -> Before:
    """What the model keeps of its own customers."""
    if model.baseline is None:
        raise InputError(
            "This model keeps nothing of the customers who formed it, since an older shoal wrote "
            f"it. Give their table as well, such as {option('old', 'before.csv')}, or segment anew."
        )
    return Before(model.baseline, model.sizes)


def _looked_at(table: Table, model: Segmentation, progress: Progress | None) -> Before:
    """The same of older customers as a model keeps of its own."""
    model, table = with_key(model, table, None), ready_for(table, model)
    key, columns = model.id_column, list(model.recipe.columns)
    sampled = SampleAccumulator([key] if key else columns, repeats=key is None)
    placed = PlaceAccumulator(model, {}, {})
    needed = list(dict.fromkeys([*([key] if key else []), *columns]))
    counted = counting(progress, "reading", None)
    if run(table, sampled, placed, columns=needed, progress=counted) == 0:
        raise InputError(f"{table.name} has no rows: there is nothing to compare with.")
    sample = placeable_part(sampled.sample(), model.recipe, table.name)
    _, distances = nearest(sample.rows, model.recipe, model.centres)
    unlike = int(placed.unlike.sum())
    baseline = baseline_of(sample.rows, model.recipe, distances, unlike)
    return Before(baseline, tuple(placed.sizes.tolist()))
