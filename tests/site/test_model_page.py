"""The page about models shows what the command prints, about the files that lie beside it."""

import re
import runpy

import onnx
import pytest

from symconv.models.lesson import model_lesson
from symconv.models.model import read_onnx
from tests.site.conftest import ROOT
from tests.site.test_cli import run
from tests.site.test_cli_model import without_times

EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "using" / "prove-your-model.md").read_text("utf-8")
SIZES = {"unet": (1, 128, 96), "unet-any-size": ("batch", "height", "width")}


@pytest.mark.parametrize("name", SIZES)
def test_the_file_is_what_its_script_makes(name):
    made = runpy.run_path(str(EXAMPLES / "unet.py"))["unet"](*SIZES[name])
    assert onnx.load(EXAMPLES / f"{name}.onnx") == made


@pytest.mark.parametrize(("place", "name"), list(enumerate(SIZES)), ids=list(SIZES))
def test_the_page_shows_what_the_command_prints(place, name):
    shown = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[place]
    printed = run("model", str(EXAMPLES / f"{name}.onnx"))
    assert printed.exit_code == 0
    assert without_times(shown) == without_times(printed.stdout)


def test_the_reason_on_the_page_is_one_that_is_given():
    assert "has no verdict: ONNX cannot tell the shape of its input 'features'\n" in PAGE


def test_the_block_on_the_page_is_one_of_the_lesson():
    [block] = re.findall(r"^```symconv\n.*?^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert block in model_lesson(read_onnx(EXAMPLES / "unet.onnx"), "up")
