#include "ask.h"

#include "client.h"
#include "identity.h"

#include <stdlib.h>
#include <wayland-server-core.h>

struct ask {
	struct wl_list link; // filter::asks
	struct client *client;
	uint32_t id;
	enum policy_key key;
	void (*granted)(struct client *client, uint32_t argument);
	uint32_t argument;
	struct wl_event_source *timer;
};

bool ask_is_granted(const struct client *client, enum policy_key key)
{
	return client->filter->granted[key] || seat_now_ms() < client->granted_until[key];
}

static void end(struct ask *ask)
{
	wl_list_remove(&ask->link);
	wl_event_source_remove(ask->timer);
	free(ask);
}

static void answer(struct ask *ask, enum ask_answer answer)
{
	struct client *client = ask->client;
	enum policy_key key = ask->key;
	void (*granted)(struct client *, uint32_t) = ask->granted;
	uint32_t argument = ask->argument;
	end(ask);
	switch (answer) {
	case ASK_NO:
		client->quiet_until[key] = client->filter->quiet_until[key] = seat_now_ms() + ASK_QUIET_MS;
		return;
	case ASK_ONCE:
		client->granted_until[key] = seat_now_ms() + ASK_ONCE_MS;
		break;
	case ASK_ALWAYS:
		client->filter->granted[key] = true;
		break;
	}
	granted(client, argument);
}

static int handle_timeout(void *data)
{
	answer(data, ASK_NO);
	return 0;
}

static bool may_ask(const struct client *client, enum policy_key key)
{
	return client->filter->ask && seat_now_ms() >= client->quiet_until[key] &&
	       wl_list_length(&client->filter->asks) < ASK_PENDING_MAX;
}

static bool start(struct ask *ask, struct wl_event_loop *loop)
{
	const struct client *client = ask->client;
	char app_id[IDENTITY_MAX + 1];
	identity_app_id(client_policy(client), client->app, app_id);
	struct ask_question question = {
		.id = ask->id,
		.key = policy_key_name(ask->key),
		.app = app_id,
		.pid = session_client_pid(client->session),
	};
	ask->timer = wl_event_loop_add_timer(loop, handle_timeout, ask);
	if (!ask->timer)
		return false;
	if (wl_event_source_timer_update(ask->timer, ASK_TIMEOUT_MS) == 0 &&
		client->filter->ask(&question, client->filter->ask_data))
		return true;
	wl_event_source_remove(ask->timer);
	return false;
}

void ask_start(struct client *client, enum policy_key key, void (*granted)(struct client *client, uint32_t argument),
	uint32_t argument)
{
	struct filter *filter = client->filter;
	struct ask *ask;
	wl_list_for_each (ask, &filter->asks, link) {
		if (ask->client == client && ask->key == key) {
			ask->argument = argument;
			return;
		}
	}
	if (!may_ask(client, key))
		return;
	ask = calloc(1, sizeof *ask);
	if (!ask)
		return;
	*ask = (struct ask){
		.client = client, .id = ++filter->last_ask, .key = key, .granted = granted, .argument = argument};
	if (!start(ask, engine_loop(filter->engine))) {
		free(ask);
		return;
	}
	wl_list_insert(&filter->asks, &ask->link);
}

void ask_forget(struct client *client)
{
	struct ask *ask, *next;
	wl_list_for_each_safe (ask, next, &client->filter->asks, link)
		if (ask->client == client)
			end(ask);
}

void filter_set_ask(struct filter *filter, ask_sink sink, void *data)
{
	filter->ask = sink;
	filter->ask_data = data;
}

bool filter_answer(struct filter *filter, uint32_t id, enum ask_answer given)
{
	struct ask *ask;
	wl_list_for_each (ask, &filter->asks, link) {
		if (ask->id == id) {
			answer(ask, given);
			return true;
		}
	}
	return false;
}
