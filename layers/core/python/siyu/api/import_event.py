"""What EventBridge says of a file that was put into the imports bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from datetime import datetime
from typing import Any

from siyu.domain.calendar import to_utc
from siyu.errors import UnknownSourceError
from siyu.services.import_day_file import DayFile

FOLDER, REPORTS = "incoming/", "reports/"


def day_file(event: dict[str, Any]) -> DayFile | None:
    """The file; None for the empty object by which consoles show an empty folder.

    Raises UnknownSourceError for a file that lies in no source's folder, KeyError or ValueError
    when the event is none of ours.
    """
    detail = event["detail"]
    found = detail["object"]
    key = found["key"]
    if not key.startswith(FOLDER):
        raise ValueError("not a file that came in")
    if key.endswith("/"):
        return None
    source, _, name = key.removeprefix(FOLDER).partition("/")
    if not name:
        raise UnknownSourceError(f"a day file lies in a folder {FOLDER}<source>/")
    return DayFile(
        source,
        detail["bucket"]["name"],
        key,
        found["etag"],
        int(found["size"]),
        f"{REPORTS}{source}/{name}.report.csv",
        to_utc(datetime.fromisoformat(event["time"])),
    )
