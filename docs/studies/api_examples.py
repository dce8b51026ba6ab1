"""Makes web/examples.json, the examples of the API's description, from what the API answers to two of the samples.

python docs/studies/api_examples.py
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

SAMPLES = Path(__file__).parents[2] / "printed_samples"
HOME = "http://127.0.0.1:8472"
NOT_OURS = {"id": "b63bbb80b7d835dd", "created": "2026-11-27T13:08:57+00:00"}
"""What is another each time, so that the file changes only where the program does."""


def examples() -> dict[str, Any]:
    """Return one answer of each kind."""
    from backfocus.web.app import build_app
    from backfocus.web.guard import Access

    with TestClient(build_app(Access(8472), jobs=1), base_url=f"{HOME}/api/v1", client=("127.0.0.1", 1)) as api:

        def sent(where: str) -> Any:
            content = (SAMPLES / "back-focus.jpg").read_bytes()
            return api.post(where, files={"photo": ("IMG_0001.JPG", content)}, data={"setting": "0"}).json()

        series = api.post("/series").json()
        at = f"/series/{series['id']}"
        photo = sent(f"{at}/photos")
        return {
            "measurement": sent("/measure"),
            "series": {name: api.get(at).json()[name] for name in series} | NOT_OURS,
            "photo": photo,
            "answer": api.get(f"{at}/answer").json() | {"date": NOT_OURS["created"]},
            "row": json.loads(api.get(f"{at}/table").text.splitlines()[0]),
            "cameras": api.get("/cameras?name=Nikon D850").json(),
        }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BACKFOCUS_DATA"] = folder
        text = json.dumps(examples(), indent=1, ensure_ascii=False) + "\n"
    (Path(__file__).parents[2] / "web" / "examples.json").write_text(text, encoding="utf-8")
