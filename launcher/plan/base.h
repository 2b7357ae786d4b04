/* The paths that the base and /etc are made of: host_gather() looks them up. Each list ends with NULL. */
#pragma once

#include "build.h"

extern const char *const base_roots[], *const base_trees[], *const base_pieces[];
extern const char *const base_visible[]; // what a container sees of the host without any permission
extern const char *const base_state[];	 // what of the host's /var a layer over its programs begins with

/* Files of /etc that are made for each container, and those that it shall not see. */
extern const char *const etc_made[], *const etc_secrets[];

/* tree.c: Base=dir:, image: and nix: */
gboolean build_tree(struct build *build, GError **error);
void build_profile(struct build *build);

/* Where this path of the container is in a base that is a folder of the host. */
char *base_path(const struct build *build, const char *path);
