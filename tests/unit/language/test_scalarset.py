import copy

import pytest

from modelcheck.language import Scalarset, scopes
from modelcheck.language.errors import SpecDefinitionError
from modelcheck.language.scalarset import is_symmetric, member_index


class Device(Scalarset, size=3):
    pass


class Rank(Scalarset, size=3, symmetric=False):
    pass


class File(Scalarset, size=1):
    pass


class Renamed(Scalarset, size=1, name="fd"):
    pass


def test_iterating_yields_singletons() -> None:
    assert len(Device) == 3
    assert all(a is b for a, b in zip(Device, Device, strict=True))
    assert [member_index(d) for d in Device] == [0, 1, 2]
    assert next(iter(Device)) in Device
    assert next(iter(File)) not in Device


def test_members_print_with_a_short_prefix() -> None:
    assert repr(list(Device)) == "[dev0, dev1, dev2]"
    assert repr(list(File)) == "[file0]"
    assert repr(list(Renamed)) == "[fd0]"


def test_copies_are_the_member_itself() -> None:
    first, second, _ = Device
    assert copy.deepcopy([first]) == [first]
    assert copy.copy(second) is second
    assert first != second
    assert {first, second, first} == {first, second}


def test_only_an_asymmetric_set_is_ordered() -> None:
    low, middle, high = Rank
    assert low <= middle < high
    assert high > middle >= low
    assert max(Rank) is high
    assert not is_symmetric(Rank)
    dev0, dev1, _ = Device
    assert is_symmetric(Device)
    with pytest.raises(TypeError, match="symmetric=False"):
        _ = dev0 < dev1


def test_members_of_two_sets_do_not_compare() -> None:
    with pytest.raises(TypeError, match="compares members of Rank"):
        _ = next(iter(Rank)) < 3  # type: ignore[operator]


def test_nobody_makes_members() -> None:
    with pytest.raises(TypeError, match=r"choose\(Device\)"):
        Device()


def test_a_class_is_true_though_it_has_a_length() -> None:
    assert bool(Device)
    assert bool(Scalarset)


def test_scopes_override_sizes_while_classes_are_made() -> None:
    with scopes({"Cpu": 4, "Unknown": 1}):

        class Cpu(Scalarset, size=2):
            pass

    class Later(Scalarset, size=2):
        pass

    assert (len(Cpu), len(Later)) == (4, 2)


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(SpecDefinitionError, match="at least one"):
        type("Empty", (Scalarset,), {}, size=0)
    with pytest.raises(SpecDefinitionError, match="write its size"):
        type("Unsized", (Scalarset,), {})
    with pytest.raises(SpecDefinitionError, match="directly"):
        type("Deeper", (Device,), {}, size=1)
