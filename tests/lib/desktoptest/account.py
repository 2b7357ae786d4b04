"""The ordinary user that tests run as when root started them: compositors refuse root, and so does isolate."""
import os
import pwd
import subprocess

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


def become(entry):
    """Gives up root for good."""
    os.setgroups([entry.pw_gid])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
