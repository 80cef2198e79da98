"""Sweeps on a real scheduler with two worker processes, all on loopback; whatever is killed, totals stay."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import symconv as sc
from tests import sweep_tasks
from tests.test_sweeps import CLIENT, ROOT, SPACE, killed_half_way, rows, run, wait_for

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask's own are not ours to judge


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler that has two workers of one thread, each with a nanny."""
    folder = tmp_path_factory.mktemp("dask")
    address_file = folder / "scheduler.json"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    }
    common = ["--scheduler-file", str(address_file), "--no-dashboard"]
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", *common]
    worker = ["worker", "--host", "127.0.0.1", "--nthreads", "1", "--nworkers", "2", "--memory-limit", "0"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for arguments in (scheduler, [*worker, *common, "--local-directory", str(folder)])
    ]
    try:
        wait_for(address_file.exists)
        with distributed.Client(scheduler_file=str(address_file)) as client:
            client.wait_for_workers(2, timeout=60)
            yield client
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(20)


def test_a_sweep_on_a_cluster_is_that_of_one_process(cluster, tmp_path):
    found = sc.sweep("prove", sc.grid(**SPACE), cluster.get_executor(), tmp_path / "a.sqlite")
    alone = sc.sweep("prove", sc.grid(**SPACE), store=tmp_path / "b.sqlite")
    assert found.counts == alone.counts
    assert rows(tmp_path / "a.sqlite") == rows(tmp_path / "b.sqlite")


def test_a_worker_killed_half_way(cluster, tmp_path):
    killed = []

    def progress(found):
        if found.count() > 30 and not killed:
            killed.extend(pid for pid in cluster.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    store = tmp_path / "a.sqlite"
    executor = cluster.get_executor()
    found = sc.sweep(sweep_tasks.slow, sc.grid(**SPACE), executor, store, progress=progress)
    assert killed
    assert found.counts == {("holds", "exact"): sum(1 for _ in sc.grid(**SPACE))}
    assert len(rows(store)) == found.count()


def test_a_geometry_that_kills_its_workers_is_found(cluster, tmp_path):
    found = sc.sweep(sweep_tasks.kills, deadly_and_others(), cluster.get_executor(), tmp_path / "a.sqlite")
    assert found.counts == {("holds", "exact"): len(deadly_and_others()) - 1, ("killed", ""): 1}
    assert len(rows(tmp_path / "a.sqlite")) == found.count()


def deadly_and_others():
    """A few geometries, the first of which ends its worker."""
    deadly = sc.Geometry(sweep_tasks.DEADLY, 3, stride=(2, 1))
    return [deadly, sc.Geometry((7, 6), 3), sc.Geometry((7, 5), 3)]


def test_a_client_killed_half_way_is_resumed(cluster, tmp_path):
    store, address = tmp_path / "a.sqlite", cluster.scheduler.address
    there = f"executor=__import__('distributed').Client({address!r}).get_executor(), in_flight=2, store="
    script = CLIENT.replace("store=", there).format(here=str(ROOT), space=SPACE, store=str(store))
    before = killed_half_way(script, store)
    found = sc.sweep(sweep_tasks.slow, sc.grid(**SPACE), cluster.get_executor(), store)
    every = sum(1 for _ in sc.grid(**SPACE))
    assert 10 < before < every
    assert (found.resumed, found.count(), len(rows(store))) == (before, every, every)


def test_the_command_on_a_cluster(cluster, tmp_path):
    (tmp_path / "grid.yml").write_text("input: 3..8x4..6\nkernel: 2..3")
    where = cluster.scheduler.address.replace("tcp:", "dask:")
    told = run(tmp_path / "grid.yml", "--executor", where, "--store", tmp_path / "a.sqlite")
    assert told.exit_code == 0, told.output
    assert len(rows(tmp_path / "a.sqlite")) == sum(1 for _ in sc.grid(input="3..8x4..6", kernel="2..3"))


def test_no_scheduler_there_is_told_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("symconv.commands.sweep._SECONDS_TO_CONNECT", 0.3)
    (tmp_path / "grid.yml").write_text("input: 3\nkernel: 2")
    told = run(tmp_path / "grid.yml", "--executor", "dask://127.0.0.1:9")
    assert told.exit_code == 2
    assert "no scheduler answers at tcp://127.0.0.1:9: start one with dask scheduler" in told.output


def test_another_server_there_is_told_in_one_sentence(cluster, tmp_path):
    (tmp_path / "grid.yml").write_text("input: 3\nkernel: 2")
    worker = next(iter(cluster.scheduler_info()["workers"]))

    async def asked():  # where a loop runs already, as in a notebook
        return run(tmp_path / "grid.yml", "--executor", worker.replace("tcp:", "dask:"))

    with ThreadPoolExecutor(1) as thread:  # a browser's tests may have left a loop running in this one
        told = thread.submit(lambda: asyncio.run(asked())).result()
    assert told.exit_code == 2
    assert f"a worker answers at {worker}, not the scheduler: give its address" in told.output
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:

        def answer():
            caller, _ = server.accept()
            with caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread.submit(answer)
        told = run(tmp_path / "grid.yml", "--executor", f"dask://127.0.0.1:{server.getsockname()[1]}")
    assert told.exit_code == 2
    assert "no scheduler answers at tcp://127.0.0.1:" in told.output
