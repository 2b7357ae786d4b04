/* zwp_linux_dmabuf_v1: descriptors of GPU memory that a client leaves with the compositor.
 *
 * Unlike a wl_shm pool, which is mapped and closed, every plane stays open there: from zwp_linux_buffer_params_v1.add
 * until its buffer is destroyed. Nothing in the protocol bounds that, and a compositor without a free descriptor can
 * serve nobody. So they are counted (MaxDmabufs): a client may use the limit, the whole project four times as much. */
#include "charge.h"
#include "client.h"

#include "protocol-opcodes.h"

#include <stdlib.h>

/* The data of a zwp_linux_buffer_params_v1, and after it of the wl_buffer that is made of it. */
struct planes {
	struct client *client;
	uint32_t n;
};

static void handle_destroyed(struct object *object)
{
	struct planes *planes = object->data;
	if (!planes)
		return;
	uncharge(&planes->client->dmabufs, &planes->client->filter->dmabufs, planes->n);
	free(planes);
	object->data = NULL;
}

static enum verdict handle_create_params(struct session *session, struct wire_message *message)
{
	struct planes *planes = malloc(sizeof *planes);
	if (!planes)
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	*planes = (struct planes){.client = client_of(session)};
	struct object *object = wire_object(message, 0);
	object->data = planes;
	object->destroyed = handle_destroyed;
	return VERDICT_FORWARD;
}

static enum verdict handle_add(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	struct planes *planes = wire_target(message)->data;
	if (!planes) // a buffer was made of it: the compositor's to refuse
		return VERDICT_FORWARD;
	if (!charge(&client->dmabufs, &client->filter->dmabufs, 1, client_policy(client)->limits[POLICY_MAX_DMABUFS]))
		return client_limit(client, message, POLICY_MAX_DMABUFS);
	planes->n++;
	return VERDICT_FORWARD;
}

/* create_immed(), and the answer to create(): the planes are the buffer's from now on. */
static enum verdict handle_made(struct session *session, struct wire_message *message)
{
	struct object *params = wire_target(message), *buffer = wire_object(message, 0);
	buffer->data = params->data;
	buffer->destroyed = handle_destroyed;
	params->data = NULL;
	return VERDICT_FORWARD;
}

static enum verdict handle_failed(struct session *session, struct wire_message *message)
{
	handle_destroyed(wire_target(message));
	return VERDICT_FORWARD;
}

#define PARAMS(direction, opcode, handler)                                                                             \
	{                                                                                                              \
		"zwp_linux_buffer_params_v1", DIRECTION_##direction,                                                   \
			ZWP_LINUX_BUFFER_PARAMS_V1_##direction##_##opcode, handler                                     \
	}
static const struct hook hooks[] = {
	{"zwp_linux_dmabuf_v1", DIRECTION_REQUEST, ZWP_LINUX_DMABUF_V1_REQUEST_CREATE_PARAMS, handle_create_params},
	PARAMS(REQUEST, ADD, handle_add),
	PARAMS(REQUEST, CREATE_IMMED, handle_made),
	PARAMS(EVENT, CREATED, handle_made),
	PARAMS(EVENT, FAILED, handle_failed),
};

const struct family family_dmabuf = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
