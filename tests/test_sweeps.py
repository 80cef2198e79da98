"""Sweeps: totals are those of a single process, whatever dies, and whoever is started twice."""

import json
import multiprocessing
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import sympy
from click.testing import CliRunner

import symconv as sc
from symconv.cli import main
from symconv.errors import SymconvError
from symconv.index_map import index_map
from symconv.proof.exact import prove_maps
from symconv.sweeps.batch import Batch, Size
from symconv.sweeps.constraint import Constraint
from symconv.sweeps.grid_file import read_grid
from symconv.sweeps.key import geometry_of, key
from symconv.sweeps.shrink import shrink
from symconv.sweeps.store import Store
from symconv.sweeps.task import Answer, task_of
from tests import sweep_tasks
from tests.onnx_models import model_of, side_by_side, value

ROOT = Path(__file__).parent.parent
SPACE = {
    "input": "4..9x5..7",
    "kernel": ["2x3", 1],
    "stride": "1..2x1..2",
    "channels": [2, 4],
    "kernels": [2, 4],
    "groups": [1, 2],
    "padding": [0, "1:0x0:2"],
    "constraints": ["kernel >= stride"],
}
SMALL = {"input": "4..8x5..7", "kernel": "2..3", "stride": "1..2x1..2"}


def two_processes():
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))


def rows(store):
    with sqlite3.connect(store) as database:
        found = database.execute("SELECT task, version, geometry, outcome, tier FROM results ORDER BY 1, 3")
        return found.fetchall()


def test_ten_lines_that_one_types_first(tmp_path):
    space = sc.grid(**SPACE)
    found = sc.sweep(sc.prove, space, store=tmp_path / "results.sqlite")
    assert found
    assert found.counts == {("holds", "exact"): sum(1 for _ in space)}
    again = sc.sweep("prove", space, store=tmp_path / "results.sqlite")
    assert again.resumed == again.count() == found.count()
    (kept,) = sc.summaries(tmp_path / "results.sqlite")
    assert kept.counts == found.counts
    assert kept.slowest == found.slowest == again.slowest
    assert "hold (tier: exact)" in repr(kept)


@pytest.mark.parametrize(
    "executor", [None, two_processes, lambda: ThreadPoolExecutor(2)], ids=["here", "processes", "threads"]
)
def test_every_executor_comes_to_the_same(executor, tmp_path):
    calls = []
    found = sc.sweep(
        "prove",
        sc.grid(**SPACE),
        executor,
        tmp_path / "a.sqlite",
        progress=lambda so_far: calls.append(so_far.count()),
    )
    alone = sc.sweep("prove", sc.grid(**SPACE), store=tmp_path / "b.sqlite")
    assert found.counts == alone.counts
    assert rows(tmp_path / "a.sqlite") == rows(tmp_path / "b.sqlite")
    assert calls == sorted(calls)
    assert calls[-1] == found.count()


def test_an_executor_that_was_given_stays_open():
    with ThreadPoolExecutor(1) as executor:
        assert sc.sweep("prove", sc.grid(**SMALL), executor)
        assert executor.submit(abs, -3).result() == 3


def test_a_geometry_that_ends_its_worker_is_found_and_the_sweep_goes_on(tmp_path):
    found = sc.sweep(sweep_tasks.kills, sc.grid(**SMALL), two_processes, tmp_path / "a.sqlite", in_flight=3)
    deadly = [g for g in sc.grid(**SMALL) if g.input_size == sweep_tasks.DEADLY and g.stride == (2, 1)]
    assert found.count("killed") == len(deadly) == 2
    assert found.count("holds") == sum(1 for _ in sc.grid(**SMALL)) - 2
    assert found.holds is False
    assert geometry_of(found.killed.geometry) in deadly
    assert "ended 3 times" in found.killed.said
    assert {geometry_of(row[2]) for row in rows(tmp_path / "a.sqlite") if row[3] == "killed"} == set(deadly)


def test_a_geometry_is_given_up_after_its_third_worker():
    pools = []

    def make():
        pools.append(two_processes())
        return pools[-1]

    found = sc.sweep(sweep_tasks.kills, [sc.Geometry(sweep_tasks.DEADLY, 2, stride=(2, 1))], make)
    assert found.counts == {("killed", ""): 1}
    assert len(pools) == 3


def test_a_worker_that_dies_costs_only_its_batch(tmp_path, monkeypatch):
    (tmp_path / "once").touch()
    monkeypatch.setenv("SWEEP_ONCE", str(tmp_path / "once"))
    found = sc.sweep(sweep_tasks.kills_once, sc.grid(**SMALL), two_processes, tmp_path / "a.sqlite")
    assert not (tmp_path / "once").exists()
    assert found.counts == sc.sweep("prove", sc.grid(**SMALL)).counts
    assert len(rows(tmp_path / "a.sqlite")) == found.count()


def test_a_worker_killed_from_outside_half_way(tmp_path):
    pools, killed = [], []

    def make():
        pools.append(two_processes())
        return pools[-1]

    def progress(found):
        if found.count() > 30 and not killed:
            killed.append(next(iter(pools[-1]._processes)))
            os.kill(killed[0], signal.SIGKILL)

    found = sc.sweep(sweep_tasks.slow, sc.grid(**SPACE), make, tmp_path / "a.sqlite", progress=progress)
    assert killed
    assert len(pools) > 1
    assert found.counts == sc.sweep("prove", sc.grid(**SPACE)).counts
    assert len(rows(tmp_path / "a.sqlite")) == found.count()


CLIENT = """
import sys; sys.path.insert(0, {here!r})
import symconv as sc
from tests import sweep_tasks
sc.sweep(sweep_tasks.slow, sc.grid(**{space!r}), store={store!r})
"""


def test_a_client_killed_half_way_is_resumed(tmp_path):
    store = tmp_path / "a.sqlite"
    script = CLIENT.format(here=str(ROOT), space=SPACE, store=str(store))
    every = sum(1 for _ in sc.grid(**SPACE))
    before = killed_half_way(script, store)
    assert 10 < before < every
    found = sc.sweep(sweep_tasks.slow, sc.grid(**SPACE), two_processes, store)
    assert found.resumed == before
    assert found.counts == {("holds", "exact"): every}
    assert len(rows(store)) == every


def killed_half_way(script, store):
    """Run a client until its store has some answers, and kill it; how many the store has then."""
    client = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: store.is_file() and stored(store) > 10)
    finally:
        client.kill()
        client.wait()
    return stored(store)


def stored(store):
    try:
        return len(rows(store))
    except sqlite3.OperationalError:  # the table is not there yet
        return 0


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_sweeps_share_a_store(tmp_path):
    store = tmp_path / "a.sqlite"
    with ThreadPoolExecutor(2) as both:
        sweeps = [both.submit(sc.sweep, "prove", sc.grid(**SPACE), store=store) for _ in range(2)]
        found = [s.result() for s in sweeps]
    assert found[0].counts == found[1].counts
    assert len(rows(store)) == found[0].count()


def test_a_batch_that_comes_twice_counts_once(tmp_path):
    store, task = Store(tmp_path / "a.sqlite"), task_of("prove")
    store.add(task, ["a", "b"], [Answer("holds", "exact", 0.5, "")] * 2)
    store.add(task, ["a", "b"], [Answer("refuted", "exact", 0.7, "")] * 2)  # what is there stays
    store.add(replace(task, version="another"), ["a"], [Answer("refuted", "exact", 0.5, "no")])
    store.add(replace(task, name="another"), ["a"], [Answer("refuted", "exact", 0.5, "no")])
    assert len(rows(tmp_path / "a.sqlite")) == 4
    assert store.has(task)
    assert not store.has(replace(task, version="a third"))
    assert not store.has(replace(task, name="a third"))
    assert {a.outcome for a in store.known(task, ["a", "b", "c"]).values()} == {"holds"}
    store.close()


def test_a_batch_is_kept_as_a_whole_or_not_at_all(tmp_path):
    store, task = Store(tmp_path / "a.sqlite"), task_of("prove")
    with pytest.raises(SymconvError, match="cannot be written"):
        store.add(task, ["a", "b"], [Answer("holds", "exact", 0.5, ""), Answer("holds", None, 0.5, "")])
    assert rows(tmp_path / "a.sqlite") == []
    store.add(task, ["a"], [Answer("holds", "exact", 0.5, "")])
    store.close()


def test_the_refuted_one_shrinks_to_the_smallest_that_fails():
    found = sc.sweep(sweep_tasks.wrong_where_strides_differ, sc.grid(**SPACE), two_processes)
    assert found.holds is False
    assert geometry_of(found.shrunk.geometry) == sc.Geometry((5, 1), 1, stride=(1, 2))
    assert found.count("refuted") == sum(
        g.stride[0] != g.stride[1] and g.input_size[0] > 4 for g in sc.grid(**SPACE)
    )


@pytest.mark.parametrize(
    ("fails", "smallest"),
    [
        (lambda g: g.groups > 1, sc.Geometry(1, 1, 2, 2, groups=2)),
        (lambda g: g.out_channels // g.groups > 1, sc.Geometry(1, 1, 1, 2)),
        (lambda g: g.kernel_size[0] > 2, sc.Geometry(3, 3)),
        (lambda g: g.padding[0][1] > 1, sc.Geometry(1, 1, padding=[(0, 2)])),
        (lambda g: g.dilation[0] > 1 and g.kernel_size[0] > 1, sc.Geometry(3, 2, dilation=2)),
        (lambda g: g.padding_mode == "reflect", sc.Geometry(1, 1, padding_mode="reflect")),
        (lambda g: g.batch > 1, sc.Geometry(1, 1, batch=2)),
        (lambda g: True, sc.Geometry(1, 1)),
    ],
)
def test_what_shrinks(fails, smallest):
    g = sc.Geometry(12, 3, 8, 8, 3, stride=2, padding=[(3, 2)], dilation=3, groups=4, padding_mode="reflect")
    assert shrink(g, fails) == smallest


def test_a_wrong_plan_is_refuted_with_its_counterexample():
    def flipped(g):
        plan = index_map(g)
        return prove_maps(g, plan.with_maps(weight_map=plan.weight[::-1]))

    found = sc.sweep(flipped, sc.grid(input="2..5x3..5", kernel="1..2"))
    assert found.shrunk.said.startswith("Refuted (tier: exact)")
    assert "loop formula = w_{0,0,0,0}*x_{0,0,0,0} + w_{0,0,0,1}*x_{0,0,0,1}" in found.shrunk.said
    assert geometry_of(found.shrunk.geometry).kernel_size in [(1, 2), (2, 1)]


def test_a_grids_geometries_are_made_by_the_workers_and_come_to_the_same(tmp_path):
    said = {**SPACE, "constraints": ["kernel >= stride", "channels % groups == 0"], "kernel": ["2x3", 1, 9]}
    one, other = sc.grid(**said), sc.grid(**said)
    made = sc.sweep("prove", one, two_processes, tmp_path / "a.sqlite")
    given = sc.sweep("prove", list(other), two_processes, tmp_path / "b.sqlite")
    assert made.counts == given.counts
    assert one.left_out == other.left_out > 0
    assert rows(tmp_path / "a.sqlite") == rows(tmp_path / "b.sqlite")
    again = sc.sweep("prove", one, two_processes, tmp_path / "a.sqlite")
    assert (again.counts, again.resumed) == (made.counts, made.count())
    assert one.left_out == other.left_out
    drawn = sc.grid(**said, draw=20)
    assert sc.sweep("prove", drawn).count() == 20


def test_what_a_grid_leaves_out_is_counted_anew_by_each_sweep():
    space = sc.grid(input="2..4", kernel=3)
    for _ in range(2):
        assert sc.sweep("prove", space).count() == 2
        assert space.left_out == 1


def test_a_grids_own_mistakes_are_told_by_a_sweep_as_by_walking_through_it():
    for said, sentence in (
        ({"kernel": 9}, "the grid is empty, its geometries left out, the first one because kernel_size=9"),
        (
            {"kernel": 2, "constraints": "kernel // 0 < 1"},
            "constraint 'kernel // 0 < 1' divides by zero at Geo",
        ),
    ):
        for executor in (None, two_processes):
            with pytest.raises(SymconvError, match=f"^{re.escape(sentence)}"):
                sc.sweep("prove", sc.grid(input="3..5", **said), executor)


def ends_at_once():
    os._exit(3)


def test_workers_that_never_start_are_no_geometrys_fault(tmp_path):
    fork = multiprocessing.get_context("fork")
    with pytest.raises(SymconvError, match=r"^the executor's workers end as soon as they start"):
        sc.sweep(
            "prove", sc.grid(**SMALL), lambda: ProcessPoolExecutor(2, fork, ends_at_once), tmp_path / "a"
        )
    assert rows(tmp_path / "a") == []


@pytest.mark.parametrize("executor", [None, two_processes], ids=["here", "processes"])
def test_a_geometry_that_hangs_is_let_go_after_its_time(executor, tmp_path):
    before = signal.getsignal(signal.SIGALRM)
    others_alarm = signal.setitimer(signal.ITIMER_REAL, 200)
    space = [g for g in sc.grid(**SMALL) if g.input_size[0] > 6 and g.stride == (1, 1)]
    hanging = [g for g in space if g.input_size == sweep_tasks.DEADLY]
    store = tmp_path / "a.sqlite"
    found = sc.sweep(sweep_tasks.hangs, space, executor, store, timeout=0.6)
    assert found.counts == {("holds", "exact"): len(space) - len(hanging), ("untold", ""): len(hanging)}
    assert found.untold.said == "it took longer than 0.6 seconds"
    assert geometry_of(found.untold.geometry) in hanging
    assert found.version.endswith(", at most 0.6 s each")
    assert signal.getsignal(signal.SIGALRM) == before
    assert 100 < signal.setitimer(signal.ITIMER_REAL, *others_alarm)[0] < 199.5
    assert sc.sweep(sweep_tasks.hangs, space, executor, store, timeout=0.6).resumed == len(space)
    others = [g for g in space if g not in hanging]
    assert sc.sweep(sweep_tasks.hangs, others, executor, store).resumed == 0


def test_a_timeout_needs_a_main_thread():
    with (
        ThreadPoolExecutor(1) as threads,
        pytest.raises(SymconvError, match=r"^timeout=3 needs an alarm, which only the main thread"),
    ):
        sc.sweep("prove", [sc.Geometry(5, 3)], threads, timeout=3)


def test_workers_that_start_only_once_are_no_geometrys_fault_either(tmp_path):
    pools = []

    def make():
        initializer = ends_at_once if pools else None
        pools.append(ProcessPoolExecutor(1, multiprocessing.get_context("fork"), initializer))
        return pools[-1]

    deadly = [sc.Geometry(sweep_tasks.DEADLY, 2, stride=(2, 1))]
    with pytest.raises(SymconvError, match=r"^the executor's workers end as soon as they start"):
        sc.sweep(sweep_tasks.kills, deadly, make, tmp_path / "a")
    assert rows(tmp_path / "a") == []


def test_the_smallest_is_kept_whichever_comes_first():
    every = [sc.Geometry((5, n), 3) for n in (9, 6, 8)]
    found = sc.sweep(sweep_tasks.moody, every)
    assert geometry_of(found.untold.geometry) == every[1]


def test_what_leaves_python_is_an_answer_too():
    def leaves(g):
        raise SystemExit("enough")

    found = sc.sweep(leaves, [sc.Geometry(5, 3)])
    assert found.untold.said == "SystemExit: enough"


def test_what_a_function_raises_is_an_answer():
    found = sc.sweep(sweep_tasks.moody, sc.grid(**SMALL))
    assert found.holds is None
    assert found.count("untold") == sum(g.input_size[0] == 5 for g in sc.grid(**SMALL))
    assert found.untold.said == "ValueError: five is too many"


CONV = """
import numpy as np
import symconv as sc
from beside import STEP

def conv(x, w, stride=STEP, padding=0, dilation=1, groups=1):
    return sc.evaluate(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)

def square(x, w, stride=1, padding=0):
    return sc.evaluate(x, w, stride=(stride[0], stride[0]) if np.ndim(stride) else stride, padding=padding)

def peer(x, w, g):
    return sc.loop_formula(x, w, stride=g.stride, padding=g.padding, groups=g.groups)

def flipped(x, w, g):
    return sc.evaluate(x, w[..., ::-1], stride=g.stride, padding=g.padding, groups=g.groups)
"""


@pytest.fixture
def homework(tmp_path):
    (tmp_path / "beside.py").write_text("STEP = 1\n")
    (tmp_path / "homework.py").write_text(CONV)
    return tmp_path / "homework.py"


TINY = {"input": "4..5x6", "kernel": "2x1..2", "stride": "1..2x1..2"}


@pytest.mark.parametrize(
    ("asked", "holds", "smallest"),
    [
        ("check homework.py::square", False, sc.Geometry((1, 2), 1, stride=(2, 1))),
        ("against homework.py::peer", True, None),
        ("against homework.py::flipped", False, sc.Geometry((1, 2), (1, 2))),
    ],
)
def test_a_persons_file(homework, asked, holds, smallest):
    kind, _, where = asked.partition(" ")
    found = sc.sweep(f"{kind} {homework.parent / where}", sc.grid(**TINY), two_processes)
    assert found.holds is holds
    assert found.task == asked
    if smallest is not None:
        got = geometry_of(found.shrunk.geometry)
        assert got == smallest or sum(got.input_size) <= sum(smallest.input_size), got
    if kind == "against":
        assert {tier for _, tier in found.counts} == {"sampled"}


def test_a_persons_file_that_changes_is_asked_again(homework, tmp_path):
    task, store = f"against {homework}::peer", tmp_path / "a.sqlite"
    first = sc.sweep(task, sc.grid(**TINY), store=store)
    homework.write_text(CONV.replace("def peer", "def other").replace("def flipped", "def peer"))
    second = sc.sweep(task, sc.grid(**TINY), store=store)
    assert (first.holds, second.holds, second.resumed) == (True, False, 0)
    assert len(sc.summaries(store)) == 2


def test_a_file_is_run_with_what_lies_beside_it_and_not_beside_another(tmp_path):
    for folder, factor in (("one", 1), ("other", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "beside.py").write_text(f"FACTOR = {factor}\n")
        (tmp_path / folder / f"late_{folder}.py").write_text("NOTHING = 0\n")
        (tmp_path / folder / "mine.py").write_text(
            "import symconv as sc\nfrom beside import FACTOR\n"
            f"def peer(x, w, g):\n    from late_{folder} import NOTHING\n"
            "    return FACTOR * sc.loop_formula(x, w, stride=g.stride) + NOTHING\n"
        )
    found = [sc.sweep(f"against {tmp_path / f / 'mine.py'}::peer", sc.grid(**TINY)) for f in ("one", "other")]
    assert [sweep.holds for sweep in found] == [True, False]
    assert "beside" not in sys.modules


def test_keys_are_read_back_and_tell_geometries_apart():
    every = list(sc.grid(**SPACE)) + [
        sc.Geometry(9, 2, padding=1, padding_mode=mode, bias=bias, batch=n, dilation=d)
        for mode in ("zeros", "circular")
        for bias in (True, False)
        for n in (1, 2)
        for d in (1, 2)
    ]
    assert len({key(g) for g in every}) == len(set(every)) == len(every)
    assert [geometry_of(key(g)) for g in every] == every


def test_symbolic_layers_are_swept_too(tmp_path):
    every_size = sc.Geometry(("H", "W"), 3, stride="s")
    found = sc.sweep("prove", [every_size, sc.Geometry((5, 6), 2)], store=tmp_path / "a.sqlite")
    assert found.counts == {("holds", "every size"): 1, ("holds", "exact"): 1}
    assert "'H'" in repr(found)


def test_memory_is_bounded_by_what_is_in_flight():
    read = []

    def endless():
        for g in sc.grid(input="5..9x5..9", kernel="1..3", draw=10**6):
            read.append(1)
            yield g

    class EnoughError(Exception):
        pass

    def enough(found):
        if found.count() > 200:
            raise EnoughError(found.count())

    with pytest.raises(EnoughError) as stopped:
        sc.sweep(sweep_tasks.slow, endless(), two_processes, in_flight=2, progress=enough)
    assert len(read) <= int(str(stopped.value)) + 3 * 250  # batches of a second hold 250


def test_a_batch_takes_about_a_second():
    size = Size()
    for _ in range(20):
        size.learn(size.next, 0.01 * size.next)
    assert size.next == 100
    for _ in range(20):
        size.learn(size.next, 1e-7 * size.next)
    assert size.next == 10_000
    size.learn(10_000, 10_000 * 3.0)
    assert size.next == 1


def test_batches_are_packed_small_and_halved():
    every = list(sc.grid(**SPACE))
    batch = Batch.of(every)
    assert len(batch.packed) < 300 * len(every)
    first, second = batch.halves()
    assert first.geometries() + second.geometries() == every
    assert (first.size, second.size) == (len(every) // 2, len(every) - len(every) // 2)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("kernel <= input", True),
        ("kernel < input", False),  # on the second axis it is not
        ("input[0] - kernel[0] == 2", True),
        ("2 + 3 * 4 == 14", True),
        ("(2 + 3) * 4 == 20", True),
        ("10 - 3 - 2 == 5", True),
        ("17 // 5 % 2 == 1", True),
        ("channels % groups == 0 != batch", True),
        ("1 < 2 < 2", False),
        ("padding_before + padding_after <= 3", True),
        ("padding_after[1] == 2", True),
        ("output[0] * output[1] <= 12", True),
        ("products > 100000", False),
        ("kernels >= channels", False),
        ("stride == dilation", True),
    ],
)
def test_a_constraint(text, met):
    g = sc.Geometry((5, 3), 3, 4, 2, 2, padding=((0, 0), (1, 2)), groups=2)
    assert Constraint.read(text).met_by(g) is met


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: sc.grid(input=5), "kernel is missing: write, for example, kernel: 3..5"),
        (lambda: sc.grid(input=5, kernel=2, filters=3), "'filters' is no key of a grid: use batch, channels"),
        (
            lambda: sc.grid(input="5..3", kernel=2),
            "input: '5..3' has no numbers: write the smaller one first",
        ),
        (
            lambda: sc.grid(input="five", kernel=2),
            "input: 'five' cannot be read: write a number, a range such",
        ),
        (
            lambda: sc.grid(input="1..9999x1..9999", kernel=2),
            "input has more than 100,000 values: use a step",
        ),
        (lambda: sc.grid(input="1..999999999", kernel=2), "input has more than 100,000 values: use a step"),
        (lambda: sc.grid(input=[], kernel=2), "input: [] has no values: write one, or leave the line out"),
        (lambda: sc.grid(input=[[5]], kernel=2), "input: [5] is no value: write one, or a list of them"),
        (
            lambda: sc.grid(input=5, kernel=2, seed=3),
            "seed is for a grid that is drawn from: write draw: 10000",
        ),
        (lambda: sc.grid(input=5, kernel=2, draw="0"), "draw: 0 draws nothing: write a number of at least 1"),
        (lambda: sc.grid(input=5, kernel=2, draw=[1, 2]), "draw: [1, 2] is more than one number: write one"),
        (
            lambda: sc.grid(input=5, kernel=2, constraints={"a": 1}),
            "constraints: {'a': 1} is no list of comp",
        ),
        (
            lambda: list(sc.grid(input=2, kernel=3)),
            "the grid is empty, its geometries left out, the first one b",
        ),
        (
            lambda: list(sc.grid(input=2, kernel=3, draw=5)),
            "the grid is empty, its geometries left out, the f",
        ),
        (
            lambda: Constraint.read("kernel"),
            "constraint 'kernel' cannot be read: compare two sums, as in kernel",
        ),
        (lambda: Constraint.read("kernel <="), "constraint 'kernel <=' cannot be read: it ends too early"),
        (lambda: Constraint.read("1 < 2)"), "constraint '1 < 2)' cannot be read: compare two sums"),
        (
            lambda: Constraint.read("import os"),
            "constraint 'import os' cannot be read: 'import' is unknown: use",
        ),
        (lambda: Constraint.read("a.b < 1"), "constraint 'a.b < 1' cannot be read: '.b < 1' is no part of a"),
        (lambda: Constraint.read("stride[x] < 1"), "constraint 'stride[x] < 1' cannot be read: an axis is a"),
        (lambda: Constraint.read("(" * 99 + "1"), "cannot be read: '(' is unknown"),
        (lambda: Constraint.read("1" * 600), "cannot be read: it is longer than 500 letters"),
        (
            lambda: list(sc.grid(input=5, kernel=2, constraints="kernel // 0 < 1")),
            "constraint 'kernel // 0 < 1' divides by zero at Geometry(",
        ),
        (
            lambda: list(sc.grid(input=5, kernel=2, constraints="kernel[1] < 9")),
            "constraint 'kernel[1] < 9' names an axis that Geometry(",
        ),
        (
            lambda: sc.sweep("guess", []),
            "task='guess' is nothing that can be asked of a geometry: give sc.prove",
        ),
        (lambda: sc.sweep(3, []), "task=3 is nothing that can be asked of a geometry: give sc.prove"),
        (lambda: sc.sweep("check conv", []), "'conv' names no function: write it as path/to/file.py::conv"),
        (lambda: sc.sweep("check no.py::conv", []), "no.py cannot be read: give a Python file that is there"),
        (
            lambda: sc.sweep("prove", [(5, 3)]),
            "geometries has (5, 3), which is no Geometry: give any iterable",
        ),
        (
            lambda: sc.sweep("prove", [], "two"),
            "executor='two' is no executor: give one of concurrent.futures",
        ),
        (
            lambda: sc.sweep("prove", [], in_flight=0),
            "in_flight=0 is no number of batches: give an int of at",
        ),
        *(
            (lambda given=given: sc.sweep("prove", [], timeout=given), f"timeout={given!r} is no time that a")
            for given in (0, -1, "5", float("nan"), float("inf"))
        ),
        (lambda: sc.sweep("prove", [], store="no/where.sqlite"), "no/where.sqlite cannot be used as a store"),
        (lambda: sc.sweep("prove", [], store=__file__), "cannot be used as a store (file is not a database)"),
        (lambda: sc.summaries("no.sqlite"), "no.sqlite is no file: give the store that a sweep has written"),
        (lambda: read_grid("no.yml"), "no.yml cannot be read: give a file of YAML that describes a grid"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(call, sentence):
    with pytest.raises(SymconvError) as told:
        call()
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


def closed_executor():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    return executor


@pytest.mark.parametrize(
    ("task", "executor", "sentence"),
    [
        (lambda g: True, two_processes, "cannot be sent to another process"),
        ("prove", closed_executor, "the executor takes no more calls"),
        (sweep_tasks.kills, lambda: two_processes, "the executor broke when a worker died"),
    ],
    ids=["unpicklable", "closed", "broken"],
)
def test_an_executor_that_cannot_go_on(task, executor, sentence):
    given = executor()() if sentence.startswith("the executor broke") else executor()
    try:
        with pytest.raises(SymconvError, match=sentence):
            sc.sweep(task, sc.grid(**SMALL), given)
    finally:
        given.shutdown()


def test_a_grid_in_a_file_is_that_of_the_keywords(tmp_path):
    lines = [f"{name}: {json.dumps(value)}" for name, value in SPACE.items()]
    (tmp_path / "grid.yml").write_text("\n".join(lines))
    assert list(read_grid(tmp_path / "grid.yml")) == list(sc.grid(**SPACE))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("input: 3", "kernel is missing"),
        ("- 3", "a grid is a list of"),
        ("input: [", "line 1: this is not YAML"),
        ("input: &a 3\nkernel: *a", "anchors and aliases"),
        ("input: !!python/object:os.system 3\nkernel: 2", None),
        ("input: 3\nkernel: " + "9" * 200_000, "has more than 100,000 letters"),
    ],
)
def test_a_file_that_is_no_grid(tmp_path, text, sentence):
    (tmp_path / "grid.yml").write_text(text)
    if sentence is None:  # a tag has no effect
        assert len(list(read_grid(tmp_path / "grid.yml"))) == 1
        return
    with pytest.raises(SymconvError) as told:
        read_grid(tmp_path / "grid.yml")
    assert sentence in str(told.value)


def test_a_drawn_grid_is_the_same_for_the_same_seed():
    one, same, other = (list(sc.grid(**SPACE, draw=50, seed=seed)) for seed in (3, 3, 4))
    assert one == same != other
    assert len(one) == 50
    assert set(one) <= set(sc.grid(**SPACE))


def test_left_out_and_kept_are_all_candidates():
    space = sc.grid(input="2..6x3..5", kernel="1..4", stride="1..2", constraints="kernel % 2 == 1")
    kept = list(space)
    assert len(kept) + space.left_out == space.candidates == 5 * 3 * 4 * 2
    assert all(g.kernel_size[0] % 2 for g in kept)
    assert kept == list(space)


def run(*arguments):
    return CliRunner().invoke(main, ["sweep", *map(str, arguments)])


def test_the_command(tmp_path, homework):
    lines = [f"{name}: {json.dumps(value)}" for name, value in TINY.items()]
    (tmp_path / "grid.yml").write_text("\n".join(lines))
    store = tmp_path / "results.sqlite"
    first = run(tmp_path / "grid.yml", "--store", store, "--executor", "here")
    assert first.exit_code == 0, first.output
    assert "16 hold (tier: exact)" in first.output
    wrong = run(
        tmp_path / "grid.yml", "--task", f"against {homework}::flipped", "--executor", "here", "--json"
    )
    assert wrong.exit_code == 1
    (said,) = json.loads(wrong.stdout)
    assert said["holds"] is False
    assert said["geometries"] == 16
    assert said["shrunk"]["geometry"] == "Geometry(input_size=(1, 2), kernel_size=(1, 2))"
    kept = run("--summary", store)
    assert (kept.exit_code, "16 hold" in kept.output) == (0, True)


def test_the_command_on_a_model(tmp_path):
    sizes = (1, 3, 8, 9), (1, 3, 8, 9), (1, 3, 8, 9)
    kernels = (8, 3, 3, 3), (8, 3, 3, 3), (4, 3, 1, 2)
    cases = [("Conv", x, w, False, {"strides": [1, 2]}) for x, w in zip(sizes, kernels, strict=True)]
    onnx.save(side_by_side(cases)[0], tmp_path / "model.onnx")
    store = tmp_path / "results.sqlite"
    first = run(tmp_path / "model.onnx", "--store", store, "--executor", "here", "--json")
    assert first.exit_code == 0, first.output
    (said,) = json.loads(first.stdout)
    assert said["geometries"] == 2  # equal ones once
    assert said["counts"] == [{"outcome": "holds", "tier": "exact", "geometries": 2}]
    assert {geometry_of(row[2]) for row in rows(store)} == {
        sc.Geometry((8, 9), (3, 3), 3, 8, stride=(1, 2)),
        sc.Geometry((8, 9), (1, 2), 3, 4, stride=(1, 2)),
    }
    again = run(tmp_path / "model.onnx", "--store", store, "--executor", "processes:1")
    assert "2 geometries, 2 of them answered before" in again.output


def test_the_command_on_a_model_of_every_size(tmp_path):
    model = ROOT / "docs" / "examples" / "unet-any-size.onnx"
    store = tmp_path / "results.sqlite"
    first = run(model, "--store", store, "--executor", "here", "--json")
    assert first.exit_code == 0, first.output
    (said,) = json.loads(first.stdout)
    every = {layer.geometry for layer in sc.read_onnx(model)}
    assert said["counts"] == [{"outcome": "holds", "tier": "every size", "geometries": len(every)}]
    assert any("('2*n1', '2*n2')" in slow["geometry"] for slow in said["slowest"])  # a formula, in words
    kept = run("--summary", store)
    assert f"{len(every)} hold (tier: every size)" in kept.output


def test_a_layer_that_cannot_be_read_is_not_passed_over(tmp_path):
    other = onnx.helper.make_node("Relu", ["x"], ["y"])
    (tmp_path / "none.onnx").write_bytes(model_of([other], [value("x", [3])], ["y"]).SerializeToString())
    node = onnx.helper.make_node("Conv", ["x", "unknown"], ["y"], "lost")
    (tmp_path / "lost.onnx").write_bytes(
        model_of([node], [value("x", [1, 2, 5, 5])], ["y"]).SerializeToString()
    )
    for name, sentence in (
        ("none", "has no convolutions: give another model"),
        ("lost", "has layers whose geometry cannot be read, 1 of 1, the first of them lost ("),
    ):
        told = run(tmp_path / f"{name}.onnx", "--executor", "here")
        assert told.exit_code == 2
        assert sentence in told.output


def test_a_formula_is_one_symbol_when_read_back_and_never_evaluated():
    n = sympy.Symbol("n", integer=True, positive=True)
    doubled = sc.Geometry((2 * n, "H"), 3, batch="batch")
    assert key(geometry_of(key(doubled))) == key(doubled)
    found = sc.sweep(lambda g: False, [doubled])
    assert "input_size=('2*n', 'H')" in repr(found)
    evil = key(doubled).replace("2*n", "__import__('os').abort()")
    assert str(geometry_of(evil).input_size[0]) == "__import__('os').abort()"


@pytest.mark.parametrize("kept", [True, False])
def test_the_command_that_is_ended_says_how_to_go_on(tmp_path, monkeypatch, kept):
    def ended(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("symconv.commands.sweep.sweep", ended)
    (tmp_path / "grid.yml").write_text("input: 3\nkernel: 2")
    store = ["--store", tmp_path / "a.sqlite"] if kept else []
    told = run(tmp_path / "grid.yml", "--executor", "here", *store)
    assert told.exit_code == 2
    assert ("give the same command again" in told.output) is kept
    assert ("nothing was kept: give --store" in told.output) is not kept


class LosesTheFirstTwo(Executor):
    """An executor that a worker's death takes two calls from."""

    def __init__(self):
        self.calls, self.sizes = [], []

    def submit(self, fn, /, *args):
        self.calls.append(Future())
        self.sizes.append(len(Batch(args[1], 0).geometries()))
        if len(self.calls) == 2:
            for call in self.calls:
                call.set_exception(BrokenExecutor("lost"))
        elif len(self.calls) > 2:
            self.calls[-1].set_result(fn(*args))
        return self.calls[-1]


def test_a_batch_that_was_not_alone_when_a_worker_died_is_tried_again_whole():
    loses = LosesTheFirstTwo()
    found = sc.sweep("prove", list(sc.grid(**SMALL))[:8], loses, in_flight=2)
    assert found.counts == {("holds", "exact"): 8}
    assert loses.sizes == [4, 4, 4, 4]


def test_a_summary_only_reads(tmp_path):
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(SymconvError, match="cannot be used as a store"):
        sc.summaries(tmp_path / "empty.sqlite")
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [0]


def test_a_store_of_another_version_is_told_at_once(tmp_path):
    for name, columns in (
        ("less", "task, geometry"),
        ("more", "task, version, geometry, outcome, tier, seconds, said, rank"),
    ):
        with sqlite3.connect(tmp_path / name) as database:
            database.execute(f"CREATE TABLE results ({columns})")
        with pytest.raises(SymconvError, match=r"its table of results is another version's"):
            sc.sweep("prove", [], store=tmp_path / name)


def test_a_store_that_another_program_holds_or_that_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr("symconv.sweeps.store._SECONDS_TO_WAIT", 0.05)
    store = tmp_path / "a.sqlite"
    assert sc.sweep("prove", [sc.Geometry(5, 3)], store=store)
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(
        SymconvError, match=r"cannot be written \(database is locked\): see that its disk has"
    ):
        sc.sweep("prove", [sc.Geometry(6, 3)], store=store)
    other.execute("ROLLBACK")
    other.close()
    whole = store.read_bytes()
    store.write_bytes(whole[:4096] + b"?" * (len(whole) - 4096))
    with pytest.raises(SymconvError, match="the store cannot be read"):
        sc.summaries(store)
    with pytest.raises(SymconvError, match="the store cannot be read"):
        sc.sweep("prove", [sc.Geometry(5, 3)], store=store)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.yml"], "no.yml cannot be read"),
        ([], "give a grid"),
        (["--summary", "no.sqlite"], "no.sqlite is no file"),
        (["{grid}", "--executor", "mars"], "--executor='mars' is unknown: use here, processes"),
        (["{grid}", "--executor", "processes:x"], "--executor='processes:x' is unknown"),
        (["{grid}", "--executor", "dask://"], "--executor='dask://' is unknown"),
        (["{grid}", "--timeout", "0"], "timeout=0.0 is no time that a geometry may take"),
        (["{grid}", "--task", "guess"], "task='guess' is nothing that can be asked"),
    ],
)
def test_the_command_tells_a_mistake_in_one_sentence(tmp_path, arguments, sentence):
    (tmp_path / "grid.yml").write_text("input: 3\nkernel: 2")
    told = run(*(a.format(grid=tmp_path / "grid.yml") for a in arguments))
    assert told.exit_code == 2
    assert sentence in told.output
    assert "Traceback" not in told.output


def test_a_cluster_needs_dask_and_nothing_else_does(tmp_path, monkeypatch):
    (tmp_path / "grid.yml").write_text("input: 3\nkernel: 2")
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = run(tmp_path / "grid.yml", "--executor", "dask://127.0.0.1:1")
    assert "pip install symconv[dask]" in told.output
    script = "import sys, symconv.cli; assert 'distributed' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_random_order_comes_to_the_same():
    every = list(sc.grid(**SMALL))
    every = [*every[1::2], *every[::-2]]
    shuffled = sc.sweep(sweep_tasks.wrong_where_strides_differ, every)
    ordered = sc.sweep(sweep_tasks.wrong_where_strides_differ, sc.grid(**SMALL))
    assert (shuffled.refuted, shuffled.shrunk) == (ordered.refuted, ordered.shrunk)
    assert shuffled.counts == ordered.counts
