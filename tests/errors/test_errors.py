"""Every refusal says exactly what its golden file says.

A case is a spec `name.py` and the message `name.txt`. A first line `# run: ...` gives
what follows the file on the command line: `::Name`, `--scope Name=N`. Cases that cannot
be kept as a file (binary, missing, enormous) are made by `MADE`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import modelcheck.explore.interpreter  # it raises the recursion limit
from modelcheck.reader import SpecError, read_spec

HERE = Path(__file__).parent
CASES = sorted(
    path.stem for path in HERE.glob("*.py") if not path.stem.startswith("test_")
)
Golden = Callable[[Path, str], None]

HEADER = (
    "from modelcheck import Spec, action\n\n\nclass Group(Spec):\n    busy: bool\n\n"
)
ACTION = f"{HEADER}    @action\n    def start(self) -> None:\n"
BROKEN = f"{ACTION}        self.busy = 1.5\n"


def repeated(before: str, after: str, times: int = 3000) -> bytes:
    """An action whose value is `False` inside `times` of `before` and `after`."""
    value = f"{before * times}False{after * times}"
    return f"{ACTION}        self.busy = {value}\n".encode()


def branches(times: int) -> bytes:
    """An action with `times` branches inside each other."""
    lines = [f"{'    ' * (2 + i)}if self.busy:" for i in range(times)]
    return "\n".join(
        [ACTION.rstrip(), *lines, f"{'    ' * (2 + times)}pass\n"]
    ).encode()


def chain(times: int) -> bytes:
    """Helpers that call each other, `times` deep."""
    helpers = "".join(
        f"\n    def step{i}(self) -> None:\n        self.step{i + 1}()\n"
        for i in range(times)
    )
    end = f"\n    def step{times}(self) -> None:\n        self.busy = True\n"
    return f"{ACTION}        self.step0()\n{helpers}{end}".encode()


MADE: dict[str, bytes] = {
    "made_binary": b"\x7fELF\x02\x01\x01\x00\x00",
    "made_latin_1": "# Pr\xfcfung\n".encode("latin-1"),
    "made_enormous": b"# nothing\n" * 500_000,
    "made_nul": BROKEN.replace("1.5", "\0").encode(),
    "made_crlf": BROKEN.replace("\n", "\r\n").encode(),
    "made_cr": BROKEN.replace("\n", "\r").encode(),
    "made_byte_order_mark": b"\xef\xbb\xbf" + BROKEN.replace("busy", "läuft").encode(),
    "made_form_feed": BROKEN.replace("class", "\f\nclass").encode(),
    "made_tab_before_error": BROKEN.replace("    ", "\t").encode(),
    "made_long_line": BROKEN.replace("1.5", f"{'True and ' * 40}1.5").encode(),
    "made_deep_parentheses": repeated("(", ")"),
    "made_deep_not": repeated("not ", ""),
    "made_deep_minus": repeated("-", ""),
    "made_deep_and": repeated("(self.busy and ", ")", 150),
    "made_deep_attributes": repeated("", ".busy"),
    "made_long_sum": ACTION.encode()
    + b"        self.busy = 0 < "
    + b"1+" * 99_999
    + b"1",
    "made_deep_calls": repeated("bool(", ")", 80),
    "made_deep_if": branches(300),
    "made_deep_if_90": branches(90),
    "made_deep_helpers": chain(400),
}
ACCEPTED = {"made_deep_and", "made_deep_calls", "made_deep_if_90"}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)


def arguments(path: Path) -> tuple[str, dict[str, int]]:
    """The target and the scopes that the first line of a case asks for."""
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    words = first.removeprefix("# run:").split() if first.startswith("# run:") else []
    name = "".join(word for word in words if word.startswith("::"))
    pairs = [word.split("=") for word in words if "=" in word]
    return f"{path.name}{name}", {scope: int(size) for scope, size in pairs}


def refusal(target: str, scopes: dict[str, int] | None = None) -> str:
    """What reading `target` is refused with."""
    with pytest.raises(SpecError) as caught:
        read_spec(target, scopes)
    return str(caught.value)


def check_form(message: str) -> None:
    """What every message looks like, whatever it says."""
    lines = message.splitlines()
    assert len(lines) <= 12
    assert "Traceback" not in message
    head = re.fullmatch(
        r"[\w./]+(?P<place>:\d+:\d+)?: error\[MC(?P<code>\d\d\d)\]: .+", lines[0]
    )
    assert head, lines[0]
    assert lines[-1].startswith("   help: ")
    said = [line for line in lines if not re.match(r" {0,4}\d+ \| ", line)]
    assert all(line.isascii() for line in said[1:])
    if not head["place"]:
        assert head["code"][0] in "43" or head["code"] == "115"
        return
    line, column = map(int, head["place"][1:].split(":"))
    assert lines[1].startswith(f"{line:5d} | ")
    carets = re.fullmatch(r"      \| ( *)(\^+)", lines[2])
    assert carets
    shown = lines[1][8:]
    if "..." not in shown:
        assert len(carets[1]) == column - 1
        assert len(carets[1]) + len(carets[2]) <= len(shown) + 1


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, golden: Golden) -> None:
    message = refusal(*arguments(HERE / f"{name}.py"))
    check_form(message)
    golden(HERE / f"{name}.txt", f"{message}\n")


@pytest.mark.parametrize("name", sorted(MADE))
def test_message_about_a_made_file(
    name: str, golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("made.py").write_bytes(MADE[name])
    if name in ACCEPTED:
        assert read_spec("made.py").name == "Group"
        return
    message = refusal("made.py")
    check_form(message)
    golden(HERE / f"{name}.txt", f"{message}\n")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("file_missing", "nowhere.py"),
        ("file_under_a_file", "syntax_error.py/spec.py"),
        ("file_without_suffix", "kernel/objects"),
        ("file_is_a_directory", "kernel"),
        ("file_with_nul", "a\0b.py"),
        ("file_name_empty", ""),
    ],
)
def test_message_about_a_path(name: str, target: str, golden: Golden) -> None:
    message = refusal(target)
    golden(HERE / f"{name}.txt", f"{message}\n")


@pytest.mark.parametrize(
    "text",
    [
        ACTION.replace("\n", "\r\n") + "        self.busy = True\r\n",
        "\ufeff" + ACTION + "        self.busy = True\n",
        ACTION + "        self.busy = True",
    ],
    ids=["CRLF", "byte-order mark", "no newline at the end"],
)
def test_editors_habits_are_accepted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.py"
    path.write_bytes(text.encode())
    assert [step.actor for step in read_spec(str(path)).steps] == ["start"]


def test_every_golden_file_has_its_case() -> None:
    made = {"file_missing", "file_under_a_file", "file_without_suffix"}
    made |= {"file_is_a_directory", "file_with_nul", "file_name_empty"}
    made |= {"cli_unknown_property", *MADE, *CASES} - ACCEPTED
    assert {path.stem for path in HERE.glob("*.txt")} == made


# On the command line


def modelcheck(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modelcheck", *words],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["check", "verify", "show"])
@pytest.mark.parametrize(
    "name", ["unknown_name", "syntax_error", "mutation_via_helper"]
)
def test_commands_print_the_message_and_nothing_else(command: str, name: str) -> None:
    done = modelcheck(command, f"{name}.py")
    golden = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (20, "", golden)


def test_scope_on_the_command_line() -> None:
    done = modelcheck("check", "scope_unknown.py", "--scope", "Devcie=3")
    golden = (HERE / "scope_unknown.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (20, "", golden)


def test_unknown_property(golden: Golden) -> None:
    done = modelcheck("verify", "../corpus/specs/die_hard.py", "--property", "typo")
    assert (done.returncode, done.stdout) == (20, "")
    golden(HERE / "cli_unknown_property.txt", done.stderr)
