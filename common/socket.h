/* Unix sockets with a path of any length: sun_path has room for 107 bytes, a test's or a user's folders may be deeper.
 * -1 and errno on failure. */
#pragma once

/* Connects. type is SOCK_STREAM or SOCK_SEQPACKET, with SOCK_NONBLOCK if wanted; SOCK_CLOEXEC is added. */
int socket_connect(const char *path, int type);

/* Binds and listens, mode 0600, in place of what is at path. type as above. */
int socket_listen(const char *path, int type);
