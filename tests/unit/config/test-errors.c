/* Every mistake is one line that names file, line, group, key and value, and what was probably meant. */
#include "fixture.h"

#include "text.h"

#include <string.h>

#define P "@/user/projects/first.conf"
#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define PREFIX X32 X32 X32 X32 "x"

static const struct {
	const char *text, *said;
} cases[] = {
	// clang-format off
	{"[Flies]\nShare=/x\n", P ":1: [Flies]: unknown group; did you mean [Files]?"},
	{"[Zzzzzzzzz]\nA=b\n", P ":1: [Zzzzzzzzz]: unknown group"},
	{"[Files]\nShaer=/x\n", P ":2: [Files] Shaer=/x: unknown key; did you mean Share?"},
	{"[Files]\nGpu=none\n", P ":2: [Files] Gpu=none: unknown key; did you mean [Graphics] Gpu?"},
	{"[Files]\nshare=/x\n", P ":2: [Files] share=/x: unknown key; did you mean [Files] Share?"},
	{"[Display]\nClipboard=guardd\n", P ":2: [Display] Clipboard=guardd: unknown value \"guardd\": did you mean \"guarded\"? It is "
		"one of: guarded, private, ask, allow, deny"},
	{"[Display]\nWayland=true\n", P ":2: [Display] Wayland=true: unknown value \"true\": it is one of: yes, no"},
	{"[Project]\nLinger=soon\n", P ":2: [Project] Linger=soon: unknown value \"soon\": it must be 0, forever, or a number with ms, s, "
		"m or h, such as 30s"},
	{"[Project]\nColor=red\n", P ":2: [Project] Color=red: unknown value \"red\": it must be like #2e8b57"},
	{"[Project]\nHostname=a_b\n", P ":2: [Project] Hostname=a_b: unknown value \"a_b\": it must be at most 63 letters, digits and "
		"'-', which does not begin or end it"},
	{"[Project]\nCwd=here\n", P ":2: [Project] Cwd=here: unknown value \"here\": a path begins with / or ~/"},
	{"[Files]\nShare=src\n", P ":2: [Files] Share=src: \"src\": a path begins with / or ~/"},
	{"[Files]\nShare=~root/x\n", P ":2: [Files] Share=~root/x: \"~root/x\": ~ stands for your own home only: begin with ~/ or /"},
	{"[Files]\nShare=/a/../b\n", P ":2: [Files] Share=/a/../b: \"/a/../b\": a path has no . or .. in it"},
	{"[Files]\nShare=/a:/b/./c\n", P ":2: [Files] Share=/a:/b/./c: \"/a:/b/./c\": a path has no . or .. in it"},
	{"[Files]\nShare=/a\\nb\n", P ":2: [Files] Share=/a\\nb: \"/a?b\": it must be one line of at most 1024 bytes without control or "
		"invisible characters"},
	{"[Home]\nDotfiles=/etc/passwd\n", P ":2: [Home] Dotfiles=/etc/passwd: \"/etc/passwd\": it is a file or folder below your home"},
	{"[Home]\nDotfiles=~\n", P ":2: [Home] Dotfiles=~: \"~\": it is a file or folder below your home"},
	{"[Display]\nAllowGlobals=a b\n", P ":2: [Display] AllowGlobals=a b: \"a b\": it must be the name of a Wayland interface"},
	{"[Environment]\nPass=A=B\n", P ":2: [Environment] Pass=A=B: \"A=B\": it must be a name of letters, digits and '_' that does not "
		"begin with a digit"},
	{"[Environment]\nPass=WAYLAND_SOCKET\n", P ":2: [Environment] Pass=WAYLAND_SOCKET: \"WAYLAND_SOCKET\": it must be a variable that "
		"isolate does not set itself"},
	{"[Environment]\nHOME=/\n", P ":2: [Environment] HOME=/: the name must be a variable that isolate does not set itself"},
	{"[Environment]\nA-B=1\n", P ":2: [Environment] A-B=1: the name must be a name of letters, digits and '_' that does not begin "
		"with a digit"},
	{"[Environment]\nA=\\x\n", P ":2: [Environment] A=\\x: an escape is wrong: \\s, \\n, \\t, \\r and \\\\ are known"},
	{"[App]\nExec=x\n", P ":1: [App]: an application's group is [App NAME]; NAME must be a letter or digit, then at most 63 of "
		"letters, digits, '.', '_' and '-'"},
	{"[App --bind]\nExec=x\n", P ":1: [App --bind]: an application's group is [App NAME]; NAME must be a letter or digit, then "
		"at most 63 of letters, digits, '.', '_' and '-'"},
	{"[App a]\nExce=x\n", P ":2: [App a] Exce=x: unknown key; did you mean Exec?"},
	{"[App a]\nExec='x\n", P ":2: [App a] Exec='x: Text ended before matching quote was found for '. (The text was “'x”)"},
	{"[App a]\nExec=''\n", P ":2: [App a] Exec='': the program's name is empty"},
	{"[App a]\nExec=%F\n", P ":2: [App a] Exec=%F: the program's name is empty"},
	{"[App a]\nTerminal=1\n", P ":2: [App a] Terminal=1: it must be yes or no"},
	{"[App a]\nName[de]=x\n", P ":2: [App a] Name[de]: not a key's name"},
	{"[Project]\nTraits=../x\n", P ":2: [Project] Traits=../x: \"../x\": it must be a lower-case letter, then at most 31 of a-z, 0-9, "
		"_ and -"},
	{"[Project]\nTraits=jmv\n", P ":2: [Project] Traits=jmv: there is no trait \"jmv\" (did you mean \"jvm\"?) in @/user/traits, "
		"@/system/traits or @/data/traits"},
	{"[Network]\nMode=private\n", P ":2: [Network] Mode=private: \"private\" is not in this version of isolate; it has: "
		"internet|none|host"},
	{"[Network]\nForward=0\n", P ":2: [Network] Forward=0: \"0\": it must be a port, or PORT:INSIDE, such as 3000 or 8080:80"},
	{"[Network]\nAllow=10.0.0.0/33\n", P ":2: [Network] Allow=10.0.0.0/33: \"10.0.0.0/33\": it must be an address or a network, "
		"such as 192.168.1.7, 10.1.0.0/16 or fd00::/8"},
	{"[Graphics]\nGpu=render\n", P ":2: [Graphics] Gpu=render: \"render\" is not in this version of isolate; it has: none"},
	{"[Graphics]\nDevice=pci-1\n", P ":2: [Graphics] Device=pci-1: \"pci-1\" is not in this version of isolate"},
	{"[Root]\nBase=nix:\n", P ":2: [Root] Base=nix:: unknown value \"nix:\": what comes after nix: is missing"},
	{"[Root]\nBase=dir:a/b\n", P ":2: [Root] Base=dir:a/b: unknown value \"dir:a/b\": a path begins with / or ~/"},
	{"[Display]\nFullscreen=ask\n", P ":2: [Display] Fullscreen=ask: unknown value \"ask\": it is one of: allow, deny"},
	{"[Display]\nAllowGlobals=zwlr_layer_shel_v1\n", P ":2: [Display] AllowGlobals=zwlr_layer_shel_v1: \"zwlr_layer_shel_v1\": "
		"isolate knows no such Wayland interface; did you mean \"zwlr_layer_shell_v1\"?"},
	{"[Display]\nAllowGlobals=wl_shm;zwlr_layer_shell_v2\n", P ":2: [Display] AllowGlobals=wl_shm;zwlr_layer_shell_v2: "
		"\"zwlr_layer_shell_v2\": isolate knows no such Wayland interface; did you mean \"zwlr_layer_shell_v1\"?"},
	{"[Display]\nDenyGlobals=wp_viewportr\n", P ":2: [Display] DenyGlobals=wp_viewportr: \"wp_viewportr\": isolate knows no such "
		"Wayland interface; did you mean \"wp_viewporter\"?"},
	{"[Display]\nAllowGlobals=an_interface_of_tomorrow\n", P ":2: [Display] AllowGlobals=an_interface_of_tomorrow: "
		"\"an_interface_of_tomorrow\": isolate knows no such Wayland interface"},
	{"[Display]\nAllowGlobals=weston_debug_v1\n", P ":2: [Display] AllowGlobals=weston_debug_v1: \"weston_debug_v1\": isolate has "
		"no description of this interface and cannot offer it"},
	{"[Display]\nTitlePrefix=" PREFIX "\n", P ":2: [Display] TitlePrefix=" X32 X32 "xxxxxxxxxxxxxxxx" ": unknown value \"" PREFIX "\": it must be at "
		"most 128 bytes"},
	{"[Resources]\nMemory=4\n", P ":2: [Resources] Memory=4: unknown value \"4\": it must be at least 16M: a number of bytes, or with "
		"K, M, G or T"},
	{"[Resources]\nMemory=99999999T\n", P ":2: [Resources] Memory=99999999T: unknown value \"99999999T\": it must be at least 16M: a "
		"number of bytes, or with K, M, G or T"},
	{"[Resources]\nCpu=2\n", P ":2: [Resources] Cpu=2: unknown value \"2\": it must be a percentage of one processor: 50%, or 200% "
		"for two"},
	{"[Resources]\nTasks=-1\n", P ":2: [Resources] Tasks=-1: unknown value \"-1\": it must be a number of processes and threads, from "
		"8 to 4194304"},
	{"[Root]\nBase=dir:/a/../b\n", P ":2: [Root] Base=dir:/a/../b: unknown value \"dir:/a/../b\": a path has no . or .. in it"},
	{"[Audio]\nPlayback=loud\n", P ":2: [Audio] Playback=loud: unknown value \"loud\": it is one of: yes, no"},
	{"[Bus]\nTalk=org\n", P ":2: [Bus] Talk=org: \"org\": it must be a name on the session bus, such as org.gnome.TextEditor"},
	{"[Bus]\nTalk=org.freedesktop.*\n", P ":2: [Bus] Talk=org.freedesktop.*: \"org.freedesktop.*\": it must be a name on the session "
		"bus, or one with .* at its end that has two parts before and is not org.freedesktop's"},
	{"[Bus]\nOwn=org.a.*\n", P ":2: [Bus] Own=org.a.*: \"org.a.*\": it must be a name on the session bus, such as "
		"org.gnome.TextEditor"},
	{"[Bus]\nCall=org.a.B\n", P ":2: [Bus] Call=org.a.B: \"org.a.B\": it must be like "
		"org.example.Name=org.example.Interface.Method@/org/example/path"},
	{"[Project]\nEngine=podman\n", P ":2: [Project] Engine=podman: unknown value \"podman\": it is one of: bwrap"},
	{"Share=/x\n", P ":1: Share: a key stands below a [Group]"},
	{"[Files\nShare=/x\n", P ":1: \"[Files\" is neither [Group], Key=value nor a # comment"},
	{"[Files]\nShare\n", P ":2: \"Share\" is neither [Group], Key=value nor a # comment"},
	{"[Files]\nShare=/x\nHide=/y\n\n[Files]\nShare=/z\n", P ":6: [Files] Share: already in line 2; write one line, the parts of a "
		"list separated by ;"},
	{"[]\nShare=/x\n", P ":1: []: not a group's name"},
	{"[Fi[les]\nShare=/x\n", P ":1: [Fi[les]: not a group's name"},
	{"[Fi\033les]\nA=1\n", P ":1: [Fi?les]: not a group's name"},
	{"[Files]\n\033[31m=1\n", P ":2: [Files] ?[31m: not a key's name"},
	{"\xff\xfe", P ": not a text in UTF-8"},
	// clang-format on
};

static void test_text(gconstpointer data)
{
	size_t i = GPOINTER_TO_SIZE(data);
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "data/traits/jvm.conf", "");
	fixture_write(&fixture, "user/projects/first.conf", cases[i].text);
	g_autofree char *said = fixture_error(&fixture);
	g_assert_cmpstr(said, ==, cases[i].said);
	fixture_finish(&fixture);
}

static void test_cycle(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "user/traits/a.conf", "[Project]\nTraits=b\n");
	fixture_write(&fixture, "user/traits/b.conf", "[Project]\nTraits=c\n");
	fixture_write(&fixture, "user/traits/c.conf", "[Project]\nTraits=b\n");
	fixture_write(&fixture, "user/projects/first.conf", "[Project]\nTraits=a\n");
	g_autofree char *said = fixture_error(&fixture);
	g_assert_cmpstr(
		said, ==, "@/user/traits/c.conf:2: [Project] Traits=b: traits name each other in a circle: b → c → b");
	fixture_finish(&fixture);
}

static void test_unknown_project(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autofree char *none = fixture_error(&fixture);
	g_assert_cmpstr(none, ==, "there is no project \"first\"; to make it: isolate create first");
	fixture_write(&fixture, "user/projects/frist.conf", "");
	g_autofree char *near = fixture_error(&fixture);
	g_assert_cmpstr(
		near, ==, "there is no project \"first\" (did you mean \"frist\"?); to make it: isolate create first");
	fixture_finish(&fixture);
}

/* An error is one line and safe to show, whatever the file holds. */
static void test_hostile_bytes(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	for (unsigned byte = 1; byte < 256; byte++) {
		g_autofree char *text = g_strdup_printf("[Files]\nA%cB%c=%c\n", (char)byte, (char)byte, (char)byte);
		fixture_write(&fixture, "user/projects/first.conf", text);
		g_autoptr(GError) error = NULL;
		g_assert_null(project_load("first", fixture.dirs, &error));
		g_autofree char *clean = text_dup_sanitized(error->message, 4096);
		g_assert_cmpstr(clean, ==, error->message);
	}
	fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strdup_printf("/config/errors/%zu", i);
		g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_text);
	}
	g_test_add_func("/config/errors/cycle", test_cycle);
	g_test_add_func("/config/errors/unknown", test_unknown_project);
	g_test_add_func("/config/errors/bytes", test_hostile_bytes);
	return g_test_run();
}
