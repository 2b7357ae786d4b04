"""What the benchmarks of the launcher share: their command line, the place that they run in, a compositor."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from desktoptest import proc
from desktoptest.case import command_main


def start_compositor(product):
    """One that answers and shows nothing."""
    path = os.path.join(product.place.runtime, "wayland-bench")
    product.place.spawn([product.place.built("wire-stub"), path])
    proc.wait_until(lambda: os.path.exists(path), what="the stub compositor")
    product.env["WAYLAND_DISPLAY"] = path


def bench_main(usage, option, count, run):
    """Reads --OPTION N and --json FILE, and exits with what run(place, N) returns: the exit status, and what goes to FILE."""
    out, arguments = None, sys.argv[1:]
    while arguments:
        word = arguments.pop(0)
        if word == "--" + option and arguments and arguments[0].isdecimal():
            count = int(arguments.pop(0))
        elif word == "--json" and arguments:
            out = open(arguments.pop(0), "w", encoding="utf-8")  # while we still may: the rest runs as another user
        else:
            print(usage, file=sys.stderr)
            sys.exit(2)

    def run_and_keep(place):
        with place.runtime_in_memory():
            status, result = run(place, count)
        if out:
            json.dump(result, out, indent="\t")
            out.flush()
        return status

    command_main(run_and_keep)
