"""What a person changes of a study, and what is asked of its customers one by one."""

from __future__ import annotations

import pickle

import numpy as np
import openpyxl
import pandas as pd
import pytest

import shoal

N = 180
PINK, GREEN = "#aa3377", "#117733"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    spent = np.concatenate([rng.normal(m, 1, 60) for m in (10, 30, 50)])
    plan = np.repeat(["basic", "plus", "gold"], 60)
    visits = spent * 2 + rng.normal(0, 1, N)
    visits[7] = np.nan
    ids = [f"c{i}" for i in range(N)]
    return pd.DataFrame({"customer_id": ids, "spent": spent, "visits": visits, "plan": plan})


@pytest.fixture(scope="module")
def study(table: pd.DataFrame) -> shoal.Study:
    return shoal.segment(table, by=["spent", "visits"], value="spent", k=3)


def test_a_colour_is_everywhere_that_the_segment_is_shown(study, tmp_path):
    other = study.recoloured({2: "#A37", 3: GREEN}).renamed({2: "Sleepers"})
    assert other.model.colours == (study.model.colours[0], PINK, GREEN)
    assert study.model.colours == ("#0072b2", "#d55e00", "#009e73")
    page = other.report(tmp_path / "r.html").read_text("utf-8")
    assert page.count("--shade:#aa3377") == page.count("--shade:#0072b2") > 0
    assert f'"colour":"{PINK}"' in page
    assert "#d55e00" not in page
    bars = other.plot.sizes().axes[0].patches
    assert [bar.get_facecolor()[0] for bar in bars[1:2]] == [pytest.approx(0xAA / 255)]
    book = openpyxl.load_workbook(other.workbook(tmp_path / "b.xlsx"))
    cells = (cell for row in book.worksheets[0].iter_rows() for cell in row)
    shades = [c.font.color.rgb for c in cells if c.font.color and c.font.b and c.value in (1, 2, 3)]
    assert [s for s in shades if isinstance(s, str)][:3] == ["FF0072B2", "FFAA3377", "FF117733"]
    other.save(tmp_path / "m.json")
    again = shoal.load(tmp_path / "m.json").recoloured({1: "#999999"})
    assert again.colours == ("#999999", PINK, GREEN)
    again.save(tmp_path / "m.json")
    assert shoal.load(tmp_path / "m.json").colours == ("#999999", PINK, GREEN)


def test_a_model_from_before_colours_has_those_of_the_palette(study, tmp_path):
    path = study.save(tmp_path / "m.json")
    lines = path.read_text("utf-8").split('"colours": [')
    path.write_text(lines[0] + '"former": [' + lines[1], "utf-8")
    assert shoal.load(path).colours == study.model.colours


@pytest.mark.parametrize(
    ("colours", "says"),
    [
        ({4: PINK}, f'There is no segment 4 to be coloured "{PINK}". Segments are numbered from'),
        ({1: "pinkish"}, 'Segment 1 cannot be coloured "pinkish". Write a colour as "#0072b2".'),
        ({1: "#0072b2;x"}, "Write a colour as"),
        ({1: "#fffff0"}, "that is hardly seen on white. Take a darker one."),
        ({1: "#D55E00"}, "Segments 1 and 2 would both be coloured #d55e00."),
        ({2: PINK, 3: PINK}, f"Segments 2 and 3 would both be coloured {PINK}."),
    ],
)
def test_colours_that_cannot_be_are_refused(study, colours, says):
    for thing in (study, study.model):
        with pytest.raises(shoal.OptionError) as refused:
            thing.recoloured(colours)
        assert says in str(refused.value)


def test_an_action_that_was_chosen_says_only_what_is_so(study):
    plays = study.plays(3)
    fitting = [play for play in plays if play.fits]
    assert [play.fits for play in plays] == sorted((p.fits for p in plays), reverse=True)
    first = study.portraits[2].action
    assert fitting[0].play == first.play
    assert fitting[0].text == first.text
    assert fitting[0].why == f"You chose it, and it fits. {first.why}"
    other = study.with_action({3: "win-back"})
    action = other.portraits[2].action
    assert (action.title, action.fits) == ("Win back", False)
    assert action.text.startswith("What is said of this action elsewhere is not so of these cust")
    assert other.segments.loc[3, "action"] == "Win back" != study.segments.loc[3, "action"]
    assert other.model.about["segments"][2]["action"] == "Win back"
    again = pickle.loads(pickle.dumps(other)).with_action({3: first.play})
    assert again.portraits[2].action == fitting[0]
    for plays, says in [
        ({1: "winback"}, 'No play has the key "winback". Did you mean "win-back"?'),
        ({9: "win-back"}, 'There is no segment 9 to do "win-back" about.'),
    ]:
        with pytest.raises(shoal.OptionError, match=says.replace("?", r"\?")):
            study.with_action(plays)
    with pytest.raises(shoal.OptionError, match="There is no segment 0"):
        study.plays(0)


def test_an_explanation_adds_up_to_what_was_decided(table, study):
    """Squared distances by columns, reckoned from the centres by hand."""
    customers = study.customers.set_index("customer_id")
    model = study.model.segmentation
    for id in ("c0", "c7", "c100"):
        told = study.explain(id)
        row = customers.loc[id]
        assert (told.segment, told.name) == (row["segment"], row["name"])
        assert told.runner_up_name == row["runner_up"]
        assert told.margin == row["margin"]
        at = {f.column: i for i, f in enumerate(model.recipe.features)}
        cells = table.set_index("customer_id").loc[id]
        for pull in told.pulls:
            feature = model.recipe.features[at[pull.column]]
            value = cells[pull.column]
            value = feature.fill if np.isnan(value) else value
            logged = value if feature.log_offset is None else np.log(value + feature.log_offset)
            x = (logged - feature.centre) / feature.scale
            own = model.centres[told.segment - 1, at[pull.column]]
            other = model.centres[told.runner_up - 1, at[pull.column]]
            assert pull.pull == pytest.approx((x - other) ** 2 - (x - own) ** 2)
        assert sum(pull.pull for pull in told.pulls) > 0
        assert sum(abs(pull.share) for pull in told.pulls) == pytest.approx(1)
    gap = next(p for p in study.explain("c7").pulls if p.column == "visits")
    assert gap.value is None
    assert "visits is not known: " in gap.text
    with pytest.raises(shoal.InputError, match='No customer of table has the "customer_id" "c999"'):
        study.explain("c999")


def test_an_explanation_of_words_and_flags_tells_shares(table):
    member = np.where(table["plan"] == "gold", "yes", "no")
    study = shoal.segment(table.assign(member=member), by=["plan", "member", "spent"], k=3)
    for id, plan, member in (("c0", "basic", "no"), ("c179", "gold", "yes")):
        pulls = {pull.column: pull for pull in study.explain(id).pulls}
        assert (pulls["plan"].value, pulls["plan"].own) == (plan, pytest.approx(1))
        assert pulls["plan"].there == pytest.approx(0, abs=1e-9)
        said = (
            f"plan {plan} speaks for their own segment: 100 % of their own segment have {plan}, 0 %"
        )
        assert said in pulls["plan"].text
        assert pulls["member"].value == member
        assert pulls["member"].own == pytest.approx(float(member == "yes"), abs=1e-9)


def test_customers_without_ids_are_asked_for_by_their_rows(table):
    study = shoal.segment(table[["spent", "visits"]], k=3)
    frame = study.customers
    assert study.explain(8).segment == frame["segment"][7]
    assert study.members(1).columns[0] == "row"
    for no in (0, 181, -1, "x"):
        with pytest.raises(shoal.InputError, match=f'has the row number "{no}"'):
            study.explain(no)


def test_one_who_was_set_aside_is_said_to_be(table):
    empty = table.astype({"spent": float})
    empty.loc[3, ["spent", "visits"]] = np.nan
    study = shoal.segment(empty, by=["spent", "visits"], k=3)
    with pytest.raises(shoal.InputError, match='The customer "c3" was set aside: no value in any'):
        study.explain("c3")


def test_members_come_with_their_columns(table, study):
    labels = study.customers
    own = labels[labels["segment"] == 2].set_index("customer_id")
    border = study.members(2, order="border", most=4)
    assert border["margin"].tolist() == sorted(own["margin"])[:4]
    assert list(border.columns) == [
        *("customer_id", "runner_up", "margin", "unlike_anyone", "spent", "visits", "plan")
    ]
    assert border["runner_up"].tolist() == own.loc[border["customer_id"], "runner_up"].tolist()
    typical = study.members(2)
    assert len(typical) == 20
    assert tuple(typical["customer_id"][:3]) == study.portraits[1].typical_ids
    assert len(study.members(2, most=500)) == len(own)
    for bad, says in [
        ({"order": "typcal"}, 'Did you mean "typical"'),
        ({"segment": 4}, "segment 4"),
    ]:
        with pytest.raises(shoal.OptionError, match=says):
            study.members(**{"segment": 2} | bad)


def test_labelled_customers_are_written_alone(table, study, tmp_path):
    study.renamed({1: "=Sleepers".strip("=")}).write_customers(tmp_path / "c.csv")
    written = pd.read_csv(tmp_path / "c.csv")
    assert written["customer_id"].tolist() == table["customer_id"].tolist()
    assert set(written.loc[written["segment"] == 1, "name"]) == {"Sleepers"}
    assert "plan" in written.columns
    study.write_customers(tmp_path / "c.parquet", keep="id")
    assert list(pd.read_parquet(tmp_path / "c.parquet").columns) == list(study.customers.columns)
