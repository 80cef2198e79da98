"""The author's block about a form of a convolution: its name, what it is made of, and what to show of it."""

from dataclasses import dataclass
from typing import Any

from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.form_parts.catalogue import FORMS
from symconv.lesson.form_parts.form import Form
from symconv.lesson.words import meant, read_caption


@dataclass(frozen=True)
class FormBlock:
    """A block about a form as read.

    Attributes:
        name: the form's.
        form: what it takes and what can be shown of it.
        subject: what the form made of the block's values; it can be proved.
        show: the parts to show, in the author's order.
        caption: plain text beneath the figure, or empty.
        choice: what the reader chose to get this variant: (key, value) pairs.
    """

    name: str
    form: Form
    subject: Any
    show: tuple[str, ...]
    caption: str
    choice: tuple[tuple[str, str], ...] = ()

    @property
    def geometry(self) -> Geometry | None:
        """The layer whose matrices the form makes; None if it makes none."""
        return getattr(self.subject, "geometry", None)


def known_form(name: Any) -> Form:
    """The form of a name.

    Raises:
        BlockError: there is none of that name.

    Examples:
        >>> known_form("winograd").default
        ('steps', 'proof')
    """
    if not isinstance(name, str) or name not in FORMS:
        raise BlockError(f"form={name!r} is unknown: {meant(str(name), tuple(FORMS))}")
    return FORMS[name]


def read_form_block(values: dict[str, Any], show: tuple[str, ...]) -> FormBlock:
    """The block from its values, without choices.

    Args:
        values: the block's keys with their text.
        show: the parts to show, already read; empty for what goes without saying.

    Raises:
        SymconvError: what is wrong, in one sentence that says what to write instead.

    Examples:
        >>> read_form_block({"form": "winograd", "outputs": "2", "taps": "3"}, ()).show
        ('steps', 'proof')
    """
    form = known_form(values["form"])
    given = {key: value for key, value in values.items() if key in form.keys}
    shown = show or form.default
    subject = form.read(given, shown)
    return FormBlock(values["form"], form, subject, shown, read_caption(values))
