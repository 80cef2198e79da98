"""A layer of symbolic sizes as P·W: the shapes are formulas, the entries are made when they are asked for.

Stands beside ``unroll``, which returns one of these for a geometry with symbols in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.index_formula import patch_entry, weight_entry
from symconv.proof.theorem import TheoremProof
from symconv.prove import prove
from symconv.show.latex import latex


@dataclass(frozen=True, eq=False, repr=False)
class UnrolledAnySize:
    """A convolution layer of any size as the matrix product P·W.

    Attributes:
        geometry: the sizes and hyper-parameters, some of them symbols.

    Source: Chellapilla, Puri & Simard 2006, section 2.1.

    Examples:
        >>> u = UnrolledAnySize(Geometry(("H", "W"), ("A", "B")))
        >>> u.patch_matrix.shape
        ((-A + H + 1)*(-B + W + 1), A*B)
        >>> u.patch_matrix[0, 1]
        x[floor(1/B), Mod(1, B)]
        >>> bool(u.prove())
        True
    """

    geometry: Geometry

    def patch_entry(self, row: Any, column: Any) -> sympy.Expr:
        """The entry of P in a row and column, as a formula over x; see ``symconv.index_formula``.

        Args:
            row: an output position's number, as an int, a name or an expression.
            column: a tap's number, likewise.

        Examples:
            >>> UnrolledAnySize(Geometry("n", "k", stride="s")).patch_entry("r", "q")
            x[q + r*s]
        """
        return patch_entry(self.geometry, row, column)

    def weight_entry(self, column: Any, filter_: Any) -> sympy.Expr:
        """The entry of W in a row (a column of P) and a column, as a formula over w.

        Args:
            column: a tap's number, as an int, a name or an expression.
            filter_: a filter's number, likewise.

        Examples:
            >>> UnrolledAnySize(Geometry("n", "k", out_channels="F")).weight_entry("q", "f")
            w[f, 0, q]
        """
        return weight_entry(self.geometry, column, filter_)

    @property
    def patch_matrix(self) -> sympy.FunctionMatrix:
        """P, of shape (N·L, C·KH·KW), both formulas; an entry is made when it is asked for."""
        return self._matrix(self.geometry.patch_matrix_shape, ("r", "q"), self.patch_entry)

    @property
    def weight_matrix(self) -> sympy.FunctionMatrix:
        """W, of shape (C·KH·KW, F), both formulas; an entry is made when it is asked for."""
        return self._matrix(self.geometry.weight_matrix_shape, ("q", "f"), self.weight_entry)

    @property
    def product(self) -> sympy.MatMul:
        """Y = P·W, without the bias; an entry is a sum over the columns of P."""
        return sympy.MatMul(self.patch_matrix, self.weight_matrix)

    def prove(self) -> TheoremProof:
        """Prove that P·W is the loop formula, for every size that the symbols may have.

        Examples:
            >>> UnrolledAnySize(Geometry("n", "k")).prove().tier
            <Tier.EVERY_SIZE: 'every size'>
        """
        proof = prove(self.geometry)
        assert isinstance(proof, TheoremProof)  # noqa: S101 (the geometry has symbols)
        return proof

    def latex(self, part: str = "entries") -> str:
        r"""LaTeX of the layer, for display mathematics.

        Args:
            part: ``"entries"`` (one entry of P and of W), ``"patches"`` or ``"weights"`` (one of them),
                ``"sizes"`` (output size and the shapes of P and W).

        Raises:
            RequestError: there is no such part.

        Examples:
            >>> print(UnrolledAnySize(Geometry("n", "k", stride="s")).latex("patches"))
            P_{r,q} = {x}_{q + r s}
        """
        r, q, f = (self._free(name) for name in "rqf")
        lines = {
            "patches": [rf"P_{{{r},{q}}} = {sympy.latex(self.patch_entry(r, q))}"],
            "weights": [rf"W_{{{q},{f}}} = {sympy.latex(self.weight_entry(q, f))}"],
        }
        g = self.geometry
        shapes = {"P": g.patch_matrix_shape, "W": g.weight_matrix_shape}
        lines["entries"] = lines["patches"] + lines["weights"]
        lines["sizes"] = [rf"\text{{output size}} = {_times(g.output_size)}"]
        lines["sizes"] += [rf"{name} \in \mathbb{{R}}^{{{_times(shape)}}}" for name, shape in shapes.items()]
        if part not in lines:
            raise RequestError(
                f"part={part!r} is unknown for a layer of any size: use one of {', '.join(lines)}"
            )
        if len(lines[part]) == 1:
            return lines[part][0]
        rows = " \\\\\n".join(
            line.replace(" = ", " &= ", 1).replace(r" \in ", r" &\in ") for line in lines[part]
        )
        return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"

    def _free(self, name: str) -> str:
        """A letter for an index that no size has."""
        taken = {symbol.name for symbol in self.geometry.symbols}
        return next(n for n in (name, *(f"{name}_{i}" for i in range(len(taken) + 1))) if n not in taken)

    def __repr__(self) -> str:
        (rows, taps), (_, filters) = self.geometry.patch_matrix_shape, self.geometry.weight_matrix_shape
        symbols = ", ".join(map(str, self.geometry.symbols))
        return f"Unrolled: P ({rows} × {taps}) · W ({taps} × {filters}), for every {symbols}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    @staticmethod
    def _matrix(shape: Any, names: tuple[str, str], entry: Callable[[Any, Any], Any]) -> sympy.FunctionMatrix:
        places = [sympy.Dummy(name, integer=True, nonnegative=True) for name in names]
        return sympy.FunctionMatrix(*shape, sympy.Lambda(tuple(places), entry(*places)))


def _times(sizes: Any) -> str:
    return r" \times ".join(sympy.latex(n) if isinstance(n, sympy.Expr) else str(n) for n in sizes)


@prove.register
def _(u: UnrolledAnySize) -> TheoremProof:
    return u.prove()


@latex.register
def _(u: UnrolledAnySize, part: str = "entries", **options: Any) -> str:
    return u.latex(part, **options)
