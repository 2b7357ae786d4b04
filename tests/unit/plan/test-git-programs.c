/* Settings of git that would have the host run what a container writes. */
#include "git-programs.h"
#include "plan-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* As little as git takes for a repository. */
static void make_repository(struct fixture *fixture)
{
	fixture_write(fixture, "work/.git/HEAD", "ref: refs/heads/main\n");
	fixture_write(fixture, "work/.git/objects/x", "");
	fixture_write(fixture, "work/.git/refs/x", "");
}

/* What is found for a repository with this configuration, whose folder is shared as a whole: "setting=path …" with the
 * fixture's root as @. */
static char *found(struct fixture *fixture, const char *config)
{
	make_repository(fixture);
	fixture_write(fixture, "work/.git/config", config);
	g_autofree char *work = g_build_filename(fixture->root, "work", NULL);
	g_autofree char *git = g_build_filename(work, ".git", NULL),
			*text = g_strdup_printf("[Files]\nShare=%s\n", work);
	fixture_write(fixture, "user/projects/first.conf", text);
	autoproject struct project *project = fixture_load(fixture);
	autohost struct host *host = host_new();
	host->home = g_build_filename(fixture->root, "home", NULL);
	host_add_dir(host, work);
	host_add_git(host, work, git, HOST_DIR);
	GError *error = NULL;
	git_programs_find(host, project, &error);
	g_assert_no_error(error);
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < host->git_programs->len; i++) {
		const struct host_git_program *program = host->git_programs->pdata[i];
		g_assert_cmpstr(program->git, ==, git);
		g_string_append_printf(out, "%s%s=%s", i > 0 ? " " : "", program->setting, program->path);
	}
	g_string_replace(out, fixture->root, "@", 0);
	return g_strdup(out->str);
}

static void test_found(void)
{
	static const struct {
		const char *config, *found;
	} rows[] = {
		{"[core]\n\tbare = false\n[remote \"origin\"]\n\turl = x\n",		     ""					       },
		{"[core]\n\thooksPath = .husky/_\n",					     "core.hookspath=@/work/.husky/_"	     },
		{"[core] hooksPath = hooks\n",					       "core.hookspath=@/work/hooks"		    },
		{"[core]\n\thooksPath = /etc/hooks\n",				       ""					 },
		{"[core]\n\tfsmonitor = true\n\tpager = less -R\n",			    ""					      },
		{"[core]\n\tfsmonitor = ./watch --fast\n",				   "core.fsmonitor=@/work/watch"		},
		{"[core]\n\tsshCommand = ssh -F there/conf\n",			       "core.sshcommand=@/work/there/conf"	  },
		{"[filter \"x\"]\n\tclean = sh -c 'exec tools/clean %f'\n\tsmudge = cat\n",
			"filter.x.clean=@/work/exec tools/clean %f"									  },
		{"[filter \"x\"]\n\tclean = python3 script.py\n",				  "filter.x.clean=@/work/script.py"	   },
		{"[include]\n\tpath = ../shared.conf\n",					 "include.path=@/work/shared.conf"	  },
		{"[includeIf \"gitdir:/nowhere/\"]\n\tpath = ../c\n",			      "includeif.gitdir:/nowhere/.path=@/work/c"},
		{"[alias]\n\tst = status\n\tx = !./run\n",				   "alias.x=@/work/run"		       },
		{"[credential]\n\thelper = ~/work/helper\n",				     ""					       },
		{"[core]\n\thooksPath = li\\\n\thooks\n",					  "core.hookspath=@/work/li hooks"	  },
	};
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "work/script.py", "");
	g_autofree char *home = g_build_filename(fixture.root, "home", NULL);
	g_assert_no_errno(g_mkdir(home, 0700));
	g_setenv("HOME", home, TRUE);
	g_setenv("GIT_CONFIG_NOSYSTEM", "1", TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = found(&fixture, rows[i].config);
		g_test_message("%s", rows[i].config);
		g_assert_cmpstr(got, ==, rows[i].found);
	}
	// Included settings, and those of the user, count like the repository's own.
	fixture_write(&fixture, "home/more", "[core]\n\thooksPath = hooks\n");
	g_autofree char *include = g_strdup_printf("[include]\n\tpath = %s/more\n", home);
	g_autofree char *included = found(&fixture, include);
	g_assert_cmpstr(included, ==, "core.hookspath=@/work/hooks");
	fixture_write(&fixture, "home/.gitconfig", "[core]\n\thooksPath = .githooks\n");
	g_autofree char *general = found(&fixture, "");
	g_assert_cmpstr(general, ==, "core.hookspath=@/work/.githooks");
	fixture_finish(&fixture);
}

/* A link in the share is the container's, wherever it leads now. */
static void test_link(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "work/x", "");
	g_autofree char *link = g_build_filename(fixture.root, "work/hooks", NULL);
	g_assert_no_errno(symlink("/usr/share/hooks", link));
	g_autofree char *got = found(&fixture, "[core]\n\thooksPath = hooks\n");
	g_assert_cmpstr(got, ==, "core.hookspath=@/work/hooks");
	fixture_finish(&fixture);
}

static void test_fifo(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	make_repository(&fixture);
	g_autofree char *config = g_build_filename(fixture.root, "work/.git/config", NULL);
	g_autofree char *git = g_path_get_dirname(config), *work = g_path_get_dirname(git);
	g_assert_no_errno(mkfifo(config, 0600));
	fixture_write(&fixture, "user/projects/first.conf", "");
	autoproject struct project *project = fixture_load(&fixture);
	autohost struct host *host = host_new();
	host->home = g_strdup("/nonexistent");
	host_add_git(host, work, git, HOST_DIR);
	g_autoptr(GError) error = NULL;
	g_assert_false(git_programs_find(host, project, &error)); // it does not wait for ever, and does not start
	g_assert_nonnull(strstr(error->message, "took too long"));
	fixture_finish(&fixture);
}

static void test_refused(void)
{
	autohost struct host *host = host_debian();
	host_add_dir(host, "/home/me/first/ro");
	host_add_dir(host, "/home/me/first/gone");
	host_add_git(host, "/home/me/first", "/home/me/first/.git", HOST_DIR);
	host_add_git_program(host, "/home/me/first/.git", "core.hookspath", "/home/me/first/.git/hooks");
	host_add_git_program(host, "/home/me/first/.git", "core.hookspath", "/home/me/first/ro/hooks");
	host_add_git_program(host, "/home/me/first/.git", "core.fsmonitor", "/home/me/first/gone/x");
	host_add_git_program(host, "/home/me/first/.git", "core.pager", "/usr/bin/less");
	g_autofree char *said = plan_error("[Files]\nShare=~/first\nHide=~/first/gone\n", host);
	g_assert_cmpstr(said, ==,
		"@/user/projects/first.conf:2: [Files] Share=/home/me/first: core.hookspath of the git settings for "
		"/home/me/first/.git leads to /home/me/first/ro/hooks, which the container could change and your git "
		"would then "
		"run: take it out, set [Files] ReadOnly=/home/me/first/ro/hooks, or Git=full");
	autoplan struct plan *fine = plan_of("[Files]\nShare=~/first\nHide=~/first/gone\nReadOnly=~/first/ro\n", host);
	autoplan struct plan *full = plan_of("[Files]\nShare=~/first\nGit=full\n", host);
	autoplan struct plan *read = plan_of("[Files]\nReadOnly=~/first\n", host);
	g_assert_true(fine && full && read);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/git-programs/found", test_found);
	g_test_add_func("/plan/git-programs/link", test_link);
	g_test_add_func("/plan/git-programs/fifo", test_fifo);
	g_test_add_func("/plan/git-programs/refused", test_refused);
	return g_test_run();
}
