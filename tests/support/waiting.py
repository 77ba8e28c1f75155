"""How every test waits for what happens in another process."""
import time


class NotInTime(Exception):
    """What was waited for did not come; the text says what, and how long."""


def wait_until(condition, seconds: float = 30, what="", pause: float = 0.02):
    """The first true value of `condition()`; NotInTime when one look that began after `seconds` found none either.

    `what` is a text, or a function that makes one when it is too late (the end of a log).
    """
    end = time.monotonic() + seconds
    while True:
        late = time.monotonic() > end  # one look begins after the end, however long those before it took
        if value := condition():
            return value
        if late:
            raise NotInTime(f"not within {seconds:g} s: {what() if callable(what) else what}")
        time.sleep(pause)
