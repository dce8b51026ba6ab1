"""The fourth study of docs/accuracy.md: how far each effect of real lenses, sheets and cameras moves the offset.

python docs/studies/lens_reality.py

About five minutes on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from simulated import EFFECTS, stamp

from backfocus.verify.simulate import Exposure, Lens, SheetPose
from backfocus.verify.simulate.study import StudyResult, StudyShot, run_study

SETUPS = ((85.0, 1.8, 2200.0), (50.0, 2.8, 1250.0))
OFFSET_MM = 8.0
DIRECTION_DEG = 60.0
"""Of motion and shadow: along neither side of the sheet."""
CLEAN = ("none", "")
RESULT = Path(__file__).parent / "results" / "lens_reality.md"
HEAD = """## What real lenses, sheets and cameras do

{stamp} One effect at a time, half and full strength; 24 MP JPEGs of quality 90, A4 at 45°, offset +8 mm, 1 % noise; 85 mm f/1.8
at 2.2 m (DOF {first:.0f} mm) and 50 mm f/2.8 at 1.25 m (DOF {second:.0f} mm). Moved: the error, less that of the photo without any
effect. Spherical aberration makes a truth of its own: the plane of the least rms radius, see `verify/simulate/scene.py`; that of
longitudinal colour is that of the brightness in JPEG files. `python docs/studies/lens_reality.py`

| effect | strength | 85 mm: moved | half width | findings | 50 mm: moved | half width | findings |
|---|---|---|---|---|---|---|---|"""


def shots() -> dict[tuple[str, str], list[StudyShot]]:
    """Return the shots with both lenses by effect and strength."""
    plain = [
        StudyShot(
            OFFSET_MM, SheetPose(45.0, 1.5, -1.0, distance), Lens(focal, f_number), exposure=Exposure(), seed=8
        )
        for focal, f_number, distance in SETUPS
    ]
    found = {CLEAN: plain}
    for effect in EFFECTS:
        for strength in (-1.0, -0.5, 0.5, 1.0) if effect.signed else (0.5, 1.0):
            sign = ("-" if strength < 0 else "+") if effect.signed else ""
            name = ("half of " if abs(strength) < 1 else "") + sign + effect.full
            found[effect.name, name] = [effect.add(shot, strength, DIRECTION_DEG) for shot in plain]
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    cases = shots()
    results = run_study(shot for pair in cases.values() for shot in pair)
    rows = {case: [next(results) for _ in pair] for case, pair in cases.items()}
    clean = rows[CLEAN]
    first, second = (result.depth_of_field_mm for result in clean)
    lines = [HEAD.format(stamp=stamp(), first=first, second=second)]
    for (effect, strength), pair in rows.items():
        cells = (_cells(result, reference) for result, reference in zip(pair, clean, strict=True))
        lines.append(f"| {effect} | {strength} | {' | '.join(cells)} |")
    RESULT.write_text("\n".join(lines) + "\n")


def _cells(result: StudyResult, clean: StudyResult) -> str:
    codes = ", ".join(
        f"**{found.code}**" if found.severity == "critical" else found.code for found in result.measurement.findings
    )
    if result.error_mm is None or clean.error_mm is None:
        return f"{result.measurement.status} | | {codes}"
    moved = result.error_mm - clean.error_mm
    wrong = " **silently wrong**" if result.silently_wrong else ""
    return f"{moved:+.2f} mm{wrong} | ±{result.half_width_mm:.2f} mm | {codes}"


if __name__ == "__main__":
    main()
