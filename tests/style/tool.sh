#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tool.sh ROOT (clang-format | shellcheck | pyflakes): a tool over all files of its kind that git
# knows, or that lie there where there is no git. 77 if the tool is absent.
set -euo pipefail
cd "$1"

files() { # SUFFIX...: files that end so, or all
	local all suffix
	all=$(git ls-files -co --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -print)
	[ $# -gt 0 ] || printf '%s\n' "$all"
	for suffix in "$@"; do
		printf '%s\n' "$all" | grep "\\$suffix\$" || true
	done
}

scripts() {
	files | while read -r file; do
		case $file in
		*.sh) echo "$file" ;;
		*.*) ;;
		*) if head -c 64 "$file" | grep -qE '^#!.*(bash|/sh)'; then echo "$file"; fi ;;
		esac
	done
}

absent() {
	echo "skipped: no $1"
	exit 77
}

case $2 in
clang-format)
	command -v clang-format >/dev/null || absent clang-format
	files .c .h .cc | xargs clang-format --dry-run -Werror
	;;
shellcheck)
	command -v shellcheck >/dev/null || absent shellcheck
	scripts | xargs shellcheck
	;;
pyflakes)
	/usr/bin/python3 -c 'import pyflakes' 2>/dev/null || absent pyflakes
	files .py | xargs /usr/bin/python3 -m pyflakes
	;;
esac
