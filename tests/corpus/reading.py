"""The models and the CPython classes of the corpus."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from modelcheck.language.loading import load_spec
from modelcheck.language.spec import Spec
from modelcheck.model.program import Model
from modelcheck.reader.read import read_spec
from tests.corpus.cases import CASES, Case
from tests.corpus.temporal import LIVE, Live

SPECS = Path(__file__).parent / "specs"


def model_of(case: Case) -> Model:
    """The compiled model of `case`."""
    return _model(case.name)


@cache
def _model(name: str) -> Model:
    return _read(next(case for case in CASES if case.name == name))


def live_model_of(live: Live) -> Model:
    """The compiled model of `live`."""
    return _live_model(live.name)


@cache
def _live_model(name: str) -> Model:
    return _read(next(live for live in LIVE if live.name == name))


def _read(case: Case | Live) -> Model:
    suffix = f"::{case.class_name}" if case.class_name else ""
    return read_spec(f"{SPECS / case.spec}{suffix}", case.scopes)


def class_of(case: Case | Live) -> type[Spec]:
    """The class that CPython makes of `case`."""
    return load_spec(SPECS / case.spec, case.class_name, case.scopes)
