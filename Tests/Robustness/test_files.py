"""Model files with damage, given to the program: it ends with an answer or with a message that names the file."""

import os
import random

from server_process import run


def damaged(data: bytes, generator: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(generator.choice([1, 1, 1, 2, 4])):
        # Half of the damage near the start, where keys and counts are; the rest among tokens and merges.
        place = generator.randrange(min(4000, len(changed)) if generator.random() < 0.5 else len(changed))
        number = generator.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, 1 << 63, (1 << 64) - 1])
        width = generator.choice([1, 4, 8])
        kind = generator.choice([0, 0, 0, 1, 2, 3])
        if kind == 0:
            changed[place] = generator.randrange(256)
        elif kind == 1:
            changed[place:place + width] = number.to_bytes(8, "little")[:width]
        elif kind == 2:
            del changed[place:place + generator.choice([1, 4, 8, 100])]
        else:
            changed[place:place] = b"\xff" * generator.choice([1, 4, 8])
        if not changed:
            break
    return bytes(changed)


def test_damaged_files_end_with_an_answer_or_a_message(model, tmp_path, number):
    with open(model, "rb") as file:
        data = file.read(3_000_000)
    # Weights aren't read, but must be there: as many bytes as the whole file has, of zeros that take no room.
    size = os.path.getsize(model)
    endings = []
    for index in range(number("files")):
        path = tmp_path / "damaged.gguf"
        path.write_bytes(damaged(data, random.Random(number("seed") * 1_000_003 + index)))
        os.truncate(path, size)
        ended = run("tokenize", str(path), input=b"A B C \xf0\x9f\xa6\x84")
        words = ended.stderr.decode(errors="replace")
        assert ended.returncode in (0, 1), f"file {index}: ended with {ended.returncode}\n{words[-3000:]}"
        assert ended.returncode == 0 or "damaged.gguf" in words, f"file {index}: {words[-3000:]}"
        assert len(words) < 5000
        endings.append(ended.returncode)
    assert endings.count(0) and endings.count(1)
