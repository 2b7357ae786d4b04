/* Sound goes through isolate-audio, which speaks the protocol of PulseAudio and lets through what the plan says: no server
 * that is about today keeps a client from recording by itself. */
#include "build.h"

void build_audio(struct build *build)
{
	struct plan *plan = build->plan;
	if (!plan->playback && !plan->record)
		return;
	const char *reason = project_origin(build->project, plan->playback ? CONFIG_PLAYBACK : CONFIG_RECORD);
	// Where programs look that do not read PULSE_SERVER.
	g_autofree char *folder = g_build_filename(build->runtime_dir, "pulse", NULL);
	g_autofree char *name = g_build_filename(folder, "native", NULL);
	plan_op_add(plan, PLAN_OP_DIR, NULL, folder, reason)->mode = 0700;
	plan_op_symlink(plan, "../isolate/" PLAN_PULSE_NAME, name);
}
