"""What a user reads first: the answers of a dozen usual series, side by side, for docs/tuning.md.

python docs/studies/first_lines.py [SEED]

Shots are drawn in numbers as in tuning_series.py, at 25 focal lengths; no picture is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from simulated import seeded_parser, stamp
from tuning_series import Body, shots_at

from backfocus.verify.lens import defocus_um
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.note import LIVE_VIEW
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune
from backfocus.verify.tuning.wording import Source

RESULT = Path(__file__).parent / "results" / "first_lines.md"
DISTANCE = 20.0
"""Focal lengths, as tuning_series takes its shots."""
SCATTER_STEPS = 1.0
D850 = CameraInfo("NIKON CORPORATION", "NIKON D850", "85mm f/1.8", 85.0, 1.8, 1.8, 35.9)
CANON = CameraInfo("Canon", "Canon EOS 5D Mark IV", "EF85mm f/1.4L IS USM", 85.0, 1.4, 1.4, 36.0)
PENTAX = CameraInfo("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1", "HD PENTAX-D FA* 85mmF1.4", 85.0, 1.4, 1.4, 35.9)
ZOOM = CameraInfo("NIKON CORPORATION", "NIKON D850", "24-70mm f/2.8", 24.0, 2.8, 2.8, 35.9)
CANON_ZOOM = CameraInfo("Canon", "Canon EOS 5D Mark IV", "EF24-70mm f/2.8L II USM", 24.0, 2.8, 2.8, 36.0)
A7 = CameraInfo("SONY", "ILCE-7M3", "FE 85mm F1.8", 85.0, 1.8, 1.8, 35.6)
XT5 = CameraInfo("FUJIFILM", "X-T5", "XF56mmF1.2 R", 56.0, 1.2, 1.2, 23.5)
R5 = CameraInfo("Canon", "Canon EOS R5", "RF85mm F1.2 L USM", 85.0, 1.2, 1.2, 36.0)
PHONE = CameraInfo("Apple", "iPhone 15", None, 6.0, 1.6, 1.6, 8.4)
HEAD = """## First lines

{stamp} Seed {seed}. Series drawn in numbers, scatter {scatter:g} step where nothing else is said; the error is that at setting 0.
`python docs/studies/first_lines.py {seed}`

| series | what to dial | why | next |
|---|---|---|---|"""


@dataclass(frozen=True)
class Scenario:
    """A series that somebody takes.

    Attributes:
        name: what it is.
        shots: its photos.
    """

    name: str
    shots: Sequence[Shot]


def body(
    camera: CameraInfo, error_mm: float, step_um: float, sign: int = 1, scatter: float = SCATTER_STEPS
) -> Body:
    """Return a body whose focus is off by so much at setting 0; positive is back focus."""
    assert camera.focal_length_mm is not None
    error_um = defocus_um(camera.focal_length_mm, DISTANCE * camera.focal_length_mm, error_mm)
    return Body(camera, sign, step_um, -sign * error_um / step_um, scatter, 0.5)


def scenarios(seed: int) -> list[Scenario]:
    """Return them, drawn anew for a seed."""
    rng = np.random.default_rng(seed)

    def at(it: Body, *settings: float, count: int = 8) -> list[Shot]:
        return [shot for setting in settings for shot in shots_at(it, setting, count, rng)]

    def without_setting(camera: CameraInfo, error_mm: float) -> list[Shot]:
        shots = at(body(camera, error_mm, 4.0), 0.0)
        return [replace(shot, setting=None, camera=camera) for shot in shots]

    def zoom(camera: CameraInfo, step_um: float) -> list[Shot]:
        tele = replace(camera, focal_length_mm=70.0)
        return [*at(body(camera, 15.0, step_um), 0.0, 10.0), *at(body(tele, -12.0, step_um), 0.0, 10.0)]

    d850 = body(D850, -14.7, 4.5)
    live = [replace(shot, camera=replace(shot.camera, af_method=LIVE_VIEW)) for shot in at(d850, 0.0)]
    numbered = [
        [
            replace(shot, camera=replace(shot.camera, body_serial=serial))
            for shot in at(body(D850, off, 4.5), 0.0, 10.0)
        ]
        for serial, off in (("3001234", 11.0), ("3009876", -14.0))
    ]
    return [
        Scenario("D850, 85/1.8, 14.7 mm of front focus, 8 at 0 and 8 at +10", at(d850, 0.0, 10.0)),
        Scenario("the same, 8 at 0", at(d850, 0.0)),
        Scenario("the same, one shot", at(d850, 0.0, count=1)),
        Scenario("D850, 85/1.8, less than a step off", at(body(D850, 1.2, 4.5), 0.0, 10.0)),
        Scenario("D850, scatter of 6 steps, 3 steps off", at(body(D850, 8.0, 4.5, scatter=6.0), 0.0, 10.0)),
        Scenario("D850, 85/1.8, 27 steps off", at(body(D850, -70.0, 4.5), 0.0, 10.0)),
        Scenario("D850, all in live view", live),
        Scenario(
            "5D Mark IV, 85/1.4, 16 mm of back focus, 8 at 0 and 8 at -10", at(body(CANON, 16.0, 5.8), 0.0, -10.0)
        ),
        Scenario("K-1, 85/1.4, 9 mm of back focus, 8 at 0", at(body(PENTAX, 9.0, 6.0, sign=-1), 0.0)),
        Scenario("K-1, the same, 8 at 0 and 8 at +10", at(body(PENTAX, 9.0, 6.0, sign=-1), 0.0, 10.0)),
        Scenario("D850, 24-70/2.8, both ends", zoom(ZOOM, 4.5)),
        Scenario("5D Mark IV, 24-70/2.8, both ends", zoom(CANON_ZOOM, 11.0)),
        Scenario("two D850 in one folder, +11 and -14 mm", [*numbered[0], *numbered[1]]),
        Scenario("A7 III, 6 mm of back focus", without_setting(A7, 6.0)),
        Scenario("X-T5, 8 mm of front focus", without_setting(XT5, -8.0)),
        Scenario("R5, in focus", without_setting(R5, 0.3)),
        Scenario("iPhone 15", without_setting(PHONE, 4.0)),
    ]


def main(seed: int) -> None:
    """Write the table."""
    lines = [HEAD.format(stamp=stamp(), seed=seed, scatter=SCATTER_STEPS)]
    for it in scenarios(seed):
        result = tune(it.shots, source=Source("photos/", "lens.json"))
        answers = [lens.answer for lens in result.lenses]
        lines += [f"| {it.name} | {' | '.join(answer.lines)} |" for answer in answers]
    RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(seeded_parser(__doc__, "series", 1, 7).parse_args().seed)
