"""The result as a page of text."""

from __future__ import annotations

from shoal import Study


def markdown(study: Study) -> str:
    """The answer, the table of segments, and of each what it is and what to do."""
    told = study.answer
    lines = [f"# {study.profile.name}", "", *(f"- {line}" for line in told.lines), ""]
    heads, *rows = told.table
    lines += [_row(heads), _row(["---"] * len(heads)), *map(_row, rows), ""]
    for portrait in study.portraits:
        lines += [f"## {portrait.segment}. {portrait.name}", ""]
        lines += [f"- {line}" for line in portrait.insights]
        lines += [f"- Rule: {portrait.rule.text}"]
        action = portrait.action
        parts = (action.text, action.why, action.at_stake_words, action.test_words)
        lines += [f"- Do: {action.title}. {' '.join(part for part in parts if part)}", ""]
    return "\n".join(lines)


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
