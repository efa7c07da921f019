"""Answers as an assistant gets them: verdict, doubts, refusals, facts; bounded, without persons."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shoal import Model, NameCheck, ShoalError, Study, as_json, without_addresses
from shoal.web.assistants.settings import MOST_LETTERS, MOST_REPORT, Settings

Answer = dict[str, Any]
# Findings that say what nobody should claim or rely on; the others are doubts or notes.
REFUSED = ("no-natural-groups", "segment-not-stable")
DOUBTED = ("segment-with-care", "several-k")


def answer(
    verdict: str, doubts: Iterable[str] = (), refusals: Iterable[str] = (), **facts: Any
) -> Answer:
    """An answer: what was found, how far to believe it, what is not to be said, and the facts."""
    head = {"verdict": verdict, "doubts": list(doubts), "refusals": list(refusals)}
    return head | dict(as_json(facts))


def refusal(error: ShoalError) -> Answer:
    """What is said where nothing can be found: what is wrong, and what would be right."""
    more = {"next": error.hint} if error.hint else {}
    return answer("refused", (), [error.message], refused=True, **more)


def fault(error: Exception) -> Answer:
    """What is said of a fault of shoal's own; never what it says, which may quote the table."""
    words = f"A fault of shoal's own ({type(error).__name__}); nothing was found out."
    return answer("refused", refusals=[words], refused=True)


def doubts_of(findings: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The doubts and the refusals among findings."""
    refused = [f.message for f in findings if f.code in REFUSED]
    doubted = [
        f.message
        for f in findings
        if f.code not in REFUSED and (f.severity != "info" or f.code in DOUBTED)
    ]
    return doubted, refused


def of_study(study: Study) -> tuple[list[str], list[str]]:
    """The doubts and the refusals about a segmentation."""
    told = study.answer
    doubted, refused = doubts_of(study.findings)
    more = (told.basis, told.cuts, told.reruns)
    return [*(each.text for each in more if each.text), *doubted], refused


def of_model(model: Model) -> tuple[list[str], list[str]]:
    """The same about a saved model, by what was noted when it was made."""
    refused = []
    if model.about.get("structure") in ("constructed", "none"):
        refused.append(
            "No groups were found when these segments were made: they are slices. Do not tell "
            "anybody that these groups exist."
        )
    doubted = []
    for row in model.about.get("segments", ()):
        said = f'Segment {row.get("id")}, "{row.get("name")}": {row.get("verdict")}.'
        if row.get("verdict") == "do not rely on it":
            refused.append(said)
        if row.get("verdict") == "use with care":
            doubted.append(said)
    return doubted, refused


def name_facts(check: NameCheck) -> Answer:
    """A proposed name beside the figures."""
    return {
        "segment": check.segment,
        "name": check.name,
        "kept": check.holds,
        "figures": list(check.lines),
        "not_checked": list(check.unchecked),
    }


def name_doubts(check: NameCheck) -> list[str]:
    """What could not be checked of a name that is kept."""
    if not check.holds or not check.unchecked:
        return []
    words = ", ".join(f'"{word}"' for word in check.unchecked)
    return [f'Of "{check.name}" nothing in the table could bear out {words}.']


# --- bounds, and what never leaves ----------------------------------------------------------------


def finished(body: Mapping[str, Any], settings: Settings) -> Answer:
    """An answer as it goes out: texts cut, lists cut to what fits, no addresses of persons, no
    paths of this machine.
    """
    made: Answer = _clean(dict(body), [f"{root}/" for root in settings.roots])
    left: dict[str, int] = {}
    while len(_written(made)) > MOST_LETTERS:
        lists = [key for key, value in made.items() if isinstance(value, list) and len(value) > 1]
        if not lists:
            break
        name = max(lists, key=lambda key: len(_written(made[key])))
        half = len(made[name]) // 2
        left[name] = left.get(name, 0) + len(made[name]) - half
        made[name] = made[name][:half]
    return made | {"left_off": left} if left else made


def _written(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False)


def _clean(value: Any, folders: Sequence[str]) -> Any:
    if isinstance(value, str):
        return _text(value, folders)
    if isinstance(value, Mapping):
        return {_text(str(key), folders): _clean(each, folders) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each, folders) for each in value]
    return value


def _text(text: str, folders: Sequence[str]) -> str:
    for folder in folders:
        text = text.replace(folder, "")
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in without_addresses(text))
    return shown if len(shown) <= MOST_REPORT else f"{shown[: MOST_REPORT - 1]}…"
