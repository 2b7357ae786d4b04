/* One entry: what it holds, that no text can add a line to it, and that the validator and GIO take it. */
#include "entry.h"

#include "project-fixture.h"
#include "seal.h"

#include <gio/gdesktopappinfo.h>
#include <string.h>

#define COMMAND "/opt/my apps/100%/isolate"

static GKeyFile *entry_of(const struct project *project, guint i)
{
	g_autoptr(GError) error = NULL;
	const struct config_app *app = project->apps->pdata[i];
	g_autofree char *name = desktop_entry_file(project->name, app->name);
	g_autofree char *content = desktop_entry(project, app, COMMAND, &error);
	g_assert_no_error(error);
	g_assert_true(seal_holds(name, content));
	g_autofree char *path = g_build_filename(home, name, NULL);
	g_assert_true(g_file_set_contents(path, content, -1, NULL));
	const char *validate = g_getenv("DESKTOP_FILE_VALIDATE");
	if (validate && *validate) {
		const char *argv[] = {validate, path, NULL};
		g_autofree char *out = NULL, *err = NULL;
		int status = -1;
		g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out, &err, &status, NULL));
		if (*out || *err || status != 0)
			g_error("%s%sabout:\n%s", out, err, content);
	}
	GKeyFile *file = g_key_file_new();
	g_assert_true(g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_TRANSLATIONS, NULL));
	return file;
}

static void assert_key(GKeyFile *file, const char *group, const char *key, const char *expected)
{
	g_autofree char *value = g_key_file_get_string(file, group, key, NULL);
	g_assert_cmpstr(value, ==, expected);
}

static void test_plain(void)
{
	autoproject struct project *project =
		project_of("first", "[App idea]\nExec=idea.sh %U\nName=IDEA\nIcon=idea.png\n"
				    "[App top]\nTerminal=yes\nIcon=/etc/passwd\n");
	g_autoptr(GKeyFile) idea = entry_of(project, 0), top = entry_of(project, 1);
	assert_key(idea, "Desktop Entry", "Name", "IDEA (first)");
	assert_key(idea, "Desktop Entry", "Exec", "\"/opt/my apps/100%%/isolate\" run --project first -- idea %U");
	assert_key(idea, "Desktop Entry", "Icon", "idea");
	assert_key(idea, "Desktop Entry", "Terminal", "false");
	assert_key(idea, "Desktop Entry", "StartupWMClass", "isolate.first.idea");
	assert_key(idea, "Desktop Entry", "Categories", "Utility;");
	assert_key(idea, "Desktop Action isolate-stop", "Name", "Stop first");
	assert_key(idea, "Desktop Action isolate-stop", "Exec", "\"/opt/my apps/100%%/isolate\" stop first");
	assert_key(top, "Desktop Entry", "Name", "top (first)");
	assert_key(top, "Desktop Entry", "Exec", "\"/opt/my apps/100%%/isolate\" run --project first -- top");
	assert_key(top, "Desktop Entry", "Icon", "utilities-terminal");
	assert_key(top, "Desktop Entry", "Terminal", "true");
	g_autofree char *id = desktop_entry_id("first", "idea");
	g_assert_cmpstr(id, ==, "isolate.first.idea");
}

static void test_actions(void)
{
	autoproject struct project *project =
		project_of("first", "[Project]\nTitle=My first\n[App foot]\nExec=foot\n[App ed]\nExec=ed\n");
	g_autoptr(GKeyFile) foot = entry_of(project, 0), ed = entry_of(project, 1);
	assert_key(foot, "Desktop Entry", "Actions", "isolate-stop;"); // it is the terminal itself
	assert_key(ed, "Desktop Entry", "Name", "ed (My first)");
	assert_key(ed, "Desktop Entry", "Actions", "isolate-terminal;isolate-stop;");
	assert_key(ed, "Desktop Action isolate-terminal", "Name", "New terminal in My first");
	assert_key(ed, "Desktop Action isolate-terminal", "Exec",
		"\"/opt/my apps/100%%/isolate\" run --project first -- foot");
	// GIO offers them.
	g_autoptr(GDesktopAppInfo) info = g_desktop_app_info_new_from_keyfile(ed);
	if (info) // its program is not there
		g_assert_cmpuint(g_strv_length((char **)g_desktop_app_info_list_actions(info)), ==, 2);
}

static void test_borrowed(void)
{
	put_text("system/applications/foot.desktop",
		"[Desktop Entry]\nType=Application\nName=Foot\nName[de]=Fuß\nExec=evil\nTryExec=evil\nIcon=foot\n"
		"GenericName=Terminal\nComment=A terminal\nComment[de]=Ein\\nTerminal\nKeywords=shell;prompt\n"
		"Categories=System;TerminalEmulator;GTK;X-Y;\nDBusActivatable=true\nMimeType=text/plain;\nPath=/evil\n"
		"Actions=evil;\n[Desktop Action evil]\nName=e\nExec=evil\n");
	autoproject struct project *project = project_of("first", "[App term]\nExec=/usr/bin/foot --x\nName=Term\n");
	g_autoptr(GKeyFile) file = entry_of(project, 0);
	assert_key(file, "Desktop Entry", "Name", "Term (first)");
	assert_key(file, "Desktop Entry", "GenericName", "Terminal");
	assert_key(file, "Desktop Entry", "Comment", "A terminal");
	assert_key(file, "Desktop Entry", "Comment[de]", "Ein?Terminal");
	assert_key(file, "Desktop Entry", "Keywords", "shell;prompt;");
	assert_key(file, "Desktop Entry", "Categories", "System;TerminalEmulator;");
	assert_key(file, "Desktop Entry", "Icon", "foot");
	g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
	g_assert_null(strstr(text, "evil"));
	g_assert_null(strstr(text, "DBusActivatable"));
	g_assert_null(strstr(text, "MimeType"));
}

static void copy_corpus(void)
{
	g_autoptr(GDir) dir = g_dir_open(CORPUS, 0, NULL);
	g_assert_nonnull(dir);
	for (const char *name; (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(CORPUS, name, NULL), *text = NULL;
		g_autofree char *copy = g_build_filename("system/applications", name, NULL);
		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		put_text(copy, text);
	}
}

/* Entries as they are met in the wild: each is rewritten into one that the validator has nothing to say about. */
static void test_corpus(void)
{
	copy_corpus();
	autoproject struct project *project = project_of("first",
		"[Project]\nApps=jetbrains-idea;code;steam;electron-env;org.gnome.TextEditor;htop;hidden;not.there\n");
	g_assert_cmpuint(project->apps->len, ==, 7);
	g_autoptr(GPtrArray) missing = host_app_missing(project);
	g_assert_cmpuint(missing->len, ==, 1);
	g_assert_cmpstr(missing->pdata[0], ==, "not.there");
	for (guint i = 0; i < project->apps->len; i++) {
		g_autoptr(GKeyFile) file = entry_of(project, i);
		const struct config_app *app = project->apps->pdata[i];
		g_autofree char *exec = g_key_file_get_string(file, "Desktop Entry", "Exec", NULL);
		g_autofree char *start =
			g_strdup_printf("\"/opt/my apps/100%%%%/isolate\" run --project first -- %s", app->name);
		g_assert_true(g_str_has_prefix(exec, start));
		static const char *const dropped[] = {
			"TryExec", "Path", "MimeType", "DBusActivatable", "Implements", "PrefersNonDefaultGPU"};
		for (gsize j = 0; j < G_N_ELEMENTS(dropped); j++)
			g_assert_false(g_key_file_has_key(file, "Desktop Entry", dropped[j], NULL));
		g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
		g_assert_null(strstr(text, "evil"));
	}
}

static const struct config_app *app_of(const struct project *project, const char *name, GKeyFile **file)
{
	for (guint i = 0; i < project->apps->len; i++) {
		const struct config_app *app = project->apps->pdata[i];
		if (strcmp(app->name, name) != 0)
			continue;
		*file = entry_of(project, i);
		return app;
	}
	g_assert_not_reached();
}

static void assert_argv(char **argv, const char *joined)
{
	g_autofree char *text = g_strjoinv("|", argv);
	g_assert_cmpstr(text, ==, joined);
}

static void test_rewritten(void)
{
	autoproject struct project *project =
		project_of("first", "[Project]\nApps=code;org.gnome.TextEditor;electron-env;hidden;jetbrains-idea\n["
				    "App code]\nExec=own\nName=Mine\n");
	g_autoptr(GKeyFile) code = NULL, editor = NULL, element = NULL, hidden = NULL, idea = NULL;
	// The project's own group goes first.
	g_assert_null(app_of(project, "code", &code)->entry);
	assert_key(code, "Desktop Entry", "Name", "Mine (first)");

	app_of(project, "org.gnome.TextEditor", &editor);
	assert_key(editor, "Desktop Entry", "Name", "Text Editor (first)");
	assert_key(editor, "Desktop Entry", "Name[de]", "Texteditor (first)");
	assert_key(editor, "Desktop Entry", "StartupNotify", "true");
	assert_key(editor, "Desktop Entry", "Keywords", "write;notepad;");
	assert_key(editor, "Desktop Action new-window", "Name", "New Window (first)");
	assert_key(editor, "Desktop Action new-window", "Exec",
		"\"/opt/my apps/100%%/isolate\" run --project first --action new-window -- org.gnome.TextEditor");

	const struct config_app *app = app_of(project, "electron-env", &element);
	assert_argv(app->exec, "env|ELECTRON_OZONE_PLATFORM_HINT=auto|DISPLAY=:0 x|/opt/Element/element-desktop|"
			       "--enable-features=UseOzonePlatform,WaylandWindowDecorations|--title=Element");
	g_assert_cmpstr(app->files, ==, "%U");

	app = app_of(project, "hidden", &hidden);
	assert_argv(app->exec, "thing|--icon|--file|%done");
	g_assert_null(app->files);
	assert_key(hidden, "Desktop Entry", "NoDisplay", "true");
	assert_key(hidden, "Desktop Entry", "Icon", "thing");
	g_assert_cmpuint(app->actions->len, ==, 2);
	g_autofree char *actions = g_key_file_get_string(hidden, "Desktop Entry", "Actions", NULL);
	g_assert_true(g_str_has_prefix(actions, "good;"));
	g_assert_null(strstr(actions, "no-exec"));
	assert_key(hidden, "Desktop Action isolate-stop", "Name", "Stop first");

	app = app_of(project, "jetbrains-idea", &idea);
	assert_argv(app->exec, "/home/me/.local/share/JetBrains/Toolbox/apps/idea ultimate/bin/idea.sh");
	g_assert_cmpstr(app->files, ==, "%f");
	assert_key(idea, "Desktop Entry", "Icon", "application-x-executable"); // not a path
}

static void test_argv(void)
{
	static const struct {
		const char *exec, *argv, *files;
	} rows[] = {
		{"a",			 "a",		   NULL},
		{"a %f",			 "a",	      "%f"},
		{"a %U --b",		     "a|--b",	      "%U"},
		{"a \"b c\" 'd e' f\\ g",	  "a|b c|d e|f g", NULL},
		{"a %%f 100%%",		"a|%f|100%",     NULL},
		{"a %d %D %n %N %v %m %i %k", "a",		   NULL},
		{"a --x=%f",		     "a",		  NULL},
		{"a %",			"a",	     NULL},
		{"a $HOME `id`",		 "a|$HOME|`id`",	 NULL},
		{"%f",			NULL,	     NULL},
		{"",			  NULL,		   NULL},
		{"   ",			NULL,	      NULL},
		{"\"\"",			 NULL,	       NULL},
		{"a \"b",			  NULL,		NULL},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *files;
		g_auto(GStrv) argv = host_app_argv(rows[i].exec, "Na%fme", &files);
		g_autofree char *joined = argv ? g_strjoinv("|", argv) : NULL;
		g_assert_cmpstr(joined, ==, rows[i].argv);
		if (argv)
			g_assert_cmpstr(files, ==, rows[i].files);
	}
}

/* Text of a configuration is the person's, but may have been copied from anywhere. */
static void test_hostile(void)
{
	autoproject struct project *project = project_of("first", "[App a]\nName=x\n");
	struct config_app *app = project->apps->pdata[0];
	static const char *const titles[] = {"a\nExec=evil", "a\n[Desktop Action x]\nExec=evil", "\\nExec=evil",
		"a\rExec=evil", "\033[2J", "\342\200\256gnp", "a\\", "%f %U", "\xff", " lead", "tail ",
		"X-Isolate-Seal=0", "a\nX-Isolate-Seal=0"};
	for (gsize i = 0; i < G_N_ELEMENTS(titles); i++) {
		g_free(app->title);
		app->title = g_strdup(titles[i]);
		g_autoptr(GKeyFile) file = entry_of(project, 0);
		g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
		gsize execs = 0;
		for (const char *at = text; (at = strstr(at, "\nExec=")); at++)
			execs++;
		g_assert_cmpuint(execs, ==, g_key_file_has_group(file, "Desktop Action isolate-terminal") ? 3 : 2);
		assert_key(file, "Desktop Entry", "Exec", "\"/opt/my apps/100%%/isolate\" run --project first -- a");
		g_autofree char *name = g_key_file_get_string(file, "Desktop Entry", "Name", NULL);
		g_assert_true(g_utf8_validate(name, -1, NULL));
		g_assert_null(strpbrk(name, "\n\r\033"));
		g_assert_null(strstr(name, "\342\200\256"));
	}
	static const char *const icons[] = {"/etc/passwd", "../x", "a/b", "", ".hidden", "a b", "x\n", "file:///x"};
	for (gsize i = 0; i < G_N_ELEMENTS(icons); i++) {
		g_free(app->icon);
		app->icon = g_strdup(icons[i]);
		g_autoptr(GKeyFile) file = entry_of(project, 0);
		assert_key(file, "Desktop Entry", "Icon", "application-x-executable");
	}
}

static void test_command(void)
{
	autoproject struct project *project = project_of("first", "[App a]\nExec=a\n");
	static const char *const commands[] = {"isolate", "/opt/a=b/isolate", "/opt/\xff/isolate", ""};
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(desktop_entry(project, project->apps->pdata[0], commands[i], &error));
		g_assert_nonnull(error);
	}
}

static void test_seal(void)
{
	static const char text[] = "[Desktop Entry]\nName=x\n" SEAL_KEY "=\nExec=y\n";
	g_autofree char *sealed = seal_set("a.desktop", text), *again = seal_set("a.desktop", sealed);
	g_assert_cmpstr(sealed, ==, again);
	g_assert_true(seal_holds("a.desktop", sealed));
	g_assert_false(seal_holds("b.desktop", sealed));
	g_assert_false(seal_holds("a.desktop", text));
	g_assert_false(seal_holds("a.desktop", ""));
	for (gsize i = 0; i < strlen(sealed); i++) {
		g_autofree char *edited = g_strdup(sealed);
		edited[i] ^= 1;
		g_assert_false(seal_holds("a.desktop", edited));
	}
	g_autofree char *longer = g_strconcat(sealed, "NoDisplay=true\n", NULL);
	g_autofree char *twice = g_strconcat(sealed, SEAL_KEY "=\n", NULL);
	g_assert_false(seal_holds("a.desktop", longer));
	g_assert_false(seal_holds("a.desktop", twice));
}

int main(int argc, char **argv)
{
	home_make();
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/entry/plain", test_plain);
	g_test_add_func("/entry/actions", test_actions);
	g_test_add_func("/entry/borrowed", test_borrowed);
	g_test_add_func("/entry/corpus", test_corpus);
	g_test_add_func("/entry/rewritten", test_rewritten);
	g_test_add_func("/entry/argv", test_argv);
	g_test_add_func("/entry/hostile", test_hostile);
	g_test_add_func("/entry/command", test_command);
	g_test_add_func("/entry/seal", test_seal);
	int status = g_test_run();
	home_remove();
	return status;
}
