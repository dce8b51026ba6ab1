"""The command line: joins the commands, and turns errors into one line and an exit code (`targets/errors.py`)."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

__all__ = ["cli", "main"]
COMMANDS = {
    "app": ("app.app", "Open the page that goes from the printed chart to the number to dial."),
    "demo": ("measure.demo", "Make a chart, take a simulated photo of it, measure it, say what to dial."),
    "chart": ("print.chart", "Make a chart to print: a PDF with the chart and a page on how to set it up."),
    "measure": ("measure.measure_command", "Measure how far in front of or behind the AF mark the lens focused."),
    "tune": ("tune.tune_command", "Tell from many shots what to dial in, or that nothing needs it."),
    "history": (
        "tune.history",
        "List earlier results of `backfocus tune` by body and lens, the latest check first.",
    ),
    "score": (
        "folder.score_command",
        "Measure every photo in a folder and the folders within it, and write a table.",
    ),
    "watch": (
        "folder.watch_command",
        "Measure photos as they arrive in a folder, with a running mean and scatter of every chart.",
    ),
    "pack": (
        "pack.pack",
        "Make numbered charts for a workshop: one PDF with a cover sheet, and a list of who has which chart.",
    ),
    "report": ("folder.report", "Make one page of results: the answer, plots, photos, findings with remedies."),
    "check-print": (
        "print.check_print",
        "Measure a printed chart's scale, skew and sharpness on a flatbed scan, or its scale with a ruler.",
    ),
    "plan": ("plan.plan_command", "Plan a test: the chart to print, the distance, and how precise it will be."),
    "cameras": (
        "plan.cameras",
        "Show what is known of AF fine-tune on each maker's cameras, or of one maker or model, with sources.",
    ),
    "validate": (
        "measure.validate",
        "Repeat the study of accuracy on this machine: simulated photos drawn at random, measured.",
    ),
}
"""Command to its place in this package, which is loaded when the command is used, and what --help says of it."""
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
        module, name = COMMANDS[cmd_name][0].split(".")
        command: click.Command = getattr(importlib.import_module(f"backfocus.cli.{module}"), name)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them: all of them take a tenth of a second."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])

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
