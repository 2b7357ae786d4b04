/* What a client may be called: names that cannot be mistaken for those of the host or of another project. */
#pragma once

#include "policy.h"

#include <stddef.h>

enum {
	IDENTITY_APP_MAX = 64,			      // bytes that a client chooses
	IDENTITY_MAX = 8 + 32 + 1 + IDENTITY_APP_MAX, // isolate.<project>.<app>
};

/* Writes isolate.<project>.<app> (IDENTITY_MAX + 1 bytes). claimed is the client's app_id or window class, NULL or empty
 * when it gave none: the name of the application that has it as name, window class or native id; otherwise its own with
 * everything but [A-Za-z0-9._-] replaced. */
void identity_app_id(const struct policy *policy, const char *claimed, char *out);

/* The name of the project's application that has this id or window class, or NULL. */
const char *identity_find(const struct policy *policy, const char *id);

/* Writes the title with the policy's prefix, cleaned of what acts on a line of text, in at most size bytes with the NUL
 * and at most the policy's limit. */
void identity_title(const struct policy *policy, const char *claimed, char *out, size_t size);
