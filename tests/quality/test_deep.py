"""What `make deep` compares with is sound, and it notices what is not as recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import deep
from modelcheck.reader import read_spec

ROOT = Path(__file__).parents[2]
RECORDED = deep.recorded()
SMALL = deep.Deep("tests/corpus/specs/dining.py", {}, 6, 4, {}, 0.5, 90)


@pytest.mark.parametrize("spec", sorted({each.spec for each in RECORDED}))
def test_a_recorded_search_is_of_a_design_at_larger_scopes(spec: str) -> None:
    model = read_spec(str(ROOT / spec))
    for each in (each for each in RECORDED if each.spec == spec):
        assert each.scopes in [dict(scopes) for scopes in deep.SCOPES]
        assert any(each.scopes[name] > size for name, size in model.scopes.items())
        assert each.states > model.floor
        assert set(each.unexpected) <= {prop.name for prop in model.properties}


def test_each_search_is_recorded_once_and_in_the_table() -> None:
    titles = [each.title for each in RECORDED]
    assert titles == sorted(set(titles))
    table = deep.TABLE.read_text(encoding="utf-8")
    assert all(f" {each.states:,} |" in table for each in RECORDED)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (replace(SMALL, seconds=9.0, mebibytes=7), []),
        (replace(SMALL, states=5), ["dining, : states 5, recorded 6"]),
        (replace(SMALL, depth=5), ["dining, : depth 5, recorded 4"]),
        (
            replace(SMALL, unexpected={"p": "holds"}),
            ["dining, : unexpected {'p': 'holds'}, recorded {}"],
        ),
        (None, ["dining, : the search was not complete"]),
    ],
)
def test_a_difference_is_noticed(now: deep.Deep | None, said: list[str]) -> None:
    assert list(deep.differences(SMALL, now)) == said


def test_a_search_is_made_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = "specs/attach_without_groups_2008.py"
    found = deep.search(spec, {"Device": 1, "File": 1, "Failure": 1})
    assert found is not None
    assert deep.check([found]) == 0
    assert deep.check([replace(found, states=1)]) == 1
    said = capsys.readouterr().out
    assert "as recorded" in said
    assert f"MISMATCH {found.title}: states {found.states}, recorded 1" in said
    monkeypatch.setattr(deep, "RECORD", tmp_path / "deep.json")
    monkeypatch.setattr(deep, "TABLE", tmp_path / "deep.md")
    monkeypatch.setattr(deep, "SCOPES", (found.scopes,))
    deep.RECORD.write_text("[]")
    assert deep.record([spec]) == 0
    (again,) = deep.recorded()
    assert list(deep.differences(found, again)) == []
    assert "| Device=1, File=1, Failure=1 |" in deep.TABLE.read_text()


def test_a_search_that_is_cut_short_is_nothing_to_compare_with() -> None:
    spec = "specs/replace_domain.py"
    assert deep.search(spec, {}, ["--depth", "2"]) is None


def test_a_spec_that_cannot_be_read_is_told() -> None:
    with pytest.raises(deep.DeepError, match="status 20"):
        deep.search("specs/nowhere.py", {})
