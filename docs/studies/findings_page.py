"""Makes docs/findings.md from the registry of findings.

python docs/studies/findings_page.py > docs/findings.md
"""

from __future__ import annotations

from backfocus.verify.findings import KINDS

SEVERITIES = {
    "critical": "The number is not to be trusted, or there is none.",
    "warning": "The number stands, but look.",
    "info": "Worth knowing.",
}


def page() -> str:
    lines = [
        "# Findings",
        "",
        "What the program may observe about a photo, why, and what to do. In JSON a finding that has a limit carries",
        "the measured `value` and the `limit`, both in the unit that is given here. This page is made from the",
        "registry in `verify/findings/` by `docs/studies/findings_page.py`.",
    ]
    for severity, meaning in SEVERITIES.items():
        lines += ["", f"## {severity.capitalize()}", "", meaning]
        for kind in KINDS.values():
            if kind.severity == severity:
                lines += [
                    "",
                    f"### `{kind.code}`",
                    "",
                    f"**{kind.title}.** {kind.cause}",
                    "",
                    f"*What to do:* {kind.remedy}",
                ]
                lines += [] if kind.on_page is None else ["", f"*On the web page:* {kind.on_page}"]
                for limit in kind.limits:
                    lines += ["", f"*Raised {limit.fires} {limit.value:.4g}* {limit.unit}. {limit.reason}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
