"""What a reader may write into a blank: the page's own script, run in a JavaScript engine."""

from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

import symconv.lesson

SCRIPT = Path(symconv.lesson.__file__).parent / "assets" / "exercise" / "exercise.js"


@pytest.fixture(scope="module")
def is_right():
    racer = MiniRacer()
    racer.eval(f"{SCRIPT.read_text('utf-8')}\nvar isRight = symconvExercise.isRight")
    yield lambda typed, answer: racer.call("isRight", typed, answer)
    racer.close()


RIGHT = [
    ("3", ["3", " 3 ", "+3", "3.0", "3.", "03", "6/2", "3,0", "３", "3/1"]),
    ("-3", ["-3", "−3", "- 3", "–3", "-3.0", "-6/2", "−6 / 2"]),
    ("0", ["0", "-0", "0.0", "0/5"]),
    ("1/2", ["1/2", "0.5", ".5", "0,5", "2/4", "½", "1 / 2", "1∕2", "0.50"]),
    ("-1/2", ["-1/2", "−0.5", "-.5", "-½"]),
    ("3/2", ["3/2", "1.5", "1 1/2", "1½"]),
    ("-3/2", ["-3/2", "-1.5", "-1 1/2", "−1½", "- 1 1/2"]),
    ("1000", ["1000", "1,000", "1 000", "1'000", "1000.0"]),
    ("123456789012345678901", ["123456789012345678901"]),
    ("1-2i", ["1-2i", "1 − 2i", "1-2j", "1 - 2*i", "1.0-2.0i"]),
    ("-2i", ["-2i", "−2 i", "-2j", "0-2i"]),
    ("i", ["i", "j", "1i", "+i"]),
    ("-4-7i", ["-4-7i", "−4 − 7i"]),
    ("1/2-3/2i", ["1/2-3/2i", "0.5-1.5i"]),
    ("x1,2|x12", ["x1,2", "x12", "x_{1,2}", "x_1,2", "x 1,2", "X1,2", "x(1,2)", "x[1,2]", "x₁,₂", "x_12"]),
    ("x1,12", ["x1,12", "x_{1,12}"]),
    ("a", ["a", " a ", "A"]),
]  # fmt: skip
WRONG = [
    ("3", ["", " ", "4", "-3", "3x", "three", "3/0", "1/3", "--3", "3 3", "3i", "0.3", "3..0", "NaN"]),
    ("-3", ["3", "+3"]),
    ("1/2", ["1/3", "0.49", "2", "5", "1 2", "05"]),
    ("0", ["", "o", "-", "+", ".", "/"]),
    ("11/2", ["1 1/2"]),
    ("1000", ["1", "10,00"]),
    ("1-2i", ["1+2i", "2i", "1", "-2i", "1-2", "i-2"]),
    ("-2i", ["2i", "-2", "i"]),
    ("x1,12", ["x112", "x11,2", "x1", "112"]),
    ("x1,2|x12", ["x2,1", "x21", "w1,2", "12", "1,2", "x"]),
    ("a", ["b", "", "aa"]),
]


@pytest.mark.parametrize(("answer", "typed"), [(a, t) for a, ways in RIGHT for t in ways])
def test_accepted(is_right, answer, typed):
    assert is_right(typed, answer)


@pytest.mark.parametrize(("answer", "typed"), [(a, t) for a, ways in WRONG for t in ways])
def test_not_accepted(is_right, answer, typed):
    assert not is_right(typed, answer)


def test_long_nonsense_takes_no_time_and_is_wrong(is_right):
    for typed in ("1" * 100_000, "1,111" * 10_000, "i" * 50_000, "{" * 50_000):
        assert not is_right(typed, "3")
        assert not is_right(typed, "x1,2|x12")
