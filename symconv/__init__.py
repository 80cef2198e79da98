"""symconv: a convolution layer is one matrix product, derived with symbols, proved, and shown.

>>> import symconv as sc
>>> u = sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2))
>>> u.patch_matrix.shape, u.weight_matrix.shape
((4, 4), (4, 1))
>>> bool(u.prove())
True
"""

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
from symconv.forms.arrangement import Layout
from symconv.forms.channels import to_nchw, to_nhwc
from symconv.forms.identify import LayoutMatch, identify_layout
from symconv.forms.layouts import layout, layouts
from symconv.forms.reordering import Reordering, permutation
from symconv.forms.reordering_proof import ReorderingProof
from symconv.forms.unfolding import fold, overlap_divisor, unfold
from symconv.geometry import Geometry
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
    "BlockError",
    "Counterexample",
    "Description",
    "Geometry",
    "GeometryError",
    "InstanceProof",
    "Layout",
    "LayoutMatch",
    "Proof",
    "Reordering",
    "ReorderingProof",
    "RequestError",
    "SizeLimitError",
    "SymconvError",
    "Theorem",
    "TheoremProof",
    "Tier",
    "Unrolled",
    "UnrolledAnySize",
    "evaluate",
    "fold",
    "identify_layout",
    "input_matrix",
    "kernel_matrix",
    "latex",
    "layout",
    "layouts",
    "loop_formula",
    "overlap_divisor",
    "permutation",
    "prove",
    "symbolic",
    "theorem",
    "theorems",
    "to_nchw",
    "to_nhwc",
    "unfold",
    "unroll",
]
