"""How often is the right k chosen?

On planted tables, on benchmarks with known groups, and on tables of noise.

    python bench/choosing_k.py planted --seed 1 --tables 60 --with PATH/planted.py
    python bench/choosing_k.py benchmarks --data PATH/benchmarks
    python bench/choosing_k.py noise --seed 1 --tables 200

`planted.py` offers `plant(rng)` and `recoverable(table, group, k)`; the benchmarks are `*.csv.gz`
beside a `reference_shared.json`. Columns are encoded as the recipe does it: log where skewed,
far-out values drawn in, z-scores.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shoal import Segmenter

Floats = NDArray[np.float64]


def skewness(x: Floats) -> float:
    return float(((x - x.mean()) ** 3).mean() / max(x.std(), 1e-300) ** 3)


def encode(matrix: Floats) -> Floats:
    return np.column_stack([encode_column(column) for column in matrix.astype(float).T])


def encode_column(x: Floats) -> Floats:
    if x.min() >= 0 and skewness(x) > 1:
        above = x[x > 0]
        offsets = [*([0.0] if x.min() > 0 else []), *np.quantile(above, [0.01, 0.1, 0.5])]
        x = min((np.log(x + offset) for offset in offsets), key=lambda y: abs(skewness(y)))
    low, high = np.quantile(x, [0.25, 0.75])
    reach = 3 * (high - low)
    clipped = np.clip(x, low - reach, high + reach)
    if (
        clipped != x
    ).mean() <= 0.01:  # more than a few far-out customers are a group, not an accident
        x = clipped
    return (x - x.mean()) / (x.std() or 1.0)


def fitted(matrix: Floats, k_max: int = 10) -> Segmenter:
    return Segmenter(k_max=k_max, scale="none").fit(encode(matrix))


def found(model: Segmenter) -> int:
    return model.choice_.k if model.choice_.structure else 1


def planted(seed: int, tables: int, source: Path) -> None:
    spec = importlib.util.spec_from_file_location("planted", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rng, rows = np.random.default_rng(seed), []
    for _ in range(tables):
        table, group, made = module.plant(rng)
        if not module.recoverable(table, group, made["k"]):
            continue
        model = fitted(table.drop(columns="customer_id").to_numpy())
        rows.append((made["k"], found(model)))
        if made["k"] != found(model):
            print(made, "found", found(model), model.choice_.structure.value, flush=True)
    true, seen = np.array(rows).T
    noise = true == 1
    print(
        f"seed {seed}: {len(true)} recoverable tables, exact {(true == seen).mean():.3f}, "
        f"within one {(abs(true - seen) <= 1).mean():.3f}, noise called noise "
        f"{(seen[noise] == 1).mean():.3f}, "
        f"groups called noise {(seen[~noise] == 1).mean():.3f}"
    )


def benchmarks(folder: Path) -> None:
    from sklearn.metrics import adjusted_rand_score

    for name, facts in json.loads((folder / "reference_shared.json").read_text()).items():
        if facts["n"] > 10_000:
            continue
        table = pd.read_csv(folder / facts["file"])
        k_max = 25 if facts["kmeans_friendly"] else 12
        model = fitted(table.filter(regex="^x").to_numpy(), k_max)
        choice = model.choice_
        agreement = adjusted_rand_score(table.label0, model.labels_)
        friendly = "friendly" if facts["kmeans_friendly"] else ""
        print(
            f"{name:18} true k {facts['k_true']:3} {friendly:9} {choice.k:3} "
            f"{choice.structure.value:12} ARI {agreement:.2f}",
            flush=True,
        )


def noise_table(rng: np.random.Generator) -> tuple[str, Floats]:
    kind = str(rng.choice(["normal", "uniform", "log-normal", "correlated"]))
    n, d = int(rng.choice([200, 400, 1000, 3000])), int(rng.integers(2, 11))
    normal = rng.standard_normal((n, d))
    return kind, {
        "normal": normal,
        "uniform": rng.random((n, d)),
        "log-normal": np.exp(normal * rng.uniform(0.3, 1.2, d)),
        "correlated": normal @ rng.standard_normal((d, d)),
    }[kind]


def noise(seed: int, tables: int) -> None:
    rng, words = np.random.default_rng(seed), []
    for _ in range(tables):
        kind, matrix = noise_table(rng)
        choice = fitted(matrix).choice_
        words.append(choice.structure.value)
        if choice.structure:
            print(kind, matrix.shape, choice.k, choice.structure.value, flush=True)
    print(
        f"seed {seed}: {tables} tables of noise:",
        {word: words.count(word) for word in sorted(set(words))},
    )


if __name__ == "__main__":
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("what", choices=["planted", "benchmarks", "noise"])
    cli.add_argument("--seed", type=int, default=1)
    cli.add_argument("--tables", type=int, default=60)
    cli.add_argument("--with", dest="source", type=Path)
    cli.add_argument("--data", type=Path)
    asked = cli.parse_args()
    if asked.what == "planted":
        planted(asked.seed, asked.tables, asked.source)
    elif asked.what == "benchmarks":
        benchmarks(asked.data)
    else:
        noise(asked.seed, asked.tables)
