/* Names and values that look like options, separators or escapes stay what they are, one word each. */
#include "plan-fixture.h"

#include <string.h>

static const char *const words[] = {
	"--bind", "-c", "a=b", "%", "%f x", "%%", "a;b", "'", "\"", "\\", "$(id)", "`id`", "a b", "*", "~", "--", "ü"};

/* Quoted for a keyfile and, within it, for a shell. */
static char *quoted(const char *word)
{
	g_autofree char *shell = g_shell_quote(word);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_key_file_set_string(file, "G", "K", shell);
	return g_key_file_get_value(file, "G", "K", NULL);
}

static void test_arguments(void)
{
	autohost struct host *host = host_debian();
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autofree char *word = quoted(words[i]);
		g_autofree char *text = g_strdup_printf("[App a]\nExec=program %s end\n", word);
		autoplan struct plan *plan = plan_of(text, host);
		char **exec = ((struct plan_app *)plan->apps->pdata[0])->exec;
		g_assert_cmpuint(g_strv_length(exec), ==, 3);
		g_assert_cmpstr(exec[1], ==, words[i]);
	}
}

static void test_environment(void)
{
	autohost struct host *host = host_debian();
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autoptr(GKeyFile) file = g_key_file_new();
		g_key_file_set_string(file, "Environment", "VALUE", words[i]);
		g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
		autoplan struct plan *plan = plan_of(text, host);
		g_autofree char *line = g_strconcat("VALUE=", words[i], NULL);
		g_assert_true(plan_has(plan->env, line));
	}
}

static void test_shares(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		autohost struct host *host = host_debian();
		g_autofree char *path = g_strconcat("/srv/", words[i], NULL);
		const char *paths[] = {path};
		host_add_dir(host, path);
		g_autoptr(GKeyFile) file = g_key_file_new();
		g_key_file_set_string_list(file, "Files", "Share", paths, 1);
		g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
		autoplan struct plan *plan = plan_of(text, host);
		const struct plan_op *op = plan_op_at(plan, path);
		g_assert_nonnull(op);
		g_assert_cmpstr(op->source, ==, path);
		g_autofree char *line = g_strconcat("files rw ", path, NULL);
		g_assert_true(plan_has(plan->permissions, line));
	}
}

/* Whoever the user is, passwd keeps its lines and fields. */
static void test_user(void)
{
	autohost struct host *host = host_debian();
	g_free(host->full_name);
	host->full_name = g_strdup("x:0:0\nroot2:x:0:0::/:/bin/sh");
	autoplan struct plan *plan = plan_of("", host);
	gsize size;
	const char *data = g_bytes_get_data(plan_op_at(plan, "/etc/passwd")->data, &size);
	g_autofree char *passwd = g_strndup(data, size);
	g_auto(GStrv) lines = g_strsplit(passwd, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 4);
	g_auto(GStrv) fields = g_strsplit(lines[1], ":", -1);
	g_assert_cmpuint(g_strv_length(fields), ==, 7);
}

/* Every line of the text has its own meaning: no value can add one. */
static void test_print_is_one_line_each(void)
{
	autohost struct host *host = host_debian();
	host_add_dir(host, "/srv/x");
	g_free(host_path(host, "/srv/x")->resolved);
	((struct host_path *)host_path(host, "/srv/x"))->resolved = g_strdup("/srv/evil\n  bind /etc\033[2J");
	autoplan struct plan *plan = plan_of("[Files]\nShare=/srv/x\n", host);
	g_autoptr(GString) text = g_string_new(NULL);
	plan_print(plan, text);
	g_assert_nonnull(strstr(text->str, "/srv/evil?  bind /etc?[2J"));
	g_assert_null(strchr(text->str, '\033'));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/hostile/arguments", test_arguments);
	g_test_add_func("/plan/hostile/environment", test_environment);
	g_test_add_func("/plan/hostile/shares", test_shares);
	g_test_add_func("/plan/hostile/user", test_user);
	g_test_add_func("/plan/hostile/print", test_print_is_one_line_each);
	return g_test_run();
}
