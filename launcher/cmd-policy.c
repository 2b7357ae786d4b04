/* What a running container may do on the display, and changing it. */
#include "cmd.h"

#include "error.h"
#include "gate.h"
#include "json.h"
#include "log.h"
#include "plan.h"
#include "project.h"
#include "running.h"
#include "session-client.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* The error of a project that does not run, or is none. */
static void not_running(const char *project, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (dirs && (project_exists(project, dirs) || project_unknown(project, dirs, error)))
		error_set(error, "%s is not running: isolate plan %s shows what its configuration says", project,
			project);
}

static GVariant *ask(const char *project, const char *request, GVariant *body, GError **error)
{
	g_autoptr(GVariant) held = body ? g_variant_ref_sink(body) : NULL;
	if (running_now(project))
		return session_ask(project, request, held, "Policy", error);
	not_running(project, error);
	return NULL;
}

/* As a file has it. */
static char *value_text(GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
		return g_strdup(g_variant_get_boolean(value) ? "yes" : "no");
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING_ARRAY)) {
		g_autofree const char **list = g_variant_get_strv(value, NULL);
		return g_strjoinv(";", (char **)list);
	}
	return g_variant_is_of_type(value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string(value, NULL) : g_strdup("?");
}

static void print_value(const char *key, GVariant *policy, const char *only)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(policy, key, NULL);
	g_autofree char *text = value ? value_text(value) : g_strdup("?");
	char *shown = text_dup_sanitized(text, 4096);
	if (only)
		puts(shown);
	else
		printf("%s=%s\n", key, shown);
	free(shown);
}

static void show(const char *project, const char *key, gboolean json, GError **error)
{
	if (key && plan_policy_key(key, error) == CONFIG_N_KEYS)
		return;
	g_autoptr(GVariant) body = ask(project, "Policy", NULL, error);
	g_autoptr(GVariant) policy = body ? g_variant_lookup_value(body, "policy", G_VARIANT_TYPE_VARDICT) : NULL;
	if (body && !policy)
		error_set(error, "the session of %s is of another version", project);
	if (!policy)
		return;
	if (json) {
		json_print(g_variant_ref(policy));
		return;
	}
	g_autofree const char **keys = plan_policy_keys();
	for (const char **each = keys; *each; each++)
		if (!key || strcmp(key, *each) == 0)
			print_value(*each, policy, key);
}

static GVariant *set_body(const char *key, const char *value, gboolean asked)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "key", "s", key);
	g_variant_dict_insert(&body, "value", "s", value);
	g_variant_dict_insert(&body, "asked", "b", asked);
	return g_variant_dict_end(&body);
}

static gboolean is_applied(GVariant *reply)
{
	gboolean applied = FALSE;
	g_variant_lookup(reply, "applied", "b", &applied);
	return applied;
}

/* The gate's question, about all that the container then may. */
static gboolean consent(const char *project, GVariant *reply, GError **error)
{
	const char *title = project;
	gboolean always = FALSE;
	g_auto(GStrv) lines = NULL;
	g_variant_lookup(reply, "title", "&s", &title);
	g_variant_lookup(reply, "always", "b", &always);
	if (!g_variant_lookup(reply, "permissions", "^aay", &lines))
		return error_set(error, "the session of %s is of another version", project);
	g_autoptr(GPtrArray) permissions = g_ptr_array_new();
	for (char **line = lines; *line; line++)
		g_ptr_array_add(permissions, *line);
	const struct plan plan = {
		.project = (char *)project,
		.title = (char *)title,
		.gate = always ? PLAN_GATE_ALWAYS : PLAN_GATE_CHANGED,
		.permissions = permissions,
	};
	return gate_check(&plan, GATE_RUNNING | (cmd_interactive() ? GATE_TERMINAL : 0), error);
}

static void change(const char *project, const char *key, const char *value, GError **error)
{
	if (!g_utf8_validate(value, -1, NULL)) {
		error_set(error, "%s: the value is not UTF-8", key);
		return;
	}
	g_autoptr(GVariant) reply = ask(project, "SetPolicy", set_body(key, value, FALSE), error);
	if (reply && !is_applied(reply)) {
		if (!consent(project, reply, error))
			return;
		g_clear_pointer(&reply, g_variant_unref);
		reply = ask(project, "SetPolicy", set_body(key, value, TRUE), error);
		if (reply && !is_applied(reply))
			error_set(error, "%s was not changed: what was approved is not there any more", project);
	}
	if (!reply || !is_applied(reply))
		return;
	const char *later = "";
	g_variant_lookup(reply, "later", "&s", &later);
	log_info("%s: until %s stops; to keep it, %s=%s below [Display] in its file.%s%s", key, project, key, value,
		*later ? " " : "", later);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 3, error);
	if (!words)
		return 0;
	if (words[1] && !g_utf8_validate(words[1], -1, NULL))
		error_set(error, "a key has letters only");
	else if (words[1] && words[2])
		change(words[0], words[1], words[2], error);
	else
		show(words[0], words[1], json, error);
	return 0;
}

const struct cmd cmd_policy = {
	.name = "policy",
	.arguments = "NAME [KEY [VALUE]] [--json]",
	.summary = "What a running container may do on the display; with VALUE, change it until it stops",
	.details = "A change reaches the applications that run. What gives them more than was approved asks you first. "
		   "Keys:\n"
		   "  Clipboard=guarded|private|ask|allow|deny\n"
		   "  Primary=guarded|private|ask|allow|deny\n"
		   "  DragAndDrop=allow|deny\n"
		   "  Fullscreen=allow|deny\n"
		   "  PointerLock=allow|deny\n"
		   "  InhibitIdle=allow|deny\n"
		   "  InhibitShortcuts=ask|allow|deny\n"
		   "  StealFocus=ask|allow|deny\n"
		   "  TextInput=yes|no\n"
		   "  AllowGlobals=INTERFACE;INTERFACE...\n"
		   "  DenyGlobals=INTERFACE;INTERFACE...\n"
		   "  TitlePrefix=TEXT\n"
		   "What they mean is said in isolate-policy(7). A list is replaced as a whole; \"\" empties it.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
