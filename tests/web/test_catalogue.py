"""The page in the reader's language: what the code can say has German, whose numbers and directions are the same.

Covered: every text of the templates; what the measuring core hands to findings, refusals and errors, read from its
source; all titles and remedies of the registry; what is known of bodies without a setting; plan and protocol of
every chart; answers, notes and findings of 496 series, reports of six of them.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from series_shots import CANON, D850, SCATTER, at_settings, row_of_shot, shots
from starlette.testclient import TestClient
from written_sentences import returned, sentences

from backfocus.targets import PAPERS, build_chart
from backfocus.targets.ids import DESIGNS
from backfocus.targets.protocol import others, steps
from backfocus.verify.cameras.makers import makers
from backfocus.verify.cameras.names import find_makers
from backfocus.verify.findings import KINDS
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.report.html import Section
from backfocus.verify.report.series_page import report_of_series
from backfocus.verify.report.table_page import report_of_rows
from backfocus.verify.tuning.plan import make_plan, rows_of
from backfocus.verify.tuning.precision import SENSORS_MM, Setup
from backfocus.verify.tuning.result import TuneResult
from backfocus.verify.tuning.saved import SavedTune, saved
from backfocus.verify.tuning.tune import tune
from backfocus.web import catalogue as catalogues
from backfocus.web.catalogue import Catalogue, catalogue, in_page_words

HERE = Path(__file__).parents[2]
GERMAN = catalogue("de")
MAKERS = {
    *("finding", "if_crossed", "refusal", "refuse_if_crossed", "LeftOut"),
    *("UserError", "UnreadablePhotoError", "HTTPException", "LostError"),
}
"""Of what a page says, by the names that make it."""
FOR_TERMINALS = re.compile(
    "standard input|Lead a file|Give the file itself|--processes|such file or folder|are no series|own data say"
    "|^The sheet says: 7|whatever its name|or: 77|upright chart tells no side|of a flat or zfold|"
    "with backfocus measure, for the cause|See that the file is whole"
)
"""What nobody reads on a page: of files named in a terminal, of tables measured earlier; or what the collector
knows in part only, which is looked at below."""
FOR_PROGRAMS = ("api.py", "serving.py", "values.py")
NOT_ON_PAGES = {"simulate", "scoring", "findings", "report", "prints"}
PENTAX = CameraInfo("PENTAX", "PENTAX K-1", "FA 50mm F1.4", 50.0, 1.4, 1.4, 35.9)
SONY = CameraInfo("SONY", "SLT-A99V", "50mm F1.4", 50.0, 1.4, 1.4, 35.8)
OLYMPUS = CameraInfo("OLYMPUS CORPORATION", "E-5", "50mm F2.0", 50.0, 2.0, 2.0, 17.3)
WITHOUT = CameraInfo("Canon", "Canon EOS R5", "RF85mm F1.2", 85.0, 1.4, 1.2, 36.0)
UNKNOWN = CameraInfo(None, None, None, 85.0, 1.4, 1.4, 35.9)
IN_LIVE_VIEW = CameraInfo(
    "NIKON CORPORATION", "NIKON D850", "85mm f/1.4", 85.0, 1.4, 1.4, 35.9, af_method="live-view"
)
CAMERAS = (D850, CANON, PENTAX, SONY, OLYMPUS, WITHOUT, UNKNOWN, IN_LIVE_VIEW)
FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Set {menu} to {setting}."
msgstr "Régler {menu} sur {setting}."

msgid "Print"
msgstr "Imprimer"
"""
NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
BEHIND = re.compile(r"behind|back focus|farther (?:away|from the camera)|beyond the sheet", re.IGNORECASE)
BEFORE = re.compile(r"in front|front focus|front from|closer(?! together)|nearer", re.IGNORECASE)
DAHINTER = re.compile(r"hinter|hinten|backfokus|weiter weg|weiter von|von der kamera weg", re.IGNORECASE)
DAVOR = re.compile(r"\bvor (?!jede|von)|davor|vorne|frontfokus|näher|zur kamera hin", re.IGNORECASE)


def entries() -> list[tuple[str, str]]:
    """The German catalogue: English and German texts."""
    with (HERE / "web" / "de.po").open("rb") as file:
        found = [(message.id, message.string) for message in read_po(file) if message.id]
    return [
        pair
        for english, german in found
        for pair in (zip(english, german, strict=True) if isinstance(english, tuple) else [(english, german)])
    ]


def untold(texts: set[str]) -> list[str]:
    """Those that German has not, in a page's words."""
    return sorted(text for text in map(in_page_words, texts) if not GERMAN.knows(text))


@cache
def series() -> list[TuneResult]:
    """Series of every kind of camera, error, scatter, number and setting."""
    found = []
    for camera, error, scatter, many in itertools.product(
        CAMERAS, (-300.0, -40.0, -4.0, 0.0, 4.0, 40.0, 300.0), (0.5, 12.0), (1, 2, 8)
    ):
        found.append(tune(shots(error, camera=camera, sd_um=scatter, scatter=SCATTER[:many]), []))
    for camera, crossing, scatter, step in itertools.product(
        CAMERAS, (-19.0, -4.0, 0.0, 4.0, 19.0), (0.5, 12.0), (5.0, -5.0)
    ):
        found.append(tune(at_settings(crossing, camera=camera, sd_um=scatter, step_um=step), []))
    return found


def test_every_text_of_the_templates_is_in_german() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (HERE / "web" / "templates").glob("*.j2"))
    calls = re.findall(r"(?:_|count)\(\"([^\"]*)\"(?:, \"([^\"]*)\")?|_\('([^']*)'", sources)
    texts = {text for call in calls for text in call if text}
    assert len(texts) > 120
    assert sorted(texts - {english for english, _ in entries()}) == []


def test_entries_have_the_same_fields_in_german() -> None:
    fields = re.compile(r"\{(\w+)\}")
    assert [
        english for english, german in entries() if {*fields.findall(english)} != {*fields.findall(german)}
    ] == []


def test_what_the_code_can_say_is_in_german() -> None:
    files = [*(HERE / "verify").rglob("*.py"), *(HERE / "web").glob("*.py")]
    found = {
        text.removeprefix("7: ")
        for path in files
        if not NOT_ON_PAGES & {*path.relative_to(HERE).parts} and path.name not in FOR_PROGRAMS
        for text in sentences(path, MAKERS)
        if " " in text.strip() and not FOR_TERMINALS.search(text)
    }
    assert len(found) > 170
    assert untold({f"{text[:1].upper()}{text[1:]}" for text in found}) == []


def test_every_finding_is_in_german() -> None:
    for_scans = ("scan", "fit-to-page", "print-s", "corners", "other-chart", "reference")
    kinds = [kind for kind in KINDS.values() if not kind.code.startswith(for_scans) and kind.code != "not-a-scan"]
    assert len(kinds) > 70
    assert untold({text for kind in kinds for text in (f"{kind.title}.", kind.cause, kind.remedy)}) == []


def test_no_page_names_an_option_of_the_terminal() -> None:
    raised_by_commands_only = [
        *("other-chart", "scan-resolution-unknown", "scan-resolution-wrong", "not-a-scan"),
        *("fit-to-page", "print-scale-off", "print-stretched", "print-skewed"),
    ]
    named = [kind.code for kind in KINDS.values() if "--" in in_page_words(kind.remedy)]
    assert named == raised_by_commands_only


def test_bodies_without_a_setting_are_told_why_in_german() -> None:
    bodies = [body for maker in makers() for body in maker.bodies_without]
    assert untold({f"{body.reason[0].upper()}{body.reason[1:]}. {body.instead}" for body in bodies}) == []


def test_answers_and_notes_are_in_german() -> None:
    texts: set[str] = set()
    for result in series():
        texts |= {*result.answer.lines}
        for part in (part for lens in result.lenses for part in lens.series):
            texts |= {*([] if part.advice is None else part.advice.notes)}
            texts |= {text for finding in part.findings for text in (finding.message, finding.remedy)}
            texts |= {text for photo in part.unused for text in (photo.reason, photo.remedy)}
    assert len(texts) > 500
    assert untold(texts) == []


def test_plan_and_protocol_are_in_german() -> None:
    texts = {
        text
        for design in DESIGNS
        for paper in PAPERS
        for step in steps(build_chart(design, paper))
        for text in step
    }
    texts |= {text for step in others() for text in step}
    rooms = {
        "plan": {"_notes", "_depth", "_depth_of_field", "_step", "_one_shot"},
        "precision": {"_size_doubts", "_depth_doubts"},
    }
    for module, functions in rooms.items():
        texts |= {*returned(HERE / "verify" / "tuning" / f"{module}.py", functions)}
    for name, focal, f_number in (("Nikon D850", 85.0, 1.4), ("Fujifilm X-T4", 24.0, 5.6), ("", 50.0, 2.8)):
        camera = find_makers(name)[0] if name else None
        plan = make_plan(Setup(focal, f_number, SENSORS_MM["full-frame"], 30.0 * focal, 6000), camera, "a4")
        texts |= {text for label, row in rows_of(plan) if label != "Then" for text in (label, row)}
    texts = {text for text in texts if "backfocus chart" not in text}
    assert len(texts) >= 100
    assert untold(texts) == []


def words_of(report: SavedTune) -> Iterator[str]:
    """What a series' report says, names of photos apart, and what its plots have written on them."""
    page = report_of_series(report, lambda _: [], GERMAN.sentence)
    yield from (page.title, page.subject)
    for section in page.sections:
        yield from words_of_section(section)


def words_of_section(section: Section) -> Iterator[str]:
    """What stands under a heading."""
    yield from (section.heading, *section.lines)
    yield from (text for note in section.notes for text in (note.message, note.remedy))
    if section.table is not None:
        yield from (*section.table.head, *(cell for row in section.table.rows for cell in row))
    yield from (plot.summary for plot in section.plots if plot is not None)


@pytest.mark.parametrize("at", range(0, 496, 90))
def test_reports_are_in_german(at: int) -> None:
    assert untold({*words_of(saved(series()[at], NOON))}) == []


def test_the_report_of_a_workshop_is_in_german() -> None:
    """Of one who is to dial, one with too few shots, a photo of no use, and one that is nobody's."""
    people = [("Ada", "AAA", shots(38.0)), ("Grace", "BBB", shots(-4.0, camera=CANON, scatter=SCATTER[:1]))]
    rows = [
        row_of_shot(shot) | {"participant": name, "chart_id": chart, "findings": "clipped; motion-blur"}
        for name, chart, found in people
        for shot in found
    ]
    lost = {
        "status": "refused",
        "findings": "too-dark",
        "finding_messages": "The paper has only 0.4% of full light.",
    }
    nobodys = {"path": "odd.jpg", "chart_id": None, "participant": None}
    rows += [rows[0] | lost | {"path": "dark.jpg"}, rows[0] | lost | nobodys]
    page = report_of_rows(rows, "Club 2026-11-27", lambda _: [], GERMAN.sentence)
    texts = {page.title, page.subject} | {text for section in page.sections for text in words_of_section(section)}
    for one in page.people:
        texts |= {one.camera, one.answer.dial, one.answer.why, one.answer.next, *one.photos}
    assert untold(texts - {"", "Ada", "Grace", "dark.jpg", "odd.jpg"}) == []


def test_plots_have_german_words_and_numbers() -> None:
    report = saved(tune([*shots(12.0), *shots(-38.0, 10.0)], []), NOON)
    drawn = [
        plot
        for section in report_of_series(report, lambda _: [], GERMAN.sentence).sections
        for plot in section.plots
    ]
    written = re.findall(r">([^<>]+)</text>", "".join(plot.svg for plot in drawn if plot is not None))
    assert len(written) > 20
    assert [text for text in written if re.search(r"\d\.\d|offset|shot|mean|start|dial|sharp", text)] == []
    assert any(re.search(r"\d,\d", text) for text in written)


def test_front_stays_front_in_every_entry() -> None:
    """By the words of the catalogue itself: an entry that says back says so in German, and does not say front."""
    turned = [
        english
        for english, german in entries()
        if len(english.split()) > 1
        and bool(BEHIND.search(english)) != bool(BEFORE.search(english))
        and (
            bool(DAHINTER.search(german)) is not bool(BEHIND.search(english))
            or bool(DAVOR.search(german)) is not bool(BEFORE.search(english))
        )
    ]
    assert turned == []
    assert [e for e, g in entries() if ("plus" in e.lower()) != ("plus" in g.lower())] == []
    assert [e for e, g in entries() if ("minus" in e.lower()) != ("minus" in g.lower())] == []


@pytest.mark.parametrize(
    ("error_um", "side", "way"), [(60.0, "Backfokus", "näher zur"), (-60.0, "Frontfokus", "weiter")]
)
@pytest.mark.parametrize("camera", [CANON, D850, SONY, PENTAX])
def test_the_answer_turns_the_same_way(camera: CameraInfo, error_um: float, side: str, way: str) -> None:
    """Pentax counts the other way: back focus takes plus there, where the step is not known."""
    result = tune(shots(error_um, camera=camera, distance_mm=1000.0), [])
    (part,) = result.lenses[0].series
    assert part.advice is not None
    told = GERMAN.sentence(in_page_words(" ".join([*result.answer.lines[:2], *part.advice.notes])))
    assert side in told
    assert way in told
    if camera is PENTAX:
        assert f"in Richtung {'plus' if error_um > 0 else 'minus'}" in told
    else:
        assert result.answer.setting is not None
        assert f"auf {'-' if error_um > 0 else '+'}{abs(result.answer.setting)} stellen" in told


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Set AF fine-tune to -4.", "AF-Feinabstimmung auf -4 stellen."),
        ("Set AF Micro Adj. to +4.", "AF Micro Adj. auf +4 stellen."),
        ("Leave AF fine-tune at 0. You are done.", "AF-Feinabstimmung auf 0 lassen. Sie sind fertig."),
        (
            "Back focus of 13.9 ± 0.2 mm: what you focus on loses 11% of its sharpness.",
            "Backfokus von 13,9 ± 0,2 mm: was Sie scharf stellen, verliert 11\N{NO-BREAK SPACE}% seiner Schärfe.",
        ),
        (
            "Canon EOS R5, RF85mm F1.2: There is nothing to dial on the Canon EOS R5; NIKON D850, 85mm f/1.4: Set "
            "AF fine-tune to +6.",
            "Canon EOS R5, RF85mm F1.2: An der Canon EOS R5 ist nichts einzustellen; NIKON D850, 85mm f/1.4: "
            "AF-Feinabstimmung auf +6 stellen.",
        ),
        ("Taken at f/2.8; the lens opens to f/1.4.", "Mit f/2,8 aufgenommen; das Objektiv öffnet bis f/1,4."),
        ("A sentence that nobody knows, of 1.5 mm.", "A sentence that nobody knows, of 1.5 mm."),
    ],
)
def test_sentences_of_the_core_are_told_in_german(english: str, german: str) -> None:
    assert GERMAN.sentence(english) == german
    assert catalogue("en").sentence(english) == english


def test_what_is_left_in_english_is_marked_and_escaped() -> None:
    told = GERMAN.markup("You are done. Nobody <b>knows</b> that.")
    assert told == 'Sie sind fertig. <span lang="en">Nobody &lt;b&gt;knows&lt;/b&gt; that.</span>'
    assert GERMAN.markup("\ue000<script>\ue001") == '<span lang="en">&lt;script&gt;</span>'


def test_a_thing_is_counted_as_its_language_does() -> None:
    assert [GERMAN.count("{n} photo", "{n} photos", n) for n in (0, 1, 2)] == ["0 Fotos", "1 Foto", "2 Fotos"]
    assert [catalogue("en").count("{n} photo", "{n} photos", n) for n in (1, 2)] == ["1 photo", "2 photos"]


def test_names_keep_their_points() -> None:
    assert GERMAN("Picture of {name}", name="IMG 1.5.jpg") == "Bild von IMG 1.5.jpg"
    assert GERMAN.numbers("IMG_1.5.jpg, v1.2.3, 2.55 m, f/1.4G") == "IMG_1.5.jpg, v1.2.3, 2,55 m, f/1.4G"


def test_the_language_is_the_readers(client: TestClient) -> None:
    def language(wanted: str) -> str:
        page = client.get("/measure", headers={"accept-language": wanted}).text
        return page.partition('<html lang="')[2].partition('"')[0]

    assert language("de-AT,en;q=0.5") == "de"
    assert language("en;q=0.3,de;q=0.8") == "de"
    assert language("fr") == "en"
    assert language("de;q=0") == "en"
    kept = client.post("/language", data={"language": "de", "back": "/shoot"})
    assert kept.headers["location"] == "/shoot"
    assert language("en") == "de"


def test_an_error_is_told_in_the_readers_language(client: TestClient) -> None:
    told = {"accept-language": "de", "accept": "application/json"}
    assert client.get("/sessions/none", headers=told).json()["detail"].startswith("Diese Sitzung gibt es nicht")
    assert client.get("/api/v1/series/none", headers=told).json()["detail"].startswith("There is no")


def test_another_language_is_one_more_file(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fr.po").write_text(FRENCH, encoding="utf-8")
    monkeypatch.setattr(catalogues, "_FOLDER", tmp_path)
    for cached in (catalogues.languages, catalogues.catalogue):
        cached.cache_clear()
    try:
        assert catalogues.languages() == {"en": "English", "fr": "Français"}
        page = client.get("/measure", headers={"accept-language": "fr"}).text
        assert '<html lang="fr">' in page
        assert ">Imprimer</a>" in page
        french = catalogues.catalogue("fr")
        assert french.sentence("Set AF fine-tune to +1.5.") == "Régler AF fine-tune sur +1,5."
    finally:
        for cached in (catalogues.languages, catalogues.catalogue):
            cached.cache_clear()


def test_the_longest_answer_is_told_at_once() -> None:
    """A page with 40 photos has hundreds of sentences: each is looked up once."""
    found = Catalogue("de", (HERE / "web" / "de.po").read_bytes())
    text = " ".join(series()[7].answer.lines)
    assert found.sentence(text) == found.sentence(text) != text
