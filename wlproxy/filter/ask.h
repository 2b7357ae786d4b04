/* Questions to a person, under "ask". Nothing ever waits for an answer: what asked was refused at once, in a way that the
 * client can live with, and is done afresh when the answer is yes. A question holds no text of the client's but its
 * sanitised name. No answer in ASK_TIMEOUT_MS is no. */
#pragma once

#include "policy.h"

#include <sys/types.h>

struct client;
struct filter;

enum {
	ASK_TIMEOUT_MS = 30000,
	ASK_ONCE_MS = 30000,  // how long "once" is good for: a person repeats what was refused
	ASK_QUIET_MS = 60000, // after a no the same client does not get the same question asked again, nor does one
	// that connects meanwhile, which may be the same program once more
	ASK_PENDING_MAX = 8,
};

struct ask_question {
	uint32_t id;
	const char *key; // as in the configuration
	const char *app; // isolate.<project>.<app>
	pid_t pid;
};

enum ask_answer { ASK_NO, ASK_ONCE, ASK_ALWAYS };

/* Shows the question; false when there is nobody to show it to. */
typedef bool (*ask_sink)(const struct ask_question *question, void *data);

/* True when a person said yes, for this client within ASK_ONCE_MS, or always for the project. */
bool ask_is_granted(const struct client *client, enum policy_key key);

/* Asks, unless it has been asked or answered. granted is called on yes, if the client still lives; argument is the
 * latest of those who asked meanwhile. */
void ask_start(struct client *client, enum policy_key key, void (*granted)(struct client *client, uint32_t argument),
	uint32_t argument);

/* The client ends: its questions end with it. */
void ask_forget(struct client *client);
