"""6. Nothing that isolate removes or reads on the host follows a link that a container left."""
import os
import signal

from desktoptest import check, check_equal, desktop_main
from escapetest import Box, swap_forever, tree


def home_with_traps(place):
    secret = os.path.dirname(place.write("home/secret/file", "sesame"))
    place.write("home/secret/deep/er/file", "sesame")
    box = Box(place)
    box.sh(f"ln -s {secret} ~/link; ln -s {secret}/file ~/file-link; ln -s {secret}/deep ~/.config; "
           f"mkdir -p ~/a/b; ln -s ../../../../../../../../..{secret} ~/a/b/up; ln {secret}/file ~/hard 2>/dev/null;"
           "ln -s / ~/root; ln -s . ~/loop; mkfifo ~/fifo; mkdir ~/closed; touch ~/closed/file; chmod 0 ~/closed;"
           "mkdir ~/read-only; touch ~/read-only/file; chmod 0500 ~/read-only; touch ~/-rf \"$(printf 'new\\nline')\"")
    return box, secret


def removal(place):
    box, secret = home_with_traps(place)
    before = tree(secret)
    box.stop()
    box.product.run("remove", box.name, "--yes")
    check_equal(tree(secret), before, "what is outside")
    check(not os.path.lexists(os.path.dirname(box.home)), "the project's folder is still there")


def removal_while_it_is_swapped(place):
    """A folder that is a link the next moment."""
    box, secret = home_with_traps(place)
    before = tree(secret)
    box.sh("for i in $(seq 300); do mkdir -p ~/many/$i/file; done")
    box.stop()
    swapper = swap_forever(os.path.join(box.home, "a"), os.path.join(box.home, "link"))
    try:
        for _ in range(20):
            done = box.product.run("remove", box.name, "--yes", check=False)
            if done.returncode == 0:
                break
    finally:
        os.kill(swapper, signal.SIGKILL)
        os.waitpid(swapper, 0)
    check_equal(tree(secret), before, "what is outside")


def deeper_than_descriptors(place):
    """Folders in folders, more than a process may have open: it can still be removed."""
    box = Box(place)
    box.run("/usr/bin/python3", "-c", "import os\nos.chdir(os.environ['HOME'])\n"
            "for i in range(1500):\n    os.mkdir('d'); os.chdir('d')\nopen('file', 'w')\n")
    box.stop()
    box.product.run("remove", box.name, "--yes", seconds=60)
    check(not os.path.lexists(os.path.dirname(box.home)), "the project's folder is still there")


def reading(place):
    """The verbs that look at a project while its container does what it likes."""
    box, secret = home_with_traps(place)
    before = tree(secret)
    for words in (["status", "first"], ["ps", "first"], ["list"], ["plan", "first"], ["explain", "first"]):
        done = box.product.run(*words)
        check("sesame" not in done.stdout, f"{words}: {done.stdout}")
    check_equal(tree(secret), before, "what is outside")


desktop_main(removal, removal_while_it_is_swapped, deeper_than_descriptors, reading, needs=["bwrap"])
