"""Every rendering of the sample models, compared with committed files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelcheck.report.captions import caption, lasting_caption, violations
from modelcheck.report.console import render_console
from modelcheck.report.jsonreport import render_json
from modelcheck.report.mail import render_mail_report
from modelcheck.trace.dot import render_dot
from modelcheck.trace.itf import render_itf
from modelcheck.trace.mail import render_mail
from modelcheck.verdict.report import Report, build_report
from tests.golden import samples

Golden = Callable[[Path, str], None]
HERE = Path(__file__).parent / "renderings"
SAMPLES = {
    "claims": samples.claims,
    "crossed": samples.crossed,
    "counting": samples.counting,
    "crowd": samples.crowd,
    "retrying": samples.retrying,
}


def report(name: str) -> Report:
    model = SAMPLES[name]()
    found = samples.search(model)
    return build_report(model, [found], versions={"modelcheck": "0.1"})


@pytest.mark.parametrize("name", SAMPLES)
def test_console(name: str, golden: Golden) -> None:
    golden(HERE / f"{name}.console.txt", render_console(report(name)))


@pytest.mark.parametrize("name", SAMPLES)
def test_mail(name: str, golden: Golden) -> None:
    golden(HERE / f"{name}.mail.txt", render_mail_report(report(name)))


@pytest.mark.parametrize("name", SAMPLES)
def test_mail_with_everything(name: str, golden: Golden) -> None:
    shown = report(name)
    texts = [
        render_mail(prop.trace, caption(shown, prop), number=True, full=True)
        for prop in violations(shown)
        if prop.trace
    ]
    golden(HERE / f"{name}.mail-full.txt", "\n".join(texts))


@pytest.mark.parametrize("name", SAMPLES)
def test_json(name: str, golden: Golden) -> None:
    golden(HERE / f"{name}.json", render_json(report(name)))


@pytest.mark.parametrize("name", SAMPLES)
def test_dot_and_itf(name: str, golden: Golden) -> None:
    shown = report(name)
    for prop in violations(shown):
        assert prop.trace is not None
        words = lasting_caption(shown, prop)
        stem = f"{name}.{prop.prop.name}"
        golden(HERE / f"{stem}.dot", render_dot(prop.trace, words))
        golden(HERE / f"{stem}.itf.json", render_itf(prop.trace, words))
