/* What a project may do on its display: pure data. It is parsed by control/ (policy-parse.h), handed to the filters as
 * const and replaced as a whole: a session that needs a value for its lifetime (a clipboard mode) copies that value. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Not every key takes every answer; which do is said in control/policy-parse.c's table. */
enum policy_answer {
	POLICY_DENY,
	POLICY_ALLOW,
	POLICY_ASK,
	POLICY_GUARDED,
	POLICY_PRIVATE,
};

enum policy_gpu { POLICY_GPU_NONE, POLICY_GPU_RENDER, POLICY_GPU_COMPUTE, POLICY_GPU_FULL };

/* The keys that decide, in the words of the configuration: a denial names one of them. */
enum policy_key {
	POLICY_CLIPBOARD,
	POLICY_PRIMARY,
	POLICY_DRAG_AND_DROP,
	POLICY_FULLSCREEN,
	POLICY_POINTER_LOCK,
	POLICY_INHIBIT_IDLE,
	POLICY_INHIBIT_SHORTCUTS,
	POLICY_STEAL_FOCUS,
	POLICY_ANSWERS, // the number of keys that have an enum policy_answer
};

/* Ceilings for what clients may hold. MAX_CLIENTS and MAX_OBJECTS are the engine's to enforce, the others the filter's. */
enum policy_limit {
	POLICY_MAX_CLIENTS,    // connections of the project
	POLICY_MAX_OBJECTS,    // protocol objects of one client
	POLICY_MAX_SURFACES,   // wl_surface of one client
	POLICY_MAX_SHM_BYTES,  // stride × height of live buffers: of one client, and four times that of the project
	POLICY_MAX_POOL_BYTES, // address space of wl_shm pools: the same
	POLICY_MAX_DMABUFS,    // descriptors of GPU memory, one a plane: the same
	POLICY_MAX_TITLE,      // bytes of a title
	POLICY_MAX_CLIPBOARD,  // bytes of one transfer
	POLICY_LIMITS,
};

/* One application of the project: the name that follows isolate.<project>. and what it may call itself. */
struct policy_app {
	char *name;
	char *window_class; // or NULL
	char **native_ids;  // or NULL
};

/* A GPU that is granted: dev_t of its nodes. */
struct policy_gpu_node {
	uint64_t primary, render;
};

struct policy {
	int references;
	char *project;
	bool permissive; // every global that has a table is offered and nothing is rewritten: for measuring
	enum policy_answer answers[POLICY_ANSWERS];
	uint64_t limits[POLICY_LIMITS];
	bool text_input;
	bool portals;
	enum policy_gpu gpu;
	struct policy_gpu_node *gpu_nodes;
	size_t n_gpu_nodes;
	char *title_prefix;		      // or NULL
	char **allow_globals, **deny_globals; // or NULL
	struct policy_app *apps;
	size_t n_apps;
};

/* The defaults, for this project ("": "default"). */
struct policy *policy_new(const char *project);
struct policy *policy_ref(struct policy *policy);
void policy_unref(struct policy *policy);

/* The key as it is written in [Display]. */
const char *policy_key_name(enum policy_key key);
const char *policy_limit_name(enum policy_limit limit);
