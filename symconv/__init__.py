"""symconv: a convolution layer is one matrix product, derived with symbols, proved, and shown.

>>> import symconv as sc
>>> u = sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2))
>>> u.patch_matrix.shape, u.weight_matrix.shape
((4, 4), (4, 1))
>>> bool(u.prove())
True
"""

import symconv.forms.gradients_latex
import symconv.forms.reductions_latex
import symconv.forms.toeplitz_latex
import symconv.forms.transposed_latex
import symconv.forms.winograd_latex
import symconv.show.theorem_latex  # noqa: F401 (so that latex prints theorems)
from symconv.any_size import UnrolledAnySize
from symconv.checking.check import check
from symconv.checking.gradient import GradientVerdict, check_gradient
from symconv.checking.verdict import Verdict
from symconv.definition import loop_formula
from symconv.description import Description
from symconv.errors import (
    ArrayError,
    BlockError,
    GeometryError,
    ModelError,
    RequestError,
    SizeLimitError,
    SymconvError,
)
from symconv.evaluate import evaluate
from symconv.forms.arrangement import Layout
from symconv.forms.channels import to_nchw, to_nhwc
from symconv.forms.conv_transpose import conv_transpose
from symconv.forms.cost import Cost
from symconv.forms.fft import evaluate_fourier
from symconv.forms.fourier import Fourier, fourier
from symconv.forms.fourier_cost import FourierCost, fourier_cost, fourier_crossover
from symconv.forms.gradients import Gradients, gradients
from symconv.forms.identify import LayoutMatch, identify_layout
from symconv.forms.layouts import layout, layouts
from symconv.forms.nested import NestedWinograd, nested, winograd2d
from symconv.forms.pieces import Piece, Pieces
from symconv.forms.pointwise import Pointwise, pointwise
from symconv.forms.reductions import polyphase, sublattices
from symconv.forms.reordering import Reordering, permutation
from symconv.forms.reordering_proof import ReorderingProof
from symconv.forms.rounding import Rounding, rounding
from symconv.forms.scaling import Rescaling, same_up_to_scaling
from symconv.forms.separable import Separable, depthwise_separable
from symconv.forms.toeplitz import ConvolutionMatrix, convolution_matrix
from symconv.forms.transposed import Transposed, transposed
from symconv.forms.unfolding import fold, overlap_divisor, unfold
from symconv.forms.winograd import TransformCounts, Winograd, winograd
from symconv.forms.winograd_cost import WinogradCost
from symconv.geometry import Geometry
from symconv.mistakes.diagnose import Diagnosis
from symconv.models.layer import ModelLayer
from symconv.models.model import LayerProof, Model, ModelProof, read_onnx
from symconv.proof.bilinear import BilinearProof
from symconv.proof.identity import Difference, IdentityProof
from symconv.proof.statement import InstanceProof
from symconv.proof.theorem import Theorem, TheoremProof
from symconv.proof.verdict import Counterexample, Proof, Tier
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.sweeps.grid import Grid, grid
from symconv.sweeps.run import sweep
from symconv.sweeps.summary import Sweep, summaries
from symconv.symbols import input_matrix, kernel_matrix, symbolic
from symconv.theorems.catalogue import theorem, theorems
from symconv.tracing.compare import WrongCell
from symconv.transposed_definition import scatter_formula
from symconv.unroll import Unrolled, unroll

__version__ = "0.1.0"

__all__ = [
    "ArrayError",
    "BilinearProof",
    "BlockError",
    "ConvolutionMatrix",
    "Cost",
    "Counterexample",
    "Description",
    "Diagnosis",
    "Difference",
    "Fourier",
    "FourierCost",
    "Geometry",
    "GeometryError",
    "GradientVerdict",
    "Gradients",
    "Grid",
    "IdentityProof",
    "InstanceProof",
    "LayerProof",
    "Layout",
    "LayoutMatch",
    "Model",
    "ModelError",
    "ModelLayer",
    "ModelProof",
    "NestedWinograd",
    "Piece",
    "Pieces",
    "Pointwise",
    "Proof",
    "Reordering",
    "ReorderingProof",
    "RequestError",
    "Rescaling",
    "Rounding",
    "Separable",
    "SizeLimitError",
    "Sweep",
    "SymconvError",
    "Theorem",
    "TheoremProof",
    "Tier",
    "TransformCounts",
    "Transposed",
    "Unrolled",
    "UnrolledAnySize",
    "Verdict",
    "Winograd",
    "WinogradCost",
    "WrongCell",
    "check",
    "check_gradient",
    "conv_transpose",
    "convolution_matrix",
    "depthwise_separable",
    "evaluate",
    "evaluate_fourier",
    "fold",
    "fourier",
    "fourier_cost",
    "fourier_crossover",
    "gradients",
    "grid",
    "identify_layout",
    "input_matrix",
    "kernel_matrix",
    "latex",
    "layout",
    "layouts",
    "loop_formula",
    "nested",
    "overlap_divisor",
    "permutation",
    "pointwise",
    "polyphase",
    "prove",
    "read_onnx",
    "rounding",
    "same_up_to_scaling",
    "scatter_formula",
    "sublattices",
    "summaries",
    "sweep",
    "symbolic",
    "theorem",
    "theorems",
    "to_nchw",
    "to_nhwc",
    "transposed",
    "unfold",
    "unroll",
    "winograd",
    "winograd2d",
]
