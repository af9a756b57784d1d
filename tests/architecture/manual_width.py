#!/usr/bin/env python3
"""Checks that man pages fit a terminal: mandoc shows no line that is wider than 80 or 100 columns, and troff can break
each line of text at 60 columns, too, and has nothing else to warn of.

Usage: manual_width.py PAGE...

Exit status: 1 if a page does not fit, 77 if neither mandoc nor groff is installed.
"""
import re
import shutil
import subprocess
import sys


def run(command):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)


def wide_lines(page, width):
    shown = re.sub(".\b", "", run(["mandoc", "-T", "utf8", "-O", f"width={width}", page]).stdout)
    assert len(shown) > 1000, f"{page}: mandoc shows too little"
    return [line for line in shown.splitlines() if len(line) > width]


def troff_warnings(page, width):
    return run(["groff", "-ww", "-mandoc", "-Tutf8", f"-rLL={width}n", page]).stderr.splitlines()


def main(pages):
    checks = [(tool, width, check) for tool, widths, check in
              [("mandoc", (80, 100), wide_lines), ("groff", (60, 80, 100), troff_warnings)]
              if shutil.which(tool) for width in widths]
    faults = [f"{page}: {tool} at {width} columns: {fault}"
              for page in pages for tool, width, check in checks for fault in check(page, width)]
    print("\n".join(faults))
    return 1 if faults else 0 if checks else 77


sys.exit(main(sys.argv[1:]))
