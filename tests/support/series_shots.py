"""Shots of a series as plain numbers, with a scatter that is the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backfocus.verify.lens import circle_of_confusion_mm, depth_of_field_mm, offset_of_defocus_mm
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.scoring.columns import COLUMNS, Row, row_of
from backfocus.verify.tuning.result import SeriesResult
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune

D850 = CameraInfo("NIKON CORPORATION", "NIKON D850", "85mm f/1.4", 85.0, 1.4, 1.4, 35.9)
CANON = CameraInfo("Canon", "Canon EOS 5D Mark IV", "EF85mm f/1.8 USM", 85.0, 1.8, 1.8, 36.0)
NIKON_STEP_UM = 5.0
SCATTER = (-1.5, 0.9, -0.5, 0.2, 0.5, -0.2, 1.5, -0.9)
SCATTER_SD = 0.978
"""Eight shots whose mean is 0, also that of every second one."""


def shots(
    error_um: float,
    setting: float | None = 0.0,
    *,
    camera: CameraInfo = D850,
    sd_um: float = 2.0,
    scatter: Sequence[float] = SCATTER,
    backlash_um: float | None = None,
    distance_mm: float = 1500.0,
    name: str = "shot",
) -> list[Shot]:
    """Shots whose mean error at the sensor is `error_um`, positive is back focus; far and near by turns."""
    assert camera.focal_length_mm and camera.f_number and camera.sensor_width_mm
    circle = circle_of_confusion_mm(camera.sensor_width_mm, (6000, 4000))
    field = depth_of_field_mm(camera.focal_length_mm, camera.f_number, distance_mm, circle)
    found = []
    for number, part in enumerate(scatter):
        is_near = bool(number % 2)
        error = error_um + sd_um * part + (0.0 if backlash_um is None else backlash_um * (0.5 if is_near else -0.5))
        found.append(
            Shot(
                photo=f"{name}_{setting or 0:+g}_{number}.jpg",
                camera=replace(camera, af_setting=setting),
                setting=setting,
                approach=None if backlash_um is None else ("near" if is_near else "far"),
                offset_mm=offset_of_defocus_mm(camera.focal_length_mm, distance_mm, error),
                offset_sd_mm=0.1,
                distance_mm=distance_mm,
                depth_of_field_mm=field,
                in_focus_mm=(field[0] / 3.0, field[1] / 3.0),
            )
        )
    return found


def at_settings(
    crossing: float, settings: Sequence[float] = (0.0, 10.0), *, step_um: float = NIKON_STEP_UM, **changes: object
) -> list[Shot]:
    """Shots at several settings of a camera whose error is zero at `crossing`; a negative step counts backwards."""
    return [
        shot
        for setting in settings
        for shot in shots(step_um * (setting - crossing), setting, **changes)  # type: ignore[arg-type]
    ]


def only(found: Sequence[Shot], **changes: object) -> SeriesResult:
    """The result of shots that make a single series."""
    result = tune(found, **changes)  # type: ignore[arg-type]
    assert len(result.lenses) == 1
    assert len(result.lenses[0].series) == 1
    return result.lenses[0].series[0]


def codes(series: SeriesResult) -> set[str]:
    """The findings of a series, by code."""
    return {finding.code for finding in series.findings}


def row_of_shot(shot: Shot) -> Row:
    """The row of a table that says what a shot says; its picture is 6000 pixels wide."""
    camera = {
        column.name: getattr(shot.camera, str(column.source).removeprefix("camera."))
        for column in COLUMNS
        if str(column.source).startswith("camera.")
    }
    sides = {
        f"{name}_{side}_mm": (getattr(shot, f"{name}_mm") or (None, None))[at]
        for name in ("in_focus", "depth_of_field")
        for at, side in enumerate(("front", "behind"))
    }
    half, is_measured = 1.96 * shot.offset_sd_mm, shot.offset_mm is not None
    return row_of(
        {
            **camera,
            **sides,
            "path": shot.photo,
            "status": "measured" if is_measured else "refused",
            "trustworthy": is_measured,
            "offset_mm": shot.offset_mm,
            "offset_ci95_low_mm": None if shot.offset_mm is None else shot.offset_mm - half,
            "offset_ci95_high_mm": None if shot.offset_mm is None else shot.offset_mm + half,
            "distance_mm": shot.distance_mm,
            "blur_at_mark_px": None if shot.blur_at_mark is None else 6000 * shot.blur_at_mark,
            "picture_width_px": 6000,
            "picture_height_px": 4000,
        }
    )
