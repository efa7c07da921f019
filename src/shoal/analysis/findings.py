"""All that a person should know of a table and of its segments."""

from __future__ import annotations

from shoal.analysis.assign import NO_VALUES
from shoal.analysis.profile.findings import bundles
from shoal.findings import finding, unmuted
from shoal.options import Options
from shoal.types import Choice, Finding, Profile, Recipe, Trust


def all_findings(
    profile: Profile, recipe: Recipe, choice: Choice, trust: Trust, aside: int, options: Options
) -> tuple[Finding, ...]:
    """What a person should know of the table and of the result, in the order of the steps."""
    from shoal.analysis.choose_k import findings as about_choice
    from shoal.analysis.stability import findings as about_trust

    found = list(profile.findings)
    if len(profile.basis) == 1:
        found.append(finding("one-column", profile.basis[0]))
    if aside:
        found.append(
            finding("set-aside", aside=aside, rows=profile.rows, why=NO_VALUES, new_customers=False)
        )
    muted = {*options.mute, *(["looks-like-orders"] if options.one_row_a_customer else [])}
    with_choice = about_choice(choice, recipe.encoded, bundles(profile))
    return unmuted((*found, *with_choice, *about_trust(trust)), muted)
