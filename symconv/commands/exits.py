"""How a command ends that answers yes, no, or neither."""

import click

EXIT = {True: 0, False: 1, None: 2}


class CannotTellError(click.ClickException):
    """A command that could not answer: the status for no would say that something is wrong."""

    exit_code = EXIT[None]
