/* Feedback of zwp_linux_dmabuf_v1 (offered with a GPU grant only) and descriptors of GPUs.
 *
 * - A device number in a feedback becomes the one of the render node of its GPU, which is what the container has; a
 *   client that looked for the primary node would not find it. Below Gpu=full, tranches for a GPU that is not granted
 *   are dropped; if that leaves none, the first of them is offered for the granted one, since a feedback without any
 *   leaves a client without formats.
 * - Below Gpu=full no event may carry an open DRM device (character device 226): whoever holds one of a primary node may
 *   set modes and read the screen. Such an event is dropped whole. */
#include "client.h"

#include "fd.h"
#include "protocol-opcodes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { DRM_MAJOR = 226, FORMATS_MAX = 3 * 1024 };

/* The data of a zwp_linux_dmabuf_feedback_v1. */
struct feedback {
	bool dropping; // since a target device that is not granted, until the tranche is done
	bool has_kept; // the tranche that was dropped first is below
	unsigned sent; // tranches
	uint32_t kept_flags;
	size_t kept_size;
	uint8_t *
		kept_formats; // indices, 16 bits each; NULL unless some are kept, since a client may make very many of these
};

static void forget_kept(struct feedback *feedback)
{
	free(feedback->kept_formats);
	feedback->kept_formats = NULL;
	feedback->kept_size = 0;
	feedback->has_kept = false;
}

static void handle_feedback_destroyed(struct object *object)
{
	forget_kept(object->data);
	free(object->data);
}

static enum verdict handle_get_feedback(struct session *session, struct wire_message *message)
{
	struct object *object = wire_object(message, 0);
	object->data = calloc(1, sizeof(struct feedback));
	if (!object->data)
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	object->destroyed = handle_feedback_destroyed;
	return VERDICT_FORWARD;
}

static const struct policy_gpu_node *find_node(const struct policy *policy, uint64_t device)
{
	for (size_t i = 0; i < policy->n_gpu_nodes; i++)
		if (policy->gpu_nodes[i].primary == device || policy->gpu_nodes[i].render == device)
			return &policy->gpu_nodes[i];
	return NULL;
}

/* NULL when the policy names no GPU, or everything is granted: then device numbers pass as they are. */
static const struct policy *rewriting_policy(struct session *session)
{
	const struct policy *policy = client_policy(client_of(session));
	return policy->n_gpu_nodes > 0 && policy->gpu != POLICY_GPU_FULL ? policy : NULL;
}

static bool read_device(const struct wire_message *message, uint64_t *device)
{
	size_t size;
	const void *data = wire_array(message, 0, &size);
	if (size != sizeof *device)
		return false;
	memcpy(device, data, size);
	return true;
}

static enum verdict handle_main_device(struct session *session, struct wire_message *message)
{
	const struct policy *policy = rewriting_policy(session);
	uint64_t device;
	if (!policy || !read_device(message, &device))
		return VERDICT_FORWARD;
	const struct policy_gpu_node *node = find_node(policy, device);
	wire_set_array(message, 0, node ? &node->render : &policy->gpu_nodes[0].render, sizeof device);
	return VERDICT_FORWARD;
}

static enum verdict handle_target_device(struct session *session, struct wire_message *message)
{
	struct feedback *feedback = wire_target(message)->data;
	const struct policy *policy = rewriting_policy(session);
	uint64_t device;
	if (!policy || !feedback || !read_device(message, &device))
		return VERDICT_FORWARD;
	const struct policy_gpu_node *node = find_node(policy, device);
	feedback->dropping = !node;
	if (!node)
		return VERDICT_DROP;
	wire_set_array(message, 0, &node->render, sizeof device);
	return VERDICT_FORWARD;
}

static enum verdict handle_flags(struct session *session, struct wire_message *message)
{
	struct feedback *feedback = wire_target(message)->data;
	if (!feedback || !feedback->dropping)
		return VERDICT_FORWARD;
	if (!feedback->has_kept)
		feedback->kept_flags = wire_uint(message, 0);
	return VERDICT_DROP;
}

static enum verdict handle_formats(struct session *session, struct wire_message *message)
{
	struct feedback *feedback = wire_target(message)->data;
	size_t size;
	const void *data = wire_array(message, 0, &size);
	if (!feedback || !feedback->dropping)
		return VERDICT_FORWARD;
	if (!feedback->has_kept && size > 0 && size <= FORMATS_MAX) {
		uint8_t *formats = realloc(feedback->kept_formats, size);
		if (formats) {
			memcpy(formats, data, size);
			feedback->kept_formats = formats;
			feedback->kept_size = size;
		}
	}
	return VERDICT_DROP;
}

static enum verdict handle_tranche_done(struct session *session, struct wire_message *message)
{
	struct feedback *feedback = wire_target(message)->data;
	if (!feedback)
		return VERDICT_FORWARD;
	if (!feedback->dropping) {
		feedback->sent++;
		return VERDICT_FORWARD;
	}
	feedback->dropping = false;
	feedback->has_kept = feedback->has_kept || feedback->kept_size > 0;
	return VERDICT_DROP;
}

static void send_kept(struct object *object, const struct feedback *feedback, uint64_t render)
{
	struct wl_array device = {.size = sizeof render, .data = &render};
	struct wl_array formats = {.size = feedback->kept_size, .data = feedback->kept_formats};
	object_event(object, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_TARGET_DEVICE, ARGS({.a = &device}));
	object_event(object, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_FLAGS, ARGS({.u = feedback->kept_flags}));
	object_event(object, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_FORMATS, ARGS({.a = &formats}));
	object_event(object, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_DONE, NO_ARGS);
}

static enum verdict handle_done(struct session *session, struct wire_message *message)
{
	struct feedback *feedback = wire_target(message)->data;
	const struct policy *policy = rewriting_policy(session);
	if (!feedback)
		return VERDICT_FORWARD;
	if (policy && feedback->sent == 0 && feedback->has_kept)
		send_kept(wire_target(message), feedback, policy->gpu_nodes[0].render);
	feedback->sent = 0;
	forget_kept(feedback);
	return VERDICT_FORWARD;
}

/* For every event whose descriptor the compositor opened itself, by its place among the arguments. */
static enum verdict check_fd(struct session *session, struct wire_message *message, unsigned i)
{
	struct client *client = client_of(session);
	struct stat st;
	if (client_policy(client)->gpu == POLICY_GPU_FULL)
		return VERDICT_FORWARD;
	// What cannot be looked at is taken for one.
	if (fd_stat(wire_fd(message, i), &st) == 0 && (!S_ISCHR(st.st_mode) || major(st.st_rdev) != DRM_MAJOR))
		return VERDICT_FORWARD;
	client_deny_value(client, message, "Gpu", "Gpu=full");
	return VERDICT_DROP;
}

static enum verdict handle_fd_first(struct session *session, struct wire_message *message)
{
	return check_fd(session, message, 0);
}

static enum verdict handle_fd_second(struct session *session, struct wire_message *message)
{
	return check_fd(session, message, 1);
}

#define FEEDBACK(opcode, handler)                                                                                      \
	{                                                                                                              \
		"zwp_linux_dmabuf_feedback_v1", DIRECTION_EVENT, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_##opcode, handler  \
	}
static const struct hook hooks[] = {
	{"zwp_linux_dmabuf_v1",		DIRECTION_REQUEST, ZWP_LINUX_DMABUF_V1_REQUEST_GET_DEFAULT_FEEDBACK,
		handle_get_feedback												  },
	{"zwp_linux_dmabuf_v1",		DIRECTION_REQUEST, ZWP_LINUX_DMABUF_V1_REQUEST_GET_SURFACE_FEEDBACK,
		handle_get_feedback												  },
	FEEDBACK(MAIN_DEVICE, handle_main_device),
	FEEDBACK(TRANCHE_TARGET_DEVICE, handle_target_device),
	FEEDBACK(TRANCHE_FLAGS, handle_flags),
	FEEDBACK(TRANCHE_FORMATS, handle_formats),
	FEEDBACK(TRANCHE_DONE, handle_tranche_done),
	FEEDBACK(DONE, handle_done),
	FEEDBACK(FORMAT_TABLE, handle_fd_first),
	{"wl_keyboard",			DIRECTION_EVENT,	 WL_KEYBOARD_EVENT_KEYMAP,			   handle_fd_second},
	{"wp_drm_lease_device_v1",	   DIRECTION_EVENT,   WP_DRM_LEASE_DEVICE_V1_EVENT_DRM_FD,		 handle_fd_first },
	{"wp_drm_lease_v1",		    DIRECTION_EVENT,   WP_DRM_LEASE_V1_EVENT_LEASE_FD,		     handle_fd_first },
	{"wp_image_description_info_v1", DIRECTION_EVENT,	  WP_IMAGE_DESCRIPTION_INFO_V1_EVENT_ICC_FILE,      handle_fd_first },
	{"zwp_linux_buffer_release_v1",	DIRECTION_EVENT,	 ZWP_LINUX_BUFFER_RELEASE_V1_EVENT_FENCED_RELEASE,
		handle_fd_first												      },
	{"zwlr_export_dmabuf_frame_v1",	DIRECTION_EVENT,	 ZWLR_EXPORT_DMABUF_FRAME_V1_EVENT_OBJECT,	   handle_fd_second},
};

const struct family family_gpu = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
