"""The playbook: which play fits which facts, in which words, and what a broken one says."""

from __future__ import annotations

import importlib.resources
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from interpret_kit import world
from shoal.errors import OptionError
from shoal.interpret import interpret
from shoal.interpret.playbook import Assumptions, Bounds, load
from shoal.text.options import speaking_shell

N = 40  # customers of each of two segments
BUILT_IN = tomllib.loads(
    importlib.resources.files("shoal.interpret").joinpath("playbook.toml").read_text("utf-8")
)


def fact(meaning, direction="good", aspect="", unit="", **more):
    return {
        "meaning": meaning,
        "direction": direction,
        "aspect": aspect,
        "unit": unit,
        "confidence": "sure",
    } | more


def spread(first, second, by=1.0):
    """Cells of both segments, around these."""
    wave = [by * (i % 5 - 2) for i in range(N)]
    return [first + w for w in wave] + [second + w for w in wave]


def told(columns, facts, basis=None, value=None, outcome=None, playbook=None):
    """The profiles of two segments, the columns of which mean this."""
    rows = pa.table(columns)
    return interpret(
        **world(
            rows,
            basis or [n for n in columns if n not in (outcome,)],
            2,
            labels=[0] * N + [1] * N,
            facts=facts,
            value=value,
            outcome=outcome,
        ),
        playbook=load(playbook),
    )


MONEY = fact("money_in", aspect="total")
LATER = {  # recency and own days between orders of the second segment, who are late
    "recency": spread(10, 200),
    "between": spread(20, 30),
}
RHYTHM = {
    "recency": fact("recency", "bad", unit="days"),
    "between": fact("other", "none", "time between", unit="days"),
}


@pytest.mark.parametrize(
    ("columns", "facts", "low", "high"),
    [
        # Money counts by its absolute index and share, not by a level alone.
        ({"spend": spread(10, 90)}, {"spend": MONEY}, "Wake up", "Keep and reward"),
        ({"spend": spread(99.8, 100.2)}, {"spend": MONEY}, "Keep in touch", "Keep in touch"),
        # Late is beyond twice one's own days between orders; without those it is never said.
        (
            LATER | {"spend": spread(10, 90)},
            RHYTHM | {"spend": MONEY},
            "Suggest the next purchase",  # who was seen lately is not asleep
            "Win back",
        ),
        (
            LATER | {"spend": spread(90, 2, 0.1)},
            RHYTHM | {"spend": MONEY},
            "Keep and reward",
            "Call once, then let go",
        ),
        (  # but not above 5 % of value
            LATER | {"spend": spread(90, 10)},
            RHYTHM | {"spend": MONEY},
            "Keep and reward",
            "Remind",
        ),
        (
            {"recency": spread(10, 200), "spend": spread(90, 2, 0.1)},
            {"recency": RHYTHM["recency"], "spend": MONEY},
            "Keep and reward",
            "Invite back",
        ),
        # A long tenure is never "not seen for long", a short one never "new" beyond 90 days.
        (
            {"tenure": spread(300, 900)},
            {"tenure": fact("tenure", unit="days")},
            "Ask what would keep them",
            "Ask what keeps them",
        ),
        (
            {"tenure": spread(30, 900)},
            {"tenure": fact("tenure", unit="days")},
            "Welcome",
            "Ask what keeps them",
        ),
        # Where everybody came within 90 days, as in a table of one month, that tells nobody apart.
        (
            {"tenure": spread(5, 60)},
            {"tenure": fact("tenure", unit="days")},
            "Ask what would keep them",
            "Ask what keeps them",
        ),
        (
            {"tenure": spread(30, 900)},
            {"tenure": fact("tenure", unit="months")},
            "Ask what would keep them",
            "Ask what keeps them",
        ),
        (
            {"tenure": spread(30, 900)},
            {"tenure": fact("tenure")},
            "Ask what would keep them",
            "Ask what keeps them",
        ),
        # A helpdesk's callers are never thanked; costs and debts are never praised.
        (
            {"calls": spread(3, 9)},
            {"calls": fact("trouble", "bad")},
            "Ask for a reference",
            "Make it right",
        ),
        (
            {"claims": spread(3, 9)},
            {"claims": fact("money_out", "bad")},
            "A small reward",
            "Look at what they cost",
        ),
        (
            {"debt": spread(3, 9)},
            {"debt": fact("debt", "bad")},
            "Offer with less risk",
            "Look at what they owe",
        ),
        ({"minutes": spread(30, 90)}, {"minutes": fact("activity")}, "Wake up", "Offer more"),
        (
            {"income": spread(10, 90), "score": spread(80, 20)},
            {"income": fact("means"), "score": fact("opinion")},
            "Keep with small offers",
            "Win over",
        ),
        (
            {"income": spread(10, 90), "score": spread(20, 80)},
            {"income": fact("means"), "score": fact("opinion")},
            "Plain offers",
            "Look after them",
        ),
        (
            {"score": spread(1, 5, 0.1)},
            {"score": fact("opinion")},
            "Ask what they miss",
            "Ask to recommend",
        ),
        (
            {"score": spread(1, 5, 0.1)},
            {"score": fact("opinion", "bad")},
            "Ask to recommend",
            "Ask what they miss",
        ),
        (
            {"score": spread(1, 5, 0.1)},
            {"score": fact("opinion", "unknown")},
            "Speak to what sets them apart",
            "Speak to what sets them apart",
        ),
        (
            {"visits": spread(3, 9), "spend": spread(30, 20)},
            {"visits": fact("activity"), "spend": MONEY},
            "Keep and reward",
            "Raise the basket",
        ),
        (
            {"milk": spread(30, 60), "meat": spread(60, 30), "all": spread(90, 90.5)},
            {
                "milk": fact("money_in", part_of="all"),
                "meat": fact("money_in", part_of="all"),
                "all": MONEY,
            },
            "Fill the basket",
            "Fill the basket",
        ),
    ],
)
def test_the_first_play_that_fits(columns, facts, low, high):
    value = next((n for n, f in facts.items() if f is MONEY), None)
    found = told(columns, facts, value=value)
    assert tuple(p.action.title for p in found) == (low, high)


@pytest.mark.parametrize(
    ("direction", "low", "high"),
    [
        ("bad", "Save them", "Speak to what sets them apart"),
        ("good", "Ask them first", "Speak to what sets them apart"),
        ("unknown", "Speak to what sets them apart", "Speak to what sets them apart"),
    ],
)
def test_outcomes_lead_to_plays(direction, low, high):
    left = [i % 2 == 0 for i in range(N)] + [i % 20 == 0 for i in range(N)]
    columns = {"plan": spread(1, 9), "left": left}
    facts = {
        "plan": fact("quantity"),
        "left": fact("outcome", direction, "now", event="True"),
    }
    found = told(columns, facts, outcome="left")
    assert tuple(p.action.title for p in found) == (low, high)
    if direction == "bad":
        assert found[0].action.text == (
            'left "True": 50 % of them (everybody: 28 %). '
            "Ask those whom it met why, and act on the answer before it meets the others."
        )
        assert found[0].action.test_words == (
            "A test of its own is too small: it takes 388 customers with the action and as many "
            'without to see that left "True" goes from 50.0 % to 40.0 % (80 % of such tests find '
            "it), and they are 40."
        )


def test_nothing_is_invented_where_the_meaning_is_unknown():
    for p in told({"income": spread(1, 9), "spending": spread(9, 1)}, {}):
        assert p.action.play == "otherwise"
        assert p.action.why == (
            "What income and spending stand for is not known, so nothing is read into them. "
            "Say it, and plays that fit are proposed."
        )
        assert (p.action.at_stake, p.action.at_stake_words) == (None, "")


def test_a_direction_that_does_not_fit_is_not_read():
    for topic, direction in [
        ("recency", "good"),
        ("recency", "unknown"),
        ("trouble", "good"),
        ("activity", "unknown"),
        ("money_out", "none"),
    ]:
        titles = {p.action.title for p in told({"x": spread(1, 9)}, {"x": fact(topic, direction)})}
        right = "Speak to what sets them apart" if topic == "activity" else "No action fits"
        assert titles == {right}, topic


def test_only_the_value_column_is_money():
    facts = {"spend": MONEY, "sales": MONEY}
    columns = {"spend": spread(10, 90), "sales": spread(90, 10)}
    first, _ = told(columns, facts, value="sales")
    assert first.action.title == "Keep and reward"
    assert {p.action.at_stake for p in told(columns, facts)} == {None}


def test_late_is_counted_customer_by_customer():
    columns = LATER | {"spend": spread(10, 90)}
    columns["between"] = columns["between"][:-10] + [None] * 10  # they ordered once
    _, late = told(columns, RHYTHM | {"spend": MONEY}, value="spend")
    assert late.action.text.startswith(
        "75 % of them have waited more than two times their own days between orders."
    )


def test_what_is_at_stake_is_a_scenario_with_its_range():
    columns = {"spend": spread(10, 90)}
    low, high = told(columns, {"spend": MONEY | {"unit": "€"}}, value="spend")
    # Four of forty, each worth 90 on average.
    assert (high.action.at_stake, high.action.stake.values["customers"]) == (360.0, 4)
    sd = np.std([88, 89, 90, 91, 92])
    spread_of = np.exp(1.959964 * sd / 90 * np.sqrt((1 - 0.1) / 4))
    assert high.action.at_stake_low == pytest.approx(360 / spread_of)
    assert high.action.at_stake_high == pytest.approx(360 * spread_of)
    assert high.action.at_stake_words == (
        "Losing 10 % of them (4) would cost 360 € of spend (355 € to 365 € with other customers, "
        "by standard errors); an assumption, not a forecast."
    )
    # Four of forty from a median of 10 to one of 90.
    assert low.action.at_stake == 4 * 80
    assert low.action.at_stake_words.startswith(
        "If 10 % of them (4) came from their median of 10 € to the 90 € of segment 2, that would "
        "bring 320 € of spend ("
    )


def test_a_scenario_never_passes_what_the_segment_brings():
    columns = {"spend": spread(1, 900, 0.1)}
    low, _ = told(columns, {"spend": MONEY}, value="spend")
    assert (low.action.at_stake, low.action.stake.code) == (None, "")


def test_a_period_that_the_header_names_is_reckoned_for_a_year():
    columns = {"Monthly charges": spread(10, 90)}
    facts = {"Monthly charges": MONEY | {"aspect": "period"}}
    _, high = told(columns, facts, value="Monthly charges")
    assert high.action.at_stake == 12 * 360
    assert "4,320 of Monthly charges a year" in high.action.at_stake_words


def test_the_assumptions_can_be_set(tmp_path):
    mine = write(tmp_path, "[assumptions]\nlost = 0.25\nlift_of_value = 0.01\n")
    _, high = told({"spend": spread(10, 90)}, {"spend": MONEY}, value="spend", playbook=mine)
    assert high.action.at_stake == 900.0
    assert high.action.title == "Keep and reward"
    # 2 (1.96 + .84)² (1.414 / .9)² = 38.8
    assert high.action.test.values["per_arm"] == 39
    assert "too small" in high.action.test_words


def test_a_test_that_the_segment_can_bear():
    cells = [10.0 + i % 3 for i in range(200)] + [90.0 + 10 * (i % 7) for i in range(200)]
    rows = pa.table({"spend": cells})
    labels = [0] * 200 + [1] * 200
    _, high = interpret(
        **world(rows, ["spend"], 2, labels=labels, value="spend", facts={"spend": MONEY})
    )
    own = np.array(cells[200:])
    # 2 (1.96 + .8416)² sd² / (a tenth of the mean)²
    per_arm = int(np.ceil(2 * 7.8489 * own.var() / (0.1 * own.mean()) ** 2))
    assert (high.action.test.values["per_arm"], high.action.test.values["size"]) == (per_arm, 200)
    assert high.action.test_words == (
        "Test it: leave a random 22 % of them (44) out; 44 customers on either side show that "
        "mean spend goes from 120 to 132 (80 % of such tests find it)."
    )


# --- playbooks of one's own -----------------------------------------------------------------------


def write(tmp_path, text):
    path = tmp_path / "plays.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_playbook_of_ones_own(tmp_path):
    mine = write(
        tmp_path,
        """
        [[plays]]
        key = "lease"
        title = "Offer leasing"
        when = { quantity = ["high", "very high"] }
        text = ["They run many cars: {quantity}.", { say = "Never said.", when = { late = "> 0" } }]
        """,
    )
    low, high = told({"cars": spread(3, 93)}, {"cars": fact("quantity")}, playbook=mine)
    assert (low.action.title, high.action.title) == ("No action fits", "Offer leasing")
    assert high.action.text == "They run many cars: cars 93 (everybody: 48)."
    assert high.action.why == "Quantity is high: cars 93 (everybody: 48)."


PLAY = "[[plays]]\nkey = 'a'\ntitle = 'A'\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[plays]\nkey = 1", "is not valid TOML"),
        ("[[play]]\nkey = 'a'", 'has a part "play" that is not known. Did you mean "plays"?'),
        (
            PLAY + "when = { value_index = '> 1' }",
            'play 1 ("A") has no "text". Right would be: key, title, text and when',
        ),
        (PLAY + "text = ''\nwhen = { activty = 'high' }", 'Did you mean "activity"?'),
        (PLAY + "text = ''\nwhen = { value = 'high' }", 'asks for "value". Right would be: one of'),
        (
            PLAY + "text = ''\nwhen = { activity = 'big' }",
            "asks for activity = 'big'. Right would be: \"very low\"",
        ),
        (
            PLAY + "text = ''\nwhen = { late = 'high' }",
            "asks for late = 'high'. Right would be: late = \">= 0.5\"",
        ),
        (
            PLAY + "text = ''\nwhen = { apart = 'high' }",
            "asks for apart = 'high'. Right would be: \"known\"",
        ),
        (
            PLAY + "text = ''\nwhen = { means = 'low' }\nstake = 'x'",
            "has stake = 'x'. Right would be: \"keep\"",
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 3\ntext = ''\nwhen = { means = 'low' }",
            "has title = 3. Right would be: title in quotes",
        ),
        ("plays = 3", "plays is not a list of tables"),
        ("otherwise = 3", "otherwise is not a table. Right would be: a line [otherwise]"),
        (
            "[[plays]]\nkey = 'a'\ntitel = 'A'\ntext = ''\nwhen = { means = 'high' }",
            'has "titel". Right would be: key, title, text, when and stake only. '
            'Did you mean "title"?',
        ),
        (
            PLAY + "text = ''\nwhen = {}",
            "has when = {}. Right would be: when = { means",
        ),
        (
            PLAY + "text = ''\nwhen = 'always'",
            "has when = 'always'. Right would be: when = { means",
        ),
        (
            PLAY + "text = '{valu_share} of them'\nwhen = { means = 'high' }",
            'says "{valu_share}". Right would be: one of',
        ),
        (
            PLAY + "text = '{late of them'\nwhen = { means = 'high' }",
            "has the sentence '{late of them'. Right would be: each { with its }",
        ),
        (
            PLAY + "text = [{ said = 'x' }]\nwhen = { means = 'high' }",
            "has the sentence {'said': 'x'}. Right would be: text in quotes, or a list",
        ),
        ("[assumptions]\nlos = 0.1", '[assumptions] has "los". Right would be: lost, raised'),
        ("[assumptions]\nlost = 3", "[assumptions] is not understood: "),
        ("assumptions = 3", "[assumptions] is not a table."),
    ],
)
def test_a_broken_playbook_says_what_is_wrong(tmp_path, text, says):
    with pytest.raises(OptionError) as error:
        load(write(tmp_path, text))
    assert says in str(error.value)
    assert "plays.toml" in str(error.value)


def test_a_playbook_that_says_what_columns_mean_is_told_where_that_goes(tmp_path):
    path = write(tmp_path, "[meanings]\nfleet = ['trucks']\nspending = ['sales']")
    with speaking_shell(), pytest.raises(OptionError) as error:
        load(path)
    assert str(error.value) == (
        f'The playbook "{path}" has a part [meanings] ("fleet", "spending"): what a column stands '
        "for is not said there any more. Take it out, and say it of the column itself in a "
        'columns.toml, such as meaning = "means", direction = "good"; give that by --columns '
        "columns.toml. Plays ask for these meanings: means, debt, activity, quantity, recency, "
        "tenure, trouble, since_trouble, money_out, opinion, share, trend. See docs/playbook.md."
    )


def test_bounds_hold_for_whole_numbers_too():
    bounds = Bounds(((">=", 80.0), ("<", 120.0)))
    assert [bounds.hold(value) for value in (79, 80, 119.5, 120)] == [False, True, True, False]


def test_a_missing_playbook(tmp_path):
    with pytest.raises(OptionError, match=r"cannot be read: .+ Give the path of a TOML file"):
        load(tmp_path / "none.toml")


def test_the_assumptions_of_the_file_are_those_of_the_code():
    assert load(None).assumptions == Assumptions()
    assert set(BUILT_IN["assumptions"]) == set(Assumptions.__struct_fields__)


def test_the_example_of_the_documentation_works(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "playbook.md").read_text("utf-8")
    example = text.split("```toml")[-1].split("```")[0]
    book = load(write(tmp_path, example))
    assert [p.title for p in book.plays] == ["Offer leasing"]
    assert book.otherwise == load(None).otherwise


@pytest.mark.parametrize("given", ["credit", "risk"])
def test_a_score_that_others_gave_them_is_no_opinion_of_theirs(given):
    found = told({"score": spread(10, 90)}, {"score": fact("opinion", aspect=given)})
    said = " ".join(str(p.action) + str(p.insights) for p in found)
    assert "recommend" not in said
    assert "what they miss" not in said
    assert "pinion is" not in said
    assert [p.action.title for p in found] == ["No action fits", "No action fits"]
