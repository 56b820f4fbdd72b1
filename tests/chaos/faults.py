"""The faults: each is a function of the world that does its harm, and heals it if that has to be
done. FAULTS lists them: how often each is drawn, how many processes it kills, what kind it is.
"""

import collections
import contextlib
import errno
import os
import signal
import socket
import subprocess
import time

import capabilities
from world import Failed, limit_descriptors, system

Fault = collections.namedtuple("Fault", "act weight kills group")


def kill_broker(world):
    world.kill_and_restart(world.broker)


def kill_process(world):
    victims = world.worker_processes()
    if victims:
        system.kill(world.random.choice(victims))


def kill_worker(world):
    world.kill_and_restart(world.random.choice(world.workers))


def kill_client(world):
    world.kill_and_restart(world.random.choice(world.clients))


def kill_all(world):
    processes = [world.broker, *world.workers, *world.clients]
    world.random.shuffle(processes)
    for process in processes:
        system.kill(process.pid)
    for process in processes:
        process.wait()
        world.restart(process)


def stop_and_continue(world, pid):
    """Half of the stops outlast the broker's patience, or that with the broker."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        world.pause(0.1, 2.4)
        os.kill(pid, signal.SIGCONT)


def stop_broker(world):
    stop_and_continue(world, world.broker.pid)


def stop_process(world):
    victims = world.worker_processes()
    if victims:
        stop_and_continue(world, world.random.choice(victims))


def stop_worker(world):
    stop_and_continue(world, world.random.choice(world.workers).pid)


def stop_client(world):
    stop_and_continue(world, world.random.choice(world.clients).pid)


def restart(world, process):
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(30 * system.PATIENCE)
    except subprocess.TimeoutExpired:
        raise Failed(f"{process.log} did not stop on SIGTERM within 30 s") from None
    if code != 0:
        raise Failed(f"ended with {code} on SIGTERM: {process.log.read_text()[-2000:]}")
    world.restart(process)


def restart_broker(world):
    restart(world, world.broker)


def restart_worker(world):
    restart(world, world.random.choice(world.workers))


def slow_sync(world):
    world.page.set(sync_delay_ms=world.random.choice((20, 100, 300)))
    world.pause(0.5, 2)
    if world.random.random() < 0.5:
        # Most likely in the middle of one, with promises waiting for it.
        world.kill_and_restart(world.broker)
        world.pause(0.2, 0.5)
    world.page.set(sync_delay_ms=0)


def end_of_broker(world, seconds=20):
    """A broker that cannot keep its promises ends by itself, and says why."""
    try:
        code = world.broker.wait(seconds * system.PATIENCE)
    except subprocess.TimeoutExpired:
        raise Failed(f"the broker goes on without its disk: {world.broker.log}") from None
    text = world.broker.log.read_text()
    if code != 1 or "error" not in text:
        raise Failed(f"the broker ended with {code}: {text[-2000:]}")


def failing_sync(world):
    world.page.set(sync_errno=errno.EIO)
    end_of_broker(world)
    world.page.set(sync_errno=0)
    world.restart(world.broker)


def failing_write(world):
    world.page.set(write_errno=world.random.choice((errno.EIO, errno.ENOSPC)))
    end_of_broker(world)
    world.page.set(write_errno=0)
    world.restart(world.broker)


def clock_jump(world):
    """Less than what results are kept for: a restart takes the wall clock's word for that."""
    world.clock_jumped = True
    world.page.set(clock_offset_s=world.random.choice((-1, 1)) * world.random.randrange(1, 1500))
    world.pause(0.2, 1)


def few_descriptors(world):
    """No descriptor is left, and others want in. (On ipc, libzmq ends the process then.)"""
    pid = world.broker.pid
    before = limit_descriptors(pid, len(os.listdir(f"/proc/{pid}/fd")) + 2)
    connections = []
    try:
        for _ in range(20):
            connections.append(connection_to(world.frontend))
        world.pause(0.3, 1)
    finally:
        for connection in connections:
            connection.close()
    with contextlib.suppress(ProcessLookupError):
        limit_descriptors(pid, before)
    world.pause(0.2, 0.3)
    if world.broker.poll() is not None:
        world.restart(world.broker)


def connection_to(endpoint):
    scheme, place = endpoint.split("://")
    if scheme == "ipc":
        connection = socket.socket(socket.AF_UNIX)
    else:
        host, port = place.rsplit(":", 1)
        connection, place = socket.socket(), (host, int(port))
    connection.setblocking(False)
    with contextlib.suppress(OSError):
        connection.connect(place)
    return connection


def full_disk(world):
    """Not a byte is left, for long enough that a new segment is wanted. The broker refuses new
    tasks then, and ends, saying why, if it cannot even write down the ends of the others."""
    filler = world.folder / "data/filler"
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    end = time.monotonic() + 3 * system.PATIENCE
    while world.broker.poll() is None and time.monotonic() < end:
        world.pause(0.1, 0.2)
    filler.unlink()
    if world.broker.poll() is not None:
        if "No space left" not in world.broker.log.read_text():
            raise Failed(f"the broker does not say that its disk is full: {world.broker.log}")
        world.restart(world.broker)


def memory_kill(world):
    """The kernel kills a worker process that wants more than its group may have."""
    mb = int(96 * system.PATIENCE)
    with capabilities.memory_group(world.folder.name, mb << 20) as group:
        supervisor = world.start_supervisor(queues="memory", group=group)
        hog = world.start_client(queues=["memory"], hog_mb=3 * mb, count=1)
        try:
            system.until(lambda: group.kills() > 0, 20, "a kill by the kernel for lack of memory")
            hog.wait(60 * system.PATIENCE)
        finally:
            system.end_process(hog)
            system.end_process(supervisor)


FAULTS = {
    "kill_broker": Fault(kill_broker, 8, 1, "kill"),
    "kill_process": Fault(kill_process, 8, 1, "kill"),
    "kill_worker": Fault(kill_worker, 6, 1, "kill"),
    "kill_client": Fault(kill_client, 1, 1, "kill"),
    "kill_all": Fault(kill_all, 1, 6, "kill"),
    "stop_broker": Fault(stop_broker, 2, 0, "stop"),
    "stop_process": Fault(stop_process, 4, 0, "stop"),
    "stop_worker": Fault(stop_worker, 1, 0, "stop"),
    "stop_client": Fault(stop_client, 1, 0, "stop"),
    "restart_broker": Fault(restart_broker, 2, 0, "restart"),
    "restart_worker": Fault(restart_worker, 2, 0, "restart"),
    "slow_sync": Fault(slow_sync, 4, 0, "sync"),
    "failing_sync": Fault(failing_sync, 2, 0, "sync"),
    "failing_write": Fault(failing_write, 2, 0, "sync"),
    "few_descriptors": Fault(few_descriptors, 2, 0, "descriptors"),
    "clock_jump": Fault(clock_jump, 2, 0, "clock"),
    "full_disk": Fault(full_disk, 4, 0, "disk"),
    "memory_kill": Fault(memory_kill, 2, 0, "memory"),
}
