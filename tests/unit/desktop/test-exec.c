/* Hostile arguments arrive as they were, through GIO, which is what menus start entries with; files take their place. */
#include "exec.h"

#include <gio/gdesktopappinfo.h>
#include <string.h>
#include <sys/wait.h>

static char *folder, *output;

static void launched(GDesktopAppInfo *info, GPid pid, gpointer data)
{
	*(GPid *)data = pid;
}

/* Starts an entry with this Exec= and these URIs, and returns the arguments that arrived. */
static char **launch(const char *exec, GList *uris, gsize *n)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_key_file_set_string(file, "Desktop Entry", "Type", "Application");
	g_key_file_set_string(file, "Desktop Entry", "Name", "x");
	g_key_file_set_string(file, "Desktop Entry", "Exec", exec);
	// Through text, as it will be read.
	g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
	g_autoptr(GKeyFile) read = g_key_file_new();
	g_autoptr(GError) error = NULL;
	g_key_file_load_from_data(read, text, strlen(text), G_KEY_FILE_NONE, &error);
	g_assert_no_error(error);
	g_autoptr(GDesktopAppInfo) info = g_desktop_app_info_new_from_keyfile(read);
	g_assert_nonnull(info);
	GPid pid = 0;
	g_desktop_app_info_launch_uris_as_manager(
		info, uris, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, launched, &pid, &error);
	g_assert_no_error(error);
	int status = -1;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	g_autofree char *content = NULL;
	gsize length;
	g_assert_true(g_file_get_contents(output, &content, &length, NULL));
	GPtrArray *words = g_ptr_array_new();
	for (gsize at = 0; at < length; at += strlen(content + at) + 1)
		g_ptr_array_add(words, g_strdup(content + at));
	*n = words->len;
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

static const char *const hostile[] = {"", " ", "  two  spaces ", "%", "%%", "%f", "%U", "%i", "100%c", "\"", "'",
	"\"quoted\"", "it's", "\\", "\\\\", "a\\nb", "a\nb", "a\tb", "\n", ";", "a;b", "&& rm -rf ~", "| tee x",
	"$HOME", "$(id)", "`id`", "*", "?", "~", "#", "# x", "<", ">", "(", ")", "--bind", "--", "-", "--bind=/:/", "=",
	"a=b", "[Desktop Entry]", "\nExec=evil", "é ü 漢", "\\s", "\\\"", "\r", "!", "{a,b}", "^", "a\"b'c\\d`e$f%g"};

static void test_single(void)
{
	const char *program = g_getenv("ARGV_DUMP");
	for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
		const char *const argv[] = {program, output, "before", hostile[i], "after", NULL};
		g_autofree char *exec = desktop_exec(argv, NULL);
		gsize n;
		g_auto(GStrv) words = launch(exec, NULL, &n);
		g_assert_cmpuint(n, ==, 3);
		g_assert_cmpstr(words[0], ==, "before");
		g_assert_cmpstr(words[1], ==, hostile[i]);
		g_assert_cmpstr(words[2], ==, "after");
	}
}

static void test_all(void)
{
	const char *argv[G_N_ELEMENTS(hostile) + 3] = {g_getenv("ARGV_DUMP"), output};
	memcpy(argv + 2, hostile, sizeof hostile);
	g_autofree char *exec = desktop_exec(argv, NULL);
	gsize n;
	g_auto(GStrv) words = launch(exec, NULL, &n);
	g_assert_cmpuint(n, ==, G_N_ELEMENTS(hostile));
	for (gsize i = 0; i < n; i++)
		g_assert_cmpstr(words[i], ==, hostile[i]);
}

/* 0, 1 and n files or addresses, for each code. */
static void test_files(void)
{
	static const struct {
		const char *field;
		gsize given;
		const char *expected[4];
	} rows[] = {
		{NULL, 0, {"app"}						       },
		{"%f", 0, {"app"}						       },
		{"%f", 1, {"app", "/tmp/a b"}					     },
		{"%F", 0, {"app"}						       },
		{"%F", 1, {"app", "/tmp/a b"}					     },
		{"%F", 3, {"app", "/tmp/a b", "/tmp/%f", "/tmp/\"'$"}		     },
		{"%u", 1, {"app", "https://x/a%20b"}				    },
		{"%U", 0, {"app"}						       },
		{"%U", 3, {"app", "https://x/a%20b", "https://x/%25f", "https://x/\"'$"}},
	};
	static const char *const names[] = {"a%20b", "%25f", "\"'$"};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *const argv[] = {g_getenv("ARGV_DUMP"), output, "app", NULL};
		g_autofree char *exec = desktop_exec(argv, rows[i].field);
		gboolean address = rows[i].field && g_ascii_tolower(rows[i].field[1]) == 'u';
		GList *list = NULL;
		for (gsize j = rows[i].given; j > 0; j--)
			list = g_list_prepend(
				list, g_strconcat(address ? "https://x/" : "file:///tmp/", names[j - 1], NULL));
		gsize n;
		g_auto(GStrv) words = launch(exec, list, &n);
		g_list_free_full(list, g_free);
		g_assert_cmpuint(n, ==, 1 + rows[i].given);
		for (gsize j = 0; j < n; j++)
			g_assert_cmpstr(words[j], ==, rows[i].expected[j]);
	}
}

int main(int argc, char **argv)
{
	folder = g_dir_make_tmp("isolate-exec-XXXXXX", NULL);
	output = g_build_filename(folder, "arguments", NULL);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/exec/single", test_single);
	g_test_add_func("/exec/all", test_all);
	g_test_add_func("/exec/files", test_files);
	int status = g_test_run();
	const char *remove[] = {"rm", "-rf", folder, NULL};
	g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(output);
	g_free(folder);
	return status;
}
