#include "cmd.h"

#include "error.h"
#include "log.h"
#include "menu-entries.h"
#include "place.h"
#include "running.h"
#include "text.h"
#include "tree.h"
#include "xdg.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* An edit under way: of a copy, in a folder of its own, under the name that a person knows. */
struct edit {
	struct place place;
	char *folder, *draft;
	char *before; // what the file had
	gsize before_length;
	gboolean keep; // the draft, since there is no other place for what was typed
};

static void finish(struct edit *edit)
{
	if (edit->folder && !edit->keep)
		tree_remove(edit->folder, NULL);
	place_finish(&edit->place);
	g_free(edit->folder);
	g_free(edit->draft);
	g_free(edit->before);
}

static gboolean begin(struct edit *edit, const char *name, GError **error)
{
	if (!place_init(&edit->place, name, error) || !place_needs_config(&edit->place, "edit", error))
		return FALSE;
	if (!cmd_interactive())
		return error_set(error, "there is no terminal for an editor here: write %s", edit->place.config);
	g_autoptr(GError) cause = NULL;
	if (!g_file_get_contents(edit->place.config, &edit->before, &edit->before_length, &cause))
		return error_set(error, "%s", cause->message);
	g_autofree char *runtime = xdg_make_dir(XDG_RUNTIME, error, NULL);
	if (!runtime)
		return FALSE;
	g_autofree char *folder = g_build_filename(runtime, ".edit-XXXXXX", NULL);
	if (!g_mkdtemp(folder))
		return error_set_errno(error, errno, "cannot make a folder in %s", runtime);
	edit->folder = g_steal_pointer(&folder);
	g_autofree char *file = g_strconcat(name, ".conf", NULL);
	edit->draft = g_build_filename(edit->folder, file, NULL);
	return place_write(edit->draft, edit->before, edit->before_length, error);
}

static void as_usual(gpointer data)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
}

/* VISUAL and EDITOR are command lines of the shell, as git and sudoedit have it. */
static gboolean run_editor(const struct edit *edit, GError **error)
{
	const char *editor = g_getenv("VISUAL");
	if (!editor || !*editor)
		editor = g_getenv("EDITOR");
	g_autofree char *usual = NULL;
	if (!editor || !*editor) {
		static const char *const names[] = {"sensible-editor", "nano", "vi"};
		for (size_t i = 0; i < G_N_ELEMENTS(names) && !usual; i++)
			usual = g_find_program_in_path(names[i]);
		editor = usual;
	}
	if (!editor)
		return error_set(error, "there is no editor: set VISUAL or EDITOR, or write %s", edit->place.config);
	g_autofree char *script = g_strdup_printf("%s \"$1\"", editor);
	const char *const words[] = {"/bin/sh", "-c", script, "sh", edit->draft, NULL};
	g_autoptr(GError) cause = NULL;
	int status = 0;
	// Ctrl-C is the editor's.
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	gboolean started = g_spawn_sync(
		NULL, (char **)words, NULL, G_SPAWN_CHILD_INHERITS_STDIN, as_usual, NULL, NULL, NULL, &status, &cause);
	as_usual(NULL);
	if (!started)
		return error_set(error, "cannot start the editor: %s", cause->message);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		g_autofree char *shown = text_dup_sanitized(editor, 200);
		return error_set(error, "nothing was changed: the editor (%s) failed", shown);
	}
	return TRUE;
}

/* Until what is in the draft can be used, or the person gives up. */
static gboolean edit_draft(struct edit *edit, GError **error)
{
	for (;;) {
		g_autoptr(GError) wrong = NULL;
		if (!run_editor(edit, error))
			return FALSE;
		if (place_check(edit->place.name, edit->draft, &wrong))
			return TRUE;
		g_autofree char *shown = text_dup_sanitized(wrong->message, 1500);
		log_error("%s", shown);
		if (!cmd_ask("Edit it again? (No: leave the project as it was)"))
			return error_set(error, "nothing was changed");
	}
}

static gboolean take_over(struct edit *edit, gboolean *changed, GError **error)
{
	g_autofree char *after = NULL, *now = NULL;
	gsize after_length, now_length;
	g_autoptr(GError) cause = NULL;
	if (!g_file_get_contents(edit->draft, &after, &after_length, &cause))
		return error_set(error, "nothing was changed: %s", cause->message);
	*changed = after_length != edit->before_length || memcmp(after, edit->before, after_length) != 0;
	if (!*changed)
		return TRUE;
	edit->keep = TRUE;
	if (!g_file_get_contents(edit->place.config, &now, &now_length, NULL) || now_length != edit->before_length ||
		memcmp(now, edit->before, now_length) != 0)
		return error_set(error, "%s was changed meanwhile by somebody else: what you wrote is in %s",
			edit->place.config, edit->draft);
	if (!place_write(edit->place.config, after, after_length, error)) {
		g_prefix_error(error, "what you wrote is in %s: ", edit->draft);
		return FALSE;
	}
	edit->keep = FALSE;
	return TRUE;
}

static int run(int argc, char **argv, GError **error)
{
	g_auto(GStrv) words = cmd_words(NULL, argc, argv, 1, 1, error);
	if (!words)
		return 0;
	__attribute__((cleanup(finish))) struct edit edit = {0};
	gboolean changed = FALSE;
	if (!begin(&edit, words[0], error) || !edit_draft(&edit, error) || !take_over(&edit, &changed, error))
		return 0;
	if (!changed) {
		log_info("nothing was changed");
		return 0;
	}
	menu_entries_update(words[0]);
	if (running_now(words[0]))
		log_info("%s is running as it was: isolate restart %s", words[0], words[0]);
	return 0;
}

const struct cmd cmd_edit = {
	.name = "edit",
	.arguments = "NAME",
	.summary = "Change the configuration of a project in your editor",
	.details =
		"Opens a copy in $VISUAL or $EDITOR. The project's file is replaced, at once, when what you wrote can "
		"be used;\n"
		"else you are told what is wrong and can edit on. isolate.conf(5) lists the keys.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
