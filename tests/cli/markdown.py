"""Executable Markdown: documents whose `console` blocks are run and compared.

A block holds commands (`$ command`, going on in lines `> ...` or after a backslash),
after each its output, standard error included,
and `[exit N]` unless the status is 0. `...` stands for any text within a line, and
alone on a line for any lines but the status.
A block opened by ```` ```python file=NAME ```` writes the file NAME that later commands
use. The commands of a document share a folder, which `cd` changes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.merging import matches, merged

_BLOCK = re.compile(
    r"^```(?P<info>console|\w+ file=(?P<file>\S+))\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n|.*\n(?=> ))*.*\n)", re.MULTILINE)
_SECONDS = re.compile(r"\b\d+\.\d+ s\b")


def run_document(text: str, folder: Path) -> str:
    """`text` with the outputs as they are now where they differ from what it says.

    `...` stays where it still is right.
    """

    place = folder

    def replace(block: re.Match[str]) -> str:
        nonlocal place
        if block["file"]:
            (place / block["file"]).write_text(block["body"], encoding="utf-8")
            return block[0]
        _, *parts = _COMMAND.split(block["body"])
        shown = ""
        for command, expected in zip(parts[::2], parts[1::2], strict=True):
            actual, place = _run(command, place)
            told = merged(expected, _SECONDS.sub("... s", actual))
            shown += f"$ {command}{expected if matches(expected, actual) else told}"
        return f"```console\n{shown}```"

    return _BLOCK.sub(replace, text)


def _run(command: str, folder: Path) -> tuple[str, Path]:
    """The output of `command`, with its status, and the folder it ends in."""
    line = re.sub("^> ", "", command, flags=re.MULTILINE)
    read, write = os.pipe()
    done = subprocess.run(
        ["bash", "-c", f"trap 'pwd >&{write}' EXIT; {line}"],
        cwd=folder,
        env=environment(folder),
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        place = Path(pipe.read().strip() or folder)
    output = done.stdout
    if output and not output.endswith("\n"):
        output += "\n"
    if done.returncode:
        output += f"[exit {done.returncode}]\n"
    return output, place


def environment(home: Path) -> dict[str, str]:
    """A user's environment: 80 columns, no terminal, the tested `modelcheck` first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(home), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
