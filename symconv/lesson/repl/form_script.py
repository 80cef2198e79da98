"""The Python of a block about a form of a convolution: how its subject is made, and each part of it.

A part that is drawn on a page alone, as the pieces of a layer are, is shown by the nearest thing that prints.
"""

from collections.abc import Callable, Sequence
from typing import Any

from symconv.forms.winograd import Winograd, winograd
from symconv.lesson.form_block import FormBlock
from symconv.lesson.repl.literals import arguments, array, call, geometry, listed, nested, unrolled
from symconv.lesson.repl.script import Script, Shown

Made = list[str]
Parts = dict[str, Sequence[Shown]]


def form_script(block: FormBlock) -> Script:
    """What shows the same form.

    Examples:
        >>> from symconv.lesson.form_block import read_form_block
        >>> block = read_form_block({"form": "winograd", "outputs": "2", "taps": "3"}, ("matrices", "proof"))
        >>> print(form_script(block).text())
        import symconv as sc
        <BLANKLINE>
        f = sc.winograd(2, 3)
        print(sc.latex(f))
        print(sc.prove(f))
    """
    made, parts = SCRIPTS[block.name](block.subject, block.show)
    return Script(tuple(made), tuple(line for part in block.show for line in parts[part]))


def _latex(code: str) -> Sequence[Shown]:
    return (Shown(code, mathematics=True),)


def _values(*codes: str) -> Sequence[Shown]:
    return tuple(map(Shown, codes))


def _toeplitz(subject: Any, show: Sequence[str]) -> tuple[Made, Parts]:
    drawn = bool({*show} & {"matrix", "product"})
    made = [unrolled(subject.layer)] if drawn else []
    made.append(f"t = sc.convolution_matrix({'u' if drawn else geometry(subject.geometry)})")
    return made, {
        "matrix": _latex("sc.latex(t)"),
        "product": _latex('sc.latex(t, "product")'),
        "sizes": _values("t.shape, t.blocks, t.nonzeros"),
        "cost": _values("sc.Cost.direct(t.geometry)", "t.sparse_cost", "t.cost"),
        "proof": _values("sc.prove(t)"),
    }


def _gradients(subject: Any, show: Sequence[str]) -> tuple[Made, Parts]:
    d = subject.gradients
    dy = array(d.output_gradient, "dy")
    given = not dy.startswith("sc.")
    drawn = given or bool({*show} - {"cost", "proof"})
    made = [unrolled(d.matrices)] if drawn else []
    made.append(
        call("d = sc.gradients", ["u" if drawn else geometry(d.geometry), *([dy] if given else [])], {})
    )
    cell = "" if subject.cell is None else f", cell={subject.cell}"
    return made, {
        "weight": _latex('sc.latex(d, "weight")'),
        "input": _latex('sc.latex(d, "input")'),
        "weight_sum": _latex(f'sc.latex(d, "weight_sum"{cell})'),
        "input_sum": _latex(f'sc.latex(d, "input_sum"{cell})'),
        "dw": _latex('sc.latex(d.weight, "grid")'),
        "dx": _latex('sc.latex(d.input, "grid")'),
        "cost": _values("sc.Cost.direct(d.geometry)", "d.cost"),
        "proof": _values("sc.prove(d)"),
    }


def _transposed(subject: Any, _show: Sequence[str]) -> tuple[Made, Parts]:
    counted = {"cost": _values("t.cost", "t.stride_one_cost"), "proof": _values("sc.prove(t)")}
    if subject.form.arrays is None:
        return [f"t = sc.transposed({geometry(subject.form.geometry)})"], counted
    y, w = subject.form.input, subject.form.kernel
    plain = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    words = {name: value for name, value in subject.words.items() if value != plain[name]}
    ones = [f"np.ones({part.shape}, dtype=int)" for part in (y, w)]
    return [call("t = sc.transposed", [array(y, "y"), array(w, "w")], words)], {
        "stamps": _latex('sc.latex(t, "stamps")'),
        "product": _latex('sc.latex(t, "product")'),
        "stride_one": _latex('sc.latex(t, "stride_one")'),
        "overlaps": _latex(f'sc.latex(sc.conv_transpose({", ".join(ones)}{arguments(words)}), "grid")'),
        **counted,
    }


def _winograd(subject: Any, _show: Sequence[str]) -> tuple[Made, Parts]:
    algorithms = [_algorithm(a) for a in subject.algorithms]
    many = len(algorithms) > 1
    made = [f"algorithms = {listed(algorithms)}"] if many else [f"f = {algorithms[0]}"]
    each = "f in algorithms" if many else ""
    tile = {name: nested(value) for name, value in (("x", subject.x), ("w", subject.w)) if value is not None}
    given = "".join(f", {name}={value}" for name, value in tile.items())
    layer = None if subject.layer is None else geometry(subject.layer)
    if layer:
        made.append(f"g = {layer}")
    cost = "g" if layer else "sc.Geometry(f.n, f.r)"
    return made, {
        "matrices": _latex("sc.latex(f)"),
        "formula": _latex('sc.latex(f, "formula")'),
        "steps": _latex(f'sc.latex(f, "steps"{given})'),
        "counts": (Shown("f.name, f.multiplications, f.additions, f.scalings", each=each),),
        "cost": (Shown(f"f.name, f.cost({cost})", each=each),),
        "rounding": (Shown('f.name, sc.rounding(f), sc.rounding(f, "float64")', each=each),),
        "proof": (Shown("sc.prove(f)", each=each),),
    }


def _algorithm(algorithm: Any) -> str:
    """The call that makes an algorithm."""
    if not isinstance(algorithm, Winograd):
        one, *others = map(_algorithm, algorithm.axes)
        twice = others == [one]
        return (
            one.replace("sc.winograd(", "sc.winograd2d(")
            if twice
            else f"sc.nested({', '.join([one, *others])})"
        )
    usual = winograd(algorithm.m, algorithm.r).points
    points = "" if algorithm.points == usual else f", points={nested(list(algorithm.points or ()))}"
    return f"sc.winograd({algorithm.m}, {algorithm.r}{points})"


def _fourier(subject: Any, _show: Sequence[str]) -> tuple[Made, Parts]:
    sizes = subject.transform.sizes
    kernel = "" if subject.kernel is None else f", w={nested(subject.kernel)}"
    shared = {name: count for name, count in subject.shared.items() if count > 1}
    made = (
        [f"f = sc.fourier({sizes[0] if len(sizes) == 1 else sizes})"]
        if {*_show} - {"cost", "crossover"}
        else []
    )
    if subject.layer is not None:
        made.append(f"g = {geometry(subject.layer)}")
    return made, {
        "circulant": _latex(f'sc.latex(f, "circulant"{kernel})'),
        "matrix": _latex("sc.latex(f)"),
        "diagonal": _latex(f'sc.latex(f, "diagonal"{kernel})'),
        "identity": _latex('sc.latex(f, "identity")'),
        "cost": _values("sc.fourier_cost(g)", "sc.fourier_cost(g, kernels_ready=True)"),
        "crossover": tuple(
            Shown(
                f"taps, sc.fourier_crossover(taps{arguments({**shared, **ready})})",
                each=f"taps in {list(subject.taps)}",
            )
            for ready in ({}, {"kernels_ready": True})
        ),
        "proof": _values("sc.prove(f)"),
    }


def _layouts(subject: Any, show: Sequence[str]) -> tuple[Made, Parts]:
    one = subject.reorderings[0].one
    if len(subject.reorderings) > 1:
        each = "other in sc.layouts()"
        proof = f'sc.prove(sc.permutation(g, "{one.name}", other))'
        made = [f"g = {geometry(subject.geometry)}"] if "proof" in show else []
        return made, {
            "table": (Shown("other", each=each),),
            "proof": (Shown(f"other.name, {proof}", each=each),),
        }
    other = subject.reorderings[0].other
    made = [unrolled(subject.layer.matrices), f'r = sc.permutation(u.geometry, "{one.name}", "{other.name}")']
    return made, {
        "matrix": _both(one.name, other.name, "P", "patch_matrix(u.geometry, u.input)"),
        "weights": _both(one.name, other.name, "W", "weight_matrix(u.geometry, u.kernel)"),
        "permutation": _latex("sc.latex(r)"),
        "indices": _values("r.rows, r.columns"),
        "cost": _values("r.cost"),
        "proof": _values("sc.prove(r)"),
    }


def _both(one: str, other: str, letter: str, made: str) -> Sequence[Shown]:
    return [
        Shown(rf'r"{letter}_{{\text{{{name}}}}} = " + sc.latex(sc.layout("{name}").{made})', mathematics=True)
        for name in (one, other)
    ]


def _pieces(split: str) -> Callable[[Any, Sequence[str]], tuple[Made, Parts]]:
    def script(subject: Any, show: Sequence[str]) -> tuple[Made, Parts]:
        drawn = subject.layer is not None and bool({*show} & {"pieces", "sum"})
        made = [unrolled(subject.layer.matrices)] if drawn else []
        made.append(f"p = sc.{split}({'u.geometry' if drawn else geometry(subject.geometry)})")
        numbers = drawn and not subject.layer.matrices.is_symbolic
        return made, {
            "formula": _latex("sc.latex(p)"),
            "pieces": (Shown("piece", each="piece in p.pieces"),),
            "sum": _latex('u.latex("output")') if not numbers else _values("p.evaluate(u.input, u.kernel)"),
            "table": (Shown("piece", each="piece in p.pieces"),),
            "cost": _values("sc.Cost.direct(p.geometry)", "p.cost"),
            "proof": _values("sc.prove(p)"),
        }

    return script


def _separable(subject: Any, _show: Sequence[str]) -> tuple[Made, Parts]:
    g = subject.geometry
    multiplier = subject.depthwise.out_channels // g.in_channels
    more = f", multiplier={multiplier}" if multiplier > 1 else ""
    return [f"s = sc.depthwise_separable({geometry(g)}{more})"], {
        "formula": _latex("sc.latex(s)"),
        "kernel": _latex('sc.latex(s, "kernel")'),
        "layers": _values("s.depthwise", "s.pointwise", "s.geometry"),
        "ratio": _values("s.cost.products / s.geometry.products"),
        "cost": _values("sc.Cost.direct(s.geometry)", "s.cost"),
        "proof": _values("sc.prove(s)"),
    }


def _pointwise(subject: Any, show: Sequence[str]) -> tuple[Made, Parts]:
    drawn = "product" in show and subject.layer is not None
    made = [unrolled(subject.layer.matrices)] if drawn else []
    made.append(f"p = sc.pointwise({'u.geometry' if drawn else geometry(subject.geometry)})")
    given = "" if not drawn else ", x=u.input" if subject.letters else ", x=u.input, w=u.kernel"
    return made, {
        "formula": _latex("sc.latex(p)"),
        "product": _latex(f'sc.latex(p, "product"{given})'),
        "cost": _values("sc.Cost.direct(p.geometry)", "p.cost"),
        "proof": _values("sc.prove(p)"),
    }


SCRIPTS: dict[str, Callable[[Any, Sequence[str]], tuple[Made, Parts]]] = {
    "toeplitz": _toeplitz,
    "gradients": _gradients,
    "transposed": _transposed,
    "winograd": _winograd,
    "fourier": _fourier,
    "layouts": _layouts,
    "polyphase": _pieces("polyphase"),
    "sublattices": _pieces("sublattices"),
    "separable": _separable,
    "pointwise": _pointwise,
}
