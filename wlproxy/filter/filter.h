/* The policy at work: an engine whose sessions are filtered. What each family of interfaces is allowed is said at the
 * head of its file; which interfaces there are, in globals.c. */
#pragma once

#include "ask.h"
#include "audit.h"
#include "policy.h"

struct engine;
struct filter;
struct wl_event_loop;

/* Makes the engine too. policy is referenced; a permissive one registers no handlers at all, for the life of the
 * filter. Audit records go to sink. NULL with errno. destroy ends the sessions; it accepts NULL. */
struct filter *filter_create(struct wl_event_loop *loop, struct policy *policy, audit_sink sink, void *sink_data);
void filter_destroy(struct filter *filter);

/* The tag of a session whose compositor keeps zxdg_output_manager_v1 from it: the filter makes one. Others have none. */
#define FILTER_TAG_LACKS_XDG_OUTPUT ((void *)1)

/* Where to engine_add_session(). */
struct engine *filter_engine(const struct filter *filter);

/* Replaces the policy, for new binds and new requests of live sessions too. */
void filter_set_policy(struct filter *filter, struct policy *policy);

/* Where questions go that "ask" raises; without it they are refusals. */
void filter_set_ask(struct filter *filter, ask_sink sink, void *data);
/* The answer to the question with this id. False when it is no longer open. */
bool filter_answer(struct filter *filter, uint32_t id, enum ask_answer answer);

/* Under private, makes the clipboard (or the primary selection) of the project the host's: once, not from then on. -1 with ENODATA (there is nothing), EHOSTUNREACH (no client through which the host can be told) or ENOMEM. */
int filter_push_selection(struct filter *filter, bool primary);

/* error: 0, ENODATA (nothing was sent), EFBIG (more than the policy allows), ETIMEDOUT (the host's program does not send),
 * ECANCELED (the filter ends). */
typedef void (*pull_sink)(int error, void *data);
/* The other way round: what the host has is copied, to which sink is called later, once. -1 with ENODATA, EBUSY (one is under
 * way) or ENOMEM, and the like; then it is not called. */
int filter_pull_selection(struct filter *filter, bool primary, pull_sink sink, void *data);

/* An activation token that the launcher hands to an application: its activate passes, once. */
void filter_add_activation_token(struct filter *filter, const char *token);
