/* Configuration folders of a test's own. */
#pragma once

#include "project.h"

struct fixture {
	char *root;
	struct config_dirs *dirs; // home is /home/me; user, system and data are folders below root
};

void fixture_init(struct fixture *fixture);
void fixture_finish(struct fixture *fixture);

/* Writes text to a file below root: "user/projects/first.conf", for instance. */
void fixture_write(const struct fixture *fixture, const char *name, const char *text);

/* The project "first"; a test fails when it cannot be loaded, or in the second case when it can. */
struct project *fixture_load(const struct fixture *fixture);
char *fixture_error(const struct fixture *fixture); // with the fixture's root written as @

/* The values of a key, joined with spaces. */
char *fixture_values(const struct project *project, enum config_key key);
