"""14. isolate's own configuration and state, and whatever holds them, are shared with no container."""
import os

from desktoptest import check, check_equal, desktop_main, one_error_line
from escapetest import Box


def targets(place):
    own = [f"{place.home}/.config/isolate", f"{place.home}/.local/share/isolate", f"{place.home}/.local/state/isolate",
           f"{place.runtime}/isolate"]
    inside = [f"{own[0]}/projects", f"{own[0]}/projects/first.conf", f"{own[0]}/traits", f"{own[1]}/first/home",
              f"{own[1]}/second/home", f"{own[2]}/first", f"{place.runtime}/isolate/first"]
    above = [f"{place.home}/.config", f"{place.home}/.local", f"{place.home}/.local/share", f"{place.home}/.local/state",
             place.home, place.runtime, place.path, "/tmp", "/"]
    return own, inside, above


def refused(place, files):
    box = Box(place, files=files, text="[App x]\nExec=true\n")
    done = box.run("/bin/true", check=False)
    check(done.returncode == 125, f"{files}: {done}")
    one_error_line(done, 125, "first.conf")
    check(not box.product.processes("bwrap"), "no container was started")


def shares(place):
    own, inside, above = targets(place)
    for path in own + inside:
        os.makedirs(path, exist_ok=True) if not path.endswith(".conf") else None
    for path in own + inside + above:
        # Elsewhere in the container, so that it is the source that is refused.
        for key in ("Share", "ReadOnly"):
            refused(place, f"{key}={path}:/srv/shared" if key == "Share" else f"Share={path}:/srv/shared\n")
    # Read-only is not enough where secrets and the control socket are.
    for path in own + inside:
        box = Box(place)
        with open(box.path, encoding="utf-8") as f:
            text = f.read().replace(f"ReadOnly={box.programs}", f"ReadOnly={box.programs};{path}:/srv/shared")
        box.product.project("first", text)
        one_error_line(box.run("/bin/true", check=False), 125, "first.conf")


def over_links(place):
    """By any name of it."""
    own, inside, above = targets(place)
    for path in own + inside + above[:6]:
        os.makedirs(path, exist_ok=True) if not path.endswith(".conf") else None
    os.makedirs(f"{place.path}/links")
    for number, path in enumerate(own + inside + above[:6]):
        link = f"{place.path}/links/{number}"
        os.symlink(path, link)
        refused(place, f"Share={link}:/srv/shared")
        os.symlink(link, link + "-twice")
        refused(place, f"Share={link}-twice:/srv/shared")
    refused(place, f"Share={place.home}/../home/.config/isolate/../isolate:/srv/shared")


def settings_elsewhere(place):
    """A project's file that is a link into a folder of settings: that folder is isolate's to read, too."""
    box = Box(place)
    os.makedirs(f"{place.home}/settings")
    os.rename(box.path, f"{place.home}/settings/first.conf")
    os.symlink(f"{place.home}/settings/first.conf", box.path)
    with open(box.path, "a", encoding="utf-8") as f:
        f.write("[Home]\nMode=ephemeral\n")
    check_equal(box.sh("echo works"), "works\n", "a project behind a link")
    box.stop()
    other = Box(place, "second", files=f"Share={place.home}/settings:/srv/shared")
    one_error_line(other.run("/bin/true", check=False), 125, "second.conf")


def places_inside(place):
    """Nor can a share cover what the container is made of."""
    os.makedirs(f"{place.home}/share")
    for dest in ("/", "/usr", "/usr/bin", "/etc", "/etc/passwd", "/proc", "/proc/1", "/dev", "/dev/null", "/run/user",
                 f"/run/user/{os.getuid()}", f"/run/user/{os.getuid()}/isolate", "/tmp", place.home, "/lib", "/bin",
                 "/bin/x", "/sys", "/opt", "/opt/x", "/nix/store", "/run", "/var/tmp"):
        refused(place, f"Share={place.home}/share:{dest}")


def sockets_of_the_host(place):
    for path in ("/run", "/var/run", "/run/user", "/proc", "/proc/1", "/sys", "/dev", "/dev/shm", "/tmp/.X11-unix",
                 "/proc/self/root", "/proc/self/root/run"):
        if os.path.exists(path):
            refused(place, f"Share={path}:/srv/shared")


desktop_main(shares, over_links, settings_elsewhere, places_inside, sockets_of_the_host, needs=["bwrap"])
