"""Many shots to one setting; plans before printing.

from backfocus.verify.tuning import gather_given, given_in, tune
gathered = gather_given(given_in(["photos"]))
print(tune(gathered.shots, gathered.left_out).answer.dial)
"""

from .given import Given, Known, gather_given, given_in
from .plan import Plan, make_plan, plan_text
from .precision import SENSORS_MM, USUAL_SCATTER_STEPS, Setup, pixels_of, sensor_of_width
from .records import Entry, compare, entries, keep_record, kept_records
from .result import Comparison, LensResult, SeriesResult, TuneResult
from .saved import SavedTune, read_series, save_series, saved
from .shots import Gathered, LeftOut, Shot
from .tune import tune
from .wording import Source

__all__ = [
    "SENSORS_MM",
    "USUAL_SCATTER_STEPS",
    "Comparison",
    "Entry",
    "Gathered",
    "Given",
    "Known",
    "LeftOut",
    "LensResult",
    "Plan",
    "SavedTune",
    "SeriesResult",
    "Setup",
    "Shot",
    "Source",
    "TuneResult",
    "compare",
    "entries",
    "gather_given",
    "given_in",
    "keep_record",
    "kept_records",
    "make_plan",
    "pixels_of",
    "plan_text",
    "read_series",
    "save_series",
    "saved",
    "sensor_of_width",
    "tune",
]
