#include "restart.h"

enum { RESTARTS_MAX = 5, RESTARTS_WITHIN_S = 10 };

gboolean restart_may(struct restarts *restarts)
{
	gint64 now = g_get_monotonic_time();
	if (now - restarts->since > RESTARTS_WITHIN_S * G_USEC_PER_SEC)
		*restarts = (struct restarts){.since = now};
	return ++restarts->count <= RESTARTS_MAX;
}
