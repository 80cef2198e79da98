"""symconv: a convolution layer is one matrix product, derived with symbols, proved, and shown.

>>> import symconv as sc
>>> u = sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2))
>>> u.patch_matrix.shape, u.weight_matrix.shape
((4, 4), (4, 1))
>>> bool(u.prove())
True
"""

import symconv.forms.winograd_latex  # (so that latex prints Winograd's matrices)
import symconv.show.theorem_latex  # noqa: F401 (so that latex prints theorems)
from symconv.any_size import UnrolledAnySize
from symconv.definition import loop_formula
from symconv.description import Description
from symconv.errors import (
    ArrayError,
    BlockError,
    GeometryError,
    RequestError,
    SizeLimitError,
    SymconvError,
)
from symconv.evaluate import evaluate
from symconv.forms.nested import NestedWinograd, nested, winograd2d
from symconv.forms.rounding import Rounding, rounding
from symconv.forms.scaling import Rescaling, same_up_to_scaling
from symconv.forms.winograd import TransformCounts, Winograd, winograd
from symconv.geometry import Geometry
from symconv.proof.bilinear import BilinearProof
from symconv.proof.statement import InstanceProof
from symconv.proof.theorem import Theorem, TheoremProof
from symconv.proof.verdict import Counterexample, Proof, Tier
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.symbols import input_matrix, kernel_matrix, symbolic
from symconv.theorems.catalogue import theorem, theorems
from symconv.unroll import Unrolled, unroll

__version__ = "0.1.0"

__all__ = [
    "ArrayError",
    "BilinearProof",
    "BlockError",
    "Counterexample",
    "Description",
    "Geometry",
    "GeometryError",
    "InstanceProof",
    "NestedWinograd",
    "Proof",
    "RequestError",
    "Rescaling",
    "Rounding",
    "SizeLimitError",
    "SymconvError",
    "Theorem",
    "TheoremProof",
    "Tier",
    "TransformCounts",
    "Unrolled",
    "UnrolledAnySize",
    "Winograd",
    "evaluate",
    "input_matrix",
    "kernel_matrix",
    "latex",
    "loop_formula",
    "nested",
    "prove",
    "rounding",
    "same_up_to_scaling",
    "symbolic",
    "theorem",
    "theorems",
    "unroll",
    "winograd",
    "winograd2d",
]
