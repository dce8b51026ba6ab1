"""Where the lens puts points in space, through any point of its aperture; and the picture in tiles."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .aberrations import COARSE_LP_MM, FINE_LP_MM, Aberrations, cycles_px, pupil_rays, sharpest
from .scene import Lens, Sensor, Turn

Array = npt.NDArray[np.float64]
TILE_PX = 256
"""Small enough for its own number of aperture points, large enough that calls cost nothing."""
UNDISTORT_STEPS = 4
"""Newton's method from 5 % away: 3 steps reach 1e-9 of the radius."""
JUMP_TIME = 1.0 / 8.0
"""Part of the exposure that an abrupt turn takes: the few moments that are rendered would miss a shorter one."""
REACH_RINGS, REACH_SPOKES = np.linspace(0.25, 1.0, 4), 12
"""Rays among which that is looked for which falls farthest from its place."""


def project(lens: Lens, sensor: Sensor, focus_mm: float, af_mark_at: tuple[float, float]) -> Projection:
    """Return the projection of a lens focused at `focus_mm` where the AF mark is, see `SheetPose.af_mark_at`.

    Raises:
        ValueError: the lens cannot focus that near.
    """
    f = lens.focal_length_mm
    if focus_mm <= 2 * f:
        raise ValueError(f"a lens of {f:g} mm cannot focus at {focus_mm:g} mm: give at least {2 * f:g} mm")
    sensor_distance_mm = f * focus_mm / (focus_mm - f)
    width, height = sensor.picture_px
    plain = Projection(
        (width, height),
        sensor_distance_mm / sensor.pitch_mm,
        focus_mm,
        f / lens.f_number / 2,
        lens.distortion_percent / 100.0,
        _sharp_blur_px(lens, sensor),
        lens.aberrations,
        lens.cat_eye,
        veil_px=lens.veil_um / 1000.0 / sensor.pitch_mm,
    )
    at_mark = np.add(plain.centre_px, np.multiply(af_mark_at, plain.picture_px))
    fine, coarse = (plain.sharpest_per_mm(at_mark, lp_mm) for lp_mm in (FINE_LP_MM, COARSE_LP_MM))
    coarse_offset_mm = 1.0 / (1.0 / focus_mm + coarse - fine) - focus_mm
    return replace(plain, aberrated_per_mm=fine, coarse_offset_mm=coarse_offset_mm)


def in_colour(projection: Projection, lens: Lens, sensor: Sensor, colour: int) -> Projection:
    """Return what the lens does to red (0) or blue (1) light, given what it does to green light.

    Raises:
        ValueError: the colour is nowhere in focus.
    """
    vergence = 1.0 / projection.focus_mm + _per_mm(
        lens.longitudinal_colour_um[colour], projection.focal_px * sensor.pitch_mm
    )
    if vergence <= 0.0:
        raise ValueError("the lens focuses red or blue beyond infinity: lower its longitudinal colour")
    size = 1.0 + lens.lateral_colour_percent[colour] / 100.0
    return replace(projection, focus_mm=1.0 / vergence, focal_px=size * projection.focal_px)


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture: left and top pixel, width and height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def grid(self, margin_px: float, side: int) -> Array:
        """Return (side², 2) pixels that are spread over the tile widened by a margin, its corners among them."""
        x = np.linspace(self.left - margin_px, self.left + self.width - 1 + margin_px, side)
        y = np.linspace(self.top - margin_px, self.top + self.height - 1 + margin_px, side)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def split(self, side_px: int = TILE_PX) -> list[Tile]:
        """Return tiles that fill this one."""
        right, bottom = self.left + self.width, self.top + self.height
        return [
            Tile(x, y, min(side_px, right - x), min(side_px, bottom - y))
            for y in range(self.top, bottom, side_px)
            for x in range(self.left, right, side_px)
        ]

    def fine(self, window: Tile, fineness: int) -> tuple[slice, slice]:
        """Return rows and columns in a picture of `window` with `fineness` times as many pixels a side."""
        top, left = (self.top - window.top) * fineness, (self.left - window.left) * fineness
        return slice(top, top + self.height * fineness), slice(left, left + self.width * fineness)


def window_around(px: Array, margin_px: Array, picture_px: tuple[int, int]) -> Tile | None:
    """Return the part of the picture that holds (n, 2) points with (n,) margins; None if none of them is in it."""
    low, high = (px - margin_px[:, None]).min(axis=0), (px + margin_px[:, None]).max(axis=0)
    left, top = (max(int(side), 0) for side in np.floor(low))
    right, bottom = (min(int(side), last - 1) for side, last in zip(np.ceil(high), picture_px, strict=True))
    if right < left or bottom < top:
        return None
    return Tile(left, top, right - left + 1, bottom - top + 1)


@dataclass(frozen=True)
class Projection:
    """A thin lens focused at a plane, and its picture.

    Ideal pixels are those of a lens without distortion.

    Attributes:
        picture_px: width and height of the upright picture.
        focal_px: distance from lens to sensor over the pixel pitch: the focal length of the pinhole camera that
            sits in the middle of the pupil.
        focus_mm: depth of the plane of sharpest focus at the AF mark.
        pupil_radius_mm: radius of the entrance pupil.
        k1: radial distortion at the corner.
        sharp_blur_px: standard deviation of the blur that is there even in focus, without that by the pixel's area.
        aberrations: of the lens.
        cat_eye: part of the pupil's radial width that is missing at the corner.
        aberrated_per_mm: how much nearer in 1/depth the plane of sharpest focus at the AF mark is than that of a
            lens without aberrations.
        coarse_offset_mm: how much farther than `focus_mm` contrast of coarse detail is greatest there.
        veil_px: how far scattered light is spread, as a standard deviation.
        turn: of the camera during the exposure.
    """

    picture_px: tuple[int, int]
    focal_px: float
    focus_mm: float
    pupil_radius_mm: float
    k1: float
    sharp_blur_px: float
    aberrations: Aberrations = field(default_factory=Aberrations)
    cat_eye: float = 0.0
    aberrated_per_mm: float = 0.0
    coarse_offset_mm: float = 0.0
    veil_px: float = 0.0
    turn: Turn | None = None

    @property
    def centre_px(self) -> tuple[float, float]:
        """The optical axis in the picture."""
        return (self.picture_px[0] - 1) / 2, (self.picture_px[1] - 1) / 2

    @property
    def corner_px(self) -> float:
        """Half of the picture's diagonal."""
        return math.hypot(*self.picture_px) / 2

    def pixels(self, camera_mm: Array) -> Array:
        """Return the (n, 2) pixels of (n, 3) points in the camera frame, through the middle of the pupil."""
        return self.distort(self.focal_px * camera_mm[:, :2] / camera_mm[:, 2:] + self.centre_px)

    def directions(self, px: Array) -> Array:
        """Return the (n, 3) points at depth 1 that (n, 2) pixels see through the middle of the pupil."""
        slope = (self.undistort(px) - self.centre_px) / self.focal_px
        return np.column_stack([slope, np.ones(len(slope))])

    @property
    def is_straight(self) -> bool:
        """Whether straight lines in a plane stay straight, through every point of the pupil."""
        return self.k1 == self.cat_eye == 0.0 and self.aberrations.are_everywhere_alike

    @property
    def focus_per_mm(self) -> float:
        """1/depth of the plane that would be sharp without aberrations."""
        return 1.0 / self.focus_mm - self.aberrated_per_mm

    def blur_radius_px(self, camera_mm: Array) -> Array:
        """Return the radius of the circle of confusion of (n, 3) points in the camera frame, but for aberrations.

        Thin lens: diameter = A s |1/Z - 1/Zf|, A the pupil's diameter and s the distance from lens to sensor.
        """
        vergence = 1.0 / camera_mm[:, 2] - 1.0 / self.focus_mm
        return np.asarray(self.pupil_radius_mm * self.focal_px * np.abs(vergence))

    def reach_px(self, camera_mm: Array) -> Array:
        """Return how far light of (n, 3) points falls at most from that through the middle of the pupil."""
        reach = self.blur_radius_px(camera_mm)
        if self.aberrations.terms:
            reach = self._aberrated_reach_px(camera_mm)
        if self.turn is None:
            return reach
        ideal = self.focal_px * camera_mm[:, :2] / camera_mm[:, 2:] + self.centre_px
        ends = moved(self.turned_at(np.array([0.0, 1.0])), ideal)
        return np.asarray(reach + np.linalg.norm(ends - ideal, axis=-1).max(axis=0))

    def _aberrated_reach_px(self, camera_mm: Array) -> Array:
        angle = np.linspace(0.0, 2.0 * np.pi, REACH_SPOKES, endpoint=False)
        pupil = np.stack([np.outer(REACH_RINGS, way(angle)).ravel() for way in (np.cos, np.sin)], axis=-1)
        px = self.pixels(camera_mm)
        places = self.pupil_mm(pupil, px) / self.pupil_radius_mm
        vergence = 1.0 / camera_mm[:, 2:] - self.focus_per_mm
        beside = self.aberration_px(places, px) - self.pupil_radius_mm * self.focal_px * vergence * places
        return np.asarray(np.linalg.norm(beside, axis=-1).max(axis=0))

    def pupil_mm(self, pupil: Array, px: Array) -> Array:
        """Return (n, m, 2) places in the pupil of (n, 2) points of the unit disc, as seen from (m, 2) pixels."""
        places = self.pupil_radius_mm * pupil[:, None, :]
        if self.cat_eye == 0.0:
            return places
        outwards = (px - self.centre_px) / self.corner_px
        lost = self.cat_eye * (places * outwards).sum(axis=-1, keepdims=True) * outwards
        return np.asarray(places - lost)

    def aberration_px(self, pupil: Array, px: Array) -> Array:
        """Return how far points of the pupil, 1 = its rim, put light of pixels from where a perfect lens does.

        The picture is upright, so that both its field and the rays' errors are those of the sensor turned over.

        Args:
            pupil: (n, 1, 2) or (n, m, 2).
            px: (m, 2).

        Returns:
            (n, m, 2), with 1 for m where neither aberrations nor the pupil depend on the pixel.
        """
        if self.aberrations.are_everywhere_alike:
            px = np.array([self.centre_px])
        on_sensor = (self.centre_px - px) / self.corner_px
        px_per_um = self.focal_px / self.pupil_radius_mm / 1000.0
        return np.asarray(px_per_um * self.aberrations.slope_um(pupil, on_sensor))

    def sharpest_per_mm(self, px: npt.ArrayLike, lp_mm: float) -> float:
        """Return how much nearer in 1/depth most contrast at a pixel is than without aberrations.

        Args:
            px: (2,) the pixel.
            lp_mm: of what detail, line pairs a mm on full frame.
        """
        if not self.aberrations.terms:
            return 0.0
        here = np.array([px], dtype=np.float64)
        rays = self.pupil_mm(pupil_rays(), here) / self.pupil_radius_mm
        errors = self.aberration_px(rays, here)
        per_defocus = -self.pupil_radius_mm * self.focal_px
        return sharpest(rays[:, 0], errors[:, 0], per_defocus, cycles_px(lp_mm, self.picture_px))

    def turned_at(self, moments: Array) -> Array:
        """Return (n, 3, 3): what an ideal pixel sees at (n,) moments of the exposure, 0 to 1, another sees at rest.

        A camera that turns about its pupil by R sees through pixel x what it saw through K R K⁻¹ x before. The
        mean angle is that of rest.
        """
        turn = self.turn or Turn()
        jumped = np.clip((moments - turn.abrupt_at) / JUMP_TIME + 0.5, 0.0, 1.0)
        mean = (1.0 - turn.abrupt) * 0.5 + turn.abrupt * (1.0 - turn.abrupt_at)
        part = (1.0 - turn.abrupt) * moments + turn.abrupt * jumped - mean
        yaw, pitch, roll = (-math.radians(deg) * part for deg in (turn.yaw_deg, turn.pitch_deg, turn.roll_deg))
        (cx, cy), f = self.centre_px, self.focal_px
        zero, one = np.zeros_like(part), np.ones_like(part)
        cos, sin = np.cos(roll), np.sin(roll)
        x, y = cx + turn.pivot[0] * self.picture_px[0], cy + turn.pivot[1] * self.picture_px[1]
        rolled = _matrices(
            [[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y], [zero, zero, one]]
        )
        about_y = _matrices(
            [[np.cos(yaw), zero, np.sin(yaw)], [zero, one, zero], [-np.sin(yaw), zero, np.cos(yaw)]]
        )
        about_x = _matrices(
            [[one, zero, zero], [zero, np.cos(pitch), np.sin(pitch)], [zero, -np.sin(pitch), np.cos(pitch)]]
        )
        camera = np.array([[f, 0.0, cx], [0.0, f, cy], [0.0, 0.0, 1.0]])
        return np.asarray(rolled @ camera @ about_y @ about_x @ np.linalg.inv(camera))

    def matrix_through(self, pupil_mm: npt.ArrayLike) -> Array:
        """Return the 3 by 4 matrix that takes (x, y, z, 1) to homogeneous ideal pixels through a pupil point.

        The ray from the pupil point (a, b, 0) through P goes on to the focused plane, which is conjugate to the
        sensor: pixel = centre + focal_px (P_x - a) / P_z + focal_px a / Zf, likewise in y.
        """
        (a, b), (cx, cy), f = np.asarray(pupil_mm, dtype=np.float64), self.centre_px, self.focal_px
        return np.array(
            [
                [f, 0.0, cx + f * a * self.focus_per_mm, -f * a],
                [0.0, f, cy + f * b * self.focus_per_mm, -f * b],
                [0.0, 0.0, 1.0, 0.0],
            ]
        )

    def distort(self, ideal_px: Array) -> Array:
        """Return where the lens really puts ideal pixels, shape (..., 2)."""
        offset = ideal_px - self.centre_px
        return np.asarray(offset * (1.0 + self.k1 * self._radius2(ideal_px)) + self.centre_px)

    def undistort(self, px: Array) -> Array:
        """Return the ideal pixels of real ones, shape (..., 2)."""
        if self.k1 == 0.0:
            return px
        offset = px - self.centre_px
        wanted = np.sqrt((offset**2).sum(axis=-1, keepdims=True)) / self.corner_px
        r = wanted.copy()
        for _ in range(UNDISTORT_STEPS):
            r -= (r * (1.0 + self.k1 * r**2) - wanted) / (1.0 + 3.0 * self.k1 * r**2)
        return np.asarray(offset / (1.0 + self.k1 * r**2) + self.centre_px)

    def _radius2(self, px: Array) -> Array:
        """Squared distance from the optical axis, 1 = corner, shape (..., 1)."""
        return np.asarray(((px - self.centre_px) ** 2).sum(axis=-1, keepdims=True) / self.corner_px**2)


def moved(matrices: Array, px: Array) -> Array:
    """Return (n, m, 2) where (n, 3, 3) matrices take (m, 2) or (n, m, 2) pixels."""
    homogeneous = np.concatenate([px, np.ones((*px.shape[:-1], 1))], axis=-1) @ matrices.transpose(0, 2, 1)
    return np.asarray(homogeneous[..., :2] / homogeneous[..., 2:])


def _matrices(rows: list[list[Array]]) -> Array:
    """Return (n, 3, 3) from rows of (n,) entries."""
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _per_mm(farther_um: float, sensor_distance_mm: float) -> float:
    """Return the change of 1/depth in front of the lens of a focus that moves farther from the lens behind it."""
    return -farther_um / 1000.0 / sensor_distance_mm**2


def _sharp_blur_px(lens: Lens, sensor: Sensor) -> float:
    """Aberration, diffraction and the sensor's filter as one Gaussian.

    Diffraction is a Gaussian of the same peak and volume as the Airy disc: peak π / (2 λN)² = 1 / (2π s²), so
    s = √2/π λN.
    """
    diffraction_um = math.sqrt(2.0) / math.pi * lens.wavelength_um * lens.f_number
    optics_px = math.hypot(lens.aberration_um, diffraction_um) / (1000.0 * sensor.pitch_mm)
    return math.hypot(optics_px, sensor.filter_sigma_px)
