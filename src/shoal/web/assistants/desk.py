"""What the tools do: each takes plain arguments and gives an answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import shoal
from shoal import InputError, Model, OptionError, Study
from shoal.web.assistants import answers, places
from shoal.web.assistants.answers import Answer, answer
from shoal.web.assistants.columns import column_facts, listed, not_told
from shoal.web.assistants.reports import markdown
from shoal.web.assistants.settings import MOST_RECORDS, MOST_STUDIES, SEGMENTS, Settings

Progress = Callable[[str, int, int | None], None]
Keep = Literal["all", "id"]
MOST_TRAITS = 12


@dataclass
class Desk:
    """The studies of one conversation, and what may be asked about them."""

    settings: Settings
    studies: OrderedDict[str, Study] = field(default_factory=OrderedDict)
    made: int = 0

    # --- tables

    def tables(self) -> Answer:
        """The tables under the folders."""
        first, every = places.tables(self.settings)
        said = f"{every:,} tables may be read." if every else "No table is in these folders."
        writes = "" if self.settings.out is None else " Files may be written as well."
        return answer(said + writes, tables=first, of=every)

    def inspect(
        self,
        table: str,
        only: Sequence[str],
        options: Mapping[str, Any],
        progress: Progress,
        database_table: str | None = None,
    ) -> Answer:
        """What a table holds."""
        opened = self._opened(table, database_table, options, progress)
        profile = opened.inspect(**_given(options, INSPECTED), **self._limits, progress=progress)
        unknown = [name for name in only if name not in opened.columns]
        if unknown:
            raise OptionError(f"only: {shoal.did_you_mean(unknown[0], opened.columns)}")
        doubts, refusals = answers.doubts_of(profile.findings)
        formed = listed(profile.basis) or "no column"
        verdict = f"{profile.rows:,} {profile.noun.many}, {len(profile.columns)} columns: "
        return answer(
            f"{verdict}{formed} would form segments.",
            doubts,
            [*refusals, *not_told(profile)],
            table=opened.name,
            rows=profile.rows,
            id=profile.id,
            value=profile.value,
            outcome=profile.outcome,
            analysis_date=profile.analysis_date or None,
            columns=[column_facts(c) for c in profile.columns if not only or c.name in only],
            notes=[f.message for f in profile.findings if f.severity == "info"],
        )

    def segment(
        self,
        table: str,
        names: Mapping[str, str],
        options: Mapping[str, Any],
        progress: Progress,
        database_table: str | None = None,
    ) -> Answer:
        """Find segments; names that the figures do not bear out are refused."""
        k = options.get("k")
        if k is not None and not 1 <= k <= SEGMENTS:
            raise OptionError(f"k={k} must lie from 1 to {SEGMENTS}.")
        opened = self._opened(table, database_table, options, progress)
        asked = _given(options, SEGMENTED)
        study = opened.segment(**asked, **self._limits, progress=progress)
        study, told = _with_names(study, names)
        return self._told(self._keep(study), study, told)

    def rename(self, study: str, segment: int, name: str) -> Answer:
        """Keep a name for a segment, if its figures bear it out."""
        known = self._study(study)
        check = known.check_name(segment, _no_person(name))
        if not check.holds:
            doubts, refusals = answers.of_study(known)
            said = f'"{check.name}" was not kept for segment {segment}: its figures say otherwise.'
            return answer(
                said,
                doubts,
                [*check.lines_against, *refusals],
                refused=True,
                name=answers.name_facts(check),
                called=known.portraits[known.model.ids.index(segment)].name,
            )
        self.studies[study] = known.renamed({segment: check.name})
        doubts, refusals = answers.of_study(known)
        return answer(
            f'Segment {segment} is called "{check.name}" now.',
            [*answers.name_doubts(check), *doubts],
            refusals,
            study=study,
            name=answers.name_facts(check),
        )

    # --- segments

    def explain(self, study: str, segment: int | None, customer: str | None) -> Answer:
        """Why a segment is what it is, or why a customer is in theirs."""
        known = self._study(study)
        if (segment is None) == (customer is None):
            raise OptionError('Give either segment=2 or customer="C-1042".')
        if customer is not None:
            return self._of_customer(known, customer)
        assert segment is not None
        if segment not in known.model.ids:
            numbers = ", ".join(map(str, known.model.ids))
            raise OptionError(f"There is no segment {segment}. The numbers are: {numbers}.")
        return _of_segment(known, segment)

    def _of_customer(self, known: Study, customer: str) -> Answer:
        try:
            why = known.explain(customer)
        except InputError:  # whose message repeats the id, which may be a name
            raise InputError(
                f"{known.profile.name} holds no {known.profile.noun.one} of this id who is in a "
                "segment. Give an id as the table has it; the row, from 1, where there are none."
            ) from None
        doubts, refusals = answers.of_study(known)
        if why.unlike_anyone:
            doubts.insert(0, "This customer is unlike anyone: no segment describes them well.")
        one = known.profile.noun.one
        said = f'The {one} is in segment {why.segment}, "{why.name}"'
        margin = f"; margin {why.margin:.2f} (0 on the border, 1 at the centre)"
        return answer(
            f"{said}{margin if why.runner_up else ''}.",
            doubts,
            refusals,
            segment=why.segment,
            name=why.name,
            runner_up=why.runner_up,
            runner_up_name=why.runner_up_name,
            margin=why.margin,
            unlike_anyone=why.unlike_anyone,
            pulls=[pull.text for pull in why.pulls],
        )

    def assign(
        self,
        study: str | None,
        model: str | None,
        table: str | None,
        customers: Sequence[Mapping[str, Any]],
        file: str | None,
        progress: Progress,
        database_table: str | None = None,
    ) -> Answer:
        """Place customers: of a table they are counted, those sent with the question told one by
        one.
        """
        placer = self._placer(study, model)
        if (table is None) == (not customers):
            raise OptionError('Give either table="new.csv" or customers=[{…}, …].')
        if table is None:
            return _of_records(placer, customers)
        source = places.source(table, database_table, self.settings)
        return self._of_table(placer, source, file, progress)

    def _of_table(
        self, placer: Model, source: tuple[str, str], file: str | None, progress: Progress
    ) -> Answer:
        goal = None
        if file is not None:
            goal = places.goal(file, (".csv", ".parquet"), self.settings)
        placed = self._placed(placer, source, goal, progress)
        said = (
            f"{placed['rows_labelled']:,} of {placed['rows_read']:,} {placed['noun']} were placed"
        )
        doubts, refusals = answers.of_model(placer)
        doubts += [f["message"] for f in placed["findings"] if f["severity"] != "info"]
        unlike = placed["unlike_anyone"]
        if unlike:
            doubts.append(
                f"{unlike:,} are unlike anyone that the segments were formed of; "
                f"{placed['expected_unlike']:,.0f} were to be expected."
            )
        told = {key: value for key, value in placed.items() if key not in ("findings", "out")}
        if goal is not None:
            told["file"] = goal.name
        return answer(f"{said}.", doubts, refusals, **told)

    def _placed(
        self, placer: Model, source: tuple[str, str], goal: Path | None, progress: Progress
    ) -> dict[str, Any]:
        """What is told of placed customers, whose labels go where they were asked for."""
        address, name = source
        keep: Keep = "id" if goal is None else "all"
        with places.told_apart(name), TemporaryDirectory() as folder:
            saved = placer.save(Path(folder) / "model.json")
            out = goal or Path(folder) / "labels.parquet"
            return shoal.assign(
                saved, address, out=out, keep=keep, **self._limits, progress=progress
            )

    def report(self, study: str, file: str | None) -> Answer:
        """The result as a page of text; the report with its pictures goes into a file."""
        known = self._study(study)
        doubts, refusals = answers.of_study(known)
        told: Answer = {"report": markdown(known)}
        if file is not None:
            told["file"] = known.report(places.goal(file, (".html",), self.settings)).name
        return answer(known.answer.found.text, doubts, refusals, **told)

    # --- what is kept

    def _opened(
        self,
        table: str,
        database_table: str | None,
        options: Mapping[str, Any],
        progress: Progress,
    ) -> shoal.Opened:
        source, name = places.source(table, database_table, self.settings)
        reading = _given(options, READING)
        with places.told_apart(name):
            return shoal.open(source, name=name, **reading, **self._limits, progress=progress)

    @property
    def _limits(self) -> dict[str, Any]:
        given = {"memory": self.settings.memory, "threads": self.settings.threads}
        return {name: value for name, value in given.items() if value is not None}

    def _keep(self, study: Study) -> str:
        self.made += 1
        key = f"study-{self.made}"
        self.studies[key] = study
        while len(self.studies) > MOST_STUDIES:
            self.studies.popitem(last=False)
        return key

    def _study(self, key: str) -> Study:
        if key not in self.studies:
            known = ", ".join(self.studies) or "none yet: call `segment` first"
            raise OptionError(f'There is no study "{key}". Known: {known}.')
        return self.studies[key]

    def _placer(self, study: str | None, model: str | None) -> Model:
        if (study is None) == (model is None):
            raise OptionError('Give either study="study-1" or model="results/model.json".')
        if study is not None:
            return self._study(study).model
        assert model is not None
        return shoal.load(places.found(model, self.settings))

    def _told(self, key: str, study: Study, names: list[shoal.NameCheck]) -> Answer:
        doubts, refusals = answers.of_study(study)
        for check in names:
            doubts += answers.name_doubts(check)
            refusals += check.lines_against
        told = study.answer
        return answer(
            told.found.text,
            doubts,
            refusals,
            study=key,
            table=study.profile.name,
            k=study.k,
            structure=study.choice.structure.value,
            why_k=study.choice.reason,
            value=told.value.text or None,
            first=[each.text for each in told.first],
            segments=[_in_short(study, number) for number in study.model.ids],
            names=[answers.name_facts(check) for check in names],
            set_aside=study.facts.rows_set_aside,
        )


# What the tools take, as `shoal.open`, `.inspect` and `.segment` call it.
READING = ("sheet", "sep", "decimal", "id")
INSPECTED = ("columns", "date", "outcome")
SEGMENTED = (
    *("k", "by", "ignore", "describe", "value", "outcome", "date", "columns", "orders"),
    *("one_row_a_customer", "currency"),
)


def _given(options: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The options of these names that were given at all."""
    given = {name: options[name] for name in names if name in options}
    return {name: value for name, value in given.items() if value not in (None, [], {}, False)}


def _no_person(name: str) -> str:
    """A name as it may be kept. Raises OptionError where it tells how to reach somebody."""
    if shoal.without_addresses(name) != name:
        raise OptionError("A name of a segment may hold no e-mail address and no telephone number.")
    return name


def _with_names(study: Study, names: Mapping[str, str]) -> tuple[Study, list[shoal.NameCheck]]:
    """The study with those names that its figures bear out, and all of them beside the figures."""
    numbers = {_number(key): _no_person(name) for key, name in names.items()}
    checks = [study.check_name(number, name) for number, name in numbers.items()]
    kept = {check.segment: check.name for check in checks if check.holds}
    return (study.renamed(kept) if kept else study), checks


def _number(key: str) -> int:
    if not key.strip().isdecimal():
        raise OptionError('names must be told by the numbers of segments, such as {"2": "…"}.')
    return int(key)


def _in_short(study: Study, number: int) -> Answer:
    place = study.model.ids.index(number)
    portrait, sure = study.portraits[place], study.reliability.segments
    trust = sure[place] if sure else None
    return {
        "id": number,
        "name": portrait.name,
        "who": portrait.who.text,
        "size": portrait.size,
        "share": portrait.share,
        "value_share": portrait.value_share,
        "value_index": portrait.value_index,
        "verdict": trust.verdict if trust else "not examined",
        "found_again": trust.found_again if trust else None,
        "near_border": trust.near_border if trust else None,
        "action": portrait.action.title,
        "rule": portrait.rule.text,
    }


def _of_segment(study: Study, number: int) -> Answer:
    place = study.model.ids.index(number)
    portrait, examined = study.portraits[place], study.trust.segments
    doubts, refusals = answers.of_study(study)
    verdict = examined[place].verdict if examined else "not examined"
    if verdict == "use with care":
        doubts.insert(0, examined[place].reason)
    if verdict == "do not rely on it":
        refusals.insert(0, examined[place].reason)
    action = portrait.action
    return answer(
        f'Segment {number}, "{portrait.name}": {verdict}.',
        doubts,
        refusals,
        segment=_in_short(study, number),
        name_evidence=list(portrait.name_evidence),
        insights=list(portrait.insights),
        differences=[trait.sentence for trait in portrait.traits[:MOST_TRAITS]],
        outcomes=[
            {"column": o.column, "event": o.event, "rate": o.rate, "low": o.low, "high": o.high}
            | {"everybody": o.everybody, "beyond_chance": o.beyond_chance}
            for o in portrait.outcomes
        ],
        action={
            "title": action.title,
            "what": action.text,
            "why": action.why,
            "at_stake": action.at_stake_words,
            "test": action.test_words,
        },
    )


def _of_records(placer: Model, customers: Sequence[Mapping[str, Any]]) -> Answer:
    """Customers that were sent with the question, in their order; who they are is not repeated."""
    if len(customers) > MOST_RECORDS:
        raise OptionError(
            f"{len(customers):,} customers are too many for one question; {MOST_RECORDS:,} are "
            "the most. Give them as table=."
        )
    rows = placer.place(customers)
    keep = ("segment", "name", "runner_up", "margin", "unlike_anyone")
    told = [{name: row[name] for name in keep} for row in rows]
    placed = sum(bool(row["segment"]) for row in rows)
    doubts, refusals = answers.of_model(placer)
    doubts += [f.message for f in rows.findings if f.severity != "info"]
    said = f"{placed:,} of {len(told):,} customers were placed."
    return answer(said, doubts, refusals, customers=told)
