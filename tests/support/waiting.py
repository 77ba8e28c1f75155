"""How every test waits for what happens in another process."""
import time


class NotInTime(Exception):
    """What was waited for did not come; the text says what, and how long."""


def wait_until(condition, seconds: float = 30, what="", pause: float = 0.02):
    """The first true value of `condition()`; NotInTime when there is none within `seconds`.

    `what` is a text, or a function that makes one when it is too late (the end of a log).
    """
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise NotInTime(f"not within {seconds:g} s: {what() if callable(what) else what}")
        time.sleep(pause)
    return value
