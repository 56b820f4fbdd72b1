"""Two machines, as far as the network can tell: a worker in a network namespace of its own."""

import json
import os
import shutil
import subprocess
import unittest

import system

NAMESPACE = f"penstock{os.getpid()}"
# Two runs at once do not meet, here or on a port.
SUBNET = f"10.213.{os.getpid() % 256}"
HERE, THERE = f"{SUBNET}.1", f"{SUBNET}.2"
FRONTEND_PORT = 49152 + os.getpid() % 8000 * 2
BACKEND_PORT = FRONTEND_PORT + 1


# Unlike "ip netns exec" this leaves the mounts alone, so that it works in a chroot, too.
FAR = ["nsenter", f"--net=/run/netns/{NAMESPACE}"]


def ip(*arguments, prefix=()):
    subprocess.run([*prefix, "ip", *arguments], check=True, capture_output=True)


def can_make_namespaces():
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = subprocess.run(["ip", "netns", "add", NAMESPACE], capture_output=True, check=False)
    return made.returncode == 0


@unittest.skipUnless(can_make_namespaces(), "needs root, iproute2 and network namespaces")
class Machines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(ip, "netns", "delete", NAMESPACE)
        near, far = f"pn{os.getpid()}", f"pf{os.getpid()}"
        ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", NAMESPACE)
        cls.addClassCleanup(subprocess.run, ["ip", "link", "delete", near], check=False,
                            capture_output=True)
        ip("address", "add", f"{HERE}/24", "dev", near)
        ip("link", "set", near, "up")
        ip("address", "add", f"{THERE}/24", "dev", far, prefix=FAR)
        ip("link", "set", far, "up", prefix=FAR)
        cls.far = far

    def start(self):
        return self.enterContext(system.System(
            backend=f"tcp://{HERE}:{BACKEND_PORT}", start_worker=False,
            broker_flags=["--insecure", "--heartbeat", "200ms", "--liveness", "1s"]))

    def start_far_worker(self, running):
        return running.start_worker(1, ["--insecure", "--label", "machine=far"],
                                    prefix=FAR)

    def test_a_worker_on_another_machine_works_is_lost_and_is_replaced(self):
        running = self.start()
        far = self.start_far_worker(running)
        row, = running.wait_for_workers(1)
        self.assertIn("machine=far", row["labels"])
        answer = running.cli("submit", "math.double", "[21]", "--wait")
        self.assertEqual(json.loads(answer.stdout), [42])

        source = running.folder / "tasks.jsonl"
        source.write_text('{"ms":20}\n' * 300)
        producer = running.start_cli("submit", "math.spin", "--from-jsonl", source, "--wait")
        self.addCleanup(system.end_process, producer)
        system.until(lambda: running.queue()["completed"] > 20)
        # The cable is pulled: no process dies, nobody says goodbye.
        ip("link", "set", self.far, "down", prefix=FAR)
        running.wait_for_workers(0)
        self.assertGreater(running.queue()["queued"], 0)
        running.start_worker(1, ["--insecure", "--label", "machine=near"])
        output, errors = producer.communicate(timeout=60 * system.PATIENCE)
        self.assertEqual(producer.returncode, 0, errors)
        self.assertEqual(len(output.splitlines()), 300)
        # The cable is back: the far worker joins again by itself.
        ip("link", "set", self.far, "up", prefix=FAR)
        running.wait_for_workers(2, 40)
        self.assertIsNone(far.poll())
        self.assertEqual(running.queue()["dead"], 0)

    def test_an_open_endpoint_is_refused_without_being_asked_for(self):
        answer = subprocess.run(
            [system.BIN / "penstock-broker", "--frontend", f"tcp://{HERE}:{FRONTEND_PORT}"],
            capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("--insecure", answer.stderr)


if __name__ == "__main__":
    system.main()
