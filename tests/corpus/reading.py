"""The models and the CPython classes of the corpus."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from modelcheck.language.loading import load_spec
from modelcheck.language.spec import Spec
from modelcheck.model.program import Model
from modelcheck.reader.read import read_spec
from tests.corpus.cases import CASES, Case

SPECS = Path(__file__).parent / "specs"


def model_of(case: Case) -> Model:
    """The compiled model of `case`."""
    return _model(case.name)


@cache
def _model(name: str) -> Model:
    case = next(case for case in CASES if case.name == name)
    suffix = f"::{case.class_name}" if case.class_name else ""
    return read_spec(f"{SPECS / case.spec}{suffix}", case.scopes)


def class_of(case: Case) -> type[Spec]:
    """The class that CPython makes of `case`."""
    return load_spec(SPECS / case.spec, case.class_name, case.scopes)
