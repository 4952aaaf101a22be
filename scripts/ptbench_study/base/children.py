# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Programs that are started: none outlives the command that started it, even when that is killed.

The kernel kills a child when its parent dies (prctl, PR_SET_PDEATHSIG). That is asked for in the child,
before it becomes the other program; a parent that died before it was asked is noticed by its number. What a
child starts in turn is its own affair: under() is for those that start something.
"""

import ctypes
import os
import shutil
import signal
import subprocess

PR_SET_PDEATHSIG = 1
# What ends a command early (cli.main() turns all of them into KeyboardInterrupt).
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Of util-linux, which every Debian has: sets the same for a program that something else starts.
SETPRIV = ("setpriv", "--pdeathsig", "KILL", "--")

# Loaded before any fork: a child between fork and exec should not have to.
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent):
    """In a child before exec: have it killed when `parent` dies, which it may have done already."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def start_masked(arguments, options):
    """(child, mask of signals to go back to once somebody ends the child at an interrupt)."""
    parent = os.getpid()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)

    def before_exec():
        die_with(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    try:
        return subprocess.Popen(arguments, preexec_fn=before_exec, **options), mask
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise


def start(arguments, **options):
    """subprocess.Popen(arguments, **options) of a child that dies with this process.

    More exactly with the thread that calls this, which has to wait for it.
    """
    child, mask = start_masked(arguments, options)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    except BaseException:
        end(child)
        raise
    return child


def end(child):
    """Kill a child and wait for it."""
    child.kill()
    child.wait()


def under(command):
    """The words of a command that another program is to start: it dies with that one."""
    return [*SETPRIV, *command] if shutil.which(SETPRIV[0]) else list(command)


def run(arguments, *, input=None, timeout=None, check=False, **options):  # noqa: A002  as subprocess
    """subprocess.run() of such a child; killed when interrupted or when time is up."""
    if options.pop("capture_output", False):
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        options["stdin"] = subprocess.PIPE
    child, mask = start_masked(arguments, options)
    with child:
        try:
            # What interrupted while the child was not known yet comes now.
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            out, err = child.communicate(input, timeout)
        except BaseException:
            end(child)
            raise
    done = subprocess.CompletedProcess(arguments, child.returncode, out, err)
    if check:
        done.check_returncode()
    return done
