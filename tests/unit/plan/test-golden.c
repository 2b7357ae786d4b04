/* Whole plans as text. To accept a change: ISOLATE_UPDATE_GOLDEN=1 meson test plan-golden, and read the difference. */
#include "plan-fixture.h"

static void add_shares(struct host *host)
{
	host_add_dir(host, "/srv/data");
	host_add_dir(host, "/home/me/first/vendor");
	host_add_file(host, "/home/me/first/.env");
	host_add_file(host, "/home/me/.vimrc");
	host_add_link(host, "/home/me/link", "/data/real", "/data/real");
	host_add_git(host, "/home/me/first", "/home/me/first/.git", HOST_DIR);
	host_add_git(host, "/home/me/first", "/home/me/first/sub/mod/.git", HOST_FILE);
	host_add_git(host, "/home/me/first", "/home/me/first/vendor/x/.git", HOST_DIR);
}

static void make_nixos(struct host *host)
{
	g_hash_table_remove_all(host->paths);
	const char *const dirs[] = {"/usr", "/bin", "/lib64", "/etc", "/nix/store", "/home/me/first"};
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
		host_add_dir(host, dirs[i]);
	host_add_link(host, "/run/current-system", "/nix/store/s-system", "/nix/store/s-system");
	host_add_link(host, "/run/opengl-driver", "/nix/store/g-graphics", "/nix/store/g-graphics");
	host_add_file(host, "/etc/passwd");
	host_add_path(host, "/etc/hosts", HOST_FILE, "/etc/static/hosts", "/nix/store/h-hosts", TRUE);
	host_add_path(host, "/etc/resolv.conf", HOST_FILE, "../run/systemd/resolve/stub-resolv.conf",
		"/run/systemd/resolve/stub-resolv.conf", TRUE);
	g_free(host->shell);
	host->shell = g_strdup("/run/current-system/sw/bin/bash");
}

static void make_layered(struct host *host)
{
	host_add_dir(host, "/var/lib/dpkg");
	host_add_dir(host, "/var/lib/apt");
	host_add_dir(host, "/nix/store");
	host_add_dir(host, "/var/cache/fontconfig");
	host->passwd =
		g_strdup("root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/bin/false\n"
			 "me:x:1000:1000::/home/me:/bin/sh\nother:x:1001:1001:Somebody:/home/other:/bin/sh\nbroken\n");
	host->groups = g_strdup("root:x:0:\nadm:x:4:me\nother:x:1001:\n");
}

static void make_tree(struct host *host)
{
	static const char *const names[] = {"bin", "etc", "home", "proc", "root", "usr", "var"};
	host->base = g_strdup("/srv/tree");
	host_add_dir(host, "/srv/tree");
	host_add_link(host, "dir:/srv/tree", NULL, "/srv/tree");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename("/srv/tree", names[i], NULL);
		g_ptr_array_add(host->base_names, g_strdup(names[i]));
		host_add_dir(host, path);
	}
	host_add_link(host, "/srv/tree/bin", "usr/bin", "/srv/tree/usr/bin");
	host_add_file(host, "/srv/tree/etc/passwd");
	host_add_file(host, "/srv/tree/etc/hosts");
	host->passwd = g_strdup("root:x:0:0::/root:/bin/sh\nthingd:x:77:77::/:/bin/false\n");
}

static void make_profile(struct host *host)
{
	host->base = g_strdup("/nix/store/p-profile");
	host_add_dir(host, "/nix/store");
	host_add_link(host, "nix:/home/me/profile", NULL, "/nix/store/p-profile");
	host_add_file(host, "/nix/store/p-profile/bin/sh");
	g_ptr_array_add(host->base_names, g_strdup("hosts"));
	g_ptr_array_add(host->base_names, g_strdup("ssl"));
}

static void make_image(struct host *host)
{
	host->base = g_strdup("/home/me/.local/share/isolate/first/image/rootfs");
	host->base_missing = TRUE;
}

static const struct {
	const char *name, *text;
	void (*prepare)(struct host *host);
} cases[] = {
	{"default",	    "",											    NULL	    },
	{"share",	  "[Files]\nShare=~/first\n",								    NULL	  },
	{"full",
		"[Project]\nTitle=First\nColor=#123456\nHostname=box\nCwd=~/first\nLinger=forever\nGate=never\n"
		"[Home]\nDotfiles=.vimrc;.nothere\n"
		"[Files]\nShare=~/first;~/link\nReadOnly=/srv/data:~/data;~/first/vendor\nHide=~/first/.env\n"
		"[Display]\nX11=no\nClipboard=allow\nPrimary=deny\nFullscreen=deny\nAllowGlobals=zwlr_layer_shell_v1\n"
		"TitlePrefix=[first] \n"
		"[Network]\nMode=host\n[Security]\nDebug=no\nNestedSandbox=yes\n"
		"[Environment]\nLANG=C\nPATH=/x\nPass=EDITOR\n"
		"[App idea]\nExec=/opt/idea/idea.sh 'a b' %F\nWindowClass=jetbrains-idea\n[App foot]\n",		add_shares  },
	{"network",	    "[Network]\nLan=allow\nForward=8080:80;3000\nAllow=10.1.2.3/16\nDeny=2001:DB8::1;192.0.2.9\n",
		NULL														       },
	{"ephemeral",    "[Home]\nMode=ephemeral\n[Files]\nShare=~/first\nGit=hidden\n[Display]\nWayland=no\n",
		add_shares														 },
	{"layered",	    "[Root]\nLayer=persistent\n",								  make_layered},
	{"tree",	 "[Root]\nBase=dir:/srv/tree\n",								make_tree	  },
	{"tree-layered", "[Root]\nBase=dir:/srv/tree\nLayer=ephemeral\n",						  make_tree   },
	{"profile",	    "[Root]\nBase=nix:~/profile\n",								make_profile},
	{"image",	  "[Root]\nBase=image:oci-archive:/a b.tar\nLayer=persistent\n",				 make_image  },
	{"nixos",	  "[Files]\nShare=~/first\n",								    make_nixos	},
};

static void test_case(gconstpointer data)
{
	size_t i = GPOINTER_TO_SIZE(data);
	autohost struct host *host = host_debian();
	if (cases[i].prepare)
		cases[i].prepare(host);
	autoplan struct plan *plan = plan_of(cases[i].text, host);
	g_autoptr(GString) text = g_string_new(NULL);
	plan_print(plan, text);
	g_autofree char *path = g_strdup_printf("%s/%s.txt", GOLDEN, cases[i].name);
	if (g_getenv("ISOLATE_UPDATE_GOLDEN"))
		g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
	g_autofree char *golden = NULL;
	g_assert_true(g_file_get_contents(path, &golden, NULL, NULL));
	g_assert_cmpstr(text->str, ==, golden);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strdup_printf("/plan/golden/%s", cases[i].name);
		g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_case);
	}
	return g_test_run();
}
