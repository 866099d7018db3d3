"""What is said of all sizes is so at each size; and what cannot be known is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from modelcheck.certify.certificate import CertificateError
from modelcheck.certify.parametric import read_once, refuse_parametric
from modelcheck.certify.parametric_file import from_json, to_json
from modelcheck.explore.search import Explorer
from modelcheck.model.program import Model
from modelcheck.model.uniformity import Part
from modelcheck.reader.largest import Parts
from modelcheck.reader.read import read_spec
from modelcheck.verdict.parametric import ForAll, prove_for_all
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

SPECS = Path(__file__).parents[3] / "specs"
CORPUS = Path(__file__).parents[2] / "corpus" / "specs"

# Devices bind under one owner. `{...}` are what the tests vary.
DESIGN = '''
"""A group and its devices."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from modelcheck import (
    Scalarset,
    Spec,
    action,
    assume,
    choose,
    constraint,
    init,
    invariant,
    preempt,
    process,
    require,
    transition,
)


class Device(Scalarset, size=2):
    """A device."""


class Group(Spec):
    """One device at a time is the owner, and only a bound one."""

    bound: set[Device] = set()
    told: dict[Device, bool] = {{dev: False for dev in Device}}
    owner: Device | None = None
    count: Annotated[int, range(0, 9)] = 0
    is_open: bool = False
    {fields}

    @action
    def bind(self, dev: Device) -> None:
        """A driver comes."""
        require(dev not in self.bound)
        self.bound.add(dev)

    @action
    def claim(self, dev: Device) -> None:
        """Take the group."""
        require(self.owner is None and dev in self.bound)
        self.owner = dev
        self.told[dev] = True

    @action
    def release(self, dev: Device) -> None:
        """Give it back."""
        require(self.owner == dev)
        self.owner = None
        self.told[dev] = False

    @action
    def other(self, dev: Device) -> None:
        """What the test adds."""
        {action}

    @invariant
    def owner_is_bound(self) -> bool:
        """The property of the plain design."""
        return all(self.owner != dev or dev in self.bound for dev in Device)

    @invariant
    def one_is_told(self) -> bool:
        """Speaks of two members."""
        return all(
            not (self.told[one] and self.told[two]) or one == two
            for one in Device
            for two in Device
        )

    {methods}
'''


def write(
    folder: Path,
    action: str = "self.is_open = True",
    methods: str = "",
    fields: str = "",
) -> Path:
    spec = folder / "design.py"
    spec.write_text(DESIGN.format(action=action, methods=methods, fields=fields))
    return spec


def reading(spec: Path | str, name: str) -> Callable[[int], Model]:
    return read_once(lambda size: read_spec(str(spec), {name: size}))


def whole(spec: Path | str, name: str = "Device") -> Part:
    return Parts(str(spec), name, {}, "await").whole()


def prove(
    spec: Path | str, name: str = "Device", properties: tuple[str, ...] = ()
) -> ForAll:
    names = frozenset(properties) or None
    limits = Limits(properties=names, deadlock=False, seconds=60)
    return prove_for_all(Parts(str(spec), name, {}, "await"), limits, Silence())


def violated(model: Model) -> set[str]:
    found = Explorer().run(model, Limits(deadlock=False), Silence())
    assert found.is_complete
    return {f.prop.name for f in found.findings if f.verdict is Verdict.VIOLATED}


def check_by_searching(found: ForAll, spec: Path | str, last: int) -> None:
    """What was proved is so at each size that can be searched."""
    assert found.proof is not None
    for size in range(1, last + 1):
        model = reading(spec, found.scalarset)(size)
        assert not violated(model) & set(found.proof.claims)


@pytest.mark.parametrize(
    ("spec", "name", "claims"),
    [
        (CORPUS / "two_phase.py", "RM", {"consistent"}),
        (CORPUS / "tcommit.py", "RM", {"consistent"}),
        (
            SPECS / "ownership.py",
            "File",
            {
                "user_is_off_the_default_domain",
                "one_side_at_a_time",
                "given_back_in_between",
            },
        ),
    ],
    ids=lambda x: x.stem if isinstance(x, Path) else None,
)
def test_designs_are_proved_for_all_sizes(
    spec: Path, name: str, claims: set[str]
) -> None:
    found = prove(spec, name)
    assert found.proof is not None
    assert set(found.proof.claims) == claims
    check_by_searching(found, spec, 5)


def test_members_as_values(tmp_path: Path) -> None:
    spec = write(tmp_path)
    found = prove(spec)
    assert found.proof is not None, found.refused
    assert set(found.proof.claims) == {"owner_is_bound", "one_is_told"}
    # Two members in a clause, the one of the step, and the value of `owner`.
    assert found.bound == 4
    check_by_searching(found, spec, 5)


OUTSIDE = {
    "emptiness": "require(not self.bound)",
    "truth": "if self.bound:\n            self.owner = None",
    "len": "require(len(self.bound) > 3)\n        self.owner = None",
    "comparison": "require(self.bound == {dev})",
    "subset": "require(self.bound <= {dev})",
    "size": "if len(Device) > 3:\n            self.owner = dev",
    "loop": "for each in Device:\n            self.bound.discard(each)",
    "exists": "require(any(each in self.bound for each in Device))",
    "not all": "require(not all(each in self.bound for each in Device))",
    "in a branch": "if all(each in self.bound for each in Device):\n"
    "            self.owner = dev",
    "sum": "require(sum(each in self.bound for each in Device) > 3)",
    "copy": "every = set(self.bound)\n        require(dev in every)",
    "rebuilt": "self.bound = {each for each in Device}",
    "assumption": "assume(self.owner is None)",
    "a whole map": "require(self.told == {each: False for each in Device})",
    "a property": "require(self.one_is_told())",
}


@pytest.mark.parametrize("action", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_steps_that_depend_on_all_members(tmp_path: Path, action: str) -> None:
    spec = write(tmp_path, action)
    found = prove(spec)
    assert found.objection is not None
    assert "design.py:" in found.objection
    # What does not depend on such steps may be proved without what they are about.
    if found.proof is not None:
        check_by_searching(found, spec, 4)


def test_what_must_not_be_too_much(tmp_path: Path) -> None:
    # Who may do something where there are few may do it where some are forgotten.
    spec = write(tmp_path, "require(len(self.bound) < 2)\n        self.owner = dev")
    found = prove(spec)
    assert found.objection is None
    if found.proof is not None:
        check_by_searching(found, spec, 4)


FIELDS = {
    "members of members": "next: dict[Device, Device | None] = "
    "{dev: None for dev in Device}",
    "a number of members": "left: Annotated[int, range(0, len(Device) + 1)] = 0",
    "pairs": "pairs: set[tuple[Device, Device]] = set()",
    "a count at the start": "left: Annotated[int, range(9)] = len(Device)",
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_variables_that_are_not_covered(tmp_path: Path, field: str) -> None:
    spec = write(tmp_path, fields=field)
    found = prove(spec)
    assert found.objection is not None
    if found.proof is not None:
        assert found.proof.dropped
        check_by_searching(found, spec, 4)


METHODS = {
    "constraint": "@constraint\n    def few(self) -> bool:\n"
    '        """Cut."""\n        return self.owner is None',
    "process of two": "@process\n"
    "    async def run(self, one: Device, two: Device) -> None:\n"
    '        """Run."""\n        await preempt()\n        self.bound.discard(one)',
    "local member": "@process\n    async def run(self, dev: Device) -> None:\n"
    '        """Run."""\n        other = choose(Device)\n        await preempt()\n'
    "        self.bound.discard(other)",
    "several": "@action\n    def many(self, devs: frozenset[Device]) -> None:\n"
    '        """All at once."""\n        require(len(devs) > 3)\n'
    "        self.is_open = True",
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_methods_that_are_not_covered(tmp_path: Path, method: str) -> None:
    found = prove(write(tmp_path, methods=method))
    assert found.proof is None
    assert found.objection is not None


PAIR = '''@dataclass(frozen=True)
class Pair:
    """Two members in one value."""

    one: Device
    two: Device


'''

THREE_APART = '''@action
    def both(self, pair: Pair, dev: Device) -> None:
        """Something that only three members can do."""
        require(pair.one is not pair.two and dev is not pair.one)
        self.is_open = dev is not pair.two

    @invariant
    def closed(self) -> bool:
        """False where there are three."""
        return not self.is_open'''


def test_members_in_a_record_are_not_overlooked(tmp_path: Path) -> None:
    """An action with such a parameter is given more members than it has parameters."""
    spec = write(tmp_path, "self.told[dev] = False", THREE_APART)
    spec.write_text(spec.read_text().replace("class Group", f"{PAIR}class Group"))
    assert violated(reading(spec, "Device")(3)) >= {"closed"}
    found = prove(spec, properties=("closed",))
    assert found.proof is None
    assert found.objection is not None
    assert "may depend on all members" in found.objection


def test_another_name_hides_nothing(tmp_path: Path) -> None:
    spec = write(tmp_path)
    text = spec.read_text().replace("    require,\n", "    require as need,\n")
    spec.write_text(text.replace("require(", "need("))
    assert prove(spec).proof is None
    (tmp_path / "helping.py").write_text(
        '"""Help."""\n\n\ndef size(every: int) -> int:\n'
        '    """Whatever."""\n    return every\n'
    )
    spec = write(tmp_path, "self.is_open = count(1) == 1")
    text = spec.read_text()
    spec.write_text(
        text.replace("from enum", "from helping import size as count\nfrom enum")
    )
    found = prove(spec)
    assert found.objection is not None
    assert "count is not the name" in found.objection


INVARIANTS = {
    "false at four": ("return self.count < 4", "self.count += 1", True),
    "counts": ("return sum(self.told[dev] for dev in Device) <= 1", "", False),
    "counts a set": ("return len(self.bound) < 4", "", True),
    "exists": (
        "return any(dev not in self.bound for dev in Device) or True",
        "",
        False,
    ),
    "a whole set": ("return self.bound == self.bound", "", False),
    "a helper": ("return self.one_is_told()", "", False),
}


@pytest.mark.parametrize(
    ("condition", "action", "is_covered"), INVARIANTS.values(), ids=INVARIANTS.keys()
)
def test_invariants_that_are_not_proved(
    tmp_path: Path, condition: str, action: str, *, is_covered: bool
) -> None:
    head = '@invariant\n    def mine(self) -> bool:\n        """It."""\n'
    method = f"{head}        {condition}"
    once = "require(not self.told[dev])\n        self.told[dev] = True\n        "
    spec = write(
        tmp_path, f"{once}{action}" if action else "self.is_open = True", method
    )
    found = prove(spec, properties=("mine",))
    assert found.proof is None
    assert ("design.py:" in found.refused["mine"]) is not is_covered


def test_a_counter_is_fine_up_to_three_devices(tmp_path: Path) -> None:
    # False from size 4 on: what PDR finds below does not go through.
    method = (
        '@invariant\n    def mine(self) -> bool:\n        """It."""\n'
        "        return self.count < 4"
    )
    action = (
        "require(dev in self.bound and not self.told[dev])\n"
        "        self.told[dev] = True\n        self.count += 1"
    )
    spec = write(tmp_path, action, method)
    spec.write_text(spec.read_text().replace("        self.told[dev] = False\n", ""))
    spec.write_text(
        spec.read_text().replace("self.owner = dev\n", "self.owner = dev\n#")
    )
    assert "mine" not in violated(reading(spec, "Device")(3))
    assert "mine" in violated(reading(spec, "Device")(4))
    assert prove(spec, properties=("mine",)).proof is None


def test_what_is_about_steps_needs_plain_guards(tmp_path: Path) -> None:
    # A step that fails only where all are bound is there in small models alone.
    guard = "require(all(each in self.bound for each in Device))"
    action = f"{guard}\n        self.is_open = True"
    method = (
        '@transition\n    def stays_open(self, after: "Group") -> bool:\n'
        '        """It."""\n        return after.is_open or not self.is_open'
    )
    found = prove(write(tmp_path, action, method))
    assert found.proof is not None
    assert "stays_open" not in found.proof.claims
    assert "all members" in found.refused["stays_open"]
    plain = prove(write(tmp_path, methods=method))
    assert plain.proof is not None
    assert "stays_open" in plain.proof.claims


def test_a_wrong_proof_is_refused(tmp_path: Path) -> None:
    spec = write(tmp_path)
    part = whole(spec)
    read, text = part.read, part.text
    found = prove(spec)
    assert found.proof is not None
    assert refuse_parametric(found.proof, read, text) is None
    nothing = replace(found.proof, clauses=())
    refusal = refuse_parametric(nothing, read, text)
    assert refusal is not None
    assert "Device=" in refusal.reason
    goal = replace(found.proof, claims=("deadlock",))
    refusal = refuse_parametric(goal, read, text)
    assert refusal is not None
    assert "not covered" in refusal.reason
    with pytest.raises(CertificateError, match="no property nonsense"):
        refuse_parametric(replace(found.proof, claims=("nonsense",)), read, text)
    with pytest.raises(CertificateError, match="so of no others"):
        refuse_parametric(replace(found.proof, base=found.proof.base - 1), read, text)


def test_a_proof_as_a_file(tmp_path: Path) -> None:
    spec = write(tmp_path)
    found = prove(spec)
    assert found.proof is not None
    base = reading(spec, "Device")(found.proof.base)
    texts = [""] * len(found.proof.clauses)
    written = to_json(found.proof, base, "test", texts)
    read = from_json(written)
    assert read is not None
    assert read.proof(base) == found.proof
    changed = write(tmp_path, "self.owner = dev")
    with pytest.raises(CertificateError, match="has changed"):
        read.proof(reading(changed, "Device")(found.proof.base))
    assert from_json("{}") is None
    assert from_json("no") is None
    with pytest.raises(CertificateError, match="`base`"):
        from_json(written.replace('"base": ', '"base": 9'))
    with pytest.raises(CertificateError, match="`claims`"):
        from_json(written.replace('"claims"', '"claim"'))


CONDITIONS = (
    "dev in self.bound",
    "dev not in self.bound",
    "self.told[dev]",
    "not self.told[dev]",
    "self.owner is None",
    "self.owner == dev",
    "self.owner is not None and self.told[self.owner]",
    "self.is_open",
    "all(not self.told[each] for each in Device)",
    "not any(each in self.bound for each in Device)",
)
EFFECTS = (
    "self.bound.add(dev)",
    "self.bound.discard(dev)",
    "self.told[dev] = not self.told[dev]",
    "self.owner = dev",
    "self.owner = None",
    "self.owner = choose(self.bound)",
    "self.told[choose(Device)] = False",
    "self.bound = set()",
    "self.is_open = choose(bool)",
)
QUESTIONS = (
    "all(self.owner != dev or self.told[dev] for dev in Device)",
    "all(a == b or not self.told[a] for a in Device for b in Device)",
    "self.owner is None or self.owner in self.bound",
    "not (self.is_open and any(self.told[dev] for dev in Device))",
    "all(dev in self.bound or not self.told[dev] for dev in Device)",
)


def test_random_designs(tmp_path: Path) -> None:
    proved = 0
    for seed in range(25):
        random = Random(seed)
        body = f"require({random.choice(CONDITIONS)})"
        for effect in random.sample(EFFECTS, random.randint(1, 3)):
            body += f"\n        {effect}"
        question = random.choice(QUESTIONS)
        method = (
            f'@invariant\n    def mine(self) -> bool:\n        """It."""\n'
            f"        return {question}"
        )
        spec = write(tmp_path, body, method)
        found = prove(spec, properties=("mine",))
        assert found.objection is None, found.objection
        if found.proof is not None:
            proved += 1
            check_by_searching(found, spec, 4)
    assert 3 <= proved <= 22


TWICE = '''
"""A flag that is left out is read before and behind a write."""

from modelcheck import Scalarset, Spec, action, invariant


class Device(Scalarset, size=2):
    """A device."""


class Twice(Spec):
    """Exactly one of two things happens."""

    flag: bool = False
    seen: set[Device] = set()
    one: bool = False
    two: bool = False

    @action
    def act(self, dev: Device) -> None:
        """Flip."""
        self.one = False
        self.two = False
        if self.flag:
            self.one = True
        self.flag = not self.flag and len(self.seen) < 7
        if self.flag:
            self.two = True
        self.seen.add(dev)

    @invariant
    def both(self) -> bool:
        """Both or none: false after the first step."""
        return self.one == self.two
'''


def test_what_is_left_out_changes_within_a_step(tmp_path: Path) -> None:
    spec = tmp_path / "design.py"
    spec.write_text(TWICE)
    assert "both" in violated(reading(spec, "Device")(2))
    assert prove(spec, properties=("both",)).proof is None


COUNTS = '''
"""A step or a process finds out how many members there are."""

from typing import Annotated

from modelcheck import Length, Scalarset, Spec, action, choose, invariant
from modelcheck import preempt, process, require


class Device(Scalarset, size=2):
    """A device."""


class Counts(Spec):
    """Three devices are one too many."""

    devices: Annotated[list[Device], Length(len(Device))] = []
    is_bad: bool = False

    @action
    def add(self, dev: Device) -> None:
        """Join."""
        require(dev not in self.devices)
        self.devices.append(dev)

    {method}

    @invariant
    def mine(self) -> bool:
        """False where there are three."""
        return not self.is_bad
'''

COUNTING = {
    "a local set": """
        seen = {first}
        for dev in self.devices:
            seen.add(dev)
        self.is_bad = len(seen) > 2""",
    "a local map": """
        seen = {each: False for each in range(3)}
        for dev in self.devices:
            if seen[0]:
                seen[1] = first is not dev
            seen[0] = first is not dev
        self.is_bad = seen[1]""",
    "a part of a local": """
        seen = {each: {first} for each in range(1)}
        for dev in self.devices:
            seen[0].add(dev)
        self.is_bad = len(seen[0]) > 2""",
}


@pytest.mark.parametrize("body", COUNTING.values(), ids=COUNTING.keys())
def test_a_loop_that_fills_a_local(tmp_path: Path, body: str) -> None:
    method = (
        f'@action\n    def look(self, first: Device) -> None:\n        """See."""{body}'
    )
    check_that_three_are_noticed(tmp_path, method)


def test_a_process_that_fills_a_local(tmp_path: Path) -> None:
    method = """@process
    async def look(self) -> None:
        'See.'
        seen = {choose(Device)}
        while True:
            await preempt()
            seen.add(choose(Device))
            self.is_bad = len(seen) > 2"""
    check_that_three_are_noticed(tmp_path, method)


OVERRIDES = '''
"""Each class promises a little less than its base."""

from modelcheck import Scalarset, Spec, action, invariant, require


class Device(Scalarset, size=2):
    """A device."""


class One(Spec):
    """A device is marked in one way only."""

    a: set[Device] = set()
    b: set[Device] = set()
    c: set[Device] = set()

    @action
    def mark_a(self, dev: Device) -> None:
        """The first way."""
        require(dev not in self.b and dev not in self.c)
        self.a.add(dev)

    @action
    def mark_b(self, dev: Device) -> None:
        """The second one."""
        require(dev not in self.a and dev not in self.c)
        self.b.add(dev)

    @action
    def mark_c(self, dev: Device) -> None:
        """The third one."""
        require(dev not in self.a and dev not in self.b)
        self.c.add(dev)

    @invariant
    def mine(self) -> bool:
        """Nobody is marked in the first way."""
        return all(dev not in self.a for dev in Device)


class Two(One):
    """Or nobody in the second."""

    @invariant
    def mine(self) -> bool:
        """False from two devices on."""
        return all(dev not in self.b for dev in Device) or super().mine()


class Three(Two):
    """Or nobody in the third."""

    @invariant
    def mine(self) -> bool:
        """False from three devices on."""
        {promise}
'''


@pytest.mark.parametrize(
    "promise",
    [
        "return all(dev not in self.c for dev in Device) or super().mine()",
        """if len(self.c) == 0:
            return True
        return super().mine()""",
        "return len(self.c) == 0 or super().mine()",
    ],
)
def test_what_overrides_say_adds_up(tmp_path: Path, promise: str) -> None:
    spec = tmp_path / "design.py"
    spec.write_text(OVERRIDES.replace("{promise}", promise))
    assert "mine" not in violated(reading(spec, "Device")(2))
    assert "mine" in violated(reading(spec, "Device")(3))
    assert prove(spec, properties=("mine",)).proof is None


def test_an_override_may_not_turn_its_base_around(tmp_path: Path) -> None:
    spec = tmp_path / "design.py"
    spec.write_text(OVERRIDES.replace("{promise}", "return not super().mine()"))
    found = prove(spec, properties=("mine",))
    assert found.proof is None
    assert "may speak of all members" in found.refused["mine"]


def test_an_override_that_returns_early(tmp_path: Path) -> None:
    spec = tmp_path / "design.py"
    promise = """if len(self.b) > 0:
            return all(dev not in self.a or dev not in self.b for dev in Device)
        return super().mine() or all(dev not in self.b for dev in Device)"""
    text = OVERRIDES.replace("{promise}", promise)
    spec.write_text(text)
    found = prove(spec, properties=("mine",))
    assert found.proof is not None, found.refused
    check_by_searching(found, spec, 4)


def check_that_three_are_noticed(folder: Path, method: str) -> None:
    spec = folder / "design.py"
    spec.write_text(COUNTS.replace("{method}", method))
    assert "mine" not in violated(reading(spec, "Device")(2))
    assert "mine" in violated(reading(spec, "Device")(3))
    found = prove(spec, properties=("mine",))
    assert found.proof is None
    assert "design.py:" in found.refused["mine"]


def test_the_finest_grain_is_not_made_coarser(tmp_path: Path) -> None:
    spec = tmp_path / "design.py"
    spec.write_text(TWICE)
    part = Parts(str(spec), "Device", {}, "statement").largest(["both"])
    assert any("preempted" in each.reason for each in part.text.objections)


def test_a_sum_that_is_used_in_two_ways(tmp_path: Path) -> None:
    # The second use says that there are enough members, which 4 of them are.
    method = (
        '@invariant\n    def mine(self) -> bool:\n        """It."""\n'
        "        told = sum(self.told[dev] is True for dev in Device)\n"
        "        return told <= 1 or told > 3 or told < len(Device)"
    )
    found = prove(write(tmp_path, methods=method), properties=("mine",))
    assert found.proof is None
    assert "design.py:" in found.refused["mine"]


# Processes of devices take a mutex, are counted, and one of them owns the group.
PROCESSES = '''
"""A group and its devices."""

from enum import Enum
from typing import Annotated

from modelcheck import (
    Mutex,
    Scalarset,
    Spec,
    choose,
    invariant,
    preempt,
    process,
    require,
    until,
)


class Device(Scalarset, size=2):
    """A device."""


class Answer(Enum):
    """What a call returns."""

    OK = 0
    BUSY = 1


Count = Annotated[int, range(0, 2 * len(Device) + 2)]


class Group(Spec):
    """Who is inside is counted."""

    mutex: Mutex
    inside: set[Device] = set()
    marked: set[Device] = set()
    listed: Annotated[list[Device], Length(len(Device))] = []
    owner: Device | None = None
    is_open: bool = True
    count: Count = 0

    def enter(self, dev: Device) -> Answer:
        """It is counted."""
        if {guard}:
            return Answer.BUSY
        self.inside.add(dev)
        self.count += 1
        return Answer.OK

    @process
    async def run(self, dev: Device) -> None:
        """Go in and out."""
        while True:
            {wait}
            async with self.mutex:
                ret = self.enter(dev)
            if ret is Answer.OK:
                {first}
                await preempt()
                {second}
                async with self.mutex:
                    {leave}
                    self.inside.discard(dev)
            await preempt()

    @process
    async def other(self) -> None:
        """Somebody who is of no device."""
        while True:
            {third}
            await preempt()

    @invariant
    def mine(self) -> bool:
        """The question."""
        return {question}
'''.replace("    Mutex,", "    Length,\n    Mutex,")

GUARDS = (
    "self.count > 0",
    "self.count > 1",
    "self.owner is not None",
    "not self.is_open",
    "len(self.marked) > 0",
    "len(self.listed) > 2",
    "any(each in self.listed for each in Device)",
)
WAITS = (
    "await preempt()",
    "await until(lambda: self.count == 0)",
    "await until(lambda: len(self.inside) == 0)",
    "await until(lambda: len(self.listed) < 3 and self.is_open)",
    "require(dev not in self.marked)",
)
THINGS = (
    "self.marked.add(dev)",
    "self.marked.discard(choose(Device))",
    "self.owner = choose(Device)",
    "self.owner = None",
    "self.is_open = self.count == 0",
    "self.is_open = len(self.inside) == 0",
    "self.is_open = len(self.inside) < 3",
    "for each in Device:\n                    self.listed = []",
    "for each in Device:\n                    self.marked.discard(each)",
    "self.marked = set()",
)
OF_ONE = (*THINGS, "self.owner = dev", "self.listed = [dev]")
LEAVES = ("self.count -= 1", "self.count -= 1", "self.count = 0", "self.is_open = True")
ASKED = (
    "len(self.inside) <= 1",
    "len(self.inside) <= 2",
    "len(self.inside) <= 3",
    "self.count == len(self.inside)",
    "self.count > 0 or len(self.inside) == 0",
    "self.owner is None or self.owner in self.inside",
    "all(each not in self.marked or each in self.inside for each in Device)",
    "self.is_open or len(self.marked) == 0",
    "self.is_open or self.count > 0",
    "len(self.marked) <= 1",
    "not (self.is_open and len(self.marked) > 0)",
    "len(self.listed) <= 3",
)


def random_processes(random: Random) -> str:
    return PROCESSES.format(
        guard=random.choice(GUARDS),
        wait=random.choice(WAITS),
        first=random.choice(OF_ONE),
        second=random.choice(OF_ONE),
        third=random.choice([x for x in THINGS if "dev" not in x]).replace(
            "                    ", "                "
        ),
        leave=random.choice(LEAVES),
        question=random.choice(ASKED),
    )


def test_random_processes(tmp_path: Path) -> None:
    spec = tmp_path / "design.py"
    proved = 0
    for seed in PROCESS_SEEDS:
        spec.write_text(random_processes(Random(seed)))
        found = prove(spec, properties=("mine",))
        if found.proof is not None:
            proved += 1
            check_by_searching(found, spec, 4)
    assert proved >= 3


PROCESS_SEEDS = (1, 4, 5, 9, 16, 24)


# A loop over members changes few things that are kept, and many that are not.
LOOPS = '''
"""A group that is walked device by device."""

from enum import Enum
from typing import Annotated

from modelcheck import Length, Scalarset, Spec, action, choose, invariant, require


class Device(Scalarset, size=2):
    """A device."""


class Answer(Enum):
    """What a call returns."""

    OK = 0
    BUSY = 1


class Group(Spec):
    """What the walks find out."""

    listed: Annotated[list[Device], Length(len(Device))] = []
    told: dict[Device, bool] = {{dev: False for dev in Device}}
    marked: set[Device] = set()
    tried: Annotated[int, range(0, 3)] = 0
    is_late: bool = False
    is_bad: bool = False

    @action
    def join(self, dev: Device) -> None:
        """A device comes."""
        require(dev not in self.listed)
        self.listed.append(dev)
        {join}

    def walk(self, first: Device) -> Answer:
        """Look at all of them, up to the first that is busy."""
        done = {{dev: False for dev in Device}}
        for dev in self.listed:
            {one}
            {two}
            {three}
        {after}
        return Answer.OK

    @action
    def look(self, first: Device) -> None:
        """Walk."""
        require({guard})
        if self.walk(first) is Answer.BUSY:
            {busy}

    @invariant
    def mine(self) -> bool:
        """The question."""
        return {question}
'''

ROUNDS = (
    "if dev in self.marked:\n                return Answer.BUSY",
    "self.is_late = True",
    "if self.is_late:\n                self.is_bad = True",
    "if dev is not first and self.tried < 2:\n                self.tried += 1",
    (
        "if self.tried < 2 and choose(bool):\n                self.tried += 1\n"
        "                return Answer.BUSY"
    ),
    "done[dev] = True",
    "if done[first]:\n                self.is_late = True",
    "self.told[dev] = True",
    "if self.told[dev]:\n                self.is_bad = True",
    "self.is_bad = not self.is_bad",
    (
        "for other in self.listed:\n                if done[other]:\n"
        "                    self.is_late = True"
    ),
    (
        "busy = dev in self.marked\n            if busy and self.told[dev]:\n"
        "                self.is_late = True"
    ),
)
AFTERWARDS = (
    "self.is_bad = self.is_late and self.tried == 2",
    "self.is_bad = self.tried == 2",
    "if done[first]:\n            self.is_bad = True",
    "self.marked = set()",
    "if self.is_late and len(self.marked) == 0:\n            self.is_bad = True",
    "self.marked.discard(first)",
)
JOINS = (
    "self.marked.add(dev)",
    "self.told[dev] = choose(bool)",
    "self.is_late = False",
)
LOOKS = ("first in self.marked", "len(self.listed) > 2", "not self.is_late")
BUSY = ("self.is_late = False", "self.tried = 0", "self.is_bad = self.tried > 1")
LOOPED = (
    "not self.is_bad",
    "self.tried < 2",
    "self.tried < 2 or self.is_late",
    "not (self.is_late and self.tried > 0)",
    "all(not self.is_late or dev not in self.marked for dev in self.marked)",
    "not any(self.told[dev] and self.is_late for dev in self.marked)",
)


def random_loops(random: Random) -> str:
    one, two, three = random.sample(ROUNDS, 3)
    return LOOPS.format(
        join=random.choice(JOINS),
        one=one,
        two=two,
        three=three,
        after=random.choice(AFTERWARDS),
        guard=random.choice(LOOKS),
        busy=random.choice(BUSY),
        question=random.choice(LOOPED),
    )


LOOP_SEEDS = (0, 1, 2, 3, 4, 5)


def test_random_loops(tmp_path: Path) -> None:
    spec = tmp_path / "design.py"
    proved = 0
    for seed in LOOP_SEEDS:
        spec.write_text(random_loops(Random(seed)))
        found = prove(spec, properties=("mine",))
        if found.proof is not None:
            proved += 1
            check_by_searching(found, spec, 4)
    assert proved >= 3
