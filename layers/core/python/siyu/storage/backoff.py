"""How long to wait before another try: full jitter, so that those who collided part."""

import random
import time

BASE_SECONDS = 0.02
CAP_SECONDS = 0.5


def back_off(attempt: int) -> None:
    """Wait a random time below a cap that doubles with every attempt, from 0 on."""
    time.sleep(random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2**attempt)))  # noqa: S311
