"""The command line: joins the commands, and turns errors into one line and an exit code (`targets/errors.py`)."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

COMMANDS = {
    "demo": "measure.demo",
    "chart": "print.chart",
    "measure": "measure.measure_command",
    "tune": "tune.tune_command",
    "history": "tune.history",
    "score": "folder.score_command",
    "watch": "folder.watch_command",
    "pack": "pack.pack",
    "report": "folder.report",
    "check-print": "print.check_print",
    "plan": "plan.plan_command",
    "cameras": "plan.cameras",
    "validate": "measure.validate",
}
"""Command to the module in this package that holds it; modules are loaded when their command is used."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
"""Told to NumPy before it is loaded: each thread that it starts spins for 30 ms. Why one: `verify/threads.py`."""


class LazyCommands(click.Group):
    """A group that loads a command's module only when the command is used, so that --help is instant."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a new user meets them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(".")
        command: click.Command = getattr(importlib.import_module(f"backfocus.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what its user can mend ends it with one line and the exit code that goes with it."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Only here: `--help` needs none of the package that the errors stand in.
            from backfocus.targets.errors import UserError, printable

            if not isinstance(error, UserError):
                raise
            click.ClickException(printable(str(error))).show()
            ctx.exit(error.exit_code)


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backfocus", prog_name="backfocus")
def cli() -> None:
    """Measure front and back focus from one photo of a printed chart.

    \b
    Print a chart:     backfocus chart flat --paper a4 -o chart.pdf
    Measure a photo:   backfocus measure IMG_0001.JPG
    See it all work:   backfocus demo
    """


def main() -> None:
    """Run the command line and exit with its code."""
    os.environ.update(ONE_THREAD)
    for stream in (sys.stdout, sys.stderr):
        # On Windows a pipe takes only the letters of one alphabet; a photo's name may have others.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        # Not click's own way out, whose exit code for an interrupt is that of a bug.
        exit_code = cli.main(prog_name="backfocus", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        from backfocus.targets.errors import ExitCode

        click.echo("Interrupted.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say, and flushing at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(exit_code if isinstance(exit_code, int) else 0)
