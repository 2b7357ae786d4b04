"""[Root] Base=: a folder, an OCI image and a Nix profile in place of the host's programs, made by the real tools."""
import os
import shutil
import subprocess

from desktoptest import Product, Skip, check, check_equal, desktop_main, one_error_line
from layers import QUIET, Layered

BUSYBOX = "/bin/busybox"


def small_root(place, name="tree"):
    """A system of one static program. Its passwd has an account that the host has not."""
    root = os.path.join(place.path, name)
    for folder in ("bin", "etc", "usr/share", "var/lib/thing", "root", "tmp"):
        os.makedirs(os.path.join(root, folder), mode=0o755)
    shutil.copy(BUSYBOX, os.path.join(root, "bin/busybox"))
    for applet in ("sh", "ls", "cat", "id", "touch", "grep", "echo", "rm", "stat", "ln", "mkdir", "chown"):
        os.symlink("busybox", os.path.join(root, "bin", applet))
    os.symlink("bin", os.path.join(root, "sbin"))
    for file, text in (("etc/passwd", "root:x:0:0::/root:/bin/sh\nthingd:x:77:77::/:/bin/false\n"), ("etc/group", "root:x:0:\n"),
                       ("etc/release", "small\n"), ("etc/hosts", ""), ("var/lib/thing/data", "data\n")):
        place.write(os.path.join(name, file), text)
    subprocess.run(["chmod", "-R", "go+rX", root], check=True)
    return root


def listing(root):
    return subprocess.run(["find", root, "-printf", "%P %u %m %s %T@ %l\n"], capture_output=True, text=True, check=True).stdout


def a_folder(place):
    product = Product(place)
    root = small_root(place)
    before = listing(root)
    product.project("first", f"{QUIET}[Root]\nBase=dir:{root}\n")
    said = product.sh("first", "cat /etc/release; grep -c . /etc/passwd; grep thingd /etc/passwd; id; ls /usr /bin/bash /etc/debian_version; "
                      "ls /var/lib; touch /bin/x; touch /etc/x; touch /root/x; touch /new; echo home >~/f; cat ~/f", check=False)
    check(said.startswith("small\n"), said)
    check("thingd:x:77" in said and os.environ["USER"] in said and "\nhome\n" in said, said)
    check("debian" not in said and "bash" not in said.replace("ash", "", 0).split("No such")[0], said)
    product.run("stop", "first")
    check_equal(listing(root), before, "the folder")
    said = product.run("explain", "first").stdout
    check(root in said, said)


def a_folder_with_a_layer(place):
    product = Layered(place)
    root = small_root(place)
    before = listing(root)
    product.project("first", f"{QUIET}[Root]\nBase=dir:{root}\nLayer=persistent\n")
    said = product.as_root("stat -c '%u %g' /bin/busybox /etc /root /var/lib/thing/data; echo mine >/etc/mine; rm /etc/release\n"
                           "ln -s busybox /bin/wc; chown 77:77 /etc/mine; stat -c '%u' /etc/mine; cat /var/lib/thing/data\n").stdout
    check_equal(said, "0 0\n" * 4 + "77\ndata\n", "what root sees")
    said = product.sh("first", "cat /etc/mine; ls /etc/release; touch /etc/y; wc -c /etc/mine; id -u", check=False)
    check_equal(said, f"mine\n5 /etc/mine\n{os.getuid()}\n", "what an application sees")
    product.run("stop", "first")
    product.wait_gone()
    check_equal(product.sh("first", "cat /etc/mine"), "mine\n", "after a restart")
    product.run("stop", "first")
    check_equal(listing(root), before, "the folder")


def another_base_under_a_layer(place):
    product = Layered(place)
    root = small_root(place)
    product.layered()
    product.sh("first", "true")
    product.run("stop", "first")
    product.project("first", f"{QUIET}[Root]\nBase=dir:{root}\nLayer=persistent\n")
    one_error_line(product.run("run", "--project", "first", "--", "true", check=False), 125, "isolate reset first layer")
    product.run("reset", "first", "layer", "--yes")
    check_equal(product.sh("first", "cat /etc/release"), "small\n", "after the reset")
    product.run("stop", "first")


def a_folder_with_links(place):
    """As one that a container has written: no link of it is followed on the host."""
    product = Product(place)
    root = small_root(place)
    secret = place.write("secret", "spy:x:4711:4711:the secret:/:/bin/sh\n")
    os.unlink(os.path.join(root, "etc/passwd"))
    os.symlink(secret, os.path.join(root, "etc/passwd"))
    os.symlink(place.path, os.path.join(root, "srv"))
    os.rename(os.path.join(root, "usr"), os.path.join(root, "usr-away"))
    os.symlink("/etc", os.path.join(root, "usr"))
    os.mkfifo(os.path.join(root, "fifo"))
    os.mkdir(os.path.join(root, "--bind\n; x"))
    product.project("first", f"{QUIET}[Root]\nBase=dir:{root}\n")
    said = product.run("run", "--project", "first", "--", "/bin/sh", "-c",
                       "cat /etc/passwd; ls /srv/secret; cat /usr/debian_version; ls -d /--bind*; echo end", check=False)
    check("secret:" not in said.stdout and "end" in said.stdout and "--bind" in said.stdout, said)
    check("secret" not in product.run("plan", "first").stdout.replace(place.path, ""), "the plan has what a link led to")
    product.run("stop", "first")


def wrong_folders(place):
    product = Product(place)
    root = small_root(place)
    state = os.path.join(place.home, ".local/share")
    os.makedirs(os.path.join(state, "isolate/x"))
    os.symlink(root, os.path.join(place.path, "link"))
    writable = os.path.join(place.path, "writable")
    os.mkdir(writable)
    os.symlink(root, os.path.join(writable, "link"))
    product.project("other", f"{QUIET}[Files]\nShare={writable}\n")
    for base, said in (("/nowhere", ["no such"]), ("/", ["Base"]), (state, ["isolate"]), (state + "/isolate/x", ["isolate"]),
                       (BUSYBOX, ["no folder"]), (writable + "/link", ["other", "link"])):
        product.project("first", f"{QUIET}[Root]\nBase=dir:{base}\n")
        one_error_line(product.run("run", "--project", "first", "--", "true", check=False), 125, "[Root] Base=dir:" + base, *said)
    product.project("first", f"{QUIET}[Root]\nBase=dir:{place.path}/link\n")
    check_equal(product.sh("first", "cat /etc/release"), "small\n", "over a link of the person's own")
    product.run("stop", "first")


def make_image(place, root, release="small"):
    """An OCI archive of that tree, by umoci."""
    place.write(os.path.join(os.path.relpath(root, place.path), "etc/release"), release + "\n")
    layout, archive = os.path.join(place.path, "layout"), os.path.join(place.path, "image.tar")
    shutil.rmtree(layout, ignore_errors=True)
    for words in (["init", "--layout", layout], ["new", "--image", layout + ":latest"],
                  ["insert", "--rootless", "--image", layout + ":latest", root, "/"]):
        place.run(["umoci", *words])
    place.run(["tar", "-C", layout, "-cf", archive, "."])
    return archive


def an_image(place):
    product = Product(place)
    archive = make_image(place, small_root(place))
    product.project("first", f"{QUIET}[Root]\nBase=image:oci-archive:{archive}\n")
    said = product.sh("first", "cat /etc/release; grep thingd /etc/passwd; cat /etc/hostname; touch /bin/x", check=False)
    check_equal(said, "small\nthingd:x:77:77::/:/bin/false\nfirst\n", "what an application sees")
    product.run("stop", "first")
    # What was interrupted begins anew.
    folder = os.path.join(place.home, ".local/share/isolate/first/image")
    os.unlink(folder + "/name")
    place.write("home/.local/share/isolate/first/image/rootfs/etc/junk", "")
    check_equal(product.sh("first", "ls /etc/junk; cat /etc/release", check=False), "small\n", "after an interruption")
    check_equal(sorted(os.listdir(folder)), ["name", "rootfs"], "what is left of the unpacking")
    product.run("stop", "first")
    usage = product.json("du", "first")[0]["image"]
    check(os.path.getsize(BUSYBOX) < usage["bytes"] < os.path.getsize(BUSYBOX) + (1 << 20) and usage["whole"], f"du: {usage}")
    check_equal(product.run("du").stdout.split("\n")[0].split(), ["NAME", "HOME", "LAYER", "IMAGE", "GIT"], "the columns of du")
    # It is unpacked once; another name is another image.
    os.rename(archive, archive + ".away")
    check_equal(product.sh("first", "cat /etc/release"), "small\n", "without the archive")
    product.run("stop", "first")
    before = os.listdir("/var/tmp")
    for broken in ("gone", "broken"):
        place.write("broken", "no archive")
        os.rename(os.path.join(place.path, "broken"), archive + ".broken")
        one_error_line(_with_base(product, f"image:oci-archive:{archive}.{broken}"), 125, "cannot unpack the image", "skopeo")
        check(not os.path.exists(folder), f"{broken}: {folder} is left")
        check_equal([n for n in os.listdir("/var/tmp") if n.startswith("oci")], [n for n in before if n.startswith("oci")], "left")
    other = make_image(place, os.path.join(place.path, "tree"), "other")
    os.rename(other, archive + ".other")
    check_equal(_with_base(product, f"image:oci-archive:{archive}.other").stdout, "other\n", "the other image")
    product.run("stop", "first")
    product.run("remove", "first", "--yes")
    check(not os.path.exists(os.path.join(place.home, ".local/share/isolate/first")), "the image after remove")


def _with_base(product, base):
    product.project("first", f"{QUIET}[Root]\nBase={base}\n")
    return product.run("run", "--project", "first", "--", "cat", "/etc/release", check=False)


def an_image_that_podman_has(place):
    """A plain name, which no registry is asked for."""
    product = Product(place)
    archive = make_image(place, small_root(place))
    place.run(["skopeo", "--insecure-policy", "copy", "oci-archive:" + archive, "containers-storage:localhost/small:latest"])
    os.unlink(archive)
    check("localhost/small" in place.run(["podman", "images"]).stdout, "podman does not have it")
    check_equal(_with_base(product, "image:localhost/small:latest").stdout, "small\n", "podman's image")
    product.run("stop", "first")
    place.run(["podman", "rmi", "--all", "--force"])


def an_image_with_a_layer(place):
    product = Layered(place)
    archive = make_image(place, small_root(place))
    product.project("first", f"{QUIET}[Root]\nBase=image:oci-archive:{archive}\nLayer=persistent\n")
    product.as_root("echo changed >/etc/release\n")
    check_equal(product.sh("first", "cat /etc/release"), "changed\n", "the layer")
    product.run("stop", "first")
    path = os.path.join(place.home, ".local/share/isolate/first/image/rootfs/etc/release")
    with open(path, encoding="utf-8") as f:
        check_equal(f.read(), "small\n", "the image")


def no_programs_for_images(place):
    product = Product(place)
    product.project("first", f"{QUIET}[Root]\nBase=image:oci-archive:/nowhere\n")
    for program in ("skopeo",):
        done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c",
                          f'mount --bind /dev/null /usr/bin/{program} && exec "$@"', "sh", product.command, "run", "--project",
                          "first", "--", "true"], env=product.env, check=False)
        one_error_line(done, 125, program, "install the package")


def roots():
    return subprocess.run(["nix-store", "--gc", "--print-roots"], capture_output=True, text=True, check=True).stdout


def a_nix_profile(place):
    """A real store, filled without a network: a program is added, a profile made, garbage collected."""
    if not os.path.isdir("/nix") or os.stat("/nix").st_uid != os.getuid():
        raise Skip("there is no /nix of the user's own: NO PROFILE WAS TESTED")
    product = Product(place)
    product.env["NIX_REMOTE"] = ""
    root = small_root(place)
    for folder in ("var", "root", "tmp", "usr"):
        shutil.rmtree(os.path.join(root, folder))
    os.unlink(os.path.join(root, "sbin"))
    env = {**place.env, "NIX_REMOTE": ""}
    stored = place.run(["nix-store", "--add", root], env=env).stdout.strip()
    waste = place.run(["nix-store", "--add", place.write("waste", "of space\n")], env=env).stdout.strip()
    profile = os.path.join(place.path, "profile")
    place.run(["nix-store", "--add-root", profile, "--realise", stored], env=env)
    check(stored.startswith("/nix/store/"), stored)
    product.project("first", f"{QUIET}[Root]\nBase=nix:{profile}\n")
    said = product.sh("first", "cat /etc/release; ls /usr/lib /bin/bash; echo $PATH; ls /nix; touch /nix/store/x; id", check=False)
    check(said.startswith("small\n") and stored in said and "debian" not in said, said)
    product.run("stop", "first")
    os.unlink(profile)  # the person forgets it; the project has not
    product.run("rename", "first", "renamed")
    place.run(["nix-store", "--gc"], env=env)
    product.run("rename", "renamed", "first")
    check(os.path.isdir(stored), "the profile was collected while the project had it")
    check(not os.path.exists(waste), "nothing was collected: the test cannot fail")
    product.run("remove", "first", "--yes")
    place.run(["nix-store", "--gc"], env=env)
    check(not os.path.exists(stored), "the profile is kept although the project is gone")
    one_error_line(_with_base(product, "nix:" + profile), 125, "no such")
    one_error_line(_with_base(product, "nix:" + root), 125, "no profile")


desktop_main(a_folder, another_base_under_a_layer, a_folder_with_links, a_folder_with_a_layer, wrong_folders, an_image, an_image_that_podman_has, an_image_with_a_layer, no_programs_for_images, a_nix_profile,
             needs=["bwrap", "umoci", "skopeo", "podman", "nix-store", BUSYBOX])
