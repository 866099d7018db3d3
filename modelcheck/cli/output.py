"""Standard output and error that outlive their reader.

When a pipe closes (`modelcheck ... | head`) the text goes nowhere from then on and the
run ends with its own exit code. Letting the exception or SIGPIPE through would end it
early: without the counterexamples on disk, and with a status that means a crash.
"""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO, TextIO, cast


def outlive_pipes() -> None:
    """Make `sys.stdout` and `sys.stderr` such streams."""
    sys.stdout = _patient(sys.stdout, "standard output")
    sys.stderr = _patient(sys.stderr, "standard error", is_immediate=True)


class _PatientStream(io.TextIOWrapper):
    """A text stream that drops what a closed pipe no longer takes.

    Any other error is raised with the stream's `title` in place of a file's name.
    """

    title = ""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        # The descriptor itself is redirected: what is still buffered is written again
        # when Python closes the stream, and must find a place.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if not isinstance(error, BrokenPipeError):
            raise OSError(error.errno, error.strerror, self.title) from None


def _patient(
    stream: TextIO | None, title: str, *, is_immediate: bool = False
) -> TextIO:
    if stream is None:  # closed by the caller: `modelcheck ... >&-`
        raw, encoding = io.FileIO(os.devnull, "w"), "utf-8"
    else:
        # The descriptor stays open when this stream goes: it belongs to the process.
        raw = io.FileIO(stream.fileno(), "w", closefd=False)
        encoding = stream.encoding
    patient = _PatientStream(
        # Without a buffer, because the handler of Ctrl-C may write while somebody
        # writes; a buffered stream refuses that with a RuntimeError.
        cast("BinaryIO", raw) if is_immediate else io.BufferedWriter(raw),
        encoding=encoding,
        # A name that the terminal's encoding lacks becomes an escape, not a crash.
        errors="backslashreplace",
        line_buffering=raw.isatty(),
        write_through=is_immediate,
    )
    patient.title = title
    return patient
