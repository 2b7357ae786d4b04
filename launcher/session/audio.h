/* isolate-audio between the container and the sound server. It is started when something inside connects, and a container that
 * makes no sound costs none. */
#pragma once

#include "session.h"

/* *audio is NULL where the plan asks for no sound. */
gboolean audio_start(struct session *session, struct audio **audio, GError **error);
void audio_free(struct audio *audio);
