#include "plan.h"

#include "build.h"

#include <string.h>

static void op_free(void *data)
{
	struct plan_op *op = data;
	g_free(op->source);
	g_free(op->dest);
	g_clear_pointer(&op->data, g_bytes_unref);
	g_free(op->reason);
	g_free(op);
}

static void action_free(void *data)
{
	struct plan_action *action = data;
	g_free(action->id);
	g_strfreev(action->exec);
	g_free(action);
}

struct plan_app *plan_app_new(struct plan *plan)
{
	struct plan_app *app = g_new0(struct plan_app, 1);
	app->actions = g_ptr_array_new_with_free_func(action_free);
	g_ptr_array_add(plan->apps, app);
	return app;
}

void plan_action_add(struct plan_app *app, const char *id, const char *const *exec)
{
	struct plan_action *action = g_new0(struct plan_action, 1);
	action->id = g_strdup(id);
	action->exec = g_strdupv((char **)exec);
	g_ptr_array_add(app->actions, action);
}

static void app_free(void *data)
{
	struct plan_app *app = data;
	g_ptr_array_unref(app->actions);
	g_free(app->name);
	g_free(app->title);
	g_strfreev(app->exec);
	g_free(app->window_class);
	g_free(app->icon);
	g_free(app->files);
	g_free(app);
}

struct plan *plan_new(void)
{
	struct plan *plan = g_new0(struct plan, 1);
	plan->bus = g_ptr_array_new_with_free_func(g_free);
	plan->ops = g_ptr_array_new_with_free_func(op_free);
	plan->apps = g_ptr_array_new_with_free_func(app_free);
	plan->env = g_ptr_array_new_with_free_func(g_free);
	plan->pass = g_ptr_array_new_with_free_func(g_free);
	plan->forwards = g_ptr_array_new_with_free_func(g_free);
	plan->allow = g_ptr_array_new_with_free_func(g_free);
	plan->deny = g_ptr_array_new_with_free_func(g_free);
	plan->permissions = g_ptr_array_new_with_free_func(g_free);
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	g_free(plan->project);
	g_free(plan->title);
	g_free(plan->color);
	g_free(plan->engine);
	g_free(plan->hostname);
	g_free(plan->home);
	g_free(plan->shell);
	g_free(plan->cwd);
	g_free(plan->layer_keep);
	g_free(plan->layer_base);
	g_free(plan->image);
	g_free(plan->profile);
	g_free(plan->base_keep);
	g_free(plan->layer_place);
	g_clear_pointer(&plan->policy, g_variant_unref);
	g_ptr_array_unref(plan->bus);
	g_ptr_array_unref(plan->ops);
	g_ptr_array_unref(plan->env);
	g_ptr_array_unref(plan->pass);
	g_ptr_array_unref(plan->apps);
	g_ptr_array_unref(plan->forwards);
	g_ptr_array_unref(plan->allow);
	g_ptr_array_unref(plan->deny);
	g_ptr_array_unref(plan->permissions);
	g_free(plan);
}

struct plan_op *plan_op_add(
	struct plan *plan, enum plan_op_type type, const char *source, const char *dest, const char *reason)
{
	struct plan_op *op = g_new0(struct plan_op, 1);
	op->type = type;
	op->source = g_strdup(source);
	op->dest = g_strdup(dest);
	op->reason = g_strdup(reason);
	g_ptr_array_add(plan->ops, op);
	return op;
}

struct plan_op *plan_op_bind(struct plan *plan, const char *source, const char *dest, guint flags, const char *reason)
{
	struct plan_op *op = plan_op_add(plan, PLAN_OP_BIND, source, dest, reason);
	op->flags = flags;
	return op;
}

struct plan_op *plan_op_last(struct plan *plan)
{
	return plan->ops->pdata[plan->ops->len - 1];
}

void plan_op_symlink(struct plan *plan, const char *target, const char *dest)
{
	struct plan_op *op = plan_op_add(plan, PLAN_OP_SYMLINK, NULL, dest, "default");
	op->data = g_bytes_new(target, strlen(target));
}

struct plan_op *plan_op_file(struct plan *plan, const char *content, const char *dest, const char *reason)
{
	struct plan_op *op = plan_op_add(plan, PLAN_OP_FILE, NULL, dest, reason);
	op->flags = PLAN_READ_ONLY;
	op->data = g_bytes_new(content, strlen(content));
	return op;
}
