"""The table of planes by contrast, from rows without photos."""

from __future__ import annotations

from planes_by_contrast import Row, table

from backfocus.verify.fit.ridge import Ridge

FIELD_MM = 100.0


def row(error_mm: float, half_mm: float, peak: float = 0.7) -> Row:
    noise = half_mm / 1.96
    ridge = Ridge(error_mm, noise, 0, 0, 0, 0, 0, 0, 1, None, peak, None, (-50, 50), 1, None, None)
    return Row("planar50", 2.8, FIELD_MM, 0.0, ridge)


def cells(found: list[Row]) -> list[str]:
    return [cell.strip() for cell in table(found).splitlines()[-1].split("|")[2:]]


def test_errors_and_half_widths_are_percent_of_the_depth_of_field() -> None:
    _, answers, blurred, none, median, worst, mean, half, _, held, needed, silent, _ = cells(
        [row(1.0, 4.0), row(-3.0, 4.0)]
    )
    assert (answers, blurred, none) == ("2 of 2", "0", "0")
    assert (median, worst, mean, half) == ("2.00", "2.8", "-1.0", "4.0")
    assert (held, needed, silent) == ("1.00", "0.72", "0")


def test_an_error_over_three_half_widths_is_silently_wrong() -> None:
    assert cells([row(13.0, 4.0)])[-2] == "1"
    assert cells([row(11.0, 4.0)])[-2] == "0"


def test_lenses_without_a_single_plane_and_wide_intervals_are_no_answers() -> None:
    assert cells([row(1.0, 4.0), row(1.0, 4.0, peak=0.1), row(1.0, 60.0)])[1:4] == ["1 of 3", "1", "1"]
