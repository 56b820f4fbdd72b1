"""Celery's producer: results are waited for in the order of their tasks."""

import collections

import application
import celery.exceptions
import repetition


def run(one):
    waiting = collections.deque()
    while one.goes_on():
        while one.may_send():
            waiting.append(application.change.apply_async((one.next(),)))
        if waiting:
            try:
                one.take(waiting.popleft().get(timeout=repetition.PATIENCE_S))
            except celery.exceptions.TimeoutError:
                one.take(None)


if __name__ == "__main__":
    repetition.repeat(run)
