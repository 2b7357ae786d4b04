#include "args.h"

#include "error.h"
#include "fd.h"

#include <errno.h>

void args_init(struct args *args)
{
	args->words = g_ptr_array_new_with_free_func(g_free);
	args->fds = g_array_new(FALSE, FALSE, sizeof(int));
}

void args_clear(struct args *args)
{
	for (guint i = 0; args->fds && i < args->fds->len; i++)
		fd_closep(&g_array_index(args->fds, int, i));
	g_clear_pointer(&args->fds, g_array_unref);
	g_clear_pointer(&args->words, g_ptr_array_unref);
}

void args_add(struct args *args, const char *word)
{
	g_ptr_array_add(args->words, g_strdup(word));
}

void args_add_all(struct args *args, ...)
{
	va_list words;
	va_start(words, args);
	const char *word;
	while ((word = va_arg(words, const char *)))
		args_add(args, word);
	va_end(words);
}

void args_own_fd(struct args *args, int fd)
{
	g_array_append_val(args->fds, fd);
}

void args_add_fd(struct args *args, int fd)
{
	args_own_fd(args, fd);
	g_ptr_array_add(args->words, g_strdup_printf("%d", fd));
}

void args_add_fd_option(struct args *args, const char *option, int fd)
{
	args_own_fd(args, fd);
	g_ptr_array_add(args->words, g_strdup_printf("%s=%d", option, fd));
}

int args_to_memory(const struct args *args, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);
	for (guint i = 0; i < args->words->len; i++)
		g_string_append_len(all, args->words->pdata[i], (gssize)strlen(args->words->pdata[i]) + 1);
	int fd = fd_memfd_sealed("isolate-args", all->str, all->len);
	if (fd < 0)
		error_set_errno(error, errno, "cannot make a memory file");
	return fd;
}
