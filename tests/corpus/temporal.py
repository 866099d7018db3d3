"""The corpus of temporal properties: what was published about them.

`PUBLISHED` are properties that the authors of a model, or its tests, say hold or do not
hold; `OWN` are variants of ours. A published verdict is about the runs of the language
it was published in. In TLA+ and Quint every run may stand still at any time unless a
fairness condition forbids it, in Promela and here only where nothing can happen: see
`Live.may_stutter`.

Sources are given as repository and path; what is behind a colon is the name that the
property or the specification has there. The models are written anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.corpus.cases import OURS, Word, holds, violated


@dataclass(frozen=True, slots=True)
class Live:
    """One model and the verdicts of its temporal properties.

    `spec` is relative to `specs/`, `class_name` is None if the file has one model.
    `source` says where a verdict was published. With `may_stutter` the verdicts are
    those of runs that may stand still at any time. `distinct`, `generated` and `depth`
    are published counts, in the convention of `cases.py`; None where there are none, or
    where the model's steps are not those of the original one by one.
    """

    name: str
    spec: str
    class_name: str | None
    scopes: Mapping[str, int]
    verdicts: Mapping[str, Word]
    source: str
    may_stutter: bool = True
    distinct: int | None = None
    generated: int | None = None
    depth: int | None = None


EXAMPLES = "tlaplus/Examples: specifications/"
QUINT = "informalsystems/quint: examples/language-features/"
LEARN = "hwayne/learntla-v2: docs/core/temporal-logic.rst, "
ALLOCATOR = {"Client": 3, "Resource": 2}
NODES = {"Node": 3}

PUBLISHED = (
    Live(
        name="ewd840_3",
        spec="ewd840.py",
        class_name=None,
        scopes=NODES,
        verdicts=holds("liveness") | violated("false_liveness"),
        # The module says so; so do Quint's tests, which have TLC check both for three
        # nodes: quint/io-cli-tests.md of informalsystems/quint.
        source=EXAMPLES + "ewd840/EWD840.tla: Liveness, FalseLiveness",
        distinct=302,
        generated=2001,
    ),
    Live(
        name="ewd840_4",
        spec="ewd840.py",
        class_name=None,
        scopes={"Node": 4},
        verdicts=holds("liveness") | violated("false_liveness"),
        source=EXAMPLES + "ewd840/EWD840.cfg, N = 4: Liveness; EWD840.tla",
        distinct=1566,
        generated=15_986,
    ),
    Live(
        name="readers_writers",
        spec="readers_writers.py",
        class_name=None,
        scopes={"Actor": 3},
        verdicts=holds("liveness"),
        source=EXAMPLES + "ReadersWriters/ReadersWriters.tla: Liveness",
        distinct=21_527,
        generated=59_674,
    ),
    Live(
        name="scheduling_allocator",
        spec="scheduling_allocator.py",
        class_name=None,
        scopes=ALLOCATOR,
        verdicts=holds("clients_will_return", "clients_will_obtain", "often_satisfied"),
        source=EXAMPLES + "allocator/SchedulingAllocator.tla: the last three theorems",
        distinct=1690,
        generated=5854,
    ),
    Live(
        name="simple_allocator",
        spec="simple_allocator.py",
        class_name="SimpleAllocator",
        scopes=ALLOCATOR,
        verdicts=holds("clients_will_return", "clients_will_obtain", "often_satisfied"),
        source=EXAMPLES + "allocator/SimpleAllocator.tla: theorems of SimpleAllocator",
        distinct=400,
        generated=1633,
    ),
    Live(
        name="simple_allocator_2",
        spec="simple_allocator.py",
        class_name="SatisfiedReturn",
        scopes=ALLOCATOR,
        verdicts=holds("clients_will_return")
        | violated("clients_will_obtain", "often_satisfied"),
        # One theorem, and two that are said not to hold.
        source=EXAMPLES + "allocator/SimpleAllocator.tla: SimpleAllocator2",
        distinct=400,
    ),
    Live(
        name="peterson",
        spec="peterson.py",
        class_name="Peterson",
        scopes={},
        verdicts=holds("starvation_freedom"),
        # The module whose steps the model has is published without fairness.
        source="Hafidi, Keiren, Groote, Fair Mutual Exclusion for N Processes, "
        "arXiv:2111.02251, section 1",
        distinct=42,
        generated=77,
    ),
    Live(
        name="dijkstra_mutex",
        spec="dijkstra_mutex.py",
        class_name="FairMutex",
        scopes={"Proc": 3},
        verdicts=holds("deadlock_free") | violated("starvation_free"),
        source=EXAMPLES + "dijkstra-mutex/DijkstraMutex.tla: Spec",
        distinct=90_882,
        generated=282_810,
        depth=54,
    ),
    Live(
        name="dijkstra_mutex_lspec",
        spec="dijkstra_mutex.py",
        class_name="MayStayOutside",
        scopes={"Proc": 3},
        verdicts=holds("deadlock_freedom"),
        source=EXAMPLES + "dijkstra-mutex/DijkstraMutex.toolbox/LSpec-model/MC.out",
        distinct=90_882,
        generated=282_810,
        depth=54,
    ),
    Live(
        name="dining_philosophers",
        spec="dining_philosophers.py",
        class_name="FairDiningPhilosophers",
        scopes={"Philosopher": 5},
        verdicts=holds("nobody_starves"),
        source=EXAMPLES + "DiningPhilosophers/DiningPhilosophers.tla: NobodyStarves",
        distinct=67,
        generated=336,
    ),
    Live(
        name="prisoners",
        spec="prisoners.py",
        class_name="FairPrisoners",
        scopes={"Other": 3},
        verdicts=holds("liveness"),
        source=EXAMPLES + "Prisoners/Prisoners.tla: Liveness",
        distinct=214,
        generated=860,
    ),
    Live(
        name="prisoner_single_switch",
        spec="prisoner_single_switch.py",
        class_name="FairLightOff",
        scopes={"Other": 2},
        verdicts=holds("terminating"),
        source=EXAMPLES + "Prisoners_Single_Switch/Prisoner.cfg: Terminating",
        distinct=16,
        generated=49,
    ),
    Live(
        name="prisoner_light_unknown",
        spec="prisoner_single_switch.py",
        class_name="FairLightUnknown",
        scopes={"Other": 2},
        verdicts=holds("terminating"),
        source=EXAMPLES + "Prisoners_Single_Switch/PrisonerLightUnknown.cfg",
        distinct=62,
        generated=188,
    ),
    Live(
        name="moving_cat_5",
        spec="moving_cat.py",
        class_name="LiveMovingCat",
        scopes={"Box": 5},
        verdicts=holds("victory"),
        source=EXAMPLES + "Moving_Cat_Puzzle/CatOddBoxes.cfg: Victory",
        distinct=30,
        generated=78,
    ),
    Live(
        name="moving_cat_6",
        spec="moving_cat.py",
        class_name="LiveMovingCat",
        scopes={"Box": 6},
        verdicts=holds("victory"),
        source=EXAMPLES + "Moving_Cat_Puzzle/EvenBoxes.cfg: Victory",
        distinct=48,
        generated=128,
    ),
    Live(
        name="coffee_can",
        spec="coffee_can.py",
        class_name="LiveCoffeeCan",
        scopes={},
        verdicts=holds("eventually_terminates", "termination_hypothesis"),
        source=EXAMPLES + "CoffeeCan/CoffeeCan.tla: the theorem",
        distinct=5150,
        generated=20_002,
    ),
    Live(
        name="chang_roberts",
        spec="chang_roberts.py",
        class_name="FairChangRoberts",
        scopes=NODES,
        verdicts=holds("liveness"),
        source=EXAMPLES + "chang_roberts/MCChangRoberts.cfg: Liveness",
        distinct=137,
        generated=227,
    ),
    Live(
        name="hour_clock",
        spec="hour_clock.py",
        class_name="LiveHourClock",
        scopes={},
        verdicts=holds("always_tick", "all_times"),
        source=EXAMPLES + "SpecifyingSystems/Liveness/LiveHourClock.tla: the theorem",
        distinct=12,
        generated=24,
    ),
    Live(
        name="token_ring",
        spec="token_ring.py",
        class_name=None,
        scopes={"Node": 6},
        verdicts=holds("stabilises"),
        source=EXAMPLES + "ewd426/TokenRing.cfg: Stab; manifest.json",
        distinct=46_656,
        generated=248_832,
        depth=1,
    ),
    Live(
        name="single_lane_bridge",
        spec="single_lane_bridge.py",
        class_name=None,
        scopes={"Car": 4},
        verdicts=holds("cars_exit_bridge", "cars_enter_bridge"),
        # TLC counts a car that enters the bridge once for each car.
        source=EXAMPLES
        + "SingleLaneBridge/SingleLaneBridge.tla: the last two theorems",
        distinct=3605,
        depth=29,
    ),
    Live(
        name="alternating_bit",
        spec="alternating_bit.py",
        class_name=None,
        scopes={"Data": 2},
        verdicts=holds("sent_leads_to_received"),
        # TLC counts messages for which there is no room, too.
        source=EXAMPLES + "SpecifyingSystems/TLC/MCAlternatingBit.tla: SentLeadsToRcvd",
        distinct=240,
        depth=10,
    ),
    Live(
        name="kettle",
        spec="kettle.py",
        class_name="Kettle",
        scopes={},
        verdicts=violated("boils"),
        source=QUINT + "strongFairness.qnt: eventuallyHundredDegreesWeakOnly",
    ),
    Live(
        name="patient_kettle",
        spec="kettle.py",
        class_name="PatientKettle",
        scopes={},
        verdicts=holds("boils"),
        source=QUINT + "strongFairness.qnt: eventuallyHundredDegrees",
    ),
    Live(
        name="unfinished",
        spec="unfinished.py",
        class_name="Unfinished",
        scopes={},
        verdicts=violated("gets_done"),
        source=QUINT + "weakFairness.qnt: notDoneLeadsToDoneNoFairness",
    ),
    Live(
        name="finished",
        spec="unfinished.py",
        class_name="Finished",
        scopes={},
        verdicts=holds("gets_done", "is_done"),
        source=QUINT + "weakFairness.qnt: notDoneLeadsToDone, eventuallyDone",
    ),
    Live(
        name="lock_weakly_fair",
        spec="two_threads.py",
        class_name="WeaklyFair",
        scopes={"Thread": 2},
        verdicts=violated("everybody_gets_the_lock"),
        source=LEARN + "threads/strong_fairness_1",
    ),
    Live(
        name="lock_strongly_fair",
        spec="two_threads.py",
        class_name="StronglyFair",
        scopes={"Thread": 2},
        verdicts=holds("everybody_gets_the_lock"),
        source=LEARN + "threads/strong_fairness_2",
    ),
    Live(
        name="counting",
        spec="two_threads.py",
        class_name="Counting",
        scopes={"Thread": 2},
        verdicts=holds("reaches_two"),
        source=LEARN + "threads/liveness_2",
    ),
    Live(
        name="counting_from_one",
        spec="two_threads.py",
        class_name="CountingFromOne",
        scopes={"Thread": 2},
        verdicts=holds("reaches_two") | violated("stays_at_two"),
        source=LEARN + "threads/liveness_3 and threads/liveness_4",
    ),
    Live(
        name="orchestrator_crashing",
        spec="orchestrator.py",
        class_name="Crashing",
        scopes={"Server": 2},
        verdicts=violated("one_stays_online", "not_always_all"),
        source=LEARN + "liveness/2 and liveness/3/orchestrator",
    ),
    Live(
        name="orchestrator",
        spec="orchestrator.py",
        class_name="Orchestrator",
        scopes={"Server": 2},
        verdicts=violated("one_stays_online") | holds("not_always_all"),
        source=LEARN + "liveness/4/orchestrator",
    ),
    Live(
        name="ring_leader",
        spec="ring_leader.py",
        class_name=None,
        scopes=NODES,
        verdicts=holds(
            "somebody_is_elected",
            "one_leader_in_the_end",
            "none_until_one",
            "not_always_none",
        ),
        source="nimble-code/Spin: Examples/LTL/leader.pml: p0, p1, p2, p3",
        may_stutter=False,
    ),
)

OWN = (
    Live(
        name="weakly_fair_allocator",
        spec="simple_allocator.py",
        class_name="WeaklyFair",
        scopes=ALLOCATOR,
        # Two clients take one resource from each other; the third never gets it.
        verdicts=holds("clients_will_return")
        | violated("clients_will_obtain", "often_satisfied"),
        source=OURS,
        distinct=400,
        generated=1633,
    ),
)

LIVE: tuple[Live, ...] = PUBLISHED + OWN
