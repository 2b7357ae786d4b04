/* A policy from text: a keyfile, or the Policy message of docs/control-protocol.md. What is not known is an error that
 * names the nearest thing that is. */
#pragma once

#include "policy.h"

/* Groups Project (Name=), Display, Graphics, Bus (Portals=), App NAME (WindowClass=, NativeIds=). Display also takes
 * Profile=permissive. NULL with an error that begins with the path. */
struct policy *policy_from_file(const char *path, GError **error);

/* project and the a{sv} of the Policy message. */
struct policy *policy_from_variant(const char *project, GVariant *values, GError **error);
