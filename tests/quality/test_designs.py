"""Every design in `specs/` gets the verdicts that it declares; the table is current."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import Golden

ROOT = Path(__file__).parents[2]
HEAD = """\
# The designs

What the checker found in each design of `specs/`, at the scopes in the files.

- A number: violated, with a shortest counterexample of so many steps.
- `holds`: no reachable state or step violates it, and it could be otherwise: a
  combination of values that the variables have, each by itself, would violate it.
- `n/a`: not applicable. It holds because what it speaks of does not exist in the
  design at these scopes: nobody switches domains, no driver has a domain of its own,
  no attach fails. The checker finds that out (see
  [adding-a-design.md](adding-a-design.md#not-applicable)); no spec declares it.
- `-`: the design does not ask. `ownership` is an abstract with questions of its own,
  and some questions are about code that only a few designs have.
- `reached` or `unreachable`: a goal.

The list names the columns of the first table; the second one has the questions that
only some designs are asked.
What they do in the end is in [liveness.md](liveness.md).
Verdicts are about the models, not about code.
Below the table each design has a section: what it is, in the words of its spec, what
was found in it, and the shortest counterexample.
`modelcheck verify specs/NAME.py` shows all traces, and so does the page that
`modelcheck compare specs/*.py --format html` prints; `make golden` rewrites this one
from `modelcheck compare specs/*.py --format markdown --describe`.

"""


def test_designs_get_the_declared_verdicts(golden: Golden) -> None:
    specs = sorted(
        str(path.relative_to(ROOT))
        for path in ROOT.glob("specs/*.py")
        if not path.stem.endswith("_liveness")  # see test_liveness.py
    )
    command = ["compare", *specs, "--format", "markdown", "--describe", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "modelcheck", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    golden(ROOT / "docs" / "designs.md", HEAD + done.stdout)
