"""What all tests share: golden files and the settings of Hypothesis."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

Golden = Callable[[Path, str], None]

# One deterministic run for a gate, new examples on every run for a developer. Either
# way a failure prints what reproduces it. No deadline: machines are shared.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("developer", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

# A job in the background of a shell script ignores Ctrl-C, and so would all that the
# tests start: those that press it need it to mean something.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the expected outputs instead of comparing with them",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"golden", "update_golden"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.golden)


@pytest.fixture(scope="session")
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Whether expected outputs are to be rewritten."""
    return bool(pytestconfig.getoption("--update-golden"))


@pytest.fixture
def golden(update_golden: bool) -> Golden:
    """Compares a text with a committed file, or rewrites that file."""

    def compare(path: Path, actual: str) -> None:
        if update_golden:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
            return
        if not path.exists():
            pytest.fail(f"{path} is missing; make it with: make golden")
        assert actual == path.read_text(encoding="utf-8"), f"see {path}"

    return compare
