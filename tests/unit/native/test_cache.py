"""Translated modules on disk are used only if nobody else can have written them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelcheck.explore.native import cache

KEY = cache.key_of("a", "b")


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
