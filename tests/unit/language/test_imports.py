import ast
import subprocess
import sys
from pathlib import Path

import modelcheck
from modelcheck import language

PACKAGE = Path(language.__file__).parent

CONTRACT = {
    "HOLDS",
    "VIOLATED",
    "Formula",
    "Length",
    "Mutex",
    "RWLock",
    "Scalarset",
    "Semaphore",
    "Spec",
    "action",
    "always",
    "assume",
    "choose",
    "constraint",
    "eventually",
    "every",
    "fairness",
    "implies",
    "init",
    "invariant",
    "leads_to",
    "lemma",
    "mapping",
    "next_state",
    "preempt",
    "process",
    "reachable",
    "require",
    "some",
    "temporal",
    "transition",
    "until",
}


def test_the_package_offers_the_names_of_the_contract() -> None:
    assert set(modelcheck.__all__) == CONTRACT | {"__version__"}
    assert all(hasattr(modelcheck, name) for name in modelcheck.__all__)


def test_importing_the_package_brings_only_the_language() -> None:
    code = "import sys, modelcheck; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(result.stdout.split())
    assert not loaded & {"z3", "networkx", "rich", "typer", "asyncio", "pdb", "random"}
    others = {name for name in loaded if name.startswith("modelcheck.")}
    assert all(name.startswith("modelcheck.language") for name in others)


def test_the_language_knows_nothing_of_the_rest() -> None:
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                own = node.module.startswith("modelcheck.language")
                assert own or not node.module.startswith("modelcheck"), file
