"""Menu entries as people and menus use them: kept equal to the projects by the verbs, started with files through GIO."""
import json
import os
import stat
import string

from desktoptest import Product, check, check_equal, desktop_main, one_error_line, wait_until

QUIET = "[Network]\nMode=none\n[Project]\nGate=never\nLinger=0\n[Display]\nWayland=no\n"
SHOW = QUIET + """[App show]
Exec=sh -c 'printf "%s\\\\n" "$@" > ~/new; mv ~/new ~/arguments' show {code}
Name=Show
"""
ALLOWED = set(string.ascii_letters + string.digits + "._-")


def folder(place):
    return os.path.join(place.home, ".local/share/applications")


def entries(place):
    return sorted(os.listdir(folder(place))) if os.path.isdir(folder(place)) else []


def entry(place, name):
    return os.path.join(folder(place), name)


def verbs_keep_it_equal(place):
    """create, sync and remove; a foreign and an edited file stay, and are named."""
    product = Product(place)
    place.write("home/.config/isolate/traits/tools.conf", "[App ed]\nExec=ed\n")
    product.run("create", "first", "--trait", "tools")
    check_equal(entries(place), ["isolate.first.ed.desktop"], "entries after create")
    mode = stat.S_IMODE(os.stat(entry(place, "isolate.first.ed.desktop")).st_mode)
    check_equal(mode, 0o644, "mode")
    check_equal(product.run("desktop", "sync").stdout, "", "what a second sync says")
    place.write("home/.config/isolate/traits/tools.conf", "[App ed]\nExec=ed\nName=Editor\n[App vi]\nExec=vi\n")
    states = [e["state"] for e in product.json("desktop", "list")]
    check_equal(states, ["outdated", "missing"], "list before sync")
    product.run("desktop", "sync")
    with open(entry(place, "isolate.first.vi.desktop"), "a", encoding="utf-8") as f:
        f.write("NoDisplay=true\n")
    foreign = place.write("home/.local/share/applications/isolate.first.mine.desktop", "[Desktop Entry]\nName=x\n")
    place.write("home/.config/isolate/traits/tools.conf", "[App mine]\nExec=x\n")
    done = product.run("desktop", "sync")
    check("removed" in done.stdout and "isolate.first.ed.desktop" in done.stdout, done.stdout)
    check("vi.desktop is kept: it was edited" in done.stderr and "mine.desktop is kept" in done.stderr, done.stderr)
    product.run("remove", "first", "--yes")
    check_equal(entries(place), ["isolate.first.mine.desktop", "isolate.first.vi.desktop"], "entries after remove")
    with open(foreign, encoding="utf-8") as f:
        check_equal(f.read(), "[Desktop Entry]\nName=x\n", "the foreign file")


def remove_and_prune(place):
    product = Product(place)
    for name in ("first", "second", "third"):
        product.project(name, QUIET + "[App ed]\nExec=ed\n")
    product.run("desktop", "sync")
    product.run("desktop", "remove", "second")
    check_equal(entries(place), ["isolate.first.ed.desktop", "isolate.third.ed.desktop"], "after remove")
    os.unlink(os.path.join(place.home, ".config/isolate/projects/third.conf"))
    check_equal(sorted(e["state"] for e in product.json("desktop", "list")), ["missing", "orphan", "unchanged"], "list")
    product.run("desktop", "prune")
    check_equal(entries(place), ["isolate.first.ed.desktop"], "after prune")
    product.run("desktop", "sync", "second")
    check_equal(len(entries(place)), 2, "after sync of one")


def wrong_project_keeps_its_entries(place):
    product = Product(place)
    product.project("bad", QUIET + "[App ed]\nExec=ed\n")
    product.project("good", QUIET + "[App ed]\nExec=ed\n")
    product.run("desktop", "sync")
    product.project("bad", "[Nonsense]\n")
    product.project("good", QUIET + "[App vi]\nExec=vi\n")
    done = product.run("desktop", "sync", check=False)
    check_equal(done.returncode, 125, "exit status")
    check("1 of the projects could not be read" in done.stderr, done.stderr)
    check_equal(entries(place), ["isolate.bad.ed.desktop", "isolate.good.vi.desktop"], "entries")


def errors_are_one_line(place):
    product = Product(place)
    one_error_line(product.run("desktop", "snyc", check=False), 125, "did you mean sync")
    one_error_line(product.run("desktop", "prune", "first", check=False), 125, "takes no names")
    one_error_line(product.run("desktop", "remove", "../x", check=False), 125, "cannot be a project's name")
    one_error_line(product.run("desktop", check=False), 125)
    one_error_line(product.run("approvals", "revoke", check=False), 125, "whose")
    one_error_line(product.run("approvals", "grant", check=False), 125, "list or revoke")
    one_error_line(product.run("menu", "--with", "dmenu\033", check=False), 125, "fuzzel")
    check_equal(json.loads(product.run("desktop", "list", "--json").stdout), [], "JSON of nothing")


def read_arguments(product):
    path = os.path.join(product.home("first"), "arguments")
    wait_until(lambda: os.path.exists(path), 20, "the application")
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")[:-1]
    os.unlink(path)
    return lines


def files_arrive(place):
    """gio launch with 0, 1 and n files; the application's arguments are theirs, whatever is in their names."""
    product = Product(place)
    product.project("first", SHOW.format(code="%F"))
    product.run("desktop", "sync")
    names = ["plain", "with space", "per%20cent", "-dash", "--bind", "quo\"te'`$x;&"]
    files = [place.write(f"home/files/{name}", "") for name in names]
    for given in ([], files[:1], files):
        place.run(["gio", "launch", entry(place, "isolate.first.show.desktop"), *given], env=product.env)
        expected = given or [""]  # printf prints one empty line for no argument
        check_equal(read_arguments(product), expected, f"arguments for {len(given)} files")


def gio_lists_it(place):
    """GIO finds the entry by its id and offers its actions, as a shell or a dock does."""
    product = Product(place)
    product.project("first", SHOW.format(code="") + "[App foot]\nExec=foot\n")
    product.run("desktop", "sync")
    script = """
import gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio
info = Gio.DesktopAppInfo.new("isolate.first.show.desktop")
print(info.get_name(), "|", info.get_startup_wm_class(), "|",
      ",".join(info.get_action_name(a) for a in info.list_actions()), "|", info.should_show())
"""
    done = place.run(["/usr/bin/python3", "-c", script], env=product.env, check=False)
    if "No module named" in done.stderr:
        return  # no introspection here; the unit tests ask GIO in C
    check_equal(done.stdout.strip(), "Show (first) | isolate.first.show | New terminal in first,Stop first | True", "GIO")


def stop_action(place):
    """The action "Stop first" stops it."""
    product = Product(place)
    product.project("first", QUIET.replace("Linger=0", "Linger=forever") + "[App ed]\nExec=ed\n")
    product.run("desktop", "sync")
    product.run("run", "--project", "first", "--no-display", "--", "true")
    check(product.session_of("first"), "the container does not run")
    with open(entry(place, "isolate.first.ed.desktop"), encoding="utf-8") as f:
        action = f.read().partition("[Desktop Action isolate-stop]")[2]
    command = action.partition("Exec=")[2].splitlines()[0]
    place.run(command.split(), env=product.env)
    product.wait_gone()


def applications_of_the_host(place):
    """Apps=: what this machine's menu has, all of it valid once rewritten; started by its entry, and by its action."""
    product = Product(place)
    place.write("home/.local/share/applications/mark.desktop", """[Desktop Entry]
Type=Application
Name=Mark
Name[de]=Marke
Exec=sh -c "touch plain \\$1" mark %f
Actions=other;

[Desktop Action other]
Name=Other
Exec=touch other
""")
    names = sorted(n[:-len(".desktop")] for n in os.listdir("/usr/share/applications") if n.endswith(".desktop"))
    names = [n for n in names if len(n) <= 64 and n[0].isalnum() and set(n) <= ALLOWED]
    product.project("first", QUIET.replace("[Display]", f"Apps={';'.join([*names, 'mark'])}\n[Display]"))
    done = product.run("desktop", "sync", check=False)
    check("isolate.first.mark.desktop" in entries(place), done.stderr)
    written = [e for e in entries(place) if e.startswith("isolate.first.")]
    check(len(written) > 1, f"only {written} of {names}; {done.stderr}")
    for name in written:
        said = place.run(["desktop-file-validate", entry(place, name)], check=False)
        check_equal((said.returncode, said.stdout + said.stderr), (0, ""), f"desktop-file-validate {name}")
    with open(entry(place, "isolate.first.mark.desktop"), encoding="utf-8") as f:
        text = f.read()
    check("Name[de]=Marke (first)" in text and "touch" not in text, text)
    place.run(["gio", "launch", entry(place, "isolate.first.mark.desktop")], env=product.env)
    wait_until(lambda: os.path.exists(os.path.join(product.home("first"), "plain")), 20, "the application")
    product.run("run", "--project", "first", "--action", "other", "--no-display", "--", "mark")
    check(os.path.exists(os.path.join(product.home("first"), "other")), "the action did not run")
    one_error_line(product.run("run", "--project", "first", "--action", "none", "--no-display", "--", "mark", check=False),
                   125, "mark has no action none")
    one_error_line(product.run("run", "--project", "first", "--action", "other", "--no-display", "--", "true",
                               check=False), 125, "has actions")
    one_error_line(product.run("run", "--project", "first", "--action", "a\n", "--", "mark", check=False), 125, "--action")
    product.project("first", QUIET.replace("[Display]", "Apps=nothing.here\n[Display]"))
    done = product.run("desktop", "sync")
    check("no nothing.here.desktop" in done.stderr, done.stderr)
    check_equal([e for e in entries(place) if e.startswith("isolate.")], [], "entries")


desktop_main(verbs_keep_it_equal, remove_and_prune, wrong_project_keeps_its_entries, errors_are_one_line, files_arrive,
             gio_lists_it, stop_action, applications_of_the_host, needs=["bwrap", "gio", "desktop-file-validate"])
