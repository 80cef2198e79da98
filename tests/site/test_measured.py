"""What the benchmark writes, and that the page on speed says nothing else."""

import json
import re
import sys

import pytest

from tests.site.conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from measuring.chart import Series, log_log_chart
from measuring.evaluating import numpy_loops
from measuring.layers import CASES, resnet50
from measuring.provers import PROVERS
from measuring.report import measured_on, where, write

MEASURED = ROOT / "docs" / "measured"


def results():
    return json.loads((MEASURED / "results.json").read_text("utf-8"))


def test_the_files_that_the_page_includes_are_those_of_the_results(tmp_path):
    """Nothing was edited by hand: writing the kept results again gives the same files."""
    write(tmp_path, results())
    written = {file.name: file.read_text("utf-8") for file in tmp_path.iterdir()}
    assert written == {file.name: file.read_text("utf-8") for file in MEASURED.iterdir()}


def test_the_page_types_no_measured_number():
    page = (ROOT / "docs" / "lessons" / "why-it-is-fast.md").read_text("utf-8")
    page, told_by_others = page.split("## Exercise")
    assert "--8<--" not in told_by_others
    prose = re.sub(r"```.*?```|^---.*?^---|--8<--|<[^>]*>", "", page, flags=re.DOTALL | re.MULTILINE)
    numbers = set(re.findall(r"\d+(?:\.\d+)?", prose))
    assert numbers == {"1", "2", "2006", "2.4", "3", "3.0", "50", "224", "512"}  # the last of AVX-512


def test_resnet_is_resnet():
    layers = resnet50()
    assert len(layers) == 53
    assert sum(g.products for g in layers) == 4_087_136_256
    assert layers[-1].output_size == (7, 7)


@pytest.mark.parametrize("prover", PROVERS)
def test_every_prover_proves(prover):
    for g in list(CASES.values())[:2]:
        assert PROVERS[prover][0](g)


def test_the_loops_are_the_convolution():
    import numpy as np

    import symconv as sc

    x, w = np.arange(2 * 4 * 5.0).reshape(2, 4, 5), np.arange(3 * 2 * 3 * 2.0).reshape(3, 2, 3, 2)
    assert (numpy_loops(x, w) == sc.evaluate(x, w)).all()


def test_where_the_curves_cross_is_read_off_the_curve():
    rows = [{"products": 10**k, "compiled loops ÷ unrolled": 10.0 ** (k - 3)} for k in range(2, 6)]
    text = where(rows)
    assert "below about 1,000 products" in text
    assert "between about 2,400 and 3,000 products" in text
    assert "at 100,000 products it is 100." in text
    assert "does not pass all the levels" in where(rows[:1])


def test_numbers_of_two_days_or_machines_do_not_pass_for_those_of_one():
    one = {"machine": "A, 2 cores", "threads": "1", "date": "2026-01-01"}
    other = {**one, "date": "2026-01-02"}
    assert measured_on({"loops": one, "proof": one}) == "Measured on: A, 2 cores, threads 1, 2026-01-01.\n"
    assert measured_on({"loops": one, "proof": other, "resnet": one}) == (
        "Measured on: A, 2 cores, threads 1, 2026-01-01 (loops, resnet); "
        "A, 2 cores, threads 1, 2026-01-02 (proof).\n"
    )


def test_an_experiment_that_is_repeated_keeps_the_dates_of_the_others(tmp_path):
    write(tmp_path, {"measured": {name: {"date": "old"} for name in ("loops", "proof", "checks", "models")}})
    write(tmp_path, {"measured": {name: {"date": "new"} for name in ("loops", "checks")}})
    said = {file.name: file.read_text("utf-8") for file in tmp_path.glob("*.md")}
    assert said == {
        "machine.md": "Measured on: old (proof); new (loops).\n",
        "checks-machine.md": "Measured on: new.\n",
        "models-machine.md": "Measured on: old.\n",
    }


def test_a_chart_has_a_text_alternative_and_escapes_what_it_is_given():
    chart = log_log_chart("a < b", "x & y", "s", [Series("<i>", [(1, 1), (100, 0.01)])], 'say "this"')
    assert 'aria-label="say &quot;this&quot;"' in chart
    assert "<title>a &lt; b</title>" in chart
    assert "<i>" not in chart
    assert chart.count("<circle") == 3  # two points, and one beside the name
