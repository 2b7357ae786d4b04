/* The engine alone: it knows no policy. */
#include "harness.h"
#include "judge.h"

#include "session.h"

static unsigned fatal_violations;

static void on_violation(struct session *session, const struct violation *violation)
{
	fatal_violations += violation->fatal;
}

struct engine *judge_start(struct wl_event_loop *loop)
{
	const struct engine_callbacks callbacks = {.violation = on_violation};
	return engine_create(loop, &callbacks, NULL);
}

void judge_choose(uint8_t choice)
{
	fatal_violations = 0;
}

void judge_act(uint8_t choice)
{
}

unsigned judge_fatal_violations(void)
{
	return fatal_violations;
}

bool judge_hides(const char *interface)
{
	return false;
}

void judge_request(const char *interface, const struct wl_message *message, const union wl_argument *args)
{
}

void judge_event(const char *interface, const struct wl_message *message, const union wl_argument *args)
{
}
