#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The example workflows in docs/ci/: valid YAML of the right shape, and every command in them is one."""

import re
import shlex
import subprocess
import sys
import unittest

from support import ROOT, main
from test_documents import parsed

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is missing")
    sys.exit(77)

WORKFLOWS = sorted((ROOT / "docs" / "ci").glob("*.yml"))
ACTION = re.compile(r"^actions/[a-z-]+@v\d+$")


def steps(workflow):
    """[(job, step)] of a workflow."""
    return [(name, step) for name, job in workflow["jobs"].items() for step in job["steps"]]


class WorkflowTest(unittest.TestCase):
    """All workflows."""

    def setUp(self):
        self.workflows = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in WORKFLOWS}
        self.assertTrue(self.workflows)

    def test_shape(self):
        for path, workflow in self.workflows.items():
            # YAML 1.1 reads the key "on" as true.
            self.assertEqual(set(workflow), {"name", True, "permissions", "jobs"}, path)
            for name, job in workflow["jobs"].items():
                self.assertEqual((job["runs-on"], job["container"]), ("ubuntu-latest", "debian:12"), name)
                for needed in [job["needs"]] if "needs" in job else []:
                    self.assertIn(needed, workflow["jobs"])
                for step in job["steps"]:
                    self.assertEqual(len({"run", "uses"} & set(step)), 1, step)

    def test_actions_have_a_version(self):
        for workflow in self.workflows.values():
            for _, step in steps(workflow):
                if "uses" in step:
                    self.assertRegex(step["uses"], ACTION)

    def test_counts_are_gated_and_the_site_is_what_is_published(self):
        workflow = self.workflows[ROOT / "docs" / "ci" / "ptbench.yml"]
        run = [shlex.split(step["run"]) for _, step in steps(workflow) if "run" in step]
        self.assertIn(["scripts/ptbench", "gate", "--counts-only", "--junit", "gate.xml"], run)
        self.assertIn(["scripts/ptbench", "report"], run)
        uploaded = next(step["with"]["path"] for _, step in steps(workflow)
                        if step.get("uses", "").startswith("actions/upload-pages-artifact"))
        self.assertEqual(uploaded, "build/site")

    def test_commands(self):
        for path, workflow in self.workflows.items():
            for _, step in steps(workflow):
                script = step.get("run", "")
                done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True,
                                      check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), path)
                for line in script.splitlines():
                    words = shlex.split(line)
                    self.assertIn(words[0], ("scripts/ptbench", "apt-get"), line)
                    if words[0] == "scripts/ptbench":
                        self.assertIsNone(parsed(words[1:]), line)


if __name__ == "__main__":
    main()
