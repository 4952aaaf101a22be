#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The drivers of another kernel version compile, and pass all that compares them with the engine.
# Arguments: project, build folder to use, kernel source tree or archive, its version.
set -euo pipefail

project=$1 build=$2 tree=$3 version=$4

[ -e "$tree" ] || { echo "no $tree (package linux-source-$version)"; exit 77; }
cd "$project"
cmake --preset plain -B "$build" -DPTBENCH_KERNEL="$tree" >"$build.log" 2>&1 ||
	{ cat "$build.log"; exit 1; }
cmake --build "$build" >"$build.log" 2>&1 || { tail -n 40 "$build.log"; exit 1; }
"$build/bench/ptbench-bench" list | grep -q "\"kernel\": \"linux-$version\"" ||
	{ echo "the build's drivers are not those of linux-$version"; exit 1; }
ctest --test-dir "$build" -R '^(baseline|compare)[.]|^bench[.]verify$' --output-on-failure
