"""The forms that a block can be about, by name: a module of this room, and a line here."""

from symconv.lesson.form_parts.channels import POINTWISE, SEPARABLE
from symconv.lesson.form_parts.form import Form
from symconv.lesson.form_parts.fourier import FOURIER
from symconv.lesson.form_parts.gradients import GRADIENTS
from symconv.lesson.form_parts.layouts import LAYOUT
from symconv.lesson.form_parts.reductions import POLYPHASE, SUBLATTICES
from symconv.lesson.form_parts.toeplitz import TOEPLITZ
from symconv.lesson.form_parts.transposed import TRANSPOSED
from symconv.lesson.form_parts.winograd import WINOGRAD

FORMS: dict[str, Form] = {
    "toeplitz": TOEPLITZ,
    "gradients": GRADIENTS,
    "transposed": TRANSPOSED,
    "winograd": WINOGRAD,
    "fourier": FOURIER,
    "layouts": LAYOUT,
    "polyphase": POLYPHASE,
    "sublattices": SUBLATTICES,
    "separable": SEPARABLE,
    "pointwise": POINTWISE,
}
