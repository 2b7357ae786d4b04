/* rename moves several folders, which no file system does at once. What it is about is written down first: when it is
 * interrupted, the same command finishes it. */
#include "cmd.h"

#include "approval.h"
#include "base-prepare.h"
#include "error.h"
#include "menu-entries.h"
#include "place.h"
#include "running.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

struct renaming {
	struct place from, to;
	char *note; // the file that says which renaming is under way
	gboolean resumed;
};

static void finish(struct renaming *renaming)
{
	place_finish(&renaming->from);
	place_finish(&renaming->to);
	g_free(renaming->note);
}

static gboolean look(struct renaming *renaming, GError **error)
{
	g_autofree char *name = g_strdup_printf(".renaming-%s", renaming->from.name);
	g_autofree char *folder = xdg_make_dir(XDG_STATE, error, NULL), *content = NULL;
	if (!folder)
		return FALSE;
	renaming->note = g_build_filename(folder, name, NULL);
	if (g_file_get_contents(renaming->note, &content, NULL, NULL)) {
		renaming->resumed = strcmp(g_strchomp(content), renaming->to.name) == 0;
		return renaming->resumed ||
		       error_set(error, "renaming %s to %s was interrupted: isolate rename %s %s finishes it",
			       renaming->from.name, content, renaming->from.name, content);
	}
	return place_needs_config(&renaming->from, "rename", error) && place_needs_free(&renaming->to, error);
}

/* Missing is moved already, or was never there. */
static gboolean move(const char *from, const char *to, GError **error)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 || errno == ENOENT)
		return TRUE;
	return error_set_errno(error, errno, "cannot move %s to %s", from, to);
}

/* It names the project it was given to. One that was moved and not yet rewritten approves nothing. */
static void move_approval(const struct renaming *renaming, struct approval *approval)
{
	g_autoptr(GError) cause = NULL;
	if (approval) {
		if (!approval_store(renaming->to.name, approval->permissions, &cause))
			g_printerr("isolate: the next start asks again: %s\n", cause->message);
		return;
	}
	// One that cannot be read is none.
	approval_free(approval_load(renaming->to.name, &cause));
	if (cause)
		approval_remove(renaming->to.name, NULL);
}

/* Home and approvals before the configuration: a project that is there has what belongs to it, or is known not to. */
static gboolean move_all(const struct renaming *renaming, GError **error)
{
	const struct place *from = &renaming->from, *to = &renaming->to;
	if (!place_write(renaming->note, to->name, strlen(to->name), error))
		return FALSE;
	autoapproval struct approval *approval = approval_load(from->name, NULL);
	if (!move(from->data, to->data, error) || !move(from->state, to->state, error)) {
		if (move(to->data, from->data, NULL))
			g_unlink(renaming->note);
		return FALSE;
	}
	move_approval(renaming, approval);
	if (!move(from->config, to->config, error))
		return FALSE;
	g_autoptr(GError) kept = NULL;
	if (!base_renamed(to->name, &kept))
		g_printerr("isolate: %s\n", kept->message);
	menu_entries_update(from->name);
	menu_entries_update(to->name);
	g_unlink(renaming->note);
	return TRUE;
}

static int run(int argc, char **argv, GError **error)
{
	g_auto(GStrv) words = cmd_words(NULL, argc, argv, 2, 2, error);
	if (!words || !cmd_check_project(words[1], error))
		return 0;
	__attribute__((cleanup(finish))) struct renaming renaming = {0};
	if (!place_init(&renaming.from, words[0], error) || !place_init(&renaming.to, words[1], error) ||
		!look(&renaming, error))
		return 0;
	int lock = running_prevent(words[0], error);
	int other = lock >= 0 ? running_prevent(words[1], error) : -1;
	if (other >= 0 && move_all(&renaming, error))
		g_print("%s\n", renaming.to.config);
	running_allow(words[1], other);
	running_allow(words[0], lock);
	return 0;
}

const struct cmd cmd_rename = {
	.name = "rename",
	.arguments = "NAME NEW",
	.summary = "Give a project another name: its home, approvals and menu entries go along",
	.details = "Refused while it runs. When it is interrupted, the same command finishes it.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
