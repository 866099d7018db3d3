"""Translated modules on disk are used only if nobody else can have written them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from modelcheck.explore.native import cache

KEY = cache.key_of("a", "b")
ROOT = Path(__file__).parents[3]
SPEC = ROOT / "tests" / "corpus" / "specs" / "two_phase.py"
PATIENCE = 120


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tmp_path.chmod(0o700)
    return tmp_path


def test_what_is_kept_is_fetched() -> None:
    assert cache.fetch(KEY) is None
    cache.keep(KEY, b"code")
    assert cache.fetch(KEY) == b"code"
    assert [file.name for file in cache.folder().iterdir()] == [KEY]


def test_the_key_tells_its_parts_apart() -> None:
    assert cache.key_of("ab", "") != cache.key_of("a", "b")


@pytest.mark.parametrize("damage", [b"", b"x" * 10, b"y" * 100])
def test_a_damaged_file_is_ignored(damage: bytes) -> None:
    cache.keep(KEY, b"code")
    (cache.folder() / KEY).write_bytes(damage)
    assert cache.fetch(KEY) is None


def test_one_changed_bit_is_noticed() -> None:
    cache.keep(KEY, b"code")
    file = cache.folder() / KEY
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    assert cache.fetch(KEY) is None


@pytest.mark.parametrize("mode", [0o720, 0o702])
@pytest.mark.parametrize("levels", [0, 1, 2])
def test_a_folder_that_others_can_write_to_is_ignored(mode: int, levels: int) -> None:
    cache.keep(KEY, b"code")
    place = cache.folder()
    for _ in range(levels):
        place = place.parent
    place.chmod(mode)
    assert cache.fetch(KEY) is None


def test_a_file_that_others_can_write_to_is_ignored() -> None:
    cache.keep(KEY, b"code")
    (cache.folder() / KEY).chmod(0o622)
    assert cache.fetch(KEY) is None


def test_a_link_is_not_followed(home: Path) -> None:
    cache.keep(KEY, b"code")
    file = cache.folder() / KEY
    file.rename(home / "elsewhere")
    file.symlink_to(home / "elsewhere")
    assert cache.fetch(KEY) is None


def test_nothing_is_written_where_others_can_write() -> None:
    cache.folder().mkdir(parents=True)
    cache.folder().chmod(0o777)
    cache.keep(KEY, b"code")
    assert not list(cache.folder().iterdir())


def test_no_folder_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = home / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    cache.keep(KEY, b"code")
    assert cache.fetch(KEY) is None


def test_a_relative_home_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache.folder().is_absolute()


def test_the_oldest_files_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_FILES", 2)
    for number, name in enumerate("abc"):
        cache.keep(name, b"code")
        os.utime(cache.folder() / name, (number, number))
    cache.keep("d", b"code")
    assert sorted(file.name for file in cache.folder().iterdir()) == ["c", "d"]


def test_a_file_of_somebody_else_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.keep(KEY, b"code")
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    assert cache.fetch(KEY) is None


class TestCold:
    """Runs of the command with a cache of their own."""

    def start(self, home: Path) -> subprocess.Popen[str]:
        words = ("verify", str(SPEC), "--engine", "native", "--format", "json")
        return subprocess.Popen(
            [sys.executable, "-m", "modelcheck", *words],
            cwd=home,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def require_right(self, process: subprocess.Popen[str]) -> None:
        stdout, stderr = process.communicate(timeout=PATIENCE)
        assert (process.returncode, stderr) == (0, "")
        assert json.loads(stdout)["states"]["distinct"] == 80

    def kept(self) -> Path:
        """The one module that is kept, which is whole."""
        (file,) = cache.folder().iterdir()
        assert re.fullmatch("[0-9a-f]{64}", file.name)
        assert cache.fetch(file.name)
        return file

    def test_two_runs_at_once(self, home: Path) -> None:
        processes = [self.start(home) for _ in range(2)]
        for process in processes:
            self.require_right(process)
        number = self.kept().stat().st_ino
        self.require_right(self.start(home))
        assert self.kept().stat().st_ino == number, "it was not used"

    @pytest.mark.parametrize("damage", ["truncated", "flipped", "swapped"])
    def test_a_damaged_module_is_made_again(self, home: Path, damage: str) -> None:
        self.require_right(self.start(home))
        file = self.kept()
        data = bytearray(file.read_bytes())
        match damage:
            case "truncated":
                del data[len(data) // 2 :]
            case "flipped":
                data[len(data) // 2] ^= 16
            case "swapped":
                data[:32] = bytes(32)
        file.write_bytes(data)
        assert cache.fetch(file.name) is None
        self.require_right(self.start(home))
        self.kept()
