/* Well-formed messages at random, from both sides, on every interface that a filter handles, under random policies: what
 * only the order of messages can break. Sanitizers and the checks of filter_test_finish() are the judges: nothing crashes,
 * nothing leaks, what was charged is given back. test-filter-monkey SEED ROUNDS repeats a run. */
#include "filter-test.h"

#include "client.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

enum { STEPS = 1500, MESSAGE_WORDS = 256 };

static uint32_t state;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return below ? state % below : 0;
}

static uint32_t any_number(void)
{
	static const uint32_t odd[] = {0, 1, 2, 4, 32, 100, 4096, 0x7fffffff, 0x80000000, 0xffffffff};
	return rnd(3) ? rnd(64) : odd[rnd(sizeof odd / sizeof *odd)];
}

static const char *any_string(void)
{
	static const char *const strings[] = {"", "text/plain", "text/html", "foot", "isolate-refused", "a\nb",
		"\xff\xfe", "isolate.first.x", "\xe2\x80\xae",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
	return strings[rnd(sizeof strings / sizeof *strings)];
}

static int any_fd(void)
{
	int ends[2];
	switch (rnd(3)) {
	case 0:
		return filter_test_memfd(rnd(2) * 65536);
	case 1:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	default:
		CHECK(pipe2(ends, O_CLOEXEC) == 0);
		close(ends[rnd(2)]);
		return fcntl(ends[0], F_GETFD) >= 0 ? ends[0] : ends[1];
	}
}

/* One end of one client: which ids it made. */
struct monkey {
	struct ends *ends;
	uint32_t session_serial;
	uint32_t next[2]; // by direction: of the client, of the compositor
};

static struct session *find_session(struct filter_test *t, const struct monkey *monkey)
{
	struct session *session = NULL;
	while ((session = engine_next_session(filter_engine(t->filter), session)))
		if (session_serial(session) == monkey->session_serial)
			return session;
	return NULL;
}

static uint32_t id_of(const struct object *object, enum direction from)
{
	return from == DIRECTION_REQUEST ? object->client_id : object->upstream_id;
}

/* A random live object that this side knows, of this interface (NULL: of any but the display and registries). */
static struct object *any_object(struct session *session, const struct interface *interface, enum direction from)
{
	struct object *object = NULL, *chosen = NULL;
	uint32_t seen = 0;
	while ((object = session_next_object(session, object))) {
		bool fits = interface ? object->interface == interface
				      : strcmp(object->interface->name, "wl_display") != 0 &&
						strcmp(object->interface->name, "wl_registry") != 0;
		if (fits && id_of(object, from) != 0 && rnd(++seen) == 0)
			chosen = object;
	}
	return chosen;
}

struct builder {
	uint32_t words[MESSAGE_WORDS];
	size_t n;
	int fds[4];
	size_t n_fds;
};

static void put_bytes(struct builder *b, const void *data, size_t size)
{
	b->words[b->n++] = (uint32_t)size;
	b->words[b->n + (size + 3) / 4] = 0;
	memcpy(&b->words[b->n], data, size);
	b->n += (size + 3) / 4;
}

/* False when there is nothing that could be put there. */
static bool put_arg(struct builder *b, const struct arg_desc *arg, struct monkey *monkey, struct session *session,
	enum direction from)
{
	char bytes[16];
	struct object *object = NULL;
	const char *string;
	switch (arg->type) {
	case 's':
		string = any_string();
		put_bytes(b, string, strlen(string) + 1);
		return true;
	case 'a':
		memset(bytes, (int)rnd(256), sizeof bytes);
		put_bytes(b, bytes, rnd(sizeof bytes + 1));
		return true;
	case 'h':
		b->fds[b->n_fds++] = any_fd();
		return true;
	case 'n':
		b->words[b->n++] = monkey->next[from]++;
		return arg->interface != NULL;
	case 'o':
		if (!arg->nullable || rnd(4) > 0)
			object = any_object(session, arg->interface, from);
		b->words[b->n++] = object ? id_of(object, from) : 0;
		return object || arg->nullable;
	default:
		b->words[b->n++] = any_number();
		return true;
	}
}

static void step(struct filter_test *t, struct monkey *monkey)
{
	struct session *session = find_session(t, monkey);
	enum direction from = rnd(2) ? DIRECTION_REQUEST : DIRECTION_EVENT;
	struct object *target = session ? any_object(session, NULL, from) : NULL;
	if (!target)
		return;
	const struct interface *interface = target->interface;
	uint16_t count = from == DIRECTION_REQUEST ? interface->n_requests : interface->n_events;
	if (count == 0)
		return;
	uint16_t opcode = (uint16_t)rnd(count);
	const struct message_desc *desc =
		from == DIRECTION_REQUEST ? &interface->requests[opcode] : &interface->events[opcode];
	struct builder b = {.words = {id_of(target, from)}, .n = 2};
	bool complete = desc->since <= target->version && (!(desc->flags & MESSAGE_DESTRUCTOR) || rnd(4) == 0);
	uint32_t before = monkey->next[from];
	for (unsigned i = 0; i < desc->n_args && complete; i++)
		complete = put_arg(&b, &desc->args[i], monkey, session, from);
	if (complete) {
		b.words[1] = (uint32_t)(b.n * 4) << 16 | opcode;
		peer_send_raw(from == DIRECTION_REQUEST ? &monkey->ends->client : &monkey->ends->host, b.words, b.n * 4,
			b.fds, b.n_fds);
	} else {
		monkey->next[from] = before;
	}
	for (size_t i = 0; i < b.n_fds; i++)
		close(b.fds[i]);
	fixture_run(&t->fixture);
	peer_drain(&monkey->ends->client);
	peer_drain(&monkey->ends->host);
}

static void connect(struct filter_test *t, struct monkey *monkey)
{
	static const char *const interfaces[] = {"wl_compositor", "wl_shm", "wl_seat", "wl_output", "xdg_wm_base",
		"wl_data_device_manager", "zwp_primary_selection_device_manager_v1", "xdg_activation_v1",
		"zwp_keyboard_shortcuts_inhibit_manager_v1", "zwp_pointer_constraints_v1",
		"zwp_idle_inhibit_manager_v1", "zxdg_output_manager_v1", "xdg_toplevel_icon_manager_v1",
		"xdg_toplevel_tag_manager_v1", "xdg_toplevel_drag_manager_v1", "zwp_linux_dmabuf_v1"};
	static const uint32_t versions[] = {4, 1, 5, 4, 4, 3, 1, 1, 1, 1, 1, 3, 1, 1, 1, 4};
	monkey->ends = filter_test_connect(t);
	monkey->session_serial = session_serial(monkey->ends->session);
	monkey->next[DIRECTION_REQUEST] = 3;
	monkey->next[DIRECTION_EVENT] = 0xff000000;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
		filter_test_bind(monkey->ends, interfaces[i], versions[i], monkey->next[DIRECTION_REQUEST]++);
}

static void random_policy(struct policy *policy)
{
	for (int i = 0; i < POLICY_ANSWERS; i++)
		policy->answers[i] = rnd(2) ? POLICY_ALLOW : POLICY_DENY;
	policy->answers[POLICY_INHIBIT_SHORTCUTS] = (enum policy_answer)rnd(POLICY_ASK + 1);
	policy->answers[POLICY_STEAL_FOCUS] = (enum policy_answer)rnd(POLICY_ASK + 1);
	policy->answers[POLICY_CLIPBOARD] = (enum policy_answer)rnd(POLICY_PRIVATE + 1);
	policy->answers[POLICY_PRIMARY] = (enum policy_answer)rnd(POLICY_PRIVATE + 1);
	policy->gpu = (enum policy_gpu)(1 + rnd(3));
	policy->title_prefix = rnd(2) ? g_strdup("[x] ") : NULL;
	policy->limits[POLICY_MAX_SHM_BYTES] = 1 << 20;
	if (rnd(2)) {
		policy->n_gpu_nodes = 1;
		policy->gpu_nodes = g_new0(struct policy_gpu_node, 1);
	}
}

static bool ignore(const struct audit_record *records, size_t count, void *data)
{
	return true;
}

static uint32_t last_question;

static bool note(const struct ask_question *question, void *data)
{
	last_question = question->id;
	return true;
}

static unsigned n_pulled; // of all runs

static void count_pull(int error, void *data)
{
	n_pulled += error == 0;
}

/* Whoever is asked for a selection may send something. */
static void scribble(int fd)
{
	static const char text[64];
	if (rnd(2) && write(fd, text, rnd(sizeof text)) < 0)
		return; // not a pipe to write to
}

static unsigned run(uint32_t seed)
{
	enum { MONKEYS = 3, LIVES = FIXTURE_ENDS_MAX };
	struct filter_test t;
	struct monkey monkeys[MONKEYS];
	unsigned lives = MONKEYS;
	state = seed * 2654435761u + 1;
	filter_test_init(&t);
	random_policy(t.policy);
	t.sink = ignore;
	filter_test_start(&t);
	t.fixture.seen_fd = scribble;
	filter_set_ask(t.filter, note, NULL);
	for (int i = 0; i < MONKEYS; i++)
		connect(&t, &monkeys[i]);
	for (int i = 0; i < STEPS; i++) {
		struct monkey *monkey = &monkeys[rnd(MONKEYS)];
		if (rnd(300) == 0)
			filter_test_set_policy(&t, random_policy);
		if (!find_session(&t, monkey) || rnd(200) == 0) {
			peer_close(rnd(2) ? &monkey->ends->client : &monkey->ends->host);
			fixture_run(&t.fixture);
			peer_close(&monkey->ends->client);
			peer_close(&monkey->ends->host);
			if (++lives > LIVES)
				break;
			connect(&t, monkey);
		}
		if (rnd(30) == 0)
			filter_push_selection(t.filter, rnd(2));
		if (rnd(8) == 0)
			filter_pull_selection(t.filter, rnd(2), count_pull, NULL);
		if (rnd(20) == 0)
			filter_answer(t.filter, last_question - rnd(4), (enum ask_answer)rnd(3));
		step(&t, monkey);
	}
	filter_test_finish(&t, 0);
	return lives;
}

int main(int argc, char **argv)
{
	uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 1;
	uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 20;
	for (uint32_t i = 0; i < rounds; i++) {
		if (argc > 1)
			printf("seed %u\n", seed + i), fflush(stdout);
		run(seed + i);
	}
	CHECK(argc > 1 || n_pulled > 0); // or this tries less than it says
	return 0;
}
