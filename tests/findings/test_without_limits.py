"""Findings that have no number, on values made by formula."""

from __future__ import annotations

from dataclasses import replace

import formula_photo as formula
import numpy as np
import pytest
from series_shots import codes, only, shots

from backfocus.targets import build_chart
from backfocus.verify import checks
from backfocus.verify.findings import KINDS, FindingKind, Findings, Refusal
from backfocus.verify.measure import _upright
from backfocus.verify.prints.page_map import fit_page_map
from backfocus.verify.tuning.tune import tune


def test_the_name_of_a_finding_is_its_code_in_capitals() -> None:
    names = {name: kind for name in dir(Findings) if isinstance(kind := getattr(Findings, name), FindingKind)}
    assert {kind.code.upper().replace("-", "_") for kind in KINDS.values()} == set(names)
    assert all(kind.code.upper().replace("-", "_") == name for name, kind in names.items())


def test_every_finding_has_words() -> None:
    for kind in KINDS.values():
        assert kind.title and not kind.title.endswith(".")
        assert kind.cause.endswith(".") and kind.remedy.endswith((".", ")"))
        assert all(limit.unit and limit.reason.endswith(".") for limit in kind.limits)


def test_a_qr_code_that_cannot_be_read() -> None:
    seen = replace(formula.sighting(), read_from="markers")
    found = [finding.code for finding in checks.of_the_sheet(seen, formula.pose(), formula.samples())]
    assert found == ["qr-unread"]


def test_an_upright_chart_has_no_depth() -> None:
    wall = build_chart("wall")
    result = _upright(formula.photo(), formula.sighting(wall), formula.pose(0.0), formula.samples(chart=wall))
    assert result.status == "sharpness"
    assert [finding.code for finding in result.findings] == ["no-depth"]


def test_paper_whose_edges_tell_nothing() -> None:
    assert [finding.code for finding in checks.of_the_paper(None)] == ["scale-unchecked"]


def test_shake_is_taken_into_account_only_where_the_edges_show_it() -> None:
    (shown,), (hidden,) = (list(checks.of_the_motion(6.0, is_determined=known)) for known in (True, False))
    assert (shown.code, hidden.code) == ("motion-blur", "motion-undetermined")
    assert "into account" in shown.message and "into account" not in hidden.message
    assert not list(checks.of_the_motion(1.0, is_determined=False))


def test_two_markers_are_too_few_to_check_a_print() -> None:
    markers = np.array([[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)]]) + np.array(
        [[[0.0, 0.0]], [[50.0, 70.0]]]
    )
    with pytest.raises(Refusal) as refusal:
        fit_page_map(markers, markers)
    assert refusal.value.finding.code == "too-few-markers"


def test_shots_whose_setting_nobody_tells() -> None:
    assert "setting-unknown" in codes(only(shots(10.0, None)))


def test_shots_whose_own_data_tell_another_setting() -> None:
    said = [replace(shot, setting=5.0) for shot in shots(10.0, 0.0)]
    assert "setting-disagrees" in codes(only(said))


def test_focus_that_shifts_with_the_aperture() -> None:
    stopped = replace(formula.CAMERA, focal_length_mm=85.0, f_number=2.8, widest_f_number=1.4)
    open_ = replace(stopped, f_number=1.4)
    found = tune([*shots(0.0, camera=open_), *shots(30.0, camera=stopped, name="stopped")])
    assert "focus-shift" in {finding.code for lens in found.lenses for finding in lens.findings}


REFUSED = (
    Findings.NO_MINIMUM.finding("Blur changes only from 0.8 to 0.9 px.", 1.05, Findings.NO_MINIMUM.limits[0]),
    Findings.POOR_FIT.finding("The blur scatters by 20% about the curve of a lens.", 0.2),
)


@pytest.mark.parametrize("reason", REFUSED, ids=lambda reason: reason.code)
def test_what_was_seen_before_a_refusal_is_told_with_its_reason(reason) -> None:
    found = checks.observe_refused(
        formula.photo(f_number=8.0),
        formula.sighting(),
        formula.pose(),
        formula.samples(halo=0.1, clear_px=np.full(1000, 6.0)),
        formula.curve(shake_px=4.0, floor_px=3.0, slope_px_per_mm=formula.SLOPE_PX_PER_MM * formula.F_NUMBER / 8.0),
        reason,
    )
    seen = {"not-wide-open", "motion-blur", "sharpened", "chart-too-small", "soft-throughout"}
    assert {finding.code for finding in found[:-1]} == seen
    assert found[-1].code == reason.code
    assert found[-1].message.startswith(reason.message)
    assert ("taken at f/8" in found[-1].message) == (reason.code == "no-minimum")
    for kind in map(KINDS.__getitem__, seen):
        assert kind.title[1:] in found[-1].message


def test_a_refusal_for_another_reason_names_no_causes() -> None:
    reason = Findings.TOO_FLAT_ON.finding(value=5.0)
    found = checks.observe_refused(
        formula.photo(f_number=8.0), formula.sighting(), formula.pose(), formula.samples(), formula.curve(), reason
    )
    assert found[-1] == reason
