"""Guests that keep asking for challenges while something happens."""
import contextlib
import json
import threading
import time

REQUEST = json.dumps({"version": "0.4.0", "tee": "sample", "extra-params": ""})
PAUSE = 0.01  # seconds between two requests


@contextlib.contextmanager
def asking(bed, host: str, port=8080):
    """One request after the other, each on a connection of its own. Gives the list of answers, whole after the block:
    a status, or the words of the failure."""
    answers, over = [], threading.Event()

    def ask():
        while not over.is_set():
            try:
                answers.append(bed.http(host, port, "/kbs/v0/auth", "POST", REQUEST, {"Content-Type": "application/json"}).status)
            except Exception as e:  # whatever it is, it is no answer; the thread goes on
                answers.append(repr(e))
            time.sleep(PAUSE)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()
