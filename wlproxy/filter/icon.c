/* xdg_toplevel_icon_manager_v1 and xdg_toplevel_tag_manager_v1: how a window is told from others.
 *
 * - An icon may be named only as an application of the project is: any other name would show the icon of a program of the
 *   host. Such a name is left out, as a compositor does with one that its theme lacks. Icons made of pixels pass, as
 *   the contents of a window do.
 * - A tag is for the compositor's own rules, which may ask for nothing else: it becomes isolate.<project>.<tag>, so that a
 *   rule for a window of the host finds none of a container. It is for no person's eyes.
 * - The description is cleaned as titles are, and carries TitlePrefix. */
#include "client.h"
#include "identity.h"
#include "text.h"

#include "protocol-opcodes.h"

#include <stdio.h>

enum { TAG_MAX = 256, DESCRIPTION_MAX = 1024 };

static enum verdict handle_set_name(struct session *session, struct wire_message *message)
{
	return identity_find(client_policy(client_of(session)), wire_string(message, 0)) ? VERDICT_FORWARD
											 : VERDICT_DROP;
}

static enum verdict handle_set_tag(struct session *session, struct wire_message *message)
{
	char tag[TAG_MAX + 1];
	int head = snprintf(tag, sizeof tag, "isolate.%s.", client_policy(client_of(session))->project);
	text_strip(tag + head, sizeof tag - (size_t)head, wire_string(message, 1));
	wire_set_string(message, 1, tag);
	return VERDICT_FORWARD;
}

static enum verdict handle_set_description(struct session *session, struct wire_message *message)
{
	char text[DESCRIPTION_MAX + 1];
	identity_title(client_policy(client_of(session)), wire_string(message, 1), text, sizeof text);
	wire_set_string(message, 1, text);
	return VERDICT_FORWARD;
}

static const struct hook hooks[] = {
	{"xdg_toplevel_icon_v1",	 DIRECTION_REQUEST, XDG_TOPLEVEL_ICON_V1_REQUEST_SET_NAME,			   handle_set_name},
	{"xdg_toplevel_tag_manager_v1", DIRECTION_REQUEST, XDG_TOPLEVEL_TAG_MANAGER_V1_REQUEST_SET_TOPLEVEL_TAG,
		handle_set_tag														 },
	{"xdg_toplevel_tag_manager_v1", DIRECTION_REQUEST, XDG_TOPLEVEL_TAG_MANAGER_V1_REQUEST_SET_TOPLEVEL_DESCRIPTION,
		handle_set_description													 },
};

const struct family family_icon = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
