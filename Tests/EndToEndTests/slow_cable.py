"""A cable between two network namespaces that is as slow as it is told: IP packets pass through this program, which hands
each on when it has travelled as long as at that rate and delay.

For kernels without `netem`, and as exact: the packets are those of the kernels' own TCP.

    python slow_cable.py NAMESPACE ADDRESS NAMESPACE ADDRESS SECONDS BITS_PER_SECOND
"""

import fcntl
import heapq
import os
import selectors
import struct
import subprocess
import sys
import time

SET_INTERFACE, LAYER_3, NO_HEADER = 0x400454CA, 0x0001, 0x1000
MOST_BYTES = 65_536
# What a switch keeps of one direction; more is lost, and TCP sends it again.
BUFFER_BYTES = 1 << 20


class End:
    """The program's end of an interface that a namespace has."""

    def __init__(self, number: int, namespace: str, address: str):
        name = f"slow{os.getpid()}-{number}"[:15]
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, SET_INTERFACE, struct.pack("16sH", name.encode(), LAYER_3 | NO_HEADER))
        for command in (f"link set {name} netns {namespace} name cable", f"-n {namespace} addr add {address}/24 dev cable",
                        f"-n {namespace} link set cable up"):
            subprocess.run(["ip", *command.split()], check=True)
        # When the wire towards this end has carried all that was given to it.
        self.free_at = 0.0


def carry(ends: tuple[End, End], delay: float, rate: float):
    """Carries packets between both ends, for ever."""
    selector = selectors.SelectSelector()  # waits for microseconds, others for whole milliseconds
    for end, other in (ends, ends[::-1]):
        selector.register(end.file, selectors.EVENT_READ, other)
    travelling: list[tuple[float, int, int, bytes]] = []
    count = 0
    while True:
        wait = max(0.0, travelling[0][0] - time.monotonic()) if travelling else None
        for key, _ in selector.select(wait):
            target = key.data
            for _ in range(64):
                try:
                    packet = os.read(key.fd, MOST_BYTES)
                except BlockingIOError:
                    break
                now = time.monotonic()
                start = max(now, target.free_at)
                if (start - now) * rate / 8 > BUFFER_BYTES:
                    continue
                target.free_at = start + len(packet) * 8 / rate
                heapq.heappush(travelling, (target.free_at + delay, count, target.file, packet))
                count += 1
        while travelling and travelling[0][0] <= time.monotonic():
            _, _, file, packet = heapq.heappop(travelling)
            try:
                os.write(file, packet)
            except OSError:
                pass  # an interface that is down takes nothing


if __name__ == "__main__":
    first, second = (End(number, *sys.argv[1 + 2 * number:3 + 2 * number]) for number in range(2))
    print("ready", flush=True)
    carry((first, second), float(sys.argv[5]), float(sys.argv[6]))
