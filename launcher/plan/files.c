#include "build.h"

#include <string.h>

/* One place in the container that comes from [Files]. */
struct place {
	enum plan_op_type type;
	const struct config_item *item; // that asked for it
	const char *dest;
	char *own_dest; // what dest points to, where it is not the item's
	const char *source;
	const char *git; // of a private copy: the git directory that it is one of; source is NULL
	gboolean writable, share;
};

static void place_free(void *data)
{
	struct place *place = data;
	g_free(place->own_dest);
	g_free(place);
}

static struct place *place_add(GPtrArray *places, enum plan_op_type type, const struct config_item *item)
{
	struct place *place = g_new0(struct place, 1);
	place->type = type;
	place->item = item;
	place->dest = item->dest;
	g_ptr_array_add(places, place);
	return place;
}

/* A folder comes before what is in it. */
static int compare(const void *a, const void *b)
{
	const struct place *const *x = a, *const *y = b;
	return strcmp((*x)->dest, (*y)->dest);
}

static gboolean add_share(
	struct build *build, GPtrArray *places, const struct config_item *item, gboolean writable, GError **error)
{
	const struct host_path *found;
	if (!source_check(build, item, writable, TRUE, &found, error) || !source_check_dest(build, item, error))
		return FALSE;
	for (guint i = 0; i < places->len; i++) {
		const struct place *other = places->pdata[i];
		if (strcmp(other->dest, item->dest) != 0)
			continue;
		if (strcmp(other->source, found->resolved) == 0 && other->writable == writable)
			return TRUE; // a trait asked for the same
		return item_wrong(item, error, "%s also has %s", other->item->origin, item->dest);
	}
	struct place *place = place_add(places, PLAN_OP_BIND, item);
	place->source = found->resolved;
	place->writable = writable;
	place->share = TRUE;
	return TRUE;
}

static gboolean add_shares(
	struct build *build, GPtrArray *places, enum config_key key, gboolean writable, GError **error)
{
	const GPtrArray *items = project_items(build->project, key);
	for (guint i = 0; i < items->len; i++)
		if (!add_share(build, places, items->pdata[i], writable, error))
			return FALSE;
	return TRUE;
}

/* The innermost share that dest is in, itself excepted. */
static const struct place *share_above(const GPtrArray *places, const char *dest)
{
	const struct place *above = NULL;
	for (guint i = 0; i < places->len; i++) {
		const struct place *place = places->pdata[i];
		if (place->share && strcmp(place->dest, dest) != 0 && path_within(dest, place->dest) &&
			(!above || strlen(place->dest) > strlen(above->dest)))
			above = place;
	}
	return above;
}

/* A share within a share must be the same file there: else a mount point would have to be made in the host's folder. */
static gboolean check_nesting(const GPtrArray *places, GError **error)
{
	for (guint i = 0; i < places->len; i++) {
		const struct place *place = places->pdata[i];
		const struct place *above = share_above(places, place->dest);
		if (!above)
			continue;
		g_autofree char *same = g_strconcat(above->source, place->dest + strlen(above->dest), NULL);
		if (strcmp(same, place->source) != 0)
			return item_wrong(place->item, error,
				"%s is in what %s shares, where it would need a mount point: give another place, "
				"PATH:DEST",
				place->dest, above->item->origin);
	}
	return TRUE;
}

/* What Hide= covers has nothing in it, not even something else that is to be seen. */
static const struct place *in_hidden(const GPtrArray *places, const char *dest)
{
	for (guint i = 0; i < places->len; i++) {
		const struct place *place = places->pdata[i];
		if (place->type != PLAN_OP_BIND && path_within(dest, place->dest))
			return place;
	}
	return NULL;
}

static gboolean check_hidden(const GPtrArray *places, GError **error)
{
	for (guint i = 0; i < places->len; i++) {
		const struct place *place = places->pdata[i];
		const struct place *hidden = place->share ? in_hidden(places, place->dest) : NULL;
		if (hidden)
			return item_wrong(place->item, error, "%s hides it", hidden->item->origin);
	}
	return TRUE;
}

/* Hides part of what is shared: everything else of the host is not there anyway. */
static gboolean add_hidden(struct build *build, GPtrArray *places, const struct config_item *item, GError **error)
{
	const struct host_path *found = host_path(build->host, item->value);
	const struct place *above = share_above(places, item->dest);
	if (!above)
		return item_wrong(item, error, "nothing is to be hidden: no share shows it");
	if (!found || found->kind == HOST_MISSING || found->kind == HOST_OTHER)
		return item_wrong(item, error, "there is no such file or folder on the host");
	g_autofree char *same = g_strconcat(above->source, item->dest + strlen(above->dest), NULL);
	if (strcmp(same, found->resolved) != 0)
		return item_wrong(item, error, "a link leads to it: hide %s", found->resolved);
	place_add(places, found->kind == HOST_DIR ? PLAN_OP_TMPFS : PLAN_OP_FILE, item);
	return TRUE;
}

static gboolean has_dest(const GPtrArray *places, const char *dest)
{
	for (guint i = 0; i < places->len; i++)
		if (strcmp(((const struct place *)places->pdata[i])->dest, dest) == 0)
			return TRUE;
	return FALSE;
}

/* A mount cannot be renamed away, nor can a folder above it that is a mount itself. So every folder from the share's root
 * down to a place in it is bound onto itself: else `mv src old; mkdir src` would leave the host another .git in src, and
 * at the next start another folder would be the one that is hidden or read-only. */
static void pin_parents(GPtrArray *places, const struct place *share, const char *inner)
{
	size_t root = strlen(share->dest);
	for (const char *slash = strchr(inner + root + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *dest = g_strndup(inner, (size_t)(slash - inner));
		if (has_dest(places, dest))
			continue;
		struct place *place = place_add(places, PLAN_OP_BIND, share->item);
		place->writable = TRUE;
		place->dest = place->own_dest = g_steal_pointer(&dest);
	}
}

static void pin_all(GPtrArray *places)
{
	for (guint i = 0, n = places->len; i < n; i++) {
		const struct place *place = places->pdata[i];
		const struct place *above = share_above(places, place->dest);
		if (above && above->writable)
			pin_parents(places, above, place->dest);
	}
}

enum git_mode { GIT_READ_ONLY, GIT_GUARD, GIT_HIDDEN, GIT_FULL }; // as the row has them

static enum git_mode git_mode(const struct build *build)
{
	return (enum git_mode)project_choice(build->project, CONFIG_GIT);
}

static void protect_git(struct build *build, GPtrArray *places, const struct place *share, const struct host_git *git)
{
	gboolean hidden = git_mode(build) == GIT_HIDDEN;
	enum plan_op_type type = !hidden ? PLAN_OP_BIND : git->kind == HOST_DIR ? PLAN_OP_TMPFS : PLAN_OP_FILE;
	g_autofree char *dest = g_strconcat(share->dest, git->path + strlen(share->source), NULL);
	if (has_dest(places, dest))
		return;
	pin_parents(places, share, dest);
	struct place *place = place_add(places, type, share->item);
	place->dest = place->own_dest = g_steal_pointer(&dest);
	// A .git that is a file leads to a git directory elsewhere, which is protected where it is.
	if (git_mode(build) == GIT_GUARD && git->kind == HOST_DIR) {
		place->git = git->path;
		place->writable = TRUE;
	}
}

static gboolean add_git(struct build *build, GPtrArray *places, GError **error)
{
	const GPtrArray *found = build->host->git;
	guint n = places->len;
	if (git_mode(build) == GIT_FULL)
		return TRUE;
	for (guint i = 0; i < found->len; i++) {
		const struct host_git *git = found->pdata[i];
		for (guint j = 0; j < n; j++) {
			const struct place *share = places->pdata[j];
			if (!share->share || !share->writable || !path_within(git->path, share->source))
				continue;
			g_autofree char *dest = g_strconcat(share->dest, git->path + strlen(share->source), NULL);
			const struct place *above = share_above(places, dest);
			if (above != share || in_hidden(places, dest))
				continue; // a share further in shows it, writable or not, or nothing does
			if (git->kind == HOST_OTHER)
				return item_wrong(share->item, error,
					"%s is a link, which cannot be protected: make it a file or folder, or set "
					"[Files] Git=full",
					git->path);
			protect_git(build, places, share, git);
		}
	}
	return TRUE;
}

/* Where a path of the host can be changed in the container, and what is protected in it is not that. */
static const struct place *writable_at(const struct build *build, const GPtrArray *places, const char *path)
{
	const struct place *in = NULL;
	for (guint i = 0; i < places->len; i++) {
		const struct place *place = places->pdata[i];
		if (place->share && path_within(path, place->source) &&
			(!in || strlen(place->source) > strlen(in->source)))
			in = place;
	}
	for (guint i = 0; i < build->host->git->len; i++)
		if (path_within(path, ((const struct host_git *)build->host->git->pdata[i])->path))
			return NULL;
	if (!in || !in->writable)
		return NULL;
	g_autofree char *dest = g_strconcat(in->dest, path + strlen(in->source), NULL);
	return in_hidden(places, dest) ? NULL : in;
}

/* git on the host obeys these: a container that can change what they name would decide what it runs. */
static gboolean check_git_programs(const struct build *build, const GPtrArray *places, GError **error)
{
	const GPtrArray *programs = build->host->git_programs;
	for (guint i = 0; git_mode(build) != GIT_FULL && i < programs->len; i++) {
		const struct host_git_program *program = programs->pdata[i];
		const struct place *place = writable_at(build, places, program->path);
		if (place)
			return item_wrong(place->item, error,
				"%s of the git settings for %s leads to %s, which the container could change and your "
				"git "
				"would then run: take it out, set [Files] ReadOnly=%s, or Git=full",
				program->setting, program->git, program->path, program->path);
	}
	return TRUE;
}

static guint bind_flags(const struct build *build, const GPtrArray *places, const struct place *place)
{
	gboolean private_home = project_choice(build->project, CONFIG_HOME_MODE) == 0;
	guint flags = place->writable ? 0 : PLAN_READ_ONLY;
	if (!share_above(places, place->dest) && private_home && path_within(place->dest, build->plan->home))
		flags |= PLAN_MOUNT_POINT;
	return flags;
}

/* The name of a copy is that of what it is a copy of, wherever that is shared. */
static void emit_guard(struct build *build, const struct place *place)
{
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, place->git, -1);
	hash[16] = '\0';
	g_autofree char *copy = g_build_filename(build->host->data, build->plan->project, "git", hash, NULL);
	g_autofree char *original = g_build_filename(PLAN_GIT_DIR, hash, NULL);
	plan_op_bind(build->plan, place->git, original, PLAN_READ_ONLY, place->item->origin);
	struct plan_op *op = plan_op_bind(build->plan, copy, place->dest, PLAN_GIT_GUARD, place->item->origin);
	op->data = g_bytes_new(place->git, strlen(place->git));
}

static void emit(struct build *build, const GPtrArray *places, const struct place *place)
{
	if (place->git) {
		emit_guard(build, place);
		return;
	}
	struct plan *plan = build->plan;
	const char *reason = place->item->origin;
	const struct place *above = share_above(places, place->dest);
	g_autofree char *below = above ? g_strconcat(above->source, place->dest + strlen(above->dest), NULL) : NULL;
	if (place->type == PLAN_OP_BIND)
		plan_op_bind(plan, place->source ? place->source : below, place->dest, bind_flags(build, places, place),
			reason);
	else if (place->type == PLAN_OP_TMPFS)
		plan_op_add(plan, PLAN_OP_TMPFS, NULL, place->dest, reason)->flags = PLAN_READ_ONLY;
	else
		plan_op_file(plan, "", place->dest, reason);
}

gboolean build_files(struct build *build, GError **error)
{
	g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(place_free);
	const GPtrArray *hidden = project_items(build->project, CONFIG_HIDE);
	if (!add_shares(build, places, CONFIG_SHARE, TRUE, error) ||
		!add_shares(build, places, CONFIG_READ_ONLY, FALSE, error) || !check_nesting(places, error))
		return FALSE;
	for (guint i = 0; i < hidden->len; i++)
		if (!add_hidden(build, places, hidden->pdata[i], error))
			return FALSE;
	if (!check_hidden(places, error) || !add_git(build, places, error))
		return FALSE;
	if (!check_git_programs(build, places, error))
		return FALSE;
	pin_all(places);
	g_ptr_array_sort(places, compare);
	for (guint i = 0; i < places->len; i++)
		emit(build, places, places->pdata[i]);
	return TRUE;
}
