"""The forms that a block can be about, by name: a module of this room, and a line here."""

from symconv.lesson.form_parts.form import Form
from symconv.lesson.form_parts.winograd import WINOGRAD

FORMS: dict[str, Form] = {
    "winograd": WINOGRAD,
}
