"""All convolutions of a model, and the proofs of all of them, equal geometries once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from time import perf_counter
from typing import Any

from symconv.errors import RequestError, SymconvError
from symconv.forms.transposed import Transposed
from symconv.forms.transposed_maps import transposed_maps
from symconv.geometry import Geometry
from symconv.models.geometries import Layers
from symconv.models.layer import ModelLayer
from symconv.models.node import OPERATORS, Merge
from symconv.models.reading import read_nodes, took_too_long
from symconv.proof.identity import IdentityProof
from symconv.proof.theorem import TheoremProof
from symconv.proof.verdict import Proof
from symconv.prove import prove, prove_instance
from symconv.theorems.catalogue import theorem

SECONDS = 60.0
MOST_COMPARED = 1 << 25  # entries of a map that is compared entry by entry; beyond, the theorem speaks
AnyProof = Proof | IdentityProof | TheoremProof


@dataclass(frozen=True, repr=False)
class Model:
    """The convolutions of a model, in the order of its file.

    Attributes:
        name: the file's name.
        layers: its convolutions; those that could not be read say why.
        sizes: what the names of sizes stand for that are not the file's own.
        nodes: how many nodes the file has.
        why: why ONNX's shape inference refused the file; empty if it did not.

    Examples:
        >>> g = Geometry((5, 7), 3, 2, 4, stride=2)
        >>> layers = [ModelLayer(name, "Conv", g, output_size=g.output_size) for name in ("conv1", "conv2")]
        >>> model = Model("small.onnx", tuple(layers), {}, nodes=9)
        >>> model
        Model: small.onnx, 2 convolutions among 9 nodes
        >>> model["conv2"].output_shape
        (1, 4, 2, 3)
        >>> model.prove()
        small.onnx: 2 of 2 convolutions proved (2 exact; 1 different geometry).
    """

    name: str
    layers: tuple[ModelLayer, ...]
    sizes: dict[str, str]
    nodes: int
    why: str = ""

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[ModelLayer]:
        return iter(self.layers)

    def __getitem__(self, key: int | str) -> ModelLayer:
        """A layer by its name, or by its place from 0."""
        if isinstance(key, str):
            found = [layer for layer in self.layers if layer.name == key]
            if len(found) == 1:
                return found[0]
            names = ", ".join(layer.name for layer in self.layers[:5]) or "none, as it has no convolutions"
            what = f"is the name of {len(found)} layers" if found else "is no layer"
            raise RequestError(f"layer={key!r} {what} of {self.name}: the first are {names}")
        return self.layers[key]

    def prove(self) -> "ModelProof":
        """Prove each layer: exactly where its sizes are numbers, for every size where they are not.

        Examples:
            >>> g = Geometry((5, 7), 3)
            >>> layer = ModelLayer("conv", "Conv", g, output_size=g.output_size)
            >>> bool(Model("one.onnx", (layer,), {}, nodes=1).prove())
            True
        """
        return ModelProof(self, tuple(_proved(self.layers)))

    def __repr__(self) -> str:
        unread = sum(1 for layer in self.layers if layer.geometry is None)
        rest = f", {unread} of them unread" if unread else ""
        return f"Model: {self.name}, {len(self.layers)} convolutions among {self.nodes:,} nodes{rest}"


@dataclass(frozen=True, eq=False)
class LayerProof:
    """What was proved of one layer of a model.

    Attributes:
        layer: the layer.
        proof: the verdict; None where there is no geometry, or none of its proofs can be made.
        seconds: how long it took.
        same_as: the place of the layer before it that has the same geometry, and so the same proof.
        why: why there is no proof; empty where there is one.

    Examples:
        >>> layer = ModelLayer("conv1", "Conv", Geometry((5, 7), 3), output_size=(3, 5))
        >>> result = Model("small.onnx", (layer, layer), {}, 2).prove().results[1]
        >>> bool(result), result.same_as, result.proof.tier
        (True, 0, <Tier.EXACT: 'exact'>)
    """

    layer: ModelLayer
    proof: AnyProof | None
    seconds: float = 0.0
    same_as: int | None = None
    why: str = ""

    def __bool__(self) -> bool:
        return bool(self.proof)


@dataclass(frozen=True, eq=False, repr=False)
class ModelProof:
    """The verdicts on all layers of a model: truthy when every one of them was proved.

    Attributes:
        model: the model.
        results: one for each layer, in order.

    Examples:
        >>> unread = ModelLayer("conv1", "Conv", None, "it has no kernel")
        >>> proof = Model("small.onnx", (unread,), {}, 1).prove()
        >>> proof
        small.onnx: 0 of 1 convolutions proved, 1 without a verdict.
        >>> proof.holds is None, proof.unproved[0].why
        (True, 'it has no kernel')
    """

    model: Model
    results: tuple[LayerProof, ...]

    @property
    def holds(self) -> bool | None:
        """Whether all layers were proved; False if one was refuted, None if one has no verdict."""
        return False if self.refuted else None if self.unproved else True

    def __bool__(self) -> bool:
        return self.holds is True

    def __iter__(self) -> Iterator[LayerProof]:
        return iter(self.results)

    @property
    def refuted(self) -> tuple[LayerProof, ...]:
        """The layers whose proof failed."""
        return tuple(r for r in self.results if r.proof is not None and not r.proof)

    @property
    def unproved(self) -> tuple[LayerProof, ...]:
        """The layers of which there is no verdict."""
        return tuple(r for r in self.results if r.proof is None)

    def __repr__(self) -> str:
        proved = [r.proof for r in self.results if r.proof]
        tiers = [
            f"{sum(1 for p in proved if p.tier == t)} {t}" for t in dict.fromkeys(p.tier for p in proved)
        ]
        distinct = sum(1 for r in self.results if r.proof is not None and r.same_as is None)
        said = f"{len(proved)} of {len(self.results)} convolutions proved"
        different = f"{distinct} different {'geometry' if distinct == 1 else 'geometries'}"
        said += f" ({', '.join(tiers)}; {different})" if tiers else ""
        for what, some in (("refuted", self.refuted), ("without a verdict", self.unproved)):
            said += f", {len(some)} {what}" if some else ""
        return f"{self.model.name}: {said}."


def read_onnx(path: str | Path, *, seconds: float = SECONDS) -> Model:
    """Read every convolution of a model as a geometry; no weight is looked at, nor need there be any.

    Reads ``Conv``, ``ConvInteger``, ``ConvTranspose`` and ``QLinearConv``, in subgraphs and functions too.
    ONNX's shape inference runs in a process of its own, which has little time, and memory by the file's size.

    Args:
        path: of an ``.onnx`` file; external data need not be there.
        seconds: how long reading may take.

    Returns:
        A ``Model``: its layers by place or by name, in the file's order.

    Raises:
        ModelError: there is no such file, it is no model, or it takes too long; ONNX is not installed.

    Examples:
        >>> from tempfile import NamedTemporaryFile
        >>> from onnx import TensorProto, helper, save
        >>> x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 224, 224])
        >>> w = helper.make_tensor_value_info("w", TensorProto.FLOAT, [64, 3, 7, 7])
        >>> y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        >>> conv = helper.make_node("Conv", ["x", "w"], ["y"], "conv1", strides=[2, 2], pads=[3, 3, 3, 3])
        >>> with NamedTemporaryFile(suffix=".onnx") as file:
        ...     save(helper.make_model(helper.make_graph([conv], "one layer", [x, w], [y])), file.name)
        ...     model = read_onnx(file.name)
        >>> model["conv1"].geometry
        Geometry(input_size=(224, 224), kernel_size=(7, 7), in_channels=3, out_channels=64, batch='batch',
                 stride=(2, 2), padding=((3, 3), (3, 3)))
        >>> model.prove().results[0].proof.tier
        <Tier.EVERY_SIZE: 'every size'>
    """
    begun = perf_counter()
    found = read_nodes(path, seconds)
    made, layers = Layers(found.names), []
    for node in found.nodes:
        if isinstance(node, Merge):
            made.merge(node)
        elif node.operator in OPERATORS:
            layers.append(made.make(node))
        else:
            made.make(node)  # a pool, for what it makes of its sizes
        if perf_counter() - begun > seconds:
            raise took_too_long(path, seconds)
    return Model(Path(path).name, tuple(layers), made.dimensions.meanings, found.number, found.why)


@prove.register
def _(model: Model) -> ModelProof:
    return model.prove()


def _proved(layers: tuple[ModelLayer, ...]) -> Iterator[LayerProof]:
    first: dict[Any, tuple[int, LayerProof]] = {}
    for place, layer in enumerate(layers):
        if layer.geometry is None:
            yield LayerProof(layer, None, why=layer.why)
            continue
        key = layer.geometry, layer.transposed
        if key not in first:
            first[key] = place, _proof(layer, layer.geometry)
            yield first[key][1]
        else:
            before, known = first[key]
            yield replace(known, layer=layer, same_as=before)


def _proof(layer: ModelLayer, g: Geometry) -> LayerProof:
    begun = perf_counter()
    try:
        proof = _transposed(layer.transposed) if layer.transposed else _plain(g)
    except SymconvError as error:
        return LayerProof(layer, None, perf_counter() - begun, why=str(error))
    return LayerProof(layer, proof, perf_counter() - begun)


def _plain(g: Geometry) -> Proof | TheoremProof:
    if g.symbols or prod(g.patch_matrix_shape) + prod(g.weight_matrix_shape) > MOST_COMPARED:
        return prove_instance(theorem("im2col", g.rank), g)
    proof: Proof = prove(g)
    return proof


def _transposed(sizes: Any) -> IdentityProof | TheoremProof:
    g = sizes.geometry
    if g.symbols or 4 * prod(sizes.stride_one.patch_matrix_shape) > MOST_COMPARED:
        return prove_instance(theorem("transpose", g.rank), g)
    return Transposed(sizes, transposed_maps(sizes), None, 0).prove()
