"""The inner loop of the compiled explorer, generated for one search.

It is generated because what it has to look at differs: a model without transition
properties or constraints must not pay for them, and each table gets its own line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from modelcheck.explore.memo import PairVerdicts, Verdicts

Expand = Callable[[Sequence[int], dict[int, int], list[int], int, int], tuple[int, int]]
"""Expands states: `expand(chunk, parent, found, least, most)` adds the new successors
to `parent` and `found` and returns the extremes of their number per state."""


def make_loop(
    counters: int,
    verdicts: Sequence[Verdicts],
    pairs: Sequence[PairVerdicts],
    constraint: int | None,
    moved: int | None,
    namespace: dict[str, object],
) -> Expand:
    """The loop. `counters` are the bits of all pcs, `constraint` those of constraints.

    `moved` are the bits that decide about a state's representative; None without
    symmetry.

    `namespace` has `get_plan(counters)` and `plan(state)`, which makes a plan; `stuck`,
    told about states without successors; `inside` and `is_inside(state, before)`, table
    and test of the constraints; `outside(state, before)`, told about states beyond;
    `get_delta` and `represent(state)`, table of the deltas to representatives, and the
    function that finds one.
    """
    names = dict(namespace)
    for number, pair in enumerate(pairs):
        names[f"row{number}"] = pair.row
        names[f"get_row{number}"] = pair.rows.get
        names[f"pair{number}"] = pair.miss
    for number, verdict in enumerate(verdicts):
        names[f"seen{number}"] = verdict.seen
        names[f"look{number}"] = verdict.miss
    source = "\n".join(_lines(counters, verdicts, pairs, constraint, moved))
    exec(compile(source, "<search loop>", "exec"), names)  # noqa: S102 - ours
    return cast(Expand, names["expand"])


def _lines(
    counters: int,
    verdicts: Sequence[Verdicts],
    pairs: Sequence[PairVerdicts],
    constraint: int | None,
    moved: int | None,
) -> list[str]:
    rows = [
        f"  r{number} = get_row{number}(s & {pair.mask})\n"
        f"  if r{number} is None: r{number} = row{number}(s)"
        for number, pair in enumerate(pairs)
    ]
    edges = [
        f"    if t & {pair.mask} not in r{number}: pair{number}(s, t, r{number})"
        for number, pair in enumerate(pairs)
    ]
    cuts = [
        f"     ok = inside.get(t & {constraint})",
        "     if ok is None: ok = is_inside(t, s)",
        "     if not ok:",
        "      outside(t, s)",
        "      continue",
    ]
    canons = [
        f"     c = get_delta(t & {moved})",
        "     t = represent(t) if c is None else t ^ c",
        "     if t in parent: continue",
    ]
    looks = [
        f"     if t & {verdict.mask} not in seen{number}: look{number}(t)"
        for number, verdict in enumerate(verdicts)
    ]
    return [
        "def expand(chunk, parent, found, least, most):",
        " push = found.append",
        " before = len(found)",
        " for s in chunk:",
        "  t = None",
        *rows,
        f"  for mask, get, miss in get_plan(s & {counters}) or plan(s):",
        "   entry = get(s & mask) or miss(s)",
        "   entry.hits += 1",
        "   for d in entry.deltas:",
        "    t = s ^ d",
        *edges,
        "    if t not in parent:",
        *(canons if moved is not None else ()),
        *(cuts if constraint is not None else ()),
        "     parent[t] = s",
        "     push(t)",
        *looks,
        "  if t is None: stuck(s)",
        "  after = len(found)",
        "  if after - before > most: most = after - before",
        "  if after - before < least: least = after - before",
        "  before = after",
        " return least, most",
    ]
