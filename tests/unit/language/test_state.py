# Class attributes of a spec are its state variables, not shared defaults.
# ruff: noqa: RUF012

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, ClassVar, Final, TypeVar

import pytest

from modelcheck.language import (
    Length,
    Mutex,
    RWLock,
    Scalarset,
    Semaphore,
    Spec,
    choose,
    spec_snapshot,
)
from modelcheck.language.errors import (
    OutsideWorldError,
    RangeError,
    SpecDefinitionError,
)
from modelcheck.language.scheduler import World
from modelcheck.language.spec import state_fields

T = TypeVar("T")


class Device(Scalarset, size=2):
    pass


class Domain(Enum):
    DEF = 0
    BLOCKED = 1


DEV0, DEV1 = Device
Small = Annotated[int, range(5)]


@dataclass(frozen=True)
class Request:
    dev: Device
    count: Small


class State(Spec):
    LIMIT: ClassVar[int] = 3
    TOP: Final = 4
    BARE = 5

    cnt: Small = 0
    flag: bool = False
    owner: Device | None = None
    hw: dict[Device, Domain] = dict.fromkeys(Device, Domain.DEF)
    groups: dict[Device, set[Device]] = {d: set() for d in Device}
    bound: set[Device] = set()
    queue: Annotated[list[Device], Length(3)] = []
    pair: tuple[Device, Small] = (DEV0, 1)
    request: Request = Request(DEV0, 1)
    mutex: Mutex
    rw: RWLock
    slots: Semaphore = Semaphore(2)


def first(options: Sequence[T]) -> T:
    return options[0]


def last(options: Sequence[T]) -> T:
    return options[-1]


def test_constants_are_no_state() -> None:
    names = [field.name for field in state_fields(State)]
    assert names[:3] == ["cnt", "flag", "owner"]
    assert not {"LIMIT", "TOP", "BARE"} & set(names)


def test_snapshot_is_plain_and_lasting() -> None:
    state = State()
    before = spec_snapshot(state)
    state.hw[DEV0] = Domain.BLOCKED
    state.bound.add(DEV1)
    state.queue.append(DEV1)
    after = spec_snapshot(state)
    assert before == {
        "cnt": 0,
        "flag": False,
        "owner": None,
        "hw": {DEV0: Domain.DEF, DEV1: Domain.DEF},
        "groups": {DEV0: frozenset(), DEV1: frozenset()},
        "bound": frozenset(),
        "queue": (),
        "pair": (DEV0, 1),
        "request": Request(DEV0, 1),
        "mutex": None,
        "rw": (None, frozenset()),
        "slots": 2,
    }
    assert after["hw"] == {DEV0: Domain.BLOCKED, DEV1: Domain.DEF}
    assert type(after["hw"]) is dict
    assert (after["bound"], after["queue"]) == (frozenset({DEV1}), (DEV1,))


def test_instances_share_nothing() -> None:
    one, two = State(), State()
    one.bound.add(DEV0)
    one.groups[DEV0].add(DEV1)
    assert not two.bound
    assert not State.bound
    assert not two.groups[DEV0]
    assert one.mutex is not two.mutex


def test_assigning_a_container_copies_it() -> None:
    state = State()
    mine = {DEV0}
    state.bound = mine
    state.groups[DEV1] = mine
    mine.add(DEV1)
    assert state.bound == {DEV0}
    assert state.groups[DEV1] == {DEV0}


def set_cnt(state: State) -> None:
    state.cnt = 5


def set_owner(state: State) -> None:
    state.owner = Domain.DEF  # type: ignore[assignment]


def set_pair(state: State) -> None:
    state.pair = (DEV0, 9)


def set_request(state: State) -> None:
    state.request = Request(DEV0, 9)


def add_wrong(state: State) -> None:
    state.bound.add(None)  # type: ignore[arg-type]


def update_wrong(state: State) -> None:
    state.bound |= {1}  # type: ignore[arg-type]


def nested_wrong(state: State) -> None:
    state.groups[DEV1].add(1)  # type: ignore[arg-type]


def wrong_value(state: State) -> None:
    state.hw[DEV0] = DEV0  # type: ignore[assignment]


def wrong_key(state: State) -> None:
    state.hw.update({None: Domain.DEF})  # type: ignore[dict-item]


def lose_key(state: State) -> None:
    del state.hw[DEV0]


def pop_key(state: State) -> None:
    state.hw.pop(DEV0)


def partial_map(state: State) -> None:
    state.hw = {DEV0: Domain.DEF}


def overfill(state: State) -> None:
    state.queue = [DEV0, DEV0, DEV1]
    state.queue.append(DEV1)


def overfill_at_once(state: State) -> None:
    state.queue += [DEV0] * 4


def insert_wrong(state: State) -> None:
    state.queue.insert(0, 7)  # type: ignore[arg-type]


def slice_wrong(state: State) -> None:
    state.queue[0:0] = [None]  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_cnt, r"cnt: 5 is not in range\(0, 5\)"),
        (set_owner, r"owner: DEF is not in Device \| None"),
        (set_pair, r"pair\[1\]: 9 is not in range\(0, 5\)"),
        (set_request, r"request.count: 9 is not in range\(0, 5\)"),
        (add_wrong, "bound: None is not in Device"),
        (update_wrong, "bound: 1 is not in Device"),
        (nested_wrong, r"groups\[dev1\]: 1 is not in Device"),
        (wrong_value, r"hw\[dev0\]: dev0 is not in Domain"),
        (wrong_key, "hw key: None is not in Device"),
        (lose_key, "hw: .* total map"),
        (pop_key, "hw: .* total map"),
        (partial_map, "hw: no value for dev1"),
        (overfill, r"queue: 4 elements, but Length\(3\)"),
        (overfill_at_once, r"queue: 4 elements, but Length\(3\)"),
        (insert_wrong, r"queue\[0\]: 7 is not in Device"),
        (slice_wrong, r"queue\[0\]: None is not in Device"),
    ],
)
def test_leaving_the_range_is_an_error(
    change: Callable[[State], None], message: str
) -> None:
    state = State()
    with pytest.raises(RangeError, match=message):
        change(state)


def test_containers_behave_as_in_python() -> None:
    state = State()
    state.queue.append(DEV1)
    state.queue.extend([DEV0])
    state.queue[0] = DEV0
    assert (state.queue.pop(0), list(state.queue)) == (DEV0, [DEV0])
    state.bound |= {DEV1, DEV0}
    state.bound -= {DEV1}
    state.bound ^= {DEV1}
    assert list(state.bound) == [DEV0, DEV1]
    assert type(state.bound | {DEV0}) is set
    assert state.bound - {DEV0} == {DEV1}
    assert repr(state.bound) == "{dev0, dev1}"
    state.hw |= {DEV0: Domain.BLOCKED}
    assert state.hw.setdefault(DEV0, Domain.DEF) is Domain.BLOCKED
    assert [*state.hw] == [DEV0, DEV1]


def test_a_set_may_not_change_while_it_is_walked() -> None:
    state = State()
    state.bound = set(Device)
    walk = iter(state.bound)
    state.bound.discard(next(walk))
    with pytest.raises(RuntimeError, match="changed size"):
        next(walk)


def test_a_bool_is_stored_as_the_int_it_is() -> None:
    state = State()
    state.cnt = True
    assert repr(state.cnt) == "1"


def test_only_state_variables_are_assigned() -> None:
    state = State()
    with pytest.raises(AttributeError, match="no state variable 'cout'"):
        state.cout = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="is a lock"):
        state.mutex = Mutex()
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del state.cnt


class Undetermined(Spec):
    cnt: Small
    owner: Device | None
    hw: dict[Device, Domain]
    bound: set[Device]
    queue: Annotated[list[Device], Length(2)]
    pair: tuple[Device, bool]
    request: Request
    frozen: frozenset[Device]


def test_no_default_means_any_value() -> None:
    assert World(Undetermined, first).snapshot() == {
        "cnt": 0,
        "owner": None,
        "hw": {DEV0: Domain.DEF, DEV1: Domain.DEF},
        "bound": frozenset(),
        "queue": (),
        "pair": (DEV0, False),
        "request": Request(DEV0, 0),
        "frozen": frozenset(),
    }
    assert World(Undetermined, last).snapshot() == {
        "cnt": 4,
        "owner": DEV1,
        "hw": {DEV0: Domain.BLOCKED, DEV1: Domain.BLOCKED},
        "bound": frozenset(Device),
        "queue": (DEV1, DEV1),
        "pair": (DEV1, True),
        "request": Request(DEV1, 4),
        "frozen": frozenset(Device),
    }


def test_choosing_a_start_needs_a_world() -> None:
    with pytest.raises(OutsideWorldError, match="the initial cnt"):
        Undetermined()


class Restricted(Spec):
    cnt: Small = choose(range(2, 4))
    flags: dict[Device, bool] = {d: choose(bool) for d in Device}
    pair: tuple[Device, bool] = (choose({DEV1}), choose(bool))


def test_choose_in_a_default_restricts_it() -> None:
    world = World(Restricted, last)
    assert world.snapshot() == {
        "cnt": 3,
        "flags": {DEV0: True, DEV1: True},
        "pair": (DEV1, True),
    }
    assert [choice.count for choice in world.initial_choices] == [2, 2, 2, 1, 2]


class Derived(State):
    cnt = 2
    more: bool = True


def test_a_subclass_adds_and_overrides_defaults() -> None:
    assert [field.name for field in state_fields(Derived)][-1] == "more"
    assert Derived().cnt == 2


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (int, r"Annotated\[int, range"),
        (list[Device], r"Length\(n\)"),
        (str, "no finite set of values"),
        (float | None, "no finite set of values"),
        (Device | Domain, r"T \| None"),
        (tuple[Device, ...], "fixed number"),
        (set[set[Device]], "can change"),
        (Scalarset, "no finite set of values"),
    ],
)
def test_annotations_without_finite_type(annotation: object, message: str) -> None:
    wrong = type("Wrong", (Spec,), {"__annotations__": {"x": annotation}})
    with pytest.raises(SpecDefinitionError, match=rf"Wrong\.x: .*{message}"):
        state_fields(wrong)


@pytest.mark.parametrize("default", [7, {DEV0: 1}, None])
def test_a_default_out_of_range_is_refused(default: object) -> None:
    contents = {"__annotations__": {"x": Small}, "x": default}
    with pytest.raises(SpecDefinitionError, match="Wrong, default of x"):
        type("Wrong", (Spec,), contents)()


def test_a_semaphore_needs_its_size() -> None:
    wrong = type("Wrong", (Spec,), {"__annotations__": {"slots": Semaphore}})
    with pytest.raises(SpecDefinitionError, match="has a size"):
        wrong()


def test_a_dataclass_must_be_frozen_all_through() -> None:
    @dataclass
    class Loose:
        flag: bool

    @dataclass(frozen=True)
    class Holder:
        bound: set[Device]

    for record, message in ((Loose, "frozen=True"), (Holder, "use a frozenset")):
        wrong = type("Wrong", (Spec,), {"__annotations__": {"x": record}})
        with pytest.raises(SpecDefinitionError, match=message):
            state_fields(wrong)
