#include "plan.h"

#include "text.h"

#include <string.h>

static void append_safe(GString *out, const char *text)
{
	g_autofree char *shown = text_dup_sanitized(text, 4096);
	g_string_append(out, shown ? shown : "?");
}

static void print_member(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, "  %-15s ", name);
	append_safe(out, value);
	g_string_append_c(out, '\n');
}

static void print_list(GString *out, const char *title, const GPtrArray *lines)
{
	g_string_append_printf(out, "\n%s\n", title);
	for (guint i = 0; i < lines->len; i++) {
		g_string_append(out, "  ");
		append_safe(out, lines->pdata[i]);
		g_string_append_c(out, '\n');
	}
}

static const char *op_word(const struct plan_op *op)
{
	switch (op->type) {
	case PLAN_OP_BIND:
		return op->flags & PLAN_READ_ONLY ? "bind-ro" : "bind";
	case PLAN_OP_TMPFS:
		return "tmpfs";
	case PLAN_OP_DIR:
		return "dir";
	case PLAN_OP_FILE:
		return "file";
	case PLAN_OP_SYMLINK:
		return "symlink";
	case PLAN_OP_PROC:
		return "proc";
	case PLAN_OP_DEV:
		return "dev";
	}
	g_assert_not_reached();
}

/* The content of a file in one line, since what it says matters more than how it is laid out. */
static void print_data(GString *out, const struct plan_op *op)
{
	gsize size;
	const char *data = g_bytes_get_data(op->data, &size);
	g_autofree char *text = g_strndup(data ? data : "", size);
	g_autofree char *escaped = g_strescape(text, NULL);
	if (op->type == PLAN_OP_FILE)
		g_string_append_printf(out, " \"%.200s%s\"", escaped, strlen(escaped) > 200 ? "…" : "");
	else if (op->type == PLAN_OP_SYMLINK)
		g_string_append_printf(out, " → %s", escaped);
	else
		g_string_append_printf(out, ", a private copy of %s", escaped);
}

static void print_flags(GString *out, const struct plan_op *op)
{
	static const struct {
		enum plan_op_flags flag;
		const char *word;
	} words[] = {
		{PLAN_OPTIONAL,	"optional"		  },
		{PLAN_OWN,	   "own"		},
		{PLAN_MOUNT_POINT, "mount point in home"},
		{PLAN_LAYERED,     "layered"		},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (op->flags & words[i].flag)
			g_string_append_printf(out, ", %s", words[i].word);
	if (op->mode)
		g_string_append_printf(out, ", mode %04o", op->mode);
}

static void print_op(GString *out, const struct plan_op *op)
{
	g_string_append_printf(out, "  %-8s ", op_word(op));
	append_safe(out, op->dest);
	if (op->source && strcmp(op->source, op->dest) != 0) {
		g_string_append(out, " ← ");
		append_safe(out, op->source);
	}
	if (op->data)
		print_data(out, op);
	print_flags(out, op);
	if (strcmp(op->reason, "default") != 0) {
		g_string_append(out, "  (");
		append_safe(out, op->reason);
		g_string_append_c(out, ')');
	}
	g_string_append_c(out, '\n');
}

static void print_apps(GString *out, const struct plan *plan)
{
	g_string_append(out, "\nApplications\n");
	for (guint i = 0; i < plan->apps->len; i++) {
		const struct plan_app *app = plan->apps->pdata[i];
		g_string_append_printf(out, "  %s:", app->name);
		for (char **word = app->exec; *word; word++) {
			g_autofree char *quoted = g_shell_quote(*word);
			g_string_append_c(out, ' ');
			append_safe(out, quoted);
		}
		g_string_append_c(out, '\n');
	}
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_policy(GString *out, const struct plan *plan)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	GVariantIter iter;
	const char *key;
	GVariant *value;
	g_variant_iter_init(&iter, plan->policy);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value)) {
		g_autofree char *text = g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)
						? g_variant_dup_string(value, NULL)
						: g_variant_print(value, FALSE);
		g_ptr_array_add(lines, g_strdup_printf("%s = %s", key, text));
	}
	g_ptr_array_sort(lines, compare_keys);
	print_list(out, "Display", lines);
}

static void print_joined(GString *out, const char *name, const GPtrArray *texts)
{
	g_autoptr(GString) line = g_string_new(NULL);
	for (guint i = 0; i < texts->len; i++)
		g_string_append_printf(line, "%s%s", i > 0 ? " " : "", (const char *)texts->pdata[i]);
	if (texts->len > 0)
		print_member(out, name, line->str);
}

static void print_network(GString *out, const struct plan *plan)
{
	print_member(out, "local network", plan->lan ? "yes" : "no");
	print_joined(out, "reachable", plan->allow);
	print_joined(out, "unreachable", plan->deny);
	print_joined(out, "forwarded ports", plan->forwards);
}

void plan_print(const struct plan *plan, GString *out)
{
	static const char *const gates[] = {"changed", "always", "never"};
	g_autofree char *linger =
		plan->linger_ms < 0 ? g_strdup("forever") : g_strdup_printf("%" G_GINT64_FORMAT " ms", plan->linger_ms);
	g_string_append_printf(out, "Project %s\n", plan->project);
	print_member(out, "title", plan->title);
	if (plan->color)
		print_member(out, "colour", plan->color);
	print_member(out, "engine", plan->engine);
	print_member(out, "hostname", plan->hostname);
	print_member(out, "home", plan->home);
	print_member(out, "shell", plan->shell);
	print_member(out, "starts in", plan->cwd);
	print_member(out, "linger", linger);
	print_member(out, "gate", gates[plan->gate]);
	print_member(out, "network", plan_network_name(plan->network));
	print_member(out, "debug", plan->debug ? "yes" : "no");
	print_member(out, "nested sandbox", plan->nested_sandbox ? "yes" : "no");
	if (plan->network == PLAN_NETWORK_INTERNET)
		print_network(out, plan);
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		if (plan->limits[i].by == PLAN_UNLIMITED)
			continue;
		g_autofree char *limit = plan_limit_text((enum plan_resource)i, &plan->limits[i]);
		print_member(out, plan_resource_name((enum plan_resource)i), limit);
	}
	if (plan->layer != PLAN_LAYER_NONE)
		print_member(out, "layer", plan->layer_keep ? plan->layer_keep : "until it ends");
	print_member(out, "sound",
		plan->playback && plan->record ? "playback, record"
		: plan->playback	       ? "playback"
		: plan->record		       ? "record"
					       : "none");
	print_list(out, "Permissions", plan->permissions);
	g_string_append(out, "\nFiles, in order\n");
	for (guint i = 0; i < plan->ops->len; i++)
		print_op(out, plan->ops->pdata[i]);
	print_list(out, "Environment", plan->env);
	print_list(out, "Taken from the caller", plan->pass);
	if (plan->wayland)
		print_policy(out, plan);
	if (plan->bus->len > 0)
		print_list(out, "Session bus", plan->bus);
	print_apps(out, plan);
}
