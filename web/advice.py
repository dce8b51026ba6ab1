"""What somebody has and wants to print, and the planner's advice on it in a page's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.errors import UserError
from backfocus.targets.ids import DESIGNS
from backfocus.targets.protocol import LEAST, NEAREST, USUAL, distances, metres_and_feet, others, steps

from .catalogue import in_page_words

if TYPE_CHECKING:
    from backfocus.verify.cameras.names import Found
    from backfocus.verify.tuning.plan import Plan

SENSOR_NAMES = {
    "full-frame": "full frame",
    "aps-c": "APS-C",
    "aps-c-canon": "APS-C of Canon",
    "micro-four-thirds": "Micro Four Thirds",
    "1-inch": "1 inch",
}
_ONE = r"([0-9]+(?:[.,][0-9]+)?)"
_UNITS_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "": 1000.0, "ft": 304.8, "'": 304.8}
_FORMS = {
    "lens": (rf"{_ONE}(?:mm)?(?:[-\u2013]{_ONE}(?:mm)?)?", "The focal length", (4.0, 2000.0), "85 or 70-200"),
    "aperture": (rf"(?:f/?|1:)?{_ONE}(?:[-\u2013]{_ONE})?", "The f-number", (0.7, 32.0), "1.8 or 3.5-5.6"),
    "metres": (rf"{_ONE}(mm|cm|m|ft|'|)", "The room", (0.05, 200.0), "2.5, in metres, or 8 ft"),
}
"""How lengths and f-numbers are written, what they are called, their bounds, and examples."""
Line = tuple[str, str]
"""A sentence, after the end of a zoom that it is about."""
Row = tuple[str, tuple[Line, ...]]
"""A heading, and what stands there."""
Ends = tuple[float, ...]
"""Of a lens: the shortest and the longest focal length, or their f-numbers; one number where there is only one."""


@dataclass(frozen=True)
class Wish:
    """What somebody filled in; empty or None where nothing. `metres` is what the room has."""

    lens: Ends = ()
    aperture: Ends = ()
    metres: float | None = None
    camera: str = ""
    sensor: str = ""
    design: str = ""
    paper: str = "a4"

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        from urllib.parse import urlencode

        told = vars(self) | {"lens": self.lens_words, "aperture": self.aperture_words}
        told["metres"] = "" if self.metres is None else f"{self.metres:g}"
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def lens_words(self) -> str:
        """The focal lengths as they are written on a lens."""
        return "-".join(f"{end:g}" for end in self.lens)

    @property
    def aperture_words(self) -> str:
        """The f-numbers as they are written on a lens."""
        return "-".join(f"{end:g}" for end in self.aperture)

    @property
    def ends(self) -> list[tuple[float, float]]:
        """Focal length and widest f-number, of a zoom at both ends."""
        f_numbers = self.aperture * 2 if len(self.aperture) == 1 else self.aperture
        return list(zip(self.lens, f_numbers, strict=False))


@dataclass(frozen=True)
class Advice:
    """A chart, and what to do with it; nothing where too little was told."""

    chart: Chart
    rows: tuple[Row, ...] = ()


def wish_of(query: QueryParams) -> Wish:
    """Return what a form asks for.

    Raises:
        UserError: a value that cannot be.
    """
    paper, design = query.get("paper") or "a4", query.get("design") or ""
    if paper not in PAPERS or (design and design not in DESIGNS):
        raise UserError("There is no such chart.", "Choose one of the list.")
    sensor = query.get("sensor") or ""
    if sensor and sensor not in SENSOR_NAMES:
        raise UserError("There is no such sensor.", "Choose one of the list.")
    lens, aperture = (_ends(query.get(name, ""), name) for name in ("lens", "aperture"))
    if len(aperture) > 1 and len(lens) < 2:
        raise UserError("Two f-numbers are those of a zoom.", "Write its focal lengths as in 18-55.")
    room = _metres(query.get("metres", ""))
    return Wish(lens, aperture, room, query.get("camera", "").strip()[:80], sensor, design, paper)


def advise(wish: Wish) -> Advice:
    """Return the advice for a lens, a camera and a room.

    Raises:
        UserError: the lens needs more room, or half of it is not told.
    """
    from backfocus.verify.cameras.names import find_makers

    found = next((each for each in find_makers(wish.camera) if each.maker.kind in ("camera", "class")), None)
    chart = build_chart(wish.design or "flat", wish.paper)
    if found is not None and _is_phone(found):
        return Advice(chart, tuple(_phone_rows(chart, found)))
    if not wish.lens or not wish.aperture:
        if wish.lens or wish.aperture:
            missing = "widest aperture" if wish.lens else "focal length"
            raise UserError(f"For advice the {missing} is needed too.", "Both stand on the lens, as in 85mm 1:1.8.")
        return Advice(chart)
    stands = [_distance_mm(wish, chart, *end) for end in wish.ends]
    if not chart.has_depth:
        return Advice(chart, tuple(_upright_rows(wish, chart, stands)))
    plans = [_plan(wish, found, end, distance) for end, distance in zip(wish.ends, stands, strict=True)]
    largest = max(plans, key=lambda plan: plan.sheet.chart.scale).sheet.chart
    return Advice(largest, tuple(_rows(wish, found, plans)))


def span_of(wish: Wish, chart: Chart) -> list[tuple[float, str, str, str]]:
    """Return for each end of a lens its focal length, and where to stand: at best, nearest and farthest."""
    told = []
    for focal_length, f_number in wish.ends or [(focal_length, 1.0) for focal_length in wish.lens]:
        nearest, farthest = distances(chart, f_number)
        usual = min(_times(chart, f_number), (1000.0 * wish.metres if wish.metres else 1e9) / focal_length)
        near, far, best = (metres_and_feet(focal_length * times) for times in (nearest, farthest, usual))
        told.append((focal_length, best, near, far))
    return told


def _times(chart: Chart, f_number: float) -> float:
    """Return how many focal lengths away a chart of this size is best: as far as its depth goes, 30 at most."""
    _, farthest = distances(chart, f_number)
    return min(USUAL, farthest) if farthest >= NEAREST else NEAREST


def _distance_mm(wish: Wish, chart: Chart, focal_length_mm: float, f_number: float) -> float:
    best = _times(chart, f_number) * focal_length_mm
    if wish.metres is None or 1000.0 * wish.metres >= best:
        return best
    least, room = LEAST * focal_length_mm, 1000.0 * wish.metres
    if room < least:
        raise UserError(
            f"A lens of {focal_length_mm:g} mm needs {metres_and_feet(least)} at least, and better "
            f"{metres_and_feet(NEAREST * focal_length_mm)}: nearer, its best setting is not that for usual ones.",
            "Look for a longer room, a corridor or two rooms with the door open, or go outdoors.",
        )
    return room


def _plan(wish: Wish, found: Found | None, end: tuple[float, float], distance_mm: float) -> Plan:
    from backfocus.verify.tuning.plan import make_plan
    from backfocus.verify.tuning.precision import SENSORS_MM, Setup, pixels_of

    body = None if found is None else found.body
    own = SENSORS_MM["full-frame"] if body is None else body.sensor_mm
    sensor = SENSORS_MM[wish.sensor] if wish.sensor else own
    pixels = body.long_px if body is not None and body.long_px else pixels_of(24.0, sensor)
    return make_plan(Setup(*end, sensor, distance_mm, pixels), found, wish.paper, design=wish.design or "flat")


def _rows(wish: Wish, found: Found | None, plans: list[Plan]) -> list[Row]:
    """Return plans as headings and sentences, of a zoom those of both ends where they differ."""
    from backfocus.verify.tuning.plan import rows_of

    each = [
        [(label, in_page_words(text)) for label, text in rows_of(plan) if label not in ("Print", "Then")]
        for plan in plans
    ]
    texts = [dict(own) for own in each]
    rows = [
        (label, _both(wish, text, texts[1].get(label, text)) if len(plans) > 1 else (("", text),))
        for label, text in each[0]
        if label != "Note"
    ]
    notes = dict.fromkeys(text for own in each for label, text in own if label == "Note")
    return [*rows, *(_row("Note", text) for text in [*notes, *_doubts(wish, found, plans)])]


def _row(label: str, text: str) -> Row:
    return label, (("", text),)


def _both(wish: Wish, short: str, long: str) -> tuple[Line, ...]:
    """Return what holds at either end of a zoom; what comes after the first sentence is the same for both."""
    if short == long:
        return (("", short),)
    (one, _, rest), (other, _, same) = (text.partition(". ") for text in (short, long))
    if rest != same:
        one, other, rest = short, long, ""
    lines = [(f"{end:g} mm: ", text) for end, text in zip(wish.lens, (one, other), strict=True)]
    return (*lines, ("", rest)) if rest else tuple(lines)


def _doubts(wish: Wish, found: Found | None, plans: list[Plan]) -> list[str]:
    """Return what a page has to say besides."""
    doubts = []
    if len(plans) > 1:
        doubts.append(
            "A zoom is photographed at both ends, all photos at each: the answer has a value for each and one for "
            "both."
        )
    if any(plan.setup.distance_mm < 0.99 * NEAREST * plan.setup.focal_length_mm for plan in plans):
        doubts.append(
            f"{NEAREST} focal lengths would be better: nearer, the best setting drifts from that for usual ones."
        )
    if found is None and wish.camera:
        doubts.append("This camera is not known here: see to the spelling, or choose its sensor.")
    elif not wish.sensor and (found is None or found.body is None):
        doubts.append("The sensor is taken as full frame; name the camera, or choose its sensor.")
    return doubts


def _is_phone(found: Found) -> bool:
    without = found.maker.without(found.model)
    return found.maker.kind == "class" and without is not None and without.kind == "phone"


def _phone_rows(chart: Chart, found: Found) -> list[Row]:
    words = {step.word: step.text for step in (*steps(chart), *others())}
    without = found.maker.without(found.model)
    words |= {} if without is None else {"If it is off": without.instead}
    chosen = [word for word in ("Glue", "Fold", "Stand", "Tripod", "Phone", "If it is off") if word in words]
    return [_row(word, _capital(in_page_words(words[word]))) for word in chosen]


def _upright_rows(wish: Wish, chart: Chart, stands: list[float]) -> list[Row]:
    words = {step.word: step.text for step in steps(chart)}
    where = [f"{metres_and_feet(distance)} from lens to AF mark" for distance in stands]
    stand = _row("Stand", where[0]) if len(where) == 1 else ("Stand", _both(wish, *where))
    return [stand, *(_row(word, _capital(in_page_words(words[word]))) for word in ("Glue", "Tripod", "Shoot"))]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ends(text: str, name: str) -> Ends:
    found = _read(text, name)
    if found is None:
        return ()
    ends = tuple(_bounded(end, name) for end in found.groups() if end)
    if list(ends) != sorted(ends):
        raise UserError(f"{_FORMS[name][1]} of a zoom goes from the smaller number to the larger.")
    return ends[:1] if ends[0] == ends[-1] else ends


def _metres(text: str) -> float | None:
    found = _read(text, "metres")
    if found is None:
        return None
    mm = float(found[1].replace(",", ".")) * _UNITS_MM[found[2]]
    return _bounded(str(mm / 1000.0), "metres")


def _read(text: str, name: str) -> Any:
    """Return what a form's field says; None for nothing.

    Raises:
        UserError: it is something else.
    """
    form, called, (low, high), example = _FORMS[name]
    typed = "".join(text.split()).lower()
    found = re.fullmatch(form, typed, re.ASCII)
    if typed and found is None:
        raise UserError(f"{called} must be a number from {low:g} to {high:g}, such as {example}.")
    return found


def _bounded(text: str, name: str) -> float:
    _, called, (low, high), example = _FORMS[name]
    number = float(text.replace(",", "."))
    if not low <= number <= high:
        raise UserError(f"{called} must be a number from {low:g} to {high:g}, such as {example}.")
    return number
