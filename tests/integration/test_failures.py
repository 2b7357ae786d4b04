"""What a start finds broken: a full disk, a home that cannot be written, a share that has vanished, a missing program or right.
One line, status 125, and nothing that runs or lies about afterwards."""
import os
import shutil
import socket

from desktoptest import QUIET, Product, Skip, check, check_equal, desktop_main, one_error_line

ALONE = QUIET + "[Display]\nWayland=no\n"
RUN = ("run", "--project", "first", "--no-tty", "--", "true")


def fails(product, *said, words=RUN, **options):
    """It fails as it should, and leaves the runtime folder empty and nothing running."""
    one_error_line(product.run(*words, check=False, **options), 125, *said)
    product.wait_gone()
    left = [p for p in product.sockets() if os.path.basename(p) not in ("isolate", "") and not os.path.isdir(p)]
    check_equal(left, [], "what is left in the runtime folder")


def mounted(place, script, *words, env=None):
    """words with a mount namespace of their own, after script. 77 in it: this machine does not let us."""
    done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c", script + ' || exit 77; exec "$@"',
                      "sh", *words], env=env, check=False)
    if done.returncode == 77:
        raise Skip(f"no file system can be mounted here: {done.stderr}")
    return done


def full_disks(place):
    """A tmpfs of one page, with nothing left of it, in place of each folder that a start writes to."""
    product = Product(place)
    product.project("first", ALONE)
    for folder in (".local/state", ".local/share"):
        path = os.path.join(place.home, folder, "isolate")
        os.makedirs(path, exist_ok=True)
        fill = f'mount -t tmpfs -o size=4k,nr_inodes=2 none "{path}" && {{ cat /dev/zero >"{path}/x" 2>/dev/null; true; }}'
        done = mounted(place, fill, product.command, *RUN, env=product.env)
        one_error_line(done, 125, "No space left on device", path)
        product.wait_gone()
    check_equal(os.listdir(os.path.join(place.home, ".local/share/isolate")), [], "what is left of a home")
    fill = (f'mount -t tmpfs -o size=4k,nr_inodes=2,mode=700 none "{place.runtime}" && '
            f'{{ cat /dev/zero >"{place.runtime}/x" 2>/dev/null; true; }}')
    done = mounted(place, fill, product.command, *RUN, env=product.env)
    one_error_line(done, 125, "No space left on device", place.runtime)
    product.wait_gone()
    config = os.path.join(place.home, ".config/isolate/projects")
    fill = f'mount -t tmpfs -o size=4k,nr_inodes=4 none "{config}" && {{ cat /dev/zero >"{config}/x" 2>/dev/null; true; }}'
    for words in (["create", "second"], ["create", "second", "--trait", "x"]):
        done = mounted(place, fill, product.command, *words, env=product.env)
        check(done.returncode == 125 and len(done.stderr.splitlines()) == 1, f"{words}: {done}")
    product.sh("first", "true")  # and now it works


def folders_that_cannot_be_written(place):
    product = Product(place)
    product.project("first", ALONE)
    for folder in (".local/share", ".local/state"):
        path = os.path.join(place.home, folder)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        os.chmod(path, 0o500)
        fails(product, "Permission denied", os.path.join(path, "isolate"))
        os.chmod(path, 0o700)
    shutil.rmtree(os.path.join(place.runtime, "isolate"))
    os.chmod(place.runtime, 0o500)
    one_error_line(product.run(*RUN, check=False), 125, "Permission denied", place.runtime)
    os.chmod(place.runtime, 0o700)
    # A home on a disk that is mounted read-only.
    done = mounted(place, f'mount --bind "{place.home}" "{place.home}" && mount -o remount,bind,ro "{place.home}"',
                   product.command, *RUN, env=product.env)
    one_error_line(done, 125, "Read-only file system", "isolate")
    for words in (["create", "second"], ["remove", "first", "--yes"], ["clone", "first", "second"], ["rename", "first", "second"]):
        done = mounted(place, f'mount --bind "{place.home}" "{place.home}" && mount -o remount,bind,ro "{place.home}"',
                       product.command, *words, env=product.env)
        one_error_line(done, 125, "Read-only file system")
    product.sh("first", "true")
    path = product.home("first")
    product.run("stop", "first", check=False)
    shutil.rmtree(path)
    place.write("home/.local/share/isolate/first/home", "a file where the home should be")
    fails(product, path)


def shares_that_are_gone(place):
    product = Product(place)
    work = os.path.join(place.home, "work")
    os.mkdir(work)
    path = product.project("first", ALONE + f"[Files]\nShare={work}\n")
    line = ALONE.count("\n") + 2
    product.sh("first", "true")
    product.run("stop", "first", check=False)
    os.rmdir(work)
    for words in (RUN, ("start", "first"), ("plan", "first"), ("explain", "first")):
        fails(product, f"{path}:{line}", "Share", work, "make it, or take this out", words=words)
    os.symlink(work + "2", work)
    fails(product, "Share", work)
    os.unlink(work)
    os.mkfifo(work)
    fails(product, "neither a file nor a folder")
    os.unlink(work)
    os.mkdir(work)
    os.chmod(place.home, 0o700)
    outer = os.path.join(place.home, "outer")
    os.makedirs(outer + "/inner")
    product.project("first", ALONE + f"[Files]\nShare={outer}/inner\n")
    os.chmod(outer, 0)
    fails(product, "Share", outer)
    os.chmod(outer, 0o700)
    product.sh("first", "true")  # gone while it runs: joining goes on, and the next start says so
    os.rename(outer + "/inner", outer + "/moved")
    product.sh("first", "true")
    product.run("stop", "first", check=False)
    fails(product, "Share", outer)


def configuration_that_cannot_be_read(place):
    product = Product(place)
    path = product.project("first", ALONE)
    for mode, said in ((0, "Permission denied"), (0o666, "everybody can write it")):
        os.chmod(path, mode)
        fails(product, path, said)
    os.unlink(path)
    os.mkdir(path)
    fails(product, path, "not a regular file")
    os.rmdir(path)
    os.mkfifo(path)
    fails(product, path, "not a regular file")
    os.unlink(path)
    os.symlink("/nonexistent", path)
    fails(product, "first")
    os.unlink(path)
    product.project("first", ALONE + "#" * (300 << 10))
    fails(product, path, "longer than")
    product.project("first", "[Project]\nTraits=a\n" + ALONE.replace("[Project]\n", ""))
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        place.write(f"home/.config/isolate/traits/{name}.conf", f"[Project]\nTraits={other}\n")
    fails(product, "circle", "a → b → c → a", "c.conf:2")
    place.write("home/.config/isolate/traits/c.conf", "[Files]\nShare=relative\n")
    fails(product, "c.conf:2", "relative")
    folder = os.path.dirname(path)
    os.chmod(folder, 0)
    one_error_line(product.run("list", check=False), 125, "Permission denied", folder)
    os.chmod(folder, 0o700)


def programs_that_are_missing(place):
    """Each of our own is left out of an installation, one after the other."""
    product = Product(place)
    product.project("first", QUIET)
    folders = product.env.get("ISOLATE_LIBEXECDIR", os.path.join(os.path.dirname(product.command), "../libexec/isolate"))
    names = {os.path.join(f, n) for f in folders.split(":") for n in os.listdir(f) if n.startswith("isolate-")}
    names = {n for n in names if os.access(n, os.X_OK) and os.path.isfile(n)}
    check(names, f"there is no program of isolate in {folders}")
    compositor = socket.socket(socket.AF_UNIX)
    compositor.bind(os.path.join(place.runtime, "wayland-9"))
    compositor.listen()
    for missing in ("isolate-session", "isolate-init", "isolate-wlproxy"):
        folder = os.path.join(place.path, "without-" + missing)
        os.mkdir(folder)
        for name in names:
            if os.path.basename(name) != missing:
                os.symlink(name, os.path.join(folder, os.path.basename(name)))
        env = {"ISOLATE_LIBEXECDIR": folder, "WAYLAND_DISPLAY": "wayland-9"}
        fails(product, missing, "not installed completely", env=env)


desktop_main(full_disks, folders_that_cannot_be_written, shares_that_are_gone, configuration_that_cannot_be_read,
             programs_that_are_missing, needs=["bwrap", "unshare"])
