"""Celery's application, for the producer and the workers."""

import os

import celery

import repetition

app = celery.Celery("application", broker=os.environ["PEER_REDIS"],
                    backend=os.environ["PEER_REDIS"])
app.conf.update(
    task_default_queue=os.environ["PEER_QUEUE"],
    # Several times what comes from Redis in a round trip; the default of 4 is for long tasks.
    worker_prefetch_multiplier=64,
    worker_enable_remote_control=False,
    worker_send_task_events=False)


@app.task(name="change")
def change(body):
    return repetition.handled(body)
