"""Every example in the Markdown pages is run: what the README and the docs show is what happens."""

from doctest import NORMALIZE_WHITESPACE

from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser


class SessionParser(PythonCodeBlockParser):
    """Finds the interactive sessions, which Markdown calls ``pycon``."""

    def __init__(self) -> None:
        super().__init__(doctest_optionflags=NORMALIZE_WHITESPACE)
        self.codeblock_parser = CodeBlockParser("pycon", PythonEvaluator())


pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser(), SessionParser()], patterns=["*.md"]).pytest()
