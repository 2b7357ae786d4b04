# What ./quickstart and ./check share: talking, installing packages, running long steps. For bash, to be sourced.
# The caller sets program (its name) and log (a file for what long steps print).

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' plain=$'\033[0m'
else
	bold='' green='' red='' plain=''
fi

say() { printf '%s\n' "$*" >&2; }
title() { printf '%s%s%s\n' "$bold" "$*" "$plain" >&2; }
die() {
	printf '%s%s:%s %s\n' "$red" "$program" "$plain" "$*" >&2
	exit 1
}

# step TEXT COMMAND…: runs the command with its output in $log; on a terminal the seconds count up meanwhile.
# Prints what became of it; returns the command's status.
step() {
	local text=$1 start=$SECONDS status=0 ticker=''
	shift
	printf '\n==== %s\n$ %s\n' "$text" "$*" >>"$log"
	if [ -t 2 ]; then
		(while sleep 1; do printf '\r  … %s (%d s)' "$text" $((SECONDS - start)) >&2; done) &
		ticker=$!
		printf '  … %s' "$text" >&2
	fi
	"$@" >>"$log" 2>&1 </dev/null || status=$?
	if [ -n "$ticker" ]; then
		kill "$ticker"
		wait "$ticker" 2>/dev/null || true
		printf '\r' >&2
	fi
	if [ $status = 0 ]; then
		printf '  %s✓%s %s (%d s)\n' "$green" "$plain" "$text" $((SECONDS - start)) >&2
	else
		printf '  %s✗%s %s (%d s, status %d)\n' "$red" "$plain" "$text" $((SECONDS - start)) $status >&2
	fi
	return $status
}

# The end of what the last step printed.
show_log() {
	tac "$log" | sed '/^==== /q' | tac | tail -n "${1:-40}" | sed 's/^/    /' >&2
	say "    (all of it: $log)"
}

is_root() { [ "$(id -u)" = 0 ]; }

# as_root COMMAND…: as it is for root, with sudo for others.
as_root() {
	if is_root; then "$@"; else sudo "$@"; fi
}

# Asks for the password, if sudo wants one: `sudo -v` alone wants it even of those who may do everything without.
sudo_ready() { is_root || sudo -n true 2>/dev/null || sudo -v; }

can_be_root() { is_root || command -v sudo >/dev/null; }

# missing_packages KIND…: those of scripts/packages that are not installed.
missing_packages() {
	local kinds=" $* " kind name
	while read -r kind name; do
		[[ $kinds == *" $kind "* ]] || continue
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
	done < <(grep -v '^#' "$top/scripts/packages")
}

# install_packages KIND…: installs what is missing of these kinds, and says so.
install_packages() {
	local missing
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		die "this installs what it needs with apt, and there is none: install what scripts/packages lists, then run" \
			"meson setup build && ninja -C build"
	mapfile -t missing < <(missing_packages "$@")
	if [ ${#missing[@]} = 0 ]; then
		say "  ${green}✓${plain} all packages that are needed are installed"
		return
	fi
	say "  installing with apt: ${missing[*]}"
	can_be_root || die "installing needs root and there is no sudo: as root, run: apt-get install ${missing[*]}"
	sudo_ready || die "sudo refused: as root, run: apt-get install ${missing[*]}"
	step "fetching the list of packages" as_root apt-get -q update ||
		say "  (apt-get update failed: trying with the list that is there)"
	step "installing ${#missing[@]} packages" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends install "${missing[@]}" || {
		show_log
		die "apt could not install what is needed"
	}
}

# configure DIRECTORY OPTION…: meson setup; anew when the options or the compiler are not those of the last time.
configure() {
	local directory=$1 wanted
	shift
	wanted="${CC:-cc} $*"
	if [ "$(cat "$directory/.configured" 2>/dev/null)" = "$wanted" ]; then
		return
	fi
	rm -rf "$directory/build.ninja" "$directory/meson-private" "$directory/meson-info"
	meson setup "$directory" "$top" "$@" || return
	echo "$wanted" >"$directory/.configured"
}
