"""The virtual camera against theory. Everything expected is written out here, not taken from the camera."""

from __future__ import annotations

import io
import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps
from scipy.optimize import curve_fit
from virtual_scene import (
    CHART,
    CLEAR,
    FACING,
    HALF_BLACK,
    LETTER_L,
    MARK,
    PERFECT,
    PITCH_MM,
    SMALL,
    draw,
    edge_profile,
    gaussian_edge,
    linear,
    look,
    spread,
)

from backfocus.verify.simulate import (
    Development,
    ExifNames,
    Exposure,
    Lens,
    Sensor,
    SheetPose,
    SheetRaster,
    VirtualShot,
    shoot,
)


def photo(orientation: int = 1, tint: tuple[float, float, float] | None = None, quality: int = 90) -> VirtualShot:
    return shoot(
        HALF_BLACK,
        CHART,
        SheetPose(),
        Lens(50, 2.8),
        Sensor(pixels=(60, 40), orientation=orientation),  # type: ignore[arg-type]
        Exposure(noise_fraction=0.002, tint=tint),
        Development(jpeg_quality=quality),
        names=ExifNames("NIKON CORPORATION", "NIKON D750", "50mm f/1.4", 1.4),
    )


def with_orientation(rows: npt.NDArray[np.uint8], orientation: int) -> Image.Image:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(rows).save(file, "png", exif=exif)
    return Image.open(file)


def tiff_rows(path: Path) -> npt.NDArray[np.uint8]:
    """The last bytes of the file: neither Pillow nor OpenCV shows the rows of a TIFF file as they stand."""
    return np.frombuffer(path.read_bytes()[-2400:], np.uint8).reshape(40, 60)


def ratio(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


class TestGeometry:
    @pytest.mark.parametrize(
        ("pose", "page_mm", "camera_mm"),
        [
            (SheetPose(tilt_deg=30), (MARK[0], MARK[1] - 100), (0, -100 * math.cos(math.pi / 6), 1550)),
            (SheetPose(tilt_deg=-30), (MARK[0], MARK[1] - 100), (0, -100 * math.cos(math.pi / 6), 1450)),
            (SheetPose(tilt_deg=0, yaw_deg=30), (MARK[0] + 80, MARK[1]), (80 * math.cos(math.pi / 6), 0, 1540)),
            (SheetPose(tilt_deg=0, roll_deg=90), (MARK[0], MARK[1] - 100), (100, 0, 1500)),
            (SheetPose(tilt_deg=0, roll_deg=30), (MARK[0] + 100, MARK[1]), (86.60254, 50, 1500)),
        ],
    )
    def test_a_page_point_is_seen_where_the_pose_puts_it(self, pose, page_mm, camera_mm):
        shot = shoot(HALF_BLACK, CHART, pose, Lens(50, 4), Sensor(pixels=(150, 100)), offset_mm=100)
        focal_px = 50 * 1600 / 1550 / 0.24
        x, y, z = camera_mm
        expected = (74.5 + focal_px * x / z, 49.5 + focal_px * y / z)
        assert shot.truth.page_to_pixel([page_mm])[0] == pytest.approx(expected, abs=1e-4)
        assert shot.truth.depth_mm([page_mm])[0] == pytest.approx(z - 1500)
        assert shot.truth.focal_px == pytest.approx(focal_px)

    def test_tilt_and_yaw_add_up_to_the_angle_of_the_normal(self):
        shot = shoot(HALF_BLACK, CHART, SheetPose(40, 20, 33), Lens(), Sensor(pixels=(150, 100)))
        expected = math.acos(math.cos(math.radians(40)) * math.cos(math.radians(20)))
        assert shot.truth.tilt_deg == pytest.approx(math.degrees(expected))

    @pytest.mark.parametrize("distortion_percent", [0.0, 2.0, -3.0])
    def test_ink_is_where_the_truth_says(self, distortion_percent):
        """At the ends of a distorted picture, for a leaning sheet and an AF mark off the centre."""
        pose = SheetPose(20, 10, 7, 600, (0.05, -0.03))
        ink = [(10, 0, 20, 297, 30), (190, 0, 200, 297, 270), (60, 0, 70, 297, 140)]
        sheet = draw(*(bar[:4] for bar in ink))
        lens = Lens(50, 16, distortion_percent=distortion_percent)
        shot = shoot(sheet, CHART, pose, lens, SMALL, PERFECT)
        for left, _, right, _, middle in ink:
            for x, turn in ((left, -1), (right, 1)):
                d, light = edge_profile(shot, ((x, middle + 3), (x, middle - 3)), 6)
                (_, _, at, _), _ = curve_fit(gaussian_edge, d, light, (0.4, 0.4 + turn * 0.3, 0, 0.7))
                assert at == pytest.approx(0.0, abs=0.03)

    def test_distortion_moves_the_corner_by_the_stated_percentage(self):
        pose = SheetPose(0, 0, 0, 1500, (0.2, 0.1))
        straight = shoot(HALF_BLACK, CHART, pose, Lens(), SMALL).truth
        bent = shoot(HALF_BLACK, CHART, pose, Lens(distortion_percent=2.0), SMALL).truth
        corner = np.array([600, 400]) / 2
        x, y = bent.projection.distort(np.array([299.5, 199.5]) + corner) - (299.5, 199.5)
        assert math.hypot(x, y) / math.hypot(*corner) == pytest.approx(1.02)
        assert straight.af_mark_px == bent.af_mark_px == (299.5 + 120, 199.5 + 40)
        assert bent.page_to_pixel([MARK])[0] == pytest.approx((299.5 + 120, 199.5 + 40), abs=1e-6)

    def test_marker_corners_are_those_of_the_chart(self):
        truth = shoot(HALF_BLACK, CHART, SheetPose(), Lens(), SMALL).truth
        assert set(truth.marker_corners_px) == {marker.id for marker in CHART.markers}
        first = CHART.markers[0]
        assert truth.marker_corners_px[first.id] == pytest.approx(truth.page_to_pixel(first.corners_page_mm))


class TestBlur:
    @pytest.mark.parametrize("offset_mm", [60.0, -60.0, 400.0])
    def test_an_edge_out_of_focus_spreads_over_the_circle_of_confusion(self, offset_mm):
        lens = Lens(200, 2.0, aberration_um=0.0, **CLEAR)
        sensor = Sensor(pixels=(600, 400), filter_sigma_px=0.0)
        shot = shoot(HALF_BLACK, CHART, SheetPose(0, 0, 3), lens, sensor, PERFECT, offset_mm=offset_mm)
        focus = 1500 + offset_mm
        diameter_px = 100 * 200 * focus / (focus - 200) * abs(1 / 1500 - 1 / focus) / PITCH_MM
        reach = diameter_px / 2 + 8
        d, light = edge_profile(shot, ((MARK[0], MARK[1] - 30), (MARK[0], MARK[1] + 30)), reach)
        assert spread(d, light, reach) * 4 == pytest.approx(diameter_px, rel=0.01)
        assert shot.truth.blur_radius_px([MARK])[0] == pytest.approx(diameter_px / 2)

    @pytest.mark.parametrize("filter_sigma_px", [0.3, 0.7])
    @pytest.mark.parametrize("roll_deg", [3.0, 20.0, 45.0, 93.0])
    def test_an_edge_in_focus_has_the_width_of_lens_filter_and_pixel(self, roll_deg, filter_sigma_px):
        sensor = Sensor(pixels=(600, 400), filter_sigma_px=filter_sigma_px)
        pose = SheetPose(0, 0, roll_deg, 1500)
        shot = shoot(HALF_BLACK, CHART, pose, Lens(85, 8, aberration_um=20.0, **CLEAR), sensor, PERFECT)
        d, light = edge_profile(shot, ((MARK[0], MARK[1] - 60), (MARK[0], MARK[1] + 60)), 6)
        (at_left, at_right, at, width), _ = curve_fit(gaussian_edge, d, light, (0.1, 0.7, 0, 1))
        dark, bright = sorted((at_left, at_right))
        diffraction_px = math.sqrt(2) / math.pi * 0.55e-3 * 8 / PITCH_MM
        expected = math.hypot(20e-3 / PITCH_MM, diffraction_px, filter_sigma_px, math.sqrt(1 / 12))
        assert width == pytest.approx(expected, rel=0.015)
        assert abs(at) < 0.02
        assert dark == pytest.approx(0.7 * 0.04 / 0.85, rel=0.02)
        assert bright == pytest.approx(0.7, rel=0.002)

    @pytest.mark.parametrize("offset_mm", [20.0, -20.0, 0.0])
    @pytest.mark.parametrize("pose", [SheetPose(45), SheetPose(-45), SheetPose(45, 5, 90), SheetPose(40, -3, 200)])
    def test_the_sharpest_place_is_where_the_offset_puts_it(self, pose, offset_mm):
        """A positive offset is sharpest on the side that leans away."""
        shot = shoot(HALF_BLACK, CHART, pose, Lens(200, 2.0), SMALL, PERFECT, offset_mm=offset_mm)
        along_mm = np.linspace(-75, 75, 101)
        across = np.linspace(-15, 15, 121)
        light = linear(shot)
        places = shot.truth.page_to_pixel(np.column_stack([np.full(101, MARK[0]), MARK[1] - along_mm]))
        direction = np.array([-(places[-1] - places[0])[1], (places[-1] - places[0])[0]])
        direction /= np.linalg.norm(direction)
        profiles = look(light, places[:, None] + across[None, :, None] * direction)
        steepness = np.abs(np.diff(profiles, axis=1)).max(axis=1)
        # Seen across, a profile of disc and Gaussian falls off as 1/(1 + (z/z0)²) near its best place.
        near = steepness > 0.6 * steepness.max()
        bend, slope, _ = np.polyfit(along_mm[near], steepness[near] ** -2.0, 2)
        lean = math.sin(math.radians(pose.tilt_deg)) * math.cos(math.radians(pose.yaw_deg))
        assert -slope / (2 * bend) * lean == pytest.approx(offset_mm, abs=1.5)


class TestPortrait:
    def test_portrait_shows_the_same_sheet_as_landscape(self):
        poses = SheetPose(30, 5, 2)
        landscape = shoot(LETTER_L, CHART, poses, Lens(), Sensor(pixels=(750, 500)), PERFECT)
        portrait = shoot(LETTER_L, CHART, poses, Lens(), Sensor(pixels=(750, 500), orientation=6), PERFECT)
        assert (landscape.codes.shape, portrait.codes.shape) == ((500, 750), (750, 500))
        wide, high = landscape.codes[175:325, 300:450], portrait.codes[300:450, 175:325]
        assert np.abs(wide.astype(int) - high).max() <= 8  # vignetting
        assert wide.min() < 80

    @pytest.mark.parametrize(("roll_deg", "turns"), [(90, 3), (180, 2), (270, 1)])
    def test_a_rolled_sheet_is_the_picture_turned_clockwise(self, roll_deg, turns):
        sensor = Sensor(pixels=(500, 500))
        upright = shoot(LETTER_L, CHART, SheetPose(30), Lens(), sensor, PERFECT).codes
        rolled = shoot(LETTER_L, CHART, SheetPose(30, 0, roll_deg), Lens(), sensor, PERFECT).codes
        middle = slice(190, 310), slice(190, 310)
        assert np.abs(np.rot90(upright, turns)[middle].astype(int) - rolled[middle]).max() <= 5
        assert upright[middle].min() < 80


class TestLight:
    def test_noise_has_the_stated_strength_on_paper_and_less_on_ink(self):
        exposure = Exposure(noise_fraction=0.02, read_noise_share=0.25, paper_white=0.6)
        shot = shoot(HALF_BLACK, CHART, FACING, Lens(50, 4, **CLEAR), SMALL, exposure)
        light = linear(shot)
        ink, paper = light[130:270, 245:290], light[130:270, 310:355]
        assert paper.mean() == pytest.approx(0.6, rel=0.002)
        assert paper.std() == pytest.approx(0.02 * 0.6, rel=0.03)
        assert ink.std() == pytest.approx(0.02 * 0.6 * math.sqrt(0.25 + 0.75 * 0.04 / 0.85), rel=0.03)

    def test_neighbouring_pixels_have_unrelated_noise(self):
        light = linear(shoot(HALF_BLACK, CHART, FACING, Lens(50, 4, **CLEAR), SMALL))[130:270, 310:355]
        light -= light.mean()
        assert abs((light[:, 1:] * light[:, :-1]).mean()) < 0.06 * light.var()

    def test_vignetting_and_light_fall_off_as_stated(self):
        white = SheetRaster(np.zeros((100, 100), np.uint8), CHART.page_mm)
        pose = SheetPose(0, 0, 0, 400)
        sensor = Sensor(pixels=(301, 201))
        vignetted = linear(shoot(white, CHART, pose, Lens(85, 4, vignetting_stops=1.5), sensor, PERFECT))
        uneven = Exposure(noise_fraction=0.0, light_gradient=(0.2, -0.1))
        gradient = linear(shoot(white, CHART, pose, Lens(85, 4, **CLEAR), sensor, uneven))
        assert vignetted[100, 150] == pytest.approx(0.7, rel=1e-3)
        assert vignetted[0, 0] == pytest.approx(0.7 * 2**-1.5, rel=0.02)
        assert gradient[100, -1] / gradient[100, 0] == pytest.approx(1.1 / 0.9, rel=1e-3)
        assert gradient[-1, 150] / gradient[0, 150] == pytest.approx(0.95 / 1.05, rel=1e-3)

    def test_sharpening_overshoots_at_an_edge_and_leaves_plain_paper(self):
        sharp = Development(sharpening_amount=1.0, sharpening_radius_px=1.5)
        plain = shoot(HALF_BLACK, CHART, FACING, Lens(50, 4, **CLEAR), SMALL, PERFECT).codes[200]
        shot = shoot(HALF_BLACK, CHART, FACING, Lens(50, 4, **CLEAR), SMALL, PERFECT, sharp).codes[200]
        assert int(shot[290:310].max()) - plain[290:310].max() > 10
        assert int(plain[290:310].min()) - shot[290:310].min() > 10
        assert shot[345] == plain[345]

    def test_denoising_smooths_plain_paper_and_leaves_the_noise_beside_an_edge(self):
        lens, noisy = Lens(50, 4, **CLEAR), Exposure(noise_fraction=0.02)
        clean = shoot(HALF_BLACK, CHART, FACING, lens, SMALL, PERFECT).codes16.astype(float)
        plain, denoised = (
            shoot(HALF_BLACK, CHART, FACING, lens, SMALL, noisy, development).codes16 - clean
            for development in (Development(), Development(denoising=0.02))
        )
        assert denoised[50:350, 320:350].std() < 0.3 * plain[50:350, 320:350].std()
        assert denoised[50:350, 300:302].std() > 0.7 * plain[50:350, 300:302].std()

    def test_contrast_curve_makes_dark_darker_and_bright_brighter(self):
        plain = shoot(HALF_BLACK, CHART, FACING, Lens(50, 4), SMALL, PERFECT).codes[200]
        steep = shoot(HALF_BLACK, CHART, FACING, Lens(50, 4), SMALL, PERFECT, Development(s_curve=0.5)).codes[200]
        assert steep[260] < plain[260] < plain[340] < steep[340]

    def test_black_level_lifts_what_is_dark(self):
        lifted = Sensor(pixels=(600, 400), black_level=0.02)
        dark = linear(shoot(HALF_BLACK, CHART, FACING, Lens(50, 4, **CLEAR), SMALL, PERFECT))[200, 260]
        assert linear(shoot(HALF_BLACK, CHART, FACING, Lens(50, 4, **CLEAR), lifted, PERFECT))[200, 260] == (
            pytest.approx(dark + 0.02, abs=1e-4)
        )

    def test_the_same_seed_gives_the_same_picture_and_another_seed_another(self):
        first, again, other = (
            shoot(HALF_BLACK, CHART, SheetPose(), sensor=Sensor(pixels=(300, 200)), seed=seed).codes
            for seed in (1, 1, 2)
        )
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


class TestRefusals:
    def test_a_lens_cannot_focus_nearer_than_it_can(self):
        with pytest.raises(ValueError, match="cannot focus at 150 mm"):
            shoot(HALF_BLACK, CHART, SheetPose(af_mark_distance_mm=150), Lens(85))

    def test_a_sheet_cannot_reach_through_the_lens(self):
        with pytest.raises(ValueError, match="reaches the lens"):
            shoot(HALF_BLACK, CHART, SheetPose(80, af_mark_distance_mm=140), Lens(20), SMALL)

    def test_a_sheet_outside_of_the_picture_leaves_the_ground(self):
        away = SheetPose(0, 0, 0, 1500, (3.0, 0.0))
        light = linear(shoot(HALF_BLACK, CHART, away, sensor=Sensor(pixels=(300, 200)), exposure=PERFECT))
        assert light.max() < 0.7

    def test_an_unknown_kind_of_file_is_refused(self, tmp_path):
        with pytest.raises(ValueError, match=r"take \.jpg with 8"):
            photo().save(tmp_path / "photo.gif")
        with pytest.raises(ValueError, match="cannot write 16 bits"):
            photo().save(tmp_path / "photo.jpg", bits=16)


class TestFiles:
    @pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
    @pytest.mark.parametrize("orientation", [1, 3, 6, 8])
    def test_a_file_holds_rows_of_the_sensor_and_its_orientation(self, tmp_path, name, orientation):
        shot = photo(orientation)
        with Image.open(shot.save(tmp_path / name)) as file:
            assert file.getexif()[274] == orientation
            stored = np.asarray(file.convert("L")) if name != "a.tif" else tiff_rows(tmp_path / name)
        assert stored.shape == (40, 60)
        upright = ImageOps.exif_transpose(with_orientation(stored, orientation))
        assert np.abs(np.asarray(upright).astype(int) - shot.codes).max() <= (12 if name == "a.jpg" else 0)

    @pytest.mark.parametrize("name", ["a.png", "a.tif"])
    @pytest.mark.parametrize("tint", [None, (1.0, 0.9, 0.7)])
    def test_sixteen_bits_are_kept(self, tmp_path, name, tint):
        shot = photo(1, tint)
        stored = cv2.imread(str(shot.save(tmp_path / name, bits=16)), cv2.IMREAD_UNCHANGED)
        assert stored.dtype == np.uint16
        assert np.array_equal(stored if tint is None else stored[..., ::-1], shot.codes16)

    def test_a_tint_colours_the_paper(self):
        red, green, blue = photo(1, (1.0, 0.9, 0.7)).codes.reshape(-1, 3).mean(axis=0)
        assert red > green > blue

    @pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
    def test_metadata_name_camera_lens_and_exposure(self, tmp_path, name):
        import exifread

        with photo().save(tmp_path / name).open("rb") as file:
            tags = {key: str(value) for key, value in exifread.process_file(file, details=False).items()}
        assert (tags["Image Make"], tags["Image Model"]) == ("NIKON CORPORATION", "NIKON D750")
        assert tags["EXIF LensModel"] == "50mm f/1.4"
        assert (tags["EXIF FNumber"], tags["EXIF FocalLength"]) == ("14/5", "50")
        assert ratio(tags["EXIF MaxApertureValue"]) == pytest.approx(2 * math.log2(1.4), abs=1e-3)
        assert ratio(tags["EXIF FocalPlaneXResolution"]) == pytest.approx(60 / 3.6, abs=1e-3)
        assert tags["EXIF FocalPlaneResolutionUnit"] == "3"

    def test_a_file_without_metadata_names_no_camera(self, tmp_path):
        with Image.open(photo().save(tmp_path / "a.jpg", exif=False)) as file:
            assert dict(file.getexif()) == {274: 1}

    def test_a_coarser_jpeg_is_smaller(self, tmp_path):
        sizes = [photo(quality=quality).save(tmp_path / "a.jpg").stat().st_size for quality in (50, 95)]
        assert sizes[0] < sizes[1]
