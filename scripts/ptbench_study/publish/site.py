# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The static site: pages that need nothing but a browser, no server and no network.

    index.html                      the short answer, decisions, machines, formats, studies
    machines/<id>.html              one machine: means, heat maps, losing cells, history
    machines/<id>-cases.html        every case of it in one table
    machines/side-by-side.html      ratios on all machines, where there are several
    formats/<format>.html           tables and charts of one format on every machine
    studies/<machine>/<name>.html   results/studies/<machine>/<name>.md
    assets/ runs/ charts/           style, script; the run files; the charts to look at alone

A site is built beside its place and then put there whole.
"""

import os
import shutil
import tempfile
from pathlib import Path

from ..base.errors import USAGE, Failure
from ..base.paths import COMMAND, TEMPLATES, cannot_write, shown
from . import published, site_parts, templates
from .drawings import is_sound

MARKER = ".ptbench-site"
ASSETS = ("style.css", "site.js")


def check_folder(folder):
    """Failure where a folder is there already and is no site of ours: it would be replaced."""
    folder = Path(folder)
    if not folder.exists() or (folder / MARKER).exists():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise Failure(f"{shown(folder)} is there already and is no site of ptbench: name another "
                      "folder with --site", USAGE)


class Site:
    """Writes pages below a folder, and knows what is on all of them."""

    def __init__(self, folder, machines, notes, studies, across):
        self.folder = folder
        self.machines = machines
        self.notes = notes
        self.studies = studies
        self.across = across
        self.formats = list(dict.fromkeys(name for each in machines for name in each.formats))
        self.pages = []

    def page(self, template, path, **values):
        """Write one page; `path` is relative to the site."""
        up = "../" * path.count("/")
        self.pages.append(path)
        charts = site_parts.Charts()
        text = templates.render(
            f"site/{template}", site=self, up=up, path=path, command=COMMAND, parts=site_parts,
            chart=lambda file: charts.figure(file, f"{up}charts/{file.parent.name}/{file.name}"),
            evidence=published.evidence, **values)
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def copy(self, source, path):
        """Put a file into the site."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

    def studies_of(self, machine):
        """The studies of a machine."""
        return [study for study in self.studies if study.machine == machine]

    def write(self):
        """Write everything."""
        (self.folder / MARKER).write_text("This folder is replaced by every report.\n",
                                          encoding="utf-8")
        for name in ASSETS:
            self.copy(TEMPLATES / "site" / name, f"assets/{name}")
        self.page("index.html.j2", "index.html")
        for machine in self.machines:
            self.copy(machine.run.path, f"runs/{machine.id}/{machine.run.path.name}")
            for path in filter(is_sound, machine.charts.glob("*.svg")):
                self.copy(path, f"charts/{machine.charts.name}/{path.name}")
            self.page("machine.html.j2", f"machines/{machine.id}.html", machine=machine)
            self.page("cases.html.j2", f"machines/{machine.id}-cases.html", machine=machine)
        for path in self.across:
            self.copy(path, f"charts/{path.parent.name}/{path.name}")
        if self.across:
            self.page("side_by_side.html.j2", "machines/side-by-side.html")
        for name in self.formats:
            self.page("format.html.j2", f"formats/{name}.html", name=name)
        for study in self.studies:
            self.page("study.html.j2", study.page, study=study, text=study.html())
            for path in [*study.pictures(), *study.files]:
                self.copy(path, f"studies/{study.machine}/{path.name}")


def build(folder, results, machines, notes, across):
    """Build the site of MachineReports into a folder, replacing the site there; how many pages."""
    folder = Path(os.path.abspath(folder))
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
            new = Path(made) / "new"
            new.mkdir()
            site = Site(new, machines, notes, site_parts.studies(results), across)
            site.write()
            if folder.exists():
                folder.rename(Path(made) / "old")
            new.rename(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return len(site.pages)
