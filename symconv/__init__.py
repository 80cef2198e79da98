"""symconv: a convolution layer is one matrix product, derived with symbols, proved, and shown.

>>> import symconv as sc
>>> u = sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2))
>>> u.patch_matrix.shape, u.weight_matrix.shape
((4, 4), (4, 1))
>>> bool(u.prove())
True
"""

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
from symconv.geometry import Geometry
from symconv.proof.exact import prove
from symconv.proof.verdict import Counterexample, Proof, Tier
from symconv.show.latex import latex
from symconv.symbols import input_matrix, kernel_matrix, symbolic
from symconv.unroll import Unrolled, unroll

__version__ = "0.1.0"

__all__ = [
    "ArrayError",
    "BlockError",
    "Counterexample",
    "Description",
    "Geometry",
    "GeometryError",
    "Proof",
    "RequestError",
    "SizeLimitError",
    "SymconvError",
    "Tier",
    "Unrolled",
    "evaluate",
    "input_matrix",
    "kernel_matrix",
    "latex",
    "loop_formula",
    "prove",
    "symbolic",
    "unroll",
]
