"""Simulated flatbed scans of prints that the printer scaled, stretched and skewed: what check-print makes of them.

python docs/studies/print_scans.py [SCANS] [SEED]

42 scans take about three minutes.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from simulated import seeded_parser, stamp

from backfocus.targets import build_chart
from backfocus.targets.designs import BUILDERS
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.prints.check import PrintCheck
from backfocus.verify.prints.scan import check_scan
from backfocus.verify.simulate import Print, SheetRaster, rasterise_pdf
from backfocus.verify.simulate.scanner import PrintedPage, Scanner, save_scan, scan

SEED = 5
GAINS_MM = (-0.02, 0.0, 0.02, 0.04, 0.06, 0.08)
SCALE_LIMIT, SKEW_LIMIT_DEG = 0.001, 0.05
SHEETS = [(design, paper) for design in BUILDERS for paper in ("a4", "letter")]
RESULT = Path(__file__).parent / "results" / "print_scans.md"
HEAD = """## Simulated scans of prints

{stamp} {count} scans, seed {seed}: 300 and 600 dpi, A4 and Letter, designs {designs}; printed at 92 % to 102 %, width and height up to
1 % apart, skew up to ±0.5°, ink softness 0.02 to 0.1 mm, ink gain -0.02 to 0.08 mm; laid on the glass up to 5° askew, every other
one upside down; optics' blur 0.01 to 0.06 mm, noise 0.2 to 2 %, JPEG quality 70 to 95 or PNG. The scanner's own scale is without
error here; `check-print` adds 0.1 % (standard error) for it. `python docs/studies/print_scans.py {count} {seed}`

| scans | number | measured | scale: median error | scale: largest error | limit | skew: median error | skew: largest error | limit | edge blur: largest error | ink gain: largest error |
|---|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Case:
    sheet: tuple[str, str]
    page: PrintedPage
    scanner: Scanner
    jpeg_quality: int | None
    seed: int


@dataclass(frozen=True)
class Outcome:
    case: Case
    check: PrintCheck

    def scale_error(self) -> float:
        found = self.check.calibration
        assert found is not None
        page = self.case.page
        return max(abs(found.scale_x / page.scale_x - 1.0), abs(found.scale_y / page.scale_y - 1.0))

    def skew_error_deg(self) -> float:
        assert self.check.calibration is not None
        return abs(math.degrees(self.check.calibration.skew_rad) - self.case.page.skew_deg)

    def blur_error_mm(self) -> float:
        assert self.check.edges is not None
        # The ink is softened before the page is scaled.
        ink_mm = self.case.page.ink.softness_mm * math.sqrt(self.case.page.scale_x * self.case.page.scale_y)
        return abs(self.check.edges.blur_mm - math.hypot(ink_mm, self.case.scanner.blur_mm))

    def gain_error_mm(self) -> float:
        assert self.check.page_map is not None
        return abs(self.check.page_map.ink_gain_mm - self.case.page.ink.gain_mm)


def cases(count: int, seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [_case(number, rng) for number in range(count)]


def _case(number: int, rng: np.random.Generator) -> Case:
    scale, stretch = rng.uniform(0.92, 1.02), rng.uniform(-0.005, 0.005)
    page = PrintedPage(
        scale_x=scale * (1 + stretch),
        scale_y=scale * (1 - stretch),
        skew_deg=rng.uniform(-0.5, 0.5),
        ink=Print(softness_mm=rng.uniform(0.02, 0.1), gain_mm=float(rng.choice(GAINS_MM))),
    )
    scanner = Scanner(
        dpi=(300.0, 600.0)[number // len(SHEETS) % 2],
        rotation_deg=rng.uniform(-5.0, 5.0) + 180.0 * (number % 2),
        blur_mm=rng.uniform(0.01, 0.06),
        noise=rng.uniform(0.002, 0.02),
    )
    jpeg_quality = int(rng.integers(70, 96)) if rng.random() < 0.5 else None
    return Case(SHEETS[number % len(SHEETS)], page, scanner, jpeg_quality, number)


@lru_cache(maxsize=8)
def raster(sheet: tuple[str, str]) -> SheetRaster:
    design, paper = sheet
    return rasterise_pdf(pdf_bytes(build_chart(design, paper)))


def run(case: Case, folder: Path) -> Outcome:
    codes = scan(raster(case.sheet), case.page, case.scanner, case.seed)
    name = "scan.jpg" if case.jpeg_quality else "scan.png"
    path = save_scan(folder / name, codes, case.scanner.dpi, case.jpeg_quality or 90)
    return Outcome(case, check_scan(path))


def main(count: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [run(case, Path(folder)) for case in cases(count, seed)]
    groups: dict[str, Callable[[Case], bool]] = {
        "all": lambda _: True,
        "300 dpi": lambda case: case.scanner.dpi == 300.0,
        "600 dpi": lambda case: case.scanner.dpi == 600.0,
        "JPEG": lambda case: case.jpeg_quality is not None,
        "PNG": lambda case: case.jpeg_quality is None,
    } | {design: lambda case, design=design: case.sheet[0] == design for design in BUILDERS}
    designs = ", ".join(f"`{design}`" for design in BUILDERS)
    lines = [HEAD.format(stamp=stamp(), count=count, seed=seed, designs=designs)]
    lines += [_row(name, [each for each in outcomes if chosen(each.case)]) for name, chosen in groups.items()]
    refused = [each for each in outcomes if each.check.status == "refused"]
    codes = sorted({found.code for each in refused for found in each.check.findings})
    lines.append(f"\nNot measured: {len(refused)} ({', '.join(codes) or 'none'}).")
    RESULT.write_text("\n".join(lines) + "\n")


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    measured = [each for each in outcomes if each.check.status == "measured"]
    scale = [each.scale_error() for each in measured]
    skew = [each.skew_error_deg() for each in measured]
    return (
        f"| {name} | {len(outcomes)} | {len(measured)} "
        f"| {np.median(scale):.4%} | {max(scale):.4%} | {SCALE_LIMIT:.1%} "
        f"| {np.median(skew):.4f}° | {max(skew):.4f}° | {SKEW_LIMIT_DEG}° "
        f"| {max(each.blur_error_mm() for each in measured):.3f} mm "
        f"| {max(each.gain_error_mm() for each in measured):.3f} mm |"
    )


if __name__ == "__main__":
    wanted = seeded_parser(__doc__, "scans", 42, SEED).parse_args()
    main(wanted.scans, wanted.seed)
