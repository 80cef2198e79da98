"""A lesson about a layer of a model: every block of it builds, and what it says of the layer is true."""

import re

import pytest

import symconv as sc
from symconv.forms.transposed_sizes import TransposedSizes
from symconv.lesson.block import read_block
from symconv.lesson.limits import refuse_if_too_large
from symconv.lesson.render import render
from symconv.models.lesson import cropped, model_lesson


def model_with(g, name="conv1", transposed=None):
    size = g.input_size if transposed else g.output_size
    operator = "ConvTranspose" if transposed else "Conv"
    layer = sc.ModelLayer(name, operator, g, transposed=transposed, output_size=size)
    return sc.Model("resnet.onnx", (layer, sc.ModelLayer("unread", "Conv", None, "it has no kernel")), {}, 9)


def blocks(page):
    return re.findall(r"^```symconv\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def built(page):
    """The HTML of all blocks of a page, each proved."""
    return "".join(render(read_block(text)) for text in blocks(page))


def transposed(**options):
    g = sc.Geometry((9, 12), (3, 4), 2, 5, stride=(2, 3), padding=((1, 0), (0, 2)), **options)
    return model_with(g, "up", TransposedSizes.of_geometry(g))


ANY = sc.Geometry("h", 1).input_size[0]
DOUBLED = sc.Geometry((2 * ANY, 12), 2, 2, 5, "N", stride=2)
LAYERS = {
    "first-of-resnet": model_with(sc.Geometry((224, 224), 7, 3, 64, 16, stride=2, padding=3, bias=True)),
    "last-of-resnet": model_with(sc.Geometry((7, 7), 3, 64, 64, 8, padding=1, bias=True)),
    "one-channel": model_with(sc.Geometry((5, 6), (2, 3))),
    "depthwise": model_with(sc.Geometry((56, 40), 3, 32, 64, groups=32, stride=(2, 1), padding=1)),
    "dilated": model_with(
        sc.Geometry((65, 70), (3, 2), 4, 6, dilation=(6, 1), padding=((6, 5), (0, 1)), groups=2)
    ),
    "sequence": model_with(sc.Geometry(16_000, 10, 1, 512, stride=5)),
    "any-size": model_with(sc.Geometry(("H", "W"), 3, 3, 8, "N", stride=2, padding="same_upper")),
    "transposed": transposed(),
    "transposed-any-size": model_with(DOUBLED, "up", TransposedSizes(DOUBLED, (ANY, 6), (0, 0))),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_block_of_the_page_builds(name):
    model = LAYERS[name]
    page = model_lesson(model, model[0].name)
    assert page.startswith(f"# `{model[0].name}` of `resnet.onnx`\n\n")
    assert page.endswith("```\n")
    html = built(page)
    assert "proved" in html.lower()
    assert "## On a cropped input" in page


def test_a_small_layer_is_shown_as_it_is_and_a_large_one_by_its_theorem():
    shown = blocks(model_lesson(LAYERS["last-of-resnet"], "conv1"))[0]
    assert "input: 7x7\nkernel: 3x3\nkernels: 64\nchannels: 64\n" in shown
    assert shown.endswith("show: [product, sizes, proof]\n")
    shown = blocks(model_lesson(LAYERS["first-of-resnet"], "conv1"))[0]
    assert shown == "theorem: im2col\naxes: 2\nshow: [statement, proof]\n"
    assert blocks(model_lesson(LAYERS["transposed"], "up"))[0].startswith("theorem: transpose\naxes: 2\n")


def test_the_layers_own_sizes_are_in_the_table():
    page = model_lesson(LAYERS["first-of-resnet"], "1")
    for line in (
        "| input | 16×3×224×224 |",
        "| kernels | 64×3×7×7 |",
        "| output | 16×64×112×112 |",
        "| stride | (2, 2) |",
        "| patch matrix P | 200,704×147 |",
        "| weight matrix W | 147×64 |",
        "| products | 1,888,223,232 |",
        "| P against the input | 12.2 times as many entries |",
    ):
        assert line in page.splitlines()
    page = model_lesson(LAYERS["transposed"], "1")
    for line in (
        "| input | 1×5×4×4 |",
        "| output | 1×2×9×12 |",
        "| output padding | (1, 1) |",
        "| products | 1,920 |",
    ):
        assert line in page.splitlines()


@pytest.mark.parametrize("name", [n for n, m in LAYERS.items() if not m[0].transposed])
def test_a_crop_keeps_what_makes_the_layer(name):
    g = LAYERS[name][0].geometry
    crop = cropped(g)
    assert (crop.kernel_size, crop.stride, crop.dilation) == (g.kernel_size, g.stride, g.dilation)
    assert g.symbols or crop.padding == g.padding
    assert (crop.groups == 1) == (g.groups == 1)
    assert crop.in_channels <= 4
    assert crop.out_channels <= 4
    assert all(out <= 4 or d > 1 for out, d in zip(crop.output_size, g.dilation, strict=True))
    assert all(g.symbols or n <= m for n, m in zip(crop.input_size, g.input_size, strict=True))
    assert g.symbols or all(
        out >= min(3, whole) for out, whole in zip(crop.output_size, g.output_size, strict=True)
    )
    refuse_if_too_large(crop)


def test_a_name_from_a_file_is_text_on_the_page():
    name = "<script>alert(1)</script> `--8<-- x` [a](b)"
    page = model_lesson(model_with(sc.Geometry((5, 6), (2, 3)), name), name)
    assert page.startswith("# `<script>alert(1)</script> '--8<-- x' [a](b)` of `resnet.onnx`\n")


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        ("conv9", sc.RequestError, "layer='conv9' is no layer of resnet.onnx: the first are conv1, unread"),
        ("3", sc.RequestError, "layer='3' is no layer of resnet.onnx: the first are conv1, unread"),
        ("0", sc.RequestError, "layer='0' is no layer of resnet.onnx: the first are conv1, unread"),
        ("9" * 5000, sc.RequestError, None),
        (
            "unread",
            sc.RequestError,
            "layer='unread' of resnet.onnx has no geometry, as it has no kernel: choose another",
        ),
        (
            "2",
            sc.RequestError,
            "layer='2' of resnet.onnx has no geometry, as it has no kernel: choose another",
        ),
    ],
)
def test_a_layer_without_a_page_gets_one_sentence(layer, error, message):
    with pytest.raises(error) as caught:
        model_lesson(LAYERS["one-channel"], layer)
    assert message is None or str(caught.value) == message


def test_what_no_page_can_draw_gets_one_sentence():
    with pytest.raises(sc.BlockError) as caught:
        model_lesson(model_with(sc.Geometry((8, 8, 8), 3)), "conv1")
    assert str(caught.value) == (
        "layer='conv1' has 3 axes, and a page draws one or two: choose another layer"
    )
    with pytest.raises(sc.BlockError, match="input: 90,000 cells are more than a page can hold"):
        model_lesson(model_with(sc.Geometry((300, 300), 300)), "conv1")


def test_a_layer_named_as_a_number_is_that_layer():
    g = sc.Geometry((5, 6), (2, 3))
    layers = tuple(sc.ModelLayer(n, "Conv", g, output_size=g.output_size) for n in ("2", "1"))
    assert model_lesson(sc.Model("m.onnx", layers, {}, 2), "2").startswith("# `2` of `m.onnx`")
