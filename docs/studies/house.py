"""How the code is cut: files, folders, lines, small files, and how many files measuring one photo enters.

python docs/studies/house.py CHECKOUT PHOTO [PYTHON]

CHECKOUT is any version of the project; PYTHON the interpreter of a virtual environment in which that version is
installed, for the last two rows.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tokenize
from pathlib import Path

PACKAGES = ("targets", "verify", "cli", "web")
SMALL = 60
TRACED = """
import sys, threading
from backfocus.verify import measure
entered, functions = set(), set()
def note(frame, event, argument):
    code = frame.f_code
    if "backfocus" in code.co_filename and code.co_name not in ("<module>", "<lambda>"):
        entered.add(code.co_filename)
        functions.add((code.co_filename, code.co_qualname))
sys.setprofile(note)
measure(sys.argv[1])
sys.setprofile(None)
print(len(entered), len(functions))
"""


def product(checkout: Path) -> list[Path]:
    """Modules of the product, those that hold more than a docstring first of all."""
    return [file for package in PACKAGES for file in sorted((checkout / package).rglob("*.py"))]


def lines_of_code(text: str) -> int:
    """Lines that are not blank, comment, docstring or import."""
    code: set[int] = set()
    logical: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            told = logical[0].string in ("import", "from") or all(part.type == tokenize.STRING for part in logical)
            if not told:
                code.update(line for part in logical for line in range(part.start[0], part.end[0] + 1))
            logical = []
        elif token.type not in (
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.INDENT,
            tokenize.DEDENT,
            tokenize.ENDMARKER,
        ):
            logical.append(token)
    return len(code)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("python", nargs="?", default=sys.executable)
    told = parser.parse_args()
    files = product(told.checkout)
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    lines = {file: len(text.splitlines()) for file, text in texts.items()}
    modules = [file for file in files if file.name != "__init__.py"]
    entered, functions = subprocess.run(
        [told.python, "-c", TRACED, str(told.photo.resolve())], capture_output=True, text=True, check=True
    ).stdout.split()
    longest = max(files, key=lambda file: lines[file])
    for name, number in (
        ("files", len(files)),
        ("folders", len({file.parent for file in files})),
        ("lines", sum(lines.values())),
        ("lines without blanks, comments, docstrings and imports", sum(map(lines_of_code, texts.values()))),
        ("modules", len(modules)),
        (f"modules under {SMALL} lines", sum(lines[file] < SMALL for file in modules)),
        (f"longest file, {longest.relative_to(told.checkout)}", lines[longest]),
        ("files that measuring the photo enters", entered),
        ("functions that it enters", functions),
    ):
        print(f"| {name} | {number} |")


if __name__ == "__main__":
    main()
