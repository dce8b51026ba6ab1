"""The study of pictures that are not the whole of what the sensor saw: is the dial right, or refused with the reason?

python docs/studies/edited_pictures.py [--keep FOLDER]

Some 470 measurements of 12 photos take a quarter of an hour on one core.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational
from simulated import stamp

from backfocus.verify import CameraInfo, Measurement, measure
from backfocus.verify.cameras.dial import suggest
from backfocus.verify.photo.bodies import known_body
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose
from backfocus.verify.simulate.study import StudyShot, take

RESULT = Path(__file__).parent / "results" / "edited_pictures.md"
LENS = Lens(85.0, 1.4)
PIXELS = (4256, 2832)
DISTANCE_MM = 2200.0
PITCH = (Base.FocalPlaneXResolution, Base.FocalPlaneYResolution)


@dataclass(frozen=True)
class Body:
    """A camera, and by what its pixel pitch in the file is too large; None: its files tell no pitch."""

    names: ExifNames
    pitch_times: float | None


BODIES = {
    "D3": Body(ExifNames("NIKON CORPORATION", "NIKON D3", "85mm f/1.4"), None),
    "D750": Body(ExifNames("NIKON CORPORATION", "NIKON D750", "85mm f/1.4"), 1.0),
    "6D II": Body(ExifNames("Canon", "Canon EOS 6D Mark II", "85mm f/1.4"), 23.75 / 35.9),
}
"""12 MP: all pixels of the D3; a smaller picture by the others. The 6D Mark II writes a wrong pitch."""
DESIGNS = {
    "flat": (SheetPose(45.0, -2.0, 0.5, DISTANCE_MM), (-25.0, 14.0)),
    "zfold": (SheetPose(0.0, 2.0, 0.5, DISTANCE_MM), (-13.0, 14.0)),
    "wall": (SheetPose(0.0, 1.0, 0.5, DISTANCE_MM), (8.0,)),
}
"""Pose and offsets in mm."""


@dataclass(frozen=True)
class Edit:
    """What becomes of a picture, and of its metadata.

    Attributes:
        kept: left, top, right, bottom, as parts of width and height.
        scale: new size over old, after that.
        by_camera: the camera did it: the size that it records is that of the picture.
        equivalent: whether it writes the 35 mm equivalent focal length that belongs to what is kept.
        zoom: digital zoom that it writes.
    """

    kept: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    scale: float = 1.0
    by_camera: bool = False
    equivalent: bool = False
    zoom: float | None = None


def middle(wide: float, high: float | None = None) -> tuple[float, float, float, float]:
    """Return the middle part of a picture, of so much of its width and height."""
    high = wide if high is None else high
    return (1 - wide) / 2, (1 - high) / 2, (1 + wide) / 2, (1 + high) / 2


EDITS = {
    "none": Edit(by_camera=True),
    **{f"resized to {part:.0%}": Edit(scale=part) for part in (0.5, 0.7, 0.8, 0.9)},
    **{f"middle {part:.0%}": Edit(middle(part)) for part in (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)},
    "corner 85%, top left": Edit((0.0, 0.0, 0.85, 0.85)),
    "corner 80%, bottom right": Edit((0.2, 0.2, 1.0, 1.0)),
    "middle 75%, resized to 80%": Edit(middle(0.75), 0.8),
    "DX in camera": Edit(middle(2 / 3), by_camera=True, equivalent=True),
    "DX in camera, no equivalent": Edit(middle(2 / 3), by_camera=True),
    "4:3 in camera": Edit(middle(8 / 9, 1.0), by_camera=True),
    "16:9 in camera": Edit(middle(1.0, 27 / 32), by_camera=True),
    "1:1 in camera": Edit(middle(2 / 3, 1.0), by_camera=True),
    "digital zoom 1.4": Edit(middle(1 / 1.4), 1.4, by_camera=True, zoom=1.4),
    "digital zoom 2": Edit(middle(0.5), 2.0, by_camera=True, zoom=2.0),
}


@dataclass(frozen=True)
class Outcome:
    """One measurement; `steps_off` is the dial less the right one, None where no number was given."""

    design: str
    body: str
    edit: str
    is_rewritten: bool
    steps_off: int | None
    width_times: float | None
    measurement: Measurement

    @property
    def is_silently_wrong(self) -> bool:
        return self.steps_off is not None and abs(self.steps_off) > 1


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Yield every edit of every photo, measured."""
    for design, (pose, offsets) in DESIGNS.items():
        for name, body in BODIES.items():
            for offset_mm in offsets:
                photo = base_photo(folder, design, body, offset_mm, pose)
                for edit, told in EDITS.items():
                    for is_rewritten in (True,) if told.by_camera else (True, False):
                        yield measured(photo, folder, design, name, offset_mm, edit, is_rewritten)


def base_photo(folder: Path, design: str, body: Body, offset_mm: float, pose: SheetPose) -> Path:
    """Return a photo as the camera wrote it; one that is kept in the folder is not taken again."""
    path = folder / f"{design}_{body.names.model.replace(' ', '_')}_{offset_mm:+g}.jpg"
    if not path.exists():
        sensor = Sensor(width_mm=width_mm(body), pixels=PIXELS)
        shot = StudyShot(offset_mm, pose, LENS, design=design, sensor=sensor, names=body.names, seed=len(path.name))
        take(shot).save(path)
    return path


def width_mm(body: Body) -> float:
    known = known_body(body.names.make, body.names.model)
    assert known is not None
    return known.width_mm


def measured(
    photo: Path, folder: Path, design: str, body: str, offset_mm: float, edit: str, is_rewritten: bool
) -> Outcome:
    """Edit a photo, measure it and hold its dial against that of the truth."""
    names, told = BODIES[body].names, EDITS[edit]
    path = folder / "edited.jpg"
    write(photo, path, told, BODIES[body], is_rewritten=is_rewritten)
    result = measure(path, as_designed=True)
    format_mm = width_mm(BODIES[body])
    camera = CameraInfo(names.make, names.model, names.lens, LENS.focal_length_mm, LENS.f_number)
    camera = replace(camera, widest_f_number=LENS.f_number, sensor_width_mm=format_mm, format_width_mm=format_mm)
    right = suggest(offset_mm, (offset_mm, offset_mm), DISTANCE_MM, camera).setting
    given = result.suggestion.setting if result.suggestion else None
    shown_mm = result.camera.sensor_width_mm
    left, top, right_side, bottom = told.kept
    long_side = max(right_side - left, (bottom - top) * PIXELS[1] / PIXELS[0])
    return Outcome(
        design,
        body,
        edit,
        is_rewritten,
        None if given is None or right is None else given - right,
        None if shown_mm is None else shown_mm / (format_mm * long_side),
        result,
    )


def write(photo: Path, path: Path, edit: Edit, body: Body, *, is_rewritten: bool) -> None:
    """Write the edited picture with the metadata that camera or program leave in it."""
    with Image.open(photo) as picture:
        exif = picture.getexif()
        tags = exif.get_ifd(IFD.Exif)
        wide, high = picture.size
        left, top, right, bottom = edit.kept
        part = picture.crop((round(left * wide), round(top * high), round(right * wide), round(bottom * high)))
        if edit.scale != 1.0:
            size = round(part.width * edit.scale), round(part.height * edit.scale)
            part = part.resize(size, Image.Resampling.LANCZOS)
        if is_rewritten:
            tags[Base.ExifImageWidth], tags[Base.ExifImageHeight] = part.size
        for tag in PITCH:
            if body.pitch_times is None:
                tags.pop(tag, None)
            else:
                tags[tag] = IFDRational(round(1000 * float(tags[tag]) / body.pitch_times), 1000)
        if edit.equivalent:
            tags[Base.FocalLengthIn35mmFilm] = round(LENS.focal_length_mm * 36.0 / width_mm(body) / (right - left))
        if edit.zoom is not None:
            tags[Base.DigitalZoomRatio] = IFDRational(edit.zoom)
        part.save(path, quality=95, exif=exif)


HEAD = """## Edited and cropped pictures

{stamp} Simulated photos of all designs at 12 MP (85 mm f/1.4, 2.2 m, offsets -25 to +14 mm), as taken and as camera or
program then change them; for edits by programs both with the size in the EXIF data rewritten and left. Three bodies: a Nikon D3
that tells no pixel pitch, a D750 that does, a Canon 6D Mark II whose pitch is wrong. `python docs/studies/edited_pictures.py`

The dial is held against that of the true offset, distance and body. "No number": measured, or not, without one, and the reason
said. The width is what the picture shows of the sensor, over the true one; where no number is given it may be that of the metadata.

| design | edit | photos | dial right | one step off | more | no number, and why | widths |
|---|---|---|---|---|---|---|---|"""


def reason(outcome: Outcome) -> str:
    """Return why there is no number."""
    it = outcome.measurement
    if it.status == "sharpness":
        return "upright chart"
    if it.status != "measured" or not it.trustworthy:
        return next(found.code for found in it.findings if found.severity == "critical")
    codes = {found.code for found in it.findings}
    if it.camera.picture == "cut":
        return "cut"
    named = ("perspective-contradicts", "sensor-width-open")
    return next((code for code in named if code in codes), "in focus as it is")


def row(design: str, edit: str, rows: list[Outcome]) -> str:
    """Return a line of the table."""
    off = [abs(each.steps_off) for each in rows if each.steps_off is not None]
    why = Counter(reason(each) for each in rows if each.steps_off is None)
    widths = [each.width_times for each in rows if each.width_times is not None]
    span = "unknown" if not widths else f"{min(widths):.2f} to {max(widths):.2f}"
    counts = f"{off.count(0)} | {off.count(1)} | {sum(steps > 1 for steps in off)}"
    said = ", ".join(f"{count} {code}" for code, count in why.items()) or "-"
    return f"| {design} | {edit} | {len(rows)} | {counts} | {said} | {span} |"


def main(folder: Path) -> None:
    """Measure all and write the page."""
    found = list(outcomes(folder))
    lines = [HEAD.format(stamp=stamp())]
    lines += [
        row(design, edit, [each for each in found if (each.design, each.edit) == (design, edit)])
        for design in DESIGNS
        for edit in EDITS
    ]
    wrong = [each for each in found if each.is_silently_wrong]
    lines.append(f"\n{len(found)} measurements; silently off by more than a step: {len(wrong)}.")
    for each in wrong:
        written = "rewritten" if each.is_rewritten else "left"
        lines.append(f"- {each.design}, {each.body}, {each.edit} (size {written}): {each.steps_off:+d} steps")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the photos there, for the next time")
    kept = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as passing:
        main(kept or Path(passing))
