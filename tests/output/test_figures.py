"""Pictures.

Every figure draws from any facts, with names kept whole, colours told apart, and nothing left
behind.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from sklearn.metrics import silhouette_samples

from make_facts import SHORT, make_facts, make_profile
from shoal.errors import OptionError
from shoal.output import columns
from shoal.output.figures import (
    DEFAULT,
    FIGURES,
    PROFILE_FIGURES,
    lettering,
    pictures,
    png,
    save,
    silhouette,
    style,
    svg,
)
from shoal.output.figures.label_placement import place_labels
from shoal.output.figures.plots import Plots
from shoal.output.palette import colour

CASES = {
    "two columns": {},
    "ten segments, 25 long names": {"k": 10, "basis": 25, "long_names": True, "flags": 4, "n": 500},
    "twenty customers": {"k": 3, "n": 20, "basis": 3},
    "flags and words": {"k": 4, "basis": 3, "flags": 1, "categories": 2},
    "one flag of two": {"k": 3, "flags": 1},
    "one column": {"k": 3, "basis": 1},
    "a log": {"k": 4, "log": True},
    "one segment": {"k": 1},
    "fourteen segments": {"k": 14, "basis": 3, "n": 600},
    "two segments, no money": {"k": 2, "value": False},
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_draws_without_a_word(case):
    facts = make_facts(**CASES[case])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Matplotlib before 3.10.8 calls a newer pyparsing by its old names.
        old_names = r"'\w+' (deprecated|argument is deprecated)"
        warnings.filterwarnings("ignore", old_names, DeprecationWarning)
        for name, draw in FIGURES.items():
            if name == "pairs" and case != "flags and words":
                continue  # seaborn's densities are slow; one case is enough
            figure = draw(facts)
            assert isinstance(figure, Figure)
            assert png(figure).startswith(b"\x89PNG"), name
            figure.canvas.draw()  # a file has more pixels than what is measured
            assert _faults(figure) == [], name
            assert svg(figure) == svg(draw(facts)), name


def test_names_of_forty_letters_are_whole_in_every_figure():
    names = [f"{word} of wine, few deals, mostly at home ok"[:40] for word in (
        "Spender", "Savings", "Returns", "Baskets", "Weekend", "Incomes", "Lapsing", "Newcome",
        "Bargain", "Regular",
    )]  # fmt: skip
    facts = make_facts(k=10, basis=8, n=500)
    portraits = tuple(
        dataclasses.replace(p, name=name) for p, name in zip(facts.portraits, names, strict=True)
    )
    facts = dataclasses.replace(facts, portraits=portraits)
    for figure_name in set(DEFAULT) - {"choice"}:
        figure = FIGURES[figure_name](facts)
        figure.canvas.draw()
        told = [" ".join(text.get_text().split()) for text in _seen(figure)]
        for number, name in enumerate(names, 1):
            assert f"{number} {name}" in told, (figure_name, name)


def _faults(figure: Figure) -> list[str]:
    """Words that leave the figure, and words that lie over each other."""
    renderer = figure.canvas.get_renderer()
    boxes = [(t.get_text(), t.get_window_extent(renderer), t.get_rotation()) for t in _seen(figure)]
    room = figure.bbox.padded(1)
    faults = [f"cut: {words}" for words, box, _ in boxes if not _within(box, room)]
    for i, (words, box, turned) in enumerate(boxes):
        for other, its_box, its_turn in boxes[:i]:
            width = min(box.x1, its_box.x1) - max(box.x0, its_box.x0)
            height = min(box.y1, its_box.y1) - max(box.y0, its_box.y0)
            slanted = turned % 90 and its_turn % 90  # boxes of slanted words overlap, words do not
            if width > 1.5 and height > 2.5 and not slanted:
                faults.append(f"over each other: {words}, {other}")
    return faults


def _within(box, room) -> bool:
    return room.contains(box.x0, box.y0) and room.contains(box.x1, box.y1)


def _seen(figure: Figure) -> list[Text]:
    """Every text that is drawn: of the ticks those that lie inside their axis."""
    axis_of = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    made = {label for axis in axis_of for t in axis.majorTicks for label in (t.label1, t.label2)}
    drawn = {
        label for axis in axis_of for t in axis._update_ticks() for label in (t.label1, t.label2)
    }
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    return [t for t in texts if t not in made or t in drawn]


def test_every_figure_has_a_title_and_real_axes_that_hold_all_that_is_drawn():
    facts = make_facts(k=4, basis=5)
    for name, draw in FIGURES.items():
        figure = draw(facts)
        assert figure.get_suptitle(), name
        assert figure.axes, name
        assert figure.artists == figure.lines == figure.patches == figure.images == [], name
        assert all(axes.has_data() for axes in figure.axes), name


def test_nothing_is_computed_where_it_is_drawn_or_told():
    """Statistics are made in `stats` and `analysis`; here numbers are placed and written."""
    computed = {
        "average", "bincount", "corrcoef", "cov", "dist", "eigh", "fit", "gaussian_kde",
        "histogram", "mean", "median", "norm", "percentile", "quantile", "std", "svd", "var",
    }  # fmt: skip
    output = Path(style.__file__).parents[1]
    found = set()
    for file in [*output.glob("figures/*.py"), *output.glob("report/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in computed:
                found.add(f"{file.name}: {called.attr}")
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "shoal.analysis"
            ):
                found.add(f"{file.name}: {node.module}")
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {
                f"{file.name}: {n}" for n in names if n.partition(".")[0] in ("scipy", "sklearn")
            }
    assert found == set()


def test_a_zoom_moves_what_is_drawn():
    figure = FIGURES["gorge"](make_facts(k=3))
    axes = figure.axes[0]
    bars = axes.patches[0]
    before = bars.get_window_extent(figure.canvas.get_renderer()).width
    axes.set_xlim(0, 0.5)
    assert bars.get_window_extent(figure.canvas.get_renderer()).width == pytest.approx(2 * before)


def test_panels_have_titles_and_ticks():
    figure = FIGURES["choice"](make_facts(k=4))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "Silhouette"
    assert "Inertia while fitting" in titles
    lowest = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert "4" in lowest
    assert all(len(axes.get_yticks()) > 1 for axes in figure.axes)


def test_a_figure_of_a_study_has_a_signature_and_a_text():
    facts = make_facts(k=3)
    plot = Plots(facts)
    assert dir(plot) == sorted(FIGURES)
    for name, draw in FIGURES.items():
        method = getattr(plot, name)
        assert inspect.ismethod(method)
        assert method.__name__ == name
        assert method.__doc__ == draw.__doc__
        assert len(method.__doc__) > 40
        assert "facts" not in inspect.signature(method).parameters
    axes = "ax: 'Axes | None' = None"
    assert str(inspect.signature(plot.flow)) == f"(*, {axes}) -> 'Figure'"
    columns_of_map = "x: 'str | None' = None, y: 'str | None' = None"
    assert str(inspect.signature(plot.map)) == f"(*, {columns_of_map}, {axes}) -> 'Figure'"
    assert str(inspect.signature(plot.distributions)) == "(most: 'int' = 4) -> 'Figure'"
    assert len(plot.distributions(most=1).axes) == 1
    with pytest.raises(TypeError):
        plot.map(colour="red")


def test_a_wrong_name_of_a_figure_is_told_with_a_right_one():
    with pytest.raises(AttributeError, match=r'There is no figure "mapp".*map'):
        _ = Plots(make_facts(k=2)).mapp


def test_the_silhouettes_drawn_are_those_of_scikit_learn():
    facts = make_facts(k=3, basis=3)
    found = silhouette._silhouettes(facts)
    expected = silhouette_samples(facts.points.matrix, facts.labels)
    assert found.values == pytest.approx(expected, abs=1e-9)
    assert f"the mean, {expected.mean():.2f}" in _words(FIGURES["silhouette"](facts))


def test_names_stand_in_the_pictures_and_numbers_do_not():
    facts = make_facts(k=3)
    for name in (
        "map",
        "sizes",
        "profile",
        "distributions",
        "stability",
        "silhouette",
        "flow",
        "gorge",
    ):
        words = _words(FIGURES[name](facts))
        for segment in facts.segmentation.names:
            assert segment in words, (name, segment)


def _words(figure: Figure) -> str:
    texts = [t.get_text() for t in figure.findobj(Text) if t.get_visible()]
    return " | ".join(" ".join(t.split()) for t in texts)


def test_hostile_words_are_drawn_as_they_are():
    facts = make_facts(k=2, first_name="a$x^2$ \\frac{1 _ \n <script>", region="$\\bad$")
    for name, draw in FIGURES.items():
        if name != "pairs":
            png(draw(facts))  # mathtext would raise ValueError here


def test_letters_the_font_lacks_make_no_warning():
    facts = make_facts(k=2, first_name="顧客 高収入")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        png(FIGURES["map"](facts))


def test_the_map_of_two_columns_shows_each_centre_in_original_units():
    facts = make_facts(k=3)
    axes = FIGURES["map"](facts).axes[0]
    drawn = np.asarray(axes.collections[-1].get_offsets())
    income = np.array(facts.sample.rows.column(1).to_pylist())
    for segment in range(3):
        assert drawn[segment, 0] == pytest.approx(income[facts.labels == segment].mean(), abs=1e-6)


def test_territories_agree_with_the_labels():
    facts = make_facts(k=4, log=True, n=400)
    axes = FIGURES["map"](facts).axes[0]
    image, (left, right, bottom, top) = (
        np.asarray(axes.images[0].get_array()),
        axes.images[0].get_extent(),
    )
    dots = np.asarray(axes.collections[0].get_offsets())
    inside = (dots[:, 0] > left) & (dots[:, 0] < right) & (dots[:, 1] > bottom) & (dots[:, 1] < top)
    rows = ((dots[inside, 1] - bottom) / (top - bottom) * image.shape[0]).astype(int)
    columns = ((dots[inside, 0] - left) / (right - left) * image.shape[1]).astype(int)
    expected = np.array([to_rgb(style.tint(colour(i + 1), 0.13)) for i in facts.labels[inside]])
    same = np.isclose(image[rows, columns], expected).all(1)
    assert same.mean() > 0.98  # a dot on a border may fall into the neighbouring pixel


def test_the_projection_states_its_share_of_variance():
    facts = make_facts(k=4, basis=5)
    X = facts.points.matrix - facts.points.matrix.mean(0)
    share = (np.linalg.svd(X, compute_uv=False)[:2] ** 2).sum() / (X**2).sum()
    assert f"{share * 100:.0f} %" in _words(FIGURES["map"](facts))


NO_AXES = "must be one Axes of Matplotlib"
WRONG_PAIRS = {
    "x alone": ({"x": SHORT[0]}, "The map takes x and y together.* x alone was given. Say y"),
    "y alone": ({"y": SHORT[0]}, "y alone was given. Say x"),
    "twice": ({"x": SHORT[0], "y": SHORT[0]}, "x and y are both"),
    "misspelt": ({"x": SHORT[0], "y": "order_per_year"}, 'Did you mean "orders_per_year"'),
    "words": ({"x": "Region", "y": SHORT[0]}, 'x names "Region", which holds words or codes'),
    "a person": ({"x": SHORT[0], "y": "spend"}, 'y names "spend", which tells who somebody is'),
    "many": ({"ax": np.array([1, 2])}, f"ax is of type ndarray and {NO_AXES}"),
    "a figure": ({"ax": Figure()}, f"ax is of type Picture|Figure and {NO_AXES}"),
    "round": ({"ax": Figure().add_subplot(projection="polar")}, "needs? plain Axes"),
}


@pytest.mark.parametrize("case", WRONG_PAIRS)
def test_a_map_of_what_cannot_be_drawn_is_refused_in_words(case):
    given, why = WRONG_PAIRS[case]
    facts = make_facts(k=3, basis=4, categories=1)
    every = tuple(dataclasses.replace(c, private=c.name == "spend") for c in facts.profile.columns)
    facts = dataclasses.replace(facts, profile=dataclasses.replace(facts.profile, columns=every))
    with pytest.raises(OptionError, match=why):
        FIGURES["map"](facts, **given)


def test_a_map_of_two_columns_by_name_shows_them_in_their_units_with_medians():
    facts = make_facts(k=3, basis=4)
    figure = FIGURES["map"](facts, x="orders_per_year", y=SHORT[0])
    axes = figure.axes[0]
    across, up = (facts.sample.rows[name].to_numpy() for name in ("orders_per_year", SHORT[0]))
    assert axes.collections[0].get_offsets().tolist() == np.column_stack([across, up]).tolist()
    rings = np.asarray(axes.collections[1].get_offsets())
    for segment in range(3):
        own = facts.labels == segment
        assert rings[segment].tolist() == [np.median(across[own]), np.median(up[own])]
    words = _words(figure)
    assert "3 segments by orders_per_year and Annual Income" in words
    assert "Segments were formed by 4 columns: those that overlap here" in words
    assert axes.get_xlabel() == "orders_per_year"
    figure.canvas.draw()
    assert _faults(figure) == []


def test_customers_without_a_value_are_left_out_of_a_map_by_columns_and_counted():
    facts = make_facts(k=3, basis=4)
    rows = facts.sample.rows
    gone = rows["orders_per_year"].to_pylist()
    gone[:7] = [None] * 7
    at = rows.column_names.index("orders_per_year")
    rows = rows.set_column(at, "orders_per_year", pa.array(gone, pa.float64()))
    facts = dataclasses.replace(facts, sample=dataclasses.replace(facts.sample, rows=rows))
    figure = FIGURES["map"](facts, x="orders_per_year", y=SHORT[0])
    assert len(figure.axes[0].collections[0].get_offsets()) == len(facts.labels) - 7
    assert "Without a value in one of the two columns: 7." in _words(figure)


def test_a_map_of_the_two_basis_columns_by_name_keeps_centres_and_territories():
    facts = make_facts(k=3)
    axes = FIGURES["map"](facts, x=SHORT[1], y=SHORT[0]).axes[0]
    assert axes.images
    usual = FIGURES["map"](facts).axes[0]
    rings = [np.asarray(each.collections[-1].get_offsets()) for each in (axes, usual)]
    assert rings[0][:, ::-1] == pytest.approx(rings[1])


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_figures_of_one_panel_are_drawn_into_axes_that_are_given(layout):
    facts = make_facts(k=4, basis=5)
    figure = Figure(figsize=(14, 10), layout=layout)
    given = figure.subplots(2, 3).ravel()
    names = ("map", "profile", "stability", "silhouette", "flow", "correlations")
    for name, axes in zip(names, given, strict=True):
        assert getattr(Plots(facts), name)(ax=axes) is figure
        assert axes.has_data()
        assert axes.get_title(loc="left")
    assert figure.axes == list(given)
    assert not figure.get_suptitle()
    assert "Segments that overlap here may lie apart" in _words(figure)
    assert png(figure).startswith(b"\x89PNG")


def test_no_labels_overlap_on_the_map():
    for k in (3, 5, 10):
        figure = FIGURES["map"](make_facts(k=k, n=300))
        renderer = figure.canvas.get_renderer()
        boxes = [t.get_window_extent(renderer) for t in figure.axes[0].texts if t.get_text()]
        assert len(boxes) in (0, k)  # all beside their centres, or all in a legend
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])


def test_names_can_be_read_on_the_bars_of_one_column():
    legend = Plots(make_facts(k=3, basis=1)).map().axes[0].get_legend()
    assert legend.get_frame_on()
    assert legend.get_frame().get_facecolor()[3] > 0.9


def test_labels_that_do_not_fit_are_refused_whole():
    _, axes = style.panel((2, 2), left=0.2, right=0.2, bottom=0.2, top=0.2)
    crowd = [(0.5, 0.5)] * 12
    assert not place_labels(axes, crowd, ["a rather long name indeed"] * 12, ["#000000"] * 12)
    assert not axes.texts


def test_colours_differ_also_for_the_colour_blind():
    """Machado, Oliveira & Fernandes (2009), severity 1; distance in CIE Lab."""
    seen = [
        np.eye(3),
        np.array(
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ]
        ),
        np.array(
            [
                [0.367322, 0.860646, -0.227968],
                [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ]
        ),
        np.array(
            [
                [1.255528, -0.076749, -0.178779],
                [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ]
        ),
    ]
    for eyes in seen:
        lab = [_lab(eyes @ _linear(colour(i))) for i in range(1, 13)]
        nearest = min(np.linalg.norm(a - b) for n, a in enumerate(lab) for b in lab[:n])
        assert nearest > 14


def _linear(shade: str) -> np.ndarray:
    c = np.array(to_rgb(shade))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ) @ linear.clip(0, 1)
    x, y, z = (
        np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz / [0.9505, 1, 1.089]
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_a_segment_keeps_its_colour_in_every_figure():
    facts = make_facts(k=3)
    third = to_rgb(colour(3))
    for name in ("map", "sizes", "distributions", "stability", "silhouette", "flow", "gorge"):
        assert third in _colours(FIGURES[name](facts)), name


def _colours(figure: Figure) -> set[tuple[float, ...]]:
    found = set()
    for artist in figure.findobj():
        for getter in ("get_facecolor", "get_edgecolor", "get_color"):
            if hasattr(artist, getter):
                value = getattr(artist, getter)()
                rows = (
                    [value]
                    if isinstance(value, str)
                    else np.atleast_2d(np.asarray(value, dtype=object))
                )
                for row in rows:
                    try:
                        found.add(
                            tuple(
                                float(v)
                                for v in to_rgb(
                                    row if isinstance(row, str) else tuple(map(float, row))
                                )
                            )
                        )
                    except (ValueError, TypeError):
                        continue
    return found


def test_only_so_many_dots_are_drawn_and_it_is_said():
    facts = make_facts(k=3, n=6000, total=90000)
    figure = FIGURES["map"](facts)
    assert len(figure.axes[0].collections[0].get_offsets()) == columns.MOST_DOTS == 5000
    assert "A sample of 6,000 of 90,000 customers. 5,000 of them are drawn." in _words(figure)


@pytest.mark.parametrize("name", PROFILE_FIGURES)
def test_the_data_analysis_draws_from_a_profile_alone(name):
    assert png(PROFILE_FIGURES[name](make_profile(basis=3))).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PROFILE_FIGURES)
def test_a_table_without_numbers_can_be_drawn(name):
    bare = dataclasses.replace(make_profile(), columns=(), correlation_columns=(), correlations=())
    assert png(PROFILE_FIGURES[name](bare)).startswith(b"\x89PNG")


def test_wrapping_keeps_both_ends_and_prefers_the_comma():
    assert lettering.wrap("High income, low spending", 16) == "High income,\nlow spending"
    long = "x" * 30 + " netto in Euro 2024"
    assert lettering.wrap(long, 12, 2).endswith("2024")
    assert len(lettering.wrap(long, 12, 2).split("\n")) == 2


def test_save_writes_by_the_ending(tmp_path):
    figure = FIGURES["sizes"](make_facts(k=3))
    assert save(figure, tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in save(figure, tmp_path / "a.svg").read_bytes()


def test_the_default_pictures_leave_pyplot_and_seaborn_alone():
    code = (
        "import sys; sys.path.insert(0, 'tests'); from make_facts import make_facts; from "
        "shoal.output.figures import pictures;"
        "pictures(make_facts(k=3)); print('matplotlib.pyplot' in sys.modules, 'seaborn' in "
        "sys.modules, 'scipy.stats' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=_root(), check=True
    )
    assert done.stdout.split()[:2] == ["False", "False"]


def _root() -> str:
    return str(Path(__file__).parents[2])


def test_the_default_pictures_are_small():
    made = pictures(make_facts(k=10, basis=12, n=400))
    assert tuple(made) == DEFAULT
    assert (
        sum(map(len, made.values())) < 2_000_000
    )  # base64 adds a third; the page must stay under 3 MB


def test_a_blade_of_many_silhouettes_keeps_its_ends():
    scores = np.random.default_rng(0).random(9_000)
    values, edges = silhouette._blade(scores, np.ones(9_000))
    assert len(values) == 400
    assert (values[0], values[-1]) == (scores.max(), scores.min())
    assert (edges[0], edges[-1]) == (0, 9_000)
