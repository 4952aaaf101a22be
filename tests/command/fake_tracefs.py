#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench record` on a folder that behaves as tracefs: fake_tracefs.py ARGUMENT...

PTBENCH_TRACEFS is the folder. A new folder in its instances gets the files that the kernel would put there;
once both events are enabled, the lines of $FAKE_LINES come out of its trace_pipe, and the file $FAKE_WRITTEN
appears. When the instance is removed, the last content of its files goes to $FAKE_LOG. $FAKE_DENIED is a file
that may not be written, or "instances".
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSTANCES = Path(os.environ["PTBENCH_TRACEFS"]) / "instances"
DENIED = os.environ.get("FAKE_DENIED")
FILES = ("events/iommu/map/enable", "events/iommu/unmap/enable", "buffer_size_kb")
real_mkdir, real_rmdir = os.mkdir, os.rmdir


def feed(instance, pipe):
    """Print the events once they are wanted."""
    enables = [instance / name for name in FILES[:2]]
    while not all(enable.is_file() and enable.read_text() == "1" for enable in enables):
        time.sleep(0.01)
    os.write(pipe, Path(os.environ["FAKE_LINES"]).read_bytes())
    Path(os.environ["FAKE_WRITTEN"]).touch()


def mkdir(path, *arguments, **how):
    """mkdir(2), and what tracefs does of it."""
    if Path(path).parent != INSTANCES:
        return real_mkdir(path, *arguments, **how)
    if DENIED == "instances":
        raise PermissionError(13, "Permission denied", str(path))
    real_mkdir(path)
    for name in FILES:
        file = Path(path) / name
        os.makedirs(file.parent, exist_ok=True)
        if DENIED == name:
            real_mkdir(file)  # not even root can write it
        else:
            file.write_text("0")
    os.mkfifo(Path(path) / "trace_pipe")
    pipe = os.open(Path(path) / "trace_pipe", os.O_RDWR)
    threading.Thread(target=feed, args=(Path(path), pipe), daemon=True).start()
    return None


def rmdir(path, *arguments, **how):
    """rmdir(2), and what tracefs does of it."""
    if Path(path).parent != INSTANCES:
        return real_rmdir(path, *arguments, **how)
    log = {name: (Path(path) / name).read_text() for name in FILES if (Path(path) / name).is_file()}
    with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as file:
        file.write(json.dumps({"name": Path(path).name, **log}) + "\n")
    subprocess.run(["rm", "-r", path], check=True)
    return None


os.mkdir, os.rmdir = mkdir, rmdir
sys.path.insert(0, str(ROOT / "scripts"))
from ptbench_study.cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
