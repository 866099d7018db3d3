"""Translated modules on disk, by the hash of everything that decides their content.

What is loaded from here is executed, so it must be ours: each folder on the way and the
file itself belong to this user (or root) and nobody else can write to them, and the
file's content has the checksum written before it. Otherwise it is as if there were
none. Files appear by renaming, so two processes at once cannot disturb each other.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

MOST_FILES = 256
"""How many modules are kept; those that were used longest ago go first."""

_CHECKSUM = 32
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def folder() -> Path:
    """Where translated modules are kept."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".cache"
    return base / "modelcheck" / "native"


def key_of(*parts: str) -> str:
    """The name of what `parts` decide."""
    joined = "\0".join(parts)
    return sha256(joined.encode()).hexdigest()


def fetch(key: str) -> bytes | None:
    """The module stored as `key`, if there is one that can be trusted."""
    where = folder()
    try:
        if not _is_ours(where):
            return None
        handle = os.open(where / key, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not _is_private(os.fstat(handle)):
                return None
            data = file.read()
            os.utime(handle)
    except OSError:
        return None
    checksum, content = data[:_CHECKSUM], data[_CHECKSUM:]
    if not content or sha256(content).digest() != checksum:
        return None
    return content


def keep(key: str, content: bytes) -> None:
    """Store a module; where that fails, the next run translates again."""
    where = folder()
    with suppress(OSError):
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(where):
            return
        handle, name = tempfile.mkstemp(dir=where, prefix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sha256(content).digest() + content)
            os.replace(name, where / key)  # noqa: PTH105 - both names are at hand
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _prune(where)


def _is_ours(where: Path) -> bool:
    """Whether nobody else can put files into `where`, or another folder there."""
    return all(_is_private(place.lstat()) for place in (where, where.parent)) and (
        _is_safe_parent(where.parent.parent.stat())
    )


def _is_private(found: os.stat_result) -> bool:
    is_known = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    is_mine = found.st_uid == os.geteuid()
    return is_known and is_mine and not found.st_mode & _WRITABLE_BY_OTHERS


def _is_safe_parent(found: os.stat_result) -> bool:
    """Whether others cannot rename what is in a folder that may be shared."""
    is_trusted = found.st_uid in (0, os.geteuid())
    is_sticky = bool(found.st_mode & stat.S_ISVTX)
    return is_trusted and (is_sticky or not found.st_mode & _WRITABLE_BY_OTHERS)


def _prune(where: Path) -> None:
    """Remove the modules that were used longest ago."""
    files = [entry for entry in where.iterdir() if entry.is_file()]
    if len(files) <= MOST_FILES:
        return
    files.sort(key=lambda file: file.stat().st_mtime)
    for file in files[: len(files) - MOST_FILES]:
        file.unlink(missing_ok=True)
