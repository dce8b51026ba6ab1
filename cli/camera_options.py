"""The options that tell what took a photo, where its metadata do not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

OPTIONS = (
    click.option(
        "--camera",
        "camera_name",
        metavar="NAME",
        help="Maker and model, as in 'Nikon D850'; overrides the metadata.",
    ),
    click.option("--focal-length", metavar="MM", type=click.FloatRange(1, 5000), help="Focal length."),
    click.option("--aperture", metavar="N", type=click.FloatRange(0.5, 64), help="F-number of the shot."),
    click.option("--sensor-width", metavar="MM", type=click.FloatRange(2, 100), help="Long side of the sensor."),
)


def camera_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; what they say reaches it as one argument `camera`, a CameraInfo."""

    @wraps(command)
    def with_camera(
        *arguments: Any,
        camera_name: str | None,
        focal_length: float | None,
        aperture: float | None,
        sensor_width: float | None,
        **others: Any,
    ) -> None:
        from backfocus.verify.photo.metadata.camera_info import CameraInfo

        camera = CameraInfo(
            make=camera_name.split()[0] if camera_name and camera_name.split() else None,
            model=camera_name,
            focal_length_mm=focal_length,
            f_number=aperture,
            sensor_width_mm=sensor_width,
        )
        command(*arguments, camera=camera, **others)

    for option in reversed(OPTIONS):
        with_camera = option(with_camera)
    return with_camera
