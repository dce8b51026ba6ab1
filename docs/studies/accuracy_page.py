"""Makes docs/accuracy.md from the results that the studies have left in docs/studies/results/.

python docs/studies/accuracy_page.py
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
ORDER = (
    "accuracy_grid",
    "random_photos",
    "efficiency",
    "lens_reality",
    "hard_photos",
    "hard_photos_unseen",
    "folded_cards",
    "raw_photos",
    "print_scans",
    "plan_check",
    "tuning_series",
    "scoring",
    "fuzz",
    "speed",
)
HEAD = """# Accuracy

How good the numbers are, measured. Every section is the output of a script in `docs/studies/` that anyone can run
again; `python docs/studies/accuracy_page.py` joins them to this page. All photos here come from the virtual camera
(`verify/simulate/`), which shares no geometry or blur code with the reader. **Not tried: photos of real cameras**,
whose lenses, processing and prints differ from any simulation. What aberrations of real lenses do to such a measurement, and a way to
follow them that the program does not use yet, is in [a study of contrast](studies/results/contrast.md).

Depth of field (DOF) is the whole one, with a circle of confusion of the sensor's diagonal / 1500. Error is measured
minus true offset.
"""


def main() -> None:
    parts = [path.read_text() for name in ORDER if (path := HERE / "results" / f"{name}.md").exists()]
    (HERE.parent / "accuracy.md").write_text("\n".join([HEAD, *parts]))


if __name__ == "__main__":
    main()
