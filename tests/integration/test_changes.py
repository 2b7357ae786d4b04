"""Verbs that change whole projects, and the files in them: edit, clone, rename, reset, cp, du."""
import os
import shutil
import stat

from desktoptest import QUIET, Product, Skip, check, check_equal, desktop_main, one_error_line, proc, wait_until
from desktoptest.terminal import Terminal

ALONE = QUIET + "Linger=forever\n[Display]\nWayland=no\n"


def files(path):
    """Everything below path: name → content, link target or None for a folder."""
    found = {}
    for folder, folders, names in os.walk(path):
        for name in folders + names:
            whole = os.path.join(folder, name)
            key = os.path.relpath(whole, path)
            if os.path.islink(whole):
                found[key] = "→ " + os.readlink(whole)
            elif os.path.isfile(whole):
                with open(whole, encoding="utf-8") as f:
                    found[key] = f.read()
            else:
                found[key] = None
    return found


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def config(place, name):
    return os.path.join(place.home, f".config/isolate/projects/{name}.conf")


def started(product, name, script="true"):
    """A project whose home is there, and which does not run."""
    product.project(name, ALONE)
    product.sh(name, script)
    product.run("stop", name)


def editor(place, script):
    return {"EDITOR": place.write("editor", f"#!/bin/sh\n{script}\n", 0o755)}


def edit(place):
    product = Product(place)
    path = product.project("first", ALONE)
    env = {**product.env, **editor(place, 'echo "Title=New" >>"$1.add"; sed -i "s/Linger=forever/Linger=1s/" "$1"')}
    terminal = Terminal(place, [product.command, "edit", "first"], env=env)
    check_equal(terminal.status(), 0, "the exit status")
    check("Linger=1s" in read(path), "the change is not there")
    check_equal(os.listdir(os.path.dirname(path)), ["first.conf"], "what is beside it")
    check_equal(os.listdir(os.path.join(place.runtime, "isolate")), [], "what is left of the edit")
    terminal.close()


def edit_with_a_mistake(place):
    product = Product(place)
    path = product.project("first", ALONE)
    before = read(path)
    # Wrong the first time, right the second.
    env = {**product.env, **editor(place, 'if grep -q Lniger "$1"; then sed -i s/Lniger=2s/Linger=3s/ "$1"; else '
                                          'sed -i s/Linger=forever/Lniger=2s/ "$1"; fi')}
    terminal = Terminal(place, [product.command, "edit", "first"], env=env)
    terminal.expect(r"Lniger.*did you mean Linger[\s\S]*Edit it again\?")
    check_equal(read(path), before, "the file, while what was written is wrong")
    terminal.send("y\n")
    check_equal(terminal.status(), 0, "the exit status")
    check("Linger=3s" in read(path), read(path))
    terminal.close()
    product.project("first", ALONE)
    env.update(editor(place, 'echo "[Flies]" >>"$1"'))
    terminal = Terminal(place, [product.command, "edit", "first"], env=env)
    terminal.expect(r"Edit it again\?")
    terminal.send("n\n")
    check_equal(terminal.status(), 125, "the exit status of one who gave up")
    check_equal(read(path), before, "the file of one who gave up")
    terminal.close()
    check_equal(os.listdir(os.path.join(place.runtime, "isolate")), [], "what is left of the edit")


def edit_keeps_links_and_other_peoples_changes(place):
    product = Product(place)
    real = place.write("home/settings/first.conf", ALONE, 0o640)
    os.makedirs(os.path.dirname(config(place, "first")))
    os.symlink(real, config(place, "first"))
    env = {**product.env, **editor(place, 'sed -i s/forever/5s/ "$1"')}
    terminal = Terminal(place, [product.command, "edit", "first"], env=env)
    check_equal(terminal.status(), 0, "the exit status")
    terminal.close()
    check(os.path.islink(config(place, "first")) and "5s" in read(real), "the link was replaced")
    check_equal(stat.S_IMODE(os.stat(real).st_mode), 0o640, "its mode")
    env.update(editor(place, f'sed -i s/5s/6s/ "$1"; echo "# else" >>{real}'))
    terminal = Terminal(place, [product.command, "edit", "first"], env=env)
    where = terminal.expect(r"by somebody else: what you wrote is in (\S+)").group(1)
    check_equal(terminal.status(), 125, "the exit status")
    terminal.close()
    check("6s" in read(where) and "6s" not in read(real) and "# else" in read(real), "somebody's change is lost")
    for script, said in (("exit 3", "failed"), ("true", "nothing was changed")):
        env.update(editor(place, script))
        terminal = Terminal(place, [product.command, "edit", "first"], env=env)
        terminal.expect(said)
        terminal.close()


def no_terminal(place):
    product = Product(place)
    started(product, "first")
    one_error_line(product.run("edit", "first", check=False), 125, "terminal", "first.conf")
    one_error_line(product.run("reset", "first", "home", check=False), 125, "--yes")
    one_error_line(product.run("remove", "first", check=False), 125, "--yes")
    for verb in ("edit", "clone", "rename", "reset", "remove"):
        words = {"clone": ["new"], "rename": ["new"], "reset": ["home", "--yes"]}.get(verb, [])
        one_error_line(product.run(verb, "frist", *words, check=False), 125, "no project", "first")
        one_error_line(product.run(verb, "Bad", *words, check=False), 125, "Bad")
    one_error_line(product.run("reset", "first", "all", check=False), 125, "home|layer")
    for verb in ("clone", "rename"):
        one_error_line(product.run(verb, "first", "../x", check=False), 125, "cannot be a project's name")
        one_error_line(product.run(verb, "first", check=False), 125, "NAME NEW")


def clone(place):
    product = Product(place)
    started(product, "first", "mkdir -p a/b; echo x >a/b/file; chmod 640 a/b/file; ln -s /etc/passwd a/link; mkfifo pipe")
    check_equal(product.run("clone", "first", "second").stdout.strip(), config(place, "second"), "what it prints")
    check_equal(read(config(place, "second")), ALONE, "the configuration")
    check(not os.path.exists(product.home("second")), "a home was made")
    done = product.run("clone", "first", "third", "--home")
    check("pipe" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
    copied = files(product.home("third"))
    check_equal({k: v for k, v in copied.items() if k.startswith("a")},
                {"a": None, "a/b": None, "a/b/file": "x\n", "a/link": "→ /etc/passwd"}, "the copy")
    check_equal(stat.S_IMODE(os.stat(product.home("third") + "/a/b/file").st_mode), 0o640, "the mode")
    check_equal(product.sh("third", "cat a/b/file"), "x\n", "what the clone has")
    for new in ("second", "third"):
        one_error_line(product.run("clone", "first", new, check=False), 125, "already")
    product.sh("first", "true")
    one_error_line(product.run("clone", "first", "fourth", "--home", check=False), 125, "isolate stop first")
    check(not os.path.exists(config(place, "fourth")) and not os.path.exists(os.path.dirname(product.home("fourth"))),
          "half a clone is there")
    product.run("clone", "first", "fourth")  # without the home, it may run


def hostile_homes(place):
    """What a container can leave in its home, against those that copy, count and remove it."""
    product = Product(place)
    secret = place.write("home/secret", "secret")
    started(product, "first", "ln -s $HOME/secret s; ln -s / root; mkdir -p d; ln -s ../.. d/up; truncate -s 1T huge; "
            "python3 -c \"import os\nfor i in range(1500): os.mkdir('n'); os.chdir('n')\"; "
            "mkdir closed; touch closed/x; chmod 0 closed; touch \"$(printf 'a\\033[31m\\nb')\"; mkfifo \"$(printf 'p\\033]0;x')\"")
    done = product.run("du", "first", "--json")
    usage = product.json("du", "first")[0]["home"]
    check(1500 < usage["files"] < 1600 and usage["bytes"] < 64 << 20, f"{usage}")
    check_equal(usage["whole"], False, "what cannot be read")
    done = product.run("clone", "first", "second", "--home", seconds=60)
    check(all(line.isprintable() for line in done.stderr.splitlines()), done.stderr)
    check("lies too deep" in done.stderr and "closed" in done.stderr, done.stderr)
    copied = product.home("second")
    check_equal(os.readlink(copied + "/s"), secret, "a link stays a link")
    check_equal(os.stat(copied + "/huge").st_blocks, 0, "blocks of a hole")
    out = os.path.join(place.home, "out")
    done = product.run("cp", "first:.", out, seconds=60)
    check(not os.path.lexists(out + "/s") and not os.path.lexists(out + "/root") and not os.path.lexists(out + "/d/up"),
          "a link that leads elsewhere came out")
    check(all(line.isprintable() for line in done.stderr.splitlines()), done.stderr)
    for path in ("s", "root/etc/passwd", "root"):
        one_error_line(product.run("cp", f"first:{path}", out, check=False), 125, "link")
    victim = place.write("home/victim/file", "mine")
    product.sh("first", f"ln -s {os.path.dirname(victim)} v; ln -s {victim} w")
    product.run("stop", "first")
    for dest in ("v/file", "v", "w"):
        one_error_line(product.run("cp", secret, f"first:{dest}", check=False), 125, "link")
    for name in ("first", "second"):
        product.run("reset", name, "home", "--yes", seconds=60)
        check_equal(os.listdir(os.path.dirname(product.home(name))), [], "what is left")
    check_equal((read(secret), read(victim)), ("secret", "mine"), "what is outside")


def rename(place):
    product = Product(place)
    product.project("first", ALONE + "[App foot]\nName=Foot\n")
    product.sh("first", "echo kept >file")
    approval = os.path.join(place.home, ".local/state/isolate/first/approval")
    with open(approval, "w", encoding="utf-8") as f:
        f.write("{'version': <uint32 1>, 'project': <'first'>, 'time': <int64 5>, 'permissions': <[b'security debug']>}")
    os.chmod(approval, 0o600)
    known = product.json("approvals", "list", "first")
    product.run("desktop", "sync")
    one_error_line(product.run("rename", "first", "second", check=False), 125, "isolate stop first")
    product.run("stop", "first")
    product.run("rename", "first", "second")
    check_equal(product.run("list").stdout.split()[0], "second", "the project")
    check_equal(product.sh("second", "cat file"), "kept\n", "its home")
    menu = os.listdir(os.path.join(place.home, ".local/share/applications"))
    check_equal([n for n in menu if n.endswith(".desktop")], ["isolate.second.foot.desktop"], "the menu")
    product.run("stop", "second")
    now = product.json("approvals", "list", "second")
    check_equal([a["permissions"] for a in now], [a["permissions"] for a in known], "what is approved")
    left = [p for p in (config(place, "first"), os.path.dirname(product.home("first")), os.path.dirname(approval),
                        product.runtime("first")) if os.path.exists(p)]
    check_equal(left, [], "what is left of the old name")
    state = os.path.join(place.home, ".local/state/isolate")
    check_equal([n for n in os.listdir(state) if "nam" in n or "first" in n], [], "what is left of the renaming")
    product.project("third", ALONE)
    one_error_line(product.run("rename", "second", "third", check=False), 125, "already")
    os.unlink(config(place, "third"))
    os.makedirs(product.home("third"))
    one_error_line(product.run("rename", "second", "third", check=False), 125, "earlier project", "isolate remove third")


def rename_goes_on(place):
    """Wherever it was interrupted: the same command finishes it, and another one says so."""
    product = Product(place)
    state = os.path.join(place.home, ".local/state/isolate")
    for moved in range(4):
        old, new = f"old{moved}", f"new{moved}"
        started(product, old, "echo kept >file")
        place.write(f"home/.local/state/isolate/.renaming-{old}", new)
        parts = [(os.path.dirname(product.home(old)), os.path.dirname(product.home(new))), (f"{state}/{old}", f"{state}/{new}"),
                 (config(place, old), config(place, new))]
        for source, dest in parts[:moved]:
            os.rename(source, dest)
        one_error_line(product.run("rename", old, "other", check=False), 125, f"isolate rename {old} {new}")
        product.run("rename", old, new)
        check_equal(product.sh(new, "cat file"), "kept\n", f"the home, interrupted after {moved} steps")
        product.run("stop", new)
        check(not os.path.exists(f"{state}/.renaming-{old}"), "the note is left")


def reset_and_du(place):
    product = Product(place)
    started(product, "first", "head -c 3000000 /dev/urandom >big; ln big same; mkdir d; touch d/x")
    usage = product.json("du", "first")[0]
    check_equal((usage["name"], usage["project"]), ("first", True), "the row")
    check(3000000 <= usage["home"]["bytes"] < 3400000, f"{usage}: a file with two names counts once")
    check("layer" not in usage, "there is no layer")
    check("2.9 MiB" in product.run("du").stdout, product.run("du").stdout)
    started(product, "gone")
    product.run("remove", "gone", "--keep-home", "--yes")
    check("no project has it" in product.run("du").stdout, "a home that is left")
    one_error_line(product.run("du", "nosuch", check=False), 125, "nosuch")
    product.sh("first", "true")
    one_error_line(product.run("reset", "first", "home", "--yes", check=False), 125, "isolate stop first")
    product.run("stop", "first")
    terminal = Terminal(place, [product.command, "reset", "first", "home"], env=product.env)
    terminal.expect(r"Remove everything in the home of first, \S+\?")
    terminal.send("no\n")
    check_equal(terminal.status(), 125, "the exit status of a no")
    terminal.close()
    check(os.path.exists(product.home("first") + "/big"), "it was removed")
    terminal = Terminal(place, [product.command, "reset", "first", "home"], env=product.env)
    terminal.expect(r"\?")
    terminal.send("y\n")
    check_equal(terminal.status(), 0, "the exit status of a yes")
    terminal.close()
    check(not os.path.exists(product.home("first")), "it is still there")
    check_equal(product.sh("first", "ls -A"), "", "a new home")
    product.run("stop", "first")
    done = product.run("reset", "first", "layer", "--yes")
    check("no layer" in done.stderr, done.stderr)


def copies_of_the_home(place):
    product = Product(place)
    started(product, "first", "mkdir -p d/e; echo in >d/e/f; ln -s f d/e/good; ln -s e/f d/good; ln -s ../d d/loop")
    place.write("home/src/sub/file", "text")
    os.chmod(os.path.join(place.home, "src/sub/file"), 0o4755)
    os.symlink("/nowhere", os.path.join(place.home, "src/link"))
    for running in (False, True):
        if running:
            product.sh("first", "true")
        out = os.path.join(place.home, f"out-{running}")
        product.run("cp", "first:d/e/f", out)
        check_equal(read(out), "in\n", "a file that came out")
        os.mkdir(out + ".d")
        done = product.run("cp", "first:d", out + ".d/")
        check_equal(files(out + ".d"), {"d": None, "d/e": None, "d/e/f": "in\n", "d/e/good": "→ f", "d/good": "→ e/f"},
                    "a folder that came out")
        check("d/loop" in done.stderr, done.stderr)
        product.run("cp", os.path.join(place.home, "src"), f"first:{place.home}/in-{running}")
        check_equal(files(product.home("first") + f"/in-{running}"),
                    {"sub": None, "sub/file": "text", "link": "→ /nowhere"}, "what came in")
        check_equal(stat.S_IMODE(os.stat(product.home("first") + f"/in-{running}/sub/file").st_mode), 0o755, "its mode")
        product.run("cp", "src/sub/file", f"first:~/in-{running}")  # into it, relative to where one is
        check_equal(product.sh("first", f"cat in-{running}/file"), "text", "a file that came in")
        product.run("cp", "src", f"first:in-{running}/")
        one_error_line(product.run("cp", "src", f"first:in-{running}/", check=False), 125, "src")
        if running:
            product.run("stop", "first")
        else:
            product.run("stop", "first", check=False)
    check(not [n for n in files(product.home("first")) if ".isolate-copy" in n], "something is left in the home")
    for words, said in [
        (["a", "b"], "NAME:PATH"), (["first:a", "first:b"], "NAME:PATH"), (["first:nosuch", "."], "nosuch"),
        (["first:../x", "."], ".."), (["nosuch", "first:x"], "nosuch"), (["src", "first:no/such/folder"], "no/such"),
        (["first:d/e/f", "/no/such/folder"], "/no/such"), (["frist:x", "."], "frist"), (["Bad:x", "."], "Bad"),
        (["first:/tmp/x", "."], "isolate start first"), (["src", "first:/etc/x"], "of the host"),
        (["first:/usr/bin/env", "."], "/usr/bin/env of the host"),
    ]:
        one_error_line(product.run("cp", *words, check=False), 125, said)


def copies_of_the_rest(place):
    """/tmp, for instance: through a process in the container, of which nothing is believed."""
    product = Product(place)
    share = place.write("home/share/x", "x")
    product.project("first", ALONE + f"[Files]\nShare={os.path.dirname(share)}\n")
    product.sh("first", "mkdir -p /tmp/d/e; echo in >/tmp/d/e/f; ln -s /etc /tmp/d/out; ln -s e/f /tmp/d/good")
    out = os.path.join(place.home, "out")
    done = product.run("cp", "first:/tmp/d", out)
    check_equal(files(out), {"e": None, "e/f": "in\n", "good": "→ e/f"}, "what came out")
    check("d/out" in done.stderr, done.stderr)
    product.run("cp", "first:/tmp/d/e/f", out + "/one")
    check_equal(read(out + "/one"), "in\n", "a file that came out")
    product.run("cp", out, "first:/tmp")
    product.run("cp", out + "/one", "first:/tmp/other")
    check_equal(product.sh("first", "cat /tmp/out/e/f /tmp/other; ls -A /tmp | grep -v isolate-test"),
                "in\nin\nd\nother\nout\n", "what came in")
    for words in (["first:/tmp/nosuch", "."], [out, "first:/tmp/no/such/x"], [out, "first:/usr/local/x"]):
        one_error_line(product.run("cp", *words, check=False), 125)
    one_error_line(product.run("cp", f"first:{share}", ".", check=False), 125, share, "of the host")
    # A tar in the container that says what it likes: names that lead out, and a link to write through.
    evil = r"""
import io, sys, tarfile
out = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
def add(name, **rest):
    info = tarfile.TarInfo(name)
    for key, value in rest.items(): setattr(info, key, value)
    data = b"evil" if info.type == tarfile.REGTYPE else b""
    info.size = len(data); out.addfile(info, io.BytesIO(data))
add("./d", type=tarfile.DIRTYPE, mode=0o755)
add("./d/l", type=tarfile.SYMTYPE, linkname="HOME"); add("./d/l/planted")
add("../planted"); add("HOME/planted"); add("./d/../../planted")
add("./d/hard", type=tarfile.LNKTYPE, linkname="HOME/secret")
add("./d/set", mode=0o6755)
out.close()
""".replace("HOME", place.home)
    secret = place.write("home/secret", "secret")
    script = place.write("home/share/tar", "#!/usr/bin/python3\n" + evil, 0o755)
    product.run("stop", "first")
    product.project("first", ALONE + f"[Files]\nShare={os.path.dirname(share)}\n[Environment]\nPATH={os.path.dirname(script)}"
                    ":/usr/bin\n")
    product.sh("first", "true")
    before = sorted(os.listdir(place.home))
    product.run("cp", "first:/tmp/d", place.home + "/evil", check=False)
    product.run("cp", "first:/tmp/nothing", place.home + "/evil2", check=False)
    found = [os.path.join(folder, n) for folder, _, names in os.walk(place.path) for n in names if n == "planted"]
    check_equal([p for p in found if not p.startswith(place.home + "/evil/")], [], "what was planted outside")
    check_equal(sorted(set(os.listdir(place.home)) - set(before) - {"evil"}), [], "what is left")
    check_equal(read(secret), "secret", "the secret")
    for folder, _, names in os.walk(place.home + "/evil"):
        for name in names:
            whole = os.path.join(folder, name)
            check(not os.path.islink(whole) and os.stat(whole).st_nlink == 1 and not os.stat(whole).st_mode & 0o6000, whole)


def links_of_the_host(place):
    """A link in a share is the container's to change: neither read from nor written to."""
    product = Product(place)
    work, secret = os.path.join(place.home, "work"), place.write("home/secret/key", "secret")
    os.mkdir(work)
    os.symlink(os.path.dirname(secret), os.path.join(place.home, "mine"))
    product.project("first", ALONE + f"[Files]\nShare={work}\n")
    product.sh("first", f"ln -s {os.path.dirname(secret)} {work}/l; echo x >x")
    one_error_line(product.run("cp", f"{work}/l/key", "first:k", check=False), 125, f"{work}/l", "first")
    one_error_line(product.run("cp", "first:x", f"{work}/l/", check=False), 125, f"{work}/l", "first")
    product.run("cp", "mine/key", "first:k")  # a link of one's own is followed
    check_equal(product.sh("first", "cat k"), "secret", "what was copied")


def full_disk(place):
    """A file system of 64 KiB: one line, and nothing half."""
    if not shutil.which("unshare"):
        raise Skip("unshare is not installed")
    product = Product(place)
    started(product, "first", "head -c 300000 /dev/zero | tr '\\0' x >big")
    small = os.path.join(place.home, "small")
    os.mkdir(small)
    script = 'mount -t tmpfs -o size=64k none "$0" || exit 77; "$@"; s=$?; ls -A "$0" >&2; exit $s'
    done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c", script, small, product.command,
                      "cp", "first:big", small + "/copy"], env=product.env, check=False)
    if done.returncode == 77:
        raise Skip("no mount namespace can be made here")
    one_error_line(done, 125, "No space left")
    data = os.path.dirname(os.path.dirname(product.home("first")))
    script = ('cp -a "$1/first" "$0/keep" && mount -t tmpfs -o size=340k none "$1" && mv "$0/keep" "$1/first" || exit 77; '
              'shift; "$@"; s=$?; ls -A "' + data + '" | grep -v "^first$" >&2; exit $s')
    done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c", script, small, data,
                      product.command, "clone", "first", "second", "--home"], env=product.env, check=False)
    one_error_line(done, 125, "No space left")
    check(not os.path.exists(config(place, "second")), "the clone is there")


desktop_main(edit, edit_with_a_mistake, edit_keeps_links_and_other_peoples_changes, no_terminal, clone, hostile_homes, rename,
             rename_goes_on, reset_and_du, copies_of_the_home, copies_of_the_rest, links_of_the_host, full_disk,
             needs=["bwrap", "tar"])
