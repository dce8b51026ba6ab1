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
again, and says when and at which commit that was; `python docs/studies/accuracy_page.py` joins them to this page. All were made
with the present charts, but "Folders of photos", which is about rate and memory. No lens in the virtual camera
(`verify/simulate/`) is the judge of the measure: that are the traced lenses, and edges of real cameras.

What is open: through lenses without errors the median error is 1.26 of its limit and the 95th percentile 1.85 (up to 30 focal lengths 0.83
and 1.18), since the Cramér-Rao bound of the present charts, grey near the mark and with edges of two directions, is twice as wide as that of all-black ones.
Through traced lenses at f/1.4 to f/1.5 a third of the photos is not trusted, and half widths are twice what the errors need. More than half of the photos
with a moving camera are not trusted. Double exposures whose shots were focused less than a third of the DOF apart are mostly trusted, with a plane between the
two: no limit on the shape of edges parts them from single shots. Pictures without a colour mosaic, which no usual camera makes, get the lead
for colours that a mosaic has lost all the same where the lens has errors, and intervals of lateral colour and field curvature miss there. Pictures without
colours cannot show whether the lens has any, and are taken as of an ideal lens where blur and contrast agree. Strong noise reduction is mostly refused, at times
as a picture of two shots. JPEG files of quality 35 and less are mostly refused. Two tests state what is not kept, and are marked as expected to fail.

How the measure came about is in [a study of contrast](studies/results/contrast.md).

Depth of field (DOF) is the whole one, with a circle of confusion of the sensor's diagonal / 1500. Error is measured
minus true offset.
"""


def main() -> None:
    parts = [path.read_text() for name in ORDER if (path := HERE / "results" / f"{name}.md").exists()]
    (HERE.parent / "accuracy.md").write_text("\n".join([HEAD, *parts]))


if __name__ == "__main__":
    main()
