"""What people do on the pages, and what they would notice there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LARGEST_SHIFT = 0.05
"""Of what moves while results arrive, by Chromium's own measure: half of what Google's web.dev calls good."""
MEASURED_MS = 60_000
MOST_STOPS = 120
_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node, previousRect: from, currentRect: to }) =>
      `${node?.id || node?.className || node?.nodeName} ${from.y} to ${to.y}`);
    window.shifts.push([entry.value, ...moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
_STOP = """
(wanted) => {
  const at = document.activeElement;
  const ringed = [at, at.closest(".button")].some((node) => {
    const style = node && getComputedStyle(node);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const named = at.ariaLabel || at.labels?.[0]?.innerText || at.innerText || at.querySelector("img")?.alt || "";
  return { isThere: at.matches(wanted), isRinged: ringed, name: named.trim(), html: at.outerHTML.slice(0, 200) };
}
"""


def watch_shifts(page: Any) -> None:
    """Note from now on what moves by itself on the pages that a page shows."""
    page.add_init_script(_SHIFTS)
    # A listener, so that Playwright takes every file dialog from here on.
    page.on("filechooser", lambda _: None)


def shifted(page: Any) -> list[Any]:
    """Return what has moved on the page that is shown, if that is more than little; the largest first."""
    found = sorted(page.evaluate("window.shifts"), reverse=True)
    return found if sum(entry[0] for entry in found) > LARGEST_SHIFT else []


def tab_to(page: Any, wanted: str) -> list[str]:
    """Press Tab until an element has the focus, and return the names of where it was on the way.

    Every stop must show that it has the focus, and say what it is.
    """
    names: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP, wanted)
        assert stop["isRinged"], (names, stop["html"])
        assert stop["name"], stop["html"]
        names.append(stop["name"])
        if stop["isThere"]:
            return names
    raise AssertionError(f"{wanted} is not reached: {names}")


def copies(photo: Path, *names: str) -> list[dict[str, Any]]:
    """Return a photo as so many files of other names, which differ in bytes behind the picture."""
    content = photo.read_bytes()
    return [{"name": name, "mimeType": "image/jpeg", "buffer": content + name.encode()} for name in names]


def wait_measured(page: Any, count: int) -> None:
    """Wait until so many photos on the page are measured, and what follows from them stands there."""
    page.wait_for_function(
        "(count) => document.querySelectorAll('.photo.measured').length === count", arg=count, timeout=MEASURED_MS
    )
    page.wait_for_selector("#plots h2", timeout=MEASURED_MS)


def scrolls_sideways(page: Any) -> bool:
    """Whether the page as a whole is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def double_text(page: Any) -> None:
    """Make a page's text twice as large, as people with poor eyes have their browser do."""
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")


def violations(page: Any, scheme: str) -> list[tuple[str, str]]:
    """Return what axe-core finds in the "light" or the "dark": rule and the first piece of the page."""
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    return [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]
