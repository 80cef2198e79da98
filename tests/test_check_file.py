"""A function of somebody's file: in a process of its own, from Python and on the command line."""

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import symconv as sc
from symconv.checking.child import answer
from symconv.checking.isolated import check_file, untold
from symconv.cli import main

HOMEWORK = """
    import numpy as np
    from beside import windows

    def conv(x, w, stride=1):
        rows, columns = stride if isinstance(stride, tuple) else (stride, stride)
        return np.einsum("nchwab,fcab->nfhw", windows(x, w)[:, :, ::rows, ::columns], w)

    def flipped(x, w):
        return conv(x, w[:, :, ::-1, ::-1])

    def two_apart(x, w):
        return conv(x, w, 2)

    class Layers:
        @staticmethod
        def conv(x, w):
            return conv(x, w)
"""
BESIDE = """
    from numpy.lib.stride_tricks import sliding_window_view

    def windows(x, w):
        return sliding_window_view(x, w.shape[2:], axis=(2, 3))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "homework.py").write_text(textwrap.dedent(HOMEWORK), encoding="utf-8")
    (tmp_path / "beside.py").write_text(textwrap.dedent(BESIDE), encoding="utf-8")
    return tmp_path


def written(folder, text):
    path = folder / "other.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def test_one_that_holds(folder):
    done = run(f"{folder}/homework.py::conv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(
        "Proved (tier: exact). conv is the convolution, for all values, at each of "
    )
    assert done.stderr == ""


def test_one_that_is_wrong(folder):
    done = run(f"{folder}/homework.py::flipped")
    assert done.exit_code == 1
    assert "\nkernel rotated by 180°\n" in done.stdout
    assert "(line 7)" in done.stdout


def test_as_json(folder):
    done = run(f"{folder}/homework.py::flipped", "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert said["holds"] is False
    assert said["mistakes"] == ["kernel rotated by 180°"]
    assert set(said) == set(untold("conv", "")) == set(sc.check(lambda x, w: x).as_dict())


def test_what_is_to_be_computed(folder):
    done = run(f"{folder}/homework.py::two_apart", "--stride", "2")
    assert done.exit_code == 0, done.output
    assert run(f"{folder}/homework.py::two_apart", "--stride", "2,1", "--padding", "0").exit_code == 1
    assert run(f"{folder}/homework.py::conv", "--dilation", "2").exit_code == 1


def test_a_name_in_a_class_and_a_seed(folder):
    assert run(f"{folder}/homework.py::Layers.conv", "--seed", "1", "--megabytes", "0").exit_code == 0


CANNOT_TELL = [
    ("hangs", "import time\ndef conv(x, w):\n    time.sleep(60)", "It took more than 2 seconds."),
    ("hangs-when-imported", "while True: pass", "It took more than 2 seconds."),
    (
        "ends-the-process",
        "import os\ndef conv(x, w):\n    os._exit(0)",
        "The file ended the process (exit status 0) before there was a verdict.",
    ),
    (
        "ends-it-when-imported",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "The file ended the process (exit status -9) before there was a verdict.",
    ),
    ("exits", "import sys\nsys.exit(0)", "The file raised SystemExit: 0."),
    ("raises", "1 / 0", "The file raised ZeroDivisionError: division by zero."),
    (
        "is-no-python",
        "def conv(x, w:",
        "The file raised SyntaxError: '(' was never closed (other.py, line 1).",
    ),
    ("has-no-such-name", "def other(x, w):\n    return x", "conv is not in other.py: use one of other."),
    ("has-nothing", "", "conv is not in other.py: use one of nothing."),
    (
        "is-no-function",
        "conv = 3",
        "3 is nothing that can be checked: give a function of x and w, a class of convolution layers, or "
        "(fn, adapter).",
    ),
    (
        "takes-memory-when-imported",
        "data = bytearray(8 << 30)",
        "It took more memory than it was allowed.",
    ),
]


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of memory")
@pytest.mark.parametrize(
    ("text", "why"), [row[1:] for row in CANNOT_TELL], ids=[row[0] for row in CANNOT_TELL]
)
def test_what_goes_wrong_is_a_verdict(folder, text, why):
    path = written(folder, text)
    verdict = check_file(path, "conv", {}, seconds=2 if "more than 2" in why else 30, megabytes=2048)
    assert verdict["holds"] is None
    assert verdict["why"] == why
    assert verdict["text"] == f"Could not tell whether conv is the convolution.\n{why}"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of memory")
def test_a_function_that_takes_memory(folder):
    path = written(folder, "import numpy as np\ndef conv(x, w):\n    return np.ones(1 << 33)[: x.size] * 2")
    verdict = check_file(path, "conv", {}, megabytes=2048)
    assert verdict["holds"] is None
    assert "Unable to allocate 64.0 GiB" in verdict["why"]


def test_what_is_printed_is_not_shown(folder):
    text = """
        import sys
        print("loading")
        def conv(x, w):
            print("spam" * 1_000_000)
            sys.stderr.write("spam" * 1_000_000)
            return input()
    """
    done = run(f"{written(folder, text)}::conv")
    assert done.exit_code == 2
    assert "spam" not in done.output
    assert "it raised EOFError" in done.stdout


def test_what_it_has_started_ends_with_it(folder):
    mark = folder / "mark"
    text = f"""
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1.5); open({str(mark)!r}, 'w')"])
        while True:
            pass
    """
    assert check_file(written(folder, text), "conv", {}, seconds=1)["holds"] is None
    time.sleep(1.5)
    assert not mark.exists()


def test_threads_and_exit_handlers_do_not_keep_it(folder):
    mark = folder / "mark"
    text = f"""
        import atexit, pathlib, threading, time
        atexit.register(pathlib.Path({str(mark)!r}).touch)
        threading.Thread(target=time.sleep, args=(3,)).start()
        def conv(x, w):
            return x
    """
    assert check_file(written(folder, text), "conv", {}, seconds=20)["holds"] is False
    assert not mark.exists()


def test_the_person_who_asks_is_not_touched(folder):
    before = dict(os.environ), list(sys.path), set(sys.modules)
    text = """
        import os, sys
        os.environ["HOMEWORK"] = "1"
        def conv(x, w):
            return x
    """
    check_file(written(folder, text), "conv", {})
    assert (dict(os.environ), list(sys.path), set(sys.modules)) == before
    assert sorted(path.name for path in folder.iterdir() if path.suffix) == [
        "beside.py",
        "homework.py",
        "other.py",
    ]


def test_could_not_tell_on_the_command_line(folder):
    done = run(f"{written(folder, 'while True: pass')}::conv", "--seconds", "1", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["holds"] is None


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("conv", "'conv' names no function: write it as path/to/file.py::conv"),
        ("homework.py::", "'homework.py::' names no function: write it as path/to/file.py::conv"),
        ("::conv", "'::conv' names no function: write it as path/to/file.py::conv"),
    ],
)
def test_what_cannot_be_asked_is_an_error_and_no_verdict(argument, said):
    done = run(argument)
    assert done.exit_code == 2
    assert done.stderr == f"Error: {said}\n"
    assert done.stdout == ""


def test_a_file_that_was_not_handed_in_is_a_verdict():
    done = run("nowhere.py::conv", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["why"] == "nowhere.py is no file."


def test_an_option_that_is_no_number_is_an_error_and_no_verdict(folder):
    for option in (["--stride", "two"], ["--padding", "one"], ["--groups", "0"], ["--seconds", "0"]):
        done = run(f"{folder}/homework.py::conv", *option)
        assert done.exit_code == 2, option
        assert "Error: " in done.stderr
        assert done.stdout == ""


def test_as_a_program(folder):
    program = "from symconv.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", f"{folder}/homework.py::flipped"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 1
    assert "kernel rotated by 180°" in done.stdout
    assert done.stderr == ""


def test_a_file_has_none_of_our_streams(folder):
    path = written(
        folder, "import os\nos.system('echo spam')\ndef conv(x, w):\n    raise ValueError(input())"
    )
    program = (
        f"from symconv.checking.isolated import check_file as f; print(f({str(path)!r}, 'conv', {{}})['why'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="a password\n", capture_output=True, text=True, check=True
    )
    assert "EOFError" in done.stdout
    assert "password" not in done.stdout
    assert "spam" not in done.stdout + done.stderr


def test_the_answer_is_the_same_in_this_process(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setitem(sys.modules, "beside", ModuleType("beside"))  # so that it is gone at the end
    monkeypatch.delitem(sys.modules, "beside")
    path = str(Path(folder) / "homework.py")
    assert answer(path, "conv", {}, 1).holds is True
    assert answer(path, "flipped", {}, 1).holds is False
    assert (
        answer(path, "nothing", {}, 1).why == "nothing is not in homework.py: use one of windows, conv, "
        "flipped, two_apart, Layers."
    )
