"""Memory of a search: large mappings in huge pages, and how much there may be."""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress
from pathlib import Path

PAGE = 1 << 21
"""The size of a huge page."""

NO_RESERVE = 0x4000
"""`MAP_NORESERVE` of Linux: a mapping may be larger than the machine's memory."""

GROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a control group may use."""

SHARE = 0.85
"""The share of the machine's free memory that a search takes without being told."""


class Region:
    """Zeroed memory that is real only where it was touched.

    What is written from its start to its end, a stream, gains nothing by huge pages.
    """

    def __init__(self, size: int, *, is_stream: bool = False) -> None:
        self.size = max(PAGE, -(-size // PAGE) * PAGE)
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE
        try:
            self._map = mmap.mmap(-1, self.size, flags=flags)
        except OSError as error:
            raise MemoryError(str(error)) from error
        if size >= PAGE and not is_stream and hasattr(mmap, "MADV_HUGEPAGE"):
            # A kernel without them is slower, not wrong.
            with suppress(OSError):
                self._map.madvise(mmap.MADV_HUGEPAGE)
        self._view = ctypes.c_char.from_buffer(self._map)
        self.address = ctypes.addressof(self._view)

    def words(self, offset: int, count: int) -> ctypes.Array[ctypes.c_uint64]:
        """`count` words, `offset` bytes from the start; valid until `close()`."""
        return (ctypes.c_uint64 * count).from_address(self.address + offset)

    def release(self, begin: int, end: int) -> int:
        """Give the whole pages between two offsets back; how many bytes that were."""
        begin, end = -(-begin // PAGE) * PAGE, end // PAGE * PAGE
        if begin >= end:
            return 0
        self._map.madvise(mmap.MADV_DONTNEED, begin, end - begin)
        return end - begin

    def close(self) -> None:
        """Unmap; nothing may be read any more."""
        del self._view
        self._map.close()


def resident() -> int:
    """How many bytes of memory this process has; 0 where the system does not tell."""
    try:
        text = Path("/proc/self/statm").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(text.split()[1]) * mmap.PAGESIZE


def available() -> int:
    """How many bytes a search may use on this machine: never so much that it swaps."""
    return int(max(0, min(_meminfo("MemAvailable"), _left_to_group())) * SHARE)


def _left_to_group() -> int:
    """How many bytes the control group that this is may still use."""
    most = _number("memory.max")
    if most is None:
        return 1 << 62
    # What files are kept in memory is given up when it is needed.
    return most - (_number("memory.current") or 0) + _files_kept()


def _number(name: str) -> int | None:
    text = _text(name).strip()
    return int(text) if text.isdigit() else None


def _files_kept() -> int:
    for line in _text("memory.stat").splitlines():
        key, _, number = line.partition(" ")
        if key == "inactive_file":
            return int(number)
    return 0


def _text(name: str) -> str:
    try:
        return (GROUP / name).read_text(encoding="ascii")
    except OSError:
        return ""


def _meminfo(name: str) -> int:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return 1 << 32
    for line in text.splitlines():
        key, _, rest = line.partition(":")
        if key == name:
            return int(rest.split()[0]) * 1024
    return 1 << 32
