"""What an application, and the root of a container, try with a layer: to get at the host, at what is kept, at the next start and
at the removal."""
import os

from desktoptest import check, check_equal, desktop_main
from layers import QUIET, Layered

# What a root of a container must not have, and an application still less.
PRIVILEGED = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, result):
    print(name, "GOT THROUGH" if result >= 0 else "refused")
def opened(name, path, flags=os.O_RDONLY):
    try:
        os.close(os.open(path, flags))
        print(name, "GOT THROUGH")
    except OSError:
        print(name, "refused")
tried("mount", libc.mount(b"t", b"/mnt" if os.path.isdir("/mnt") else b"/tmp", b"tmpfs", 0, None))
tried("remount /usr", libc.mount(None, b"/usr", None, 32, None))
tried("umount", libc.umount2(b"/etc", 2))
tried("unshare", libc.unshare(0x10000000))
tried("chroot", libc.chroot(b"/tmp"))
tried("setns", libc.setns(os.open("/proc/self/ns/mnt", os.O_RDONLY), 0))
tried("sethostname", libc.sethostname(b"x", 1))
tried("ptrace init", libc.ptrace(16, 1, 0, 0))
tried("kill init", libc.kill(1, 9) if os.getuid() else -1)
import fcntl, socket, struct
for name, request in (("interface flags", 0x8914), ("address", 0x8916)):
    try:
        fcntl.ioctl(socket.socket(), request, struct.pack("16sH14x", b"lo", 0)); print(name, "GOT THROUGH")
    except OSError:
        print(name, "refused")
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 255); print("raw socket GOT THROUGH")
except OSError:
    print("raw socket refused")
opened("memory of init", "/proc/1/mem", os.O_RDWR)
opened("root of init", "/proc/1/root/etc")
opened("descriptors of init", "/proc/1/fd/3")
opened("kernel log", "/dev/kmsg")
opened("sysctl", "/proc/sys/kernel/core_pattern", os.O_WRONLY)
opened("sysrq", "/proc/sysrq-trigger", os.O_WRONLY)
opened("fuse", "/dev/fuse", os.O_RDWR)
try:
    os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)); opened("a disk", "/tmp/disk")
except OSError:
    print("a disk refused")
"""


def nothing_of_the_kernel(place):
    """The same programs as an application and as root of the container."""
    product = Layered(place)
    path = place.write("programs/try.py", PRIVILEGED, 0o644)
    product.layered("ephemeral", f"[Files]\nReadOnly={os.path.dirname(path)}\n")  # in a network namespace of its own
    for said in (product.sh("first", f"python3 -I {path}"), product.as_root(f"python3 -I {path}\n").stdout):
        check("GOT THROUGH" not in said and said.count("refused") >= 20, said)
    product.run("stop", "first")


def root_is_root_of_the_container_only(place):
    product = Layered(place)
    secret = place.write("secret/file", "secret\n", 0o600)
    shared, read_only = os.path.join(place.path, "shared"), os.path.join(place.path, "read-only")
    os.mkdir(shared)
    place.write("read-only/file", "x\n")
    product.layered("ephemeral", f"[Files]\nShare={shared}\nReadOnly={read_only}\n")
    said = product.as_root(
        f"cat {secret}; cat /etc/shadow /etc/gshadow /etc/sudoers | grep -v ^# | head -n 3; ls {place.path}\n"
        f"echo y >{read_only}/file; rm {read_only}/file; chmod 777 {read_only}; chown 0 {read_only}/file\n"
        f"echo of-root >{shared}/new; chown 12345:12345 {shared}/new; stat -c %u {shared}/new; cp /bin/true {shared}/t; "
        f"chmod 4755 {shared}/t; ls {os.path.dirname(product.layer())}; cat /proc/self/uid_map; exit 0\n", check=False)
    check("secret\n" not in said.stdout.replace("secret/", ""), said.stdout)
    check_equal(sorted(os.listdir(read_only)), ["file"], "the read-only folder")
    with open(read_only + "/file", encoding="utf-8") as f:
        check_equal(f.read(), "x\n", "the read-only file")
    # What root makes in a share has an id that is nobody's on the host: not its root's, nor a setuid program of the user's.
    for name in ("new", "t"):
        info = os.lstat(f"{shared}/{name}")
        check(info.st_uid >= 100000, f"{name} belongs to {info.st_uid} outside")
    check_equal(os.listdir(os.path.dirname(secret)), ["file"], "the folder of the secret")
    product.run("stop", "first")
    product.run("remove", "first", "--yes")
    for name in ("new", "t"):
        os.unlink(f"{shared}/{name}")


HOSTILE = """
set -e
cd /usr/local; umask 0
ln -s {outside} link; ln -s / slash; mkdir -p d/e/f; ln -s {outside} d/e/f/link
mkdir locked; touch locked/file; chown 4242:4242 locked; chmod 0 locked
mkfifo fifo; touch "$(printf 'new\\nline')" -- -rf '*' '.wh.usr' '.wh..wh..opq' 2>/dev/null || touch more
i=0; deep=.; while [ $i -lt 200 ]; do mkdir x; cd x; i=$((i+1)); done; cd /usr/local
rm -rf /etc/alternatives /etc/ssl; ln -s {outside} /etc/ssl; ln -s {outside} /var/tmp/link; rm -rf /var/log; ln -s {outside} /var/log
mv /root/.. /nowhere 2>/dev/null || true
rm -f /etc/passwd; ln -s {outside}/file /etc/passwd
chmod 777 /usr /etc /var; chown {user}:{group} /usr /etc
echo all-done
"""


def plant(product, outside):
    done = product.as_root(HOSTILE.format(outside=outside, user=os.getuid(), group=os.getgid()), check=False)
    check("all-done" in done.stdout, f"the test's own root failed: {done}")


def what_a_layer_holds_is_not_followed(place):
    product = Layered(place)
    outside = os.path.join(place.path, "outside")
    place.write("outside/file", "outside\n")
    before = [(p, s.st_mtime_ns, s.st_mode, s.st_uid) for p in (outside, outside + "/file") if (s := os.lstat(p))]
    product.layered()
    plant(product, outside)
    product.run("stop", "first")
    product.wait_gone()
    # An application cannot reach where it is kept; what it can now write, since root gave it, is of the layer.
    product.sh("first", f"ls {product.layer()} && exit 1; echo x >/usr/mine; rm -rf /etc/hosts 2>/dev/null; echo", check=False)
    check(not os.path.exists("/usr/mine"), "the host's /usr was written")
    product.run("stop", "first")
    product.wait_gone()
    for verb in (("reset", "first", "layer"), ("remove", "first")):
        product.run(*verb, "--yes")
        check(not os.path.lexists(product.layer()), f"isolate {' '.join(verb)} left the layer")
        product.layered()
        plant(product, outside)
        product.run("stop", "first")
        product.wait_gone()
    product.run("remove", "first", "--yes")
    after = [(p, s.st_mtime_ns, s.st_mode, s.st_uid) for p in (outside, outside + "/file") if (s := os.lstat(p))]
    check_equal(after, before, "what the links led to")
    check_equal(os.listdir(os.path.join(place.home, ".local/share/isolate")), [], "what is left")


def applications_cannot_use_roots_rights(place):
    product = Layered(place)
    product.layered("ephemeral")
    product.as_root("cp /bin/sh /usr/local/bin/suid; chmod 4755 /usr/local/bin/suid; echo 'ALL ALL=NOPASSWD: ALL' >/etc/sudoers\n"
                    "sed -i 's/^root:[^:]*:/root::/' /etc/shadow /etc/passwd; (sleep 300 &) ; exit 0\n")
    said = product.sh("first", "/usr/local/bin/suid -p -c id; su -c id 2>&1; sudo id 2>&1; pkill -9 sleep; pgrep -c sleep; "
                      "touch /usr/bin/x /etc/x /var/lib/dpkg/x /root/x 2>&1; ls /root 2>&1; cat /etc/shadow 2>&1; "
                      "grep -E 'Cap(Prm|Eff|Bnd|Inh|Amb)' /proc/self/status", check=False)
    check("uid=0" not in said and "euid=0" not in said, said)
    check("\n1\n" in said, f"the root's program was killed: {said}")
    check_equal(said.count("0000000000000000"), 5, f"empty sets of capabilities in {said}")
    product.run("stop", "first")


def projects_do_not_share_layers(place):
    product = Layered(place)
    product.layered()
    product.layered(name="second")
    product.as_root("echo first >/etc/whose\n")
    check_equal(product.sh("second", "cat /etc/whose 2>/dev/null || echo none"), "none\n", "the layer of another project")
    # Nor does a container without a layer see one.
    product.project("third", QUIET)
    check_equal(product.sh("third", "cat /etc/whose 2>/dev/null || echo none"), "none\n", "a layer in a project without")
    for name in ("first", "second", "third"):
        product.run("stop", name)


desktop_main(nothing_of_the_kernel, root_is_root_of_the_container_only, what_a_layer_holds_is_not_followed,
             applications_cannot_use_roots_rights, projects_do_not_share_layers,
             needs=["bwrap", "fuse-overlayfs", "newuidmap", "python3"])
