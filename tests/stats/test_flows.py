"""Flows from one number of segments to the next."""

from __future__ import annotations

from shoal.stats.flows import order, owners
from shoal.types import KFlow


def test_each_group_is_made_up_of_the_segments_its_customers_end_in():
    """At k = 2 one group holds segments 1 and 2, the other segment 3.

    At k = 4 segment 1 is split.
    """
    flows = [
        KFlow(2, 3, ((30, 10, 0), (0, 0, 20))),
        KFlow(3, 4, ((0, 25, 5, 0), (10, 0, 0, 0), (0, 0, 0, 20))),
    ]
    found = owners(flows, 3)
    assert found[2].tolist() == [[0.75, 0.25, 0], [0, 0, 1]]
    assert found[4].tolist() == [[0, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_groups_are_ordered_so_that_bands_cross_little():
    ranks = order([KFlow(2, 3, ((0, 30, 5), (20, 0, 0)))])
    assert ranks[2].argsort().tolist() == [0, 1]
    assert ranks[3].argsort().tolist() == [1, 2, 0]
