# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Times as a busy machine gives them, for tests that need many runs whose truth is known.

What a measured time is made of here, each as a factor, in the sizes seen on shared virtual machines:

    placement   of a side in a process: heavy-tailed, because a bad layout is rare and bad
    drift       of the machine: a random walk over the whole run, shared by neighbours in time
    weather     an autocorrelated disturbance of all samples of a process (a neighbour on the host)
    spikes      an interrupt or a stolen time slice in one sample
    jitter      of every sample
"""

import numpy


class Noise:
    """Sizes of the parts of the noise, as logarithms of factors."""

    def __init__(self, placement=0.01, drift=0.01, weather=0.02, spikes=0.03, jitter=0.01):
        self.placement = placement
        self.drift = drift
        self.weather = weather
        self.spikes = spikes
        self.jitter = jitter


QUIET = Noise(placement=0.003, drift=0.002, weather=0.003, spikes=0.005, jitter=0.003)
SHARED = Noise()
STORMY = Noise(placement=0.03, drift=0.04, weather=0.08, spikes=0.15, jitter=0.03)
AUTOCORRELATION = 0.8


def autocorrelated(rng, number, size):
    """A stationary series of first order."""
    series = numpy.empty(number)
    series[0] = rng.normal(0, size)
    step = size * (1 - AUTOCORRELATION ** 2) ** 0.5
    for index in range(1, number):
        series[index] = AUTOCORRELATION * series[index - 1] + rng.normal(0, step)
    return series


def apart(rng, noise, ratio=1.0, processes=10, blocks=4):
    """pairs() of sides that two processes measured, one after the other in alternating order.

    Each has a weather of its own; the machine has drifted one step further for the second.
    """
    machine = numpy.cumsum(rng.normal(0, noise.drift, 2 * processes))
    found = {}
    for process in range(processes):
        times = []
        for first in (process % 2, 1 - process % 2):
            place = machine[2 * process + first] + noise.placement * rng.standard_t(4)
            sample = place + autocorrelated(rng, 2 * blocks, noise.weather) \
                + rng.normal(0, noise.jitter, 2 * blocks) \
                + (rng.random(2 * blocks) < noise.spikes) * rng.exponential(0.5, 2 * blocks)
            times.append(100 * numpy.exp(sample).reshape(blocks, 2).mean(axis=1))
        found[process] = list(zip(ratio * times[0], times[1]))
    return found


def pairs(rng, noise, ratio=1.0, processes=10, blocks=4):
    """{process: [(a, b)]} of one case in ns; b costs 100 ns, a `ratio` times that."""
    found = {}
    machine = numpy.cumsum(rng.normal(0, noise.drift, processes))
    for process in range(processes):
        places = noise.placement * rng.standard_t(4, 2)
        weather = machine[process] + autocorrelated(rng, 4 * blocks, noise.weather)
        spikes = (rng.random(4 * blocks) < noise.spikes) * rng.exponential(0.5, 4 * blocks)
        sample = numpy.exp(weather + spikes + rng.normal(0, noise.jitter, 4 * blocks))
        found[process] = []
        for block in range(blocks):
            first, second, third, fourth = sample[4 * block:4 * block + 4]
            # A B B A, or B A A B in every other block and process.
            outer, inner = (first + fourth) / 2, (second + third) / 2
            of_a, of_b = (outer, inner) if (process + block) % 2 == 0 else (inner, outer)
            found[process].append((100 * ratio * of_a * numpy.exp(places[0]),
                                   100 * of_b * numpy.exp(places[1])))
    return found
