"""4. What a container left in its home, where mounts go at the next start, is never followed: nothing outside is touched,
and the refusal names it."""
import os
import shutil
import signal

from desktoptest import check, check_equal, desktop_main, one_error_line
from escapetest import Box, swap_forever, tree


def setup(place):
    """A share and a dotfile whose mount points are deep in the home, and a folder that is neither."""
    place.write("home/Projects/first/file", "mine")
    place.write("home/.config/tool/settings", "settings")
    secret = os.path.dirname(place.write("home/secret/file", "secret"))
    place.write("home/secret/tool/settings", "secret")
    os.makedirs(os.path.join(secret, "first"))
    box = Box(place, files=f"Share={place.home}/Projects/first", text="[Home]\nDotfiles=.config/tool/settings\n")
    check_equal(box.sh("cat ~/Projects/first/file ~/.config/tool/settings"), "minesettings", "the mounts")
    return box, secret


def what_it_left_is_refused(place):
    box, secret = setup(place)
    before = tree(secret)
    attacks = {
        "a link to a folder outside": ("mv ~/Projects ~/away; ln -s {secret} ~/Projects", "Projects"),
        "a link to nowhere": ("mv ~/Projects ~/away; ln -s {secret}/new ~/Projects", "Projects"),
        "a link to bwrap's own view of the host": ("mv ~/Projects ~/away; ln -s /oldroot{secret} ~/Projects", "Projects"),
        "a link up": ("mv ~/Projects ~/away; ln -s ../../.. ~/Projects", "Projects"),
        "a link to /proc": ("mv ~/Projects ~/away; ln -s /proc/self/root{secret} ~/Projects", "Projects"),
        "a link as the last component": ("mv ~/Projects ~/away; mkdir ~/Projects; ln -s {secret} ~/Projects/first",
                                         "Projects/first"),
        "a file": ("mv ~/Projects ~/away; touch ~/Projects", "Projects"),
        "a FIFO": ("mv ~/Projects ~/away; mkdir ~/Projects; mkfifo ~/Projects/first", "Projects/first"),
        "a link where a file goes": ("mv ~/.config ~/away; mkdir -p ~/.config/tool; "
                                     "ln -s {secret}/file ~/.config/tool/settings", ".config/tool/settings"),
        "a link before a file": ("mv ~/.config ~/away; mkdir ~/.config; ln -s {secret}/tool ~/.config/tool",
                                 ".config/tool"),
        "a folder where a file goes": ("mv ~/.config ~/away; mkdir -p ~/.config/tool/settings", ".config/tool/settings"),
    }
    for name, (script, path) in attacks.items():
        box.sh(script.format(secret=secret))
        box.stop()
        box.product.wait_gone()
        done = box.run("/bin/true", check=False)
        one_error_line(done, 125, path)
        check_equal(tree(secret), before, f"what is outside, after {name}")
        # A person removes it, as the error says: then it starts again.
        for folder in ("Projects", ".config"):
            path = os.path.join(box.home, folder)
            if os.path.lexists(os.path.join(box.home, "away")) and folder in script:
                if os.path.islink(path) or not os.path.isdir(path):
                    os.unlink(path)
                else:
                    shutil.rmtree(path)
        shutil.rmtree(os.path.join(box.home, "away"))
        check_equal(box.sh("cat ~/Projects/first/file ~/.config/tool/settings"), "minesettings", f"after {name}")


def the_home_itself_cannot_be_swapped(place):
    """From inside, what is above it is not there."""
    box, secret = setup(place)
    found = box.facts("reach.py", f"rename:{place.home}", f"stat:{os.path.dirname(box.home)}", f"stat:{secret}")
    check(found[f"rename:{place.home}"] in ("EBUSY", "EROFS", "EXDEV"), f"{found}")
    check_equal(found[f"stat:{secret}"], "ENOENT", "what is outside")


def swapped_while_it_starts(place):
    """By whoever could: each start has the right mounts, or is refused."""
    box, secret = setup(place)
    box.stop()
    outcomes = {"started": 0, "refused": 0}
    before = tree(secret)
    for target in (secret, "/oldroot" + secret):
        os.symlink(target, os.path.join(box.home, "link"))
        swapper = swap_forever(os.path.join(box.home, "Projects"), os.path.join(box.home, "link"))
        try:
            for _ in range(25):
                done = box.run("/bin/cat", f"{place.home}/Projects/first/file", check=False)
                if done.returncode == 125:
                    check_equal((done.stdout, len(done.stderr.splitlines())), ("", 1), "a refusal")
                    outcomes["refused"] += 1
                    continue
                # The swapping goes on, so that the mount may be under either name by now.
                check(done.stdout in ("mine", ""), f"what is read: {done}")
                outcomes["started"] += 1
                box.stop()
        finally:
            os.kill(swapper, signal.SIGKILL)
            os.waitpid(swapper, 0)
        check_equal(tree(secret), before, "what is outside")
        # The swapper was ended in either position.
        link, folder = os.path.join(box.home, "link"), os.path.join(box.home, "Projects")
        if os.path.islink(folder):
            os.unlink(folder)
            os.rename(link, folder)
        elif os.path.islink(link):
            os.unlink(link)
    print(outcomes)


desktop_main(what_it_left_is_refused, the_home_itself_cannot_be_swapped, swapped_while_it_starts, needs=["bwrap"])
