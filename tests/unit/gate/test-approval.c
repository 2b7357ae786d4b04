/* What was approved is remembered exactly, nobody else can add to it, and only a narrower set passes. */
#include "approval.h"
#include "gate.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder; // XDG_STATE_HOME

static GPtrArray *lines(const char *first, ...)
{
	GPtrArray *array = g_ptr_array_new_with_free_func(g_free);
	va_list args;
	va_start(args, first);
	for (const char *line = first; line; line = va_arg(args, const char *))
		g_ptr_array_add(array, g_strdup(line));
	va_end(args);
	return array;
}

static char *path_of(const char *project)
{
	return g_build_filename(folder, "isolate", project, "approval", NULL);
}

static void assert_same(const GPtrArray *a, const GPtrArray *b)
{
	g_assert_cmpuint(a->len, ==, b->len);
	for (guint i = 0; i < a->len; i++)
		g_assert_cmpstr(a->pdata[i], ==, b->pdata[i]);
}

static void test_round_trip(void)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(gate_approved("fresh", &error));
	g_assert_no_error(error);
	g_autoptr(GPtrArray) set = lines("files ro /a b", "files rw /home/\xff\n'\"\\%", "wayland", NULL);
	g_assert_true(approval_store("fresh", set, &error));
	g_autofree char *path = path_of("fresh");
	struct stat st;
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 07777, ==, 0600);
	g_autoptr(GPtrArray) back = gate_approved("fresh", &error);
	g_assert_no_error(error);
	assert_same(set, back);
	g_assert_true(gate_forget("fresh", &error));
	g_assert_null(gate_approved("fresh", &error));
	g_assert_true(gate_forget("fresh", &error));
	g_assert_no_error(error);
}

static void test_canonical(void)
{
	g_autoptr(GPtrArray) set = lines("b", "a", "b", NULL), sorted = lines("a", "b", NULL);
	g_assert_true(approval_store("canonical", set, NULL));
	g_autoptr(GPtrArray) back = gate_approved("canonical", NULL);
	assert_same(sorted, back);
}

static void test_empty_set(void)
{
	g_autoptr(GPtrArray) set = lines(NULL);
	g_assert_true(approval_store("empty", set, NULL));
	g_autoptr(GPtrArray) back = gate_approved("empty", NULL);
	g_assert_nonnull(back);
	g_assert_cmpuint(back->len, ==, 0);
}

/* Writes content as the approval of project, with this mode, and expects it to approve nothing. */
static void assert_refused(const char *project, const char *content, mode_t mode, const char *word)
{
	g_autofree char *path = path_of(project), *parent = g_path_get_dirname(path);
	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, content, -1, NULL));
	g_assert_cmpint(chmod(path, mode), ==, 0);
	g_autoptr(GError) error = NULL;
	g_assert_null(gate_approved(project, &error));
	g_assert_nonnull(error);
	g_assert_null(strchr(error->message, '\n'));
	if (!strstr(error->message, word))
		g_error("\"%s\" does not say \"%s\"", error->message, word);
}

static void test_damaged(void)
{
	static const char good[] =
		"{'version': <uint32 1>, 'project': <'bad'>, 'time': <int64 1>, 'permissions': <%s>}";
	g_autofree char *fine = g_strdup_printf(good, "[b'x']"), *typed = g_strdup_printf(good, "['x']");
	assert_refused("bad", "", 0600, "cannot be used");
	assert_refused("bad", "files rw /\n", 0600, "cannot be used");
	assert_refused("bad", typed, 0600, "not of a form");
	assert_refused("bad", "{'version': <uint32 2>}", 0600, "not of a form");
	assert_refused("bad", fine, 0620, "only you can write");
	assert_refused("other", fine, 0600, "another project");
	g_autofree char *huge = g_strnfill(2 * 1024 * 1024, ' ');
	assert_refused("bad", huge, 0600, "too large");
}

/* Rights of the display that have degrees, and interfaces that are kept back. */
static void test_covers_display(void)
{
	static const struct {
		const char *approved, *permission;
		gboolean covered;
	} rows[] = {
		{"wayland clipboard allow",   "wayland clipboard guarded",	 TRUE },
		{"wayland clipboard allow",   "wayland clipboard ask",	     TRUE },
		{"wayland clipboard guarded", "wayland clipboard ask",	       TRUE },
		{"wayland clipboard guarded", "wayland clipboard allow",	 FALSE},
		{"wayland clipboard ask",	  "wayland clipboard guarded",     FALSE},
		{"wayland clipboard allow",   "wayland primary guarded",       FALSE},
		{"wayland clipboard allow",   "wayland clipboard ",		  FALSE},
		{"wayland clipboard allow",   "wayland clipboard allow too",   FALSE},
		{"wayland steal-focus allow", "wayland steal-focus ask",	 TRUE },
		{"wayland steal-focus ask",   "wayland steal-focus allow",	 FALSE},
		{"wayland steal-focus allow", "wayland inhibit-shortcuts ask", FALSE},
		{"wayland",		    "wayland without a",		 TRUE },
		{"wayland without a",	      "wayland",			 FALSE},
		{"wayland without a",	      "wayland without a b",	     TRUE },
		{"wayland without a b",	"wayland without b a",	       TRUE },
		{"wayland without a b",	"wayland without a",	     FALSE},
		{"wayland without a",	      "wayland without ab",	    FALSE},
		{"wayland clipboard guarded", "wayland without a",		   FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) set = lines(rows[i].approved, NULL);
		if (approval_covers(set, rows[i].permission) != rows[i].covered)
			g_error("\"%s\" and \"%s\"", rows[i].approved, rows[i].permission);
	}
}

/* A link or a pipe in the place of the file is neither followed nor waited for, and storing replaces it. */
static void test_not_a_file(void)
{
	g_autoptr(GPtrArray) set = lines("wayland", NULL);
	g_assert_true(approval_store("target", set, NULL));
	g_autofree char *target = path_of("target"), *path = path_of("link"), *parent = g_path_get_dirname(path);
	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_cmpint(symlink(target, path), ==, 0);
	g_autoptr(GError) error = NULL;
	g_assert_null(gate_approved("link", &error));
	g_assert_nonnull(error);
	g_clear_error(&error);

	g_autoptr(GPtrArray) more = lines("files rw /", "wayland", NULL);
	g_assert_true(approval_store("link", more, &error));
	g_assert_no_error(error);
	g_autoptr(GPtrArray) untouched = gate_approved("target", NULL);
	assert_same(set, untouched);

	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
	g_assert_null(gate_approved("link", &error));
	g_assert_nonnull(error);
}

static void test_names(void)
{
	static const char *const names[] = {"", ".", "..", "../fresh", "a/b", "A", "a\n"};
	g_autoptr(GPtrArray) set = lines("wayland", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(approval_store(names[i], set, &error));
		g_assert_nonnull(error);
		g_clear_error(&error);
		g_assert_null(gate_approved(names[i], &error));
		g_assert_nonnull(error);
		g_clear_error(&error);
		g_assert_false(gate_forget(names[i], &error));
		g_assert_nonnull(error);
	}
}

static void test_covers(void)
{
	g_autoptr(GPtrArray) set = lines("files ro /r", "files rw /w", "wayland", NULL);
	static const struct {
		const char *permission;
		gboolean covered;
	} rows[] = {
		{"wayland",	    TRUE },
		{"files ro /r",	TRUE },
		{"files rw /w",	TRUE },
		{"files ro /w",	TRUE }, // less than writing there
		{"files rw /r",	FALSE},
		{"files ro /w/below", FALSE},
		{"files ro /",	       FALSE},
		{"files ro ",	      FALSE},
		{"network host",	 FALSE},
		{"",		     FALSE},
		{"way",		FALSE},
		{"wayland ",	     FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (approval_covers(set, rows[i].permission) != rows[i].covered)
			g_error("\"%s\" should%s be covered", rows[i].permission, rows[i].covered ? "" : " not");
	g_autoptr(GPtrArray) asked = lines("files ro /w", "network host", "wayland", NULL);
	g_autoptr(GPtrArray) fresh = approval_new(set, asked), all = approval_new(NULL, asked);
	g_assert_cmpuint(fresh->len, ==, 1);
	g_assert_cmpstr(fresh->pdata[0], ==, "network host");
	g_assert_cmpuint(all->len, ==, 3);
}

int main(int argc, char **argv)
{
	folder = g_dir_make_tmp("isolate-approval-XXXXXX", NULL);
	g_assert_nonnull(folder);
	g_setenv("XDG_STATE_HOME", folder, TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/approval/round-trip", test_round_trip);
	g_test_add_func("/approval/canonical", test_canonical);
	g_test_add_func("/approval/empty-set", test_empty_set);
	g_test_add_func("/approval/damaged", test_damaged);
	g_test_add_func("/approval/not-a-file", test_not_a_file);
	g_test_add_func("/approval/names", test_names);
	g_test_add_func("/approval/covers", test_covers);
	g_test_add_func("/approval/covers-display", test_covers_display);
	int status = g_test_run();
	const char *remove[] = {"rm", "-rf", folder, NULL};
	g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(folder);
	return status;
}
