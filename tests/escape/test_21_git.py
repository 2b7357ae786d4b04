"""21. Repositories in a share: whatever is tried inside, the host's git runs nothing that was planted."""
import os
import shutil

from desktoptest import Skip, check, check_equal, desktop_main
from escapetest import Box, one_line

# Each tries to have a program of its own run by whoever uses git outside, or to move a repository aside and put its own there.
ATTEMPTS = r"""
cd "$1" || exit 1
plant() { mkdir -p "$1/hooks"; printf '#!/bin/sh\ntouch "%s"\n' "$mark" >"$1/hooks/$2"; chmod +x "$1/hooks/$2"; }
mark=$1/planted
cp -r .git /tmp/first; cp -r sub/deep/.git /tmp/second
for git in .git sub/deep/.git; do
	plant $git pre-commit; plant $git post-checkout
	git -C "$(dirname $git)" config core.fsmonitor "touch $mark" || printf '[core]\n\tfsmonitor = "touch %s"\n' "$mark" >>$git/config
	echo "$1/evil" >$git/commondir
	printf '[core]\n\tfsmonitor = "touch %s"\n' "$mark" >$git/config.worktree
	ln -sf /tmp $git/hooks; rm -rf $git/hooks; rm -rf $git
	mv $git $git.old
	python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2))' $git evil
done
mkdir -p evil; cp -r .git/. evil/ ; plant evil pre-commit; printf '[core]\n\tfsmonitor = "touch %s"\n' "$mark" >>evil/config
mv sub old && mkdir -p sub/deep && cp -r evil sub/deep/.git
mv sub/deep old2 && mkdir sub/deep && cp -r evil sub/deep/.git
umount .git; umount -l sub/deep/.git
# Whatever became of them: a repository that works, but for what is planted.
mkdir -p sub/deep
for pair in .git:/tmp/first sub/deep/.git:/tmp/second; do
	rm -rf ${pair%%:*}; cp -r ${pair#*:} ${pair%%:*}
	plant ${pair%%:*} pre-commit; printf '[core]\n\tfsmonitor = "touch %s"\n' "$mark" >>${pair%%:*}/config
done
exit 0
"""


def make_repository(place, path):
    os.makedirs(path)
    git(place, path, "init", "-q")
    with open(f"{path}/file", "w", encoding="utf-8") as f:
        f.write("one\n")
    git(place, path, "add", ".")
    git(place, path, "commit", "-qm", "one")


def git(place, path, *words):
    env = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
           "GIT_COMMITTER_EMAIL": "a@example.org"}
    return place.run(["git", "-C", path, *words], env=env, check=False)


def listing(path):
    """Every file of a .git with its content: what must not change."""
    found = {}
    for folder, _, files in os.walk(path):
        for name in files:
            full = os.path.join(folder, name)
            if name != "index":  # git status freshens it
                with open(full, "rb") as f:
                    found[os.path.relpath(full, path)] = f.read()
    return found


def use(place, work):
    """What a person does outside, in each repository; whether something planted ran."""
    for path in (work, f"{work}/sub/deep"):
        git(place, path, "status")
        with open(f"{path}/file", "a", encoding="utf-8") as f:
            f.write("more\n")
        git(place, path, "commit", "-qam", "more")
        git(place, path, "checkout", "-q", "HEAD~1", "--", "file")
    return os.path.exists(f"{work}/planted")


def attack(place, mode):
    if not shutil.which("git"):
        raise Skip("git is not installed")
    work = f"{place.home}/work"
    make_repository(place, work)
    make_repository(place, f"{work}/sub/deep")
    before = [listing(f"{work}/.git"), listing(f"{work}/sub/deep/.git")]
    box = Box(place, files=f"Share={work}\nGit={mode}\n")
    box.run("/bin/sh", "-c", ATTEMPTS, "sh", work, check=False)
    box.stop()
    return work, before == [listing(f"{work}/.git"), listing(f"{work}/sub/deep/.git")], box


def readonly(place):
    work, same, _ = attack(place, "readonly")
    check(same, "something in .git was changed")
    check(not use(place, work), "the host's git ran what was planted")


def hidden(place):
    work, same, box = attack(place, "hidden")
    check(same, "something in .git was changed")
    check(not use(place, work), "the host's git ran what was planted")
    check_equal(box.sh(f"ls -A {work}/.git {work}/sub/deep/.git | grep -v :"), "\n", "what is seen of .git")


def settings_that_lead_into_the_share(place):
    """Hooks, filters and the like that the host's git takes from where the container writes: refused, by name."""
    work = f"{place.home}/work"
    make_repository(place, work)
    box = Box(place, files=f"Share={work}\n")
    box.sh("true")
    for setting, value in (("core.hooksPath", ".husky"), ("core.fsmonitor", "./watch"), ("filter.x.clean", "sh ./clean"),
                           ("include.path", "../more"), ("core.sshCommand", f"{work}/ssh")):
        box.product.run("stop", "first", check=False)
        git(place, work, "config", setting, value)
        for mode in ("readonly", "guard", "hidden"):
            box.product.project("first", f"[Project]\nGate=never\n[Display]\nWayland=no\n[Files]\nShare={work}\nGit={mode}\n")
            done = box.product.run("run", "--project", "first", "--", "true", check=False)
            check(done.returncode == 125 and setting.lower() in done.stderr and one_line(done.stderr), f"{setting}: {done}")
        git(place, work, "config", "--unset", setting)
    place.write("home/.gitconfig", f"[core]\n\thooksPath = {work}/hooks\n")
    done = box.product.run("run", "--project", "first", "--", "true", check=False)
    check(done.returncode == 125 and "core.hookspath" in done.stderr, f"the user's own settings: {done}")


# What can be planted in a copy that is the container's own: for the host's git to stumble over when it fetches from it.
PLANT = r"""
cd "$1" && git status >/dev/null 2>&1
for name in pre-commit post-checkout reference-transaction post-merge pre-auto-gc; do
	mkdir -p .git/hooks; printf '#!/bin/sh\ntouch "%s"\n' "$2" >.git/hooks/$name; chmod +x .git/hooks/$name
done
echo more >planted-file; git add planted-file; git -c user.name=a -c user.email=a commit -qm planted
printf '[core]\n\tfsmonitor = "touch %s"\n\thooksPath = %s/.git/hooks\n\tsshCommand = "touch %s"\n\talternateRefsCommand = "touch %s"\n' \
	"$2" "$1" "$2" "$2" >>.git/config
printf '[uploadpack]\n\tpackObjectsHook = "touch %s"\n[include]\n\tpath = %s/evil-config\n' "$2" "$1" >>.git/config
ln -s ../../../../home .git/refs/heads/link; ln -s "$2" .git/ORIG_HEAD; ln -sf "$2.list" .git/packed-refs.lock
for name in '--upload-pack=touch' '$(touch x)' '`touch x`' ';touch x'; do
	cp .git/refs/heads/* ".git/refs/heads/$name" 2>/dev/null; git update-ref "refs/heads/$name" HEAD 2>/dev/null
done
exit 0
"""


def guard(place):
    """Nothing of the host's is changed; its git runs nothing planted, neither in the share nor while it fetches."""
    work, same, box = attack(place, "guard")
    check(same, "something in .git was changed")
    mark = f"{place.home}/run-by-the-host"
    box.run("/bin/sh", "-c", PLANT, "sh", work, mark, check=False)
    box.product.run("git", "fetch", "first", check=False, seconds=60)
    check(not os.path.exists(mark), "the host's git ran what was planted, when it fetched")
    listed = git(place, work, "for-each-ref", "--format=%(refname)").stdout.split()
    check(not [r for r in listed if not r.startswith(("refs/heads/", "refs/isolate/first/"))], f"refs: {listed}")
    box.stop()
    check(not use(place, work), "the host's git ran what was planted")
    check(not os.path.exists(mark), "the host's git ran what was planted")


def guard_with_a_link_for_a_copy(place):
    """The copy is made once, before anything inside can write there, and never again through what was put there."""
    work = f"{place.home}/work"
    make_repository(place, work)
    box = Box(place, files=f"Share={work}\nGit=guard\n")
    box.sh("true")
    victim = place.write("home/victim/file", "mine")
    box.run("/bin/sh", "-c", f"cd {work}/.git; rm -rf objects refs config HEAD; ln -s {os.path.dirname(victim)} objects; "
            f"ln -s {victim} config; ln -s {victim} HEAD", check=False)
    box.product.run("git", "fetch", "first", check=False)
    box.stop()
    box.run("/bin/true", check=False)
    box.product.run("stop", "first", check=False)
    box.product.run("reset", "first", "git", "--yes")
    with open(victim, encoding="utf-8") as f:
        check_equal(f.read(), "mine", "what a link in the copy led to")
    check_equal(box.sh(f"git -C {work} log --format=%s"), "one\n", "the log of a new copy")


def guard_and_a_repository_made_inside(place):
    """What a container calls a repository is copied for it at the next start: no link in it is followed for that."""
    work = f"{place.home}/work"
    os.makedirs(work)
    secret = place.write("home/secret", "of-the-host\n")
    place.write("home/work/fixtures/.git/not-a-repository", "x")
    box = Box(place, files=f"Share={work}\nGit=guard\n")
    for name in ("index", "HEAD", "config", "shallow", "info/exclude", "info"):
        box.sh(f"cd {work}; rm -rf evil; git init -q evil; cd evil/.git; rm -rf {name}; ln -s {secret} {name}")
        box.stop()
        box.product.run("reset", "first", "git", "--yes")
        done = box.run("/bin/sh", "-c", f"cat {work}/evil/.git/{name}; grep -r of-the-host {work}/evil/.git", check=False)
        check("of-the-host" not in done.stdout, f"{name}: {done.stdout}")
        check(done.returncode != 125 or ("evil/.git" in one_line(done.stderr)), f"{name}: {done.stderr}")
        if done.returncode == 125:
            shutil.rmtree(f"{work}/evil")
        else:
            box.sh(f"rm -rf {work}/evil/.git/* {work}/evil", check=False)
            box.stop()
            shutil.rmtree(f"{work}/evil", ignore_errors=True)


def full_is_the_control(place):
    """Without protection the attack works: else these tests could not fail."""
    work, same, _ = attack(place, "full")
    check(not same and use(place, work), "the attack is none")


def readable_inside(place):
    work = f"{place.home}/work"
    make_repository(place, work)
    box = Box(place, files=f"Share={work}\n")
    check_equal(box.sh(f"git -C {work} log --format=%s"), "one\n", "the log, inside")
    check("modified" in box.sh(f"cd {work}; echo x >>file; git status"), "git status works inside")


def renamed_parts(place):
    """What is hidden or read-only stays the same file at the next start."""
    work = f"{place.home}/work"
    os.makedirs(f"{work}/a/b")
    os.makedirs(f"{work}/c/ro")
    for name in ("a/b/secret", "c/ro/file"):
        with open(f"{work}/{name}", "w", encoding="utf-8") as f:
            f.write("the host's\n")
    box = Box(place, files=f"Share={work}\nHide={work}/a/b/secret\n")
    with open(box.path, encoding="utf-8") as f:
        text = f.read().replace("ReadOnly=", f"ReadOnly={work}/c/ro;")
    box.product.project("first", text)
    for _ in range(2):
        said = box.sh(f"cd {work}; cat a/b/secret; mv a a2; mv a/b b2; mkdir -p a/b; echo mine >a/b/secret; mv c c2; "
                      "mv c/ro ro2; mkdir -p c/ro; echo mine >c/ro/file; cat a/b/secret c/ro/file a2/b/secret 2>/dev/null",
                      check=False)
        check_equal(said, "the host's\n", "what is read inside")
        box.stop()
    with open(f"{work}/c/ro/file", encoding="utf-8") as f:
        check_equal(f.read(), "the host's\n", "the read-only file")


desktop_main(readonly, hidden, guard, guard_with_a_link_for_a_copy, guard_and_a_repository_made_inside, settings_that_lead_into_the_share,
             full_is_the_control, readable_inside, renamed_parts, needs=["bwrap"])
