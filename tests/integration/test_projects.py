"""Two projects at once: neither sees the other's, or the host's, processes, home, runtime directory or windows."""
import os

from desktoptest import QUIET, Product, Sway, check, check_equal, desktop_main, wait_until

FOREVER = QUIET + "Linger=forever\n"

# Every path below that a shell can list, and every other Wayland socket that answers.
LOOK = r"""
echo "--processes"; for p in /proc/[0-9]*; do tr '\0' ' ' < $p/cmdline; echo; done
echo "--runtime"; ls -AR "$XDG_RUNTIME_DIR"
echo "--home"; ls -AR ~
echo "--tmp"; ls -AR /tmp
echo "--run"; ls -A /run/user
"""


def sections(text):
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("--"):
            name = line[2:]
            found[name] = []
        elif name:
            found[name].append(line)
    return found


def neither_sees_the_other(place):
    place.write("home/of-the-host", "secret")
    marker = place.spawn(["sh", "-c", "sleep 1000; : process-of-the-host"])
    with Sway(place) as sway:
        product = Product(place, sway)
        for name in ("first", "second"):
            product.project(name, FOREVER)
            product.sh(name, f"echo secret > ~/of-{name}; echo secret > /tmp/tmp-of-{name}")
            product.spawn("run", "--project", name, "--", "sh", "-c", f"sleep 1000; : process-of-{name}")
            product.spawn("foot", "--project", name)
        sway.wait_window(app_id="isolate.first.foot")
        sway.wait_window(app_id="isolate.second.foot")
        for name, other in (("first", "second"), ("second", "first")):
            seen = sections(product.sh(name, LOOK))
            everything = "\n".join("\n".join(lines) for lines in seen.values())
            check(f"process-of-{name}" in everything and f"of-{name}" in "\n".join(seen["home"]),
                  f"{name} does not see its own:\n{everything}")
            for secret in (f"of-{other}", "of-the-host", "sway"):
                check(secret not in everything, f"{name} sees {secret}:\n{everything}")
            check_equal([line for line in seen["run"] if line], [str(os.getuid())]
                        if place.runtime.startswith("/run/user/") else seen["run"], "other people's directories")
        check_equal(marker.poll(), None, "the host's process, which runs")


def paths_of_the_other_are_not_there(place):
    """By name too: the host knows where things are, and tells."""
    with Sway(place) as sway:
        product = Product(place, sway)
        for name in ("first", "second"):
            product.project(name, FOREVER)
            product.sh(name, "echo secret > ~/file")
        paths = [product.home("second"), product.runtime("second"), product.runtime("first"), sway.socket_path,
                 sway.env["SWAYSOCK"], os.path.join(place.home, ".config/isolate"),
                 os.path.join(place.home, ".local/share/isolate")]
        for path in paths:
            check(os.path.exists(path), f"{path} exists outside")
            check_equal(product.sh("first", 'test -e "$0"; echo $?'.replace("$0", path)).strip(), "1",
                        f"{path} inside (1 is absent)")
        # The sockets of the first project work from inside the first only.
        for pid in product.processes("isolate-init"):
            done = product.run("run", "--project", "first", "--", "sh", "-c", f"kill -0 {pid}", check=False)
            check(done.returncode != 0, f"the host's pid {pid} can be signalled")


def windows_of_the_other(place):
    """What a client learns of others: nothing that lists windows is offered, and the clipboard is not read unfocused."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        product.project("second", FOREVER)
        product.spawn("foot", "--project", "first", "--", "--title=window-of-first")
        sway.wait_window(app_id="isolate.first.foot")
        seen = product.sh("second", "wayland-info")
        check("window-of-first" not in seen and "toplevel" not in seen.replace("xdg_toplevel", ""), seen)


def shares_are_what_was_shared(place):
    work = os.path.join(place.home, "work")
    for folder in ("rw", "ro", "not"):
        place.write(f"home/work/{folder}/file", folder)
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER + f"[Files]\nShare={work}/rw\nReadOnly={work}/ro\n")
        seen = product.sh("first", f"cd {work}; cat rw/file ro/file; echo; ls; echo changed > rw/file; "
                          "echo changed 2>/dev/null > ro/file || echo refused")
        check_equal(seen.splitlines(), ["rwro", "ro", "rw", "refused"], "what is seen of the shares")
        wait_until(lambda: open(f"{work}/rw/file", encoding="utf-8").read() == "changed\n", what="the change outside")
        check_equal(open(f"{work}/ro/file", encoding="utf-8").read(), "ro", "the read-only share")


desktop_main(neither_sees_the_other, paths_of_the_other_are_not_there, windows_of_the_other, shares_are_what_was_shared,
             needs=["sway", "foot", "bwrap", "wayland-info"])
