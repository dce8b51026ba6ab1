"""Makes docs/schemas/ and the table of columns in docs/scoring.md from the types in web/contract.py and the program.

python docs/studies/schemas.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from backfocus.verify.scoring.columns import COLUMNS
from backfocus.web.contract import schemas

DOCS = Path(__file__).parents[1]
FOLDER, PAGE = DOCS / "schemas", DOCS / "scoring.md"
TABLE = re.compile(r"(?<=<!-- columns -->\n).*?(?=<!-- end of columns -->)", re.DOTALL)


def schema_texts() -> dict[str, str]:
    return {name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in schemas().items()}


def column_table() -> str:
    lines = ["| column | kind | meaning |", "|---|---|---|"]
    lines += [f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in COLUMNS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in schema_texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _: column_table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
