"""What a message tells people to write is accepted when they write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcheck.reader import read_spec

HERE = Path(__file__).parent
IMPORTS = """\
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Self
from modelcheck import HOLDS, VIOLATED, Length, Mutex, RWLock, Scalarset, Semaphore
from modelcheck import Spec, action, assume, choose, constraint, init, invariant
from modelcheck import preempt, process, reachable, require, transition, until
from modelcheck import Formula, always, eventually, every, implies
"""
FIXES: dict[str, tuple[str, str]] = {
    "alias_as_argument": (
        "self.add_to(self.bound, dev)",
        "self.add_to(set(self.bound), dev)",
    ),
    "alias_from_helper": ("= self.devices()", "= set(self.devices())"),
    "alias_of_container": ("= self.bound", "= set(self.bound)"),
    "alias_of_map_entry": ("= self.users[two]", "= set(self.users[two])"),
    "alias_of_two_names": ("one = two = {dev}", "one = {dev}\n        two = {dev}"),
    "assign_int_to_enum": ("self.phase = 1", "self.phase = Phase.BUSY"),
    "assign_local_two_types": (
        "next_one = Phase.BUSY\n        self.phase = next_one",
        "other = Phase.BUSY\n        self.phase = other",
    ),
    "assign_none": ("owner: File", "owner: File | None"),
    "assign_wrong_type": ("self.owner = dev", "self.owner = choose(File)"),
    "async_action": ("async def claim", "def claim"),
    "async_helper_called_from_action": (
        "@action\n    def user(self, file: File) -> None:\n        self",
        "@process\n    async def user(self, file: File) -> None:\n        await self",
    ),
    "async_with_in_action": ("@action\n    def", "@process\n    async def"),
    "await_in_action": ("@action\n    def", "@process\n    async def"),
    "await_of_plain_function": ("await self.claim(file)", "self.claim(file)"),
    "await_of_require": ("await require", "require"),
    "call_keyword_twice": ("(file, file=file)", "(file)"),
    "call_missing_record_field": ("Entry(dev)", "Entry(dev=dev, valid=True)"),
    "call_too_few_arguments": ("self.claim()", "self.claim(file)"),
    "call_unknown_keyword": ("flie=file", "file"),
    "choose_int": ("choose(int)", "choose(range(0, 5))"),
    "choose_nothing": ("choose(self.refs)", "choose(range(0, 3))"),
    "compare_enum_with_int": ("self.last == 0", "self.last == Errno.OK"),
    "compare_is_on_ints": ("self.owner_cnt is 0", "self.owner_cnt == 0"),
    "compare_never_none": ("owner: File", "owner: File | None"),
    "dataclass_not_frozen": ("@dataclass\n", "@dataclass(frozen=True)\n"),
    "decorator_argument_by_position": ("(True)", "(daemon=True)"),
    "decorator_argument_misspelt": ("expects", "expect"),
    "decorator_argument_wrong_value": ("expect=False", "expect=VIOLATED"),
    "decorator_misspelt": ("@invarient", "@invariant"),
    "default_reads_state": (
        "= refs * 2",
        (
            "= 0\n\n    @init\n    def start(self) -> None:\n"
            "        self.twice = self.refs * 2"
        ),
    ),
    "dropped_value": ("self.refs == 1", "require(self.refs == 1)"),
    "empty_enum": ("Nothing yet", 'Now"""\n    IDLE = 0\n    """Last'),
    "endless_loop_in_process": ("pass", "await preempt()"),
    "endless_loop_on_one_way": (
        "                continue",
        "                await preempt()\n                continue",
    ),
    "fair_unknown": ('"mild"', '"strong"'),
    "fairness_bare": ("@fairness", '@fairness("strong")'),
    "fairness_of_nothing": ("clame", "claim"),
    "fairness_of_state": ("moves(self)", 'moves(self, after: "Group")'),
    "fairness_other_type": (
        "dev: bool) -> bool:\n        return after.busy is dev",
        "free: bool) -> bool:\n        return after.busy is free",
    ),
    "fairness_unknown": ("very", "weak"),
    "float_division": ("/ 2", "// 2"),
    "import_forgotten": ("import Spec", "import Mutex, Spec"),
    "import_unknown_from_spec": ("import Devices", "import Device"),
    "keyed_by_state": (
        "{self.last: True}",
        "{key: key is self.last for key in Device}",
    ),
    "lambda_kept": (
        "step = lambda n: n + 1\n        self.refs = step(self.refs)",
        (
            "self.refs = self.step()\n\n    def step(self) -> int:\n"
            "        return self.refs + 1"
        ),
    ),
    "list_pop_in_the_middle": ("pop(1)", "pop(0)"),
    "list_without_length": ("list[Device]", "Annotated[list[Device], Length(4)]"),
    "lock_as_value": ("self.mutex is None", "self.mutex.locked()"),
    "loop_over_number": ("in self.refs", "in range(self.refs)"),
    "loop_over_set": (
        "in self.bound:\n            self",
        "in Device:\n            if dev in self.bound:\n                self",
    ),
    "map_depends_on_state": (
        "True for dev in Device if dev in self.bound",
        "True if dev in self.bound else False for dev in Device",
    ),
    "map_misses_key": ("{Errno.OK: True}", "{key: True for key in Errno}"),
    "missing_await_on_acquire": (
        "        self.mutex.acq",
        "        await self.mutex.acq",
    ),
    "missing_await_on_helper": ("        self.claim", "        await self.claim"),
    "missing_await_on_until": ("        until", "        await until"),
    "missing_self": ("start()", "start(self)"),
    "mutation_of_frozen": (
        "self.entry.valid = False",
        "self.entry = replace(self.entry, valid=False)",
    ),
    "negative_length": ("Length(-1)", "Length(4)"),
    "no_return_annotation": ("is_idle(self):", "is_idle(self) -> bool:"),
    "no_parameter_annotation": (
        "dev) ->",
        "dev: Device) ->",
    ),
    "not_constant_size": ("choose(range(1, 3))", "2"),
    "or_of_values": (
        "self.owner or self.spare",
        "self.owner if self.owner is not None else self.spare",
    ),
    "override_without_decorator": (
        "(Group):\n    def",
        "(Group):\n    @action\n    def",
    ),
    "possibly_unassigned": (
        "        if self.busy",
        "        new = Phase.BUSY\n        if self.busy",
    ),
    "power_operator": ("self.refs**2", "self.refs * self.refs"),
    "process_is_not_async": ("    def user", "    async def user"),
    "property_with_parameter": (
        "(self, dev: Device) -> bool:\n        return dev in self.bound",
        "(self) -> bool:\n        return all(dev in self.bound for dev in Device)",
    ),
    "property_without_bool": ("(self):", "(self) -> bool:"),
    "recursion_direct": (
        (
            "if self.owner_cnt > 0:\n            self.owner_cnt -= 1\n"
            "            self.drop_to_zero()"
        ),
        "for _ in range(self.owner_cnt):\n            self.owner_cnt -= 1",
    ),
    "returns_value_from_none_action": ("return self.refs", "return"),
    "returns_not_on_every_way": (
        "            return 1",
        "            return 1\n        return 0",
    ),
    "rwlock_without_mode": ("self.rw:", "self.rw.read():"),
    "scalarset_index": ("Device(0)", "choose(Device)"),
    "scalarset_order": ("size=2)", "size=2, symmetric=False)"),
    "scalarset_size_zero": ("size=0", "size=2"),
    "scalarset_unknown_option": ("sise", "size"),
    "scalarset_without_size": ("(Scalarset)", "(Scalarset, size=2)"),
    "scope_zero": ("Device=0", "Device=2"),
    "semaphore_without_permits": ("Semaphore\n", "Semaphore = Semaphore(2)\n"),
    "slice_of_list": ("self.queue = self.queue[1:]", "self.queue.pop(0)"),
    "statement_walrus": (
        "if (new := self.refs + 1) < 5",
        "new = self.refs + 1\n        if new < 5",
    ),
    "statement_with": ("        with", "        async with"),
    "string_literal": ('!= "busy"', "!= Phase.BUSY"),
    "subscript_of_set": ("self.bound[0]", "choose(self.bound)"),
    "sum_of_members": ("dev for", "dev is dev for"),
    "transition_without_after": ("(self)", "(self, after: Self)"),
    "truth_of_enum": ("not self.phase", "self.phase is Phase.IDLE"),
    "tuple_of_any_length": ("[Device, ...] = ()", "[Device, bool]"),
    "two_specs": ("class AsPosted", "# run: ::AsFixed\nclass AsPosted"),
    "type_is_plain_class": (
        'class Domain:\n    """An address space."""',
        "class Domain(Scalarset, size=2):\n    pass",
    ),
    "unbounded_int_field": ("owner_cnt: int", "owner_cnt: Annotated[int, range(0, 5)]"),
    "unbounded_int_local": ("  count = 0", "  count: Annotated[int, range(0, 5)] = 0"),
    "undeclared_variable": (
        "owner: File | None = None",
        "owner: File | None = None\n    claimed: bool = False",
    ),
    "temporal_all": ("all(", "every("),
    "temporal_and": ("and eventually", "& eventually"),
    "temporal_argument": (
        "eventually(self.keeps(self.owner))",
        "every(self.keeps(dev) for dev in Device)",
    ),
    "temporal_arity": ("(self.busy, self.count == 0)", "(self.busy)"),
    "temporal_async": ("async def", "def"),
    "temporal_compare": ("self.count == 0", "(self.count == 0)"),
    "temporal_conditional": (
        "always(self.busy) if self.count == 0 else eventually(self.busy)",
        "implies(self.count == 0, always(self.busy))",
    ),
    "temporal_every_of_formula": (
        "eventually(self.busy)",
        "eventually(dev in self.bound) for dev in Device",
    ),
    "temporal_every_of_set": (
        "eventually(dev is self.owner) for dev in self.bound",
        "implies(x in self.bound, eventually(x is self.owner)) for x in Device",
    ),
    "temporal_filter": (
        "eventually(self.busy) for dev in Device if dev in self.bound",
        "implies(dev in self.bound, eventually(self.busy)) for dev in Device",
    ),
    "temporal_invert_bool": ("~", "not "),
    "temporal_no_return": ('"""Nothing here."""', "return always(self.busy)"),
    "temporal_not": ("not always", "~always"),
    "temporal_not_bool": ("(self.count)", "(self.count == 2)"),
    "temporal_or_nested": ("self.busy or", "self.busy |"),
    "temporal_parameter": (
        "self, dev: Device) -> Formula:\n        return eventually(dev in self.bound)",
        "self) -> Formula:\n        return every(dev in self.bound for dev in Device)",
    ),
    "temporal_returns_bool": (
        "bool:\n        return self.busy",
        "Formula:\n        return always(self.busy)",
    ),
    "temporal_until_lambda": (
        "until(lambda: self.busy)",
        "until(self.busy, self.count == 0)",
    ),
    "undeclared_variable_misspelt": ("self.ownr", "self.owner"),
    "unknown_attribute": ("onwer_cnt", "owner_cnt"),
    "unknown_member": ("EBUYS", "EBUSY"),
    "unknown_method": ("append", "add"),
    "unknown_name_misspelt": ("dve", "dev"),
    "unknown_spec_name": ("::AsPostd", "::AsPosted"),
    "unpack_wrong_number": ("a, b, c", "a, b"),
    "until_without_lambda": ("until(self", "until(lambda: self"),
}


@pytest.mark.parametrize("name", FIXES)
def test_suggestion(name: str, tmp_path: Path) -> None:
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    old, new = FIXES[name]
    assert old in text
    text = text.replace(old, new)
    words = [
        word
        for line in text.splitlines()
        if line.startswith("# run:")
        for word in line.split()
    ]
    target = "".join(word for word in words if word.startswith("::"))
    scopes = dict(word.split("=") for word in words if "=" in word)
    folder = tmp_path / "kernel"
    folder.mkdir()
    objects = (HERE / "kernel" / "objects.py").read_text(encoding="utf-8")
    (folder / "objects.py").write_text(objects, encoding="utf-8")
    path = tmp_path / "spec.py"
    path.write_text(IMPORTS + text, encoding="utf-8")
    read_spec(f"{path}{target}", {name: int(size) for name, size in scopes.items()})
