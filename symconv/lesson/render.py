"""A block as HTML: a figure of its parts, with the reader's choice and the LaTeX; text is escaped."""

from html import escape

from symconv.lesson.block import Block
from symconv.lesson.exercise_block import ExerciseBlock
from symconv.lesson.exercise_figure import exercise_parts
from symconv.lesson.form_block import FormBlock
from symconv.lesson.form_figure import form_parts
from symconv.lesson.layer_figure import layer_parts
from symconv.lesson.repl.block_script import block_script
from symconv.lesson.theorem_block import TheoremBlock
from symconv.lesson.theorem_figure import theorem_parts


def render(blocks: list[Block]) -> str:
    """The HTML of what ``read_block`` returned.

    Raises:
        BlockError: the proof failed, so there is nothing true to show.
    """
    if len(blocks) == 1:
        return _figure(blocks[0], *_parts(blocks[0]))
    selects = []
    for position, (key, _) in enumerate(blocks[0].choice):
        values = list(dict.fromkeys(b.choice[position][1] for b in blocks))
        options = "".join(f"<option>{escape(v)}</option>" for v in values)
        selects.append(f"<label>{escape(key)} <select>{options}</select></label>")
    variants = [_variant(block, hidden=block is not blocks[0]) for block in blocks]
    return _figure(blocks[0], f'<div class="symconv-choice">{"".join(selects)}</div>{"".join(variants)}')


def _variant(block: Block, hidden: bool) -> str:
    """What one choice of the reader shows."""
    chosen = "|".join(value for _, value in block.choice)
    words = ", ".join(f"{key} {value}" for key, value in block.choice)
    return (
        f'<div class="symconv-variant" data-choice="{escape(chosen)}"{" hidden" if hidden else ""}>'
        f'<p class="symconv-chosen">{escape(words)}</p>{"".join(_parts(block))}</div>'
    )


def _figure(block: Block, content: str, source: str = "") -> str:
    caption = f"<figcaption>{escape(block.caption)}</figcaption>" if block.caption else ""
    return f'<figure class="symconv" data-search-exclude>{content}{caption}{source}</figure>'


def _parts(block: Block) -> tuple[str, str]:
    """The parts of one block, and the LaTeX of all of them and their Python, folded away."""
    if isinstance(block, TheoremBlock):
        whole, latex = theorem_parts(block)
    elif isinstance(block, FormBlock):
        whole, latex = form_parts(block)
    elif isinstance(block, ExerciseBlock):
        whole, latex = exercise_parts(block)
    else:
        whole, latex = layer_parts(block)
    script = block_script(block)
    sources = {"LaTeX": "\n\n".join(latex), "Python": script.text() if script else ""}
    folded = "".join(_source(name, text) for name, text in sources.items() if text)
    return whole, f'<div class="symconv-sources">{folded}</div>' if folded else ""


def _source(name: str, text: str) -> str:
    """What a figure is made of, folded away, under the theme's copy button or ours."""
    return (
        f'<details class="symconv-source"><summary>{name}</summary>'
        f'<div class="highlight"><pre><code>{escape(text, quote=False)}</code></pre></div></details>'
    )
