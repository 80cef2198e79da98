"""The first wrong cell as HTML and as LaTeX: two sums, their differing terms marked."""

from typing import Any

import sympy

from symconv.show.figure import entry
from symconv.tracing.compare import WrongCell

_MOST_TERMS = 12


def marked_terms(total: sympy.Expr, only_here: sympy.Expr) -> list[tuple[sympy.Expr, bool]]:
    """The terms of a sum, each with whether it is one that the other sum has not, or not as often.

    Of a long sum those that are marked come first, and the rest is left out.

    Examples:
        >>> a, b, c = sympy.symbols("a b c")
        >>> marked_terms(a * b + c, sympy.Integer(2) * c)
        [(c, True), (a*b, False)]
    """
    odd = {_monomial(term) for term in sympy.Add.make_args(only_here)}
    terms = [(term, _monomial(term) in odd) for term in sympy.Add.make_args(total)]
    return sorted(terms, key=lambda pair: not pair[1])[:_MOST_TERMS] if len(terms) > _MOST_TERMS else terms


def sums_table(wrong: WrongCell) -> str:
    """The two sums as an HTML table."""
    line = f", line {wrong.place[1]}" if wrong.place else ""
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td>{_html_sum(total, only_here)}</td></tr>'
        for name, total, only_here in (
            ("your function", wrong.function, wrong.only_in_function),
            ("loop formula", wrong.definition, wrong.only_in_definition),
        )
    )
    return (
        f"<table><caption>first wrong cell: output{list(wrong.cell)}{line}</caption>"
        f"<tbody>{rows}</tbody></table>"
    )


def sums_latex(wrong: WrongCell) -> str:
    """The two sums for display mathematics, the differing terms underlined."""
    cell = rf"y_{{{','.join(map(str, wrong.cell))}}}"
    function = _latex_sum(wrong.function, wrong.only_in_function)
    definition = _latex_sum(wrong.definition, wrong.only_in_definition)
    return "\n".join(
        [
            r"\begin{aligned}",
            rf"\text{{your function: }} {cell} &= {function} \\",
            rf"\text{{loop formula: }} {cell} &= {definition}",
            r"\end{aligned}",
        ]
    )


def _monomial(term: sympy.Expr) -> sympy.Expr:
    """A term without its coefficient; a number itself."""
    factors: Any = term.as_coeff_Mul()[1]
    return term if factors == 1 else factors


def _html_sum(total: sympy.Expr, only_here: sympy.Expr) -> str:
    terms = marked_terms(total, only_here)
    shown = []
    for term, odd in terms:
        minus = term.could_extract_minus_sign()
        text = " ".join(map(entry, sympy.Mul.make_args(-term if minus else term)))
        shown.append(("− " if minus else "+ ") + (f"<mark>{text}</mark>" if odd else f"<span>{text}</span>"))
    more = len(sympy.Add.make_args(total)) - len(terms)
    return " ".join([*shown, f"+ … ({more} more)"] if more else shown).removeprefix("+ ")


def _latex_sum(total: sympy.Expr, only_here: sympy.Expr) -> str:
    terms = marked_terms(total, only_here)
    shown = [rf"\underline{{{sympy.latex(t)}}}" if odd else sympy.latex(t) for t, odd in terms]
    more = len(sympy.Add.make_args(total)) > len(terms)
    return " + ".join([*shown, r"\cdots"] if more else shown).replace("+ -", "- ")
