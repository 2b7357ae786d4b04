/* That programs look as they do outside: the fonts, icons, cursors and themes in the user's home, read-only. Those of the
 * system are in /usr. They lie beside the private home and not over it, where programs may install their own. */
#include "look.h"

#include "build.h"

const struct look_folder look_folders[] = {
	{".local/share/fonts",  "share/fonts" },
	{".local/share/icons",  "share/icons" },
	{".local/share/themes", "share/themes"},
	{".fonts",		   "dot/fonts"   },
	{".icons",		   "dot/icons"   },
	{".themes",		    "dot/themes"	},
	{NULL,		  NULL	   },
};

gboolean build_look(struct build *build)
{
	gboolean any = FALSE;
	for (const struct look_folder *folder = look_folders; folder->source; folder++) {
		g_autofree char *path = g_build_filename(build->host->home, folder->source, NULL);
		g_autofree char *dest = g_build_filename(PLAN_LOOK_DIR, folder->dest, NULL);
		struct config_item item = {.value = path, .origin = (char *)"default"};
		const struct host_path *found;
		// One that leads to what may not be shared is no reason not to start.
		if (!source_check(build, &item, FALSE, FALSE, &found, NULL) || !found || found->kind != HOST_DIR)
			continue;
		plan_op_bind(build->plan, found->resolved, dest, PLAN_READ_ONLY | PLAN_OPTIONAL, "default");
		any = TRUE;
	}
	return any;
}
