"""Larger scopes than a default run has time for: `python -m bench.deep`.

`deep.json` beside this module names specs with scopes, and says for each how many
states a complete search found, how deep they lie, and which verdicts are not those that
the spec declares at its own scopes. Every search is made again, and anything that is
not as recorded is a failure. `--record` looks anew which of `SCOPES` each design of
`specs/` can be searched in, within `SECONDS` and `MEMORY`, and writes the file; with
`--first` only the first of them that is possible.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

from bench.machine import describe
from bench.run import say
from modelcheck.report.artifacts import replace_file

HERE = Path(__file__).parent
ROOT = HERE.parent
RECORD = HERE / "deep.json"
TABLE = HERE / "results" / "deep.md"

SCOPES: tuple[Mapping[str, int], ...] = (
    {"Device": 2, "File": 2, "Failure": 2},
    {"Device": 3, "File": 1, "Failure": 1},
    {"Device": 3, "File": 2, "Failure": 2},
    {"Device": 2, "File": 2, "Failure": 1},
)
"""Two users and two failures, three devices, and all of them, if there is time.

A second user alone comes last, for what is too large with a second failure.
"""

SECONDS, MEMORY = 120, "6G"
"""What one search may take while it is recorded."""

TIMES = 15
"""How many times as long a search of larger scopes takes, at least."""


class DeepError(Exception):
    """A search that gave no report; says what it printed."""


@dataclass(frozen=True, slots=True)
class Deep:
    """What was found in one spec at one size.

    `states` are all states, not the representatives that symmetry leaves.
    `unexpected` gives the verdicts that are not those of the default scopes, with the
    steps of the trace. `seconds` of the clock and `mebibytes` are what it took.
    """

    spec: str
    scopes: Mapping[str, int]
    states: int
    depth: int
    unexpected: Mapping[str, str]
    seconds: float
    mebibytes: int

    @property
    def title(self) -> str:
        """`replace_domain, Device=3 File=1 Failure=1`."""
        sizes = " ".join(f"{name}={size}" for name, size in self.scopes.items())
        return f"{Path(self.spec).stem}, {sizes}"


def search(
    spec: str, scopes: Mapping[str, int], limits: Sequence[str] = ()
) -> Deep | None:
    """Search `spec` in a process of its own; None if that was cut short.

    Raises `DeepError` if there is no report.
    """
    sizes = [word for name, n in scopes.items() for word in ("--scope", f"{name}={n}")]
    command = [sys.executable, "-m", "modelcheck", "verify", spec, *sizes, *limits]
    command += ["--engine", "native", "--memory", MEMORY, "--no-twins", "--quiet"]
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as out:
        command += ["--format", "json", "--out", folder]
        child = subprocess.Popen(command, cwd=ROOT, stdout=out)
        # Not run(): of all children together the system only knows the largest.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read()
    seconds = perf_counter() - start
    try:
        report = json.loads(printed)
    except ValueError:
        message = f"{spec} {dict(scopes)}: status {child.returncode}, no report"
        raise DeepError(message) from None
    if not report["complete"]:
        return None
    return Deep(
        spec,
        dict(scopes),
        (report["symmetry"] or {"states": report["states"]["distinct"]})["states"],
        report["states"]["depth"],
        dict(_unexpected(report["properties"])),
        round(seconds, 1),
        usage.ru_maxrss // 1024,
    )


def _unexpected(
    properties: Sequence[Mapping[str, object]],
) -> Iterator[tuple[str, str]]:
    for prop in properties:
        if not prop["as_expected"]:
            steps = prop["steps"]
            within = "" if steps is None else f" in {steps} steps"
            yield str(prop["name"]), f"{prop['verdict']}{within}"


def recorded() -> list[Deep]:
    """The searches in the file, in its order."""
    return [Deep(**each) for each in json.loads(RECORD.read_text(encoding="utf-8"))]


def differences(was: Deep, found: Deep | None) -> Iterator[str]:
    """What is not as it was."""
    if found is None:
        yield f"{was.title}: the search was not complete"
        return
    for name in ("states", "depth", "unexpected"):
        before, now = getattr(was, name), getattr(found, name)
        if before != now:
            yield f"{was.title}: {name} {now}, recorded {before}"


def check(chosen: Sequence[Deep]) -> int:
    """Make the recorded searches again; 1 if one of them is not as recorded."""
    wrong: list[str] = []
    for was in chosen:
        found = search(was.spec, was.scopes)
        news = list(differences(was, found))
        word = "DIFFERS" if news else "as recorded"
        took = f"{found.seconds:.1f} s, " if found else ""
        say(f"{was.title}: {was.states:,} states, {took}{word}")
        wrong += news
    for line in wrong:
        say(f"MISMATCH {line}")
    return 1 if wrong else 0


def record(specs: Sequence[str], most: int | None = None) -> int:
    """Look what can be searched, and write it down; other specs stay as they are.

    At most `most` searches of each spec are looked for.
    """
    for spec in specs:
        others = [each for each in recorded() if each.spec != spec]
        possible = islice(_possible(spec), most)
        found = sorted([*others, *possible], key=lambda each: each.title)
        data = [asdict(each) for each in found]
        replace_file(RECORD, json.dumps(data, indent=1) + "\n")
        replace_file(TABLE, table(found))
    return 0


def _possible(spec: str) -> Iterator[Deep]:
    """The searches of `spec` that can be made."""
    taken: list[tuple[Mapping[str, int], float]] = []
    for scopes in SCOPES:
        if any(_is_within(scopes, large) and s < SECONDS for large, s in taken):
            continue
        if any(s * TIMES > SECONDS for small, s in taken if _is_within(small, scopes)):
            continue
        found = search(spec, scopes, ["--timeout", f"{SECONDS}s"])
        taken.append((scopes, found.seconds if found else SECONDS))
        if found is None:
            say(f"{spec} {dict(scopes)}: not within {SECONDS} s and {MEMORY}")
            continue
        say(f"{found.title}: {found.states:,} states, {found.seconds:.1f} s")
        yield found


def _is_within(small: Mapping[str, int], large: Mapping[str, int]) -> bool:
    return all(small[name] <= large[name] for name in small)


_INTRODUCTION = (
    "Complete searches at larger scopes than those of the files, written by `python -m "
    "bench.deep --record`; `make deep` makes them again and compares the counts. The "
    "last column has the verdicts that differ from those at the scopes of the file."
)


def table(rows: Sequence[Deep]) -> str:
    """What was recorded as Markdown, with what it took."""
    lines = [
        "# Deep searches",
        "",
        describe(),
        "",
        _INTRODUCTION,
        "",
        "| design | scopes | states | depth | seconds | MiB | other verdicts |",
        "| --- | --- | --: | --: | --: | --: | --- |",
    ]
    for deep in rows:
        sizes = ", ".join(f"{name}={size}" for name, size in deep.scopes.items())
        other = ", ".join(f"`{prop}` {how}" for prop, how in deep.unexpected.items())
        cells = [f"`{Path(deep.spec).stem}`", sizes, f"{deep.states:,}"]
        cells += [str(deep.depth), f"{deep.seconds:.1f}", str(deep.mebibytes)]
        lines.append(f"| {' | '.join([*cells, other or '-'])} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Check or record; 1 if something is not as recorded."""
    parser = argparse.ArgumentParser(prog="python -m bench.deep", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write deep.json anew")
    parser.add_argument("--first", action="store_true", help="one search of each")
    parser.add_argument("--spec", action="append", help="only this file")
    options = parser.parse_args()
    if options.record:
        every = sorted(
            str(path.relative_to(ROOT))
            for path in ROOT.glob("specs/*.py")
            if not path.stem.endswith("_liveness")
        )
        return record(options.spec or every, 1 if options.first else None)
    chosen = [
        each for each in recorded() if not options.spec or each.spec in options.spec
    ]
    return check(chosen)


if __name__ == "__main__":
    raise SystemExit(main())
