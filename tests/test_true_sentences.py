"""Every sentence of plays, insights and names, reckoned again with pandas on real tables."""

from __future__ import annotations

import importlib.resources

import pytest

from contradiction_kit import contradictions
from truth_kit import TABLES, check, read, with_playbook


@pytest.mark.parametrize("name", TABLES)
def test_no_sentence_is_false(shared, name):
    world = read(shared, name)
    assert check(world, world.study.portraits) > 5


@pytest.mark.parametrize("name", TABLES)
def test_no_statements_contradict_each_other(shared, name):
    assert contradictions(read(shared, name).study) == []


# A mutant of the playbook, and the tables one of which must catch it.
MUTANTS = [
    ("keep-and-reward", 'value_index = ">= 120"', 'value_index = ">= 20"', "ifood telco"),
    ("win-back", 'value_index = ">= 100"', 'value_index = "< 100"', "orders"),
    ("win-back", 'late = ">= 0.5"', 'late = "< 0.5"', "orders"),
    ("let-go", 'value_share = "<= 0.05"', 'value_share = "<= 0.5"', "orders4"),
    ("remind", 'late = ">= 0.5"', 'late = "<= 1"', "orders"),
    ("win-over", 'means = "high", value', 'means = "low", value', "ifood churners"),
    ("find-out", 'means = "high"', 'means = "low"', "seg365"),
    ("mind-the-budget", 'means = "low"', 'means = "high"', "seg365"),
    ("advise-on-debt", 'debt = "high"', 'debt = "low"', "ibm churners"),
    ("offer-more", 'activity = "high"', 'activity = "low"', "airline"),
    ("ask-what-keeps-them", 'tenure = "high"', 'tenure = "low"', "telco"),
    ("raise-the-basket", 'activity = "high"', 'activity = "low"', "ifood orders"),
    ("plain-offers", "They bring less on average", "They bring as much as others", "ifood"),
    ("small-offers", "They score higher", "They score lower", "mall"),
    ("win-over", "more means than others", "fewer means than others", "mall ifood"),
]


@pytest.mark.parametrize(("play", "right", "wrong", "tables"), MUTANTS)
def test_mutants_of_the_playbook_are_caught(shared, tmp_path, play, right, wrong, tables):
    text = importlib.resources.files("shoal.interpret").joinpath("playbook.toml").read_text("utf-8")
    at = text.index(f'key = "{play}"')
    end = text.index("[[plays]]", at)
    assert right in text[at:end]
    mutant = text[at:end].replace(right, wrong)
    path = tmp_path / "mutant.toml"
    # It comes first, so that it is tried on every segment.
    path.write_text("[[plays]]\n" + mutant + "[[plays]]\n" + text[text.index("key =") :], "utf-8")

    def passes(name: str) -> bool:
        world = read(shared, name)
        try:
            check(world, with_playbook(world, path))
        except AssertionError:
            return False
        return True

    assert not all(passes(name) for name in tables.split())
