"""The ordinary user that tests run as when root started them: compositors refuse root, and so does isolate."""
import ctypes
import os
import pwd
import stat
import subprocess
import tempfile

MS_BIND, MNT_DETACH = 4096, 2

NAME = os.environ.get("ISOLATE_TEST_USER", "isolate-test")


def ensure():
    """The passwd entry of the throw-away user, made if it is not there. Its password is locked and it has no home."""
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    made = subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/bin/bash", "--comment", "throw-away user of the tests of isolate", NAME],
        capture_output=True, text=True)
    try:
        return pwd.getpwnam(NAME)  # another test may have made it first
    except KeyError:
        raise RuntimeError(f"cannot make the user {NAME}: {made.stderr.strip()}") from None


def give_layers(entry):
    """What a person's account and machine have for layers and bases: subordinate ids, a /dev/fuse that everybody may open, an
    empty Nix store. In the test's own mount namespace: nothing of the machine changes, but for an empty /nix where there was
    none. What cannot be given is left out."""
    try:
        folder = tempfile.mkdtemp(prefix="isolate-test-machine-")
        _mount("tmpfs", folder, "tmpfs")
        for name in ("subuid", "subgid"):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write(f"{entry.pw_name}:100000:65536\n")
            os.chmod(f.name, 0o644)
            if not os.path.exists("/etc/" + name):
                raise OSError(f"there is no /etc/{name}")
            _mount(f.name, "/etc/" + name, None, MS_BIND)
        if os.path.exists("/dev/fuse"):
            fuse = os.path.join(folder, "fuse")
            os.mknod(fuse, 0o666 | stat.S_IFCHR, os.makedev(10, 229))
            os.chmod(fuse, 0o666)
            _mount(fuse, "/dev/fuse", None, MS_BIND)
        os.makedirs("/nix", exist_ok=True)
        _mount("tmpfs", "/nix", "tmpfs")
        os.chown("/nix", entry.pw_uid, entry.pw_gid)
        _umount_lazily(folder)
        os.rmdir(folder)
    except OSError as e:
        print(f"no layers for the test's user: {e}", flush=True)


def _mount(source, target, kind, flags=0):
    libc = ctypes.CDLL(None, use_errno=True)
    words = [w.encode() if w else None for w in (source, target, kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), None) < 0:
        raise OSError(ctypes.get_errno(), f"cannot mount {target}")


def _umount_lazily(path):
    ctypes.CDLL(None).umount2(path.encode(), MNT_DETACH)


def become(entry):
    """Gives up root for good."""
    os.setgroups([entry.pw_gid])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
