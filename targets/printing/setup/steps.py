"""What to do with a chart, step by step."""

from __future__ import annotations

from backfocus.targets.chart import Chart
from backfocus.targets.printing.setup.words import FARTHEST, NEAREST, quiet_distance


def leaning_steps(chart: Chart) -> list[str]:
    """Return the steps for a sheet that leans back."""
    return [
        _print_step(chart, ""),
        "Cut out the stand below and glue it to the sheet, so that the far edge leans back "
        f"{chart.angle_deg:g}° from upright.",
        "Put the camera on a tripod, level with the AF mark and straight in front of it: the left and "
        "right border of the sheet look alike.",
        _distance_step(chart),
        _exposure_step(),
        _shooting_step(),
    ]


def fold_steps(chart: Chart) -> list[str]:
    """Return the steps for a folded sheet."""
    return [
        _print_step(chart, "on stiff paper"),
        "Score both fold lines along a ruler, from edge to edge of the sheet.",
        "Dashed line: fold the left wing towards you. Line of dashes and dots: fold the right wing away from you.",
        "Stand the sheet on the gauge below and turn the wings to its lines. A few degrees more or less do no "
        "harm: the photo tells them. Take this page away again.",
        "Put the camera on a tripod, straight in front of the middle panel, level with the AF mark, both wings in "
        "the picture.",
        _distance_step(chart),
        _exposure_step(),
        _self_test_step(),
        _shooting_step(),
    ]


def wall_steps(chart: Chart) -> list[str]:
    """Return the steps for an upright sheet."""
    return [
        _print_step(chart, ""),
        "Fix the sheet flat to a wall or to an upright board. Where it bulges, it has another depth.",
        "Put the camera on a tripod, straight in front of the AF mark: opposite borders of the sheet look parallel "
        "and equally long.",
        _distance_step(chart),
        _exposure_step(),
        _self_test_step(),
        _shooting_step(),
        "Do the same for every AF setting that you compare, with nothing else changed.",
    ]


def _print_step(chart: Chart, paper: str) -> str:
    how = f" {paper}" if paper else ""
    return (
        f"Print both pages{how} at 100 %, never fitted to the page. Both check bars on page 1 must measure "
        f"{chart.check_bars[0].length_mm:g} mm."
    )


def _distance_step(chart: Chart) -> str:
    return (
        f"Go {NEAREST} to {FARTHEST} times the focal length away. Up to {quiet_distance(chart)} times, an AF "
        "area of usual size sees only the mark; from farther away choose a small one."
    )


def _exposure_step() -> str:
    return (
        "Open the aperture fully. Put one AF area on the mark. Low ISO, good even light, stabiliser off, "
        "self-timer."
    )


def _self_test_step() -> str:
    return (
        "Does autofocus keep to the mark? Hide the mark under white paper and try: autofocus must give up. If it "
        "finds something, choose a smaller AF area or go closer."
    )


def _shooting_step() -> str:
    return (
        "Before every shot turn the focus well away by hand, then let autofocus find the mark and take the "
        "picture. Take five or more."
    )
