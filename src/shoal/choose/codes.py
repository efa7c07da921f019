"""Codes of findings about the choice of k."""

CODES = {
    "no-natural-groups": "the table holds no groups to speak of: segments are slices through a continuum",
    "several-k": "other numbers of segments can be defended as well",
    "k-at-the-edge": "the largest number allowed was taken: more segments may be there",
}
