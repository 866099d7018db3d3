"""The largest part of a spec that is alike for every size of a Scalarset.

What stands against a text (`reader.uniformity`) is often about variables that a
property has nothing to do with. They are left out (`reader.slicing`), which may show
others that have to go, until nothing stands against the rest, or nothing would help.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from modelcheck.model.families import is_indexed, sized_counters, uncovered
from modelcheck.model.program import Model, Role
from modelcheck.model.statements import Span
from modelcheck.model.types import IntType, ListType, ScalarsetType, SetType, Type
from modelcheck.model.uniformity import Objection, Part, Read, Uniformity
from modelcheck.reader.allowing import Names
from modelcheck.reader.errors import SpecError
from modelcheck.reader.facts import STEPPING, Facts, mentioned, written
from modelcheck.reader.memory import Memory
from modelcheck.reader.modules import Modules
from modelcheck.reader.read import read_spec
from modelcheck.reader.slicing import Slice, changed, rewriting
from modelcheck.reader.uniformity import look_at
from modelcheck.reader.uses import used

MOST_RISES = 2
"""What can be incremented more often is not followed through a loop."""

SIZES = (2, 3)
"""The sizes whose types are compared."""


class Parts:
    """The parts of the spec `target`, as the Scalarset `scalarset` varies.

    `scopes` are the sizes of the other types. Raises `SpecError` if the spec cannot be
    read.
    """

    def __init__(
        self, target: str, scalarset: str, scopes: Mapping[str, int], preempt: str
    ) -> None:
        self.target = target
        self.scalarset = scalarset
        self.scopes = dict(scopes)
        self.preempt = preempt
        self.model = self._read(SIZES[0])
        other = self._read(SIZES[1])
        self.counters = sized_counters(self.model, other)
        self.uncovered = uncovered(self.model, other, scalarset).difference(
            self.counters
        )
        self._path = target.partition("::")[0]
        statements = used(Modules(self._path).loaded, self.model.name)
        self._statements = [root for _, root in statements]
        self.facts = Facts(self._statements)
        self._slices: dict[frozenset[str], set[str]] = {}
        self._unreadable: dict[frozenset[str], SpecError | None] = {}

    def _read(self, size: int) -> Model:
        return read_spec(
            self.target, {**self.scopes, self.scalarset: size}, self.preempt
        )

    def whole(self) -> Part:
        """The spec as it is."""
        return self._part(None, frozenset(), frozenset())

    def part(self, claims: Iterable[str], dropped: Iterable[str]) -> Part:
        """The spec with the properties `claims` alone and without some variables."""
        dropped = frozenset(dropped)
        counters = {c: lo for c, lo in self.counters.items() if c not in dropped}
        lists = self._lists()
        claims = frozenset(claims)
        slice_ = Slice(self.scalarset, dropped, lists, claims, counters, self._rises())
        return self._part(slice_, dropped, slice_.claims)

    def largest(self, claims: Iterable[str], dropped: Iterable[str] = ()) -> Part:
        """The part from which as little as necessary is left out besides `dropped`."""
        return self._without_objections(claims, self._forced | frozenset(dropped))

    @cached_property
    def _forced(self) -> frozenset[str]:
        """What is left out in any case, because of what steps do."""
        return self._without_objections((), self.uncovered).text.dropped

    def _without_objections(
        self, claims: Iterable[str], dropped: frozenset[str]
    ) -> Part:
        claims = frozenset(claims)
        while True:
            part = self.part(claims, dropped)
            blamed = frozenset[str]().union(*(x.blamed for x in part.text.objections))
            if not blamed - dropped:
                return part
            dropped |= blamed

    def unrelated(self, claims: Iterable[str], rounds: int) -> frozenset[str]:
        """The variables that claims have to do with only at more than `rounds` hands.

        Those are at one hand that a function mentions which writes what a claim is
        about, and so on.
        """
        variables = {v.name for v in self.model.variables if v.role is Role.STATE}
        bodies = [
            b for n in self.facts.reached(claims) for b in self.facts.functions[n]
        ]
        near = set(mentioned(bodies)) & variables
        for _ in range(rounds):
            near |= self._beside(near, variables)
        return frozenset(variables - near - self._beside(near, variables, counted=True))

    def _beside(
        self, near: set[str], variables: set[str], *, counted: bool = False
    ) -> set[str]:
        """What functions mention that write one of `near`; or what is counted there."""
        wanted = near & self.counters.keys() if counted else near
        found: set[str] = set()
        for name in self.facts.reached(self.facts.of_role(STEPPING)):
            for body in self.facts.functions[name]:
                if set(written(body.body)) & wanted:
                    found |= set(mentioned(body.body)) & variables
        return found

    def _part(
        self, slice_: Slice | None, dropped: frozenset[str], claims: frozenset[str]
    ) -> Part:
        rewrite = None if slice_ is None else rewriting(slice_, self.facts)
        text = look_at(Modules(self._path, rewrite).loaded, self._names(dropped))
        if slice_ is not None:
            for claim in claims:
                self._look_for(claim, slice_, text)
        known: dict[int, Model] = {}

        def read(size: int) -> Model:
            if size not in known:
                scopes = {**self.scopes, self.scalarset: size}
                known[size] = read_spec(
                    self.target, scopes, self.preempt, memory=Memory(rewrite)
                )
            return known[size]

        # What is refused anyhow need not be read, which takes longer than all of this.
        is_open = not text.objections and not claims <= text.against.keys()
        if slice_ is not None and is_open:
            if dropped not in self._unreadable:
                self._unreadable[dropped] = _refused(read)
            error = self._unreadable[dropped]
            if error is not None:
                reason = f"what is left of it is refused: {error.message}"
                text.objections.append(Objection(reason, error.span))
        where = self.model.variables[0].span
        if slice_ is not None and self.preempt == "statement":
            reason = "leaving variables out would change where processes are preempted"
            text.objections.append(Objection(reason, where))
        unknown = dropped - self._names(dropped).variables
        if unknown:
            reason = f"there is no variable {min(unknown)} that can be left out"
            text.objections.append(Objection(reason, where))
        return Part(read, text)

    def _look_for(self, claim: str, slice_: Slice, text: Uniformity) -> None:
        """Note that a property speaks of what is left out, or is not what it was."""
        reached = self.facts.reached({claim})
        bodies = [body for name in reached for body in self.facts.functions[name]]
        spoken = sorted(set(mentioned(bodies)) & slice_.dropped)
        why = None
        if spoken:
            why = f"it is about {spoken[0]}: {self._why(spoken[0], slice_.claims)}"
        elif reached & self._changed(slice_) - {claim}:
            why = "it calls what is changed by leaving variables out"
        if why is not None:
            text.against[claim] = Objection(why, self._span(claim))

    def _changed(self, slice_: Slice) -> set[str]:
        """The functions that a slice changes, whatever the claims that it is for."""
        if slice_.dropped not in self._slices:
            self._slices[slice_.dropped] = changed(slice_, self.facts)
        return self._slices[slice_.dropped]

    def _why(self, variable: str, claims: frozenset[str]) -> str:
        """Why a variable had to be left out."""
        if variable in self.uncovered:
            return "its type depends on the number of members"
        kept = self.part(claims, self.uncovered)
        for objection in kept.text.objections:
            if variable in objection.blamed:
                return objection.text
        return "that depends on what is left out"

    def _span(self, claim: str) -> Span:
        found = [p.span for p in self.model.properties if p.name == claim]
        return found[0] if found else self.model.variables[0].span

    def _names(self, dropped: frozenset[str]) -> Names:
        variables = [v for v in self.model.variables if v.role is Role.STATE]
        indexed = {v.name for v in variables if is_indexed(v.type_, self.scalarset)}
        return Names(
            self.model.name,
            self.scalarset,
            frozenset(v.name for v in variables),
            frozenset(indexed),
            frozenset(v.name for v in variables if _is_set(v.type_, self.scalarset)),
            frozenset(self.counters.keys() - dropped),
            dropped,
            self._rises(),
        )

    def _rises(self) -> dict[str, int]:
        """How often integers whose range is alike at every size can be incremented."""
        return {
            v.name: v.type_.hi - v.type_.lo
            for v in self.model.variables
            if isinstance(v.type_, IntType)
            and v.name not in self.counters
            and v.type_.hi - v.type_.lo <= MOST_RISES
        }

    def _lists(self) -> frozenset[str]:
        return frozenset(
            v.name
            for v in self.model.variables
            if isinstance(v.type_, ListType)
            and isinstance(v.type_.item, ScalarsetType)
            and v.type_.item.name == self.scalarset
        )


def _refused(read: Read) -> SpecError | None:
    """Why a part of a spec cannot be read: steps that need what was left out."""
    try:
        read(SIZES[0])
    except SpecError as error:
        return error
    return None


def _is_set(type_: Type, name: str) -> bool:
    match type_:
        case SetType(item=ScalarsetType(name=found)):
            return found == name
    return False
