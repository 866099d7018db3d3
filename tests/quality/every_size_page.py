"""docs/every-size.md: what of each design is proved for every number of devices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelcheck.certify.parametric_file import ParametricFile, from_json
from modelcheck.model.program import Expect, Kind, Property
from modelcheck.reader.largest import Parts
from modelcheck.verdict.parametric import reason_against

ROOT = Path(__file__).parents[2]
PROOFS = ROOT / "tests" / "golden" / "every_size"
PROVED, OPEN = "all", "open"
COMMON = 12
"""A property that so many designs promise has a column of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A design: what is known of each invariant that holds at the sizes in its file."""

    design: str
    cells: Mapping[str, str]


def proofs() -> dict[str, tuple[Path, ParametricFile]]:
    """The saved proofs by the name of the design that they are about."""
    found: dict[str, tuple[Path, ParametricFile]] = {}
    for path in sorted(PROOFS.glob("*.json")):
        file = from_json(path.read_text())
        assert file is not None
        found[Path(file.spec).stem] = path, file
    return found


def designs() -> list[Path]:
    """The designs of the table, which all have devices."""
    return [
        path
        for path in sorted(ROOT.glob("specs/*.py"))
        if not path.stem.endswith("_liveness") and path.stem != "ownership"
    ]


def row(path: Path, claims: Iterable[str]) -> tuple[Row, dict[str, str]]:
    """What is known of a design of which `claims` are proved, and the places."""
    spec = str(path.relative_to(ROOT))
    parts = Parts(spec, "Device", {}, "await")
    cells: dict[str, str] = {}
    places: dict[str, str] = {}
    known: dict[frozenset[str], str | None] = {}
    for prop in parts.model.properties:
        if prop.kind is not Kind.INVARIANT or prop.expect is not Expect.HOLDS:
            continue
        if prop.name in claims:
            cells[prop.name] = PROVED
            continue
        reason = _reason(parts, prop, known)
        if reason is None:
            cells[prop.name] = OPEN
            continue
        cell, why = _named(reason)
        cells[prop.name] = cell
        places[cell] = why
    return Row(path.stem, cells), places


def _reason(
    parts: Parts, prop: Property, known: dict[frozenset[str], str | None]
) -> str | None:
    """What stands against a proof; `known` is what does for parts of the design."""
    part = parts.largest([prop.name])
    if prop.name in part.text.against:
        return part.text.against[prop.name].text
    dropped = part.text.dropped
    if dropped not in known:
        known[dropped] = reason_against(parts, prop.name, prop.kind)
    return known[dropped]


def _named(reason: str) -> tuple[str, str]:
    """The short name of a reason, and the reason itself without lines."""
    about = re.search(r"it is about (\w+): (.*)", reason)
    if about is not None:
        return f"`{about[1]}`", _without_lines(about[2])
    return "refused", _without_lines(reason)


def _without_lines(reason: str) -> str:
    return re.sub(r"(specs/[\w/]+\.py):\d+: ", r"`\1`: ", reason)


def page(rows: Iterable[tuple[Row, Mapping[str, str]]]) -> str:
    """The whole page."""
    rows = list(rows)
    number = Counter(name for row, _ in rows for name in row.cells)
    order = list(dict.fromkeys(name for row, _ in rows for name in row.cells))
    columns = [name for name in order if number[name] >= COMMON]
    lines = [HEAD, *(f"{n}. `{name}`" for n, name in enumerate(columns, 1)), ""]
    lines += _table(["design", *map(str, range(1, len(columns) + 1))])
    for each, _ in rows:
        cells = [each.cells.get(name, "") for name in columns]
        lines.append(_line([f"`{each.design}`", *cells]))
    lines += ["", "What only some designs promise:", ""]
    lines += _table(["design", "property", ""])
    for each, _ in rows:
        for name, cell in each.cells.items():
            if name not in columns:
                lines.append(_line([f"`{each.design}`", f"`{name}`", cell]))
    lines += ["", "## Why not", "", WHY, ""]
    lines += _table(["name", "reason", "designs"])
    lines += _reasons(rows)
    return "\n".join(lines) + "\n"


def read(path: Path) -> list[tuple[Row, dict[str, str]]]:
    """What a page says, design by design."""
    text = path.read_text()
    columns = _columns(text)
    places: dict[str, dict[str, str]] = {}
    for cell, why, names in _rows(text, "| name | reason |"):
        for design in _names(names):
            places.setdefault(design, {})[cell] = why
    cells: dict[str, dict[str, str]] = {}
    for design, *row in _rows(text, "| design | 1 |"):
        both = zip(columns, row, strict=True)
        cells[design.strip("`")] = {name: cell for name, cell in both if cell}
    for design, name, cell in _rows(text, "| design | property |"):
        cells[design.strip("`")][name.strip("`")] = cell
    return [(Row(name, of), places.get(name, {})) for name, of in cells.items()]


def common(path: Path) -> set[str]:
    """The properties with columns of their own."""
    return set(_columns(path.read_text()))


def held(path: Path) -> dict[str, dict[str, bool]]:
    """Of docs/designs.md: for each property and design whether it holds."""
    text = path.read_text()
    found: dict[str, dict[str, bool]] = {}
    for design, *row in _rows(text, "| design | 1 |"):
        for name, cell in zip(_columns(text), row[:-1], strict=True):
            if cell != "-":
                of = found.setdefault(name, {})
                of[design.strip("`")] = cell in ("holds", "n/a")
    return found


def _columns(text: str) -> list[str]:
    return re.findall(r"^\d+\. `(\w+)`$", text, re.MULTILINE)


def _names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def _rows(text: str, head: str) -> list[list[str]]:
    """The cells of the table that begins with `head`."""
    table = text[text.index(head) :].partition("\n\n")[0]
    lines = table.splitlines()[2:]
    return [[x.strip() for x in line.strip("|").split("|")] for line in lines]


def _reasons(rows: Iterable[tuple[Row, Mapping[str, str]]]) -> list[str]:
    """Each reason, and the designs in which it is one."""
    found: dict[tuple[str, str], list[str]] = {}
    for each, places in rows:
        for cell, why in places.items():
            found.setdefault((cell, why), []).append(f"`{each.design}`")
    return [
        _line([cell, why, ", ".join(names)])
        for (cell, why), names in sorted(found.items())
    ]


def _table(head: list[str]) -> list[str]:
    return [_line(head), _line(["---"] * len(head))]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


HEAD = """\
# Any number of devices

`modelcheck verify` searches the sizes in the files, which is two devices for most
designs, and `make deep` some of three.
`modelcheck prove SPEC --for-all Device` proves invariants for every number of devices;
[adr/0035](adr/0035-every-size.md) has the conditions and the argument.
This page says for each design, and each invariant that holds in it, what came of that:

- `all`: proved for every number of devices; the sizes of other types are those in the
  file. The proofs are in `tests/golden/every_size/`; `modelcheck certify FILE` checks
  one.
- `open`: nothing in the text stands against a proof, and none was found, or looked for
  long enough.
- a name: the invariant is about a variable that has to be left out; below is why.
- `refused`: something else in the text stands in the way; below is what.
- nothing: the invariant is violated, or the design does not ask.

Transition properties, goals, deadlock and failed checks are not in the table: they are
proved for every size only where nothing has to be left out, which is so in none of
these designs, and goals and deadlock never. As failed checks are not, what is proved
here is proved of the runs that no failed check ends.

Where there is no proof, there is evidence:
`modelcheck scopes specs/mainline_7_0.py --vary Device=1..2` prints what each size has
that no smaller one had.

`make golden` rewrites this page.
"""

WHY = """\
What the variable's name stands for, and where. A loop over devices that changes the
entries of all of them is not followed, so `hw`, and what is read from it, is left out;
so is a list that is as long as there are devices."""
