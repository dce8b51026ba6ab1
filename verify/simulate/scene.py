"""What is set up for a shot: the sheet's pose, lens, sensor, light, development; and cameras ready made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .aberrations import Aberrations

Orientation = Literal[1, 3, 6, 8]


@dataclass(frozen=True)
class SheetPose:
    """Where the sheet is, seen in the upright picture.

    The sheet starts square to the camera. It is turned by `tilt_deg` about its own horizontal axis, then by
    `yaw_deg` about the camera's vertical axis, then by `roll_deg` about the optical axis.

    Attributes:
        tilt_deg: positive = the top edge of the page is away from the camera.
        yaw_deg: positive = the right side is away from the camera.
        roll_deg: positive = clockwise in the picture; 0, 90, 180 and 270 are all fine.
        af_mark_distance_mm: depth of the AF mark, along the optical axis, from the thin lens.
        af_mark_at: where the AF mark is in the picture, as fractions of its width and height from the centre.
        sag_mm: the sheet is bent as a cylinder whose middle stands so far out from the straight line between two
            opposite borders; positive = towards the camera. The angles are those of that line's plane, and the AF
            mark stays at its distance.
        bent_along: the direction of the page that is bent. Bent along the height, its upper and lower borders bend
            away.
        fold_deg: fold angles by the panel's name, positive = towards the reader; those not named are as the chart
            says. The other angles are those of the chart's first panel.
        fold_off_mm: by the panel's name, how far outwards the paper was folded beside the printed line, at the
            line's two ends.
        bulge_mm: how far the first panel stands out in its middle over the line between its two folds; fold angles
            are then those to the plane that touches it in the middle, the place of the AF mark.
    """

    tilt_deg: float = 45.0
    yaw_deg: float = 0.0
    roll_deg: float = 0.0
    af_mark_distance_mm: float = 1500.0
    af_mark_at: tuple[float, float] = (0.0, 0.0)
    sag_mm: float = 0.0
    bent_along: Literal["width", "height"] = "height"
    fold_deg: Mapping[str, float] | None = None
    fold_off_mm: Mapping[str, tuple[float, float]] | None = None
    bulge_mm: float = 0.0


@dataclass(frozen=True)
class Print:
    """What the printer makes of the chart.

    Attributes:
        softness_mm: standard deviation of the Gaussian blur of the print.
        gain_mm: how far ink spreads over every border of an inked area; negative = lines get thinner.
        specks: number of dirt specks, anywhere on the page.
        speck_mm: diameter of the largest of them; the smallest have a fifth of it.
        raggedness_mm: standard deviation of how far every border wanders from its place, as ink on paper does.
        grain_mm: how far along a border that is much the same.
    """

    softness_mm: float = 0.0
    gain_mm: float = 0.0
    specks: int = 0
    speck_mm: float = 1.0
    raggedness_mm: float = 0.0
    grain_mm: float = 0.1


@dataclass(frozen=True)
class Cover:
    """Something that lies on the sheet, or a hand in front of it.

    Attributes:
        outline_page_mm: corners of its outline in page mm; they may be beyond the page.
        reflectance: of its even surface; 0.35 is skin.
    """

    outline_page_mm: tuple[tuple[float, float], ...]
    reflectance: float = 0.2


@dataclass(frozen=True)
class Glare:
    """A lamp that is reflected by the paper.

    Attributes:
        at_page_mm: its middle.
        radius_mm: standard deviation of the spot, at the sheet.
        strength: light added in the middle, in paper whites. With 3, all within two radii is blown out.
    """

    at_page_mm: tuple[float, float]
    radius_mm: float = 15.0
    strength: float = 3.0


@dataclass(frozen=True)
class Lens:
    """A thin lens with a round aperture, and what real lenses add to it.

    Attributes:
        focal_length_mm: at infinity; the sensor distance grows when focusing nearer.
        f_number: focal length over the diameter of the entrance pupil.
        distortion_percent: radial displacement at the corner of the picture in percent of the radius that an
            ideal lens gives: x_d = x (1 + k1 r²), r = 1 at the corner. Positive = pincushion.
        vignetting_stops: loss of light at the corner; falls off as cos⁴ does.
        aberration_um: standard deviation of a Gaussian blur at the sensor that is there even in focus.
        wavelength_um: of the light, for diffraction.
        aberrations: of third and fifth order. The lens is focused so that contrast at 30 line pairs a mm (on full
            frame, see `aberrations.py`) is greatest at the truth, at the AF mark, in the middle of the planes of
            upright and of level edges.
        veil_share: part of the light that glass and its surfaces scatter around its place.
        veil_um: how far at the sensor, as the standard deviation of a Gaussian.
        cat_eye: how much narrower the aperture looks from the corner, in the direction from the centre, as barrels
            of fast lenses cut it: 0.4 is strong. Grows as the radius squared. The loss of light is not added.
        longitudinal_colour_um: how much farther from the lens red and blue focus than green, along the axis. The
            truth is that of green; a grey picture made of all three is sharpest at some mean of theirs.
        lateral_colour_percent: how much larger the red and the blue picture are than the green one.
    """

    focal_length_mm: float = 85.0
    f_number: float = 1.4
    distortion_percent: float = 0.0
    vignetting_stops: float = 1.0
    aberration_um: float = 2.5
    wavelength_um: float = 0.55
    aberrations: Aberrations = field(default_factory=Aberrations)
    veil_share: float = 0.0
    veil_um: float = 20.0
    cat_eye: float = 0.0
    longitudinal_colour_um: tuple[float, float] = (0.0, 0.0)
    lateral_colour_percent: tuple[float, float] = (0.0, 0.0)

    @property
    def splits_colours(self) -> bool:
        """Whether red, green and blue are different pictures."""
        return any(self.longitudinal_colour_um) or any(self.lateral_colour_percent)


@dataclass(frozen=True)
class Sensor:
    """The sensor, always lying along its long side.

    Attributes:
        width_mm: length of the long side.
        pixels: number of pixels along the long and the short side.
        filter_sigma_px: standard deviation of the blur by low-pass filter and demosaicing. Together with the
            pixel's own area and the default lens it makes 0.75 px on 24 MP full frame, as sharp photos have.
        black_level: recorded value of no light, as a fraction of full scale.
        mosaic: whether each pixel sees one colour only (red, green / green, blue) and the others are interpolated.
            The picture has colours then, and noise of its own in each.
        orientation: EXIF orientation of the camera: 1 landscape, 3 upside down, 6 and 8 portrait. The picture
            is upright in all; only the file has the rows of the sensor and the tag, as real cameras write it.
    """

    width_mm: float = 36.0
    pixels: tuple[int, int] = (6000, 4000)
    filter_sigma_px: float = 0.55
    black_level: float = 0.0
    orientation: Orientation = 1
    mosaic: bool = False

    @property
    def pitch_mm(self) -> float:
        """Distance between pixels."""
        return self.width_mm / self.pixels[0]

    @property
    def picture_px(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        long, short = self.pixels
        return (short, long) if self.orientation in (6, 8) else (long, short)


@dataclass(frozen=True)
class Shadow:
    """A straight shadow edge across the picture.

    Attributes:
        darkness: part of the light that is missing on the dark side, 0 to 1.
        towards_deg: direction in which it gets dark, 0 = right, 90 = down.
        at: how far from the picture's centre the middle of the edge is in that direction, in picture widths.
        width: of the penumbra, in picture widths.
    """

    darkness: float = 0.5
    towards_deg: float = 0.0
    at: float = 0.0
    width: float = 0.02


@dataclass(frozen=True)
class Turn:
    """A turn of the camera during the exposure, about the middle of its lens; the truth is at its mean.

    Turned by a quarter of a degree, a 50 mm lens moves the picture by 36 px (24 MP, full frame) if it is yaw or
    pitch, and by up to 16 px in the corners if it is roll about the middle. What covers the sheet is not blurred.

    Attributes:
        roll_deg: from beginning to end, clockwise in the picture.
        pivot: the point of the picture that rests in the roll, as fractions of width and height from the centre;
            far outside, the roll is a shift.
        yaw_deg, pitch_deg: in which the picture moves to the right, and down.
        abrupt: part of the turn that takes an eighth of the time, as by a finger; 1 = nearly two pictures.
        abrupt_at: the middle of that time, from 1/16 to 15/16.
    """

    roll_deg: float = 0.0
    pivot: tuple[float, float] = (0.0, 0.0)
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    abrupt: float = 0.0
    abrupt_at: float = 0.5


@dataclass(frozen=True)
class Exposure:
    """Light on the sheet and what the sensor makes of it.

    Attributes:
        paper_white: recorded linear value of paper at the picture's centre; 1 = full scale.
        paper_reflectance, ink_reflectance: of the bare paper and of full ink.
        noise_fraction: standard deviation of the noise on paper white, as a fraction of paper white.
        read_noise_share: part of that variance which is there without light; the rest grows with the light.
        light_gradient: relative change of the light over the picture's width and height.
        tint: gains of red, green and blue; None for a picture without colour, unless the lens splits colours.
        motion_px: length of a straight, even movement of the camera during the exposure, as seen in the picture.
        motion_deg: its direction, 0 = right, 90 = down.
        turn: beside that movement, and out of step with it; or None.
        shadow: a shadow edge, or None.
    """

    paper_white: float = 0.7
    paper_reflectance: float = 0.85
    ink_reflectance: float = 0.04
    noise_fraction: float = 0.01
    read_noise_share: float = 0.1
    light_gradient: tuple[float, float] = (0.0, 0.0)
    tint: tuple[float, float, float] | None = None
    motion_px: float = 0.0
    motion_deg: float = 0.0
    turn: Turn | None = None
    shadow: Shadow | None = None


@dataclass(frozen=True)
class Development:
    """What the camera does to the linear picture.

    Attributes:
        s_curve: strength of the contrast curve on top of sRGB, 0 for none, 1 for the strongest.
        sharpening_radius_px: standard deviation of the unsharp mask.
        sharpening_amount: how much of the difference to the mask is added; 0 for none.
        jpeg_quality: of a JPEG file, 1 to 100.
        noise_reduction: differences between neighbours well below this, as a fraction of full scale after the
            tone curve, are smoothed away (bilateral filter); 0 for none, 0.06 suits 5 % noise.
        denoising: standard deviation of the noise that is taken out of plain areas, as a fraction of full scale
            after the tone curve; edges keep theirs, as in cameras (Lee's filter).
    """

    s_curve: float = 0.0
    sharpening_radius_px: float = 1.0
    sharpening_amount: float = 0.0
    jpeg_quality: int = 90
    noise_reduction: float = 0.0
    denoising: float = 0.0


@dataclass(frozen=True)
class ExifNames:
    """Who took the photo, as the EXIF data say it.

    Attributes:
        widest_f_number: widest aperture of the lens; None if it is that of the shot.
        taken_at: EXIF date and time.
        digital_zoom: of which the camera shows the middle part at full size; None: it has no such tag.
    """

    make: str = "backfocus"
    model: str = "virtual camera"
    lens: str | None = None
    widest_f_number: float | None = None
    iso: int = 100
    taken_at: str = "2026:01:01 12:00:00"
    digital_zoom: float | None = None


@dataclass(frozen=True)
class Camera:
    """A sensor with a lens that suits it.

    Attributes:
        distance_mm: where to put the AF mark, so that an A4 sheet fills a good part of the picture.
    """

    sensor: Sensor
    lens: Lens
    distance_mm: float
    names: ExifNames


CAMERAS = {
    "full-frame-24": Camera(
        Sensor(36.0, (6000, 4000)), Lens(85.0, 1.4), 1500.0, ExifNames("NIKON CORPORATION", "NIKON D750")
    ),
    "full-frame-45": Camera(
        Sensor(35.9, (8256, 5504), filter_sigma_px=0.45),
        Lens(85.0, 1.4),
        1500.0,
        ExifNames("NIKON CORPORATION", "NIKON D850"),
    ),
    "full-frame-61": Camera(
        Sensor(36.0, (9504, 6336), filter_sigma_px=0.45), Lens(85.0, 1.4), 1500.0, ExifNames("SONY", "ILCE-7RM4")
    ),
    "aps-c-24": Camera(
        Sensor(23.5, (6000, 4000)), Lens(50.0, 1.8), 1300.0, ExifNames("NIKON CORPORATION", "NIKON D7200")
    ),
    "phone-12": Camera(
        Sensor(7.6, (4032, 3024), filter_sigma_px=0.45),
        Lens(5.6, 1.8, aberration_um=0.8),
        400.0,
        ExifNames("samsung", "SM-G991B"),
    ),
}
"""By kind and megapixels. Sensors without a low-pass filter are blurred by demosaicing only. A phone's lens is
sharper in µm, as its pixels are small: its blur is that of the pixels and of diffraction."""
