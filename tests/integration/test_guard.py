"""Git=guard: commits, branches, push and rebase work inside, come back by isolate git fetch, and change nothing of the host's
repository until somebody merges."""
import os
import subprocess

from desktoptest import QUIET, Product, Skip, check, check_equal, desktop_main, one_error_line

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.org"}


class Work:
    """A repository with two commits on the host, shared with a project under Git=guard."""

    def __init__(self, place, more="", branch="main"):
        self.place, self.product = place, Product(place)
        self.path = os.path.join(place.home, "work")
        self.git("init", "-q", "-b", branch, self.path, at=place.home)
        for n in ("one", "two"):
            self.commit(n)
        self.product.project("first", f"{QUIET}Linger=forever\n[Display]\nWayland=no\n[Files]\nShare={self.path}{more}\n"
                             "Git=guard\n[Environment]\n" + "".join(f"{k}={v}\n" for k, v in IDENTITY.items()))

    def git(self, *words, at=None, check=True):
        return self.place.run(["git", "-C", at or self.path, *words], env=IDENTITY, check=check).stdout

    def commit(self, name):
        self.place.write(f"home/work/{name}", name + "\n")
        self.git("add", name)
        self.git("commit", "-qm", name)

    def inside(self, script):
        return self.product.sh("first", f"set -e; cd {self.path}; {script}")

    def state(self):
        """What the host's repository says of itself, and its settings and hooks."""
        hooks = sorted(os.listdir(self.path + "/.git/hooks"))
        with open(self.path + "/.git/config", encoding="utf-8") as f:
            return self.git("for-each-ref"), self.git("symbolic-ref", "HEAD"), f.read(), hooks


def work_inside(place):
    work = Work(place)
    before = work.state()
    check_equal(work.inside("git log --format=%s; git status --short; git remote"), "two\none\nhost\n", "what is there at first")
    work.inside("echo more >three; git add three; git commit -qm three; git checkout -qb topic; echo x >four; git add .; "
                "git commit -qm four; git stash list; git gc -q; git fsck --no-dangling 2>/dev/null")
    check_equal(work.state(), before, "the host's repository, after commits inside")
    said = work.product.run("git", "fetch", "first").stdout
    check("refs/isolate/first/main" in said and "refs/isolate/first/topic" in said and "three" in said, said)
    check_equal(work.git("log", "--format=%s", "refs/isolate/first/topic"), "four\nthree\ntwo\none\n", "what came back")
    after = work.state()
    check_equal((after[1:], [l for l in after[0].splitlines() if "refs/isolate/" not in l]),
                (before[1:], before[0].splitlines()), "the host's repository, apart from what was fetched")
    rows = work.product.json("git", "list", "first")
    check_equal([(r["ref"], r["subject"]) for r in rows],
                [("refs/isolate/first/main", "three"), ("refs/isolate/first/topic", "four")], "git list")
    work.git("reset", "-q", "refs/isolate/first/main")  # as the help says: the files are there already
    check_equal(work.git("log", "--format=%s"), "three\ntwo\none\n", "the log of the host, then")
    check_equal(work.git("status", "--short"), "?? four\n", "its status")
    work.inside("git checkout -q main; git branch -qD topic")
    work.product.run("git", "fetch", "first")
    check("topic" not in work.git("for-each-ref"), "a branch that is gone inside")


def rebase_on_the_host(place):
    """What the host commits meanwhile is seen inside, without a restart."""
    work = Work(place)
    work.inside("git checkout -qb topic; echo x >mine; git add mine; git commit -qm mine")
    work.commit("three")
    work.inside("git stash -q -u 2>/dev/null || true; git fetch -q host; git rebase -q host/main")
    check_equal(work.inside("git log --format=%s"), "mine\nthree\ntwo\none\n", "the log inside")
    work.product.run("git", "fetch", "first")
    check_equal(work.git("merge-base", "main", "refs/isolate/first/topic"), work.git("rev-parse", "main"), "the merge base")


def push(place):
    """push -u, to a bare repository in a share."""
    work = Work(place, more=f";{place.home}/bare.git")
    work.git("init", "-q", "--bare", place.home + "/bare.git", at=place.home)
    work.git("remote", "add", "origin", place.home + "/bare.git")
    work.inside("git remote get-url origin; git checkout -qb topic; echo x >x; git add x; git commit -qm x; "
                "git push -qu origin topic; git config branch.topic.remote")
    check_equal(work.git("--git-dir=" + place.home + "/bare.git", "log", "--format=%s", "topic"), "x\ntwo\none\n", "the bare one")
    check_equal(work.git("config", "branch.topic.remote", check=False), "", "the host's settings")


def kept_and_reset(place):
    work = Work(place)
    work.inside("echo x >x; git add x; git commit -qm kept")
    work.product.run("stop", "first")
    check_equal(work.inside("git log -1 --format=%s"), "kept\n", "after a restart")
    work.product.run("stop", "first")
    check(work.product.json("du", "first")[0]["git"]["bytes"] > 0, "it takes disk")
    work.product.run("git", "fetch", "first")  # starts the container
    check_equal(work.git("log", "-1", "--format=%s", "refs/isolate/first/main"), "kept\n", "what came back")
    work.product.run("stop", "first")
    work.product.run("reset", "first", "git", "--yes")
    check_equal(work.inside("git log -1 --format=%s"), "two\n", "after a reset")


def other_repositories(place):
    """Detached, empty, shallow, with sha256, with odd settings; a file instead of a folder stays read-only."""
    work = Work(place)
    work.git("checkout", "-q", "--detach", "HEAD~1")
    hostile = 'a"b\\\\c'
    work.git("config", "remote.x.url", hostile)
    for key in ("core.fsmonitor", "filter.x.clean", "core.sshCommand", "core.editor", "core.pager"):
        work.git("config", key, "/usr/bin/touch /tmp/x")
    work.git("config", "alias.st", "!touch /tmp/x")
    for name, options in (("empty", []), ("sha", ["--object-format=sha256"])):
        work.git("init", "-q", *options, f"{work.path}/{name}")
        if name == "sha":
            place.write(f"home/work/{name}/f", "x")
            work.git("add", ".", at=f"{work.path}/{name}")
            work.git("commit", "-qm", "sha", at=f"{work.path}/{name}")
    work.git("clone", "-q", "--depth", "1", "file://" + work.path, work.path + "/shallow")
    work.git("worktree", "add", "-q", work.path + "/tree")
    check_equal(work.inside("git rev-parse --abbrev-ref HEAD; git log --format=%s"), "HEAD\none\n", "a detached head")
    check_equal(work.inside("git config remote.x.url"), hostile + "\n", "a setting with quotes")
    left = work.inside("git config --list --local | grep -E 'touch|alias|filter' || echo none")
    check_equal(left, "none\n", "settings that run something")
    check_equal(work.inside("cd sha; git log --format=%s; echo y >y; git add y; git commit -qm y; git log -1 --format=%s"),
                "sha\ny\n", "a repository with sha256")
    check_equal(work.inside("cd shallow; git log --format=%s | wc -l; git rev-parse --is-shallow-repository"), "1\ntrue\n",
                "a shallow repository")
    work.inside("cd empty; echo y >y; git add y; git commit -qm first")
    check_equal(work.inside("echo x 2>/dev/null >>tree/.git || echo ro"), "ro\n", "a worktree's file")
    work.product.run("git", "fetch", "first")
    for name in ("sha", "empty"):
        check("refs/isolate/first/" in work.git("for-each-ref", at=f"{work.path}/{name}"), name)
    work.product.run("stop", "first")
    os.makedirs(work.path + "/borrower")
    subprocess.run(["git", "clone", "-q", "--shared", work.path, work.path + "/borrower"], check=True, env=place.env)
    one_error_line(work.product.run("run", "--project", "first", "--", "true", check=False), 125, "borrows", "repack", "Git=guard")


def mistakes(place):
    work = Work(place)
    product = work.product
    one_error_line(product.run("git", "fetch", check=False), 125, "fetch|list NAME")
    one_error_line(product.run("git", "pull", "first", check=False), 125, "pull")
    one_error_line(product.run("git", "fetch", "frist", check=False), 125, "frist")
    product.project("second", f"{QUIET}[Display]\nWayland=no\n[Files]\nShare={work.path}\n")
    one_error_line(product.run("git", "fetch", "second", check=False), 125, "Git=guard")
    product.run("git", "fetch", "first")  # never started: nothing to be fetched
    work.inside("rm -rf .git/HEAD .git/refs 2>/dev/null || true")
    one_error_line(product.run("git", "fetch", "first", check=False), 125, "git failed")
    # The names and subjects are the container's.
    product.run("stop", "first")
    product.run("reset", "first", "git", "--yes")
    work.inside("git checkout -qb \"$(printf 'a\\342\\200\\256b')\"; echo x >x; git add x; "
                "git commit -qm \"$(printf 'x\\033]0;evil\\007 \\033[31m')\"")
    said = product.run("git", "fetch", "first").stdout
    check(all(line.isprintable() for line in said.splitlines()), repr(said))


def no_git(place):
    """On a machine without git, or in whose PATH something else goes by its name."""
    work = Work(place)
    product = work.product

    def without(*words):
        script = 'for g in /usr/bin/git /bin/git /usr/local/bin/git; do test ! -e "$g" || mount --bind /dev/null "$g" || exit 77; done'
        done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c", script + '; exec setpriv --ambient-caps=-all "$@"', "sh",
                          product.command, *words], env=product.env, check=False)
        if done.returncode == 77:
            raise Skip(f"nothing can be mounted here: {done.stderr}")
        return done

    data = os.path.dirname(product.home("first"))
    for words in (("run", "--project", "first", "--no-tty", "--", "true"), ("start", "first"), ("shell", "first")):
        one_error_line(without(*words), 125, "git is missing", "install the package git", "Git=guard", work.path)
        product.wait_gone()
    check_equal([n for folder, _, _ in os.walk(data) for n in [os.path.relpath(folder, data)] if n.startswith("git/")], [],
                "what is left of a copy")
    one_error_line(without("git", "fetch", "first"), 125, "git is missing", "install the package git")
    one_error_line(without("git", "list", "first"), 125, "git is missing")
    check("git" in without("explain", "first").stdout, "explain needs git")
    # With the copy made, only what is done inside with it needs it.
    work.inside("echo x >x; git add x; git commit -qm x")
    product.run("stop", "first")
    product.wait_gone()
    done = without("run", "--project", "first", "--no-tty", "--", "cat", work.path + "/.git/HEAD")
    check_equal((done.returncode, done.stdout, done.stderr), (0, "ref: refs/heads/main\n", ""), "a start with the copy at hand")
    product.run("stop", "first")
    product.wait_gone()
    # A program of that name that the caller finds first is nothing that runs outside.
    ran = os.path.join(place.path, "ran")
    folder = os.path.dirname(place.write("bin/git", f"#!/bin/sh\ntouch {ran}\n", 0o755))
    product.run("reset", "first", "git", "--yes")
    path = {"PATH": folder + ":" + product.env["PATH"]}
    product.run("run", "--project", "first", "--", "true", env=path)
    product.run("git", "fetch", "first", env=path)
    check(not os.path.exists(ran), "the caller's PATH says what git is")


desktop_main(work_inside, rebase_on_the_host, push, kept_and_reset, other_repositories, mistakes, no_git, needs=["bwrap", "git"])
