"""How well a series tells the setting, and what following its first line costs: bodies in numbers, for docs/tuning.md.

python docs/studies/tuning_series.py [SERIES] [SEED]

A body has a step and a sign of its own, autofocus that scatters and now and then misses, and backlash. A series is 8 shots
at 0 and 8 at +10 or -10, half of each from near and half from far. 400 series a row take a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from simulated import seeded_parser, stamp

from backfocus.verify.answer import Answer
from backfocus.verify.findings import Findings
from backfocus.verify.lens import circle_of_confusion_mm, depth_of_field_mm, in_focus_range_mm, offset_of_defocus_mm
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.tuning.precision import Setup, floor_px, slope_px_per_mm
from backfocus.verify.tuning.result import SeriesResult
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune

SEED = 41
SHOTS = 8
RESULT = Path(__file__).parent / "results" / "tuning_series.md"
CAMERAS = (
    CameraInfo("NIKON CORPORATION", "NIKON D850", "85mm f/1.4", 85.0, 1.4, 1.4, 35.9),
    CameraInfo("Canon", "Canon EOS 5D Mark IV", "EF85mm f/1.8 USM", 85.0, 1.8, 1.8, 36.0),
    CameraInfo("SONY", "SLT-A99V", "50mm F1.4 ZA SSM", 50.0, 1.4, 1.4, 35.8),
    CameraInfo("PENTAX", "PENTAX K-1", "HD PENTAX-D FA* 85mmF1.4", 85.0, 1.4, 1.4, 35.9),
    CameraInfo("nobody", "unknown to the table", "85mm f/1.4", 85.0, 1.4, 1.4, 36.0),
)
STEP_UM = {"NIKON CORPORATION": 4.0, "Canon": 7.3, "SONY": 5.6}
"""Middle of what is known; bodies differ from it by a fifth (standard deviation of the logarithm)."""
CONTRARY = 0.1
"""Share of bodies whose plus moves focus the other way than the table says."""
MISSES = 0.03
"""Share of shots that miss by 6 to 25 steps."""
MEASURING_SD_MM = 0.15


@dataclass(frozen=True)
class Body:
    """A camera with a lens. `crossing` is the setting at which its error is zero; lengths at the sensor."""

    camera: CameraInfo
    sign: int
    step_um: float
    crossing: float
    scatter_steps: float
    backlash_steps: float


@dataclass(frozen=True)
class Outcome:
    body: Body
    found: SeriesResult

    @property
    def setting(self) -> int | None:
        return None if self.found.advice is None else self.found.advice.setting

    @property
    def within_one(self) -> bool:
        """Within a step of the best whole setting: no dial has others."""
        return self.setting is not None and abs(self.setting - round(self.body.crossing)) <= 1

    @property
    def within_one_of_crossing(self) -> bool:
        return self.setting is not None and abs(self.setting - self.body.crossing) <= 1.0

    @property
    def covered(self) -> bool:
        estimate = self.found.estimate
        return estimate is not None and estimate.ci95[0] <= self.body.crossing <= estimate.ci95[1]

    @property
    def right_sign(self) -> bool:
        estimate = self.found.estimate
        return estimate is not None and estimate.slope is not None and estimate.slope * self.body.sign > 0

    @property
    def inconsistent(self) -> bool:
        return any(finding.code == Findings.INCONSISTENT_AF.code for finding in self.found.findings)

    @property
    def answer(self) -> Answer:
        assert self.found.advice is not None and self.found.advice.answer is not None
        return self.found.advice.answer

    def lost(self, setting: float) -> float:
        """Part of the sharpness (MTF50) that the AF mark lacks at a setting, but for scatter."""
        body = self.body
        lost = self.found.scale.sharpness_lost(body.sign * (setting - body.crossing) * body.step_um)
        assert lost is not None
        return lost

    @property
    def cost(self) -> float:
        """Sharpness lost at the setting that the first line names, over that at the best whole setting."""
        return self.lost(self.answer.setting or 0) - self.lost(round(self.body.crossing))

    @property
    def cost_of_leaving(self) -> float:
        """The same for the setting that the series began with."""
        return self.lost(0) - self.lost(round(self.body.crossing))


def random_body(
    rng: np.random.Generator, scatter: tuple[float, float], contrary: float = CONTRARY, step_sd: float = 0.2
) -> Body:
    """Draw a body; `contrary` is the share that counts the other way, `step_sd` how much steps differ."""
    camera = CAMERAS[rng.integers(len(CAMERAS))]
    usual = -1 if camera.make == "PENTAX" else 1
    sign = -usual if rng.random() < contrary else usual
    if camera.make == "nobody":
        sign = int(rng.choice([-1, 1]))
    reach = 7.0 if camera.make == "PENTAX" else 12.0
    return Body(
        camera,
        sign,
        STEP_UM.get(camera.make or "", 5.0) * float(np.exp(rng.normal(0.0, step_sd))),
        float(rng.uniform(-reach, reach)),
        float(rng.uniform(*scatter)),
        float(rng.uniform(0.0, 2.0)),
    )


def random_series(body: Body, rng: np.random.Generator) -> list[Shot]:
    """8 shots at 0 and 8 at +10 or -10, on the side where the first ones say that zero is."""
    other = 10.0 if body.crossing > 0 else -10.0
    return [shot for setting in (0.0, other) for shot in shots_at(body, setting, SHOTS, rng)]


def shots_at(body: Body, setting: float, count: int, rng: np.random.Generator) -> list[Shot]:
    return [_shot(body, setting, number, rng) for number in range(count)]


def _shot(body: Body, setting: float, number: int, rng: np.random.Generator) -> Shot:
    steps = body.sign * (setting - body.crossing) + rng.normal(0.0, body.scatter_steps)
    steps += body.backlash_steps * (0.5 if number % 2 else -0.5)
    if rng.random() < MISSES:
        steps += rng.choice([-1, 1]) * rng.uniform(6.0, 25.0)
    camera = body.camera
    assert camera.focal_length_mm and camera.f_number and camera.sensor_width_mm
    distance = 20.0 * camera.focal_length_mm
    circle = circle_of_confusion_mm(camera.sensor_width_mm, (6000, 4000))
    offset = offset_of_defocus_mm(camera.focal_length_mm, distance, steps * body.step_um)
    return Shot(
        photo=f"{setting:+g}_{number:03d}.jpg",
        camera=replace(camera, af_setting=setting),
        setting=setting,
        approach="near" if number % 2 else "far",
        offset_mm=offset + rng.normal(0.0, MEASURING_SD_MM),
        offset_sd_mm=MEASURING_SD_MM,
        distance_mm=distance * (1.0 + rng.normal(0.0, 0.001)),
        depth_of_field_mm=depth_of_field_mm(camera.focal_length_mm, camera.f_number, distance, circle),
        in_focus_mm=_in_focus_mm(
            Setup(camera.focal_length_mm, camera.f_number, (camera.sensor_width_mm, 24.0), distance, 6000)
        ),
    )


def _in_focus_mm(setup: Setup) -> tuple[float, float]:
    """What counts as in focus with a good lens, whose blur grows with depth by the thin lens's law."""
    floor, slope, mark_mm = floor_px(setup), slope_px_per_mm(setup), setup.distance_mm
    return in_focus_range_mm(
        lambda depth: np.hypot(floor, slope * (1.0 / mark_mm - 1.0 / (mark_mm + depth)) * mark_mm**2), 0.0, mark_mm
    )


def outcomes(count: int, seed: int, scatter: tuple[float, float]) -> list[Outcome]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        body = random_body(rng, scatter)
        found.append(Outcome(body, tune(random_series(body, rng)).lenses[0].series[0]))
    return found


def usual_outcomes(count: int, seed: int, *, both: bool) -> list[Outcome]:
    """Series of bodies as their makers' tables have them, at 0 and 10 steps away, or at 0 alone."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        body = random_body(rng, USUAL_SCATTER, contrary=0.0, step_sd=0.1)
        shots = random_series(body, rng) if both else shots_at(body, 0.0, SHOTS, rng)
        found.append(Outcome(body, tune(shots).lenses[0].series[0]))
    return found


def share(values: Sequence[bool]) -> float:
    return sum(values) / len(values)


HEAD = """## Series of 8 + 8 shots

{stamp} {count} series a row, seed {seed}, numbers only, no pictures. Bodies of four makers and one that is not in the table; steps that
differ from the maker's by a fifth, a tenth of the bodies with the opposite sign, backlash of 0 to 2 steps between approaches from near and
from far, 3 % of the shots off by 6 to 25 steps, measuring noise of 0.15 mm. Eight shots at 0 and eight at +10 or -10; the true setting
is within ± 12 (Pentax ± 7) and not a whole number. `python docs/studies/tuning_series.py {count} {seed}`

| scatter, steps | within 1 of the best whole setting | within 1.0 of the true one | interval holds the truth | half width, steps | sign right | called inconsistent | no setting |
|---|---|---|---|---|---|---|---|"""
ROWS = {
    "0.5": (0.5, 0.5),
    "1": (1.0, 1.0),
    "1.5": (1.5, 1.5),
    "2": (2.0, 2.0),
    "3": (3.0, 3.0),
    "4": (4.0, 4.0),
    "0.5 to 2": (0.5, 2.0),
    "3 to 4": (3.0, 4.0),
}


COST_HEAD = """
### What the first line costs

The same, but scatter of 0.5 to 3 steps, steps that differ by a tenth, no contrary signs; seed {seed}. The cost is the part of the sharpness
(MTF50, at the AF mark, without the scatter) that is lost at the setting which the first line of the answer names, over the best whole one.
At 0 alone, Pentax and the unknown body, two in five, give no number: their answer keeps 0 and asks for the second group.

| series | number | within 1 of the best | interval holds the truth | cost: mean, 95 % | of leaving it: mean, 95 % | worse than leaving | by over 1 % | most shots asked for | answers |
|---|---|---|---|---|---|---|---|---|---|"""
USUAL_SCATTER = (0.5, 3.0)
AT_BOTH, AT_ONE = 320, 160


def _cost_row(name: str, found: Sequence[Outcome]) -> str:
    cost, leaving = ([getattr(o, key) for o in found] for key in ("cost", "cost_of_leaving"))
    worse = [after - before for after, before in zip(cost, leaving, strict=True)]
    held = [o.covered for o in found if o.found.estimate is not None]
    near = [abs((o.answer.setting or 0) - round(o.body.crossing)) <= 1 for o in found]
    kinds = Counter(o.answer.kind for o in found)
    asked = max(o.found.advice.more_shots or 0 for o in found if o.found.advice is not None)
    return (
        f"| {name} | {len(found)} | {share(near):.0%} | {share(held):.1%} "
        f"| {np.mean(cost):.1%}, {np.quantile(cost, 0.95):.1%} | {np.mean(leaving):.1%}, {np.quantile(leaving, 0.95):.1%} "
        f"| {sum(each > 0.0 for each in worse)} | {sum(each > 0.01 for each in worse)} | {asked} "
        f"| {', '.join(f'{kind} {number}' for kind, number in kinds.most_common())} |"
    )


def main(count: int, seed: int) -> None:
    lines = [HEAD.format(stamp=stamp(), count=count, seed=seed)]
    lines += [
        _row(name, outcomes(count, seed + place, scatter)) for place, (name, scatter) in enumerate(ROWS.items())
    ]
    lines += [
        COST_HEAD.format(seed=seed),
        _cost_row("8 at 0 and 8 at ±10", usual_outcomes(AT_BOTH, seed, both=True)),
        _cost_row("8 at 0", usual_outcomes(AT_ONE, seed, both=False)),
    ]
    RESULT.write_text("\n".join(lines) + "\n")


def _row(name: str, found: Sequence[Outcome]) -> str:
    estimated = [outcome for outcome in found if outcome.found.estimate is not None]
    widths = [outcome.found.estimate.half_width for outcome in estimated if outcome.found.estimate]
    return (
        f"| {name} | {share([o.within_one for o in found]):.1%} | {share([o.within_one_of_crossing for o in found]):.1%} "
        f"| {share([o.covered for o in estimated]):.1%} | {np.median(widths):.2f} | {share([o.right_sign for o in estimated]):.1%} "
        f"| {share([o.inconsistent for o in found]):.1%} | {len(found) - len(estimated)} |"
    )


if __name__ == "__main__":
    wanted = seeded_parser(__doc__, "series", 400, SEED).parse_args()
    main(wanted.series, wanted.seed)
