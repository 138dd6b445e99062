"""The helper process that runs one pattern with a backtracking engine: ``python -m ...pattern_process``.

Standard input: a JSON line ``[pattern, flags, seconds]``, answered by a newline when the process is ready; then a JSON
line with an array of texts for each batch, answered by ``1`` or ``0`` per text as soon as it is decided. A batch that
takes ``seconds`` of processor time kills the process: the engine cannot delay the signal's default action. The process
also ends when its input does, so it never outlives the worker.
"""

import contextlib
import json
import resource
import signal
import sys
from typing import BinaryIO

import regress

_MAX_MEMORY_BYTES = 512 << 20  # the engine's backtracking stack may grow with the text


def main(lines: BinaryIO, answers: BinaryIO) -> None:
    with contextlib.suppress(ValueError, OSError):  # the machine may limit it further already
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pattern, flags, seconds = json.loads(lines.readline())
    regex = regress.Regex(pattern, flags)
    answers.write(b"\n")
    for line in lines:
        texts = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        for text in texts:
            answers.write(b"1" if regex.find(text) else b"0")
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    with open(sys.stdout.fileno(), "wb", buffering=0, closefd=False) as unbuffered:
        main(sys.stdin.buffer, unbuffered)
