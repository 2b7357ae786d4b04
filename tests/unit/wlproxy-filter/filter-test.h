/* A filter between fake clients and fake compositors (tests/unit/wlproxy-engine/fixture.h).
 *
 *	struct filter_test t;
 *	filter_test_init(&t);
 *	t.policy->answers[POLICY_FULLSCREEN] = POLICY_DENY;
 *	filter_test_start(&t);
 *	struct ends *ends = filter_test_connect(&t);    // a client with its registry drained
 *	filter_test_bind(ends, "wl_seat", 5, 3);
 *	filter_test_finish(&t, 1);                      // one denial was recorded
 */
#pragma once

#include "audit.h"
#include "filter.h"
#include "fixture.h"

#include "protocol-enums.h"
#include "protocol-opcodes.h"

struct filter_test {
	struct fixture fixture;
	struct policy *policy; // to be changed before start
	audit_sink sink;       // the same; by default denials are counted
	struct filter *filter;
	unsigned denied;	  // delivered so far: the first at once, the others at finish
	struct audit_record last; // of those
	size_t fds_before;
};

void filter_test_init(struct filter_test *t);
void filter_test_start(struct filter_test *t);
/* denied: how many denials the whole test must have recorded. */
void filter_test_finish(struct filter_test *t, unsigned denied);

/* A client whose compositor has every global of the table below, announced to it and drained. Ids from 3 are free. */
struct ends *filter_test_connect(struct filter_test *t);

/* The same with a compositor that keeps zxdg_output_manager_v1 back. name: that of ours, NULL when there must be none. */
struct ends *filter_test_connect_without_xdg_output(struct filter_test *t, uint32_t *name);

/* Binds, and expects the bind at the compositor, under the same id on both sides. */
void filter_test_bind(struct ends *ends, const char *interface, uint32_t version, uint32_t id);

/* Replaces the policy: change is called on a copy of the defaults. */
void filter_test_set_policy(struct filter_test *t, void (*change)(struct policy *policy));

/* A memory file of this size. */
int filter_test_memfd(size_t size);

/* A pipe whose reading end does not block. */
void filter_test_pipe(int ends[2]);
/* Lets things happen, reads to the end and closes: this text is all there is. */
#define EXPECT_TEXT(t, fd, text) filter_test_expect_text(__FILE__, __LINE__, t, fd, text)
void filter_test_expect_text(const char *file, int line, struct filter_test *t, int fd, const char *text);
