"""Makes docs/accuracy.md from the results that the studies have left in docs/studies/results/.

python docs/studies/accuracy_page.py
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
ORDER = (
    "traced_photos",
    "random_photos",
    "folded_cards",
    "turned_photos",
    "edited_pictures",
    "kinds_of_cases",
    "real_sweep",
    "phone_checkerboard",
    "alike",
    "accuracy_grid",
    "efficiency",
    "lens_reality",
    "hard_photos",
    "hard_photos_unseen",
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
again; `python docs/studies/accuracy_page.py` joins them to this page. **Photos through traced lenses, at random and of
folded cards were made with today's charts and measure. The sections from "Lenses and distances" on were made with an
earlier layout of the charts, whose edges were black and ran in one direction, and an earlier measure; they have not been
made again, but for efficiency, what real lenses do, and series.** Where a lens has no errors at all, as in the virtual camera (`verify/simulate/`), that one was more precise.

What is open: through lenses without errors the median error is 1.26 of its limit and the 95th percentile 1.85 (up to 30 focal lengths 0.83
and 1.18), since the Cramér-Rao bound of the present charts is twice as wide as that of the earlier ones, whose edges were all black. Through traced lenses
at f/1.4 to f/1.5 a quarter to half of the photos are not trusted, and half widths are twice what the errors need. More than half of the photos with a moving camera are not trusted. Double exposures whose shots were focused less than a third of
the DOF apart are mostly trusted, with a plane between the two. Pictures without colours cannot show whether the lens has any, and are
taken as of an ideal lens where blur and contrast agree. JPEG files of quality 35 and less are mostly refused. Two tests state what is not
kept, and are marked as expected to fail.

How the measure came about is in [a study of contrast](studies/results/contrast.md).

Depth of field (DOF) is the whole one, with a circle of confusion of the sensor's diagonal / 1500. Error is measured
minus true offset.
"""


def main() -> None:
    parts = [path.read_text() for name in ORDER if (path := HERE / "results" / f"{name}.md").exists()]
    (HERE.parent / "accuracy.md").write_text("\n".join([HEAD, *parts]))


if __name__ == "__main__":
    main()
