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
- `reached` or `unreachable`: a goal.
- `-`: the design has no such property.

Verdicts are about the models, not about code.
`modelcheck verify specs/NAME.py` shows the traces; `make golden` rewrites this page
from `modelcheck compare specs/*.py --format markdown`.

"""


def test_designs_get_the_declared_verdicts(golden: Golden) -> None:
    specs = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("specs/*.py"))
    command = ["compare", *specs, "--format", "markdown", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "modelcheck", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    golden(ROOT / "docs" / "designs.md", HEAD + done.stdout)
