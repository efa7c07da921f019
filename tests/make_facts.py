"""Facts made by hand, for tests of pictures and pages.

Planted blobs, fitted by scikit-learn, every noun filled.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from sklearn.cluster import KMeans

from shoal.output.palette import colours
from shoal.sentences import say
from shoal.sentences.plays import Sentence
from shoal.types import (
    QUANTILES,
    Action,
    Choice,
    Column,
    Condition,
    Evidence,
    Facts,
    Feature,
    Finding,
    Fit,
    Histogram,
    KFlow,
    Points,
    Profile,
    ReadAs,
    Recipe,
    Rule,
    Sample,
    Segmentation,
    SegmentProfile,
    SegmentTotals,
    SegmentTrust,
    Statement,
    Structure,
    Trait,
    Trust,
)

SHORT = [
    "Annual Income (k$)",
    "Spending Score (1-100)",
    "orders_per_year",
    "Größe des Korbs (€)",
    "days_since_last",
]
LONG = "Durchschnittlicher jährlicher Umsatz je Kundin über alle Warengruppen, netto in €"
WORDS = [
    "High income",
    "Low spending",
    "Frequent",
    "Recent",
    "Young baskets",
    "Rare",
    "Loyal",
    "Returning",
    "New",
    "Quiet",
]


def basis_names(count: int, long_names: bool) -> list[str]:
    if long_names:
        return [f"{LONG} (${i:02d}$)" for i in range(count)]
    return (SHORT + [f"column_{i:02d}" for i in range(len(SHORT), 99)])[:count]


def planted(n: int, k: int, d: int, seed: int, flags: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.permuted(np.tile(np.linspace(20, 90, k), (d, 1)), axis=1).T
    X = np.round(centres[rng.integers(0, k, n)] + rng.normal(0, 5, (n, d)), 1)
    if flags:
        X[:, d - flags :] = (X[:, d - flags :] > 55).astype(float)
    return X


def number_column(name: str, x: np.ndarray, role: str = "basis") -> Column:
    counts, edges = np.histogram(x, bins=12)
    flag = set(np.unique(x)) <= {0.0, 1.0}
    return Column(
        name,
        "double",
        "flag" if flag else "number",
        role,
        Statement("role-measure", text="measures behaviour"),
        len(x),
        0,
        len(np.unique(x)),
        min=float(x.min()),
        max=float(x.max()),
        mean=float(x.mean()),
        std=float(x.std()),
        sum=float(x.sum()),
        skew=0.1,
        quantiles=tuple(float(q) for q in np.quantile(x, QUANTILES)),
        histogram=Histogram(tuple(map(float, edges)), tuple(map(int, counts))),
        top=(("0", int((x == 0).sum())), ("1", int((x == 1).sum()))) if flag else (),
    )


def category_column(name: str, words: list[str], role: str = "describe") -> Column:
    found, counts = np.unique(words, return_counts=True)
    top = tuple(
        (str(w), int(c)) for w, c in sorted(zip(found, counts, strict=True), key=lambda t: -t[1])
    )
    return Column(
        name,
        "string",
        "category",
        role,
        Statement("", text="says who they are"),
        len(words),
        3,
        len(found),
        top=top,
    )


def make_profile(
    n: int = 200, basis: int = 2, long_names: bool = False, region: str = "Region", flags: int = 0
) -> Profile:
    X = planted(n, 5, basis, 0, flags)
    names = basis_names(basis, long_names)
    columns = [number_column(c, X[:, i]) for i, c in enumerate(names)]
    columns += [category_column(region, ["north", "south", "<b>east</b>", "Süd & West"] * (n // 4))]
    corr = np.atleast_2d(np.corrcoef(X.T)) if basis > 1 else np.ones((1, 1))
    findings = (
        Finding(
            "id-like",
            "info",
            "CustomerID has one value a row; it is kept and forms no segment.",
            "CustomerID",
        ),
        Finding(
            "heavy-tail",
            "warning",
            f"{names[0]} has a long tail; its logarithm is taken.",
            names[0],
        ),
    )
    return Profile(
        "Mall <customers>",
        ReadAs("csv", ",", ".", "utf-8", 1),
        n,
        tuple(columns),
        findings,
        n,
        2,
        tuple(names),
        tuple(tuple(map(float, row)) for row in corr),
    )


def evidence(k: int, fit: Fit, n: int, best: int) -> Evidence:
    rise = 1 - abs(k - best) / 8
    return Evidence(
        k,
        fit.inertia,
        None if k == 1 else 0.3 + 0.3 * rise,
        float(np.bincount(fit.labels).min() / n),
        fit.starts,
        fit.reached,
        None if k == 1 else 8 * rise,
        None if k == 1 else 0.9 * rise,
        1.0 if k == 1 else rise,
        1.0 if k == 1 else rise,
        None if k == 1 else 0.96 * rise,
        True,
    )


def segment_trust(i: int, k: int, structure: Structure) -> SegmentTrust:
    jaccard = (
        (0.97 - 0.42 * i / max(k - 1, 1)) if structure is not Structure.natural else 0.99 - 0.02 * i
    )
    verdict = (
        "act on it" if jaccard > 0.8 else "use with care" if jaccard > 0.6 else "do not rely on it"
    )
    return SegmentTrust(
        i + 1,
        jaccard,
        jaccard - 0.1,
        jaccard,
        1 - jaccard,
        jaccard,
        0.05 + 0.03 * i,
        0.6 - 0.04 * i,
        (i + 1) % k + 1,
        verdict,
        Statement("came-back", {}, f"It came back on {jaccard:.0%} of 100 resamples."),
        jaccard,
    )


def portrait(
    i: int,
    rows: np.ndarray,
    X: np.ndarray,
    names: list[str],
    region: str,
    spend: np.ndarray,
    segment_name: str,
) -> SegmentProfile:
    traits = []
    for j, column in enumerate(names):
        own, x = X[rows, j], X[:, j]
        effect = float((own.mean() - x.mean()) / x.std())
        flag = set(np.unique(x)) <= {0.0, 1.0}
        low, mid, high = np.quantile(own, [0.25, 0.5, 0.75])
        if flag:
            low, mid, high = own.mean() - 0.05, own.mean(), own.mean() + 0.05
        traits.append(
            Trait(
                column,
                "basis",
                "flag" if flag else "number",
                effect,
                effect - 0.2,
                effect + 0.2,
                float(mid),
                float(low),
                float(high),
                float(x.mean() if flag else np.median(x)),
                "high" if effect > 0 else "low",
                statement=Statement(
                    "trait-spread",
                    text=f"{column}: median {mid:.1f} against {np.median(x):.1f} for everybody.",
                ),
            )
        )
    traits.sort(key=lambda t: -abs(t.effect))
    traits.append(
        Trait(
            region,
            "describe",
            "category",
            0.1,
            -0.1,
            0.3,
            0.3,
            0.25,
            0.35,
            0.25,
            "middle",
            "<b>east</b>",
        )
    )
    first = traits[0]
    rule = Rule(
        (Condition(first.column, ">=", 70.0),),
        Statement("rule-where", text=f"{first.column} ≥ 70"),
        say("rule-measured", precision=0.97, coverage=0.95, held_out=80),
        0.97,
        0.95,
        80,
    )
    action = Action(
        "win-over",
        "Win over",
        say("play", sentences=(Sentence("Write to them with an offer.", {}),), tried_first=False),
        Statement("play-fits", text="They could spend more."),
        12345.6,
        Statement("stake-raise", text="if half came up to the median"),
    )
    total = float(spend.sum())
    return SegmentProfile(
        i + 1,
        segment_name,
        len(rows),
        len(rows) / len(X),
        float(spend[rows].sum()),
        float(spend[rows].sum()) / total,
        float(spend[rows].mean()),
        tuple(traits),
        (Statement("name-column", text=f"High: {first.column} is above 80 % of customers."),),
        rule,
        tuple(map(int, rows[:3])),
        tuple(f"C{r:04d}" for r in rows[:3]),
        (
            Statement("size", text=f"They are {len(rows) / len(X):.0%} of customers."),
            Statement("differences", text=f"{first.column} is what sets them apart."),
        ),
        action,
        1,
    )


def make_facts(
    k: int = 5,
    basis: int = 2,
    long_names: bool = False,
    n: int = 200,
    flags: int = 0,
    categories: int = 0,
    structure: Structure = Structure.natural,
    value: bool = True,
    log: bool = False,
    region: str = "Region",
    first_name: str | None = None,
    total: int | None = None,
    seed: int = 0,
) -> Facts:
    """Facts about n customers in k planted segments.

    The last `flags` of the basis are 0/1, `categories` more are words.
    """
    X = planted(n, k, basis, seed, flags)
    names = basis_names(basis, long_names)
    if log:
        X[:, 0] = np.round(np.exp(X[:, 0] / 12), 2)
    Z = np.log(X + 1.0) if log else X
    Z = np.column_stack([Z[:, 0], X[:, 1:]]) if log else Z
    mean, sd = Z.mean(0), Z.std(0)
    features = [
        Feature(
            c,
            "flag" if j >= basis - flags else "number",
            0.0,
            2,
            1.0 if log and j == 0 else None,
            None,
            None,
            float(mean[j]),
            float(sd[j]),
            categories=("0", "1") if j >= basis - flags else (),
            words=f"{c} was standardised.",
        )
        for j, c in enumerate(names)
    ]
    M = (Z - mean) / sd
    words = {
        f"channel_{c}": [("web", "shop", "phone")[(i + c) % 3] for i in range(n)]
        for c in range(categories)
    }
    for c, said in words.items():
        M = np.column_stack([M, *[(np.array(said) == w) * 0.7 for w in ("phone", "shop", "web")]])
        features.append(
            Feature(
                c,
                "category",
                "web",
                categories=("phone", "shop", "web"),
                weight=0.7,
                words=f"{c} in three columns.",
            )
        )
    fits = {}
    for kk in range(1, max(8, k + 2)):
        if kk <= n // 2:
            model = KMeans(kk, n_init=3, random_state=seed).fit(M)
            fits[kk] = Fit(
                model.cluster_centers_, model.labels_.astype(np.int64), float(model.inertia_), 3, 2
            )
    order = np.argsort(-np.bincount(fits[k].labels, minlength=k), kind="stable")
    rank = np.argsort(order)
    labels = rank[fits[k].labels]
    centres = fits[k].centres[order]
    spend = np.abs(X[:, 0]) * 10 + 5
    said_region = (["north", "south", "<b>east</b>", "Süd & West"] * n)[:n]
    rows = pa.table(
        {
            "CustomerID": [f"C{i:04d}" for i in range(n)],
            **{c: X[:, j] for j, c in enumerate(names)},
            **words,
            region: said_region,
            "spend": spend,
        }
    )
    seg_names = [
        f"{WORDS[i % 10]} · {WORDS[(i + 3) % 10].lower()}" + (f" {i // 10 + 1}" if i > 9 else "")
        for i in range(k)
    ]
    if first_name is not None:
        seg_names[0] = first_name
    portraits = tuple(
        portrait(i, np.flatnonzero(labels == i), X, names, region, spend, seg_names[i])
        for i in range(k)
    )
    columns = [number_column(c, X[:, j]) for j, c in enumerate(names)]
    columns += [category_column(c, w, "basis") for c, w in words.items()]
    columns += [category_column(region, said_region), number_column("spend", spend, "value")]
    base = make_profile(max(n - n % 4, 8), max(basis, 1), long_names, region)
    profile = Profile(
        base.name,
        base.read_as,
        n,
        tuple(columns),
        base.findings,
        n,
        2,
        base.correlation_columns,
        base.correlations,
    )
    every = tuple(evidence(kk, f, n, k) for kk, f in fits.items())
    choice = Choice(
        k,
        structure,
        Statement("k-natural", {}, f"k = {k} is the largest at which every pair is separated."),
        k + 1,
        Statement("runner-up", {}, f"k = {k + 1} splits one of them."),
        every,
        False,
        n,
        fits,
        tuple(sorted({k, k + 1} & set(fits))),
    )
    numbered = {kk: (labels if kk == k else f.labels) for kk, f in fits.items()}
    flows = tuple(
        KFlow(
            a,
            a + 1,
            tuple(
                tuple(
                    int(((numbered[a] == i) & (numbered[a + 1] == j)).sum()) for j in range(a + 1)
                )
                for i in range(a)
            ),
        )
        for a in range(2, max(fits))
    )
    trust = Trust(
        tuple(segment_trust(i, k, structure) for i in range(k)),
        100,
        n,
        np.linspace(0.5, 1, n),
        flows,
        np.linspace(1, 0.4, k),
        Statement("resampled", {}, f"100 resamples of {n} customers, each fitted anew."),
    )
    sizes = np.bincount(labels, minlength=k)
    counts = np.repeat(sizes[:, None], basis, 1).astype(float)
    sums = np.array([X[labels == i].sum(0) for i in range(k)])
    squares = np.array([((X[labels == i] - X.mean(0)) ** 2).sum(0) for i in range(k)])
    tally = {
        region: {
            w: tuple(
                int(sum(1 for r in np.flatnonzero(labels == i) if said_region[r] == w))
                for i in range(k)
            )
            for w in sorted(set(said_region))
        }
    }
    segmentation = Segmentation(
        recipe=Recipe(tuple(features), "auto"),
        centres=centres,
        names=tuple(seg_names),
        colours=colours(k),
        sizes=tuple(map(int, sizes)),
        inertia=fits[k].inertia,
        silhouette=0.55,
        far=np.full(k, 3.0),
        far_rate=0.01,
        id_column="CustomerID",
        basis=tuple(names) + tuple(words),
        seed=seed,
        rows=n,
    )
    findings = (*base.findings, Finding("k-range", "error", "Nothing to worry about <here>.", None))
    return Facts(
        base.name,
        profile,
        Sample(rows, np.arange(n), total or n),
        Points(M, np.ones(n), np.arange(n)),
        labels,
        np.linalg.norm(M - centres[labels], axis=1),
        choice,
        segmentation,
        SegmentTotals(tuple(names), sizes, counts, sums, squares, tally),
        trust,
        portraits,
        findings,
        "spend" if value else None,
        n + 3,
        n,
        3,
        {"by": names[:2], "command": "shoal segment mall.csv --out results"},
        {"shoal": "0.1.0", "numpy": "2.4"},
    )
