"""`--format junit`: results as JUnit XML, which build servers draw.

The dialect is pytest's `xunit2`, which keeps to the schema of Jenkins: a test suite for
each spec, a test case for each of its properties, twins and its floor. What was not
decided is `skipped`, and so is a violation that the spec expects; neither is a pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from modelcheck.report.outcome_log import OutcomeLog
from modelcheck.report.outcomes import Outcome, Status, file_of
from modelcheck.verdict.report import Report

_COUNTED = {Status.FAILED: "failures", Status.ERROR: "errors"}
"""Which number of a suite a status adds to; else it is `skipped` or none."""


@dataclass(slots=True)
class JunitLog(OutcomeLog):
    """The document for several specs; all of it comes at the end."""

    suites: list[ET.Element] = field(default_factory=list)

    def take(
        self, spec: str, found: Sequence[Outcome], report: Report | None = None
    ) -> str:
        """Take the suite that a spec is."""
        numbers = dict.fromkeys(("errors", "failures", "skipped"), 0)
        suite = ET.Element("testsuite", name=printable(spec))
        for outcome in found:
            suite.append(_case(outcome))
            if outcome.status is not Status.PASSED:
                numbers[_COUNTED.get(outcome.status, "skipped")] += 1
        for name, count in numbers.items():
            suite.set(name, str(count))
        suite.set("tests", str(len(found)))
        suite.set("time", f"{0 if report is None else report.seconds:.3f}")
        self.suites.append(suite)
        return ""

    def end(self) -> str:
        """The whole document."""
        root = ET.Element("testsuites", name="modelcheck")
        for number in ("tests", "failures", "errors"):
            total = sum(int(suite.attrib[number]) for suite in self.suites)
            root.set(number, str(total))
        root.extend(self.suites)
        ET.indent(root)
        # ASCII is UTF-8 as well, whatever standard output makes of other characters.
        text = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode()
        return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(outcome: Outcome) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=printable(_class_name(outcome.spec)),
        name=printable(outcome.name),
    )
    said = {"message": printable(outcome.summary)}
    match outcome.status:
        case Status.PASSED:
            if outcome.summary:
                ET.SubElement(case, "system-out").text = said["message"]
        case Status.EXPECTED:
            because = outcome.prop.prop.because if outcome.prop is not None else ""
            said["message"] = printable(because or outcome.summary)
            ET.SubElement(case, "skipped", said | {"type": "modelcheck.xfail"})
        case Status.UNDECIDED:
            ET.SubElement(case, "skipped", said | {"type": "modelcheck.undecided"})
        case Status.FAILED:
            failure = ET.SubElement(case, "failure", said | {"type": outcome.rule})
            failure.text = printable(outcome.diagram or outcome.text)
        case Status.ERROR:
            error = ET.SubElement(case, "error", said | {"type": outcome.rule})
            error.text = printable(_located(outcome))
    return case


def _located(outcome: Outcome) -> str:
    place = outcome.place
    where = f"{place.path}:{place.line}:{place.col}: " if place.line else ""
    return f"{where}{outcome.summary}"


def _class_name(spec: str) -> str:
    """`specs.counter` for `specs/counter.py`, `specs.counter.Hasty` with a class.

    As pytest names modules: what shows results takes the last dot for the end of a
    package, and would call every spec `py`.
    """
    path = PurePosixPath(file_of(spec).removesuffix(".py"))
    parts = [part for part in path.parts if part not in ("/", "..")]
    name = spec.partition("::")[2]
    return ".".join([*parts, name] if name else parts)


_NO_XML = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
"""What XML 1.0 has no way to write (its production `Char`)."""


def printable(text: str) -> str:
    """`text` with the code of each character that XML cannot hold, as `#x1B`."""
    return _NO_XML.sub(lambda found: f"#x{ord(found[0]):02X}", text)
