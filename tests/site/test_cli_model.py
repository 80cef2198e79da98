"""``symconv model`` on the command line, as a person types it."""

import json
import re

import onnx
import pytest
from onnx import helper

from symconv.models import model as models
from tests.onnx_models import model_of, one_layer, value
from tests.site.test_cli import run

INPUTS = [
    value("x", [1, 4, 12, 15]),
    value("w", [8, 4, 3, 3]),
    value("v", [8, 8, 3, 3]),
    value("t", [8, 2, 2, 2]),
]
NODES = [
    helper.make_node("Conv", ["x", "w"], ["a"], "stem", strides=[2, 3], pads=[1, 1, 1, 1]),
    helper.make_node("Conv", ["a", "v"], ["b"], "block.0", pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["b"], ["c"], "relu"),
    helper.make_node("Conv", ["c", "v"], ["d"], "block.1", pads=[1, 1, 1, 1]),
    helper.make_node("ConvTranspose", ["d", "t"], ["e"], "up", strides=[2, 2]),
]
BAD = helper.make_node("Conv", ["nobody", "v"], ["f"], "[red]bad[/red]")


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.onnx"
    onnx.save(model_of(NODES, INPUTS, ["e"]), path)
    return str(path)


def without_times(text):
    lines = [re.sub(r"\s+[\d.e-]+ m?s$", "  TIME", line.rstrip()) for line in text.splitlines()]
    return [re.sub(r"  +", "  ", line).strip() for line in lines]


def test_the_table(small):
    shown = run("model", small)
    assert shown.exit_code == 0, shown.output
    assert without_times(shown.stdout) == [
        "layer  output size  P  W  products  P ÷ input  tier  time",
        "1  stem  6×5  30×36  36×8  8,640  1.5  exact  TIME",
        "2  block.0  6×5  30×72  72×8  17,280  9  exact  TIME",
        "3  block.1  6×5  30×72  72×8  17,280  9  exact  as 2",
        "4  up (ConvTranspose)  12×10  30×8  8×8  1,920  1  exact  TIME",
        "Of ConvTranspose, P and W are those of the convolution that it transposes.",
        "small.onnx: 4 of 4 convolutions proved (4 exact; 3 different geometries).",
    ]


def test_open_sizes_are_names_and_what_they_stand_for_is_said(tmp_path):
    inputs = [value("x", ["batch", 4, "height", 15]), *INPUTS[1:]]
    onnx.save(model_of(NODES[:2], inputs, ["b"]), tmp_path / "open.onnx")
    shown = run("model", str(tmp_path / "open.onnx"))
    assert shown.exit_code == 0, shown.output
    assert without_times(shown.stdout)[1:] == [
        "1  stem  n1×5  5·batch·n1×36  36×8  1440·batch·n1  3·n1/height  every size  TIME",
        "2  block.0  n1×5  5·batch·n1×72  72×8  2880·batch·n1  9  every size  TIME",
        "n1 = floor(height/2 - 1/2) + 1",
        "open.onnx: 2 of 2 convolutions proved (2 every size; 2 different geometries).",
    ]


def test_a_layer_without_a_verdict_is_said_and_ends_with_2(tmp_path):
    onnx.save(model_of([*NODES, BAD], INPUTS, ["e"]), tmp_path / "bad.onnx")
    shown = run("model", str(tmp_path / "bad.onnx"))
    assert shown.exit_code == 2
    assert "5 [red]bad[/red] has no verdict: nothing in the file makes its input 'nobody'\n" in shown.stdout
    assert shown.stdout.endswith(
        "bad.onnx: 4 of 5 convolutions proved (4 exact; 3 different geometries), 1 without a verdict.\n"
    )


def test_a_layer_that_is_refuted_is_shown_and_ends_with_1(small, monkeypatch):
    import symconv.index_map as plan

    right = plan.patch_map
    monkeypatch.setattr(plan, "patch_map", lambda g: right(g)[::-1].copy())
    plan.index_map.cache_clear() if hasattr(plan.index_map, "cache_clear") else None
    shown = run("model", small)
    assert shown.exit_code == 1
    assert "REFUTED" in shown.stdout
    assert "block.0: Refuted (tier: exact) after" in shown.stdout
    assert "4 refuted" in shown.stdout
    assert json.loads(run("model", small, "--json").stdout)["holds"] is False


def test_json_says_everything(tmp_path):
    inputs = [value("x", ["batch", 4, 12, "width"]), *INPUTS[1:]]
    onnx.save(model_of([*NODES, BAD], inputs, ["e"]), tmp_path / "all.onnx")
    shown = run("model", str(tmp_path / "all.onnx"), "--json")
    assert shown.exit_code == 2
    said = json.loads(shown.stdout)
    assert (said["model"], said["nodes"], said["holds"], said["why"]) == ("all.onnx", 6, None, "")
    assert said["sizes"] == {"n1": "floor(width/3 - 1/3) + 1"}
    assert said["text"].startswith("all.onnx: 4 of 5")
    stem, block, again, up, bad = said["layers"]
    assert stem["geometry"] == {
        "input_size": [12, "width"],
        "kernel_size": [3, 3],
        "in_channels": 4,
        "out_channels": 8,
        "batch": "batch",
        "stride": [2, 3],
        "padding": [[1, 1], [1, 1]],
        "dilation": [1, 1],
        "groups": 1,
        "padding_mode": "zeros",
        "bias": False,
    }
    assert stem["output_shape"] == ["batch", 8, 6, "n1"]
    assert stem["patch_matrix_shape"] == ["6*batch*n1", 36]
    assert (stem["holds"], stem["tier"], stem["same_as"], stem["why"]) == (True, "every size", None, "")
    assert stem["assuming"] == []  # any width of at least 1 has an output
    assert (block["expansion"], block["products"]) == ("9", "3456*batch*n1")
    assert (again["same_as"], again["seconds"]) == (2, 0.0)
    assert up["geometry"]["output_padding"] == [0, 0]
    assert up["output_shape"] == ["batch", 2, 12, "2*n1"]
    assert bad == {
        "number": 5,
        "name": "[red]bad[/red]",
        "operator": "Conv",
        "why": "nothing in the file makes its input 'nobody'",
        "geometry": None,
        "holds": None,
        "tier": None,
    }


def test_what_is_assumed_of_an_open_size_is_said(tmp_path):
    onnx.save(one_layer(x=(1, 3, "h", 9)), tmp_path / "open.onnx")
    [layer] = json.loads(run("model", str(tmp_path / "open.onnx"), "--json").stdout)["layers"]
    assert layer["assuming"] == ["h - 2 >= 1"]


def test_a_long_table_is_cut_and_says_so(small, monkeypatch):
    import symconv.commands.model as command

    monkeypatch.setattr(command, "MOST_ROWS", 2)
    shown = run("model", small).stdout
    assert "block.1" not in shown
    assert "2 more layers are in the verdict and not in the table: --json lists all." in shown


def test_a_model_without_convolutions_has_nothing_to_refute(tmp_path):
    onnx.save(model_of([helper.make_node("Relu", ["x"], ["y"])], INPUTS, ["y"]), tmp_path / "none.onnx")
    shown = run("model", str(tmp_path / "none.onnx"))
    assert shown.exit_code == 0
    assert shown.stdout == "none.onnx: 0 of 0 convolutions proved.\n"


def test_what_onnx_refuses_is_said(tmp_path):
    model = one_layer()
    del model.opset_import[:]
    onnx.save(model, tmp_path / "odd.onnx")
    assert (
        "ONNX's shape inference refuses this file: [TypeInferenceError]"
        in run("model", str(tmp_path / "odd.onnx")).stdout
    )


@pytest.mark.parametrize("layer", ["stem", "2", "up"])
def test_a_lesson_is_written(small, tmp_path, layer):
    page = tmp_path / "lessons" / "layer.md"
    shown = run("model", small, "--lesson", layer, "-o", str(page))
    assert shown.exit_code == 0, shown.output
    blocks = page.read_text("utf-8").count("\n```symconv\n")
    assert shown.stdout == f"Wrote {page}: {blocks} blocks. See it with: mkdocs serve\n"
    again = run("model", small, "--lesson", layer, "-o", str(page))
    assert "is there already" in again.output
    assert again.exit_code == 1
    assert run("model", small, "--lesson", layer, "-o", str(page), "--force").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["missing.onnx"], 2, "missing.onnx is not there: give the path of an .onnx file"),
        (["."], 2, ". is no file: give the path of an .onnx file"),
        (
            ["small.onnx", "--lesson", "stem"],
            2,
            "--lesson LAYER and -o PAGE.md go together: give both, or neither",
        ),
        (["small.onnx", "-o", "x.md"], 2, "--lesson LAYER and -o PAGE.md go together: give both, or neither"),
        (
            ["small.onnx", "--lesson", "conv9", "-o", "x.md"],
            2,
            "layer='conv9' is no layer of small.onnx: the first are stem, block.0, block.1, up",
        ),
        (
            ["small.onnx", "--lesson", "stem", "-o", "x.txt"],
            1,
            "PAGE='x.txt' is no page of Markdown: give a name that ends in .md",
        ),
        (
            ["small.onnx", "--seconds", "0.001"],
            2,
            "small.onnx takes more than 0.001 seconds to read: allow more, or look whether it is yours",
        ),
    ],
)
def test_a_mistake_gets_one_sentence(small, monkeypatch, tmp_path, words, code, sentence):
    monkeypatch.chdir(tmp_path)
    shown = run("model", *words)
    assert shown.exit_code == code
    assert shown.stderr.endswith(f"Error: {sentence}\n")
    assert "Traceback" not in shown.output


def test_a_very_large_layer_is_proved_by_the_theorem(small, monkeypatch):
    monkeypatch.setattr(models, "MOST_COMPARED", 100)
    assert {layer["tier"] for layer in json.loads(run("model", small, "--json").stdout)["layers"]} == {
        "every size"
    }
