"""A form's block as HTML: proved first, then its parts in the author's order."""

from symconv.errors import BlockError, SymconvError
from symconv.lesson.form_block import FormBlock
from symconv.lesson.words import in_the_authors_words


def form_parts(block: FormBlock) -> tuple[str, list[str]]:
    """The parts of a block in the author's order, and the LaTeX of all of them.

    Raises:
        BlockError: the form could not be proved, so there is nothing true to show; or it is too large to.
    """
    try:
        proof = block.subject.prove()
        if not proof:
            raise BlockError(f"this form could not be proved, so it is not shown: {proof!r}")
        shown = [block.form.parts[part](block.subject, proof) for part in block.show]
    except BlockError:
        raise
    except SymconvError as error:
        raise BlockError(in_the_authors_words(str(error))) from error
    return "".join(html for html, _ in shown), [text for _, latex in shown for text in latex]
