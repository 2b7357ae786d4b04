/* The paths that the base and /etc are made of: host_gather() looks them up. Each list ends with NULL. */
#pragma once

extern const char *const base_roots[], *const base_trees[], *const base_pieces[];
extern const char *const base_visible[]; // what a container sees of the host without any permission

/* Files of /etc that are made for each container, and those that it shall not see. */
extern const char *const etc_made[], *const etc_secrets[];
