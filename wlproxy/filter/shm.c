/* wl_shm, wl_shm_pool, wl_buffer: memory that a client shares with the compositor.
 *
 * - The file of a pool is a regular one on tmpfs or hugetlbfs, which is what memfd_create() and shm_open() make. One on
 *   FUSE would stop the compositor in a page fault for as long as its server likes.
 * - Offset, size and stride of a buffer are inside its pool, computed without overflow.
 * - Charged are stride × height of every live buffer (MaxShmBytes), since programs open pools far larger than what they
 *   draw, and the address space of pools for as long as the compositor maps them, that is until the pool and its last
 *   buffer are destroyed (MaxPoolBytes). A client may use the limit, the whole project four times as much. */
#include "charge.h"
#include "client.h"

#include "protocol-enums.h"
#include "protocol-opcodes.h"

#include <fcntl.h>
#include <stdlib.h>

struct pool {
	struct client *client;
	uint32_t references; // the wl_shm_pool and its wl_buffers
	int32_t size;
};

static bool charge_pool(struct client *client, uint64_t bytes)
{
	return charge(&client->pool_bytes, &client->filter->pool_bytes, bytes,
		client_policy(client)->limits[POLICY_MAX_POOL_BYTES]);
}

static void release_pool(struct pool *pool)
{
	if (--pool->references > 0)
		return;
	uncharge(&pool->client->pool_bytes, &pool->client->filter->pool_bytes, (uint64_t)pool->size);
	free(pool);
}

static void handle_pool_destroyed(struct object *object)
{
	release_pool(object->data);
}

/* The data of a buffer is its pool, its amount what was charged. */
static void handle_buffer_destroyed(struct object *object)
{
	struct pool *pool = object->data;
	uncharge(&pool->client->shm_bytes, &pool->client->filter->shm_bytes, object->amount);
	release_pool(pool);
}

/* Seals exist for exactly the regular files of tmpfs and hugetlbfs: one system call says what fstat() and fstatfs() say
 * together, and for each pool that is what the proxy costs. */
static bool is_memory(int fd)
{
	return fcntl(fd, F_GET_SEALS) >= 0;
}

static enum verdict handle_create_pool(struct session *session, struct wire_message *message)
{
	enum { ID, FD, SIZE };
	struct client *client = client_of(session);
	int32_t size = wire_int(message, SIZE);
	if (size <= 0)
		return client_error(
			client, message, wire_target(message), WL_SHM_ERROR_INVALID_STRIDE, "a pool of %d bytes", size);
	if (!is_memory(wire_fd(message, FD)))
		return client_error(client, message, wire_target(message), WL_SHM_ERROR_INVALID_FD,
			"the file of a pool is not in memory (tmpfs)");
	if (!charge_pool(client, (uint64_t)size))
		return client_limit(client, message, POLICY_MAX_POOL_BYTES);
	struct pool *pool = malloc(sizeof *pool);
	if (!pool) {
		uncharge(&client->pool_bytes, &client->filter->pool_bytes, (uint64_t)size);
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	}
	*pool = (struct pool){.client = client, .references = 1, .size = size};
	struct object *object = wire_object(message, ID);
	object->data = pool;
	object->destroyed = handle_pool_destroyed;
	return VERDICT_FORWARD;
}

static enum verdict handle_resize(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	struct pool *pool = wire_target(message)->data;
	int32_t size = wire_int(message, 0);
	if (!pool)
		return VERDICT_FORWARD;
	if (size < pool->size)
		return client_error(
			client, message, wire_target(message), WL_SHM_ERROR_INVALID_FD, "a pool cannot shrink");
	if (!charge_pool(pool->client, (uint64_t)(size - pool->size)))
		return client_limit(client, message, POLICY_MAX_POOL_BYTES);
	pool->size = size;
	return VERDICT_FORWARD;
}

/* As libwayland's own check; the size of a pixel is the compositor's to check against the stride. */
static bool fits(const struct pool *pool, int32_t offset, int32_t width, int32_t height, int32_t stride)
{
	return offset >= 0 && width > 0 && height > 0 && stride >= width &&
	       (int64_t)stride * height <= (int64_t)pool->size - offset;
}

static enum verdict handle_create_buffer(struct session *session, struct wire_message *message)
{
	enum { ID, OFFSET, WIDTH, HEIGHT, STRIDE };
	struct client *client = client_of(session);
	struct pool *pool = wire_target(message)->data;
	int32_t height = wire_int(message, HEIGHT), stride = wire_int(message, STRIDE);
	if (!pool)
		return VERDICT_FORWARD;
	if (!fits(pool, wire_int(message, OFFSET), wire_int(message, WIDTH), height, stride))
		return client_error(client, message, wire_target(message), WL_SHM_ERROR_INVALID_STRIDE,
			"a buffer of %d lines of %d bytes at %d does not fit its pool of %d bytes", height, stride,
			wire_int(message, OFFSET), pool->size);
	uint32_t bytes = (uint32_t)stride * (uint32_t)height; // below the pool's size
	if (!charge(&client->shm_bytes, &client->filter->shm_bytes, bytes,
		    client_policy(client)->limits[POLICY_MAX_SHM_BYTES]))
		return client_limit(client, message, POLICY_MAX_SHM_BYTES);
	pool->references++;
	struct object *object = wire_object(message, ID);
	object->data = pool;
	object->amount = bytes;
	object->destroyed = handle_buffer_destroyed;
	return VERDICT_FORWARD;
}

static const struct hook hooks[] = {
	{"wl_shm",	   DIRECTION_REQUEST, WL_SHM_REQUEST_CREATE_POOL,	  handle_create_pool  },
	{"wl_shm_pool", DIRECTION_REQUEST, WL_SHM_POOL_REQUEST_CREATE_BUFFER, handle_create_buffer},
	{"wl_shm_pool", DIRECTION_REQUEST, WL_SHM_POOL_REQUEST_RESIZE,	       handle_resize	    },
};

const struct family family_shm = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
