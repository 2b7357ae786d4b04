/* What every adversarial case happens in: a compositor (the stub, which records what it sees, or a real one), the proxy
 * under test with the default policy or the case's, and two bystanders, one through the proxy and one not. */
#pragma once

#include "client.h"
#include "process.h"
#include "stub.h"
#include "window.h"
#include "witness.h"

/* A sanitizer's own memory hides what the proxy uses. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ARENA_SANITIZED true
#elif defined(__has_feature)
#define ARENA_SANITIZED (__has_feature(address_sanitizer) || __has_feature(memory_sanitizer))
#else
#define ARENA_SANITIZED false
#endif

struct arena {
	const char *directory;
	char listen[96], policy[96], log[96];
	char upstream[108];
	struct stub_record *record; // NULL: the compositor is a real one
	struct process stub, proxy;
	struct witness *through, *direct;
	int n_fds;	    // of the proxy while only the bystander is there
	uint32_t n_clients; // of the stub meanwhile
	const char *what;   // is being tried, for messages
};

/* upstream NULL: the stub. policy NULL: the defaults. */
void arena_open(struct arena *arena, const char *upstream, const char *policy);
void arena_close(struct arena *arena);

/* Ends the program with status 1, what was tried, the text, and the end of the proxy's log. */
_Noreturn void arena_fail(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define CHECK(arena, condition, ...)                                                                                   \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			arena_fail(arena, __VA_ARGS__);                                                                \
	} while (0)

/* The proxy, the compositor and both bystanders live; the compositor complained of nothing. */
void arena_check_alive(struct arena *arena);
/* And nothing is left of other clients: descriptors and connections are as many as at the start. */
void arena_check_calm(struct arena *arena);

/* A client with its registry. */
void arena_connect(struct arena *arena, struct client *client);
/* How many requests the stub has recorded; 0 with a real compositor. */
uint32_t arena_mark(const struct arena *arena);
/* The last request that the newest client made since the mark, NULL when there is none. */
const struct stub_entry *arena_seen(const struct arena *arena, uint32_t mark);

/* cases: each runs in an arena of its own */
void case_framing(struct arena *arena);
void case_opcodes(struct arena *arena);
void case_strings(struct arena *arena);
void case_objects(struct arena *arena);
void case_registry(struct arena *arena);
void case_fds(struct arena *arena);
void case_many_fds(struct arena *arena);
void case_pools(struct arena *arena);
void case_never_reads(struct arena *arena);
void case_bytewise(struct arena *arena);
void case_stopped(struct arena *arena);
void case_dead(struct arena *arena);
void case_evil(struct arena *arena);
void case_limits(struct arena *arena);
void case_memory(struct arena *arena);
void case_neighbours(struct arena *arena);
void case_cut(struct arena *arena);
void case_lifetimes(struct arena *arena);
void case_dmabuf(struct arena *arena);
