"""2. No namespace and no mount can be made, natively, as i386 or as x32."""
from desktoptest import check, check_equal, desktop_main
from escapetest import Box, attempts, compare, not_refused


def namespaces(place):
    box = Box(place)
    compare(box.bare("syscalls", "namespaces").stdout, box.run("syscalls", "namespaces").stdout, 20)


def mounts(place):
    box = Box(place)
    compare(box.bare("syscalls", "mounts").stdout, box.run("syscalls", "mounts").stdout, 10)


def programs(place):
    """The tools that people would take."""
    box = Box(place)
    for argv in (["/usr/bin/unshare", "-Ur", "true"], ["/usr/bin/unshare", "-n", "true"],
                 ["/usr/bin/bwrap", "--ro-bind", "/", "/", "true"], ["/usr/bin/nsenter", "-t", "1", "-m", "true"]):
        done = box.run(*argv, check=False)
        check(done.returncode not in (0, 125, 127), f"{argv}: {done}")
    check_equal(box.bare("/usr/bin/unshare", "-Ur", "true", check=False).returncode, 0, "unshare without a filter")


def nested_sandbox_is_opt_in(place):
    """With NestedSandbox=yes a user namespace is made, and that is all that is added."""
    box = Box(place, text="[Security]\nNestedSandbox=yes\n")
    check_equal(box.run("/usr/bin/unshare", "-Ur", "true").returncode, 0, "unshare")
    found = attempts(box.run("syscalls", "kernel").stdout)
    check(found and not not_refused(found), f"{not_refused(found)}")


def nested_root_uncovers_nothing(place):
    """Root of a user namespace inside still has what is mounted, read-only and over one another, and is not init's."""
    box = Box(place, text="[Security]\nNestedSandbox=yes\n")
    script = ("for p in /etc/passwd /etc/hosts /proc /dev /etc /usr \"$HOME\" /tmp /run; do umount $p && echo umount $p; done;"
              "for p in / /usr /etc /etc/passwd /opt; do mount -o remount,bind,rw $p && echo remount $p; done;"
              "mount -o remount,bind,suid /usr && echo suid; touch /usr/planted && echo usr; cat /proc/1/environ && echo env;"
              "ls /proc/1/fd && echo fd; ls /proc/1/root/ && echo root; nsenter -t 1 -U true && echo user;"
              "nsenter -t 1 -m true && echo mnt; kill -9 1; mount -t tmpfs none /mnt 2>/dev/null; exit 0")
    check_equal(box.run("/usr/bin/unshare", "-Urmpf", "--propagation", "private", "/bin/sh", "-c", script).stdout, "",
                "what root of a namespace inside could do")
    check_equal(box.sh("head -n1 /etc/passwd; echo works").splitlines()[1:], ["works"], "the container afterwards")


desktop_main(namespaces, mounts, programs, nested_sandbox_is_opt_in,
             nested_root_uncovers_nothing, needs=["bwrap", "unshare"])
