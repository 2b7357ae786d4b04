"""isolate menu: with real wofi on sway, and what it asks of the other programs and takes from them."""
import os

from desktoptest import Product, Sway, check, check_equal, desktop_main, one_error_line, wait_until

QUIET = "[Network]\nMode=none\n[Project]\nGate=never\nLinger=0\n"
MARK = QUIET + "[Display]\nWayland=no\n[App mark]\nExec=touch {name}\nName=Mark\n"

# Writes down its arguments and its lines, and answers with what FAKE_ANSWER says.
FAKE = """#!/bin/sh
printf '%s\\n' "$@" > "$FAKE_FOLDER/words"
cat > "$FAKE_FOLDER/lines"
printf '%s' "$FAKE_ANSWER"
exit "${FAKE_STATUS:-0}"
"""


def fake(place, *names):
    for name in names:
        place.write(f"bin/{name}", FAKE, 0o755)


def run(product, place, answer, *words, status="0"):
    env = {"PATH": f"{place.path}/bin:/usr/bin:/bin", "FAKE_FOLDER": place.path, "FAKE_ANSWER": answer,
           "FAKE_STATUS": status}
    return product.run("menu", *words, check=False, env=env)


def written(place, name):
    with open(os.path.join(place.path, name), encoding="utf-8") as f:
        return f.read().splitlines()


def made(product, project):
    return sorted(n for n in os.listdir(product.home(project)) if not n.startswith("."))


def by_number_and_by_label(place):
    product = Product(place)
    product.project("first", MARK.format(name="one"))
    product.project("second", MARK.format(name="two"))
    expected = ["Mark (first)", "Shell (first)", "Mark (second)", "Shell (second)"]
    for program, answer in (("fuzzel", "2\n"), ("wofi", "2\n"), ("rofi", "2\n"), ("bemenu", "Mark (second)\n")):
        fake(place, program)
        done = run(product, place, answer, "--with", program)
        check_equal((done.returncode, done.stderr), (0, ""), f"{program}: exit status")
        check_equal(written(place, "lines"), expected, f"{program}: what can be chosen")
        check_equal(made(product, "second"), ["two"], f"{program}: what ran")
        os.unlink(os.path.join(product.home("second"), "two"))
    check(not os.path.exists(product.home("first")), "the other project's ran")


def only_what_was_offered(place):
    product = Product(place)
    product.project("first", MARK.format(name="one"))
    fake(place, "fuzzel", "bemenu")
    for answer in ("2\n", "-1\n", "99999999999999999999\n", "0x0\n", " 0\n", "Mark (first)\n", "0\n0\n"):
        done = run(product, place, answer, "--with", "fuzzel")
        one_error_line(done, 125, "not in the menu")
    one_error_line(run(product, place, "Mark (second)\n", "--with", "bemenu"), 125, "not in the menu")
    for answer, status in (("", "0"), ("", "1"), ("0\n", "1")):  # nothing chosen, or closed
        done = run(product, place, answer, "--with", "fuzzel", status=status)
        check_equal((done.returncode, done.stdout, done.stderr), (0, "", ""), "a menu that was closed")
    check(not os.path.exists(product.home("first")), "something ran")


def labels_differ(place):
    product = Product(place)
    product.project("first", QUIET + "[Project]\nTitle=Same\n[App a]\nExec=a\nName=Same\n[App b]\nExec=b\nName=Same\n")
    product.project("second", QUIET + "[Project]\nTitle=Same\n[App a]\nExec=a\nName=Same\n")
    fake(place, "bemenu")
    run(product, place, "", "--with", "bemenu")
    lines = written(place, "lines")
    check_equal((len(lines), len(set(lines))), (5, 5), "lines")


def real_wofi(place):
    """A person types a few letters and Return."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", QUIET + "[App foot]\nExec=foot\nName=Terminal\n")
        product.project("second", QUIET + "[App foot]\nExec=foot\nName=Terminal\n")
        menu = product.spawn("menu", "--with", "wofi")
        wait_until(lambda: product.processes("wofi"), 20, "wofi")
        sway.settled_screenshot("wofi")
        sway.input.type("terminal (second")
        sway.settled_screenshot("wofi-typed")
        sway.input.key("Return")
        sway.wait_window(app_id="isolate.second.foot")
        place.end(menu)


desktop_main(by_number_and_by_label, only_what_was_offered, labels_differ, real_wofi,
             needs=["sway", "wofi", "foot", "bwrap"])
